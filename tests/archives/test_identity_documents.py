"""Several identity documents of one person: one primary, history kept, found by any of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from archives.models import Archive, Person, PersonDocument, PersonPair
from archives.schema.identifiers import citizen_check_digit, parse_identifier
from archives.services.hub import Identity
from archives.services.identities import Named, ends_of
from archives.services.identity_requests import propose_request
from archives.services.item_seals import seal_item
from archives.services.people import NotReadable, archive_index, open_archive
from archives.states import RequestKind, RequestStatus
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.tenancy.context import acting
from tests.archives import identity_flow
from tests.archives.flow import acting_as, events, fresh, opened, rows_of
from tests.archives.identity_flow import (
    PASSPORT,
    agreed,
    archive_of,
    asked_for,
    documents,
    numbers,
    raw_of,
    with_passport,
)
from tests.archives.item_flow import confirmed, item_in_review, told, written
from tests.factories import County, Unit, id_number


def opened_by(unit: Unit, raw: dict[str, str]) -> Archive:
    """Who fills in opens an archive with this document."""
    with acting_as(unit.filler) as who:
        return open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw=raw,
            year=timezone.localdate().year,
            actor=who,
            today=timezone.localdate(),
        ).record.archive


def test_a_person_is_found_by_any_of_their_documents(county: County) -> None:
    part = opened(county.education)
    with_passport(part, unit=county.education)
    archive = opened_by(county.health, raw_of(part.name, PASSPORT, "414"))
    assert archive.person_id == part.person_id
    assert len(rows_of(Person, county.id)) == 1
    kept = documents(county.id)
    assert [(one.document_type, one.primary) for one in kept] == [("111", True), ("414", False)]
    assert (kept[1].added_by, kept[1].evidence) == ("李审核", "身份证原件")


def test_within_a_unit_the_other_document_leads_to_the_archive_that_is_there(county: County) -> None:
    unit = county.education
    part = opened(unit)
    with_passport(part, unit=unit)
    with pytest.raises(Refused, match="年度记录已经建立"):
        opened_by(unit, raw_of(part.name, PASSPORT, "414"))
    assert len(rows_of(Archive, county.id)) == 1


def test_one_document_is_primary_and_the_change_is_kept(county: County) -> None:
    part = opened(county.education)
    with_passport(part, unit=county.education, primary=True)
    assert [one.primary for one in documents(county.id)] == [False, True]
    with pytest.raises(IntegrityError), acting(county.id, "job"), transaction.atomic():
        PersonDocument.objects.filter(person_id=part.person_id).update(primary=True)


def test_a_document_that_is_replaced_goes_on_naming_its_person(county: County) -> None:
    unit, number = county.education, id_number()
    part = opened(unit, number=number)
    with acting_as(unit.clerk) as who:
        request = propose_request(
            archive=archive_of(part),
            kind=RequestKind.DOCUMENT,
            raw=raw_of(part.name, PASSPORT, "414"),
            replaces=True,
            actor=who,
            today=timezone.localdate(),
            **identity_flow.WHY,
        )
    agreed(request, by=unit.reviewer, last=PASSPORT[-6:])
    old, new = documents(county.id)
    assert (old.ended_on, old.mistaken, old.primary) == (timezone.localdate(), False, False)
    assert (new.ended_on, new.primary) == (None, True)
    assert opened(county.health, name=part.name, number=number).person_id == part.person_id


def test_a_second_person_reads_the_number_from_the_evidence(county: County) -> None:
    unit = county.education
    part = opened(unit)
    request = asked_for(part, raw_of(part.name, PASSPORT, "414"), by=unit.clerk, kind="document")
    assert len(documents(county.id)) == 1
    for last, code in (("", "last"), ("000000", "identity")):
        with pytest.raises(Refused) as refusal:
            agreed(request, by=unit.reviewer, last=last)
        assert refusal.value.code == code
    with pytest.raises(Refused, match="没有“审核确认”的权限"):
        agreed(request, by=unit.clerk, last=PASSPORT[-6:])
    assert len(documents(county.id)) == 1
    agreed(request, by=unit.reviewer, last="345678")
    with pytest.raises(AlreadyDone):
        agreed(request, by=unit.reviewer, last="345678")
    proposed, confirmed_ = (
        events(county.id, verb="identity.proposed"),
        events(county.id, verb="identity.confirmed"),
    )
    assert [one.actor_name for one in (*proposed, *confirmed_)] == ["王经办", "李审核"]
    assert proposed[0].data["evidence"] == "身份证原件"
    assert PASSPORT not in str([(one.data, one.reason) for one in events(county.id)])


@pytest.mark.parametrize("missing", ["reason", "evidence"])
def test_nothing_is_asked_for_without_reason_and_evidence(
    county: County, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = opened(county.education)
    monkeypatch.setitem(identity_flow.WHY, missing, "  ")
    with pytest.raises(Refused, match="请写明原因和依据的材料"):
        asked_for(part, raw_of(part.name, PASSPORT, "414"), by=county.education.clerk, kind="document")


def test_only_the_clerk_of_the_group_asks(county: County) -> None:
    part = opened(county.education)
    for member in (county.education.reviewer, county.health.clerk):
        with pytest.raises(Refused):
            asked_for(part, raw_of(part.name, PASSPORT, "414"), by=member, kind="document")
    with pytest.raises(NotReadable):
        asked_for(part, raw_of(part.name, "12", "414"), by=county.education.clerk, kind="document")
    asked_for(part, raw_of(part.name, PASSPORT, "414"), by=county.education.clerk, kind="document")
    with pytest.raises(Refused, match="已有一件身份事项正在办理"):
        asked_for(part, raw_of(part.name, "E87654321", "414"), by=county.education.clerk, kind="document")


def test_a_unit_is_not_told_that_the_document_is_known_elsewhere(county: County, client_as: Any) -> None:
    """Who has it under the same name is a question for the office; the answer is the same as for a new document."""
    opened_by(county.health, raw_of("王小明", PASSPORT, "414"))
    part = opened(county.education, name="王小明")
    unit, answers = county.education, []
    for number in (PASSPORT, "E87654321"):
        request = asked_for(part, raw_of(part.name, number, "414"), by=unit.clerk, kind="document")
        body = {"action": "confirm", "last": number[-6:], "revision": request.revision}
        answer = client_as(unit.reviewer).post(f"/identities/{request.pk}/", body, follow=True)
        answers.append(
            (
                answer.status_code,
                "已登记，经核对后生效。" in answer.content.decode(),
                "护照" in answer.content.decode(),
            )
        )
    assert answers == [(200, True, True)] * 2
    (pair,) = rows_of(PersonPair, county.id)
    assert pair.reported
    assert part.person_id in (pair.first_id, pair.second_id)
    assert len(rows_of(Person, county.id)) == 2
    for member in (unit.clerk, unit.reviewer, county.health.clerk):
        assert client_as(member).get("/identities/pairs/").status_code == 403


def test_a_number_of_another_name_goes_to_the_office(county: County) -> None:
    opened_by(county.health, raw_of("李小红", PASSPORT, "414"))
    part = opened(county.education)
    raw = raw_of(part.name, PASSPORT, "414")
    request = asked_for(part, raw, by=county.education.clerk, kind="document")
    assert agreed(request, by=county.education.reviewer, last=PASSPORT[-6:]).status == RequestStatus.OFFICE
    assert numbers(county.id, person_id=part.person_id).isdisjoint({PASSPORT})


# --- a fact that names the person by another of their documents ------------------------------------------------------


def test_a_fact_attaches_by_the_other_document_and_by_no_stranger_s(county: County) -> None:
    unit = county.education
    part = opened(unit)
    with pytest.raises(Refused, match="与本档案不一致"):
        written(part, "administrative_penalty", by=unit.filler, named=Named(part.name, id_number()))
    named = Named(part.name, PASSPORT)
    with pytest.raises(NotReadable):
        written(part, "administrative_penalty", by=unit.filler, named=named)
    with_passport(part, unit=unit)
    item = written(part, "administrative_penalty", by=unit.filler, named=named)
    assert item.identified_by == unit.filler.user.display_name


def test_the_second_person_may_read_the_end_of_either_number(county: County) -> None:
    unit = county.education
    part = opened(unit)
    with_passport(part, unit=unit)
    item = item_in_review(part, "administrative_penalty", unit=unit)
    told(item, by=unit.clerk)
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="不一致"):
        seal_item(item=item, revision=None, actor=who, today=timezone.localdate(), last="999999")
    with acting_as(unit.reviewer) as who:
        seal_item(item=item, revision=None, actor=who, today=timezone.localdate(), last=PASSPORT[-6:])
    other = item_in_review(part, "administrative_penalty", unit=unit, document_no="安市监罚〔2026〕8 号")
    told(other, by=unit.clerk)
    confirmed(other, by=unit.reviewer)
    assert fresh(part).person_id == part.person_id


# --- 15 digits -----------------------------------------------------------------------------------------------------


@given(st.dates(dt.date(1900, 1, 1), dt.date(1999, 12, 31)), st.integers(0, 999))
def test_fifteen_and_eighteen_digits_are_one_number(born: Any, order: int) -> None:
    first_17 = f"410522{born:%Y%m%d}{order:03}"
    whole = first_17 + citizen_check_digit(first_17)
    old = whole[:6] + whole[8:17]
    read = [parse_identifier("111", one) for one in (whole, old, f" {old} ")]
    assert {one.number for one in read} == {whole}
    assert len({Identity("王小明", "111", one.number).number_index for one in read}) == 1
    assert len({Identity("王小明", "111", one.number).number_name_index for one in read}) == 1
    assert len({archive_index(one.number) for one in read}) == 1
    assert ends_of(whole) == {whole[-6:], old[-6:]}


def test_who_is_known_by_eighteen_digits_is_found_by_fifteen(county: County) -> None:
    number = id_number()
    part = opened(county.education, number=number)
    other = opened(county.health, number=number[:6] + number[8:17])
    assert other.person_id == part.person_id
    assert len(documents(county.id)) == 1
