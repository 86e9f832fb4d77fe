"""Dated facts by workbook: one sheet for each kind, named after it; a row is one fact of one person (AY-30)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter

from archives.schema.kinds import ItemKind
from archives.workbooks.columns import Column, box_column
from archives.workbooks.files import Format, macros, recognise
from archives.workbooks.grids import Grid, open_book
from archives.workbooks.marks import is_ours
from archives.workbooks.packages import column_letters
from archives.workbooks.problems import WorkbookCode, unreadable
from archives.workbooks.reading import Row
from archives.workbooks.tables import Table, check_tables, tables_of
from archives.workbooks.writing import sheet_name

NAME, NUMBER, BASIS = "named_name", "named_number", "basis"
MOST_FACTS = 300
"""Rows that one file may have: they are judged and written within a request."""
_HINT = "一行是一个人的一件事。姓名、证件号码照文书或证件填写完整；依据从下拉列表中选择。"
_HEADER_ROW = 1  # the hint stands above it; counted from 0
_OFFERED = 400


def fact_columns(kind: ItemKind, place: str) -> list[Column]:
    """Return the columns of a kind's sheet: whom the document names, the basis, and every box."""
    bases = tuple(str(one) for one in kind.bases_in(place))
    whose = "照文书填写" if kind.may_be_adverse else "照证件填写"
    return [
        Column(NAME, "", NAME, "姓名", kind="name", required=True, width=10, note=f"{whose}。"),
        Column(
            NUMBER, "", NUMBER, "证件号码", kind="identifier", required=True, width=22, note="请按文本填写。"
        ),
        Column(BASIS, "", BASIS, "依据", choices=bases, required=True, width=30, note="从下拉列表中选择。"),
        *(box_column(field) for field in kind.section.fields.values()),
    ]


def write_facts(target: Path, *, kinds: Sequence[ItemKind], place: str) -> None:
    """Write a workbook to be filled in, with a sheet for each kind."""
    with xlsxwriter.Workbook(str(target)) as book:
        text = book.add_format({"num_format": "@"})
        needed = book.add_format({"bold": True, "border": 1, "bg_color": "#FFF3C4", "text_wrap": True})
        other = book.add_format({"bold": True, "border": 1, "bg_color": "#E4E9EE", "text_wrap": True})
        lists = book.add_worksheet("选项")
        lists.hide()
        used = 0
        for kind in kinds:
            sheet = book.add_worksheet(sheet_name(kind.label))
            sheet.write_string(0, 0, _HINT)
            sheet.freeze_panes(_HEADER_ROW + 1, 1)
            for at, column in enumerate(fact_columns(kind, place)):
                sheet.set_column(at, at, column.width, text)
                sheet.write_string(_HEADER_ROW, at, column.label, needed if column.required else other)
                if column.note:
                    sheet.write_comment(_HEADER_ROW, at, column.note)
                if column.choices:
                    for row, choice in enumerate(column.choices):
                        lists.write_string(row, used, choice)
                    letter = column_letters(used + 1)
                    source = f"=选项!${letter}$1:${letter}${len(column.choices)}"
                    rule = {"validate": "list", "source": source, "error_type": "warning"}
                    sheet.data_validation(_HEADER_ROW + 1, at, _HEADER_ROW + _OFFERED, at, rule)
                    used += 1
        sheets = book.worksheets()
        if len(sheets) > 1:
            sheets[1].activate()
            sheets[1].set_first_sheet()


def read_facts(path: Path, *, name: str, kinds: Sequence[ItemKind], place: str) -> list[tuple[ItemKind, Row]]:
    """Return the rows of every sheet that is named after one of the kinds. Raises `Unreadable` for a file that can't be
    read, or where nothing is filled in."""
    form = recognise(path, name)
    if form is not Format.TEXT and name.lower().endswith((".xlsm", ".xltm", ".xlam")):
        raise macros()
    book = open_book(path, form)
    by_name = {sheet_name(kind.label): kind for kind in kinds}
    found: list[tuple[ItemKind, Row]] = []
    for grid in book.grids:
        kind = by_name.get(grid.name)
        if kind is not None and not grid.hidden and not is_ours(grid):
            found += [(kind, row) for row in _rows(grid, fact_columns(kind, place), book.from_1904)]
    if not found:
        message = "没有找到填写了内容的工作表。请用本页下载的表格填写，不要改动工作表的名称和标题行。"
        raise unreadable(WorkbookCode.NO_ROWS, message)
    if len(found) > MOST_FACTS:
        message = f"文件中有 {len(found)} 条，超过一次 {MOST_FACTS} 条的上限。请分成几个文件上传。"
        raise unreadable(WorkbookCode.TOO_MANY_ROWS, message)
    return found


def _rows(grid: Grid, columns: Sequence[Column], from_1904: bool) -> Iterator[Row]:
    if not grid.height:
        return
    tables, _ = tables_of([grid], columns)
    filled: list[Table] = [one for one in tables if next(one.rows(from_1904=from_1904), None)]
    if not filled:
        return
    check_tables(filled, columns, most=MOST_FACTS)
    for table in filled:
        for number, values in table.rows(from_1904=from_1904):
            yield Row(number, values, grid.name)
