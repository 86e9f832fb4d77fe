"""Three simulated years against the database: holidays, days of downtime; nothing missed, nothing twice (AY-14)."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from agencies.models import Jurisdiction
from archives.models import Item, Outbox, RecordPart
from archives.states import Delivery
from archives.workdays import is_working_day
from delivery.models import BatchLine, Target
from delivery.services import deliver
from tests.archives.flow import opened, rows_of, sealed
from tests.archives.item_flow import item_sealed
from tests.clock import Clock, moved_clock
from tests.delivery.processes import Simulator
from tests.factories import County

_numbers = itertools.count(1)
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2026, 12, 31)
CAUGHT_UP = dt.date(2027, 1, 31)
"""The last periods are due after the three years."""
ITEMS = {"award": "monthly", "honour": "quarterly", "training": "annual"}
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
SEALS = 40
DOWN = 45
"""Days on which nobody delivers, in stretches of up to two weeks."""
BUSY = 13
"""Due days lie within the first of a month; after that it is enough to look every few days."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return moved_clock(monkeypatch, FIRST)


@pytest.fixture(autouse=True)
def _place(county: County) -> None:
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")
    place = Jurisdiction.objects.get(id=county.id)
    rule = {"record": "annual", "items": ITEMS, "due_day": 5}
    place.parameters = {**place.parameters, "cadence": rule}
    place.save(update_fields=["parameters"])


@pytest.mark.req("AY-14", "AY-15")
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_years_miss_nothing_and_repeat_nothing(
    county: County, simulator: Simulator, clock: Clock
) -> None:
    chance = random.Random(20261124)
    down = days_of_downtime(chance)
    plan = what_is_sealed_when(chance)
    client = simulator.client(timeout=(2.0, 5.0))
    parts: dict[int, RecordPart] = {}
    wanted: dict[UUID, tuple[dt.date, str]] = {}
    sent: dict[UUID, list[dt.date]] = {}
    seen = 0
    for day in days(FIRST, CAUGHT_UP):
        clock.go(day, 9)
        for kind in plan.get(day, ()):
            head = seal_one(county, kind, day, parts)
            wanted[head.pk] = (due_of(kind, day), kind)
        if day in down or quiet(day):
            continue
        clock.go(day, 10)
        if not deliver(jurisdiction_id=county.id, target="county", client=client):
            continue
        lines: list[Any] = rows_of(BatchLine, county.id)
        assert len(lines) > seen, "a batch holds something new"
        seen = len(lines)
        for line in lines:
            if line.record_id not in sent:
                sent[line.record_id] = [day]
    assert len(wanted) == sum(len(kinds) for kinds in plan.values())
    assert seen == len(wanted), "everything travelled in one batch"
    for head_id, (due, kind) in wanted.items():
        expected = next(day for day in days(due, CAUGHT_UP) if day not in down and not quiet(day))
        assert sent.get(head_id) == [expected], (kind, due)
    assert {row.state for row in rows_of(Outbox, county.id)} == {Delivery.ACCEPTED}
    assert simulator.count("versions") == len(wanted)
    late = [due for due, _ in wanted.values() if due in down]
    assert late, "some of it fell due while nobody delivered"
    assert any(due.day != 5 for due, _ in wanted.values()), "some due days were no working days"


def quiet(day: dt.date) -> bool:
    return day.day > BUSY and day.day % 6 != 0


def seal_one(county: County, kind: str, day: dt.date, parts: dict[int, RecordPart]) -> RecordPart | Item:
    """Confirm a yearly record of this year, or an item of one of this year's records."""
    unit = county.education
    if kind == "record":
        return sealed(unit, part=opened(unit, year=day.year)).part
    if day.year not in parts:
        parts[day.year] = opened(unit, year=day.year)
    on = day.isoformat()
    changes = {"occurred_on": on}
    if kind != "training":
        changes |= {"document_date": on, "document_no": f"安教〔{day.year}〕{next(_numbers)} 号"}
    return item_sealed(parts[day.year], kind, unit=unit, **changes)


def due_of(kind: str, day: dt.date) -> dt.date:
    """Reckoned here anew: the fifth of the month after the period, or the next working day."""
    length = MONTHS[ITEMS.get(kind, "annual")]
    month = ((day.month - 1) // length + 1) * length + 1
    due = dt.date(day.year + (month > 12), (month - 1) % 12 + 1, 5)
    while not is_working_day(due):
        due += dt.timedelta(days=1)
    return due


def what_is_sealed_when(chance: random.Random) -> dict[dt.date, list[str]]:
    """Something every few weeks, and on the first and last day of every kind of period."""
    every = list(days(FIRST, LAST))
    plan: dict[dt.date, list[str]] = {}
    edges = [dt.date(2024, 3, 31), dt.date(2024, 4, 1), dt.date(2025, 12, 31), dt.date(2026, 1, 1), LAST]
    for day in edges:
        plan.setdefault(day, []).extend(["award", "honour", "training", "record"])
    while sum(map(len, plan.values())) < SEALS:
        plan.setdefault(chance.choice(every), []).append(chance.choice([*ITEMS, "award", "record"]))
    return plan


def days_of_downtime(chance: random.Random) -> set[dt.date]:
    """Stretches of downtime: around the fifth of some months, and anywhere."""
    down: set[dt.date] = set()
    starts = [dt.date(2024, 4, 3), dt.date(2025, 1, 4), dt.date(2026, 1, 5)]
    while len(down) < DOWN:
        start = starts.pop() if starts else FIRST + dt.timedelta(days=chance.randrange(1000))
        down |= set(days(start, start + dt.timedelta(days=chance.randrange(1, 14))))
    return down


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += dt.timedelta(days=1)
