"""转出、转入: each step and what refuses it, by code, database and pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from archives.models import RecordPart, Transfer, TransferSheet
from archives.services.records import start_correction
from archives.services.transfer_in import check_person, receive_transfer, refuse_transfer
from archives.services.transfer_out import confirm_transfer, end_lapsed, return_transfer, withdraw_transfer
from audit.lifecycle import AlreadyDone, Refused
from notices.models import Notice
from tests.archives.flow import (
    acting_as,
    at_once,
    confirm,
    events,
    fresh,
    hand_on,
    opened,
    rows_of,
    save,
    sealed,
)
from tests.archives.transfer_flow import (
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
from tests.factories import County, Unit

__all__ = ["new_unit", "number", "part"]


# --- steps and refusals -------------------------------------------------------------------------------------------


def test_a_second_person_confirms(county: County, part: RecordPart) -> None:
    old, new = county.education, county.health
    transfer = proposed(part, new, by=old.clerk)
    for member in (old.clerk, new.reviewer):
        with acting_as(member) as who, pytest.raises((Refused, Transfer.DoesNotExist)):
            confirm_transfer(transfer=transfer, revision=None, actor=who, today=TODAY)
    with acting_as(old.reviewer) as who:
        return_transfer(transfer=transfer, reason="调令未附", revision=None, actor=who)
    assert fresh_transfer(transfer, by=old.clerk).status == "withdrawn"
    assert proposed(part, new, by=old.clerk).pk != transfer.pk


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("reason_required", {"document_no": " \x00"}),
        ("reason_required", {"reason": " "}),
        ("name", {"document_no": f"关于{NAME}的调令"}),
    ],
)
def test_what_is_missing(county: County, part: RecordPart, code: str, given: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        proposed(part, county.health, by=county.education.clerk, **given)
    assert refusal.value.code == code


def test_what_stands_in_the_way(county: County, part: RecordPart, number: str) -> None:
    old, new = county.education, county.health
    for by, to, code in (
        (old.clerk, old, "same_unit"),
        (old.reviewer, new, "not_permitted"),
        (old.filler, new, "not_permitted"),
    ):
        with pytest.raises(Refused) as refusal:
            proposed(part, to, by=by)
        assert refusal.value.code == code
    empty = opened(old, name="李小红")
    with pytest.raises(Refused, match="没有可以移交的内容"):
        proposed(empty, new, by=old.clerk)
    new.responsibility.awaits = True
    new.responsibility.save()
    with pytest.raises(Refused, match="不能接收"):
        proposed(part, new, by=old.clerk)
    new.responsibility.awaits = False
    new.responsibility.save()
    with acting_as(old.clerk) as who:
        start_correction(part=fresh(part), reason="有误", revision=None, actor=who)
    with pytest.raises(Refused, match="正在更正"):
        proposed(part, new, by=old.clerk)


def test_withdrawn_until_received_and_twice_is_once(county: County, part: RecordPart, number: str) -> None:
    old, new = county.education, county.health
    transfer = sent(part, new, unit=old)
    assert checked(transfer, new, name=NAME, number=number)
    assert read_by(transfer, new.clerk)
    with acting_as(old.clerk) as who:
        with pytest.raises(Refused, match="写明原因"):
            withdraw_transfer(transfer=transfer, reason="", revision=None, actor=who)
        withdraw_transfer(transfer=transfer, reason="调令撤销", revision=None, actor=who)
        with pytest.raises(AlreadyDone):
            withdraw_transfer(transfer=transfer, reason="调令撤销", revision=None, actor=who)
    assert read_by(transfer, new.clerk) == []
    with acting_as(new.clerk) as who, pytest.raises(Refused):
        receive_transfer(transfer=transfer, employer=None, revision=None, actor=who, today=TODAY)
    again = sent(part, new, unit=old)
    with pytest.raises(AlreadyDone):
        proposed(part, new, by=old.clerk)
    received(again, new, name=NAME, number=number)
    with acting_as(new.clerk) as who, pytest.raises(AlreadyDone):
        receive_transfer(transfer=again, employer=None, revision=None, actor=who, today=TODAY)
    with acting_as(old.clerk) as who, pytest.raises(Refused):
        withdraw_transfer(transfer=again, reason="调令撤销", revision=None, actor=who)
    assert len(archives_of(new)) == 1
    assert len(events(county.id, verb="transfer.receipt")) == 1


def test_refused_with_a_reason(county: County, new_unit: Unit, part: RecordPart) -> None:
    old = county.education
    transfer = sent(part, new_unit, unit=old)
    with acting_as(new_unit.clerk) as who:
        with pytest.raises(Refused, match="写明原因"):
            refuse_transfer(transfer=transfer, reason=" ", revision=None, actor=who)
        refuse_transfer(transfer=transfer, reason="没有这件调令", revision=None, actor=who)
    seen = fresh_transfer(transfer, by=old.clerk)
    assert (seen.status, seen.ended_reason) == ("refused", "没有这件调令")
    assert archives_of(old)[0].left_on is None
    assert archives_of(new_unit) == []
    told = rows_of(Notice, county.id, kind="transfer_ended")
    assert [notice.membership_id for notice in told] == [old.clerk.pk]


def test_it_lapses_by_itself(county: County, part: RecordPart, number: str) -> None:
    """The pack sets the days; after the last one nothing can be checked, received or read, without any job."""
    old, new = county.education, county.health
    county.jurisdiction.parameters |= {"transfer_days": 10}
    county.jurisdiction.save()
    transfer = sent(part, new, unit=old)
    assert transfer.lapses_on == TODAY + dt.timedelta(days=10)
    assert checked(transfer, new, name=NAME, number=number)
    with acting_as(old.clerk):
        Transfer.objects.update(lapses_on=TODAY - dt.timedelta(days=1))
    assert read_by(transfer, new.clerk) == []
    with acting_as(new.clerk) as who:
        assert not Transfer.objects.arriving(who).waiting(TODAY).exists()
        with pytest.raises(Refused, match="期限"):
            receive_transfer(transfer=transfer, employer=None, revision=None, actor=who, today=TODAY)
        with pytest.raises(Refused, match="期限"):
            check_person(transfer=transfer, raw={}, actor=who, today=TODAY)
    again = proposed(part, new, by=old.clerk)
    assert again.pk != transfer.pk
    assert fresh_transfer(transfer, by=old.clerk).status == "lapsed"


def test_what_has_lapsed_says_no_more_and_is_emptied_by_night(
    county: County, new_unit: Unit, part: RecordPart, number: str, client_as: Callable[..., Client]
) -> None:
    old = county.education
    transfer = sent(part, new_unit, unit=old)
    assert checked(transfer, new_unit, name=NAME, number=number)
    address = f"/transfers/{transfer.pk}/"
    assert NAME in client_as(new_unit.clerk).get(address).content.decode()
    with acting_as(old.clerk):
        Transfer.objects.update(lapses_on=TODAY - dt.timedelta(days=1))
    for page in (address, "/transfers/?side=in"):
        shown = client_as(new_unit.clerk).get(page).content.decode()
        assert NAME not in shown
        assert "工作调动" not in shown
    with acting_as(old.clerk) as who:
        start_correction(part=fresh(part), reason="职称有误", revision=None, actor=who)
    save(fresh(part), by=old.clerk, title="高级教师")
    confirm(hand_on(fresh(part), by=old.clerk), by=old.reviewer)
    assert not events(new_unit.agency.jurisdiction_id, verb="transfer.sheet_corrected")
    with acting_as(old.clerk):
        assert not TransferSheet.objects.filter(number=2).exists()
    assert end_lapsed(jurisdiction_id=county.id) == 1
    assert end_lapsed(jurisdiction_id=county.id) == 0
    seen = fresh_transfer(transfer, by=old.clerk)
    assert (seen.status, seen.key, seen.identity) == ("lapsed", "", "")
    with acting_as(old.clerk):
        assert set(TransferSheet.objects.values_list("body", "match_key")) == {("", "")}
    assert [event.agency_id for event in events(county.id, verb="transfer.lapsed")] == [old.agency.pk]


def test_the_addressee_can_not_confirm_what_is_sent_to_it(
    county: County, part: RecordPart, client_as: Callable[..., Client]
) -> None:
    transfer = sent(part, county.health, unit=county.education)
    for member in (county.health.clerk, county.health.reviewer):
        answer = client_as(member).post(f"/transfers/{transfer.pk}/", {"action": "confirm", "revision": "2"})
        assert answer.status_code == 302
    assert fresh_transfer(transfer, by=county.education.clerk).revision == transfer.revision


def test_ends_and_second_person_are_held_by_the_database(
    county: County, other_county: County, part: RecordPart
) -> None:
    """Whatever the program forgets: nothing is seen unconfirmed, neither it nor its pages go elsewhere."""
    old, new = county.education, county.health
    transfer = proposed(part, new, by=old.clerk)
    elsewhere = other_county.health.agency
    with acting_as(old.clerk):
        mine = Transfer.objects.filter(pk=transfer.pk)
        for wrong in (
            {"sent_at": timezone.now()},
            {"to_jurisdiction_id": elsewhere.jurisdiction_id, "to_agency_id": elsewhere.pk},
            {"archive_id": part.record.archive_id},
            {"proposer_id": 0},
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                mine.update(**wrong)
    with acting_as(old.reviewer) as who:
        transfer = confirm_transfer(transfer=transfer, revision=None, actor=who, today=TODAY)
    with acting_as(old.clerk):
        sheet = TransferSheet.objects.first()
        assert sheet is not None
        with pytest.raises(DatabaseError), transaction.atomic():
            TransferSheet.objects.filter(pk=sheet.pk).update(
                to_jurisdiction_id=elsewhere.jurisdiction_id, to_agency_id=elsewhere.pk
            )
    with acting_as(new.clerk):
        theirs = Transfer.objects.filter(pk=transfer.pk)
        for status in ("proposed", "withdrawn", "lapsed"):
            with pytest.raises(DatabaseError), transaction.atomic():
                theirs.update(status=status)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_receipt(county: County, number: str) -> None:
    old, new = county.education, county.health
    part = fresh(sealed(old, part=opened(old, name=NAME, number=number)).part)
    transfer = sent(part, new, unit=old)
    assert checked(transfer, new, name=NAME, number=number)
    employer, clerk = new.employer, new.clerk

    def press() -> Transfer:
        with acting_as(clerk) as who:
            return receive_transfer(
                transfer=transfer, employer=employer, revision=None, actor=who, today=TODAY
            )

    outcomes = at_once(press, press)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDone", "Transfer"]
    assert len(archives_of(new)) == 1


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-18")
def test_through_the_pages(
    county: County, new_unit: Unit, part: RecordPart, number: str, client_as: Callable[..., Client]
) -> None:
    old = county.education
    clerk, reviewer, theirs = client_as(old.clerk), client_as(old.reviewer), client_as(new_unit.clerk)
    address = f"/records/{part.id}/transfer-out/"
    assert address in clerk.get(f"/records/{part.id}/transfer/").content.decode()
    place = {"place": new_unit.agency.jurisdiction_id}
    assert f"{new_unit.agency.name}：医师" in clerk.get(address, place).content.decode()
    body = {"to": new_unit.responsibility.pk, "document_no": "教体人〔2026〕12 号", "reason": "工作调动"}
    assert clerk.post(address, body | {"reason": ""}, query_params=place).status_code == 422
    answer = clerk.post(address, body, query_params=place)
    assert answer.status_code == 302
    page = answer["Location"]
    assert "转出等您审核" in reviewer.get("/").content.decode()
    assert reviewer.post(page, {"action": "confirm", "revision": "1"}).status_code == 302
    assert "转入等待核对" in theirs.get("/").content.decode()
    assert "（核对后显示）" in theirs.get("/transfers/?side=in").content.decode()
    typed = {"action": "check", "name": NAME, "document_type": "111", "document_number": number}
    assert theirs.post(page, typed | {"document_number": "1"}).status_code == 422
    assert theirs.post(page, typed | {"name": "李四"}).status_code == 302
    assert "不一致" in theirs.get(page).content.decode()
    assert theirs.post(page, typed).status_code == 302
    shown = theirs.get(page).content.decode()
    assert "优秀教师" in shown
    assert "一级教师" in shown
    assert number not in shown
    revision = fresh_transfer(Transfer(pk=page.split("/")[2]), by=new_unit.clerk).revision
    done = theirs.post(page, {"action": "receive", "employer": "", "revision": str(revision)})
    assert done.status_code == 302
    assert "转回〔" in theirs.get(page).content.decode()
    for browser in (clerk, theirs):
        paper = browser.get(f"{page}receipt.pdf")
        assert paper["Content-Type"] == "application/pdf"
    assert "转回〔" in clerk.get(page).content.decode()
    assert NAME in clerk.get("/transfers/").content.decode()
    assert client_as(county.health.admin).get("/transfers/").status_code == 403
    assert clerk.post(page, {"action": "nonsense"}).status_code == 302
    if new_unit is not county.health:
        assert client_as(county.health.clerk).get(page).status_code == 404
        assert client_as(county.health.clerk).get(f"{page}receipt.pdf").status_code == 404
