"""What may be wrong with a file as a whole, in the words of whoever has to mend it."""

from __future__ import annotations

from enum import StrEnum

from archives.schema.problems import Invalid, Problem
from archives.workbooks.cells import storable


class WorkbookCode(StrEnum):
    """Codes of what reading a workbook reports; `docs/errors.md` lists them."""

    EMPTY_FILE = "empty_file"
    TOO_LARGE = "file_too_large"
    PICTURE = "file_picture"
    OTHER_FORMAT = "file_format"
    WEB_PAGE = "file_web_page"
    ENCRYPTED = "file_encrypted"
    DAMAGED = "file_damaged"
    MACROS = "file_macros"
    BOMB = "file_bomb"
    ENCODING = "file_encoding"
    BLANK = "sheet_blank"
    NO_HEADER = "sheet_no_header"
    COLUMN_MISSING = "sheet_column_missing"
    COLUMN_TWICE = "sheet_column_twice"
    NO_ROWS = "sheet_no_rows"
    TOO_MANY_ROWS = "sheet_too_many_rows"
    TOO_WIDE = "sheet_too_wide"
    FORMULAS = "sheet_formulas"
    NUMBERS_LOST = "sheet_numbers_lost"
    OTHER_KIND = "template_other_kind"
    OTHER_GROUP = "template_other_group"
    OTHER_YEAR = "template_other_year"
    OLD_TEMPLATE = "template_old"
    EXTRA_COLUMNS = "columns_ignored"
    ABSENT_COLUMNS = "columns_absent"
    HIDDEN_ROWS = "rows_hidden"
    HIDDEN_SHEETS = "sheets_hidden"
    OTHER_SHEETS = "sheets_ignored"
    SEVERAL_SHEETS = "sheets_several"
    MERGED = "cells_merged"


class Unreadable(Invalid):
    """A file that was refused whole; `problem` has level "file" and says what, where and how to mend it."""


def unreadable(
    code: WorkbookCode, message: str, *, sheet: str = "", row: int = 0, column: str = ""
) -> Unreadable:
    """An `Unreadable` to raise."""
    return Unreadable(Problem(code, storable(message), level="file", sheet=sheet, row=row, column=column))


def note(code: WorkbookCode, message: str, *, sheet: str = "", row: int = 0, column: str = "") -> Problem:
    """Something the reader of the result should know; it stops nothing."""
    return Problem(
        code, storable(message), severity="warning", level="sheet", sheet=sheet, row=row, column=column
    )
