"""Every file of `should_pass` and `should_fail` as a clerk brings it: through the job, with an outcome for each row."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archives.models import Job, Upload, UploadRow
from archives.services.uploads import cancel_upload, upload_workbook
from archives.states import JobState, UploadState
from credit_platform import private_files
from credit_platform.celery import app
from tests.archives.flow import acting_as, rows_of
from tests.archives.upload_flow import told, worked
from tests.factories import County
from tests.workbooks.test_files import MARK, files, outcome

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12")]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker in these tests: the worker's function is called."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


def brought(county: County, path: Path) -> Upload:
    unit = county.education
    with acting_as(unit.clerk) as who:
        return upload_workbook(
            responsibility=unit.responsibility,
            year=MARK.year,
            file=io.BytesIO(path.read_bytes()),
            name=path.name,
            actor=who,
            today=dt.date(MARK.year, 6, 1),
        )


def paths(place: str) -> list[Path]:
    return [one.values[0] for one in files(place)]


def test_each_row_of_what_is_read_is_new_or_refused_as_it_says(county: County) -> None:
    """The people of the files are nobody in the county; of one file nothing is left when the next comes."""
    found, wanted = {}, {}
    for path in paths("should_pass"):
        expected = outcome(path)
        refused: list[Any] = expected.get("refused", [])
        wanted[path.name] = (
            UploadState.READY,
            {"new": len(expected["rows"]) - len(refused), "changed": 0, "same": 0, "refused": len(refused)},
            [tuple(one) for one in refused],
        )
        row = worked(brought(county, path))
        kept = rows_of(UploadRow, county.id, upload_id=row.pk)
        counts = {name: count for name, count in row.counts.items() if name != "adverse"}
        assert Counter(one.outcome for one in kept) == +Counter(counts), path.name
        assert [one.position for one in sorted(kept, key=lambda one: one.position)] == [
            *range(1, len(expected["rows"]) + 1)
        ], path.name
        found[path.name] = (row.state, counts, [(number, code) for number, _, code in told(row)])
        with acting_as(county.education.clerk) as who:
            cancel_upload(row=row, actor=who)
    assert len(found) > 50
    assert found == wanted


def test_what_cannot_be_read_ends_with_the_reason(
    county: County, django_capture_on_commit_callbacks: Any
) -> None:
    for path in paths("should_fail"):
        upload = brought(county, path)
        with django_capture_on_commit_callbacks(execute=True):
            row = worked(upload)
        assert (row.state, row.file) == (UploadState.FAILED, ""), path.name
        assert outcome(path).get("says", "") in row.message
        assert "请" in row.message
        assert row.counts == {}
        (job,) = rows_of(Job, county.id, id=row.job_id)
        assert (job.state, job.message) == (JobState.FAILED, row.message)
        assert not private_files.path_of(upload.file).exists()
        assert rows_of(UploadRow, county.id, upload_id=row.pk) == []
