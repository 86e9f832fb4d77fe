"""Many records handed on in one act: each by itself, with what can't be named; in a request, or in the background."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.utils import timezone

from archives.models import Job, RecordPart
from archives.services import hand_on
from archives.services.hand_on import ONE_BY_ONE, Outcome, hand_on_together, queue_hand_on
from archives.services.jobs import DEAD_AFTER, run_job, sweep_jobs
from archives.states import JobState, Status
from audit.lifecycle import Refused
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, fresh, in_review, opened, rows_of, save, submitted
from tests.archives.proceeding_flow import adverse_draft, begun
from tests.factories import County, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12", "AY-N1")]
TODAY = timezone.localdate()


def ready(unit: Unit, name: str, **changes: Any) -> RecordPart:
    return save(opened(unit, name=name), by=unit.filler, **changes).part


def row(part: RecordPart) -> str:
    return f"{part.id}:{part.revision}"


def handed_on(
    unit: Unit, *parts: RecordPart, clerk: bool = False, seconds: float = 60
) -> tuple[list[Outcome], int]:
    with acting_as(unit.clerk if clerk else unit.filler) as who:
        outcomes, rest = hand_on_together(
            shown=[(part.id, part.revision) for part in parts], actor=who, today=TODAY, seconds=seconds
        )
    return outcomes, len(rest)


def test_the_ticked_drafts_are_handed_on_and_the_others_say_why(county: County, client_as: Any) -> None:
    unit = county.education
    good, incomplete = ready(unit, "王一"), opened(unit, name="李二")
    changed, adverse = ready(unit, "张三"), adverse_draft(unit)
    seen = row(changed)
    save(changed, by=unit.filler, title="特级教师")
    waiting, foreign = submitted(unit, part=opened(unit, name="赵四")), opened(county.health, name="外人")
    rows = [row(good), row(incomplete), seen, row(adverse), row(waiting), row(foreign), "x:1", f"{good.id}:x"]
    browser = client_as(unit.filler)
    answer = browser.post(
        "/archives/picked/", {"action": "hand_on", "row": rows, "next": "/archives/?status=draft"}
    )
    assert answer.status_code == 200
    told = {outcome.part.name: outcome.message for outcome in answer.context["left"]}
    assert answer.context["done"] == 1
    assert fresh(good).status == Status.SUBMITTED
    assert told.keys() == {"李二", "张三", "王小明", "赵四"}
    assert told["李二"].startswith("内容还不完整：")
    assert "另有" in told["李二"]
    assert "改动" in told["张三"]
    assert told["王小明"] == ONE_BY_ONE
    assert "已经提交" in told["赵四"]
    page = answer.content.decode()
    assert f"/records/{incomplete.id}/" in page
    assert "外人" not in page
    assert 'href="/archives/?status=draft"' in page
    for part in (incomplete, changed, adverse):
        assert fresh(part).status == Status.DRAFT
        assert not events(county.id, verb="record.submitted", subject_id=str(part.id))
    assert len(events(county.id, verb="record.submitted", subject_id=str(good.id))) == 1
    again = browser.post("/archives/picked/", {"action": "hand_on", "row": rows})
    assert again.context["done"] == 0
    assert fresh(good).revision == good.revision + 1


def test_a_clerk_submits_drafts_and_passes_on_what_was_submitted(county: County) -> None:
    unit = county.education
    draft, waiting, reviewed = (
        ready(unit, "王一"),
        submitted(unit, part=opened(unit, name="李二")),
        in_review(unit),
    )
    outcomes, rest = handed_on(unit, draft, waiting, reviewed, clerk=True)
    assert [one.done for one in outcomes] == [True, True, False]
    assert rest == 0
    assert {fresh(part).status for part in (draft, waiting)} == {Status.IN_REVIEW}
    verbs = {e.verb for part in (draft, waiting) for e in events(county.id, subject_id=str(part.id))}
    assert {"record.submitted_for_review", "record.passed_on"} <= verbs
    with acting_as(unit.reviewer) as who, pytest.raises(Refused):
        hand_on_together(shown=[], actor=who, today=TODAY, seconds=1)


def test_what_is_only_intended_is_not_taken_back_by_a_press_for_many(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    begun(unit, part)
    cleared = save(fresh(part), by=unit.clerk, determination="trustworthy").part
    (outcome,), _ = handed_on(unit, cleared, clerk=True)
    assert outcome.message == ONE_BY_ONE
    assert fresh(part).status == Status.DRAFT
    assert not events(county.id, verb="proceeding.withdrawn")


def test_what_does_not_fit_into_a_request_goes_with_the_next_press(county: County, client_as: Any) -> None:
    unit = county.education
    parts = [ready(unit, "王" + name) for name in "一二三"]
    assert handed_on(unit, *parts, seconds=0)[1] == 2
    browser = client_as(unit.filler)
    answer = browser.post("/archives/picked/", {"action": "hand_on"})
    assert answer.status_code == 302
    assert answer["Location"] == "/archives/"
    reuse = browser.post("/archives/picked/", {"action": "reuse", "row": [row(parts[0])]})
    assert reuse["Location"] == f"/archives/reuse/?row={parts[0].id}"
    assert browser.get("/archives/picked/?x=1").status_code == 302


def test_all_that_the_filters_find_go_in_the_background(county: County, client_as: Any) -> None:
    unit = county.education
    for name in "一二三":
        ready(unit, f"王{name}")
    opened(unit, name="李二")
    second = opened(unit, by=unit.second_filler, name="外校", employer=unit.second_employer)
    browser = client_as(unit.filler)
    listed = browser.get("/archives/?status=draft")
    assert listed.context["hand_on_all"] == 4
    assert "提交筛选结果（4 份）" in listed.content.decode()
    assert browser.get("/archives/").context["hand_on_all"] == 0
    answer = browser.post("/archives/picked/", {"action": "all", "status": "draft", "next": "/archives/"})
    (job,) = rows_of(Job, county.id)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.title == "批量提交：草稿（4 份）"
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    (job,) = rows_of(Job, county.id)
    assert (job.state, job.done) == (JobState.DONE, 4)
    told = private_files.read_all(job.result).decode("utf-8-sig").splitlines()
    assert told[0] == "已提交 3 份，没有提交 1 份"
    assert told[2].startswith("李二,")
    assert "内容还不完整" in told[2]
    assert "*" in told[2]
    told_of = browser.get("/notices/").content.decode()
    assert "您发起的后台任务“批量提交”已完成" in told_of
    assert "查看结果" in told_of
    shown = browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "已提交 3 份，没有提交 1 份。" in shown
    assert "未读" in browser.get("/notices/").content.decode()  # a page that asks for itself is nobody
    browser.get(f"/jobs/{job.pk}/")
    assert "未读" not in browser.get("/notices/").content.decode()
    states = [part.status for part in rows_of(RecordPart, county.id, employer=unit.employer)]
    assert sorted(states) == ["draft", "submitted", "submitted", "submitted"]
    assert fresh(second).status == Status.DRAFT


def test_a_job_that_is_taken_up_again_counts_what_it_did_before(
    county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker is killed when one of four is handed on; in between somebody hands another on by hand."""
    unit = county.education
    parts = [ready(unit, f"王{name}") for name in "一二三四"]
    opened(unit, name="李二")
    client_as(unit.filler).post("/archives/picked/", {"action": "all", "status": "draft"})
    (job,) = rows_of(Job, county.id)
    real, calls = hand_on._hand_on, itertools.count()

    def killed(*args: Any, **options: Any) -> Outcome:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(hand_on, "_hand_on", killed)
    with pytest.raises(KeyboardInterrupt):
        run_job(jurisdiction_id=county.id, job_id=job.pk)
    (left, *_) = [part for part in parts if fresh(part).status == Status.DRAFT]
    assert handed_on(unit, left)[0][0].done
    with acting(county.id, "job"):
        Job.objects.filter(id=job.pk).update(beat_at=timezone.now() - DEAD_AFTER * 2)
    sweep_jobs(jurisdiction_id=county.id)
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    (job,) = rows_of(Job, county.id)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    told = private_files.read_all(job.result).decode("utf-8-sig").splitlines()
    assert told[0] == "已提交 3 份，没有提交 1 份"
    assert (job.done, job.total) == (4, 4)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({}, "请先按状态筛选"),
        ({"status": Status.SEALED}, "请先按状态筛选"),
        ({"status": "draft", "year": 1900}, "没有符合"),
    ],
)
def test_a_job_is_refused_without_a_status_or_records(county: County, filters: Any, words: str) -> None:
    opened(county.education)
    with acting_as(county.education.filler) as who, pytest.raises(Refused, match=words):
        queue_hand_on(filters=filters, actor=who)


@pytest.mark.parametrize("value", ["x", "sealed"])
def test_a_faulty_filter_stops_the_job_on_the_page(county: County, client_as: Any, value: str) -> None:
    browser = client_as(county.education.filler)
    answer = browser.post("/archives/picked/", {"action": "all", "status": value}, follow=True)
    assert "没有提交" in answer.content.decode() or "请先按状态筛选" in answer.content.decode()
    assert rows_of(Job, county.id) == []
