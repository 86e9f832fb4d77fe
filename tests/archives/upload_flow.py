"""Workbooks that clerks bring back, as the tests of uploads make, edit, upload and accept them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
from django.utils import timezone

from agencies.models import Membership
from archives.content import draft_of, flat
from archives.models import Job, RecordPart, Upload, UploadRow
from archives.occupations import occupation_of
from archives.services.jobs import run_job
from archives.services.records import occupation_for
from archives.services.uploads import accept_upload, upload_workbook
from archives.services.workbooks import mark_of, queue_workbook
from archives.states import UploadState
from archives.workbooks import Column, columns_of
from archives.workbooks.template import write_template
from credit_platform import private_files
from tests.archives.flow import acting_as, rows_of
from tests.factories import Unit, id_number

TODAY = timezone.localdate()
NOW = TODAY.year
HEADER = 3
"""The row of the headings in a workbook of ours."""


class Book:
    """A workbook of ours, edited as a clerk does."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.sheet = self.book.worksheets[0]
        self.labels = {cell.value: cell.column for cell in self.sheet[HEADER]}

    @property
    def names(self) -> list[str]:
        return [row[self.labels["姓名"] - 1] for row in self.sheet.iter_rows(HEADER + 1, values_only=True)]

    def row_of(self, name: str) -> int:
        return HEADER + 1 + self.names.index(name)

    def put(self, who: str | int, **values: Any) -> None:
        """Change cells, by label, of the row of a person or of a number."""
        row = self.row_of(who) if isinstance(who, str) else who
        for label, value in values.items():
            self.sheet.cell(row, self.labels[label]).value = value

    def add(self, **values: Any) -> None:
        self.put(self.sheet.max_row + 1, **values)

    def get(self, who: str, label: str) -> Any:
        return self.sheet.cell(self.row_of(who), self.labels[label]).value

    @property
    def content(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def sent_out(unit: Unit, *, by: Membership | None = None) -> Book:
    """The workbook of the unit's group, as it is made for download."""
    with acting_as(by or unit.clerk) as who:
        job = queue_workbook(
            responsibility=unit.responsibility, year=NOW, employer=None, split=False, actor=who
        )
    run_job(jurisdiction_id=job.jurisdiction_id, job_id=job.pk)
    (done,) = rows_of(Job, job.jurisdiction_id, id=job.pk)
    return Book(private_files.read_all(done.result))


def blank(unit: Unit, tmp_path: Path, rows: Iterable[dict[str, Any]], *, year: int = NOW) -> bytes:
    """A workbook of ours with these rows, by key, as somebody without accounts fills it in."""
    target = tmp_path / "blank.xlsx"
    columns = columns_for(unit, year)
    mark = mark_of(unit.responsibility, year)
    write_template(target, heading="填报表", columns=columns, mark=mark, rows=rows)
    return target.read_bytes()


def columns_for(unit: Unit, year: int = NOW) -> list[Column]:
    with acting_as(unit.clerk):
        return columns_of(occupation_of(unit.responsibility), year)


def person(name: str, **values: Any) -> dict[str, Any]:
    """A row that can be accepted."""
    row = {"name": name, "document_number": id_number(), "sex": "女", "education": "大学本科"}
    return row | {"phone": "15412345678", "title": "一级教师", "employer": "第一小学"} | values


def uploaded(
    unit: Unit, content: bytes, *, by: Membership | None = None, name: str = "表格.xlsx", year: int = NOW
) -> Upload:
    with acting_as(by or unit.clerk) as who:
        row = upload_workbook(
            responsibility=unit.responsibility,
            year=year,
            file=io.BytesIO(content),
            name=name,
            actor=who,
            today=TODAY,
        )
    return worked(row)


def worked(row: Upload) -> Upload:
    """Do the job of an upload as a worker would, and return the row as it then stands."""
    assert row.job_id is not None
    run_job(jurisdiction_id=row.jurisdiction_id, job_id=row.job_id)
    return again(row)


def again(row: Upload) -> Upload:
    (found,) = rows_of(Upload, row.jurisdiction_id, id=row.pk)
    assert isinstance(found, Upload)
    return found


def accepted(row: Upload, unit: Unit, *, by: Membership | None = None) -> Upload:
    assert row.state == UploadState.READY, row.message
    with acting_as(by or unit.clerk) as who:
        return accept_upload(row=row, revision=row.revision, actor=who)


def applied(row: Upload, unit: Unit, *, by: Membership | None = None) -> Upload:
    done = worked(accepted(row, unit, by=by))
    assert done.state == UploadState.DONE, done.message
    return done


def counted(row: Upload) -> dict[str, int]:
    return {name: count for name, count in row.counts.items() if name != "done" and count}


def told(row: Upload) -> list[tuple[int, str, str]]:
    """Row, column and code of every problem of the refused rows, in the order of the file."""
    rows = sorted(rows_of(UploadRow, row.jurisdiction_id, upload_id=row.pk), key=lambda one: one.position)
    return [
        (one.row, problem["column"], problem["code"])
        for one in rows
        if one.outcome == "refused"
        for problem in one.problems
        if problem["severity"] == "error"
    ]


def emptied(row: Upload) -> bool:
    rows = rows_of(UploadRow, row.jurisdiction_id, upload_id=row.pk)
    kept = {(one.outcome, one.name, one.number_mask, str(one.changes + one.problems)) for one in rows}
    return kept == {("same", "", "", "[]")}


def values_in(unit: Unit, name: str, year: int = NOW) -> dict[str, Any]:
    with acting_as(unit.clerk):
        part = RecordPart.objects.get(name=name, year=year)
        return flat(draft_of(part, occupation_for(part)).record)


def everybody(unit: Unit) -> dict[str, dict[str, Any]]:
    """All drafts of the year, readable."""
    with acting_as(unit.clerk):
        parts = RecordPart.objects.filter(year=NOW)
        return {part.name: flat(draft_of(part, occupation_for(part)).record) for part in parts}
