"""When what was sealed is due: periods, working days, three years of them with holidays and downtime (AY-14).

Days off are those of the package chinesecalendar, which is kept by other people from the same notices as ours.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
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
BY_GROUP: dict[str, Any] = {
    "cadence": {
        "record": "annual",
        "groups": {"lawyer": "quarterly", "guide": "monthly"},
        "items": {"award": "monthly", "training": "annual"},
        "due_day": 5,
    }
}
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


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


def test_every_day_of_the_official_years_is_that_of_the_notices() -> None:
    first, last = min(official_years()), max(official_years())
    days = list(days_between(dt.date(first, 1, 1), dt.date(last, 12, 31)))
    assert [day for day in days if is_working_day(day) != chinese_calendar.is_workday(day)] == []


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
    """Sealed at any hour of three years; the beat sleeps for days on end, then takes everything that is due. Each goes
    with the first beat of its due day or after it, as reckoned here."""
    chance = random.Random(seed)
    begin = dt.datetime(2023, 1, 1, tzinfo=CHINA)
    beats = list(beats_until(dt.datetime(2026, 6, 1, tzinfo=CHINA), begin, chance))
    waiting: dict[int, tuple[dt.datetime, dt.datetime]] = {}
    wanted: dict[int, dt.datetime] = {}
    for number in range(600):
        sealed_at = begin + dt.timedelta(minutes=chance.randrange(3 * 365 * 24 * 60))
        kind, group = chance.choice([None, "award", "complaint"]), chance.choice(["teacher", "lawyer"])
        due = due_at(sealed_at, parameters=BY_GROUP, number=1, kind=kind, usual="annual", group=group)
        waiting[number] = (sealed_at, due)
        period = "monthly" if kind == "award" else "quarterly" if group == "lawyer" else "annual"
        due_on = reckoned(sealed_at.date(), MONTHS[period])
        wanted[number] = next(beat for beat in beats if beat.date() >= due_on)
    taken: dict[int, dt.datetime] = {}
    for beat in beats:
        up = [number for number, (at, due) in waiting.items() if at <= beat and due <= beat]
        taken |= dict.fromkeys(up, beat)
        for number in up:
            del waiting[number]
    assert taken == wanted


def test_days_reckoned_here_are_of_every_sort() -> None:
    """What the three years are compared with: each period ends, and holidays move the fifth."""
    assert reckoned(dt.date(2024, 4, 30), 1) == dt.date(2024, 5, 6)  # 1 to 5 May 2024 were off
    assert reckoned(dt.date(2023, 7, 1), 3) == dt.date(2023, 10, 7)  # a Saturday that was made up
    assert reckoned(dt.date(2023, 12, 31), 12) == dt.date(2024, 1, 5)
    assert reckoned(dt.date(2024, 1, 1), 12) == dt.date(2025, 1, 6)


def reckoned(sealed_on: dt.date, months: int) -> dt.date:
    """Day by day: into the first month after the period of so many months, to its fifth, to the next day of work."""
    day = sealed_on + dt.timedelta(days=1)
    while day.day != 1 or (day.month - 1) % months != 0:
        day += dt.timedelta(days=1)
    day = day.replace(day=5)
    while not chinese_calendar.is_workday(day):
        day += dt.timedelta(days=1)
    return day


def beats_until(end: dt.datetime, now: dt.datetime, chance: random.Random) -> Iterator[dt.datetime]:
    """Mostly daily; now and then nothing for days or weeks."""
    while now < end:
        yield now
        now += dt.timedelta(days=chance.choice([1, 1, 1, 1, 1, 3, 17, 40]))


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=n) for n in range((last - first).days + 1))


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


@pytest.mark.req("AY-14")
@pytest.mark.parametrize(
    ("group", "kind", "due"),
    [
        ("teacher", None, "2027-01-05"),  # no group of its own: the place's for records
        ("lawyer", None, "2026-07-06"),  # the group's; 5 July is a Sunday
        ("guide", None, "2026-06-05"),
        ("teacher", "complaint", "2026-07-06"),  # neither the kind nor the group named: the kind's own
        ("guide", "complaint", "2026-06-05"),  # the group's before the kind's own
        ("lawyer", "award", "2026-06-05"),  # the kind named goes before the group
        ("guide", "training", "2027-01-05"),
    ],
)
def test_the_default_comes_from_the_group_and_the_kind_goes_before_it(
    group: str, kind: str | None, due: str
) -> None:
    sealed_at = dt.datetime(2026, 5, 4, 9, tzinfo=CHINA)
    usual = "quarterly" if kind else "annual"
    found = due_at(sealed_at, parameters=BY_GROUP, number=1, kind=kind, usual=usual, group=group)
    assert found.date().isoformat() == due


@pytest.mark.parametrize(("year", "due"), [(2026, "2027-01-05"), (2025, "2026-05-04"), (2024, "2026-05-04")])
def test_a_record_of_a_year_that_is_over_is_due_at_once(year: int, due: str) -> None:
    sealed_at = dt.datetime(2026, 5, 4, 9, tzinfo=CHINA)
    found = due_at(sealed_at, parameters=BY_GROUP, number=1, kind=None, usual="annual", year=year)
    assert (found.date().isoformat(), found >= sealed_at) == (due, True)


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
