"""The roster of the demonstration: who has an archive, who has none yet, and a reminder of the latter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice

from agencies.models import Employer, Responsibility
from archives.services.roster import enrol
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context
from demo.people import MadeUpPerson
from oversight.progress import progress_of
from oversight.reminders import remind

SINCE_LAST_YEAR, SINCE_THIS_YEAR = (9, 1), (3, 1)
"""Month and day of joining. Whoever has a record of last year was there in September."""

Joiner = tuple[MadeUpPerson, bool]
"""A person, and whether that one was on the roster last year already."""


def fill_roster(
    responsibility: Responsibility,
    employer: Employer | None,
    joiners: Iterable[Joiner],
    actor: Actor,
    *,
    today: dt.date,
) -> None:
    """Put people on the roster of a group at an employer."""
    with _on_behalf(actor):
        for person, last_year in joiners:
            enrol(
                responsibility=responsibility,
                employer=employer,
                raw={"name": person.name, "document_number": person.number},
                joined_on=_joined_on(last_year, today),
                actor=actor,
                today=today,
            )


def newcomers(people: Iterator[MadeUpPerson], count: int, *, last_year: int = 0) -> list[Joiner]:
    """Return people without an archive; the first `last_year` of them were there last year already."""
    return [(person, position < last_year) for position, person in enumerate(islice(people, count))]


def remind_of_last_year(officer: Actor, occupation: str, *, today: dt.date) -> None:
    """Have the office ask for a group's records of last year, if that year is closed: somebody finds a notice."""
    year = today.year - 1
    with _on_behalf(officer):
        owed = progress_of(officer, year, today=today).lines
        keys = [line.key for line in owed if line.responsibility.occupation == occupation]
        if keys:
            remind(keys=keys, year=year, text="请于本周五前补齐。", actor=officer, today=today)


def _joined_on(last_year: bool, today: dt.date) -> dt.date:
    if last_year:
        return dt.date(today.year - 1, *SINCE_LAST_YEAR)
    return min(dt.date(today.year, *SINCE_THIS_YEAR), today)


def _on_behalf(actor: Actor) -> AbstractContextManager[object]:
    assert actor.context is not None  # whoever keeps a roster has tenant data
    return as_context(actor.context)
