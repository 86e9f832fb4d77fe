"""A cadence at work: what waits for its period, what travels with it, and what waits for nothing (AY-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.cadence import problem_of
from archives.models import Outbox, RecordPart
from archives.services.records import start_correction
from credit_platform.tenancy.context import acting
from delivery.models import Target
from delivery.services import deliver
from tests.archives.flow import acting_as, confirm, fresh, hand_on, opened, passed_on, rows_of, save, sealed
from tests.archives.item_flow import item_sealed
from tests.clock import moved_clock
from tests.delivery.processes import Simulator
from tests.factories import County, Unit


@pytest.fixture(autouse=True)
def _place(county: County) -> None:
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")
    set_cadence(county, {"record": "monthly", "due_day": 5})


def set_cadence(county: County, rule: dict[str, Any]) -> None:
    """As the loader of a pack writes it down."""
    assert problem_of(rule) == ""
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "cadence": rule}
    place.save(update_fields=["parameters"])


def run(county: County, simulator: Simulator) -> int:
    client = simulator.client(timeout=(2.0, 2.0))
    return deliver(jurisdiction_id=county.id, target="county", client=client)


def corrected(unit: Unit, part: RecordPart) -> None:
    """The clerk mends the post; the reviewer confirms the next version."""
    with acting_as(unit.clerk) as who:
        start_correction(part=fresh(part), reason="职务有误", revision=None, actor=who)
    save(fresh(part), by=unit.clerk, post="教务主任")
    confirm(hand_on(fresh(part), by=unit.clerk), by=unit.reviewer)


def pass_time(county: County) -> None:
    """Let the due day have come, some days ago: nobody was there to deliver."""
    with acting(county.id, "job"):
        Outbox.objects.update(due_at=timezone.now() - dt.timedelta(days=9))


@pytest.mark.req("AY-14")
def test_waits_for_its_period_and_is_caught_up_once(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    (row,) = rows_of(Outbox, county.id)
    assert row.due_at > version.sealed_at
    assert row.changed_at == version.sealed_at
    assert run(county, simulator) == 0
    pass_time(county)
    assert [run(county, simulator) for _ in range(3)] == [1, 0, 0]


@pytest.mark.req("AY-14", "AY-15")
def test_a_correction_of_what_waits_goes_with_it(county: County, simulator: Simulator) -> None:
    first = sealed(county.education)
    corrected(county.education, first.part)
    rows: list[Any] = rows_of(Outbox, county.id)
    assert len({row.due_at for row in rows}) == 1
    pass_time(county)
    assert run(county, simulator) == 1
    assert [number for (number,) in simulator.rows("SELECT version FROM records")] == [2]


@pytest.mark.req("AY-14", "AY-22", "AY-23", "GZ-04")
def test_a_correction_of_what_was_delivered_goes_at_once(county: County, simulator: Simulator) -> None:
    first = sealed(county.education)
    pass_time(county)
    assert run(county, simulator) == 1
    corrected(county.education, first.part)
    assert run(county, simulator) == 1


@pytest.mark.req("AY-14")
def test_a_group_has_its_own_cadence_and_a_kind_goes_before_it(
    county: County, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lawyers quarterly, teachers as the place's records, awards monthly whoever gets them."""
    clock = moved_clock(monkeypatch, dt.date(2026, 5, 4))
    set_cadence(
        county,
        {"record": "annual", "groups": {"lawyer": "quarterly"}, "items": {"award": "monthly"}, "due_day": 5},
    )
    teacher = sealed(county.education).part
    lawyer = sealed_lawyer(county.health)
    of_teacher = item_sealed(teacher, "training", unit=county.education)  # quarterly by its own kind
    of_lawyer = item_sealed(lawyer, "award", unit=county.health)

    went: dict[dt.date, set[Any]] = {}
    for day in due_days(2026):
        clock.go(day)
        before = held(simulator)
        run(county, simulator)
        went[day] = held(simulator) - before
    assert {day: ids for day, ids in went.items() if ids} == {
        dt.date(2026, 6, 5): {str(of_lawyer.pk)},
        dt.date(2026, 7, 6): {str(lawyer.pk), str(of_teacher.pk)},
        dt.date(2027, 1, 5): {str(teacher.pk)},
    }


def sealed_lawyer(unit: Unit) -> RecordPart:
    """A lawyer's record: the unit answers for lawyers from now on."""
    group = unit.responsibility
    group.occupation, group.label = "lawyer", "律师"
    group.save(update_fields=["occupation", "label"])
    part = save(opened(unit), by=unit.filler, practice_no="14101201011123456").part
    return confirm(passed_on(hand_on(part, by=unit.filler), by=unit.clerk), by=unit.reviewer).part


def due_days(year: int) -> list[dt.date]:
    """From May on, each month the day before it is due and the first three on which it may be."""
    firsts = [dt.date(year, month, 1) for month in range(5, 13)] + [dt.date(year + 1, 1, 1)]
    return [first.replace(day=day) for first in firsts for day in range(4, 8)]


def held(simulator: Simulator) -> set[str]:
    return {record for (record,) in simulator.rows("SELECT record_id FROM records")}
