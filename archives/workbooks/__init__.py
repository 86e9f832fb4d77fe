"""Workbooks: tables that go out to be filled in, come back, are read, and are answered. No database, no Django.

What others build on; these signatures stay:

    columns_of(occupation, year) -> list[Column]         of a yearly form; one's own list will do, too
    read(path, *, name, columns, mark=None) -> Sheet     raises `Unreadable`, whose `problem` has level "file"
        sheet.rows            a new iterator of Row(number, values, where) each time
        sheet.total           how many rows at most, for progress
        sheet.column_letters  key -> "C" on the first table; sheet.letters(where) those of each
        sheet.notes           Problems of severity "warning": what was left out, what was assumed
    raw_record(columns, values) -> {section: {field: scalar}}      what `Occupation.parse` takes
    located(problem, row, sheet) -> Problem                        with sheet, row and column letter
    write_template(target, *, heading, columns, mark, rows=(), units=())   to be filled in; rows: key -> value
    write_remainder(target, *, heading, columns, mark, refused)    refused: (Row, its Problems); to be uploaded again
    write_answer(source, target, *, name, columns, problems)       the clerk's own workbook, commented

`source` and `target` are paths. Keys are names of fields; `ROW_KEY` and `UNIT` are the two columns that are no fields.
`values` has a key for every column that the file has (None: blank), and none for a column that it lacks.

A row that we had filled in before has a row key (id of the archive) and a masked number: whoever applies it looks the
archive up among those the actor may see, compares name and mask, and takes the archive's own number. Every other row
needs the whole number.

`Field.parse` and `Occupation.parse` judge values; reading only brings them out of the file: text, int, float, bool,
date, datetime, time, timedelta or None.
"""

from archives.workbooks.columns import ROSTER, ROW_KEY, UNIT, Column, Mark, columns_of, raw_record
from archives.workbooks.problems import Unreadable, WorkbookCode
from archives.workbooks.reading import MOST_ROWS, Row, Sheet, located, read

__all__ = [
    "MOST_ROWS",
    "ROSTER",
    "ROW_KEY",
    "UNIT",
    "Column",
    "Mark",
    "Row",
    "Sheet",
    "Unreadable",
    "WorkbookCode",
    "columns_of",
    "located",
    "raw_record",
    "read",
]
