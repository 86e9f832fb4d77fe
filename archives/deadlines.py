"""Periods that run for a person. Pure arithmetic; how long they are says the pack of the place."""

from __future__ import annotations

import datetime as dt

from archives.workdays import is_working_day

STATEMENT_DAYS = 5
"""Calendar days for 陈述申辩 where the pack names none (as the shortest period of 行政处罚法 64 for a hearing)."""

_SATURDAY = 5


def statement_deadline(notified_on: dt.date, days: int) -> dt.date:
    """Return the last day on which the person may speak: the day of the notice doesn't count, and a period that would
    end on a Saturday, a Sunday or a day off ends on the next working day (AY-N2). A Saturday or Sunday that offices
    work is passed over as well, in favour of the person. In years without a notice only fixed holidays are known."""
    last = notified_on + dt.timedelta(days=max(days, 1))
    while last.weekday() >= _SATURDAY or not is_working_day(last):
        last += dt.timedelta(days=1)
    return last
