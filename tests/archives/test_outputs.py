"""Every output there is, asked for a fact before and after its last day (LL-25): the registry of where facts come out.

A new page, file or figure that shows a fact fails the first test until it is entered below; and it is asked after the
fact's last day by then.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from archives import jobs
from archives.services.items import pass_on_item, submit_item
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from delivery.models import Batch
from delivery.services import make_batch
from tests.access.makers import roster_of
from tests.access.matrix import MATRIX
from tests.access.world import fill
from tests.archives.flow import acting_as, attached, fresh, opened, sealed
from tests.archives.item_flow import confirmed, fresh_item, told, written
from tests.archives.outputs import (
    FILES,
    NO_FILES_OF_FACTS,
    NO_PAGES,
    Sought,
    counted_in,
    seen_in_files,
    seen_on_pages,
)
from tests.clock import Clock, moved_clock
from tests.factories import County
from tests.web import samples

DAY = dt.date
LAST = DAY(2026, 7, 10)
"""Three months after a decision of 10 April 2026 about a minor breach."""
UNIT = {"filler", "clerk", "reviewer"}
EVERYBODY = {*UNIT, "officer"}
SHOWS: dict[str, set[str]] = {
    "record": EVERYBODY,
    "record-version": EVERYBODY,
    "record-identity": {"clerk"},
    "record-print": UNIT,
    "version-print": UNIT,
    "record-versions": EVERYBODY,
    "item-list": EVERYBODY,
    "item": EVERYBODY,
    "item-version": EVERYBODY,
    "item-notice": {"clerk", "reviewer"},
    "evidence": EVERYBODY,
    "delivery-list": {"clerk", "reviewer"},
    "batch": {"officer"},
    "progress-people": {"officer"},
}
"""By name of the URL: who sees a confirmed fact there while it is in force."""
COUNTS = {"progress", "facts of the period", "delivery"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)  # no broker: the worker's function is called
    return moved_clock(monkeypatch, DAY(2026, 4, 20))


@pytest.fixture
def sought(county: County, clock: Clock) -> Sought:
    """A penalty that ends on `LAST`, with its file, on a record that is confirmed, stamped and on its way."""
    unit = county.education
    objects = fill(unit, ("褚一心", "褚二心", "褚三心", "褚四心"))
    part = opened(unit, name="褚五心")
    item = written(
        part,
        "administrative_penalty",
        by=unit.filler,
        document_no="安随〔2026〕77号",
        document_date="2026-04-10",
        occurred_on="2026-04-02",
        severity="minor",
        severity_standard="标准（2026）",
    )
    file = attached(item, by=unit.filler, content=samples.pdf(b"%%EVIDENCE-77"))
    with acting_as(unit.filler) as who:
        item = submit_item(item=item, revision=None, actor=who, today=timezone.localdate())
    with acting_as(unit.clerk) as who:
        item = pass_on_item(item=item, revision=None, actor=who, today=timezone.localdate())
    confirmed(told(item, by=unit.clerk), by=unit.reviewer)
    part = fresh(sealed(unit, part=part).part)
    assert make_batch(jurisdiction_id=county.id, target="county") == 2
    with acting(county.id, "job"):
        batch = Batch.objects.order_by("-created_at", "-id")[:1].get()
        Batch.objects.filter(id=batch.pk).update(status="answered")
    item = fresh_item(item)
    assert item.shown_until == LAST
    mine = dataclasses.replace(
        objects, sealed=part, items=(item, item), evidence=(file, file), batch=batch, roster=roster_of(unit)
    )
    return Sought(county, item, file, mine, ("安随〔2026〕77号", "EVIDENCE-77", str(item.pk), str(file.pk)))


@pytest.mark.req("LL-25", "AY-F17", "AY-18")
@pytest.mark.timeout(600)
def test_every_page_that_shows_a_fact_is_known_and_none_shows_it_after_its_last_day(
    sought: Sought, clock: Clock, client_as: Callable[[Membership], Client]
) -> None:
    clock.go(LAST, 23, 50)
    before = seen_on_pages(sought, client_as)
    clock.go(LAST + dt.timedelta(1), 0)
    after = seen_on_pages(sought, client_as)
    assert after == {}, f"still shown: {after}"
    new = {name: roles for name, roles in before.items() if roles != SHOWS.get(name)}
    assert new == {}, f"enter into SHOWS: {new}"
    assert before.keys() == SHOWS.keys(), f"no longer shown: {SHOWS.keys() - before.keys()}"


@pytest.mark.req("LL-25")
def test_every_file_and_figure_that_holds_a_fact_loses_it_at_midnight(sought: Sought, clock: Clock) -> None:
    clock.go(LAST, 23, 50)
    assert (seen_in_files(sought), counted_in(sought)) == ({"print"}, COUNTS)
    clock.go(LAST + dt.timedelta(1), 0)
    assert (seen_in_files(sought), counted_in(sought)) == (set(), set())


def test_every_job_that_makes_files_is_looked_at() -> None:
    assert FILES.keys() | NO_FILES_OF_FACTS == jobs._KINDS.keys()
    assert SHOWS.keys() <= MATRIX.keys()
    assert MATRIX.keys() >= NO_PAGES
