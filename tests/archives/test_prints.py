"""Batch print: everybody whom a filter finds, in the order of the list, read once and journalled once."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Membership
from archives.models import Job, RecordPart
from archives.printing import forms
from archives.services import prints
from archives.services.jobs import run_job
from archives.services.prints import queue_print
from archives.states import JobState, Status
from audit.lifecycle import Refused
from credit_platform import private_files
from credit_platform.celery import app
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, opened, rows_of, sealed
from tests.archives.item_flow import item_sealed
from tests.factories import County

Signed = Callable[[Membership], Client]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker in these tests: the worker's function is called."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


def queue(member: Membership, **filters: Any) -> Job:
    with acting_as(member) as who:
        return queue_print(filters=filters, actor=who)


def run(job: Job) -> Job:
    run_job(jurisdiction_id=job.jurisdiction_id, job_id=job.pk)
    (found,) = rows_of(Job, job.jurisdiction_id, id=job.pk)
    return found


def pages_of(job: Job) -> list[str]:
    assert job.state == JobState.DONE, job.message
    reader = PdfReader(io.BytesIO(private_files.read_all(job.result)))
    return [re.sub(r"\s", "", page.extract_text()) for page in reader.pages]


def three(county: County) -> list[RecordPart]:
    """Two drafts and a sealed record, opened in another order than that of the list."""
    unit = county.education
    drafts = [opened(unit, name=name) for name in ("张三", "安心")]
    sealed(unit, part=opened(unit, name="李四"))
    return drafts


@pytest.mark.req("AY-10", "AY-N4")
def test_everybody_of_the_filter_is_printed_in_list_order(county: County) -> None:
    three(county)
    job = run(queue(county.education.clerk, occupation="teacher"))
    pages = pages_of(job)
    assert [re.search("姓名：(..)", page)[1] for page in pages[::2]] == ["安心", "李四", "张三"]  # type: ignore[index]
    assert "查验码" in pages[3]
    assert "草稿，未经审核确认" in pages[1]
    assert (job.done, job.total) == (3, 3)
    assert job.result_name == "信用档案打印（3人）.pdf"
    (look,) = events(county.id, verb="record.printed")
    assert len(look.data["ids"]) == 3
    assert (look.actor_id, look.data["job"]) == (county.education.clerk.user_id, str(job.pk))


def test_the_filters_of_the_list_hold(county: County) -> None:
    three(county)
    job = run(queue(county.education.clerk, status=Status.SEALED, year=timezone.localdate().year))
    assert len(pages_of(job)) == 2
    assert "李四" in pages_of(job)[0]
    assert "已确认" in job.title
    assert "（1 份）" in job.title


def test_an_employer_prints_its_own_people_only(county: County) -> None:
    three(county)
    with acting_as(county.education.clerk) as who:
        mine = prints._found(who, {}).count()
    opened(county.education, by=county.education.clerk, name="外单位", employer=None)
    job = run(queue(county.education.filler))
    assert len(pages_of(job)) == 2 * mine
    assert not any("外单位" in page for page in pages_of(job))


def test_another_unit_prints_nothing_of_ours(county: County) -> None:
    three(county)
    with pytest.raises(Refused, match="没有可以打印的档案"):
        queue(county.health.clerk)


def test_filters_cannot_widen_what_is_seen(county: County) -> None:
    """Names that are no filter are ignored, foreign values find nothing."""
    three(county)
    with pytest.raises(Refused):
        queue(county.education.clerk, occupation="doctor")
    with pytest.raises(Refused):
        queue(county.health.clerk, employer_id=county.education.employer.pk)
    job = queue(county.education.clerk, agency_id=county.health.agency.pk)
    assert job.parameters["filters"] == {}


def test_too_many_people_are_refused(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    three(county)
    monkeypatch.setattr(prints, "MOST_PEOPLE", 2)
    with pytest.raises(Refused, match="上限 2 人"):
        queue(county.education.clerk)


def test_who_left_meanwhile_gets_nothing(county: County) -> None:
    three(county)
    job = queue(county.education.clerk)
    with acting(county.id, "job"):
        Membership.objects.filter(pk=county.education.clerk.pk).update(ended_at=timezone.now())
    job = run(job)
    assert job.state == JobState.FAILED
    assert "已不在本单位" in job.message
    assert events(county.id, verb="record.printed") == []


def test_a_character_without_a_glyph_names_the_person(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(county)
    real = forms.draft_form

    def strange(part: RecordPart, *more: Any, **options: Any) -> Any:
        form = real(part, *more, **options)
        return dataclasses.replace(form, unit="\U00032000") if part.name == "张三" else form

    monkeypatch.setattr(prints, "draft_form", strange)
    job = run(queue(county.education.clerk))
    assert job.state == JobState.FAILED
    assert "张三" in job.message
    assert "U+32000" in job.message
    assert job.result == ""


def test_a_damaged_version_stops_the_print_and_is_named(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(county.education, part=opened(county.education, name="李四"))
    job = queue(county.education.clerk)

    def fail(*_: Any, **__: Any) -> Any:
        raise Undecipherable("no")

    monkeypatch.setattr(prints, "version_form", fail)
    job = run(job)
    assert job.state == JobState.FAILED
    assert "李四" in job.message


def test_the_number_of_queries_does_not_grow_with_the_people(county: County) -> None:
    def counted() -> int:
        with acting_as(county.education.clerk) as who, CaptureQueriesContext(connection) as caught:
            ids = list(prints._found(who, {}).values_list("id", flat=True))
            reading = prints._Reading(who, prints.occupations_of(who.jurisdiction_id))
            assert len(reading.forms_of(ids)) == len(ids)
        return len(caught)

    three(county)
    few = counted()
    for _ in range(3):
        opened(county.education)
        sealed(county.education, part=opened(county.education))
    assert counted() == few


def test_confirmed_awards_stand_on_the_print(county: County) -> None:
    part = opened(county.education)
    item_sealed(part, unit=county.education)
    one = pages_of(run(queue(county.education.clerk)))[1]
    assert "本年度没有" not in one
    assert re.search(r"奖惩情况.+信用状况", one)[0] != "奖惩情况信用状况"  # type: ignore[index]


def test_the_button_of_the_list_queues_what_is_filtered(county: County, client_as: Signed) -> None:
    three(county)
    clerk = client_as(county.education.clerk)
    page = clerk.get("/archives/", {"status": "sealed"}).content.decode()
    assert "打印筛选结果（1 份）" in page
    assert '<input type="hidden" name="status" value="sealed">' in page
    answer = clerk.post("/archives/print/", {"status": "sealed"})
    (job,) = rows_of(Job, county.id)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.parameters["filters"] == {"status": "sealed"}


def test_refusals_lead_back_to_the_list(county: County, client_as: Signed) -> None:
    clerk = client_as(county.education.clerk)
    answer = clerk.post("/archives/print/", {"status": "sealed"}, follow=True)
    assert answer.redirect_chain[0][0] == "/archives/?status=sealed"
    assert "没有可以打印的档案" in answer.content.decode()
    answer = clerk.post("/archives/print/", {"status": "sealed' --"}, follow=True)
    assert "筛选条件无法识别" in answer.content.decode()
    assert clerk.get("/archives/print/").status_code == 405
    assert client_as(county.officer).post("/archives/print/").status_code in (403, 404)
