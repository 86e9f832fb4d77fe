"""A cadence at work: what waits for its period, what travels with it, and what waits for nothing (AY-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Outbox, RecordPart
from archives.services.records import start_correction
from credit_platform.tenancy.context import acting
from delivery.models import Target
from delivery.services import deliver
from tests.archives.flow import acting_as, confirm, fresh, hand_on, rows_of, save, sealed
from tests.delivery.processes import Simulator
from tests.factories import County, Unit


@pytest.fixture(autouse=True)
def _place(county: County) -> None:
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "cadence": {"record": "monthly", "due_day": 5}}
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
