"""备案: filed with a number, returned, filed again; and never in the way of delivery."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Membership
from archives.models import Filing, Outbox
from archives.services.filings import accept_filing, next_number, send_back_filing, submit_filing
from archives.states import Delivery, FilingStatus
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, at_once, events, opened, rows_of, sealed
from tests.factories import County, Unit


def filed(unit: Unit, *, by: Membership | None = None, year: int | None = None) -> Filing:
    with acting_as(by or unit.clerk) as who:
        return submit_filing(
            responsibility=unit.responsibility, year=year or timezone.localdate().year, actor=who
        )


def accepted(filing: Filing, *, by: Membership) -> Filing:
    with acting_as(by) as who:
        return accept_filing(filing=filing, actor=who)


def sent_back(filing: Filing, *, by: Membership, reason: str = "人数有误") -> Filing:
    with acting_as(by) as who:
        return send_back_filing(filing=filing, reason=reason, actor=who)


@pytest.mark.req("AY-31")
@pytest.mark.parametrize("by", ["clerk", "reviewer"])
def test_filed_with_a_number(county: County, by: str) -> None:
    unit, year = county.education, timezone.localdate().year
    sealed(unit)
    opened(unit, name="李草稿")
    filing = filed(unit, by=getattr(unit, by))
    assert (filing.sealed_count, filing.total_count, filing.status) == (1, 2, FilingStatus.SUBMITTED)
    done = accepted(filing, by=county.officer)
    assert (done.status, done.number) == (FilingStatus.FILED, f"测试备〔{year}〕1 号")
    story = [event.verb for event in events(county.id, subject_type="filing")]
    assert story == ["filing.submitted", "filing.filed"]


@pytest.mark.req("AY-31")
def test_returned_and_filed_again(county: County) -> None:
    unit = county.education
    sealed(unit)
    filing = sent_back(filed(unit), by=county.officer)
    assert (filing.status, filing.reason) == (FilingStatus.RETURNED, "人数有误")
    sealed(unit, part=opened(unit, name="李小红"))
    again = filed(unit)
    assert (again.id, again.status, again.sealed_count, again.reason) == (
        filing.id,
        FilingStatus.SUBMITTED,
        2,
        "",
    )
    assert accepted(again, by=county.officer).number.endswith("1 号")


@pytest.mark.req("AY-15", "AY-31")
def test_delivery_does_not_wait_for_the_filing(county: County) -> None:
    sealed(county.education)
    (row,) = rows_of(Outbox, county.id)
    assert row.state == Delivery.PENDING
    assert row.due_at <= timezone.now()
    assert rows_of(Filing, county.id) == []


def test_nothing_sealed_nothing_to_file(county: County) -> None:
    opened(county.education)
    with pytest.raises(Refused) as refusal:
        filed(county.education)
    assert refusal.value.code == "nothing_sealed"


@pytest.mark.parametrize("by", ["filler", "admin"])
def test_other_roles_do_not_file(county: County, by: str) -> None:
    sealed(county.education)
    with pytest.raises(Refused) as refusal:
        filed(county.education, by=getattr(county.education, by))
    assert refusal.value.code == "foreign"


def test_another_agency_does_not_file_it(county: County) -> None:
    sealed(county.education)
    with pytest.raises(Refused):
        filed(county.education, by=county.health.clerk)


def test_a_double_click_files_once(county: County) -> None:
    sealed(county.education)
    filed(county.education)
    with pytest.raises((AlreadyDone, Refused)):
        filed(county.education)
    assert len(rows_of(Filing, county.id)) == 1
    assert len(events(county.id, verb="filing.submitted")) == 1


def test_a_double_click_of_the_office_numbers_once(county: County) -> None:
    sealed(county.education)
    filing = filed(county.education)
    number = accepted(filing, by=county.officer).number
    with pytest.raises(AlreadyDone):
        accepted(filing, by=county.officer)
    assert rows_of(Filing, county.id)[0].number == number
    with acting(county.id, "job"):
        assert next_number(f"filing.{timezone.localdate().year}") == 2


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office of another county"])
def test_only_the_own_office_decides(county: County, other_county: County, who: str) -> None:
    unit = county.education
    sealed(unit)
    filing = filed(unit)
    by = other_county.officer if who.startswith("office") else getattr(unit, who)
    for step in (accepted, sent_back):
        with pytest.raises((Refused, Filing.DoesNotExist)):
            step(filing, by=by)
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED


def test_sending_back_needs_a_reason(county: County) -> None:
    sealed(county.education)
    filing = filed(county.education)
    with pytest.raises(Refused) as refusal:
        sent_back(filing, by=county.officer, reason=" \x00 ")
    assert refusal.value.code == "reason_required"
    long = sent_back(filing, by=county.officer, reason="缺" * 2000)
    assert long.reason == "缺" * 500


def test_numbers_are_given_once_each(transactional_db: None, county: County) -> None:
    def take() -> int:
        with acting(county.id, "office"):
            return next_number("filing.test")

    assert sorted(at_once(*[take] * 8)) == list(range(1, 9))


def test_two_counties_count_apart(county: County, other_county: County) -> None:
    for place in (county, other_county):
        with acting(place.id, "office"):
            assert [next_number("filing.2026"), next_number("filing.2026")] == [1, 2]


def test_two_groups_are_filed_at_once(transactional_db: None, county: County) -> None:
    filings = []
    for unit in (county.education, county.health):
        sealed(unit)
        filings.append(filed(unit))
    officer = county.officer
    outcomes = at_once(*(partial(accepted, filing, by=officer) for filing in filings))
    assert sorted(filing.number.split("〕")[1] for filing in outcomes) == ["1 号", "2 号"]


def test_two_clerks_file_at_once(transactional_db: None, county: County) -> None:
    unit = county.education
    sealed(unit)
    members = [unit.clerk, unit.reviewer]
    outcomes = at_once(*(partial(filed, unit, by=by) for by in members))
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds in (["AlreadyDone", "Filing"], ["Filing", "Refused"]), outcomes
    assert len(rows_of(Filing, county.id)) == 1


def test_through_the_pages(county: County, client_as: Any) -> None:
    unit, year = county.education, timezone.localdate().year
    sealed(unit)
    clerk, officer = client_as(unit.clerk), client_as(county.officer)
    answer = clerk.post("/filings/submit/", {"responsibility": unit.responsibility.pk, "year": year})
    assert (answer.status_code, answer["Location"]) == (302, "/filings/")
    (filing,) = rows_of(Filing, county.id)
    assert officer.post(f"/filings/{filing.id}/", {"action": "send_back", "reason": ""}).status_code == 302
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED
    officer.post(f"/filings/{filing.id}/", {"action": "nonsense"})
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED
    officer.post(f"/filings/{filing.id}/", {"action": "file"})
    assert f"测试备〔{year}〕1 号" in clerk.get("/filings/").content.decode()
