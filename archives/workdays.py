"""Working days by the yearly notices of the State Council's General Office (`workdays.toml`). Pure but for the file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).with_name("workdays.toml")
_SATURDAY = 5
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Public holidays of the solar calendar; what else is off in a year without a notice isn't known beforehand."""


@dataclasses.dataclass(frozen=True)
class CalendarYear:
    """A year as its notices settle it: days off, and Saturdays and Sundays that are worked."""

    sources: tuple[str, ...]
    rest: frozenset[dt.date]
    made_up: frozenset[dt.date]


@functools.cache
def official_years() -> Mapping[int, CalendarYear]:
    """Return the years whose notices are entered; every other year is provisional."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        int(year): CalendarYear(
            tuple(entry["sources"]), frozenset(entry["rest"]), frozenset(entry["made_up"])
        )
        for year, entry in data.items()
    }


def is_provisional(day: dt.date) -> bool:
    """Tell whether no notice is entered for the day's year, so that its working days may still change."""
    return day.year not in official_years()


def is_working_day(day: dt.date) -> bool:
    """Tell whether offices work on this day. In a provisional year: Monday to Friday but for fixed holidays."""
    year = official_years().get(day.year)
    weekend = day.weekday() >= _SATURDAY
    if year is None:
        return not weekend and (day.month, day.day) not in _FIXED
    return day in year.made_up or (not weekend and day not in year.rest)


def working_day_from(day: dt.date) -> dt.date:
    """Return the day itself if it is a working day, else the next one."""
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def add_working_days(day: dt.date, count: int) -> dt.date:
    """Return the last of `count` working days after `day`, which itself isn't counted. `count` of 0: the day."""
    for _ in range(count):
        day = working_day_from(day + dt.timedelta(days=1))
    return day
