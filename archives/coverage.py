"""应建, 已建, 建档率: who should have a record of a year, and who has (AY-12). Reads only.

应建 are the people who were on the roster on some day of the year, each counted once; 已建 those of them who have a
record of that year. `beyond` have a record and stand on no roster: the roster is incomplete, and the rate says less.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from archives.models import RecordPart, RosterEntry
from credit_platform.actors import Actor


@dataclasses.dataclass(frozen=True)
class Coverage:
    """Counts of one group, at one employer or at all of them."""

    expected: int = 0
    built: int = 0
    beyond: int = 0

    @property
    def missing(self) -> int:
        """On the roster, without a record of the year."""
        return self.expected - self.built

    def of_those_built(self) -> Coverage:
        """The same without those who have no record: of a year in which the duty moved, they are the successor's."""
        return Coverage(self.built, self.built, self.beyond)

    @property
    def percent(self) -> float | None:
        """建档率 with one decimal, rounded down so that 100 means all; None without a roster."""
        return self.built * 1000 // self.expected / 10 if self.expected else None


Place = tuple[int, str, int | None]
"""Agency, group, and employer (None: kept by the agency itself)."""


def entries_of(actor: Actor, year: int) -> QuerySet[Any]:
    """Return who counts as 应建 in a year, with `built`; a person who left and came back stands there twice."""
    entries: Any = RosterEntry.objects.visible_to(actor)
    found: QuerySet[Any] = entries.in_year(year).annotate(built=Exists(_records(year)))
    return found


def coverage_of(actor: Actor, year: int) -> dict[tuple[int, str], Coverage]:
    """Return the counts of each visible group of an agency; three statements.

    A person has one record of a year in each group of an agency, so that records are counted instead of people with
    one: with 50,000 on the roster that takes a third of the time.
    """
    keys = ("agency_id", "occupation")
    entries: Any = RosterEntry.objects.visible_to(actor)
    people = (
        entries.in_year(year).order_by().values_list(*keys).annotate(Count("number_index", distinct=True))
    )
    records = RecordPart.objects.visible_to(actor).filter(year=year).order_by().values_list(*keys)
    on_roster = records.filter(Exists(_entries(year))).annotate(Count("id"))
    expected = {(agency, group): count for agency, group, count in people}
    every = {(agency, group): count for agency, group, count in records.annotate(Count("id"))}
    within = {(agency, group): count for agency, group, count in on_roster}
    found = {}
    for key in expected.keys() | every.keys():
        built = within.get(key, 0)
        found[key] = Coverage(expected.get(key, 0), built, beyond=every.get(key, 0) - built)
    return found


def coverage_by_employer(actor: Actor, year: int) -> dict[Place, Coverage]:
    """Return the counts of each group at each employer; three statements.

    Who moved within the year is counted where the roster has the person now; who left one employer and joined another,
    at both.
    """
    keys = ("agency_id", "occupation", "employer_id")
    people = Count("number_index", distinct=True)
    visible: Any = RosterEntry.objects.visible_to(actor)
    entries = visible.in_year(year).order_by().values_list(*keys)
    outside = beyond_roster(actor, year).order_by().values_list(*keys)
    # Tables are joined as wholes: a test of each row of its own takes seconds with 50,000 on the roster.
    expected = {row[:-1]: row[-1] for row in entries.annotate(people)}
    built = {row[:-1]: row[-1] for row in entries.filter(Exists(_records(year))).annotate(people)}
    beyond = {row[:-1]: row[-1] for row in outside.annotate(Count("id"))}
    return {
        key: Coverage(expected.get(key, 0), built.get(key, 0), beyond.get(key, 0))
        for key in expected.keys() | beyond.keys()
    }


def _records(year: int) -> QuerySet[RecordPart]:
    """The records of a year of whom an entry is about: same agency and group, same number."""
    return RecordPart.objects.filter(
        year=year,
        agency_id=OuterRef("agency_id"),
        occupation=OuterRef("occupation"),
        record__archive__number_index=OuterRef("number_index"),
    )


def beyond_roster(actor: Actor, year: int) -> QuerySet[RecordPart]:
    """Return the records of a year of people who stand on no roster of that year."""
    return RecordPart.objects.visible_to(actor).filter(year=year).exclude(Exists(_entries(year)))


def _entries(year: int) -> QuerySet[Any]:
    """The entries of a year of whom a record is about: same agency and group, same number."""
    entries: Any = RosterEntry.objects.filter(
        agency_id=OuterRef("agency_id"),
        occupation=OuterRef("occupation"),
        number_index=OuterRef("record__archive__number_index"),
    )
    found: QuerySet[Any] = entries.in_year(year)
    return found
