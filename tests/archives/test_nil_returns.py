"""零报告: signed for a period without facts, confirmed where the place asks, void when a fact turns up (AY-14)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from agencies.models import Membership
from archives.models import NilReturn
from archives.periods import Period, PeriodKind
from archives.services.nil_returns import (
    confirm_nil_return,
    periods_owed,
    sign_nil_return,
    withdraw_nil_return,
)
from archives.states import NilStatus
from audit.lifecycle import AlreadyDone, Refused
from tests.archives.flow import acting_as, events, opened, rows_of
from tests.archives.item_flow import item_sealed, written
from tests.factories import County, Unit

pytestmark = pytest.mark.req("AY-14")
TODAY = timezone.localdate()
LAST = Period.containing(PeriodKind.MONTHLY, TODAY).previous


def signed(unit: Unit, *, by: Membership | None = None, period: Period = LAST) -> NilReturn:
    with acting_as(by or unit.clerk) as who:
        return sign_nil_return(responsibility=unit.responsibility, period=period, actor=who, today=TODAY)


@pytest.mark.parametrize(
    ("kind", "day", "start", "end", "label"),
    [
        ("monthly", dt.date(2024, 2, 10), dt.date(2024, 2, 1), dt.date(2024, 2, 29), "2024年2月"),
        ("quarterly", dt.date(2026, 12, 31), dt.date(2026, 10, 1), dt.date(2026, 12, 31), "2026年第四季度"),
        ("annual", dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 12, 31), "2026年度"),
    ],
)
def test_periods(kind: str, day: dt.date, start: dt.date, end: dt.date, label: str) -> None:
    period = Period.containing(kind, day)
    assert (period.start, period.end, period.label) == (start, end, label)
    assert period.previous.end == start - dt.timedelta(days=1)
    assert day in period


def test_a_clerk_signs_once_for_a_period_that_is_over(county: County) -> None:
    unit = county.education
    with acting_as(unit.clerk) as who:
        assert [one for _, one in periods_owed(who, today=TODAY)] == [LAST]
    row = signed(unit)
    assert (row.status, row.period) == (NilStatus.CONFIRMED, LAST)
    assert [one.verb for one in events(county.id, subject_id=str(row.pk))] == ["nil_return.signed"]
    with acting_as(unit.clerk) as who:
        assert periods_owed(who, today=TODAY) == []
    with pytest.raises(AlreadyDone):
        signed(unit)
    with pytest.raises(Refused, match="还没有结束"):
        signed(unit, period=Period.containing(PeriodKind.MONTHLY, TODAY))
    for member in (unit.reviewer, unit.filler, county.health.clerk, county.officer):
        with pytest.raises(Refused, match="不由您签报"):
            signed(unit, by=member)


def test_a_second_person_confirms_where_the_place_asks_for_it(county: County) -> None:
    unit = county.education
    place = county.jurisdiction
    place.parameters = {**place.parameters, "nil_return_second_person": True}
    place.save()
    unit.responsibility.refresh_from_db()
    row = signed(unit)
    assert row.status == NilStatus.SIGNED
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="另一位"):
        confirm_nil_return(row=row, revision=row.revision, actor=who)
    with acting_as(unit.reviewer) as who:
        assert confirm_nil_return(row=row, revision=row.revision, actor=who).confirmed_by == "李审核"


def test_facts_of_the_period_refuse_it_and_a_later_one_voids_it(county: County) -> None:
    unit = county.education
    item = written(opened(unit), by=unit.filler)
    assert item.occurred_on is not None
    period = Period.containing(PeriodKind.MONTHLY, item.occurred_on)
    with pytest.raises(Refused, match="1 条信用信息"):
        signed(unit, period=period)
    elsewhere = signed(county.health, period=period)
    assert elsewhere.status == NilStatus.CONFIRMED
    item_sealed(opened(county.health, by=county.health.filler), unit=county.health)
    (voided,) = rows_of(NilReturn, county.id, id=elsewhere.pk)
    assert voided.status == NilStatus.VOID
    assert "不再是零报告" in voided.void_reason
    assert [one.verb for one in events(county.id, subject_id=str(voided.pk))][-1] == "nil_return.voided"


def test_withdrawing_needs_a_reason_and_lets_sign_again(county: County) -> None:
    unit = county.education
    row = signed(unit)
    with acting_as(unit.clerk) as who:
        with pytest.raises(Refused, match="写明原因"):
            withdraw_nil_return(row=row, reason=" ", revision=row.revision, actor=who)
        assert withdraw_nil_return(row=row, reason="签错", revision=row.revision, actor=who).status == "void"
    assert signed(unit).pk != row.pk


def test_nobody_sees_another_agencys_nil_returns(county: County, other_county: County) -> None:
    row = signed(county.education)
    for member in (county.education.clerk, county.education.reviewer, county.officer):
        with acting_as(member) as who:
            assert list(NilReturn.objects.visible_to(who)) == [row]
    for member in (county.health.clerk, county.education.filler, other_county.officer):
        with acting_as(member) as who:
            assert not NilReturn.objects.visible_to(who).exists()
            assert not NilReturn.objects.exists()
