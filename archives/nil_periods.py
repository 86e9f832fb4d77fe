"""Which periods still want a report: a fact, or the signed statement that there is none (AY-14). Reads only."""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.db.models import Q

from agencies.models import Jurisdiction, Responsibility
from archives.cadence import DUE_DAY, PARAMETER, due_day
from archives.models import Item, NilReturn
from archives.periods import Period
from archives.services.nil_returns import period_kind
from archives.states import NilStatus, Status
from credit_platform.actors import Actor

MOST = 12
"""Periods that are looked back at."""


@dataclasses.dataclass(frozen=True)
class Owed:
    """A group and a period for which there is neither a fact nor a nil return; `due` is the last day for it."""

    group: Responsibility
    period: Period
    due: dt.date

    def late(self, today: dt.date) -> bool:
        """Whether that day is over."""
        return today > self.due


def due_of(period: Period, jurisdiction: Jurisdiction) -> dt.date:
    """Return the last day on which a period is reported in time."""
    rule = jurisdiction.parameters.get(PARAMETER) or {}
    return due_day(period, int(rule.get("due_day", DUE_DAY)))


def owed_of(actor: Actor, *, today: dt.date, most: int = MOST) -> list[Owed]:
    """Return what this member's groups owe for the last periods that are over, the latest first; three statements."""
    groups = list(Responsibility.objects.handled_by(actor).select_related("jurisdiction"))
    if not groups:
        return []
    periods = periods_over(groups[0].jurisdiction, today=today, most=most)
    if not periods:
        return []
    done = _signed(actor, periods) | _with_facts(actor, periods)
    return [
        Owed(group, period, due_of(period, group.jurisdiction))
        for period in periods
        for group in groups
        if group.owes(period.start, period.end) and (group.occupation, period.start) not in done
    ]


def periods_over(jurisdiction: Jurisdiction, *, today: dt.date, most: int = MOST) -> list[Period]:
    """Return the last periods that are over, of years for which the place keeps records, the latest first."""
    first_year = int(jurisdiction.parameters.get("first_year", today.year))
    period, found = Period.containing(period_kind(jurisdiction), today), []
    for _ in range(most):
        period = period.previous
        if period.start.year < first_year:
            break
        found.append(period)
    return found


def _signed(actor: Actor, periods: list[Period]) -> set[tuple[str, dt.date]]:
    rows = NilReturn.objects.visible_to(actor).filter(
        kind=periods[0].kind, start__in=[period.start for period in periods]
    )
    return set(rows.exclude(status=NilStatus.VOID).order_by().values_list("occupation", "start"))


def _with_facts(actor: Actor, periods: list[Period]) -> set[tuple[str, dt.date]]:
    """As `facts_in`: whatever their state; revoked ones don't count."""
    facts = Item.objects.visible_to(actor).filter(
        occurred_on__gte=periods[-1].start, occurred_on__lte=periods[0].end
    )
    facts = facts.exclude(Q(revoked=True, status=Status.SEALED)).order_by()
    kind = periods[0].kind
    days = facts.values_list("occupation", "occurred_on").distinct()
    return {(occupation, Period.containing(kind, day).start) for occupation, day in days if day is not None}
