"""Reading: from a file as clerks make it to rows of scalars by key."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from archives.schema.problems import Problem
from archives.workbooks.cells import storable
from archives.workbooks.columns import ROW_KEY, ROW_KEY_COLUMN, Column, Mark
from archives.workbooks.files import Format, macros, recognise
from archives.workbooks.grids import Book, open_book
from archives.workbooks.marks import check_mark, is_ours
from archives.workbooks.problems import Unreadable as Unreadable
from archives.workbooks.tables import Table, check_tables, notes_of, tables_of

MOST_ROWS = 60_000
"""Rows that one file may have."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet shows it, the scalars by key (None: blank), the sheet it stands on."""

    number: int
    values: dict[str, Any]
    where: str


@dataclasses.dataclass(frozen=True)
class Sheet:
    """What was found in a file: one table, or several sheets with the same columns.

    `total` is how many rows there are at most; `tables` has the letters of the columns found, by sheet and key.
    """

    columns: tuple[Column, ...]
    notes: tuple[Problem, ...]
    total: int
    tables: Mapping[str, Mapping[str, str]]
    open_rows: Callable[[], Iterator[Row]]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows that have something in them, in order; each time from the beginning."""
        return self.open_rows()

    @property
    def column_letters(self) -> Mapping[str, str]:
        """Key to letter of the first table."""
        return next(iter(self.tables.values()))

    def letters(self, where: str) -> Mapping[str, str]:
        """Key to letter of the table on this sheet; empty for a sheet without one."""
        return self.tables.get(where, {})


def read(path: Path, *, name: str, columns: Sequence[Column], mark: Mark | None = None) -> Sheet:
    """Return the rows of the file at `path`, which was called `name`, under the given columns.

    With `mark`, a workbook that was made for something else is refused. Raises `Unreadable`, and never anything else,
    for whatever the file holds. The cells stay in memory until the sheet is forgotten; the file may go.
    """
    form = recognise(path, name)
    if form is not Format.TEXT and name.lower().endswith((".xlsm", ".xltm", ".xlam")):
        raise macros()
    book = open_book(path, form)
    notes = check_mark(book, mark, columns) if mark else []
    wanted = list(columns)
    if ROW_KEY not in {column.key for column in wanted}:
        wanted.append(ROW_KEY_COLUMN)
    tables, others = tables_of([grid for grid in book.grids if not is_ours(grid)], wanted)
    check_tables(tables, wanted, most=MOST_ROWS)
    return Sheet(
        columns=tuple(wanted),
        notes=(*notes, *notes_of(tables, others, wanted)),
        total=sum(table.height for table in tables),
        tables={table.grid.name: table.letters() for table in tables},
        open_rows=lambda: _rows(tables, book),
    )


def _rows(tables: Sequence[Table], book: Book) -> Iterator[Row]:
    for table in tables:
        where = table.grid.name
        for number, values in table.rows(from_1904=book.from_1904):
            yield Row(number, values, where)


def located(problem: Problem, row: Row, sheet: Sheet) -> Problem:
    """Return the problem with sheet, row and column letter of where it is."""
    keys = {column.field or column.key: column.key for column in sheet.columns}
    letter = sheet.letters(row.where).get(keys.get(problem.field, problem.field), "")
    message = storable(problem.message)  # it may quote the cell
    return dataclasses.replace(problem, message=message, sheet=row.where, row=row.number, column=letter)
