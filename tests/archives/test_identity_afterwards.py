"""What the hub, the units and the database say after an identity was put right, and documents that are not theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from archives.models import (
    IdentityRequest,
    Outbox,
    Person,
    PersonPair,
    RecordPart,
)
from archives.services.hub import Identity, new_document
from archives.services.identities import Named
from archives.services.identity_findings import agree, find, reopen
from archives.services.identity_requests import (
    MOST_FREE,
    close_ask,
    propose_request,
    refuse_request,
    withdraw_request,
)
from archives.services.item_seals import seal_item
from archives.services.people import NotReadable, identity_of, sealed_for_archive
from archives.services.person_pairs import propose_merge
from archives.states import PairStatus, RequestKind, RequestStatus
from audit.lifecycle import Refused
from credit_platform.identity import uuid7
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    confirm,
    events,
    fresh,
    in_review,
    opened,
    rows_of,
)
from tests.archives.identity_flow import (
    PASSPORT,
    WHY,
    agreed,
    archive_of,
    asked_for,
    claimed_by,
    documents,
    fact,
    found,
    numbers,
    pairs_of,
    penalty_in_review,
    put_right,
    raw_of,
    second_officer,
    with_passport,
)
from tests.archives.item_flow import revoked, written
from tests.archives.test_person_pairs import opened_with, twice
from tests.archives.upload_flow import applied, blank, person, uploaded
from tests.factories import County, id_number

TODAY = timezone.localdate()


# --- what the hub says afterwards -----------------------------------------------------------------------------------


def test_the_mistyped_number_is_let_go_though_the_right_one_was_added_before(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk, kind="document")
    agreed(request, by=unit.reviewer, last=right[-6:])
    assert numbers(county.id) == {wrong, right}
    put_right(part, "王小明", right, unit=unit)
    assert numbers(county.id) == {right}
    (left,) = documents(county.id, mistaken=False)
    assert left.primary
    assert opened(county.health, name="王小明", number=wrong).person_id != archive_of(part).person_id


def test_the_number_stays_that_another_archive_of_the_person_rests_on(county: County) -> None:
    unit, one, other = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=one)
    opened(county.health, name="王小明", number=one)
    request = asked_for(part, raw_of("王小明", other), by=unit.clerk, kind="document")
    agreed(request, by=unit.reviewer, last=other[-6:])
    put_right(part, "王小明", other, unit=unit)
    assert numbers(county.id) == {one, other}


@pytest.mark.parametrize("known", [False, True])
def test_what_becomes_of_a_name_does_not_tell_whether_others_know_the_person(
    county: County, client_as: Any, known: bool
) -> None:
    unit, number = county.education, id_number()
    part = opened(unit, name="王小朋", number=number)
    if known:
        opened(county.health, name="王小朋", number=number)
    request = asked_for(part, raw_of("王小明", number), by=unit.clerk)
    body = {"action": "confirm", "last": number[-6:], "revision": request.revision}
    said = client_as(unit.reviewer).post(f"/identities/{request.pk}/", body, follow=True).content.decode()
    assert "须由信用工作机构核实，已转交" in said
    assert archive_of(part).name == "王小朋"


def test_the_second_officer_agrees_to_nothing_that_the_first_did_not_see(county: County) -> None:
    unit, number = county.education, id_number()
    wrong = opened(county.health, name="王小朋", number=number)
    request = claimed_by(unit, "王小明", number)
    with acting_as(county.officer) as who:
        row = find(request=request, finding="claim", reason="已核实", revision=None, actor=who)
    put_right(wrong, "王小朋", id_number(), unit=county.health)
    opened(county.health, name="李大强", number=number)
    before = documents(county.id)
    second = second_officer(county)
    with acting_as(second) as who, pytest.raises(Refused, match="登记又有变动"):
        agree(request=row, revision=None, actor=who)
    assert documents(county.id) == before
    with acting_as(second) as who:
        assert reopen(request=row, reason="登记有变", revision=None, actor=who).found_document is None


@pytest.mark.parametrize("how", ["refuse", "withdraw"])
def test_a_correction_that_the_office_upheld_and_the_unit_drops_stays_asked_for(
    county: County, how: str
) -> None:
    unit, number = county.education, id_number()
    opened(county.health, name="王小朋", number=number)
    part = opened(unit, name="王小朋", number=number)
    row = found(put_right(part, "王小明", number, unit=unit), "claim", county=county)
    if how == "refuse":
        with acting_as(unit.reviewer) as who:
            refuse_request(request=row, reason="不办", revision=None, actor=who)
    else:
        with acting_as(unit.clerk) as who:
            withdraw_request(request=row, reason="不办", revision=None, actor=who)
    asked = rows_of(IdentityRequest, county.id, kind="asked", agency_id=unit.agency.pk)
    assert [(one.archive_id, one.status) for one in asked] == [(archive_of(part).pk, RequestStatus.ASKED)]
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="登记为另一人"):
        close_ask(request=asked[0], reason="已核对", revision=None, actor=who)


# --- what was prepared under the wrong identity -----------------------------------------------------------------------


def test_a_draft_with_another_identity_than_the_archive_is_not_sealed(county: County) -> None:
    unit = county.education
    part = in_review(unit)
    with acting(county.id, "job"):
        archive = archive_of(part)
        archive.number = sealed_for_archive(id_number())
        archive.save(update_fields=["number"])
    with pytest.raises(Refused, match="与档案不一致"):
        confirm(part, by=unit.reviewer)
    assert rows_of(Outbox, county.id) == []


def test_a_workbook_that_was_judged_before_a_correction_writes_nothing_of_the_old_identity(
    county: County, tmp_path: Path
) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong, year=TODAY.year - 1)
    row = uploaded(unit, blank(unit, tmp_path, [person("王小明", document_number=wrong)]))
    put_right(part, "王小明", right, unit=unit)
    done = applied(row, unit)
    assert done.counts["done"].get("new", 0) == 0
    assert [one.pk for one in rows_of(RecordPart, county.id)] == [part.pk]
    assert numbers(county.id) == {right}


def test_two_valid_resident_numbers_are_two_people(county: County) -> None:
    first = opened(county.education, name="王小明")
    second = opened(county.health, name="王小明")
    one, other = sorted((first.person_id, second.person_id))
    with acting(county.id, "job"):
        pair = PersonPair.objects.create(first_id=one, second_id=other)
    with acting_as(county.officer) as who, pytest.raises(Refused, match="不同的居民身份证号码"):
        propose_merge(pair=pair, reason="同一人", evidence="户口簿", revision=None, actor=who)


# --- what nobody is told, and what the database holds -----------------------------------------------------------------


def test_who_asks_for_numbers_that_nobody_has_is_noted_and_stopped(county: County, client_as: Any) -> None:
    unit = county.education
    clerk = client_as(unit.clerk)
    body = {"reason": "建档被拒", "evidence": "身份证原件", "responsibility": str(unit.responsibility.pk)}
    for _ in range(MOST_FREE):
        page = clerk.post("/identities/claim/", raw_of("王小明", id_number()) | body).content.decode()
        assert "可以直接建档" in page
    noted = events(county.id, verb="identity.claim_free")
    assert [one.success for one in noted] == [False] * MOST_FREE
    page = clerk.post("/identities/claim/", raw_of("王小明", id_number()) | body).content.decode()
    assert "可以直接建档" not in page
    assert "请明天再办理" in page


def test_the_old_document_ends_whoever_has_the_new_one(county: County) -> None:
    unit, number = county.education, id_number()
    part = opened(unit, name="王小明", number=number)
    opened_with(county.health, raw_of("王小明", PASSPORT, "414"))
    with acting_as(unit.clerk) as who:
        request = propose_request(
            archive=archive_of(part),
            kind=RequestKind.DOCUMENT,
            raw=raw_of("王小明", PASSPORT, "414"),
            replaces=True,
            actor=who,
            today=TODAY,
            **WHY,
        )
    agreed(request, by=unit.reviewer, last=PASSPORT[-6:])
    (old,) = documents(county.id, person_id=part.person_id)
    assert old.ended_on == TODAY


def refused_by_the_database() -> Any:
    return pytest.raises((ProgrammingError, IntegrityError))


def test_a_unit_writes_no_alias_and_no_further_document_by_itself(county: County) -> None:
    part = opened(county.education, name="王小明")
    identity = Identity("王小明", "414", PASSPORT)
    with acting_as(county.health.clerk):
        with refused_by_the_database(), transaction.atomic():
            Person(merged_into_id=part.person_id).save(force_insert=True)
        for primary in (True, False):
            with refused_by_the_database(), transaction.atomic():
                new_document(part.person_id, identity, primary=primary).save(force_insert=True)


def test_a_unit_decides_nothing_in_the_offices_place(county: County) -> None:
    unit = county.education
    request = asked_for(opened(unit), raw_of("王小明", id_number()), by=unit.clerk)
    with acting_as(county.officer):
        assert not IdentityRequest.objects.filter(id=request.pk).exists()
    with acting_as(unit.clerk):
        rows = IdentityRequest.objects.filter(id=request.pk)
        for changes in (
            {"status": RequestStatus.DECIDED},
            {"status": RequestStatus.DONE},
            {"status": RequestStatus.DONE, "settler_id": request.proposer_id},
            {"finding": "claim", "finder_id": 1},
        ):
            with refused_by_the_database(), transaction.atomic():
                rows.update(**changes)
        request.pk, request.archive, request.status = uuid7(), None, RequestStatus.DONE
        with refused_by_the_database(), transaction.atomic():
            request.save(force_insert=True)


def test_the_database_holds_a_merge_to_two_members(county: County) -> None:
    twice(county)
    (pair,) = pairs_of(county)
    with acting_as(county.officer) as who:
        rows = PersonPair.objects.filter(id=pair.pk)
        with refused_by_the_database(), transaction.atomic():
            rows.update(status=PairStatus.MERGED, proposer_id=who.user_id, settler_id=who.user_id)


# --- a document that is not theirs -----------------------------------------------------------------------------------


def test_a_document_that_is_not_theirs_is_taken_off(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit, name="王小明")
    with_passport(part, unit=unit)
    other = opened_with(county.health, raw_of("王小明", PASSPORT, "414"))
    assert other.person_id == part.person_id
    draft = written(part, "administrative_penalty", by=unit.clerk, named=Named("王小明", PASSPORT))
    body = raw_of("王小明", PASSPORT, "414") | {
        "kind": "removal",
        "reason": "登记错人",
        "evidence": "护照原件",
    }
    answer = client_as(unit.clerk).post(f"/records/{part.pk}/identity/", body)
    (row,) = rows_of(IdentityRequest, county.id, kind=RequestKind.REMOVAL)
    assert answer.url == f"/identities/{row.pk}/"
    assert PASSPORT in numbers(county.id, person_id=part.person_id)
    given = {"action": "confirm", "last": PASSPORT[-6:], "revision": 1}
    page = client_as(unit.reviewer).post(answer.url, given, follow=True).content.decode()
    assert "已注销" in page
    assert PASSPORT not in numbers(county.id, person_id=part.person_id)
    moved = archive_of(other)
    assert moved.person_id not in {part.person_id, None}
    assert (numbers(county.id, person_id=moved.person_id), fresh(other).person_id) == (
        {PASSPORT},
        moved.person_id,
    )
    assert fact(draft).identified_by == ""
    asked = rows_of(IdentityRequest, county.id, kind=RequestKind.ASKED)
    assert [one.agency_id for one in asked] == [county.health.agency.pk]
    with pytest.raises((Refused, NotReadable)):
        written(fresh(part), "administrative_penalty", by=unit.clerk, named=Named("王小明", PASSPORT))


def test_what_was_confirmed_by_it_is_revoked_first(county: County) -> None:
    unit = county.education
    part = opened(unit, name="王小明")
    with_passport(part, unit=unit)
    item = penalty_in_review(part, unit, PASSPORT)
    with acting_as(unit.reviewer) as who:
        seal_item(item=item, revision=None, actor=who, today=TODAY, last=PASSPORT[-6:])
    request = asked_for(part, raw_of("王小明", PASSPORT, "414"), by=unit.clerk, kind="removal")
    with pytest.raises(Refused, match="请先撤销，再注销"):
        agreed(request, by=unit.reviewer, last=PASSPORT[-6:])
    assert PASSPORT in numbers(county.id)
    revoked(fact(item), unit=unit)
    agreed(request, by=unit.reviewer, last=PASSPORT[-6:])
    assert PASSPORT not in numbers(county.id)


def test_only_what_is_registered_for_the_person_is_taken_off(county: County) -> None:
    unit = county.education
    part = opened(unit, name="王小明")
    opened_with(county.health, raw_of("王小明", PASSPORT, "414"))
    for number, kind in ((PASSPORT, "414"), ("E87654321", "414")):
        request = asked_for(part, raw_of("王小明", number, kind), by=unit.clerk, kind="removal")
        with pytest.raises(Refused, match="此人名下没有登记这个证件"):
            agreed(request, by=unit.reviewer, last=number[-6:])
        with acting_as(unit.clerk) as who:
            withdraw_request(request=request, reason="有误", revision=None, actor=who)
    with pytest.raises(Refused, match="请申请更正身份"):
        asked_for(part, raw_of("王小明", identity_of(archive_of(part)).number), by=unit.clerk, kind="removal")
