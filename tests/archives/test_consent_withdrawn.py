"""What a member's withdrawal reaches, wherever it lies and in whatever state, and what is left of it."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone

from agencies.models import Membership
from archives.models import (
    Evidence,
    IdentityRequest,
    Item,
    Job,
    MemberConsent,
    Outbox,
    RecordPart,
    Version,
    VersionBody,
    WaitingFact,
)
from archives.schema.members import SELF_DISCIPLINE
from archives.services import item_seals, stray_files
from archives.services.consent_rules import may_deliver
from archives.services.consents import withdraw_consent
from archives.services.emptying import empty_what_is_over
from archives.services.filings import submit_filing
from archives.services.identity_requests import claim_number
from archives.services.item_seals import start_item_correction
from archives.services.items import submit_item
from archives.services.jobs import run_job
from archives.services.outbox import take_due
from archives.services.records import start_correction
from archives.services.stamped_rosters import lines_of, print_roster
from archives.services.transfers import transfer_person
from archives.services.uploads import accept_upload, sweep_uploads
from archives.services.workbooks import queue_workbook
from archives.states import Delivery, JobState, RosterStatus, Status, UploadState, WaitingStatus
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.celery import app
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    at_once,
    attached,
    confirm,
    consented,
    events,
    fresh,
    in_review,
    opened,
    rows_of,
    sealed,
)
from tests.archives.item_flow import VALUES, fresh_item, item_in_review, item_sealed, kept, put_apart, written
from tests.archives.member_flow import NAME, TODAY, number, opening, part, unit
from tests.archives.upload_flow import accepted, again, applied, blank, emptied, uploaded, worked
from tests.factories import County, Unit

__all__ = ["number", "part", "unit"]

YESTERDAY = TODAY - dt.timedelta(days=1)
DISCIPLINE = {
    "occurred_on": "2026-03-01",
    "document_no": "餐协〔2026〕3 号",
    "issued_by": "餐饮行业协会",
    "document_date": "2026-03-05",
    "measure": "warning",
    "rule": "自律公约第五条",
    "content": "已警示。",
}


@pytest.fixture(autouse=True)
def _self_discipline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sanctions of an association may be written like the other facts."""
    monkeypatch.setitem(VALUES, SELF_DISCIPLINE, DISCIPLINE)


def withdrawn(county: County, by: Membership) -> MemberConsent:
    (consent,) = rows_of(MemberConsent, county.id, withdrawn_on=None)
    with acting_as(by) as who:
        return withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)


def told_platform(county: County, state: Delivery = Delivery.ACCEPTED) -> None:
    with acting(county.id, "job"):
        Outbox.objects.update(state=state)


def told_of(county: County) -> list[str]:
    """What the journal says, but for the members of staff that a test engages as it goes."""
    return [event.verb for event in events(county.id) if not event.verb.startswith("membership.")]


# --- the paper ------------------------------------------------------------------------------------------------------


def test_the_scan_of_a_consent_is_swept_away_by_nobody(
    county: County, unit: Unit, number: str, settings: Any, tmp_path: Any
) -> None:
    settings.PRIVATE_FILES = tmp_path
    consent = consented(unit.responsibility, by=unit.clerk, name=NAME, number=number)
    os.utime(private_files.path_of(consent.scan), (1, 1))
    assert stray_files.sweep_stray_files() == 0
    assert private_files.read_all(consent.scan)


def test_every_column_that_names_a_private_file_is_known_to_the_sweep() -> None:
    # The office's answer to a request is text.
    named = {"answer", "file", "remainder", "result", "scan"}
    columns = {
        (model, field.name)
        for model in apps.get_app_config("archives").get_models()
        if model is not IdentityRequest
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField) and field.name in named
    }
    assert columns == set(stray_files._COLUMNS)


@pytest.mark.req("GZ-11", "GZ-12")
def test_who_has_not_agreed_is_looked_for_nowhere(county: County, unit: Unit, number: str) -> None:
    """Neither an opening nor a claim tells an association whose number somebody else has registered."""
    opened(county.health, name="李小红", number=number)
    before = told_of(county)
    with pytest.raises(Refused) as refusal:
        opening(unit, number, by=unit.filler)
    assert refusal.value.code == "consent"
    for name in ("李小红", NAME):
        with acting_as(unit.clerk) as who, pytest.raises(Refused) as refusal:
            claim_number(
                responsibility=unit.responsibility,
                raw={"name": name, "document_number": number},
                reason="姓名不同",
                evidence="身份证",
                actor=who,
                today=TODAY,
            )
        assert refusal.value.code == "consent"
    assert told_of(county) == before


# --- whoever notes it, whatever state ---------------------------------------------------------------------------------


@pytest.mark.req("GZ-11", "ZD-17")
def test_a_filler_notes_the_withdrawal_of_what_was_confirmed(
    county: County, unit: Unit, part: RecordPart
) -> None:
    item = item_sealed(part, unit=unit)
    sealed(unit, part=fresh(part))
    told_platform(county)
    withdrawn(county, unit.filler)
    assert fresh_item(item).revoked
    assert fresh_item(item).recalled_at is not None
    assert fresh(part).recalled_at is not None
    with acting(county.id, "job"):
        ((row, _),) = take_due(target="county", now=timezone.now(), limit=10)
    assert row.item_id == item.pk
    (event,) = events(county.id, verb="item.recalled")
    assert event.actor_name == unit.filler.user.display_name


@pytest.mark.req("GZ-11", "ZD-17")
def test_the_consent_goes_along_to_another_employer(county: County, unit: Unit, part: RecordPart) -> None:
    """What was confirmed under the old employer stays there, and is recalled all the same."""
    item = item_sealed(part, unit=unit)
    with acting_as(unit.clerk) as who:
        transfer_person(
            archive=part.record.archive,
            employer=unit.second_employer,
            reason="换店",
            actor=who,
            today=TODAY,
        )
    assert fresh_item(item).employer_id == unit.employer.pk
    written(fresh(part), "training", by=unit.second_filler)
    with pytest.raises(Refused, match="没有找到"):
        withdrawn(county, unit.filler)
    withdrawn(county, unit.second_filler)
    assert {one.recalled_at is None for one in rows_of(Item, county.id)} <= {False}
    assert fresh_item(item).revoked
    assert fresh(part).recalled_at is not None


@pytest.mark.req("GZ-11", "ZD-17")
@pytest.mark.parametrize(
    "state", ["begun", "handed on", "over", "over but mendable", "in review", "revoking"]
)
def test_no_state_of_a_fact_holds_a_withdrawal_up(
    county: County, unit: Unit, part: RecordPart, state: str
) -> None:
    if state == "in review":
        item = item_in_review(part, SELF_DISCIPLINE, unit=unit)
    else:
        item = item_sealed(part, SELF_DISCIPLINE, unit=unit)
    if state in ("begun", "handed on"):
        with acting_as(unit.clerk) as who:
            item = start_item_correction(item=item, reason="规约条款有误", revision=None, actor=who)
        item = kept(item, by=unit.clerk, rule="自律公约第六条")
        assert item.notified_on is None
    if state == "handed on":
        with acting_as(unit.clerk) as who:
            submit_item(item=item, revision=None, actor=who, today=TODAY)
    if state.startswith("over"):
        mendable = TODAY if "mendable" in state else None
        with acting(county.id, "job"):
            Item.of_all_time.update(shown_until=YESTERDAY, mendable_until=mendable)
    withdrawn(county, unit.clerk)
    row = fresh_item(item)
    assert row.recalled_at is not None
    if state == "in review":
        assert (row.values, row.current_version) == ({}, 0)
        assert rows_of(Evidence, county.id, removed_at=None) == []
    else:
        assert (row.status, row.revoked, row.current_version) == (Status.SEALED, True, 2)
        assert row.values["rule"] == "自律公约第五条"


def test_nor_does_a_version_that_can_not_be_read(
    county: County, unit: Unit, part: RecordPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = item_sealed(part, SELF_DISCIPLINE, unit=unit)
    with acting_as(unit.clerk) as who:
        item = start_item_correction(item=item, reason="规约条款有误", revision=None, actor=who)
    kept(item, by=unit.clerk, rule="自律公约第六条")

    def fail(*_: Any) -> Any:
        raise Undecipherable("no")

    monkeypatch.setattr(item_seals, "item_version_content", fail)
    withdrawn(county, unit.clerk)
    row = fresh_item(item)
    assert (row.status, row.revoked, row.recalled_at is None) == (Status.SEALED, True, False)


# --- afterwards -------------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-11", "ZD-17")
def test_nothing_is_written_with_a_page_that_was_open_before(
    county: County, unit: Unit, part: RecordPart
) -> None:
    item = item_in_review(part, unit=unit)
    with acting(county.id, "job"):
        assert may_deliver(item)
    stale = fresh(part)
    withdrawn(county, unit.clerk)
    with pytest.raises(Refused) as refusal:
        written(stale, "training", by=unit.filler)
    assert refusal.value.code == "consent"
    with acting_as(unit.clerk) as who, pytest.raises(Refused) as refusal:
        submit_item(item=item, revision=None, actor=who, today=TODAY)
    assert refusal.value.code == "consent"
    with acting(county.id, "job"):
        assert not may_deliver(item)


@pytest.mark.req("GZ-11", "ZD-17")
def test_what_rested_on_it_is_destroyed_once_the_platform_has_withdrawn_it(
    county: County, unit: Unit, part: RecordPart
) -> None:
    item = item_sealed(part, unit=unit)
    paper = attached(fresh(part), by=unit.filler)
    sealed(unit, part=fresh(part))
    told_platform(county)
    withdrawn(county, unit.clerk)
    assert rows_of(VersionBody, county.id, version__part=part) == []
    assert rows_of(Evidence, county.id, id=paper.pk)[0].removed_at is not None
    assert len(rows_of(Version, county.id, part=part)) == 1
    assert empty_what_is_over(jurisdiction_id=county.id) == 0
    told_platform(county)
    assert empty_what_is_over(jurisdiction_id=county.id) == 1
    assert rows_of(VersionBody, county.id) == []
    assert fresh_item(item).values == {}


@pytest.mark.req("GZ-11")
def test_who_consents_again_begins_anew(county: County, unit: Unit, part: RecordPart, number: str) -> None:
    item_sealed(part, unit=unit)
    sealed(unit, part=fresh(part))
    withdrawn(county, unit.clerk)
    consented(unit.responsibility, by=unit.filler, name=NAME, number=number)
    again = opening(unit, number, by=unit.filler)
    assert again.pk != part.pk
    assert again.record_id == part.record_id
    with acting_as(unit.clerk) as who:
        assert [one.pk for one in RecordPart.objects.visible_to(who)] == [again.pk]
        assert not Item.objects.visible_to(who).exists()
    item_sealed(again, unit=unit)
    version = sealed(unit, part=fresh(again))
    assert version.number == 1
    with acting_as(unit.clerk) as who:
        start_correction(part=fresh(again), reason="职务有误", revision=None, actor=who)
    withdrawn(county, unit.clerk)
    assert rows_of(RecordPart, county.id, recalled_at=None) == []


@pytest.mark.req("GZ-11", "ZD-17")
def test_nobody_prints_lists_or_files_who_has_withdrawn(
    county: County, unit: Unit, part: RecordPart, django_capture_on_commit_callbacks: Any
) -> None:
    sealed(unit, part=part)
    with acting_as(unit.clerk) as who:
        year = TODAY.year
        roster = print_roster(responsibility=unit.responsibility, year=year, employer=None, actor=who)
        assert [line.name for line in lines_of(roster)] == [NAME]
        job = queue_workbook(
            responsibility=unit.responsibility, year=year, employer=None, split=False, actor=who
        )
        assert "已有 1 人" in job.title
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    (made,) = rows_of(Job, county.id)
    assert private_files.read_all(made.result)
    with django_capture_on_commit_callbacks(execute=True):
        withdrawn(county, unit.clerk)
    assert rows_of(Job, county.id)[0].result == ""
    with pytest.raises(private_files.Missing):
        private_files.read_all(made.result)
    with acting_as(unit.clerk) as who:
        assert lines_of(roster) == []
        roster.refresh_from_db()
        assert (roster.status, roster.scan) == (RosterStatus.VOID, "")
        with pytest.raises(Refused) as refusal:
            print_roster(responsibility=unit.responsibility, year=year, employer=None, actor=who)
        assert refusal.value.code == "nothing_sealed"
        again = queue_workbook(
            responsibility=unit.responsibility, year=year, employer=None, split=False, actor=who
        )
        assert "已有 0 人" in again.title
        with pytest.raises(Refused) as refusal:
            submit_filing(responsibility=unit.responsibility, year=year, actor=who)
        assert refusal.value.code == "members"


def test_what_is_being_made_meanwhile_is_made_anew(county: County, unit: Unit, part: RecordPart) -> None:
    """A worker that has read the member already finds that the job is no longer its own."""
    with acting_as(unit.clerk) as who:
        given: dict[str, Any] = {"responsibility": unit.responsibility, "year": TODAY.year, "employer": None}
        job = queue_workbook(**given, split=False, actor=who)
    with acting(county.id, "job"):
        Job.objects.update(state=JobState.RUNNING, attempts=1)
    withdrawn(county, unit.clerk)
    (again,) = rows_of(Job, county.id)
    assert (again.pk, again.state, again.result) == (job.pk, JobState.QUEUED, "")


@pytest.mark.req("GZ-11", "ZD-17")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["written", "sealed"])
def test_nothing_slips_through_beside_a_withdrawal(
    county: County, unit: Unit, part: RecordPart, what: str
) -> None:
    """Who writes while a withdrawal is under way waits for it, and is refused."""
    part = in_review(unit, part=part)
    filler, clerk, reviewer = unit.filler, unit.clerk, unit.reviewer
    (consent,) = rows_of(MemberConsent, county.id)
    noted = threading.Event()
    steps: dict[str, Callable[[], Any]] = {
        "written": lambda: written(part, "training", by=filler),
        "sealed": lambda: confirm(part, by=reviewer),
    }

    def take_back() -> None:
        with acting_as(clerk) as who:
            withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)
            noted.set()
            time.sleep(0.5)

    def come_second() -> Any:
        assert noted.wait(10)
        return steps[what]()

    took_back, second = at_once(take_back, come_second)
    assert took_back is None
    assert isinstance(second, Refused)
    assert second.code == "consent"
    assert rows_of(Item, county.id) == []
    assert rows_of(VersionBody, county.id) == []


# --- what only names the member -------------------------------------------------------------------------------------


@pytest.mark.req("GZ-11", "ZD-17")
def test_a_fact_without_number_is_kept_of_nobody_who_has_not_agreed(
    county: County, unit: Unit, part: RecordPart
) -> None:
    named_so = opened(unit, name=NAME)
    put_apart(part, SELF_DISCIPLINE, by=unit.clerk)
    withdrawn_of(part, unit)
    (waits,) = rows_of(WaitingFact, county.id)
    assert waits.status == WaitingStatus.WAITING, "another member of this name consents"
    withdrawn_of(named_so, unit)
    (gone,) = rows_of(WaitingFact, county.id)
    assert (gone.status, gone.name, gone.values) == (WaitingStatus.DROPPED, "", {})
    with pytest.raises(Refused, match="同意建档"):
        put_apart(part, SELF_DISCIPLINE, by=unit.clerk)
    assert len(rows_of(WaitingFact, county.id)) == 1


def withdrawn_of(part: RecordPart, unit: Unit) -> None:
    (consent,) = rows_of(MemberConsent, unit.agency.jurisdiction_id, archives=part.record.archive_id)
    with acting_as(unit.clerk) as who:
        withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)


@pytest.mark.req("GZ-11", "ZD-17")
@pytest.mark.parametrize("step", ["judged", "accepted", "written"])
def test_uploaded_workbooks_with_the_member_in_them_go(
    county: County,
    unit: Unit,
    number: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    step: str,
) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    consented(unit.responsibility, by=unit.clerk, name=NAME, number=number)
    row = {"name": NAME, "document_number": number, "sex": "女", "employer": unit.employer.name}
    upload = uploaded(unit, blank(unit, tmp_path, [row]))
    if step == "accepted":
        upload = accepted(upload, unit)
    elif step == "written":
        upload = applied(upload, unit)
    assert not emptied(upload)
    assert sweep_uploads(jurisdiction_id=county.id) == 0
    withdrawn(county, unit.clerk)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_uploads(jurisdiction_id=county.id) == 1
        assert sweep_uploads(jurisdiction_id=county.id) == 0
    after = again(upload)
    assert emptied(after)
    ends = {"judged": UploadState.CANCELLED, "accepted": UploadState.STOPPED, "written": UploadState.DONE}
    assert after.state == ends[step]
    for name in filter(None, (upload.file, upload.answer, upload.remainder)):
        assert not private_files.path_of(name).exists()
    if step == "accepted":
        assert "一行也没有写入（共 1 行），档案没有变化。请删去该会员后重新上传。" in after.message
        assert worked(upload).state == UploadState.STOPPED
        assert rows_of(RecordPart, county.id) == []
    if step != "written":
        assert "撤回" in after.message
        with acting_as(unit.clerk) as who, pytest.raises((Refused, AlreadyDone)):
            accept_upload(row=after, revision=after.revision, actor=who)
