"""The parameters that a pack may set: what each is called on the pages, and what is wrong with a value."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_EARLIEST = 1990
_MOST_DAYS = 90
_LONGEST_PREFIX = 20
_PERIODS = ("monthly", "quarterly", "annual")


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter: its name on the pages, and what tells a fault of a value, in words for whoever writes packs.

    `own`: it belongs to the place alone; one that follows another does not take it over.
    """

    label: str
    problem_of: Callable[[Any], str]
    own: bool = False


def _elsewhere(_: Any) -> str:
    """Judged by who uses it (`oversight.packs`)."""
    return ""


def _year(value: Any) -> str:
    latest = timezone.localdate().year + 1
    fits = type(value) is int and _EARLIEST <= value <= latest
    return "" if fits else f"not a year from {_EARLIEST} to {latest}"


def _month_and_day(value: Any) -> str:
    """Every year has the day."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            dt.date.fromisoformat(f"2001-{value}")
        except ValueError:
            pass
        else:
            return ""
    return 'not a month and day such as "03-31"'


def _days(value: Any) -> str:
    fits = type(value) is int and 1 <= value <= _MOST_DAYS
    return "" if fits else f"not a whole number of days from 1 to {_MOST_DAYS}"


def _prefix(value: Any) -> str:
    fits = isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST_PREFIX
    return "" if fits else f"not a text of at most {_LONGEST_PREFIX} characters"


def _period(value: Any) -> str:
    return "" if value in _PERIODS else f"not {', '.join(_PERIODS)}"


def _yes_or_no(value: Any) -> str:
    return "" if isinstance(value, bool) else "not true or false"


PARAMETERS: Mapping[str, Parameter] = {
    "first_year": Parameter("起始年度", _year),
    "year_closes": Parameter("年度截止（次年）", _month_and_day),
    "statement_days": Parameter("陈述申辩期限（天）", _days),
    "transfer_days": Parameter("转出接收期限（天）", _days),
    "cadence": Parameter("更新周期", _elsewhere),
    "filing_prefix": Parameter("备案号前缀", _prefix, own=True),
    "nil_return_period": Parameter("零报告周期", _period),
    "nil_return_second_person": Parameter("零报告须复核", _yes_or_no),
    "validity": Parameter("信息展示期限", _elsewhere),
}


def problem_of(name: str, value: Any) -> str:
    """Return what is wrong with a parameter of a pack, or nothing."""
    parameter = PARAMETERS.get(name)
    if parameter is None:
        return f"unknown parameter; known: {', '.join(sorted(PARAMETERS))}"
    return parameter.problem_of(value)
