"""Reporting periods: a month, a quarter or a year with its first and last day. Pure arithmetic (AY-14)."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
from enum import StrEnum


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"


_MONTHS = {PeriodKind.MONTHLY: 1, PeriodKind.QUARTERLY: 3, PeriodKind.ANNUAL: 12}


@dataclasses.dataclass(frozen=True, order=True)
class Period:
    """A period of a kind; `start` and `end` are its first and last day."""

    kind: PeriodKind
    start: dt.date
    end: dt.date

    @classmethod
    def containing(cls, kind: PeriodKind | str, day: dt.date) -> Period:
        """Return the period of this kind that the day lies in. Raises ValueError for an unknown kind."""
        known = PeriodKind(kind)
        length = _MONTHS[known]
        first = (day.month - 1) // length * length + 1
        last = first + length - 1
        end = dt.date(day.year, last, calendar.monthrange(day.year, last)[1])
        return cls(known, dt.date(day.year, first, 1), end)

    @property
    def label(self) -> str:
        """The period in words: 2026年11月, 2026年第四季度, 2026年度."""
        year = self.start.year
        if self.kind == PeriodKind.MONTHLY:
            return f"{year}年{self.start.month}月"
        if self.kind == PeriodKind.QUARTERLY:
            return f"{year}年第{'一二三四'[(self.start.month - 1) // 3]}季度"
        return f"{year}年度"

    @property
    def previous(self) -> Period:
        """The period of the same kind before this one. Raises OverflowError before the first year there is."""
        return Period.containing(self.kind, self.start - dt.timedelta(days=1))

    def next(self) -> Period:
        """Return the period of the same kind after this one. Raises OverflowError after the last year there is."""
        return Period.containing(self.kind, self.end + dt.timedelta(days=1))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.start <= day <= self.end
