"""The hidden sheet by which a workbook of ours says what it was made for."""

from __future__ import annotations

from collections.abc import Sequence

from archives.schema.problems import Problem
from archives.workbooks.columns import Column, Mark, digest_of
from archives.workbooks.grids import Book, Grid
from archives.workbooks.problems import WorkbookCode, note, unreadable

MARK_SHEET = "_模板标记"
LIST_SHEET = "_选项"
HELP_SHEET = "填写说明"
SUMMARY_SHEET = "汇总"
_LABELS = ("用途", "人群代码", "年度", "人群", "版本")
_KINDS = {"record": "年度信用档案", "roster": "应建档人员名册"}


def is_ours(grid: Grid) -> bool:
    """Tell whether a sheet is one of those that we put beside the table."""
    return grid.name in (MARK_SHEET, LIST_SHEET, HELP_SHEET, SUMMARY_SHEET)


def mark_rows(mark: Mark) -> list[tuple[str, str]]:
    """Return what is written onto the mark sheet."""
    return list(
        zip(_LABELS, (mark.kind, mark.occupation, str(mark.year), mark.label, mark.digest), strict=True)
    )


def read_mark(book: Book) -> Mark | None:
    """Return what the workbook says about itself; None for one that isn't ours, or says it in no readable way."""
    grid = next((grid for grid in book.grids if grid.name == MARK_SHEET), None)
    if grid is None:
        return None
    told = {}
    for _, row in zip(range(20), grid.open(), strict=False):
        if len(row) > 1:
            told[str(row[0])] = str(row[1]).removesuffix(".0")
    kind, occupation, year, label, digest = (told.get(word, "") for word in _LABELS)
    if not kind or not year.isdecimal() or len(year) > 4:
        return None
    return Mark(kind, occupation, int(year), label[:40], digest)


def check_mark(book: Book, expected: Mark, columns: Sequence[Column]) -> list[Problem]:
    """Return what should be known of the template; nothing for a workbook without a mark. Raises `Unreadable` when it
    was made for another purpose, group or year."""
    found = read_mark(book)
    if found is None:
        return []
    if found.kind != expected.kind:
        raise unreadable(
            WorkbookCode.OTHER_KIND,
            f"这是“{_KINDS.get(found.kind, '其他用途')}”的模板，这里要的是“{_KINDS.get(expected.kind, '本页')}”的。"
            "请到相应页面上传，或重新下载模板。",
        )
    if found.occupation != expected.occupation:
        raise unreadable(
            WorkbookCode.OTHER_GROUP,
            f"这是“{found.label or '其他人群'}”的模板，当前选择的是“{expected.label}”。"
            "请核对所选人群；选择无误的，请下载本人群的模板填写。",
        )
    if found.year != expected.year:
        raise unreadable(
            WorkbookCode.OTHER_YEAR,
            f"这是 {found.year} 年度的模板，当前选择的是 {expected.year} 年度。"
            "请核对所选年度；选择无误的，请下载本年度的模板填写。",
        )
    if found.digest and found.digest != digest_of(columns):
        message = "这份模板是早先下载的，栏目后来有调整。已按栏目名称读取，请留意预览中是否有缺项。"
        return [note(WorkbookCode.OLD_TEMPLATE, message)]
    return []
