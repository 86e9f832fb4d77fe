"""Grids: the sheets of a file as rows of cells, whatever the file is."""

from __future__ import annotations

import csv
import dataclasses
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import python_calamine as calamine

from archives.workbooks import probe
from archives.workbooks.files import Format, damaged, encrypted
from archives.workbooks.packages import Package, Part, look_through
from archives.workbooks.problems import Unreadable, WorkbookCode, unreadable

Cells = list[Any]
Merged = list[tuple[tuple[int, int], tuple[int, int]]]

MOST_CELLS = 8_000_000
"""The area from the first to the last cell with something in it: the reader of cells keeps all of it."""
CSV_NAME = "表格"


@dataclasses.dataclass(frozen=True)
class Grid:
    """One sheet. `open` yields its rows from row 1 on, each from column `left` (counted from 0) on; `merged` ranges
    count from 0. `part` is what its XML tells; there is none in other formats."""

    name: str
    hidden: bool
    left: int
    height: int
    open: Callable[[], Iterator[Cells]]
    merged: Merged = dataclasses.field(default_factory=list)
    part: Part = dataclasses.field(default_factory=Part)


@dataclasses.dataclass(frozen=True)
class Book:
    """The grids of a file, in its order."""

    grids: list[Grid]
    from_1904: bool = False


def open_book(path: Path, form: Format) -> Book:
    """Open the file. Raises `Unreadable`."""
    if form is Format.TEXT:
        return Book([_text_grid(path)])
    if form is Format.XLS:
        _probe(path)
    package = look_through(path) if form is Format.XLSX else Package({}, False)
    for name, part in package.sheets.items():
        _check_extent(name, part)
    try:
        return Book(list(_sheets(path, package)), package.from_1904)
    except calamine.PasswordError as error:
        raise encrypted() from error
    except Unreadable:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader's own panics are no `Exception`
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if "assword" in str(error) or "ncrypt" in str(error):
            raise encrypted() from error
        raise damaged() from error


def _probe(path: Path) -> None:
    """Have the .xls opened elsewhere first. Raises `Unreadable`."""
    command = [sys.executable, "-I", probe.__file__, str(path), str(MOST_CELLS)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=2 * probe.SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise damaged() from error
    if done.returncode == probe.LOCKED:
        raise encrypted()
    if done.returncode == probe.WIDE:
        raise unreadable(
            WorkbookCode.TOO_WIDE,
            "表格的内容铺得过大。请检查最下方和最右侧是否有多余的内容（包括空格），整行整列删除后重新上传。",
        )
    if done.returncode != probe.FINE:
        raise damaged()


def _check_extent(name: str, part: Part) -> None:
    if part.last_row * part.last_column > MOST_CELLS:
        raise unreadable(
            WorkbookCode.TOO_WIDE,
            f"工作表“{name}”的内容铺到了第 {part.last_row:,} 行、第 {part.last_column:,} 列，范围过大。"
            "请检查表格最下方和最右侧是否有多余的内容（包括空格），整行整列删除后重新上传。",
            sheet=name,
            row=part.last_row,
        )


def _sheets(path: Path, package: Package) -> Iterator[Grid]:
    # by its content: given a path, the reader believes the extension
    book = calamine.load_workbook(io.BytesIO(path.read_bytes()))
    for about in book.sheets_metadata:
        if about.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        start = sheet.start
        part = package.sheets.get(about.name, Part())
        left = start[1] if start else 0
        rows = sheet.iter_rows if start else _nothing
        yield Grid(
            name=about.name,
            hidden=about.visible is not calamine.SheetVisibleEnum.Visible,
            left=left,
            height=(start[0] + sheet.height) if start else 0,
            open=partial(_with_errors, rows, left, part.errors) if part.errors else rows,
            merged=sheet.merged_cell_ranges or [],
            part=part,
        )


def _with_errors(
    rows: Callable[[], Iterator[Cells]], left: int, errors: dict[int, dict[int, str]]
) -> Iterator[Cells]:
    """The rows with the errors of formulas in them, which would pass for blanks."""
    for number, cells in enumerate(rows(), 1):
        for column, text in errors.get(number, {}).items():
            place = column - 1 - left
            if place >= 0:
                cells += [""] * (place + 1 - len(cells))
                cells[place] = text
        yield cells


def _nothing() -> Iterator[Cells]:
    return iter(())


def _text_grid(path: Path) -> Grid:
    text = decoded(path.read_bytes())
    delimiter = max(("\t", ",", ";", "，"), key=lambda mark: text[:4000].count(mark))
    rows = _parsed(text, delimiter)
    return Grid(CSV_NAME, False, 0, len(rows), lambda: iter(rows))


def _parsed(text: str, delimiter: str) -> list[Cells]:
    if "\x00" in text:
        raise damaged()
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise damaged() from error


def decoded(content: bytes) -> str:
    """Return the text of a CSV file in one of the encodings that Chinese programs write. Raises `Unreadable`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable(
        WorkbookCode.ENCODING,
        "文件中有无法识别的文字编码。请用 Excel 或 WPS 打开，核对没有乱码后，"
        "另存为“Excel 工作簿（*.xlsx）”再上传。",
    )
