"""转出、转入: what goes along, who sees it when, and that what is wrong is recalled at the new unit as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Item, Outbox, RecordPart, RosterEntry, Transfer, TransferSheet
from archives.schema.kinds import kinds
from archives.services.emptying import empty_what_is_over
from archives.services.handed_over import follow_terms
from archives.services.records import start_correction
from archives.services.roster import enrol
from archives.services.transfer_in import MOST_GUESSES, check_person
from archives.services.transfer_out import confirm_transfer
from archives.services.validity import recompute
from archives.states import TransferStatus
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting, looking_up
from notices.models import Notice
from tests.archives.flow import (
    acting_as,
    confirm,
    events,
    fresh,
    hand_on,
    in_review,
    opened,
    rows_of,
    save,
    sealed,
)
from tests.archives.item_flow import confirmed as item_confirmed
from tests.archives.item_flow import corrected, item_sealed, put_apart, revoked, written
from tests.archives.transfer_flow import (
    FORM,
    NAME,
    TODAY,
    archives_of,
    checked,
    fresh_transfer,
    new_unit,
    number,
    part,
    proposed,
    read_by,
    received,
    sent,
)
from tests.factories import County, Unit, id_number, make_chain

__all__ = ["new_unit", "number", "part"]


# --- the way ------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-18", "GZ-12")
def test_from_one_unit_to_the_other_with_receipt(
    county: County, new_unit: Unit, part: RecordPart, number: str
) -> None:
    old = county.education
    transfer = sent(part, new_unit, unit=old)
    assert read_by(transfer, new_unit.clerk) == []
    done = received(transfer, new_unit, name=NAME, number=number)
    assert done.status == TransferStatus.RECEIVED
    assert done.receipt_no == f"{new_unit.agency.name}转回〔{TODAY.year}〕1 号"
    (mine,) = archives_of(new_unit)
    assert (mine.pk, mine.name, mine.occupation) == (done.received_archive_id, NAME, "doctor")
    assert rows_of(RecordPart, mine.jurisdiction_id, agency_id=new_unit.agency.pk)[0].current_version == 0
    (theirs,) = archives_of(old)
    assert theirs.left_on == TODAY
    seen = fresh_transfer(transfer, by=old.clerk)
    assert (seen.status, seen.receipt_no, seen.received_on) == ("received", done.receipt_no, TODAY)
    pages = read_by(transfer, new_unit.clerk)
    assert {page[:3] for page in pages} == {(FORM, 1, "current"), (kinds.get("award").label, 1, "current")}
    record = next(lines for label, _, _, lines in pages if label == FORM)
    assert record["职称"] == "一级教师"
    assert number not in str(pages)


@pytest.mark.req("AY-18")
def test_what_goes_along_and_what_does_not(county: County, number: str) -> None:
    """Sealed years and what may leave; no drafts, no remarks, nothing between unit and person, nothing of 待核身份."""
    old, new = county.education, county.health
    last_year = opened(old, name=NAME, number=number, year=TODAY.year - 1)
    part = opened(old, name=NAME, number=number)
    award = item_sealed(part, unit=old)
    item_sealed(part, "discipline", unit=old)
    withdrawn = item_sealed(part, unit=old, document_no="安教〔2026〕55 号", title="撤销的奖励")
    revoked(withdrawn, unit=old)
    written(part, "training", by=old.filler, course="没有确认的培训")
    put_apart(part, by=old.filler)
    part = fresh(sealed(old, part=part).part)
    transfer = sent(part, new, unit=old)
    received(transfer, new, name=NAME, number=number)
    pages = read_by(transfer, new.clerk)
    assert len(pages) == 2
    text = str(pages)
    assert award.values["title"] in text
    for absent in (
        "仅供内部参考",
        "政治面貌",
        "记大过",
        "安纪",
        "撤销的奖励",
        "没有确认的培训",
        "有偿补课",
        "年度表彰",
    ):
        assert absent not in text
    assert fresh(last_year).status == "draft"
    with acting_as(new.clerk) as who:
        assert (
            RecordPart.objects.visible_to(who).get().person_id == part.person_id
        )  # in one county it is one person
        assert not Item.objects.visible_to(who).exists()


def test_the_old_unit_goes_on_reading_its_own_years(
    county: County, part: RecordPart, number: str, client_as: Callable[..., Client]
) -> None:
    old, new = county.education, county.health
    received(sent(part, new, unit=old), new, name=NAME, number=number)
    page = client_as(old.clerk).get(f"/records/{part.id}/").content.decode()
    assert NAME in page
    assert "离岗" in page
    assert client_as(new.clerk).get(f"/records/{part.id}/").status_code == 404


def test_who_leaves_is_taken_off_the_roster(county: County, part: RecordPart, number: str) -> None:
    old, new = county.education, county.health
    with acting_as(old.clerk) as who:
        enrol(
            responsibility=old.responsibility,
            employer=old.employer,
            raw={"name": NAME, "document_number": number},
            joined_on=TODAY,
            actor=who,
            today=TODAY,
        )
    received(sent(part, new, unit=old), new, name=NAME, number=number)
    (entry,) = rows_of(RosterEntry, county.id)
    assert entry.left_on == TODAY


def test_who_comes_back_finds_the_own_archive_again(county: County, part: RecordPart, number: str) -> None:
    old, new = county.education, county.health
    received(sent(part, new, unit=old), new, name=NAME, number=number)
    (there,) = rows_of(RecordPart, county.id, agency_id=new.agency.pk)
    save(there, by=new.filler, employer="县人民医院")
    back = fresh(confirm(_reviewed(there, new), by=new.reviewer).part)
    done = received(sent(back, old, unit=new), old, name=NAME, number=number)
    (mine,) = archives_of(old)
    assert done.received_archive_id == mine.pk == fresh(part).record.archive_id
    assert mine.left_on is None
    assert archives_of(new)[0].left_on == TODAY


def _reviewed(part: RecordPart, unit: Unit) -> RecordPart:
    return in_review(unit, part=fresh(part))


# --- recalled everywhere --------------------------------------------------------------------------------------------


@pytest.mark.req("AY-22", "AY-23")
def test_a_correction_reaches_the_new_unit(
    county: County, new_unit: Unit, part: RecordPart, number: str
) -> None:
    old = county.education
    transfer = sent(part, new_unit, unit=old)
    received(transfer, new_unit, name=NAME, number=number)
    with acting_as(old.clerk) as who:
        start_correction(part=fresh(part), reason="职称有误", revision=None, actor=who)
    save(fresh(part), by=old.clerk, title="高级教师")
    confirm(hand_on(fresh(part), by=old.clerk), by=old.reviewer)
    pages = [page for page in read_by(transfer, new_unit.clerk) if page[0] == FORM]
    assert [(number_, state) for _, number_, state, _ in pages] == [(2, "current"), (1, "corrected")]
    assert pages[0][3]["职称"] == "高级教师"
    assert pages[1][3] == {}
    with acting_as(old.clerk):
        assert TransferSheet.objects.get(number=1, head_id=part.pk).body == ""
    assert [
        e.agency_id for e in events(new_unit.agency.jurisdiction_id, verb="transfer.sheet_corrected")
    ] == [new_unit.agency.pk]
    told = rows_of(Notice, new_unit.agency.jurisdiction_id, kind="transfer_changed")
    assert [notice.membership_id for notice in told] == [new_unit.clerk.pk]


@pytest.mark.req("AY-23")
def test_a_withdrawn_fact_is_withdrawn_there(county: County, new_unit: Unit, number: str) -> None:
    old = county.education
    part = opened(old, name=NAME, number=number)
    award = item_sealed(part, unit=old)
    part = fresh(sealed(old, part=part).part)
    transfer = sent(part, new_unit, unit=old)
    received(transfer, new_unit, name=NAME, number=number)
    assert "优秀教师" in str(read_by(transfer, new_unit.clerk))
    corrected_item = corrected(award, by=old.clerk, title="优秀班主任")
    item_confirmed(corrected_item, by=old.reviewer)
    assert "优秀班主任" in str(read_by(transfer, new_unit.clerk))
    revoked(corrected_item, unit=old)
    pages = read_by(transfer, new_unit.clerk)
    assert "优秀" not in str(pages)
    assert [label for label, _, state, _ in pages if state == "current"] == [FORM]
    assert [label for label, _, state, _ in pages if state == "withdrawn"] == ["已撤回的内容"] * 2
    assert all(lines == {} for _, _, state, lines in pages if state != "current")
    assert events(new_unit.agency.jurisdiction_id, verb="transfer.sheet_withdrawn")


@pytest.mark.req("LL-25")
def test_what_is_past_its_time_is_not_shown_there(county: County, part: RecordPart, number: str) -> None:
    old, new = county.education, county.health
    transfer = sent(part, new, unit=old)
    received(transfer, new, name=NAME, number=number)
    with acting_as(old.clerk):
        sheet = TransferSheet.objects.exclude(head_id=part.pk).get()
        TransferSheet.objects.filter(pk=sheet.pk).update(shown_until=TODAY - dt.timedelta(days=1))
    assert [page[0] for page in read_by(transfer, new.clerk)] == [FORM]
    with acting(county.id, "job"):  # the rules know no end of an award: worked out anew it is there again
        Item.of_all_time.filter(id=sheet.head_id).update(shown_until=TODAY + dt.timedelta(days=1))
        recompute(Jurisdiction.objects.get(id=county.id), apply=True)
    assert len(read_by(transfer, new.clerk)) == 2


@pytest.mark.req("AY-23", "LL-25")
@pytest.mark.parametrize("how", ["revoked", "destroyed"])
def test_of_what_is_withdrawn_no_earlier_page_tells(county: County, number: str, how: str) -> None:
    """A page that a correction had closed still bore the kind: it goes as well."""
    old, new = county.education, county.health
    part = opened(old, name=NAME, number=number)
    award = item_sealed(part, unit=old)
    part = fresh(sealed(old, part=part).part)
    transfer = sent(part, new, unit=old)
    received(transfer, new, name=NAME, number=number)
    item_confirmed(corrected(award, by=old.clerk, title="优秀班主任"), by=old.reviewer)
    label = kinds.get("award").label
    assert [page[0] for page in read_by(transfer, new.clerk)].count(label) == 2
    if how == "revoked":
        revoked(award, unit=old)
    else:
        over = TODAY - dt.timedelta(days=1)
        with acting(county.id, "job"):
            Item.of_all_time.filter(id=award.pk).update(shown_until=over, kept_until=over)
            Outbox.objects.update(state="accepted")
        empty_what_is_over(jurisdiction_id=county.id)
    assert label not in [page[0] for page in read_by(transfer, new.clerk)]
    with acting_as(old.clerk):
        about = TransferSheet.objects.filter(head_id=award.pk)
        assert set(about.values_list("label", "body", "reason", "state")) == {
            ("已撤回的内容", "", "", "withdrawn")
        }


@pytest.mark.req("AY-22", "LL-25")
def test_earlier_pages_end_with_the_fact(county: County, number: str) -> None:
    """A corrected page of what is over, by its correction or by the rules, is as much over as the page after it."""
    old, new = county.education, county.health
    part = opened(old, name=NAME, number=number)
    award = item_sealed(part, unit=old)
    part = fresh(sealed(old, part=part).part)
    transfer = sent(part, new, unit=old)
    received(transfer, new, name=NAME, number=number)
    item = corrected(award, by=old.clerk, title="优秀班主任")
    with acting_as(old.clerk):
        TransferSheet.objects.filter(head_id=award.pk).update(shown_until=TODAY)
    item_confirmed(item, by=old.reviewer)
    with acting_as(old.clerk):
        about = TransferSheet.objects.filter(head_id=award.pk)
        assert list(about.values_list("shown_until", flat=True)) == [None, None]
    with acting(county.id, "job"):
        Item.of_all_time.filter(id=award.pk).update(shown_until=TODAY)
        follow_terms(Item.of_all_time.filter(id=award.pk))
        assert set(TransferSheet.objects.filter(head_id=award.pk).values_list("shown_until", flat=True)) == {
            TODAY
        }


# --- two walls ----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-18", "GZ-13")
def test_nobody_else_sees_anything(
    county: County, other_county: County, part: RecordPart, number: str
) -> None:
    """In SQL, whatever the program forgets: third agencies, other counties, the offices, employers, jobs."""
    old, new = county.education, county.health
    transfer = sent(part, new, unit=old)
    received(transfer, new, name=NAME, number=number)
    key = fresh_transfer(transfer, by=new.clerk).key
    strangers = [other_county.education.clerk, other_county.health.clerk, other_county.officer]
    strangers += [county.officer, old.filler, new.filler]
    for member in strangers:
        with acting_as(member) as who, looking_up(key):
            assert not Transfer.objects.exists()
            assert not TransferSheet.objects.exists()
            assert not Transfer.objects.visible_to(who).exists()
            assert Transfer.objects.update(status="refused") == 0
            assert TransferSheet.objects.update(body="") == 0
    with acting(other_county.id, "job"):
        assert not Transfer.objects.exists()
        assert not TransferSheet.objects.exists()


@pytest.mark.req("AY-18", "GZ-13")
def test_before_the_check_the_new_unit_knows_of_no_person(
    county: County, new_unit: Unit, part: RecordPart, client_as: Callable[..., Client]
) -> None:
    old = county.education
    waiting = proposed(part, new_unit, by=old.clerk)
    with acting_as(new_unit.clerk):
        assert not Transfer.objects.exists()
    with acting_as(old.reviewer) as who:
        transfer = confirm_transfer(transfer=waiting, revision=None, actor=who, today=TODAY)
    with acting_as(new_unit.clerk):
        row = Transfer.objects.get()
        assert (row.key, row.identity) == ("", "")
        assert not TransferSheet.objects.exists()
        with looking_up(row.key_digest):
            assert not TransferSheet.objects.exists()
    browser = client_as(new_unit.clerk)
    for address in ("/", "/transfers/?side=in", f"/transfers/{transfer.pk}/", "/notices/"):
        page = browser.get(address).content.decode()
        assert NAME not in page
        assert "工作调动" not in page
        assert part.number_mask not in page


@pytest.mark.req("GZ-13", "GZ-14")
def test_guesses_are_counted_journalled_and_end_it(
    county: County, new_unit: Unit, part: RecordPart, number: str
) -> None:
    old = county.education
    transfer = sent(part, new_unit, unit=old)
    wrong = [("王小鸣", number), (NAME, id_number()), ("李", id_number()), (NAME, id_number())]
    for name, guess in wrong:
        assert not checked(transfer, new_unit, name=name, number=guess)
    assert fresh_transfer(transfer, by=new_unit.clerk).status == "sent"
    assert not checked(transfer, new_unit, name="王小名", number=number)
    assert fresh_transfer(transfer, by=old.clerk).status == "blocked"
    place = new_unit.agency.jurisdiction_id
    tried = events(place, verb="transfer.differs")
    assert [event.success for event in tried] == [False] * MOST_GUESSES
    assert NAME not in str([(event.data, event.subject_label) for event in tried])
    assert [event.agency_id for event in events(county.id, verb="transfer.ended")] == [old.agency.pk]
    with pytest.raises(Refused):
        checked(transfer, new_unit, name=NAME, number=number)
    assert archives_of(new_unit) == []
    with acting_as(old.clerk):
        assert set(TransferSheet.objects.values_list("body", "match_key")) == {("", "")}


def test_a_member_who_does_not_handle_the_group_sees_nothing(
    county: County, part: RecordPart, number: str
) -> None:
    transfer = sent(part, county.health, unit=county.education)
    with acting_as(county.health.admin) as who:
        assert not Transfer.objects.visible_to(who).exists()
    with acting_as(county.health.reviewer) as who, pytest.raises(Refused):
        check_person(transfer=transfer, raw={"name": NAME, "document_number": number}, actor=who, today=TODAY)


@pytest.mark.parametrize("what", ["own archive of another unit", "sent by the same person", "no receipt"])
def test_the_database_refuses(county: County, part: RecordPart, what: str) -> None:
    old, new = county.education, county.health
    transfer = proposed(part, new, by=old.clerk)
    stranger = make_chain(new, name="别人").archive
    at = timezone.now()
    with acting_as(old.clerk) as who:
        wrong: dict[str, dict[str, Any]] = {
            "own archive of another unit": {"archive_id": stranger.pk},
            "sent by the same person": {"status": "sent", "sent_at": at, "confirmer_id": who.user_id},
            "no receipt": {"status": "received", "sent_at": at, "confirmer_id": 0},
        }
        with pytest.raises(DatabaseError), transaction.atomic():
            Transfer.objects.filter(pk=transfer.pk).update(**wrong[what])
