"""Writing a table of ours: headings with notes, drop-downs, columns of the right format, any number of rows.

Rows are written as they come and are not kept (`constant_memory`). Every text is written as text, never as formula.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import xlsxwriter

from archives.workbooks.cells import writable
from archives.workbooks.columns import ROW_KEY, UNIT, Column, Mark
from archives.workbooks.marks import LIST_SHEET, MARK_SHEET, mark_rows
from archives.workbooks.packages import column_letters

HEADER_ROW = 2
"""Title and hint stand above it; counted from 0."""
_SPARE_ROWS = 500
_LEAST_ROWS = 1000
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NUMBERS = ("count", "amount")
_FONT = {"font_name": "等线", "font_size": 11, "valign": "vcenter"}
_EDGE = {"border": 1, "border_color": "#7B8794"}


def sheet_name(text: str) -> str:
    """Return the text as a name that a sheet may have."""
    return _FORBIDDEN_IN_NAMES.sub("", text)[:28].strip() or "表格"


class TableWriter:
    """One workbook under construction; use it as a context: leaving writes the file."""

    def __init__(
        self, target: Path, *, heading: str, hint: str, columns: Sequence[Column], mark: Mark
    ) -> None:
        self.book = xlsxwriter.Workbook(str(target), {"constant_memory": True})
        self.columns, self.mark, self.rows = list(columns), mark, 0
        self._formats()
        self._sheet = self.book.add_worksheet(sheet_name(mark.label or heading))
        self._lists: dict[str, tuple[str, ...]] = {}
        self._head(heading, hint)

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.book.close()

    def _formats(self) -> None:
        add = self.book.add_format
        self.title = add({**_FONT, "bold": True, "font_size": 15})
        self.hint = add({**_FONT, "font_color": "#5A6673"})
        header = {**_FONT, **_EDGE, "bold": True, "text_wrap": True, "align": "center"}
        self.optional, self.required = (
            add({**header, "bg_color": "#F7F9FB"}),
            add({**header, "bg_color": "#FFF3D9"}),
        )
        cell = {**_FONT, "text_wrap": True}
        self.text, self.number = add({**cell, "num_format": "@"}), add(cell)
        self.day = add({**cell, "num_format": "yyyy-mm-dd"})
        self.ours = add(
            {**cell, "num_format": "@", "font_color": "#5A6673", "bg_color": "#F2F4F7", "text_wrap": False}
        )
        wrong = {**cell, **_EDGE, "bg_color": "#FDEEEC"}
        self.wrong, self.wrong_day = (
            add({**wrong, "num_format": "@"}),
            add({**wrong, "num_format": "yyyy-mm-dd"}),
        )
        self.plain = add({**_FONT, "text_wrap": True, "valign": "top"})

    def _head(self, heading: str, hint: str) -> None:
        sheet = self._sheet
        for at, column in enumerate(self.columns):
            sheet.set_column(at, at, column.width, self._format_of(column))
        sheet.set_row(0, 28)
        sheet.write_string(0, 0, writable(heading), self.title)
        sheet.write_string(1, 0, hint, self.hint)
        sheet.set_row(HEADER_ROW, 34)
        for at, column in enumerate(self.columns):
            form = self.required if column.required else self.optional
            sheet.write_string(HEADER_ROW, at, column.label, form)
            if column.note:
                sheet.write_comment(
                    HEADER_ROW, at, column.note, {"author": "", "x_scale": 1.6, "font_size": 10}
                )
        sheet.freeze_panes(HEADER_ROW + 1, min(3, len(self.columns)))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)

    def _format_of(self, column: Column) -> Any:
        if column.key == ROW_KEY:
            return self.ours
        if column.kind == "date":
            return self.day
        return self.number if column.kind in _NUMBERS else self.text

    def write(
        self, values: Mapping[str, Any], *, wrong: Collection[str] = (), ours: Collection[str] = ()
    ) -> None:
        """Write one row; `wrong` keys are coloured, `ours` are shown as not to be changed."""
        self.rows += 1
        at_row = HEADER_ROW + self.rows
        for at, column in enumerate(self.columns):
            value = writable(values.get(column.key))
            if value is None and column.key not in wrong:
                continue
            form = self._format_of(column)
            if column.key in wrong:
                form = self.wrong_day if isinstance(value, dt.date) else self.wrong
            elif column.key in ours:
                form = self.ours
            elif isinstance(value, dt.date):
                form = self.day
            self._write(at_row, at, value, form)

    def _write(self, row: int, at: int, value: Any, form: Any) -> None:
        if value is None:
            self._sheet.write_blank(row, at, None, form)
        elif isinstance(value, str):
            self._sheet.write_string(row, at, value, form)
        elif isinstance(value, bool):
            self._sheet.write_boolean(row, at, value, form)
        elif isinstance(value, dt.date):
            self._sheet.write_datetime(row, at, value, form)
        else:
            self._sheet.write_number(row, at, value, form)

    def finish(self, units: Sequence[str] = ()) -> None:
        """Add the drop-downs, the filter, and the sheets behind the table."""
        last = HEADER_ROW + max(_LEAST_ROWS, self.rows + _SPARE_ROWS)
        self._sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(self.rows, 1), len(self.columns) - 1)
        lists = self.book.add_worksheet(LIST_SHEET)
        lists.hide()
        offers = [tuple(units) if column.key == UNIT else column.choices for column in self.columns]
        longest = max(map(len, offers), default=0)
        for row in range(longest):
            for at, offer in enumerate(offers):
                if row < len(offer):
                    lists.write_string(row, at, writable(offer[row]))
        for at, offer in enumerate(offers):
            if offer:
                letter = column_letters(at + 1)
                self._offer(at, last, f"='{LIST_SHEET}'!${letter}$1:${letter}${len(offer)}")
        hidden = self.book.add_worksheet(MARK_SHEET)
        hidden.very_hidden()
        for row, (label, told) in enumerate(mark_rows(self.mark)):
            hidden.write_string(row, 0, label)
            hidden.write_string(row, 1, told)

    def _offer(self, at: int, last: int, source: str) -> None:
        column = self.columns[at]
        self._sheet.data_validation(
            HEADER_ROW + 1,
            at,
            last,
            at,
            {
                "validate": "list",
                "source": source,
                "error_type": "warning" if column.key == UNIT else "stop",
                "error_title": column.label[:32],
                "error_message": "请从下拉列表中选择。",
            },
        )
