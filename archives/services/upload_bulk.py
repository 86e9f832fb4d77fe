"""Many accepted rows written with a few statements, with the very result that the services have one by one.

Nothing is decided here: what does not go through plainly is left to the services, which know how to refuse it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from archives.lifecycle import may_fill
from archives.models import AnnualRecord, Archive, Person, PersonLocator, RecordPart
from archives.services.people import (
    check_opening,
    first_values,
    new_archive,
    new_part,
    new_person,
    new_record,
    registered_event,
)
from archives.services.records import FILLED_IN, fill_in
from archives.services.upload_judged import Judged, whose
from archives.services.upload_rows import Judge
from audit.lifecycle import Refused
from audit.models import Event, new_event
from credit_platform.actors import Actor

Written = dict[int, RecordPart]
"""Drafts by the position of their row."""


def save_many(rows: Sequence[Judged], judge: Judge, *, actor: Actor) -> Written:
    """Write rows into the drafts that are there, as `save_draft` does; who was touched meanwhile is left out."""
    wanted = {one.part.pk: one for one in rows if one.part is not None}
    found = RecordPart.objects.select_for_update(of=("self",)).select_related("record")
    written: Written = {}
    events: list[Event] = []
    parts = found.filter(id__in=wanted).order_by("id")
    for part in parts:
        one = wanted[part.pk]
        if one.part is None or part.revision != one.part.revision or not may_fill(part, actor):
            continue
        _fill(part, one, judge, actor, events)
        written[one.position] = part
    RecordPart.objects.bulk_create(
        written.values(), update_conflicts=True, unique_fields=["jurisdiction", "id"], update_fields=FILLED_IN
    )  # all are there: quicker than an UPDATE with a case for each
    Event.objects.bulk_create(events)
    return written


def open_many(rows: Sequence[Judged], judge: Judge, *, actor: Actor) -> Written:
    """Begin the records of rows that have none and fill them in, as `open_archive` and `save_draft` do.

    A row whose person or archive turns out to be there already, seen or unseen, is left out. So are all when several
    units write about this group: each has to be told of the others' state.
    """
    if not rows or judge.responsibility.sections:
        return {}
    plain = [one for one in rows if _may_open(one, judge, actor)]
    return _open_halves(plain, judge, actor)


def _may_open(one: Judged, judge: Judge, actor: Actor) -> bool:
    _, employer = whose(one)
    try:
        check_opening(judge.responsibility, employer, judge.year, actor=actor, today=judge.today)
    except Refused:
        return False
    return True


def _open_halves(rows: Sequence[Judged], judge: Judge, actor: Actor) -> Written:
    """Try all together; if one of them is there already, each half by itself, until it is found."""
    if not rows:
        return {}
    try:
        with transaction.atomic():
            return _open_all(rows, judge, actor)
    except IntegrityError:
        if len(rows) == 1:
            return {}
    middle = len(rows) // 2
    return _open_halves(rows[:middle], judge, actor) | _open_halves(rows[middle:], judge, actor)


@dataclasses.dataclass
class _Rows:
    """What is inserted together."""

    people: list[Person] = dataclasses.field(default_factory=list)
    locators: list[PersonLocator] = dataclasses.field(default_factory=list)
    archives: list[Archive] = dataclasses.field(default_factory=list)
    records: list[AnnualRecord] = dataclasses.field(default_factory=list)
    events: list[Event] = dataclasses.field(default_factory=list)


def _open_all(rows: Sequence[Judged], judge: Judge, actor: Actor) -> Written:
    """Insert the rows' records. Raises `IntegrityError` when one of them is there already."""
    made, written = _Rows(), {}
    for one in rows:
        written[one.position] = _open(one, judge, actor, made)
    Person.objects.bulk_create(made.people)
    PersonLocator.objects.bulk_create(made.locators)
    Archive.objects.bulk_create(made.archives)
    AnnualRecord.objects.bulk_create(made.records)
    RecordPart.objects.bulk_create(written.values())
    Event.objects.bulk_create(made.events)
    return written


def _open(one: Judged, judge: Judge, actor: Actor, made: _Rows) -> RecordPart:
    identity, employer = whose(one)
    archive = one.archive
    if archive is None:
        person = new_person(identity)
        made.people.append(person)
        made.locators.append(PersonLocator(number_index=person.number_index, person_id=person.pk))
        made.events.append(registered_event(person, actor))
        archive = new_archive(person, identity, judge.responsibility, employer)
        made.archives.append(archive)
    record = new_record(archive, judge.year)
    made.records.append(record)
    assert one.laid is not None  # of rows that are to be written
    filled = bool(one.laid.changed or one.laid.after.typed)
    values = first_values(identity, employer, occupation=judge.occupation, year=judge.year)
    part = new_part(
        record,
        archive,
        {} if filled else values,  # they are put in below, with what the row says
        responsibility=judge.responsibility,
        occupation=judge.occupation,
        actor=actor,
    )
    made.events.append(new_event("record.opened", actor=actor, subject=part))
    if filled:
        _fill(part, one, judge, actor, made.events)
    return part


def _fill(part: RecordPart, one: Judged, judge: Judge, actor: Actor, events: list[Event]) -> None:
    assert one.laid is not None  # of rows that are to be written
    fill_in(part, judge.occupation, one.laid.after, actor=actor)
    data: dict[str, Any] = {"fields": [field.name for field in one.laid.changed]}
    events.append(new_event("record.saved", actor=actor, subject=part, data=data))
