"""What may be kept no longer is destroyed; that it was there can still be proved."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from agencies.models import Jurisdiction
from archives import tasks
from archives.models import Evidence, Item, Job, Outbox, RecordPart, Version, VersionBody, WaitingFact
from archives.services import stray_files
from archives.services.emptying import empty_what_is_over
from archives.services.jobs import may_fetch, run_job, sweep_jobs
from archives.services.prints import queue_print
from archives.services.validity import recompute
from archives.states import Delivery, JobState, WaitingStatus
from credit_platform import private_files
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from oversight.journal import VERBS
from oversight.packs import load_pack
from tests.archives.flow import acting_as, attached, events, journal_rows, opened, rows_of
from tests.archives.item_flow import (
    YESTERDAY,
    confirmed,
    corrected,
    fresh_item,
    item_sealed,
    over,
    put_apart,
    told,
    written,
)
from tests.factories import County, actor


@pytest.fixture
def swept(django_capture_on_commit_callbacks: Any) -> Callable[[County], int]:
    """Return what sweeps a county and does what follows the commit."""

    def sweep(county: County) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return empty_what_is_over(jurisdiction_id=county.id)

    return sweep


@pytest.fixture
def penalty(county: County) -> Item:
    return item_sealed(opened(county.education), "administrative_penalty", unit=county.education)


def bodies_of(item: Item) -> list[VersionBody]:
    return rows_of(VersionBody, item.jurisdiction_id, version__item=item)


# --- facts -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("LL-25", "ZD-25")
def test_nothing_of_a_fact_is_left_but_the_proof(
    county: County, penalty: Item, swept: Callable[[County], int]
) -> None:
    (before,) = rows_of(Version, penalty.jurisdiction_id, item=penalty)
    (proof,) = rows_of(Evidence, penalty.jurisdiction_id, item=penalty)
    assert private_files.read_all(str(proof.pk))
    over(penalty)
    assert swept(county) == 1
    found = fresh_item(penalty)
    assert (found.values, found.typed, found.name, found.number_mask) == ({}, {}, "", "")
    assert (found.document_no, found.identified_document, found.occurred_on) == ("", "", None)
    assert found.emptied_at is not None
    assert bodies_of(penalty) == []
    (after,) = rows_of(Version, penalty.jurisdiction_id, item=penalty)
    assert (after.digest, after.approver_name, after.cites) == (
        before.digest,
        before.approver_name,
        before.cites,
    )
    (taken,) = rows_of(Evidence, penalty.jurisdiction_id, item=penalty)
    assert (taken.name, taken.removed_by) == ("", "到期清除")
    with pytest.raises(private_files.Missing):
        private_files.read_all(str(proof.pk))
    last = events(penalty.jurisdiction_id, subject_id=str(penalty.pk))[-1]
    assert (last.verb, last.actor_name) == ("item.destroyed", "到期清除")
    assert last.data == {
        "kind": "administrative_penalty",
        "kept_until": YESTERDAY.isoformat(),
        "bodies": 1,
        "files": 1,
    }
    assert penalty.name not in last.subject_label
    assert empty_what_is_over(jurisdiction_id=penalty.jurisdiction_id) == 0


@pytest.mark.req("GZ-07", "LL-25", "ZD-25")
@pytest.mark.parametrize(
    ("kind", "of_office"), [("administrative_penalty", True), ("discipline", False), ("complaint", False)]
)
def test_the_office_is_not_told_that_something_internal_was_destroyed(
    county: County, swept: Callable[[County], int], client_as: Any, kind: str, of_office: bool
) -> None:
    """What stays between unit and person stays there when it goes as well."""
    unit = county.education
    over(item_sealed(opened(unit), kind, unit=unit))
    assert swept(county) == 1
    assert VERBS["item.destroyed"] in journal_rows(client_as(unit.clerk))
    assert (VERBS["item.destroyed"] in journal_rows(client_as(county.officer))) is of_office


def test_the_office_is_not_told_that_a_draft_was_destroyed(
    county: County, swept: Callable[[County], int], client_as: Any
) -> None:
    unit = county.education
    over(written(opened(unit), "administrative_penalty", by=unit.clerk))
    assert swept(county) == 1
    assert VERBS["item.destroyed"] in journal_rows(client_as(unit.clerk))
    assert VERBS["item.destroyed"] not in journal_rows(client_as(county.officer))


@pytest.mark.parametrize("kept", [None, timezone.localdate()])
def test_what_stays_with_the_archive_unseen_is_not_destroyed(penalty: Item, kept: dt.date | None) -> None:
    over(penalty, kept=kept)
    assert empty_what_is_over(jurisdiction_id=penalty.jurisdiction_id) == 0
    assert len(bodies_of(penalty)) == 1
    assert fresh_item(penalty).name == penalty.name


def test_what_somebody_objects_to_stays_until_that_is_settled(penalty: Item) -> None:
    over(penalty)
    with acting(penalty.jurisdiction_id, "job"):
        Item.of_all_time.filter(id=penalty.pk).update(disputed=True)
    assert empty_what_is_over(jurisdiction_id=penalty.jurisdiction_id) == 0
    with acting(penalty.jurisdiction_id, "job"):
        Item.of_all_time.filter(id=penalty.pk).update(disputed=False)
    assert empty_what_is_over(jurisdiction_id=penalty.jurisdiction_id) == 1


def test_a_withdrawal_that_the_platform_has_not_taken_goes_first(county: County, penalty: Item) -> None:
    state(penalty, 1, Delivery.ACCEPTED)
    again = corrected(penalty, by=county.education.clerk, content="更正。")
    told(again, by=county.education.clerk)
    confirmed(again, by=county.education.reviewer)
    over(penalty)
    for waits in (Delivery.PENDING, Delivery.SENT, Delivery.REJECTED):
        state(penalty, 2, waits)
        assert empty_what_is_over(jurisdiction_id=county.id) == 0, waits
    state(penalty, 2, Delivery.ACCEPTED)
    assert empty_what_is_over(jurisdiction_id=county.id) == 1
    assert bodies_of(penalty) == []


def state(item: Item, number: int, value: Delivery) -> None:
    with acting(item.jurisdiction_id, "job"):
        assert Outbox.objects.filter(item_id=item.pk, version__number=number).update(state=value) >= 1


def test_what_never_left_does_not_hold_it_up(penalty: Item) -> None:
    (line,) = rows_of(Outbox, penalty.jurisdiction_id, item=penalty)
    assert line.state == Delivery.PENDING
    over(penalty)
    assert empty_what_is_over(jurisdiction_id=penalty.jurisdiction_id) == 1


def test_many_are_destroyed_in_portions(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archives.services.emptying._AT_ONCE", 2)
    part = opened(county.education)
    for number in range(5):
        over(written(part, by=county.education.filler, document_no=f"安教〔2026〕{number} 号"))
    assert empty_what_is_over(jurisdiction_id=county.id) == 5


def test_rules_that_change_pass_over_what_is_empty(county: County, penalty: Item) -> None:
    over(penalty)
    assert empty_what_is_over(jurisdiction_id=county.id) == 1
    place = Jurisdiction.objects.get(id=county.id)
    with acting(county.id, "job"):
        assert recompute(place, apply=True) == {}
    assert fresh_item(penalty).shown_until == YESTERDAY


@pytest.mark.parametrize("who", ["agency", "job"])
def test_the_database_lets_nobody_destroy_what_may_be_kept(county: County, penalty: Item, who: Any) -> None:
    agency = county.education.agency.pk if who == "agency" else None
    if agency:
        over(penalty)  # and of what may not be kept nobody but a job
    with acting(county.id, who, agency=agency), connection.cursor() as cursor:
        cursor.execute("DELETE FROM archives_versionbody WHERE jurisdiction_id = %s", [county.id])
        assert cursor.rowcount == 0
    assert len(bodies_of(penalty)) == 1


# --- 待核身份 ---------------------------------------------------------------------------------------------------------


def test_what_waits_too_long_for_an_identity_is_given_up(county: County) -> None:
    unit = county.education
    waiting = put_apart(opened(unit), by=unit.filler)
    assert empty_what_is_over(jurisdiction_id=county.id) == 0
    with acting(county.id, "job"):
        WaitingFact.of_all_time.filter(id=waiting.pk).update(shown_until=YESTERDAY)
    assert empty_what_is_over(jurisdiction_id=county.id) == 1
    with acting(county.id, "job"):
        row = WaitingFact.of_all_time.get(id=waiting.pk)
    assert (row.status, row.name, row.document_no, row.values) == (WaitingStatus.DROPPED, "", "", {})
    assert (row.settled_by, row.reason) == ("到期清除", "期限已满，自动作废。")
    assert [event.verb for event in events(county.id, subject_id=str(waiting.pk))] == [
        "waiting.put_aside",
        "waiting.expired",
    ]
    assert empty_what_is_over(jurisdiction_id=county.id) == 0


@pytest.mark.req("LL-25", "ZD-25")
def test_a_rule_that_changes_holds_for_what_waits(county: County) -> None:
    unit = county.education
    waiting = put_apart(opened(unit), by=unit.filler)
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "validity": [{"months": 1}]}
    with acting(county.id, "job"):
        assert recompute(place, apply=False) == {"administrative_penalty": 1}
        assert WaitingFact.of_all_time.get(id=waiting.pk).shown_until == waiting.shown_until
        assert recompute(place, apply=True) == {"administrative_penalty": 1}
        assert WaitingFact.of_all_time.get(id=waiting.pk).shown_until == dt.date(2026, 3, 20)
        assert recompute(place, apply=True) == {}


# --- what was printed ------------------------------------------------------------------------------------------------


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


@pytest.fixture
def printed(county: County, silent: None) -> Job:
    """A print of one record in which a fact ends next year, and another that has no end."""
    unit = county.education
    part: RecordPart = opened(unit)
    item_sealed(part, "administrative_penalty", unit=unit)
    item_sealed(part, "award", unit=unit)
    with acting_as(unit.clerk) as who:
        job = queue_print(filters={"year": part.year}, actor=who)
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    return job_now(job)


def job_now(job: Job) -> Job:
    (row,) = rows_of(Job, job.jurisdiction_id, id=job.pk)
    assert isinstance(row, Job)
    return row


def test_a_print_is_handed_out_until_the_first_of_its_facts_ends(
    county: County, printed: Job, django_capture_on_commit_callbacks: Any
) -> None:
    who = actor(county.education.clerk)
    assert printed.parameters["until"] == "2029-02-20"
    assert may_fetch(printed, who)
    with acting(county.id, "job"):
        ended = {**printed.parameters, "until": YESTERDAY.isoformat()}
        Job.objects.filter(id=printed.pk).update(parameters=ended)
    assert not may_fetch(job_now(printed), who)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_jobs(jurisdiction_id=county.id) == 1
    assert job_now(printed).result == ""
    with pytest.raises(private_files.Missing):
        private_files.read_all(printed.result)


def test_a_print_page_says_that_its_time_is_over(county: County, printed: Job, client_as: Any) -> None:
    browser = client_as(county.education.clerk)
    assert "下载结果" in browser.get(f"/jobs/{printed.pk}/").content.decode()
    with acting(county.id, "job"):
        Job.objects.filter(id=printed.pk).update(parameters={"until": YESTERDAY.isoformat()})
    page = browser.get(f"/jobs/{printed.pk}/").content.decode()
    assert "期限届满" in page
    assert "下载结果" not in page
    assert browser.get(f"/jobs/{printed.pk}/result/").status_code == 404


def test_rules_that_shorten_take_prints_back(county: County, printed: Job) -> None:
    with acting(county.id, "job"):
        Item.of_all_time.update(shown_until=dt.date(2040, 1, 1))
    load_pack("anyang", apply=False)
    assert job_now(printed).result == printed.result
    load_pack("anyang", apply=True)
    assert job_now(printed).result == ""
    assert job_now(printed).state == JobState.DONE


# --- files -----------------------------------------------------------------------------------------------------------


def aged(name: str, *, days: int) -> str:
    path = private_files.path_of(name)
    then = (timezone.now() - dt.timedelta(days=days)).timestamp()
    os.utime(path, (then, then))
    return name


@pytest.fixture
def store(settings: Any, tmp_path: Any) -> Any:
    settings.PRIVATE_FILES = tmp_path
    return tmp_path


def test_whom_a_fact_was_about_before_goes_with_it(
    county: County, penalty: Item, swept: Callable[[County], int]
) -> None:
    """Name and number that the fact was left with when its archive got another identity."""
    with acting(county.id, "job"):
        Outbox.objects.update(state=Delivery.ACCEPTED)
        Item.of_all_time.filter(id=penalty.pk).update(left_with={"name": "王小明", "number": "…"})
    over(penalty)
    assert swept(county) == 1
    assert fresh_item(penalty).left_with is None


def test_files_without_a_row_go_after_a_day(county: County, store: Any) -> None:
    item = written(opened(county.education), by=county.education.filler)
    kept = aged(str(attached(item, by=county.education.filler).pk), days=9)
    young, old, made = str(uuid4()), str(uuid4()), f"{uuid4()}-1.pdf"
    for name in (young, old, made):
        private_files.store(name, [b"x"])
    aged(old, days=2)
    aged(made, days=2)
    broken = private_files.path_of(old).with_name(f"{old}.4711.part")
    broken.write_bytes(b"x")
    os.utime(broken, (1, 1))
    assert stray_files.sweep_stray_files() == 2
    assert private_files.read_all(kept)
    assert private_files.read_all(young) == b"x"
    for name in (old, made):
        with pytest.raises(private_files.Missing):
            private_files.read_all(name)
    assert not broken.exists()
    assert stray_files.sweep_stray_files() == 0


def test_a_file_that_outlived_its_removal_goes(county: County, store: Any) -> None:
    item = written(opened(county.education), by=county.education.filler)
    evidence = attached(item, by=county.education.filler)
    aged(str(evidence.pk), days=2)
    with acting(county.id, "job"):
        Evidence.objects.filter(id=evidence.pk).update(removed_at=timezone.now())
    assert stray_files.sweep_stray_files() == 1


def test_nothing_goes_when_rows_are_missing_rather_than_files_too_many(
    county: County, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stray_files, "MOST", 3)
    names = [str(uuid4()) for _ in range(4)]
    for name in names:
        private_files.store(name, [b"x"])
        aged(name, days=2)
    assert stray_files.sweep_stray_files() == 0
    assert all(private_files.read_all(name) for name in names)


def test_whoever_keeps_private_files_is_known_to_the_sweep() -> None:
    """A new keeper of files adds its column to `stray_files`, or its files would go after a day."""
    root = Path(stray_files.__file__).parents[2]
    rooms = ("accounts", "agencies", "archives", "delivery", "disclosure", "notices", "oversight", "repair")
    sources = [path for room in rooms for path in (root / room).rglob("*.py")]
    keepers = {path.stem for path in sources if "private_files.store(" in path.read_text("utf-8")}
    assert keepers == {
        "consents",
        "evidence",
        "jobs",
        "roster_imports",
        "stamped_rosters",
        "upload_jobs",
        "uploads",
    }


def test_beat_rings_by_night_for_every_county() -> None:
    assert app.conf.beat_schedule["empty"]["task"] == tasks.empty_all.name
