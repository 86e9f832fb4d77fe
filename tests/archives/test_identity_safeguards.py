"""No fact of one person is left on another: merges taken back, corrections beside other work, members."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from archives.models import (
    IdentityRequest,
    Item,
    MemberConsent,
    Outbox,
    RecordPart,
    TransferSheet,
)
from archives.services.consents import withdraw_consent
from archives.services.identities import Named
from archives.services.item_seals import seal_item, start_item_correction
from archives.services.items import submit_item
from archives.services.outbox import take_due
from archives.services.people import identity_of
from archives.services.person_pairs import undo_merge
from archives.states import Delivery, PairStatus, RequestStatus, SheetState, Status
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    consented,
    opened,
    rows_of,
    sealed,
)
from tests.archives.identity_flow import (
    PASSPORT,
    agreed,
    archive_of,
    asked_for,
    fact,
    merged,
    numbers,
    pairs_of,
    penalty_in_review,
    put_right,
    raw_of,
)
from tests.archives.item_flow import item_sealed, revoked, written
from tests.archives.member_flow import unit as association
from tests.archives.test_identity_corrections import payloads_of
from tests.archives.test_person_pairs import opened_with, twice
from tests.archives.transfer_flow import proposed, read_by, received, sent
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()
__all__ = ["association"]


# --- a merge is taken back ------------------------------------------------------------------------------------------


def undone(pair: Any, county: County) -> Any:
    with acting_as(county.officer) as who:
        return undo_merge(pair=pair, reason="查明是两个人", revision=None, actor=who)


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
