"""What a record says that the one before did not: against the version it corrects, else against last year's."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from archives.content import IDENTITY, Draft, draft_of, flat
from archives.models import RecordPart, Version
from archives.occupations import Occupations
from archives.schema.fields import Field
from archives.schema.occupations import Occupation
from archives.services.versions import version_content
from credit_platform.actors import Actor

FIRST_YEAR_FIELDS = 6
"""How many boxes stand for a record that has nothing before it."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One box that differs; `before` is empty where the record is the first."""

    label: str
    before: str
    now: str


@dataclasses.dataclass(frozen=True)
class Changes:
    """`against`: what the record was compared with, as a word of the page; empty: it is the first. `more`: how many
    filled-in boxes of a first record are not among the lines. `doubts`: what the record gives cause to check."""

    against: str
    lines: list[Line]
    more: int = 0
    doubts: tuple[str, ...] = ()


def changes_of(
    parts: Sequence[RecordPart], *, occupations: Occupations, actor: Actor, today: dt.date
) -> dict[UUID, Changes]:
    """Return the changes of each part, in a handful of statements however many there are.

    The parts come with `record` loaded. Raises `crypto.Undecipherable` when a sealed body does not match its digest.
    """
    before = _versions_before(parts, actor)
    found = {}
    for part in parts:
        occupation = occupations[part.agency_id, part.occupation]
        draft, earlier = draft_of(part, occupation), before.get(part.pk)
        now, doubts = flat(draft.record), doubts_of(draft, occupation, part.year, today)
        if earlier is None:
            lines, more = _first(occupation, part.year, now)
            found[part.pk] = Changes("", lines, more, doubts)
            continue
        against = f"第 {earlier.number} 版" if earlier.part_id == part.pk else "上年"
        old = flat(occupation.load(version_content(earlier, occupation)))
        found[part.pk] = Changes(against, _differing(occupation, part.year, old, now), doubts=doubts)
    return found


def _versions_before(parts: Sequence[RecordPart], actor: Actor) -> dict[UUID, Version]:
    """The version that each part corrects, else the one that the same agency sealed for last year."""
    own = {part.pk for part in parts if part.current_version}
    wanted = {
        (part.record.archive_id, part.agency_id, part.year - 1): part.pk
        for part in parts
        if part.pk not in own
    }
    archives = {archive for archive, _, _ in wanted}
    years = {year for _, _, year in wanted}
    versions = (
        Version.objects.visible_to(actor)
        .filter(number=F("part__current_version"))
        .filter(Q(part_id__in=own) | Q(part__record__archive_id__in=archives, part__year__in=years))
        .select_related("part__record")
        .prefetch_related("bodies")
    )
    found = {}
    for version in versions:
        part = version.part
        assert part is not None  # filtered by its columns
        key = part.pk if part.pk in own else wanted.get((part.record.archive_id, part.agency_id, part.year))
        if key is not None:
            found[key] = version
    return found


def _boxes(occupation: type[Occupation], year: int) -> list[Field[Any]]:
    known = occupation.fields()
    named = [known[name] for row in occupation.layout() for name, _ in row]
    return [f for f in named if f.name not in IDENTITY and not f.computed and f.applies_in(year)]


def _differing(
    occupation: type[Occupation], year: int, old: Mapping[str, Any], now: Mapping[str, Any]
) -> list[Line]:
    return [
        Line(field.label, field.masked(old.get(field.name)), field.masked(now.get(field.name)))
        for field in _boxes(occupation, year)
        if old.get(field.name) != now.get(field.name)
    ]


def _first(occupation: type[Occupation], year: int, now: Mapping[str, Any]) -> tuple[list[Line], int]:
    """The boxes about the work, which tell a leader most of somebody new; and how many others are filled in."""
    own = {
        name for section in ("employment", *occupation.own_sections()) for name in _names(occupation, section)
    }
    filled = [f for f in _boxes(occupation, year) if now.get(f.name) is not None]
    shown = [f for f in filled if f.name in own][:FIRST_YEAR_FIELDS]
    return [Line(field.label, "", field.masked(now[field.name])) for field in shown], len(filled) - len(shown)


def doubts_of(draft: Draft, occupation: type[Occupation], year: int, today: dt.date) -> tuple[str, ...]:
    """Return what is unusual about a record without being refused, in the words in which its writer was told."""
    _, problems = occupation.parse(draft.raw(), stage="seal", year=year, today=today)
    return tuple(problem.message for problem in problems if problem.severity == "warning")


def _names(occupation: type[Occupation], section: str) -> list[str]:
    chosen = occupation.sections.get(section)
    return [] if chosen is None or chosen.repeats else list(chosen.fields)
