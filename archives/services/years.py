"""Until when a year's records are opened as a matter of course, and what comes after: 补录 (AY-N1)."""

from __future__ import annotations

import datetime as dt

from agencies.models import Jurisdiction

PARAMETER = "year_closes"
"""Month and day of the following year on which a year closes, as "03-31"; without it no year closes."""


def closes_on(jurisdiction: Jurisdiction, year: int) -> dt.date | None:
    """Return the last day on which records of `year` are opened without a reason; None: no end is set."""
    text = jurisdiction.parameters.get(PARAMETER)
    return dt.date.fromisoformat(f"{year + 1}-{text}") if text else None


def is_closed(jurisdiction: Jurisdiction, year: int, *, today: dt.date) -> bool:
    """Tell whether opening a record of `year` is a 补录."""
    last_day = closes_on(jurisdiction, year)
    return last_day is not None and today > last_day


def default_year(jurisdiction: Jurisdiction, *, today: dt.date) -> int:
    """Return the year that is being worked on: last year until it closes, then this one."""
    last = today.year - 1
    begun = last >= int(jurisdiction.parameters.get("first_year", today.year))
    runs = closes_on(jurisdiction, last) is not None and not is_closed(jurisdiction, last, today=today)
    return last if begun and runs else today.year


def year_label(jurisdiction: Jurisdiction, year: int, *, today: dt.date) -> str:
    """Return a year as forms offer it."""
    return f"{year} 年度" + ("（已截止，补录）" if is_closed(jurisdiction, year, today=today) else "")
