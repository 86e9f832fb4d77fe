"""填报表格 out: who is on it, what is filled in before, what never leaves, one per employer."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.education.occupations import Teacher
from agencies.models import Employer, Membership
from archives.models import Archive, Job
from archives.services import workbooks
from archives.services.jobs import run_job
from archives.services.workbooks import mark_of, queue_workbook
from archives.states import JobState
from archives.workbooks import ROW_KEY, UNIT, Row, Unreadable, columns_of, read
from audit.lifecycle import Refused
from credit_platform import private_files
from credit_platform.celery import app
from tests.archives.flow import acting_as, events, opened, rows_of, save, sealed
from tests.factories import County, id_number

Signed = Callable[[Membership], Client]
pytestmark = pytest.mark.django_db
NOW = timezone.localdate().year


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker in these tests: the worker's function is called."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


def made(county: County, by: Membership, *, employer: Employer | None = None, split: bool = False) -> Job:
    with acting_as(by) as who:
        job = queue_workbook(
            responsibility=county.education.responsibility,
            year=NOW,
            employer=employer,
            split=split,
            actor=who,
        )
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    (found,) = rows_of(Job, county.id, id=job.pk)
    assert found.state == JobState.DONE, found.message
    return found


def rows_in(content: bytes, county: County, tmp_path: Path) -> list[Row]:
    path = tmp_path / "out.xlsx"
    path.write_bytes(content)
    mark = mark_of(county.education.responsibility, NOW)
    return list(read(path, name=path.name, columns=columns_of(Teacher, NOW), mark=mark).rows)


def unfolded(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join(package.read(name) for name in package.namelist())


@pytest.mark.req("AY-12", "AY-30")
def test_the_workbook_has_everybody_with_what_is_known(county: County, tmp_path: Path) -> None:
    """Last year's confirmed values without the determination, this year's draft as it stands, a new one empty."""
    unit, known = county.education, id_number()
    sealed(unit, part=opened(unit, name="张敏", number=known, year=NOW - 1))
    drafted = opened(unit, name="李强")
    save(drafted, by=unit.filler, title="高级教师", ground="教师法", phone="15487654321")
    opened(unit, name="王新")
    job = made(county, unit.clerk)
    content = private_files.read_all(job.result)
    rows = {row.values["name"]: row.values for row in rows_in(content, county, tmp_path)}
    assert list(rows) == ["李强", "王新", "张敏"]  # by pinyin
    last = rows["张敏"]
    assert last["document_number"] == f"{known[:6]}********{known[-4:]}"
    assert last["phone"] == "154****5678"
    assert (last["title"], last["sex"], last[UNIT]) == ("一级教师", "女", unit.employer.name)
    assert (last["determination"], last["ground"], last["remarks"]) == (None, None, None)
    assert (rows["李强"]["title"], rows["李强"]["ground"]) == ("高级教师", "教师法")
    assert rows["王新"]["title"] is None
    archives = {one.name: str(one.pk) for one in rows_of(Archive, county.id)}
    assert {name: values[ROW_KEY] for name, values in rows.items()} == archives
    everything = unfolded(content)
    assert known.encode() not in everything
    assert b"15412345678" not in everything
    (look,) = events(county.id, verb="workbook.exported")
    assert sorted(look.data["ids"]) == sorted(archives.values())
    assert (job.done, job.total) == (3, 3)


def test_one_per_employer_also_for_those_without_account_or_people(county: County, tmp_path: Path) -> None:
    unit = county.education
    opened(unit, name="张敏")
    opened(unit, by=unit.clerk, name="无单位")
    job = made(county, unit.clerk, split=True)
    assert job.result_name.endswith("（3个单位）.zip")
    with zipfile.ZipFile(io.BytesIO(private_files.read_all(job.result))) as books:
        found = {name: len(rows_in_or_none(books.read(name), county, tmp_path)) for name in books.namelist()}
    by_unit = {name.split("（")[1].split("）")[0]: count for name, count in found.items()}
    assert by_unit == {unit.employer.name: 1, unit.second_employer.name: 0, "责任单位直接管理": 1}


def rows_in_or_none(content: bytes, county: County, tmp_path: Path) -> list[Row]:
    try:
        return rows_in(content, county, tmp_path)
    except Unreadable as refusal:
        if refusal.problem.code == "sheet_no_rows":
            return []
        raise


def test_an_employer_gets_its_own_people(county: County, tmp_path: Path) -> None:
    unit = county.education
    opened(unit, name="张敏")
    opened(unit, by=unit.second_filler, name="外单位", employer=unit.second_employer)
    job = made(county, unit.filler, employer=None, split=True)
    assert job.parameters["employer"] == unit.employer.pk
    rows = rows_in(private_files.read_all(job.result), county, tmp_path)
    assert [row.values["name"] for row in rows] == ["张敏"]


def test_what_is_not_ones_own_is_refused(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(by: Membership, **more: Any) -> None:
        wanted: dict[str, Any] = {"responsibility": county.education.responsibility, "employer": None}
        with acting_as(by) as who:
            queue_workbook(**{**wanted, "year": NOW, "split": False, "actor": who, **more})

    opened(county.education)
    with pytest.raises(Refused, match="不由您办理"):
        ask(county.health.clerk)
    with pytest.raises(Refused, match="不由您办理"):
        ask(county.education.clerk, employer=county.health.employer)
    with pytest.raises(Refused, match="只有填报员和经办人"):
        ask(county.education.reviewer)
    monkeypatch.setattr(workbooks, "MOST_PEOPLE", 0)
    with pytest.raises(Refused, match="超过一份表格的上限"):
        ask(county.education.clerk)


def test_who_left_before_the_year_is_not_on_it(county: County, tmp_path: Path) -> None:
    unit = county.education
    opened(unit, name="张敏")
    gone = opened(unit, name="已离岗")
    with acting_as(unit.clerk):
        Archive.objects.filter(name=gone.name).update(left_on=f"{NOW - 1}-12-31")
    rows = rows_in(private_files.read_all(made(county, unit.clerk).result), county, tmp_path)
    assert [row.values["name"] for row in rows] == ["张敏"]


def test_the_number_of_queries_does_not_grow_with_the_people(county: County) -> None:
    unit = county.education

    def counted() -> int:
        with acting_as(unit.clerk) as who, CaptureQueriesContext(connection) as caught:
            people = Archive.objects.visible_to(who).select_related("employer")
            assert len(workbooks.values_of(people, Teacher, NOW, who)) == len(people)
        return len(caught)

    sealed(unit, part=opened(unit, year=NOW - 1))
    save(opened(unit), by=unit.filler)
    few = counted()
    for _ in range(3):
        sealed(unit, part=opened(unit))
    assert counted() == few


def test_the_page_leads_to_the_progress(county: County, client_as: Signed) -> None:
    unit = county.education
    opened(unit, name="张敏")
    clerk = client_as(unit.clerk)
    assert "/workbooks/out/" in clerk.get("/archives/").content.decode()
    wanted = {"responsibility": unit.responsibility.pk, "year": NOW, "employer": unit.employer.pk}
    answer = clerk.post("/workbooks/out/", wanted | {"split": "on"})
    assert answer.status_code == 422
    assert "不能再分开" in answer.content.decode()
    answer = clerk.post("/workbooks/out/", wanted)
    (job,) = rows_of(Job, county.id)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.parameters["employer"] == unit.employer.pk
    page = client_as(unit.filler).get("/workbooks/out/").content.decode()
    assert 'name="split"' not in page
    assert 'name="employer"' not in page
