"""后台任务: what is queued is done once, whatever dies meanwhile, and only its requester sees it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from archives import jobs as kinds
from archives import tasks
from archives.jobs import Report
from archives.models import Job
from archives.services import jobs as services
from archives.services.jobs import cancel_job, queue_job, run_job, sweep_jobs
from archives.states import JobState
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, rows_of
from tests.factories import County

KIND = "test.count"
Work = Callable[[Job, Actor, Report], Any]


class Probe:
    """What the test kind does, and the messages that were sent."""

    def __init__(self) -> None:
        self.work: Work = self.count
        self.rung: list[tuple[str, list[Any]]] = []
        self.actors: list[Actor] = []

    def count(self, job: Job, actor: Actor, report: Report) -> Any:
        self.actors.append(actor)
        for done in range(4):
            report(done, 3)
        return b"%PDF-1.7 " + job.title.encode(), "结果.pdf"

    def __call__(self, job: Job, actor: Actor, report: Report) -> Any:
        return self.work(job, actor, report)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    found = Probe()
    monkeypatch.setattr(kinds, "_KINDS", {KIND: found})
    monkeypatch.setattr(services, "_NOTED_EVERY", 0.0)
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: found.rung.append((name, args)))
    return found


@pytest.fixture
def queued(county: County, probe: Probe) -> Job:
    return queue(county.education.clerk)


def queue(member: Membership, title: str = "打印一校", **parameters: Any) -> Job:
    with acting_as(member) as who:
        return queue_job(kind=KIND, title=title, parameters=parameters, actor=who)


def run(row: Job) -> Job:
    run_job(jurisdiction_id=row.jurisdiction_id, job_id=row.pk)
    return again(row)


def again(row: Job) -> Job:
    (found,) = rows_of(Job, row.jurisdiction_id, id=row.pk)
    return found


def change(row: Job, **values: Any) -> None:
    with acting(row.jurisdiction_id, "job"):
        assert Job.objects.filter(id=row.pk).update(**values) == 1


def ago(**span: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(**span)


def sweep(row: Job) -> int:
    return sweep_jobs(jurisdiction_id=row.jurisdiction_id)


def test_a_job_is_queued_done_and_journalled(
    county: County, probe: Probe, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = queue(county.education.clerk, school=3)
    assert probe.rung == [(services.TASK, [county.id, str(row.pk)])]
    assert row.parameters == {"school": 3, "membership": county.education.clerk.pk}
    row = run(row)
    assert (row.state, row.done, row.total, row.attempts) == (JobState.DONE, 3, 3, 1)
    assert row.result == f"{row.pk}-1.pdf"
    assert private_files.read_all(row.result) == "%PDF-1.7 打印一校".encode()
    assert [one.verb for one in events(county.id, subject_id=str(row.pk))] == [
        "job.queued",
        "job.started",
        "job.done",
    ]
    (actor,) = probe.actors
    assert (actor.user_id, actor.role, actor.kind) == (county.education.clerk.user_id, "clerk", "agency")


def test_a_repeated_message_does_nothing(queued: Job, probe: Probe) -> None:
    run(queued)
    run(queued)
    assert len(probe.actors) == 1
    run_job(jurisdiction_id=queued.jurisdiction_id, job_id=uuid.uuid4())


def test_the_same_job_is_not_queued_twice(county: County, probe: Probe) -> None:
    unit = county.education
    first = queue(unit.clerk, school=1)
    assert queue(unit.clerk, school=1) == first
    assert queue(unit.reviewer, school=1) != first
    run(first)
    assert queue(unit.clerk, school=1) != first


def test_not_too_many_at_once(county: County, probe: Probe) -> None:
    for school in range(services.MOST_OPEN):
        queue(county.education.clerk, school=school)
    with pytest.raises(Refused, match="5 项任务没有完成") as refused:
        queue(county.education.clerk, school=99)
    assert refused.value.code == "too_many_jobs"
    queue(county.education.reviewer, school=99)


def test_two_posts_at_once_are_counted_one_after_the_other(county: County, probe: Probe) -> None:
    queue(county.education.clerk)
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            lock = "SELECT pg_try_advisory_lock(%s, %s)"
            cursor.execute(lock, [services.QUEUEING, county.education.clerk.user_id])
            assert cursor.fetchone() == (False,)
            cursor.execute(lock, [services.QUEUEING, county.education.reviewer.user_id])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()


def test_an_unknown_kind_is_a_fault_of_ours(county: County, probe: Probe) -> None:
    with acting_as(county.education.clerk) as who, pytest.raises(ValueError, match="no such kind"):
        queue_job(kind="nonsense", title="x", parameters={}, actor=who)
    row = queue(county.education.clerk)
    kinds._KINDS.clear()
    row = run(row)
    assert row.state == JobState.FAILED
    assert "联系管理员" in row.message


def test_two_kinds_of_one_name(probe: Probe) -> None:
    kinds.register(KIND, probe)
    with pytest.raises(ValueError, match=KIND):
        kinds.register(KIND, lambda *_: (b"", ""))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("名册没有人员，请重新选择。"), "名册没有人员，请重新选择。"),
        (SoftTimeLimitExceeded(), services._TOO_LONG),
        (RuntimeError("张三 410522199001010011"), services._FAULT),
    ],
)
def test_a_failure_says_why_and_nothing_else(
    queued: Job, probe: Probe, caplog: pytest.LogCaptureFixture, error: Exception, words: str
) -> None:
    def fail(*_: Any) -> Any:
        raise error

    probe.work = fail
    row = run(queued)
    assert (row.state, row.message, row.result) == (JobState.FAILED, words, "")
    assert "张三" not in caplog.text
    assert ("RuntimeError" in caplog.text) == isinstance(error, RuntimeError)


def test_a_full_disk_fails_the_job(queued: Job, probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(services.private_files, "store", full)
    row = run(queued)
    assert (row.state, row.message, row.result) == (JobState.FAILED, services._NOT_STORED, "")


def test_a_lost_database_leaves_the_job_to_the_sweep(queued: Job, probe: Probe) -> None:
    def lost(*_: Any) -> Any:
        raise OperationalError("server closed the connection")

    probe.work = lost
    assert run(queued).state == JobState.RUNNING


def test_whoever_left_the_unit_gets_nothing(county: County, queued: Job, probe: Probe) -> None:
    member = county.education.clerk
    member.ended_at = timezone.now()
    member.save(update_fields=["ended_at"])
    row = run(queued)
    assert (row.state, row.message) == (JobState.FAILED, "发起人已不在本单位任职，任务没有完成。")
    assert probe.actors == []


def test_chunks_are_made_while_they_are_stored(queued: Job, probe: Probe) -> None:
    def pages(report: Report) -> Iterator[bytes]:
        for done in range(1, 4):
            yield b"page"
            report(done, 3)

    probe.work = lambda job, actor, report: (pages(report), "三页.pdf")
    row = run(queued)
    assert (row.state, row.done) == (JobState.DONE, 3)
    assert private_files.read_all(row.result) == b"page" * 3


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled(county: County, queued: Job, probe: Probe) -> None:
    with acting_as(county.education.clerk) as who:
        cancel_job(row=queued, actor=who)
    assert run(queued).state == JobState.CANCELLED
    assert probe.actors == []
    with acting_as(county.education.clerk) as who, pytest.raises(AlreadyDone):
        cancel_job(row=queued, actor=who)


def test_a_running_job_stops_and_leaves_no_file(county: County, queued: Job, probe: Probe) -> None:
    steps: list[int] = []

    def work(job: Job, actor: Actor, report: Report) -> Any:
        for done in range(10):
            steps.append(done)
            report(done, 10)
            if done == 3:
                with acting_as(county.education.clerk) as who:
                    cancel_job(row=job, actor=who)
        return b"", "x.pdf"

    probe.work = work
    row = run(queued)
    assert steps == [0, 1, 2, 3, 4]
    assert (row.state, row.done) == (JobState.CANCELLED, 3)
    assert not private_files.path_of(f"{row.pk}-1.pdf").exists()


def test_cancelled_while_the_file_was_written(county: County, queued: Job, probe: Probe) -> None:
    def pages(job: Job) -> Iterator[bytes]:
        yield b"page"
        with acting_as(county.education.clerk) as who:
            cancel_job(row=job, actor=who)

    probe.work = lambda job, actor, report: (pages(job), "x.pdf")
    assert run(queued).state == JobState.CANCELLED
    assert not private_files.path_of(f"{queued.pk}-1.pdf").exists()


@pytest.mark.parametrize("who", ["reviewer", "filler"])
def test_others_do_not_cancel(county: County, queued: Job, who: str) -> None:
    with acting_as(getattr(county.education, who)) as actor, pytest.raises((Refused, Job.DoesNotExist)):
        cancel_job(row=queued, actor=actor)
    assert again(queued).state == JobState.QUEUED


# --- what was lost --------------------------------------------------------------------------------------------------


def test_a_lost_message_is_rung_for_again(
    queued: Job, probe: Probe, django_capture_on_commit_callbacks: Any
) -> None:
    assert sweep(queued) == 0
    change(queued, created_at=ago(seconds=25))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep(queued) == 1
    assert len(probe.rung) == 1
    assert sweep(queued) == 0, "not at every sweep"
    assert run(queued).state == JobState.DONE


def test_a_broker_that_is_down_does_not_disturb(
    county: County, probe: Probe, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        row = queue(county.education.clerk)
    assert again(row).state == JobState.QUEUED


def dying(probe: Probe, row: Job) -> None:
    """Run it in a worker that is killed half-way."""

    def die(job: Job, actor: Actor, report: Report) -> Any:
        report(1, 3)
        raise KeyboardInterrupt

    probe.work = die
    with pytest.raises(KeyboardInterrupt):
        run(row)
    probe.work = probe.count


def test_a_job_whose_worker_died_is_taken_up_again(
    queued: Job, probe: Probe, django_capture_on_commit_callbacks: Any
) -> None:
    dying(probe, queued)
    assert (again(queued).state, again(queued).done) == (JobState.RUNNING, 1)
    assert sweep(queued) == 0
    assert run(queued).state == JobState.RUNNING, "a repeated message doesn't take it over"
    change(queued, beat_at=ago(seconds=61))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep(queued) == 1
    assert len(probe.rung) == 1
    row = run(queued)
    assert (row.state, row.attempts, row.result) == (JobState.DONE, 2, f"{row.pk}-2.pdf")


def test_three_attempts_are_enough(queued: Job, probe: Probe) -> None:
    for _ in range(services.MOST_ATTEMPTS):
        dying(probe, queued)
        change(queued, beat_at=ago(seconds=61))
        sweep(queued)
    row = run(queued)
    assert (row.state, row.attempts) == (JobState.FAILED, 3)
    assert "已尝试 3 次" in row.message


def test_a_slow_worker_gives_way(queued: Job, probe: Probe) -> None:
    def slow(job: Job, actor: Actor, report: Report) -> Any:
        change(job, beat_at=ago(seconds=61))
        sweep(job)
        probe.work = probe.count
        run(job)
        report(1, 3)
        raise AssertionError("went on")

    probe.work = slow
    row = run(queued)
    assert (row.state, row.attempts, row.result) == (JobState.DONE, 2, f"{row.pk}-2.pdf")
    assert private_files.read_all(row.result)


def test_results_are_kept_for_seven_days(
    queued: Job, probe: Probe, django_capture_on_commit_callbacks: Any
) -> None:
    row = run(queued)
    assert sweep(row) == 0
    change(row, finished_at=ago(days=7, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep(row) == 1
    assert again(row).result == ""
    assert not private_files.path_of(row.result).exists()


def test_beat_sweeps_every_county() -> None:
    assert app.conf.beat_schedule["sweep jobs"]["task"] == tasks.sweep_all.name
    assert tasks.work.name == services.TASK


def test_a_print_of_two_thousand_people_may_last() -> None:
    """Other tasks end after a few minutes; 4,000 pages take longer on a busy machine."""
    slow_pages_a_second = 5
    assert tasks.work.soft_time_limit >= 4000 / slow_pages_a_second
    assert tasks.work.time_limit > tasks.work.soft_time_limit


def test_the_tasks_do_what_they_say(
    county: County, other_county: County, queued: Job, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.work(county.id, str(queued.pk))
    assert again(queued).state == JobState.DONE
    asked: list[int] = []
    monkeypatch.setattr(tasks.sweep, "delay", asked.append)
    tasks.sweep_all()
    assert sorted(asked) == sorted([county.id, other_county.id])
    tasks.sweep(county.id)


# --- pages ----------------------------------------------------------------------------------------------------------


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_shows_progress_until_the_end(
    county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    browser = client_as(county.education.clerk)
    change(queued, state=JobState.RUNNING, done=30, total=300, started_at=ago(seconds=10), beat_at=ago())
    page = words(browser.get(f"/jobs/{queued.pk}/"))
    assert '<progress max="300" value="30"' in page
    assert "每秒 3.0 项，约还需 90 秒" in page or "约还需 2 分钟" in page
    assert "取消任务" in page
    fragment = words(browser.get(f"/jobs/{queued.pk}/", headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith("<section")
    assert 'hx-trigger="every 1s"' in fragment
    change(queued, state=JobState.QUEUED)
    run(queued)
    fragment = words(browser.get(f"/jobs/{queued.pk}/", headers={"HX-Request": "true"}))
    assert "hx-trigger" not in fragment
    assert f"/jobs/{queued.pk}/result/" in fragment
    assert "打印一校" in words(browser.get("/jobs/"))


def test_the_result_is_handed_out_and_journalled(
    county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    browser = client_as(county.education.clerk)
    assert browser.get(f"/jobs/{queued.pk}/result/").status_code == 404
    run(queued)
    answer = browser.get(f"/jobs/{queued.pk}/result/")
    assert answer.content == "%PDF-1.7 打印一校".encode()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    (look,) = events(county.id, verb="job.fetched")
    assert look.subject_id == str(queued.pk)


def test_a_damaged_result_is_told(
    county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    row = run(queued)
    private_files.path_of(row.result).write_bytes(b"x")
    answer = client_as(county.education.clerk).get(f"/jobs/{row.pk}/result/", follow=True)
    assert "已损坏或找不到" in words(answer)


def test_an_expired_result_is_told(
    county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    run(queued)
    change(queued, result="")
    browser = client_as(county.education.clerk)
    assert browser.get(f"/jobs/{queued.pk}/result/").status_code == 404
    assert "现已清除" in words(browser.get(f"/jobs/{queued.pk}/"))


def test_cancelling_on_the_page(
    county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    browser = client_as(county.education.clerk)
    assert "任务已取消" in words(browser.post(f"/jobs/{queued.pk}/", follow=True))
    assert "已经办理过" in words(browser.post(f"/jobs/{queued.pk}/", follow=True))
    assert again(queued).state == JobState.CANCELLED


@pytest.mark.req("AY-18")
def test_nobody_else_sees_a_job(
    county: County, other_county: County, queued: Job, probe: Probe, client_as: Callable[..., Client]
) -> None:
    run(queued)
    unit = county.education
    others = (unit.reviewer, unit.filler, county.health.clerk, county.officer, other_county.education.clerk)
    for member in others:
        browser = client_as(member)
        assert browser.get(f"/jobs/{queued.pk}/").status_code == 404
        assert browser.get(f"/jobs/{queued.pk}/result/").status_code == 404
        assert browser.post(f"/jobs/{queued.pk}/").status_code == 404
        assert "打印一校" not in words(browser.get("/jobs/"))
