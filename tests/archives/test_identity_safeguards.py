"""No fact of one person is left on another: merges taken back, corrections beside other work."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from archives.models import (
    IdentityRequest,
    Item,
    MemberConsent,
    Outbox,
    Person,
    PersonPair,
    RecordPart,
    TransferSheet,
)
from archives.services.consents import withdraw_consent
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
from archives.services.item_seals import seal_item, start_item_correction
from archives.services.items import submit_item
from archives.services.outbox import take_due
from archives.services.people import NotReadable, identity_of, sealed_for_archive
from archives.services.person_pairs import propose_merge, undo_merge
from archives.states import Delivery, PairStatus, RequestKind, RequestStatus, SheetState, Status
from audit.lifecycle import Refused
from credit_platform.identity import uuid7
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
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
    merged,
    numbers,
    pairs_of,
    put_right,
    raw_of,
    second_officer,
    with_passport,
)
from tests.archives.item_flow import item_sealed, revoked, told, written
from tests.archives.member_flow import unit as association
from tests.archives.test_identity_corrections import payloads_of
from tests.archives.test_person_pairs import opened_with, twice
from tests.archives.transfer_flow import proposed, read_by, received, sent
from tests.archives.upload_flow import applied, blank, person, uploaded
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()
__all__ = ["association"]


# --- a merge is taken back ------------------------------------------------------------------------------------------


def undone(pair: Any, county: County) -> Any:
    with acting_as(county.officer) as who:
        return undo_merge(pair=pair, reason="查明是两个人", revision=None, actor=who)


def penalty_in_review(part: RecordPart, unit: Unit, number: str) -> Item:
    """Against the person of an archive, whom its document names by this number."""
    item = written(part, "administrative_penalty", by=unit.clerk, named=Named("王小明", number))
    attached(item, by=unit.clerk)
    told(item, by=unit.clerk)
    with acting_as(unit.clerk) as who:
        return submit_item(item=item, revision=None, actor=who, today=TODAY)


def test_a_merge_is_not_undone_over_a_fact_that_rests_on_the_other_ones_document(county: County) -> None:
    unit = county.education
    first, _ = twice(county)
    (pair,) = pairs_of(county)
    row = merged(pair, county=county)
    item = penalty_in_review(first, unit, PASSPORT)
    with acting_as(unit.reviewer) as who:
        seal_item(item=item, revision=None, actor=who, today=TODAY, last=PASSPORT[-6:])
    item = fact(item)
    with pytest.raises(Refused, match="须由责任单位先撤销：县教育局 王小明"):
        undone(row, county)
    (still,) = rows_of(type(pair), county.id)
    assert still.status == PairStatus.MERGED
    revoked(item, unit=unit)
    assert undone(row, county).status == PairStatus.OPEN


def test_a_draft_that_rests_on_the_other_ones_document_is_held_to_the_number_anew(county: County) -> None:
    first, _ = twice(county)
    (pair,) = pairs_of(county)
    row = merged(pair, county=county)
    named = Named("王小明", PASSPORT)
    theirs = written(first, "administrative_penalty", by=county.education.clerk, named=named)
    own = written(
        first, "administrative_penalty", by=county.education.clerk, document_no="安市监罚〔2026〕8 号"
    )
    undone(row, county)
    assert (fact(theirs).identified_by, fact(own).identified_by) == ("", "王经办")
    with acting_as(county.education.clerk) as who, pytest.raises(Refused, match="身份尚未核对"):
        submit_item(item=fact(theirs), revision=None, actor=who, today=TODAY)


def test_the_second_person_reads_the_number_by_which_the_fact_names_the_person(county: County) -> None:
    """Of two rows that are merged for now, not any number of either: what is undone must be found."""
    unit = county.education
    first, _ = twice(county)
    (pair,) = pairs_of(county)
    merged(pair, county=county)
    item = penalty_in_review(first, unit, identity_of(archive_of(first)).number)
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="不一致"):
        seal_item(item=item, revision=None, actor=who, today=TODAY, last=PASSPORT[-6:])


def test_a_year_begun_by_the_other_ones_document_is_looked_at_after_the_undoing(
    county: County, client_as: Any
) -> None:
    unit = county.education
    opened(unit, name="王小明", year=TODAY.year - 1)
    opened_with(county.health, raw_of("王小明", PASSPORT, "414"))
    (pair,) = pairs_of(county)
    row = merged(pair, county=county)
    begun = opened_with(unit, raw_of("王小明", PASSPORT, "414"))
    undone(row, county)
    (asked,) = rows_of(IdentityRequest, county.id)
    assert (asked.archive_id, asked.status) == (archive_of(begun).pk, RequestStatus.ASKED)
    assert f"{TODAY.year} 年度记录" in asked.reason
    assert asked.number_mask == archive_of(begun).number_mask
    browser = client_as(unit.reviewer)
    address = f"/identities/{asked.pk}/"
    assert "核对情况（必填）" in browser.get(address).content.decode()
    browser.post(address, {"action": "close", "reason": " ", "revision": 1})
    assert rows_of(IdentityRequest, county.id)[0].status == RequestStatus.ASKED
    browser.post(address, {"action": "close", "reason": "逐项核对无误", "revision": 1})
    (asked,) = rows_of(IdentityRequest, county.id)
    assert (asked.status, asked.answer) == (RequestStatus.DONE, "逐项核对无误")


# --- a correction beside other work ---------------------------------------------------------------------------------


def test_a_correction_waits_for_a_transfer_that_is_under_way(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    sealed(unit, part=part)
    proposed(part, county.health, by=unit.clerk)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    with pytest.raises(Refused, match="正在办理转出"):
        agreed(request, by=unit.reviewer, last=right[-6:])
    assert numbers(county.id) == {wrong}


def test_what_was_handed_over_is_taken_back_when_the_archive_is_somebody_else(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    sealed(unit, part=part)
    transfer = received(sent(part, county.health, unit=unit), county.health, name="王小明", number=wrong)
    put_right(part, "王小明", right, unit=unit)
    assert [(state, lines) for _, _, state, lines in read_by(transfer, county.health.clerk)] == [
        (SheetState.WITHDRAWN, {})
    ]
    with acting_as(unit.clerk):
        assert TransferSheet.objects.filter(state=SheetState.CURRENT).count() == 0


def ended(item: Item, days: int) -> Item:
    """A correction has ended the fact; its unit may put that right for a while."""
    day = TODAY - dt.timedelta(days=1)
    with acting(item.jurisdiction_id, "job"):
        Item.of_all_time.filter(id=item.pk).update(
            shown_until=day, mendable_until=TODAY + dt.timedelta(days=days)
        )
    return fact(item)


def test_a_fact_whose_end_may_be_put_right_follows_the_correction(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    item = ended(item_sealed(part, unit=unit), 9)
    put_right(part, "王小明", right, unit=unit)
    row = fact(item)
    assert (row.current_version, row.left_with, row.number_mask) == (2, None, archive_of(part).number_mask)
    assert payloads_of(item)[-1]["ZJHM"] == right


def test_a_fact_that_is_over_for_good_hinders_no_correction(county: County) -> None:
    """Nobody can finish its correction any more."""
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    item = item_sealed(part, unit=unit)
    with acting_as(unit.clerk) as who:
        start_item_correction(item=item, reason="文号有误", revision=None, actor=who)
    item = ended(item, -1)
    put_right(part, "王小明", right, unit=unit)
    assert fact(item).status == Status.DRAFT
    assert payloads_of(item)[-1]["ZJHM"] == wrong


# --- members --------------------------------------------------------------------------------------------------------


def test_a_members_yearly_record_does_not_leave_by_a_correction(county: County, association: Unit) -> None:
    unit, wrong, right = association, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    sealed(unit, part=part)
    assert rows_of(Outbox, county.id, part_id=part.pk) == []
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    with pytest.raises(Refused, match="书面同意"):
        agreed(request, by=unit.reviewer, last=right[-6:])
    consent = consented(unit.responsibility, by=unit.clerk, number=right)
    agreed(request, by=unit.reviewer, last=right[-6:])
    (row,) = rows_of(RecordPart, county.id)
    assert (row.current_version, row.delivery) == (2, "")
    assert rows_of(Outbox, county.id, part_id=part.pk) == []
    assert archive_of(part).consent_id == consent.pk


def test_what_a_member_has_taken_back_is_not_brought_out_again(county: County, association: Unit) -> None:
    unit, wrong, right = association, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    sealed(unit, part=part)
    (consent,) = rows_of(MemberConsent, county.id)
    with acting_as(unit.clerk) as who:
        withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)
    consented(unit.responsibility, by=unit.clerk, number=right)
    before = [one.current_version for one in _parts(county)]
    put_right(part, "王小明", right, unit=unit)
    assert [one.current_version for one in _parts(county)] == before


def _parts(county: County) -> list[RecordPart]:
    with acting(county.id, "job"):
        return list(RecordPart.objects.all())


def test_what_still_waits_under_the_wrong_identity_is_not_sent(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    sealed(unit, part=part)
    item = item_sealed(part, unit=unit)
    put_right(part, "王小明", right, unit=unit)
    with acting(county.id, "job"):
        for head in ({"part_id": part.pk}, {"item_id": item.pk}):
            rows = list(Outbox.objects.filter(**head).select_related("version").order_by("version__number"))
            assert [one.state for one in rows if one.version.number == 1] == [Delivery.SUPERSEDED]
            assert [one.state for one in rows if one.version.number == 2] == [Delivery.PENDING]
        later = timezone.now() + dt.timedelta(days=800)
        due = take_due(target=rows[0].target, now=later, limit=50)
        assert {row.version.number for row, _ in due} == {2}


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
