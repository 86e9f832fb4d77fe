"""How far each group is: records confirmed by month, deliveries on time, what is overdue (AY-12, AY-14, AY-32).

Every share has a denominator from one place:

- `people` (应建): who stands on the roster of the year, and whoever has a record without standing on it, so that no
  share exceeds the whole and a group without a roster is measured by the records it has (`archives.coverage`).
- `due` (应报送): sealed versions whose due day is over; today's are nobody's delay yet. On time is what the platform
  had accepted by the end of the due day.
- a duty that moved to another agency within the year counts with the records there are: who has none
  is the successor's.
- overdue are current versions not accepted after their due day, and after the close of the year people without a
  confirmed record.

Reads only; a statement for each kind of count, however many people there are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone

from agencies.models import Responsibility
from archives.coverage import Coverage, coverage_of
from archives.models import Outbox, Version
from archives.models.items import in_time
from archives.services.years import closes_on
from archives.states import NOT_SENT, Delivery
from credit_platform.actors import Actor
from credit_platform.tenancy.plans import joining_wholes

MONTHS = range(1, 13)
Group = tuple[int, str]
"""Agency and code of the group."""


@dataclasses.dataclass
class Month:
    """Counts of one month: records first confirmed in it; versions that fell due in it, on time, overdue now."""

    sealed: int = 0
    due: int = 0
    on_time: int = 0
    overdue: int = 0


@dataclasses.dataclass
class GroupProgress:
    """One group at one agency in one year. `before` and `after`: confirmed outside the twelve months of the year."""

    responsibility: Responsibility
    coverage: Coverage = dataclasses.field(default_factory=Coverage)
    months: dict[int, Month] = dataclasses.field(default_factory=lambda: {one: Month() for one in MONTHS})
    before: int = 0
    after: int = 0

    @property
    def people(self) -> int:
        """The denominator: on the roster, or with a record without standing on it."""
        return self.coverage.expected + self.coverage.beyond

    @property
    def built(self) -> int:
        """How many of them have a record, confirmed or not."""
        return self.coverage.built + self.coverage.beyond

    @property
    def sealed(self) -> int:
        """How many records of the year have ever been confirmed."""
        return self.before + self.after + sum(month.sealed for month in self.months.values())

    def sealed_by(self, month: int) -> int:
        """How many had been confirmed by the end of a month."""
        return self.before + sum(self.months[one].sealed for one in MONTHS if one <= month)


@dataclasses.dataclass(frozen=True)
class Line:
    """What is overdue of one group: deliveries of a month, or the records of a year (`month` is then its close).

    `since`: the earliest day on which it should have been there.
    """

    responsibility: Responsibility
    what: str
    month: dt.date
    since: dt.date
    count: int
    whole: int

    @property
    def key(self) -> str:
        """Names the line in a form."""
        row = self.responsibility
        return f"{row.agency_id}:{row.occupation}:{self.what}:{self.month:%Y-%m}"


@dataclasses.dataclass(frozen=True)
class Progress:
    """All groups of a county in one year, and what is overdue. `undecided`: labels of groups whose subjects are yet to
    be decided and that have no records. `waiting`: labels of groups whose turn in the roll-out has not come, of which
    nothing is owed in this year (AY-01, PD-40)."""

    year: int
    today: dt.date
    groups: list[GroupProgress]
    lines: list[Line]
    undecided: list[str]
    waiting: list[str] = dataclasses.field(default_factory=list)

    @property
    def shown(self) -> int:
        """The last month of the year that has begun; 0 if none has."""
        if self.today.year != self.year:
            return 12 if self.today.year > self.year else 0
        return self.today.month

    def total(self, name: str) -> int:
        """Sum of a count over all groups."""
        return sum(getattr(group, name) for group in self.groups)

    def total_of_months(self, name: str) -> int:
        """Sum of a monthly count over all groups and months."""
        return sum(getattr(month, name) for group in self.groups for month in group.months.values())


def percent(part: int, whole: int) -> int | None:
    """Return the share in whole per cent, rounded down so that 100 means all; None without a whole."""
    return part * 100 // whole if whole else None


def progress_of(actor: Actor, year: int, *, today: dt.date) -> Progress:
    """Return how far every group of the county is, in seven statements, however many people there are."""
    rows = list(Responsibility.objects.visible_to(actor).select_related("agency", "jurisdiction"))
    counted = [row for row in rows if row.owes_year(year) or row.moved_in(year)]
    groups = {(row.agency_id, row.occupation): GroupProgress(row) for row in counted}
    with joining_wholes():
        for key, coverage in coverage_of(actor, year).items():
            if key in groups:
                owed = groups[key].responsibility.owes_year(year)
                groups[key].coverage = coverage if owed else coverage.of_those_built()
        _count_seals(groups, actor, year)
        _count_deliveries(groups, actor, year, today)
        lines = [*_late_deliveries(groups, actor, year, today), *_late_records(groups, year, today)]
    lines.sort(key=lambda line: (line.since, line.responsibility.position, line.month))
    undecided = [row.label for row in rows if row.undecided]
    waiting = [r.label for r in rows if not (r.owes_year(year) or r.undecided or r.ended_on or r.encouraged)]
    return Progress(year, today, list(groups.values()), lines, undecided, waiting)


def first_seals(actor: Actor, year: int) -> QuerySet[Version]:
    """Return the first version of every confirmed record of a year."""
    return Version.objects.visible_to(actor).filter(part__year=year, number=1)


def due_versions(actor: Actor, today: dt.date) -> QuerySet[Outbox]:
    """Return what should have reached a platform before today; `ON_TIME` tells what did. A fact whose time is over is
    in no figure, nor is what is not sent."""
    rows = Outbox.objects.visible_to(actor).filter(in_time("item__"), due_at__lt=midnight(today))
    return rows.exclude(state__in=NOT_SENT)


def overdue_versions(actor: Actor, today: dt.date) -> QuerySet[Outbox]:
    """Return the current versions that no platform has accepted although their due day is over."""
    current = Q(part__current_version=F("version__number")) | Q(item__current_version=F("version__number"))
    return due_versions(actor, today).exclude(state=Delivery.ACCEPTED).filter(current)


_A_DAY: Any = ExpressionWrapper(Value(dt.timedelta(days=1)), output_field=DurationField())
ON_TIME = Q(state=Delivery.ACCEPTED, changed_at__lt=TruncDay("due_at") + _A_DAY)
"""Of what was due: accepted by the end of the due day, in the local time of the place."""


def midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in local time."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def year_bounds(year: int) -> tuple[dt.datetime, dt.datetime]:
    """Return the first instant of a year and that of the next."""
    return midnight(dt.date(year, 1, 1)), midnight(dt.date(year + 1, 1, 1))


def _count_seals(groups: Mapping[Group, GroupProgress], actor: Actor, year: int) -> None:
    found = first_seals(actor, year).order_by().annotate(month=TruncMonth("sealed_at"))
    for agency, occupation, month, count in found.values_list("agency_id", "occupation", "month").annotate(
        Count("id")
    ):
        group = groups.get((agency, occupation))
        if group is None:
            continue
        if month.year < year:
            group.before += count
        elif month.year > year:
            group.after += count
        else:
            group.months[month.month].sealed += count


def _count_deliveries(groups: Mapping[Group, GroupProgress], actor: Actor, year: int, today: dt.date) -> None:
    since, until = year_bounds(year)
    found = due_versions(actor, today).filter(due_at__gte=since, due_at__lt=until).order_by()
    counted = (
        found.annotate(month=TruncMonth("due_at"))
        .values_list("agency_id", "occupation", "month")
        .annotate(due=Count("id"), on_time=Count("id", filter=ON_TIME))
    )
    for agency, occupation, month, due, on_time in counted:
        if group := groups.get((agency, occupation)):
            group.months[month.month].due += due
            group.months[month.month].on_time += on_time


def _late_deliveries(
    groups: Mapping[Group, GroupProgress], actor: Actor, year: int, today: dt.date
) -> list[Line]:
    since_new_year, until = year_bounds(year)
    found = overdue_versions(actor, today).filter(due_at__gte=since_new_year, due_at__lt=until).order_by()
    days = (
        found.annotate(day=TruncDay("due_at"))
        .values_list("agency_id", "occupation", "day")
        .annotate(Count("id"))
    )
    counts: dict[tuple[Group, dt.date], int] = defaultdict(int)
    since: dict[tuple[Group, dt.date], dt.date] = {}
    for agency, occupation, day, count in days:
        at = (agency, occupation), day.date().replace(day=1)
        counts[at] += count
        since[at] = min(day.date(), since.get(at, day.date()))
    lines = []
    for (key, month), count in counts.items():
        if group := groups.get(key):
            in_month = group.months[month.month]
            in_month.overdue = count
            lines.append(
                Line(group.responsibility, "delivery", month, since[key, month], count, in_month.due)
            )
    return lines


def _late_records(groups: Mapping[Group, GroupProgress], year: int, today: dt.date) -> list[Line]:
    lines = []
    for group in groups.values():
        close = closes_on(group.responsibility.jurisdiction, year)
        missing = group.people - group.sealed if group.responsibility.owes_year(year) else 0
        if close is not None and today > close and missing > 0:
            month = close.replace(day=1)
            lines.append(Line(group.responsibility, "record", month, close, missing, group.people))
    return lines
