"""What one unit learns of another, and the office of a unit's drafts, where the work of one touches the other's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from archives.models import IdentityRequest, PersonPair, RecordPart
from archives.schema.members import MEMBERS
from archives.services.identity_requests import confirm_request, withdraw_request
from archives.services.jobs import run_job
from archives.services.openings import queue_opening
from archives.services.people import open_archive
from archives.services.records import send_back, start_correction, submit
from archives.services.roster import enrol
from archives.states import RequestKind, RequestStatus
from audit.lifecycle import Refused
from audit.models import Event
from credit_platform.celery import app
from oversight.journal import VERBS
from tests.archives.flow import (
    acting_as,
    consented,
    events,
    fresh,
    journal_rows,
    opened,
    rows_of,
    save,
    sealed,
    with_reason,
)
from tests.archives.identity_flow import PASSPORT, WHY, agreed, asked_for, put_right, raw_of, with_passport
from tests.archives.test_transfers import moved
from tests.archives.transfer_flow import sent
from tests.archives.upload_flow import applied, blank, person, uploaded
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()


def opened_with(unit: Unit, raw: dict[str, str], **more: Any) -> RecordPart:
    with acting_as(unit.clerk) as who:
        given: dict[str, Any] = {"employer": None, "year": TODAY.year} | more
        return open_archive(responsibility=unit.responsibility, raw=raw, actor=who, today=TODAY, **given)


def test_a_document_taken_off_does_not_tell_which_unit_knows_the_person(
    county: County, client_as: Any
) -> None:
    unit, other = county.education, county.health
    part = opened(unit, name="王小明")
    with_passport(part, unit=unit)
    opened_with(other, raw_of("王小明", PASSPORT, "414"))
    removal = asked_for(part, raw_of("王小明", PASSPORT, "414"), by=unit.clerk, kind="removal")
    agreed(removal, by=unit.reviewer, last=PASSPORT[-6:])
    (asked,) = rows_of(IdentityRequest, county.id, kind=RequestKind.ASKED)
    (told,) = events(county.id, verb="identity.asked")
    assert (asked.agency_id, told.agency_id) == (other.agency.pk, other.agency.pk)
    secret = (unit.agency.name, "李审核", "王经办", "信用工作机构")
    seen = f"{asked.proposed_by} {asked.evidence} {told.actor_name} {told.actor_unit} {told.data}"
    assert not [one for one in secret if one in seen]
    assert told.actor_id is None
    for address in ("/identities/", f"/identities/{asked.pk}/", "/journal/"):
        page = client_as(other.clerk).get(address).content.decode()
        assert unit.agency.name not in page, address


def test_the_office_does_not_read_why_a_correction_was_sent_back(county: County, client_as: Any) -> None:
    unit = county.education
    version = sealed(unit)
    with acting_as(unit.clerk) as who:
        part = start_correction(part=version.part, reason="职务有误", revision=None, actor=who)
    part = save(fresh(part), by=unit.clerk, title="高级教师").part
    with acting_as(unit.clerk) as who:
        part = submit(part=part, revision=None, actor=who, today=TODAY)
    with acting_as(unit.reviewer) as who:
        part = send_back(
            part=part, reason="内部意见甲", notes={"title": "内部意见乙"}, revision=None, actor=who
        )
    inside = client_as(unit.clerk).get(f"/records/{part.pk}/").content.decode()
    assert "内部意见甲" in inside
    assert "内部意见乙" in inside
    officer = with_reason(client_as(county.officer), part)
    page = officer.get(f"/records/{part.pk}/").content.decode()
    assert part.name in page
    assert "内部意见甲" not in page
    assert "内部意见乙" not in page


def test_a_document_with_another_name_does_not_lead_to_this_persons_archives(county: County) -> None:
    """Whether the two are one human is for the office to say."""
    unit, number = county.education, id_number()
    part = opened(unit, name="张三")
    request = asked_for(part, raw_of("李四", number), by=unit.clerk, kind="document")
    done = agreed(request, by=unit.reviewer, last=number[-6:])
    assert done.status == RequestStatus.DONE
    elsewhere = opened_with(county.health, raw_of("李四", number))
    assert elsewhere.person_id != part.person_id
    (pair,) = rows_of(PersonPair, county.id)
    assert {pair.first_id, pair.second_id} == {elsewhere.person_id, part.person_id}


ANSWER = {"reason": "内部答复甲"}


@pytest.mark.parametrize(
    ("kind", "by", "done", "verb"),
    [
        ("correction", "reviewer", {}, "identity.proposed"),
        ("correction", "reviewer", {"action": "confirm", "last": "000000"}, "identity.differs"),
        ("correction", "reviewer", {"action": "refuse", **ANSWER}, "identity.refused"),
        ("document", "reviewer", {"action": "refuse", **ANSWER}, "identity.refused"),
        ("document", "clerk", {"action": "withdraw", **ANSWER}, "identity.withdrawn"),
        ("document", "reviewer", {"action": "confirm", "last": PASSPORT[-6:]}, "identity.confirmed"),
    ],
)
def test_a_request_that_stayed_in_its_unit_is_not_told_to_the_office(
    county: County, client_as: Any, kind: str, by: str, done: dict[str, str], verb: str
) -> None:
    unit = county.education
    part = sealed(unit).part
    request = asked_for(part, raw_of(part.name, PASSPORT, "414"), by=unit.clerk, kind=kind)
    address = f"/identities/{request.pk}/"
    if done:
        client_as(getattr(unit, by)).post(address, done | {"revision": request.revision})
    reasons = [WHY["reason"], *([done["reason"]] if "reason" in done else [])]
    clerk, office = client_as(unit.clerk), with_reason(client_as(county.officer), part)
    inside, page = journal_rows(clerk), clerk.get(address).content.decode()
    assert VERBS[verb] in inside
    for reason in reasons:
        assert reason in inside
        assert reason in page
    assert office.get(address).status_code == 404
    rows = journal_rows(office)
    assert part.name in rows, "it tells of the record, which was confirmed"
    for hidden in (VERBS[verb], str(request)):
        assert hidden not in rows
    pages = [office.get(one).content.decode() for one in ("/", "/identities/", f"/records/{part.pk}/")]
    for reason in reasons:
        assert not [text for text in (rows, *pages) if reason in text]


@pytest.mark.parametrize("confirmed", [True, False])
def test_whose_record_was_never_confirmed_is_put_right_without_the_office(
    county: County, client_as: Any, confirmed: bool
) -> None:
    unit, number = county.education, id_number()
    part = opened(unit, name="王小明", number=number)
    if confirmed:
        part = sealed(unit, part=part).part
    done = put_right(part, "王晓明", id_number(), unit=unit)
    assert done.status == RequestStatus.DONE
    verb = VERBS["archive.identity_corrected"]
    assert verb in journal_rows(client_as(unit.clerk))
    rows = journal_rows(client_as(county.officer))
    assert (verb in rows) is confirmed
    assert (WHY["reason"] in rows) is confirmed


def test_a_request_that_was_brought_before_the_office_is_told_to_it(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    part = sealed(unit, part=opened(unit, number=number)).part
    request = put_right(part, "王晓明", number, unit=unit)
    assert request.status == RequestStatus.OFFICE
    office = client_as(county.officer)
    assert WHY["reason"] in office.get(f"/identities/{request.pk}/").content.decode()
    assert VERBS["identity.referred"] in journal_rows(office)


@pytest.mark.parametrize("way", ["workbook", "roster"])
def test_looking_for_a_number_under_another_name_in_the_background_leaves_a_trace(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    unit, number = county.education, id_number()
    opened(county.health, by=county.health.filler, name="医生", number=number)
    if way == "workbook":
        row = uploaded(unit, blank(unit, tmp_path, [person("医师", document_number=number)]))
        applied(row, unit)
    else:
        with acting_as(unit.clerk) as who:
            enrol(
                responsibility=unit.responsibility,
                employer=unit.employer,
                raw=raw_of("医师", number),
                joined_on=TODAY,
                actor=who,
                today=TODAY,
            )
            job = queue_opening(responsibility=unit.responsibility, year=TODAY.year, employer=None, actor=who)
        run_job(jurisdiction_id=county.id, job_id=job.pk)
    (look,) = events(county.id, verb="person.name_differs")
    assert (look.actor_name, look.success) == (unit.clerk.user.display_name, False)


def test_a_record_that_stayed_where_the_person_was_is_refused_in_words(county: County) -> None:
    unit = county.education
    number = id_number()
    version = sealed(unit, part=opened(unit, name="王小明", number=number))
    moved(unit, version.part)
    with acting_as(unit.second_filler) as who, pytest.raises(Refused) as refusal:
        open_archive(
            responsibility=unit.responsibility,
            employer=unit.second_employer,
            raw=raw_of("王小明", number),
            year=TODAY.year,
            actor=who,
            today=TODAY,
        )
    assert refusal.value.code == "exists"


def test_the_office_reads_of_transfers_nowhere(county: County) -> None:
    unit = county.education
    part = sealed(unit).part
    with acting_as(county.officer) as who:
        before = Event.objects.visible_to(who).count()
    sent(part, county.health, unit=unit)
    with acting_as(unit.clerk) as who:
        assert Event.objects.visible_to(who).filter(verb__startswith="transfer.").exists()
    with acting_as(county.officer) as who:
        shown = Event.objects.visible_to(who)
        assert not shown.filter(verb__startswith="transfer.").exists()
        assert shown.count() >= before


@pytest.mark.req("GZ-11")
def test_an_association_learns_nothing_of_who_has_not_consented(county: County) -> None:
    """Whether somebody is registered in the county under another name must not show in the answer."""
    unit, known, unknown = county.education, id_number(), id_number()
    opened(county.health, name="另有其人", number=known)
    unit.agency.association = True
    unit.agency.save()
    row = unit.responsibility
    row.occupation, row.label, row.encouraged, row.clause = MEMBERS, "行业协会、商会会员", True, "GZ-11"
    row.save()
    own = id_number()
    consented(row, by=unit.clerk, name="王小明", number=own)
    part = opened_with(unit, raw_of("王小明", own))
    answers = []
    for number in (known, unknown):
        request = asked_for(part, raw_of("陌生人", number), by=unit.clerk)
        with acting_as(unit.reviewer) as who, pytest.raises(Refused) as refusal:
            confirm_request(
                request=request, last=number[-6:], lasts={}, revision=None, actor=who, today=TODAY
            )
        answers.append((refusal.value.code, str(refusal.value)))
        with acting_as(unit.clerk) as who:
            withdraw_request(request=request, reason="有误", revision=None, actor=who)
    assert answers[0] == answers[1]
    assert answers[0][0] == "consent"
