"""Tables: the sheets of a file that have our headings, and their rows."""

from __future__ import annotations

import dataclasses
import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from archives.schema.problems import Problem
from archives.workbooks.cells import plain, reader_of
from archives.workbooks.columns import Column
from archives.workbooks.grids import Cells, Grid
from archives.workbooks.headers import SEARCHED, Header, essential, find_header, heading
from archives.workbooks.packages import column_letters
from archives.workbooks.problems import WorkbookCode, note, unreadable

_PEEKED = 200
_NAMED = 8
_FOOTER = re.compile(
    r"\s*(?:填表人|制表人|填报人|审核人|经办人|负责人|复核人|联系人|填报单位|制表单位|填表日期|填报日期|制表日期|制表时间"
    r"|合\s*计|总\s*计|小\s*计|说明|备注|注)\s*(?:[:：（(].*)?",
    re.DOTALL,
)
_LOST_TEXT = re.compile(r"\s*[0-9](?:\.[0-9]+)?[eE]\+?1[4-9]\s*")


@dataclasses.dataclass
class Table:
    """A grid with its header. `skipped` are rows that were left out, known once the rows have been gone through."""

    grid: Grid
    header: Header
    columns: Sequence[Column]

    @property
    def height(self) -> int:
        """Rows below the headings, blank ones among them."""
        return max(self.grid.height - self.header.last, 0)

    def letters(self) -> dict[str, str]:
        """Key to the letter of its column."""
        return {key: column_letters(place + 1) for key, place in self.header.places.items()}

    def rows(self, *, from_1904: bool) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield number and values of the rows that have something in our columns, but for repeated headings and what
        stands below the table."""
        plan = self._plan(from_1904)
        lengthened = _Merged(self.grid, self.header)
        labels = {column.key: heading(column.label) for column in self.columns}
        for number, cells in enumerate(self.grid.open(), 1):
            if number <= self.header.last:
                continue
            if lengthened:
                cells = lengthened.fill(number - 1, cells)
            width = len(cells)
            values = {key: read(cells[place]) if place < width else None for key, place, read in plan}
            told = [key for key in values if values[key] is not None]
            if (
                told
                and not (len(told) < 3 and _no_person(values, told))
                and not _is_header(values, told, labels)
            ):
                yield number, values

    def _plan(self, from_1904: bool) -> list[tuple[str, int, Callable[[Any], Any]]]:
        kinds = {column.key: column.kind for column in self.columns}
        left = self.grid.left
        return [
            (key, place - left, reader_of(kinds[key], from_1904=from_1904))
            for key, place in self.header.places.items()
        ]


def tables_of(grids: Sequence[Grid], columns: Sequence[Column]) -> tuple[list[Table], list[Grid]]:
    """Return the visible sheets with our headings, and the sheets that were passed over. Raises `Unreadable` when there
    is none, saying what is missing."""
    visible = [grid for grid in grids if not grid.hidden]
    found: list[Table] = []
    partial: list[Table] = []
    for grid in visible:
        top = list(itertools.islice(grid.open(), SEARCHED))
        header = find_header(top, grid.left, columns)
        if header is not None:
            (partial if header.lacks(columns) else found).append(Table(grid, header, columns))
    if not found:
        raise _no_table(visible, grids, partial, columns)
    taken = {id(table.grid) for table in found}
    return found, [grid for grid in grids if id(grid) not in taken and grid.height]


def _no_table(
    visible: Sequence[Grid], grids: Sequence[Grid], partial: Sequence[Table], columns: Sequence[Column]
) -> Exception:
    if partial:
        nearest = max(partial, key=lambda table: len(table.header.places))
        lacking = "、".join(f"“{column.label}”" for column in nearest.header.lacks(columns))
        return unreadable(
            WorkbookCode.COLUMN_MISSING,
            f"工作表“{nearest.grid.name}”第 {nearest.header.last} 行的标题中没有{lacking}一列。"
            "请补上这一列，或把该列标题改为上述名称后重新上传。",
            sheet=nearest.grid.name,
            row=nearest.header.last,
        )
    if not any(grid.height for grid in visible):
        blanks = sum(grid.part.cells for grid in grids)
        if any(grid.height for grid in grids):
            why = "可见的工作表中没有内容，隐藏的工作表不读取。请取消隐藏"
        elif blanks:
            why = f"工作簿里只有 {blanks:,} 个空白单元格，没有内容。请填写"
        else:
            why = "工作簿里没有内容。请填写"
        return unreadable(WorkbookCode.BLANK, f"{why}后保存，再重新上传。")
    wanted = "、".join(f"“{column.label}”" for column in essential(columns))
    return unreadable(
        WorkbookCode.NO_HEADER,
        f"前 {SEARCHED} 行里没有找到标题行。标题行中至少要有{wanted}等栏目名称。"
        "请核对是否选错了文件，或下载模板后按模板填写。",
        sheet=visible[0].name,
    )


def check_tables(tables: Sequence[Table], columns: Sequence[Column], *, most: int) -> None:
    """Raise `Unreadable` for what would make the rows worthless: headings that stand twice, formulas never computed,
    numbers that a spreadsheet has rounded, too many rows, none."""
    labels = {column.key: column.label for column in columns}
    for table in tables:
        _check_twice(table, labels)
        _check_formulas(table)
        _check_numbers(table, columns)
    _check_height(tables, most)
    if not any(next(table.rows(from_1904=False), None) for table in tables):
        last = tables[0].header.last
        raise unreadable(
            WorkbookCode.NO_ROWS,
            f"标题行（第 {last} 行）下面没有人员。请从第 {last + 1} 行起填写后重新上传。",
            sheet=tables[0].grid.name,
            row=last,
        )


def _check_twice(table: Table, labels: dict[str, str]) -> None:
    for key, first, second in table.header.twice:
        letters = f"{column_letters(first + 1)} 列和 {column_letters(second + 1)} 列"
        raise unreadable(
            WorkbookCode.COLUMN_TWICE,
            f"工作表“{table.grid.name}”的 {letters}都是“{labels[key]}”，无法判断以哪一列为准。"
            "请删去多余的一列，或改用其他标题后重新上传。",
            sheet=table.grid.name,
            row=table.header.last,
            column=column_letters(second + 1),
        )


def _check_formulas(table: Table) -> None:
    ours = set(table.letters().values())
    cells = [cell for cell in table.grid.part.uncomputed if cell.rstrip("0123456789") in ours]
    cells = [cell for cell in cells if int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) > table.header.last]
    if cells:
        some = "、".join(cells[:3]) + (f" 等 {len(cells)} 个单元格" if len(cells) > 3 else "")
        raise unreadable(
            WorkbookCode.FORMULAS,
            f"工作表“{table.grid.name}”的 {some}是公式，但文件里没有算出的结果。"
            "请用 Excel 或 WPS 打开文件，保存一次后重新上传；或把公式改为数值。",
            sheet=table.grid.name,
            row=int(cells[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
            column=cells[0].rstrip("0123456789"),
        )


def _check_numbers(table: Table, columns: Sequence[Column]) -> None:
    """A column of document numbers that are all rounded: nothing of it can be saved row by row."""
    for column in columns:
        if column.kind != "identifier" or column.key not in table.header.places:
            continue
        peeked = itertools.islice(table.rows(from_1904=False), _PEEKED)
        given = [(number, values[column.key]) for number, values in peeked if values[column.key] is not None]
        if given and all(_is_lost(value) for _, value in given):
            letter = table.letters()[column.key]
            raise unreadable(
                WorkbookCode.NUMBERS_LOST,
                f"{letter} 列“{column.label}”被表格存成了数字（显示为 4.10522E+17 之类），末尾几位已经丢失，无法恢复。"
                "请先把整列设为“文本”格式，再对照证件重新填写，或从原始名册重新复制。",
                sheet=table.grid.name,
                row=given[0][0],
                column=letter,
            )


def _is_lost(value: Any) -> bool:
    if isinstance(value, str):
        return _LOST_TEXT.fullmatch(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**15


def _check_height(tables: Sequence[Table], most: int) -> None:
    if sum(table.height for table in tables) <= most:
        return
    count = sum(1 for table in tables for _ in itertools.islice(table.rows(from_1904=False), most + 1))
    if count > most:
        raise unreadable(
            WorkbookCode.TOO_MANY_ROWS,
            f"文件中有 {most:,} 行以上，超过一次上传的上限。请按所属单位分成几个文件上传。",
            sheet=tables[0].grid.name,
        )


def notes_of(tables: Sequence[Table], others: Sequence[Grid], columns: Sequence[Column]) -> list[Problem]:
    """Return what was left out and what was assumed, as warnings."""
    notes = []
    if len(tables) > 1:
        names = _some([f"“{table.grid.name}”" for table in tables])
        message = f"有 {len(tables)} 张工作表的标题相符，已一并读取：{names}。不需要的请删除后重新上传。"
        notes.append(note(WorkbookCode.SEVERAL_SHEETS, message))
    for table in tables:
        notes += _notes_of_table(table, columns)
    for hidden, code, why in (
        (True, WorkbookCode.HIDDEN_SHEETS, "隐藏的工作表没有读取"),
        (False, WorkbookCode.OTHER_SHEETS, "没有所需标题的工作表没有读取"),
    ):
        names_of = [f"“{grid.name}”" for grid in others if grid.hidden is hidden]
        if names_of:
            notes.append(note(code, f"{why}：{_some(names_of)}。"))
    return notes


def _notes_of_table(table: Table, columns: Sequence[Column]) -> list[Problem]:
    sheet, notes = table.grid.name, []
    if table.header.extra:
        names = _some([f"{column_letters(at + 1)} 列“{text}”" for at, text in table.header.extra.items()])
        message = f"不认识的列没有读取：{names}。需要的，请把标题改为模板中的名称。"
        notes.append(note(WorkbookCode.EXTRA_COLUMNS, message, sheet=sheet, row=table.header.last))
    absent = [column.label for column in columns if column.required and column.key not in table.header.places]
    if absent:
        names = _some([f"“{label}”" for label in absent])
        message = f"没有这些必填的列：{names}。已有档案的保持原值，新增人员需要补填。"
        notes.append(note(WorkbookCode.ABSENT_COLUMNS, message, sheet=sheet, row=table.header.last))
    hidden = sorted(
        row for row in table.grid.part.hidden_rows if table.header.last < row <= table.grid.height
    )
    if hidden:
        rows = _some([str(row) for row in hidden])
        message = f"第 {rows} 行是隐藏的（可能设了筛选），也已读取。不需要的请删除这些行。"
        notes.append(note(WorkbookCode.HIDDEN_ROWS, message, sheet=sheet, row=hidden[0]))
    merged = _Merged(table.grid, table.header)
    if merged:
        message = f"表中有 {merged.count} 处合并单元格，已按左上角的内容填到所含各行。请在预览中核对。"
        notes.append(note(WorkbookCode.MERGED, message, sheet=sheet))
    return notes


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_NAMED]) + (f" 等 {len(names)} 项" if len(names) > _NAMED else "")


def _no_person(values: dict[str, Any], told: Sequence[str]) -> bool:
    """A line below the table: who made it, totals, remarks."""
    return any(isinstance(values[key], str) and _FOOTER.fullmatch(values[key]) is not None for key in told)


def _is_header(values: dict[str, Any], told: Sequence[str], labels: dict[str, str]) -> bool:
    """The headings once more, as tables have them that were made for printing."""
    first = values[told[0]]
    return isinstance(first, str) and all(
        isinstance(values[key], str) and heading(values[key]) == labels[key] for key in told
    )


class _Merged:
    """The merged cells below the headings, by row: a value stands in the first cell only and counts for all."""

    def __init__(self, grid: Grid, header: Header) -> None:
        ours = set(header.places.values())
        self._ranges = sorted(
            (top, bottom, left, right)
            for (top, left), (bottom, right) in grid.merged
            if top >= header.last and any(place in ours for place in range(left, min(right, left + 64) + 1))
        )
        self._tops = [one[0] for one in self._ranges]
        self._left = grid.left
        self._active: list[tuple[int, int, int, Any]] = []
        self.count = len(self._ranges)

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def fill(self, row: int, cells: Cells) -> Cells:
        """Return the row (counted from 0, to be called in order) with the values of merged cells put in."""
        self._active = [one for one in self._active if one[0] >= row]
        for at in range(bisect_right(self._tops, row - 1), bisect_right(self._tops, row)):
            _, bottom, left, right = self._ranges[at]
            place = left - self._left
            value = plain(cells[place]) if 0 <= place < len(cells) else None
            if value is not None:
                self._active.append((bottom, left, right, cells[place]))
        if not self._active:
            return cells
        cells = list(cells)
        for _, left, right, value in self._active:
            for place in range(left - self._left, min(right - self._left, len(cells) - 1) + 1):
                cells[place] = value
        return cells
