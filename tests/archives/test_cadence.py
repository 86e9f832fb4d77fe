"""When what was sealed is due: periods, working days, three years of them with holidays and downtime (AY-14)."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.cadence import due_at, due_day, problem_of
from archives.periods import Period, PeriodKind
from archives.workdays import add_working_days, is_provisional, is_working_day, official_years

DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2031, 12, 31))
KINDS = st.sampled_from(list(PeriodKind))
CHINA = ZoneInfo("Asia/Shanghai")
RULE: dict[str, Any] = {"cadence": {"record": "quarterly", "items": {"award": "monthly"}, "due_day": 5}}


@given(kind=KINDS, day=DAYS)
def test_periods_follow_each_other_without_gap(kind: PeriodKind, day: dt.date) -> None:
    period = Period.containing(kind, day)
    assert day in period
    assert period.next().start == period.end + dt.timedelta(days=1)
    assert period.next().previous == period


@pytest.mark.parametrize(
    ("kind", "label"),
    [("monthly", "2026年11月"), ("quarterly", "2026年第四季度"), ("annual", "2026年度")],
)
def test_periods_have_the_names_of_the_field(kind: str, label: str) -> None:
    assert Period.containing(kind, dt.date(2026, 11, 24)).label == label


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2020-01-31", False),  # the holidays of 2020 were prolonged
        ("2023-10-07", True),  # a Saturday that is made up
        ("2025-10-08", False),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-10-08", True),
        ("2027-01-01", False),
        ("2027-01-04", True),
    ],
)
def test_working_days_are_those_of_the_notices(day: str, works: bool) -> None:
    assert is_working_day(dt.date.fromisoformat(day)) is works


def test_years_without_a_notice_are_provisional() -> None:
    assert sorted(official_years()) == list(range(2020, 2027))
    assert not is_provisional(dt.date(2026, 12, 31))
    assert is_provisional(dt.date(2027, 1, 1))
    for number, year in official_years().items():
        assert year.sources
        assert {day.year for day in year.rest | year.made_up} == {number}
        assert not year.rest & year.made_up
        assert all(day.weekday() >= 5 for day in year.made_up)


def test_working_days_are_counted_from_the_day_after() -> None:
    assert add_working_days(dt.date(2026, 9, 30), 1) == dt.date(2026, 10, 8)
    assert add_working_days(dt.date(2026, 9, 30), 3) == dt.date(2026, 10, 10)


@given(kind=KINDS, day=DAYS, due=st.integers(1, 28))
def test_due_on_a_working_day_after_the_period(kind: PeriodKind, day: dt.date, due: int) -> None:
    period = Period.containing(kind, day)
    found = due_day(period, due)
    assert found > period.end
    assert is_working_day(found)
    wanted = period.next().start.replace(day=due)
    assert found >= wanted
    assert not any(is_working_day(wanted + dt.timedelta(days=n)) for n in range((found - wanted).days))


@pytest.mark.req("AY-14")
@pytest.mark.parametrize("seed", range(5))
def test_three_years_with_downtime_none_missed_none_double(seed: int) -> None:
    """Sealed at any hour of 2024 to 2026; the beat sleeps for days on end, then takes everything that is due."""
    chance = random.Random(seed)
    begin = dt.datetime(2024, 1, 1, tzinfo=CHINA)
    waiting: dict[int, tuple[dt.datetime, dt.datetime]] = {}
    for number in range(600):
        sealed_at = begin + dt.timedelta(minutes=chance.randrange(3 * 365 * 24 * 60))
        kind = chance.choice([None, "award", "complaint"])
        due = due_at(sealed_at, parameters=RULE, number=1, kind=kind, usual="annual")
        waiting[number] = (sealed_at, due)
    taken: Counter[int] = Counter()
    now, queue, last = begin, dict(waiting), begin
    while now < dt.datetime(2028, 1, 1, tzinfo=CHINA):
        up = [number for number, (sealed_at, due) in queue.items() if sealed_at <= now and due <= now]
        for number in up:
            assert waiting[number][1] > last or waiting[number][0] > last, "left lying by the beat before"
            taken[number] += 1
            del queue[number]
        last, now = now, now + dt.timedelta(days=chance.choice([1, 1, 1, 1, 1, 3, 17, 40]))
    assert taken == Counter(range(600))


def test_what_mends_something_waits_for_no_period() -> None:
    sealed_at = dt.datetime(2026, 7, 1, 9, tzinfo=CHINA)
    assert due_at(sealed_at, parameters=RULE, number=2, kind=None, usual="annual") == sealed_at
    assert due_at(sealed_at, parameters={}, number=1, kind=None, usual="annual") == sealed_at


@pytest.mark.parametrize(
    ("kind", "due"),
    [(None, "2026-10-08"), ("award", "2026-08-05"), ("complaint", "2027-01-05")],
)
def test_the_pack_goes_before_the_kind(kind: str | None, due: str) -> None:
    sealed_at = dt.datetime(2026, 7, 1, 9, tzinfo=CHINA)
    found = due_at(sealed_at, parameters=RULE, number=1, kind=kind, usual="annual")
    assert found.date().isoformat() == due


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (RULE["cadence"], ""),
        ([], "not a table"),
        ({"record": "weekly"}, "weekly"),
        ({"items": {"award": "daily"}}, "daily"),
        ({"due_day": 31}, "due_day"),
        ({"due_day": True}, "due_day"),
        ({"dueday": 5}, "dueday"),
    ],
)
def test_what_is_wrong_with_a_cadence_is_said(rule: Any, says: str) -> None:
    assert says in problem_of(rule) if says else problem_of(rule) == ""
