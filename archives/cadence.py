"""When a sealed version is due at the platform (AY-14). Pure: period, due day and calendar in, an instant out.

The pack's parameter `cadence` switches it on; without it everything sealed is due at once:

    cadence = { value = { record = "annual", groups = { lawyer = "quarterly" }, items = { award = "monthly" },
                          due_day = 5 }, clause = "AY-14" }

`record` is the period of yearly records, `groups` that of everything of one group, whose responsibility it is, and
`items` that of one kind, which goes before; a kind that none of them names has its own. `due_day` is the day of the
month after the period; one that is no working day moves to the next. What mends something that was delivered (a second
version, a withdrawal) waits for no period: a wrong record harms the person every day it stands. Nor does a record whose
year is long over (补录): its day has passed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from archives.periods import Period, PeriodKind
from archives.workdays import working_day_from

PARAMETER = "cadence"
DUE_DAY = 5
LAST_DUE_DAY = 28
"""Every month has it."""


def due_day(period: Period, day: int) -> dt.date:
    """Return the day on which what was sealed within `period` is due: this day of the month after it, or the next
    working day. Raises ValueError for a day that some month lacks."""
    if not 1 <= day <= LAST_DUE_DAY:
        raise ValueError(f"due day {day} is not within 1 to {LAST_DUE_DAY}")
    return working_day_from(period.next().start.replace(day=day))


def due_at(
    sealed_at: dt.datetime,
    *,
    parameters: Mapping[str, Any],
    number: int,
    kind: str | None,
    usual: str,
    group: str = "",
    year: int | None = None,
) -> dt.datetime:
    """Return when a version is due, in the zone of `sealed_at`, which is the local time of the place; never before
    `sealed_at`.

    `parameters` are the place's, `number` the version's, `kind` the item's (None: a yearly record, then of `year`),
    `usual` the cadence that holds unless the pack names another, `group` the code of the professional group.
    """
    rule = parameters.get(PARAMETER)
    if not rule or number > 1:
        return sealed_at
    day = sealed_at.date()
    if kind is None and year is not None:
        day = min(day, dt.date(year, 12, 31))
    period = Period.containing(cadence_of(rule, kind=kind, usual=usual, group=group), day)
    due = due_day(period, int(rule.get("due_day", DUE_DAY)))
    return max(dt.datetime.combine(due, dt.time.min, tzinfo=sealed_at.tzinfo), sealed_at)


def cadence_of(rule: Mapping[str, Any], *, kind: str | None, usual: str, group: str = "") -> str:
    """Return the cadence of an item of this kind (None: of a yearly record) in this group: the pack's for the kind,
    else its default for the group, else `record` for records and `usual` for items."""
    default: str = rule.get("groups", {}).get(group) or (usual if kind else rule.get("record", usual))
    return rule.get("items", {}).get(kind, default) if kind else default


def problem_of(rule: Any) -> str:
    """Return what is wrong with a pack's `cadence`, or nothing."""
    if not isinstance(rule, Mapping):
        return "not a table of record, groups, items and due_day"
    if not all(isinstance(rule.get(name, {}), Mapping) for name in ("groups", "items")):
        return "groups and items are tables"
    if unknown := set(rule) - {"record", "groups", "items", "due_day"}:
        return f"unknown: {', '.join(sorted(unknown))}"
    cadences = [
        rule.get("record", "annual"),
        *rule.get("groups", {}).values(),
        *rule.get("items", {}).values(),
    ]
    if wrong := [name for name in cadences if name not in list(PeriodKind)]:
        return f"not monthly, quarterly or annual: {wrong[0]!r}"
    day = rule.get("due_day", DUE_DAY)
    if type(day) is not int or not 1 <= day <= LAST_DUE_DAY:
        return f"due_day: not a whole number from 1 to {LAST_DUE_DAY}"
    return ""
