"""调动, 离岗: what goes along with a person, what stays, and when it has to wait."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Employer, Membership
from archives.content import draft_of
from archives.models import AnnualRecord, Archive, Evidence, Item, RecordPart, Version
from archives.services.people import open_archive
from archives.services.records import occupation_for, start_correction
from archives.services.reuse import due_archives
from archives.services.transfers import mark_back, mark_left, transfer_person
from audit.lifecycle import AlreadyDone, Refused
from tests.archives.flow import (
    acting_as,
    attached,
    events,
    fresh,
    in_review,
    opened,
    rows_of,
    save,
    sealed,
    submitted,
)
from tests.archives.item_flow import fresh_item, item_in_review, item_sealed, written
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()


def archive_of(part: RecordPart) -> Archive:
    (archive,) = rows_of(Archive, part.jurisdiction_id, person_id=part.person_id)
    assert isinstance(archive, Archive)
    return archive


def moved(unit: Unit, part: RecordPart, to: Employer | None = None, **more: Any) -> Archive:
    with acting_as(more.pop("by", unit.clerk)) as who:
        given = {"reason": "教体人〔2026〕12 号调令", "today": TODAY} | more
        return transfer_person(
            archive=archive_of(part), employer=to or unit.second_employer, actor=who, **given
        )


@pytest.mark.req("AY-02")
def test_the_archive_and_the_draft_go_along(county: County) -> None:
    unit = county.education
    part = save(opened(unit), by=unit.filler).part
    proof = attached(part, by=unit.filler)
    item = written(part, by=unit.filler)
    moved(unit, part)
    assert archive_of(part).employer_id == unit.second_employer.pk
    after = fresh(part)
    assert after.employer_id == unit.second_employer.pk
    assert rows_of(AnnualRecord, county.id)[0].employer_id == unit.second_employer.pk
    assert fresh_item(item).employer_id == rows_of(Evidence, county.id)[0].employer_id == after.employer_id
    assert proof.pk == rows_of(Evidence, county.id)[0].pk
    draft = draft_of(after, occupation_for(after)).record
    assert draft["employment"]["employer"] == unit.second_employer.name
    assert draft["employment"]["title"] == "一级教师"
    with acting_as(unit.second_filler) as who:
        assert list(RecordPart.objects.visible_to(who)) == [after]
        assert Item.objects.visible_to(who).count() == 1
    with acting_as(unit.filler) as who:
        assert not RecordPart.objects.visible_to(who).exists()
        assert not Archive.objects.exists()
        assert not Evidence.objects.exists()
    (event,) = events(county.id, verb="archive.transferred")
    assert event.data == {
        "from": unit.employer.pk,
        "to": unit.second_employer.pk,
        "records": 1,
        "items": 1,
    }
    assert event.reason == "教体人〔2026〕12 号调令"


@pytest.mark.req("PD-21")
def test_what_is_sealed_and_other_years_stay(county: County) -> None:
    unit = county.education
    number = id_number()
    old = save(opened(unit, number=number, year=TODAY.year - 1), by=unit.filler).part
    part = opened(unit, number=number)
    item = item_sealed(part, unit=unit)
    version = sealed(unit, part=part)
    moved(unit, part)
    assert archive_of(part).employer_id == unit.second_employer.pk
    assert {fresh(one).employer_id for one in (old, part)} == {unit.employer.pk}
    assert fresh_item(item).employer_id == unit.employer.pk
    (kept,) = rows_of(Version, county.id, id=version.id)
    assert kept.employer_id == unit.employer.pk
    with acting_as(unit.second_filler) as who:
        assert Archive.objects.visible_to(who).count() == 1
        assert not RecordPart.objects.visible_to(who).exists()


def test_a_person_may_be_kept_by_the_agency_itself(county: County) -> None:
    unit = county.education
    part = opened(unit)
    with acting_as(unit.clerk) as who:
        transfer_person(archive=archive_of(part), employer=None, reason="退休返聘", actor=who, today=TODAY)
    assert fresh(part).employer_id is archive_of(part).employer_id is None


@pytest.mark.parametrize("stage", ["submitted", "in_review", "correcting", "item"])
def test_what_is_under_way_is_finished_first(county: County, stage: str, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    if stage == "submitted":
        submitted(unit, part=part)
    elif stage == "in_review":
        in_review(unit, part=part)
    elif stage == "item":
        item_in_review(part, unit=unit)
    else:
        sealed(unit, part=part)
        with acting_as(unit.clerk) as who:
            start_correction(part=fresh(part), reason="有误", revision=None, actor=who)
    with pytest.raises(Refused) as refusal:
        moved(unit, part)
    assert refusal.value.code == ("correcting" if stage == "correcting" else "under_way")
    assert archive_of(part).employer_id == fresh(part).employer_id == unit.employer.pk
    body = {"action": "transfer", "transfer-employer": unit.second_employer.pk, "transfer-reason": "调令"}
    answer = client_as(unit.clerk).post(f"/records/{part.id}/transfer/", body)
    assert answer.status_code == 422
    assert str(refusal.value) in answer.content.decode()


def test_refusals(county: County) -> None:
    unit = county.education
    part = opened(unit)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("reason_required", {"reason": " \x00"}),
        ("employer", {"to": county.health.employer}),
        ("not_permitted", {"by": unit.filler}),
        ("not_permitted", {"by": unit.reviewer}),
    ]
    for code, given in wrong:
        with pytest.raises(Refused) as refusal:
            moved(unit, part, **given)
        assert refusal.value.code == code
    with pytest.raises(AlreadyDone):
        moved(unit, part, unit.employer)
    with acting_as(county.health.clerk), pytest.raises(Refused, match="没有找到"):
        moved(unit, part, by=county.health.clerk)
    Employer.objects.filter(pk=unit.second_employer.pk).update(active=False)
    unit.second_employer.refresh_from_db()
    with pytest.raises(Refused, match="停用"):
        moved(unit, part)
    assert events(county.id, verb="archive.transferred") == []


def left(part: RecordPart, by: Membership, on: dt.date, reason: str = "退休") -> Archive:
    with acting_as(by) as who:
        return mark_left(archive=archive_of(part), left_on=on, reason=reason, actor=who, today=TODAY)


def test_who_left_gets_no_further_year(county: County) -> None:
    unit, number = county.education, id_number()
    last_year = TODAY.year - 1
    part = opened(unit, number=number, year=last_year)
    sealed(unit, part=part)
    with acting_as(unit.clerk) as who:
        assert due_archives(who, year=TODAY.year).count() == 1
    left(part, unit.clerk, dt.date(last_year, 8, 31))
    with acting_as(unit.clerk) as who:
        assert due_archives(who, year=TODAY.year).count() == 0
    with pytest.raises(Refused) as refusal:
        opened(unit, number=number)
    assert refusal.value.code == "left"
    with acting_as(unit.clerk) as who:
        mark_back(archive=archive_of(part), reason="返聘", actor=who)
        with pytest.raises(AlreadyDone):
            mark_back(archive=archive_of(part), reason="返聘", actor=who)
    assert opened(unit, number=number).year == TODAY.year
    assert [event.verb for event in events(county.id) if event.verb.startswith("archive.")] == [
        "archive.left",
        "archive.back",
    ]


def test_leaving_is_refused_without_reason_or_in_the_future(county: County) -> None:
    unit = county.education
    part = opened(unit)
    for by, day, reason, code in (
        (unit.clerk, TODAY + dt.timedelta(days=1), "退休", "left_on"),
        (unit.clerk, dt.date(1900, 1, 1), "退休", "left_on"),
        (unit.clerk, TODAY, " ", "reason_required"),
        (unit.filler, TODAY, "退休", "not_permitted"),
    ):
        with pytest.raises(Refused) as refusal:
            left(part, by, day, reason)
        assert refusal.value.code == code


def test_through_the_pages(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    clerk = client_as(unit.clerk)
    assert f"/records/{part.id}/transfer/" in clerk.get(f"/records/{part.id}/").content.decode()
    assert f"/records/{part.id}/transfer/" in clerk.get("/archives/").content.decode()
    assert f"/records/{part.id}/transfer/" not in client_as(unit.filler).get("/archives/").content.decode()
    address = f"/records/{part.id}/transfer/"
    assert unit.second_employer.name in clerk.get(address).content.decode()
    body = {"action": "transfer", "transfer-employer": unit.second_employer.pk, "transfer-reason": "调令"}
    assert clerk.post(address, body | {"transfer-reason": ""}).status_code == 422
    assert clerk.post(address, body | {"transfer-employer": county.health.employer.pk}).status_code == 422
    assert clerk.post(address, body).status_code == 302
    assert archive_of(part).employer_id == unit.second_employer.pk
    gone = {"action": "left", "leaving-left_on": f"{TODAY}", "leaving-reason": "退休"}
    assert clerk.post(address, gone | {"leaving-left_on": "x"}).status_code == 422
    assert clerk.post(address, gone).status_code == 302
    assert "离岗" in clerk.get(f"/records/{part.id}/").content.decode()
    assert clerk.post(address, {"action": "back", "leaving-reason": "返聘"}).status_code == 302
    assert archive_of(part).left_on is None
    assert clerk.post(address, {"action": "nonsense"}).status_code == 302


def test_the_old_employer_may_not_open_it_again(county: County) -> None:
    unit, number = county.education, id_number()
    part = opened(unit, number=number)
    moved(unit, part)
    with acting_as(unit.filler) as who, pytest.raises(Refused) as refusal:
        open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": part.name, "document_number": number},
            year=TODAY.year - 1,
            actor=who,
            today=TODAY,
            backfill_reason="补录",
        )
    assert refusal.value.code == "other_employer"
