"""Whatever stands in the cells of a workbook, each row is judged once, and what was judged can be kept and written."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agencies.education.occupations import Teacher
from archives.models import Archive, Upload, UploadRow
from archives.services.upload_judged import WRITTEN, Judged
from archives.services.upload_rows import Judge
from archives.services.upload_store import row_of, store_rows
from archives.states import RowOutcome, UploadState
from archives.workbooks import ROW_KEY, UNIT, Column, Row, Sheet, Unreadable, columns_of, read
from credit_platform.celery import app
from tests.archives.flow import acting_as, opened, rows_of, save
from tests.archives.upload_flow import NOW, TODAY, accepted, columns_for, person, uploaded, worked
from tests.factories import County, Unit, id_number

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12", "AY-30")]
SHEET = "教师"
KNOWN, NEW = id_number(11_998), id_number(11_999)
"""Numbers of somebody who has a record, and of somebody who has none."""
COLUMNS = columns_of(Teacher, NOW)
KEYS = [column.key for column in COLUMNS]
WORDS = [word for column in COLUMNS for word in (column.label, *column.choices)]


def settled(examples: int) -> Any:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(deadline=None, max_examples=examples, suppress_health_check=checks)


TEXT = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zs", "Nd"]), max_size=12),
    st.builds(lambda mark, text: mark + text, st.sampled_from("=+-@|＝\t'*"), st.text(max_size=8)),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.integers(1, 12_000)),
    st.sampled_from(
        [*WORDS, KNOWN, NEW, "第一小学", "#N/A", "2026-02-31", "9999-12-31", "0001-01", "１９９９年９月"]
    ),
)
CELL = st.one_of(
    st.none(),
    TEXT,
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
CELLS = st.dictionaries(st.sampled_from(KEYS), CELL, max_size=6)
"""Some cells, which are laid over a row that would do."""


@pytest.fixture
def unit(county: County, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A unit with somebody in it who has a record; no broker."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    save(opened(county.education, name="张三", number=KNOWN), by=county.education.filler)
    assert county.education.clerk  # made here, so that no example takes the account with it
    return county.education


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows_with(unit: Unit, lines: list[tuple[str, dict[str, Any]]]) -> list[Row]:
    """Rows that would do, of somebody new, somebody known by number, somebody known by key; then what is to be laid
    over each."""
    with acting_as(unit.clerk):
        archive = Archive.objects.get(name="张三").pk
    known = person("张三", document_number=KNOWN)
    bases = {
        "new": person("新来", document_number=NEW, unit=unit.employer.name),
        "number": known,
        "key": {**known, ROW_KEY: str(archive)},
        "nobody": {},
    }
    return [Row(number, {**bases[base], **cells}, SHEET) for number, (base, cells) in enumerate(lines, 4)]


LINES = st.lists(
    st.tuples(st.sampled_from(["new", "number", "key", "nobody"]), CELLS), min_size=1, max_size=6
)


def spoilt(bad: str) -> list[tuple[str, dict[str, Any]]]:
    """Cells with characters in them that a file may hold, and the database or a workbook of ours may not."""
    cells = [
        ("new", UNIT),
        ("number", "title"),
        ("new", "name"),
        ("new", "document_number"),
        ("key", ROW_KEY),
    ]
    return [(base, {key: f"{bad}甲{bad}"}) for base, key in cells]


@settled(80)
@given(lines=LINES)
@example(lines=spoilt("\x00"))
@example(lines=spoilt("\x01"))
@example(lines=spoilt("\ud800"))
def test_any_values_are_judged_and_what_was_judged_is_kept(
    unit: Unit, lines: list[tuple[str, dict[str, Any]]]
) -> None:
    columns = columns_for(unit)
    letters = {column.key: chr(ord("A") + at % 26) for at, column in enumerate(columns)}
    with undone():
        rows = rows_with(unit, lines)
        upload = waiting(unit)
        with acting_as(unit.clerk) as who:
            sheet = Sheet(tuple(columns), (), len(rows), {SHEET: letters}, lambda: iter(rows))
            judge = Judge(unit.responsibility, NOW, sheet, actor=who, today=TODAY)
            judged = judge.judge(enumerate(rows, 1))
            assert [(one.position, one.row) for one in judged] == [*enumerate(rows, 1)]
            for one in judged:
                assert_decided(one)
            stored = [
                row_of(one, sheet, judge.occupation) for one in judged if one.outcome != RowOutcome.SAME
            ]
            store_rows(upload, stored)
            kept = Counter(UploadRow.objects.filter(upload_id=upload.pk).values_list("outcome", flat=True))
        assert kept == Counter(one.outcome.value for one in judged if one.outcome != RowOutcome.SAME)


def waiting(unit: Unit) -> Upload:
    with acting_as(unit.clerk) as who:
        return Upload.objects.create(
            agency_id=unit.agency.pk,
            occupation=unit.responsibility.occupation,
            year=NOW,
            file_name="表格.xlsx",
            sha256="0" * 64,
            requester_id=who.user_id,
            requester=who.name,
        )


def assert_decided(one: Judged) -> None:
    """The outcome is one, and says the same as what was found."""
    errors = [problem for problem in one.problems if problem.severity == "error"]
    assert one.outcome in RowOutcome
    assert (one.outcome == RowOutcome.REFUSED) == bool(errors)
    assert (one.laid is None) == bool(errors)
    if one.outcome in WRITTEN:
        assert one.laid is not None
        assert not one.laid.errors
        assert (one.part is None) == (one.outcome == RowOutcome.NEW)


def content_of(columns: list[Column], rows: list[Row]) -> bytes:
    """A workbook with these rows, as somebody else's program writes it; what no cell can hold is written as a text."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, {**options, "nan_inf_to_errors": True}) as book:
        sheet, day = book.add_worksheet(SHEET), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.label)
            for row in rows:
                value = row.values.get(column.key)
                if isinstance(value, dt.date) and value.year >= 1900:
                    naive = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
                    sheet.write_datetime(row.number, at, naive, day)
                elif isinstance(value, bool | int | float):
                    sheet.write(row.number, at, value)
                elif value is not None:
                    text = str(value)[:32_000].encode("utf-8", "replace").decode()
                    sheet.write_string(row.number, at, text)
    return target.getvalue()


@settled(12)
@given(lines=LINES)
@example(lines=spoilt("\x00"))
@example(lines=spoilt("\x0b\ufffe"))
def test_any_workbook_is_judged_and_written_or_refused_row_by_row(
    unit: Unit, tmp_path: Path, lines: list[tuple[str, dict[str, Any]]]
) -> None:
    with undone():
        rows = rows_with(unit, lines)
        columns = columns_for(unit)
        path = tmp_path / "book.xlsx"
        path.write_bytes(content_of(columns, rows))
        upload = uploaded(unit, path.read_bytes())
        try:
            found = list(read(path, name=path.name, columns=columns).rows)
        except Unreadable:  # nothing but blanks, say
            assert upload.state == UploadState.FAILED
            return
        assert upload.state == UploadState.READY
        counts = {one: upload.counts[one] for one in RowOutcome.values}
        assert sum(counts.values()) == len(found)
        kept = rows_of(UploadRow, upload.jurisdiction_id, upload_id=upload.pk)
        assert Counter(one.outcome for one in kept) == +Counter({**counts, "same": 0})
        if counts["new"] + counts["changed"]:
            done = worked(accepted(upload, unit))
            assert done.state == UploadState.DONE
            assert sum(done.counts["done"].values()) == sum(counts.values()) - counts["same"]
            after = rows_of(UploadRow, upload.jurisdiction_id, upload_id=upload.pk)
            assert all(one.written != (one.outcome == RowOutcome.REFUSED) for one in after)


def test_a_heading_with_such_characters_is_told(unit: Unit) -> None:
    columns = [*columns_for(unit), Column("more", "", "", "特\x00长")]
    upload = uploaded(unit, content_of(columns, rows_with(unit, [("new", {"more": "书法"})])))
    assert upload.state == UploadState.READY
    assert any("特\ufffd长" in note for note in upload.notes)
