"""沿用上年: last year's sealed values taken over into this year's draft, for one person or for many.

Identity, determination and behaviour are never taken over: each year is judged anew (AY-N1).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import Responsibility
from archives.content import IDENTITY, draft_of, flat, posted_record
from archives.lifecycle import may_write
from archives.models import Archive, RecordPart, Version
from archives.schema.fields import Field
from archives.schema.occupations import Occupation
from archives.selectors import previous_year
from archives.services.consent_rules import check_consented
from archives.services.people import check_open, start_record, years_of
from archives.services.records import Saved, occupation_for, save_draft
from archives.services.versions import version_content
from archives.services.years import is_closed
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform.actors import Actor

NEVER_REUSED = frozenset({"standing"})
"""Sections about the person's credit standing: determination, behaviour, its grounds and remarks."""
AT_ONCE = 200
UNTOUCHED = Q(status=Status.DRAFT, current_version=0, revision=1)
"""Opened, by the roster or by hand, and nobody has saved anything yet: `revision` grows with every change."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """One box whose value of last year could be taken over; `blank`: nothing stands there this year."""

    name: str
    label: str
    now: str
    last: str
    blank: bool


@dataclasses.dataclass(frozen=True)
class Opened:
    """What became of one archive; without a part, `message` says why nothing was opened."""

    archive: Archive
    part: RecordPart | None
    message: str = ""


def offers_of(part: RecordPart, last: RecordPart, occupation: type[Occupation]) -> list[Offer]:
    """Return the boxes that differ from last year's sealed values and may be taken over, in form order."""
    draft, old = draft_of(part, occupation), _sealed_values(last, occupation)
    now = flat(draft.record)
    return [
        Offer(
            name,
            field.label,
            "（填写的内容无法识别）" if name in draft.typed else field.masked(now.get(name)),
            field.masked(old[name]),
            blank=now.get(name) is None and name not in draft.typed,
        )
        for name, field in _reusable(occupation, part.year).items()
        if old.get(name) is not None and old[name] != now.get(name)
    ]


@transaction.atomic
def reuse_last_year(
    *, part: RecordPart, fields: Collection[str], revision: int, actor: Actor, today: dt.date
) -> Saved:
    """Take last year's values of the chosen `fields` over into the draft. Raises as `save_draft()`, and `Refused` when
    nothing was sealed last year or nothing that may be taken over is chosen."""
    last = previous_year(actor, part)
    if last is None:
        raise Refused("没有上年度已确认的档案，无法沿用。", code="no_last_year")
    occupation = occupation_for(part)
    old = _sealed_values(last, occupation)
    chosen = {name: old.get(name) for name in _reusable(occupation, part.year) if name in fields}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if not chosen:
        raise Refused("没有选择要沿用的栏目，什么都没有改。", code="nothing_chosen")
    return _save_with(part, occupation, chosen, revision, actor, today)


def due_archives(actor: Actor, *, year: int) -> QuerySet[Archive]:
    """Return the archives that were sealed for the year before and whose record of `year` is missing or untouched, of
    people still there."""
    parts = RecordPart.objects.visible_to(actor).filter(
        record__archive_id=OuterRef("id"), agency_id=OuterRef("agency_id")
    )
    return (
        Archive.objects.visible_to(actor)
        .filter(Exists(parts.filter(year=year - 1, current_version__gt=0)))
        .exclude(Exists(parts.filter(year=year).exclude(UNTOUCHED)))
        .filter(Q(employer=None) | Q(employer__active=True), Q(left_on=None) | Q(left_on__year__gte=year))
    )


def open_from_last_year(*, archives: Sequence[UUID], year: int, actor: Actor, today: dt.date) -> list[Opened]:
    """Open this year's record of each archive, unless there is an untouched one, and fill its blanks with last year's
    values, each on its own.

    Who has left (the employer is closed), has a record with something in it, or nothing sealed last year, is skipped
    with the reason; archives that the actor may not see are passed over. Raises `Refused` for a role that does not
    fill in, for a year that is not open, and for more than `AT_ONCE` people.
    """
    if not may_write(actor):
        raise Refused("只有填报员和经办人可以建立档案。", code="not_permitted")
    if len(archives) > AT_ONCE:
        raise Refused(f"一次最多办 {AT_ONCE} 人，请按单位或人群缩小范围。", code="too_many")
    visible = Archive.objects.visible_to(actor).select_related("employer").in_bulk(list(archives))
    found = [visible[one] for one in dict.fromkeys(archives) if one in visible]
    if found:
        _check_year(found[0], year, today)
    return [_open_one(archive, year, actor, today) for archive in found]


def _check_year(archive: Archive, year: int, today: dt.date) -> None:
    responsibility = Responsibility.objects.select_related("jurisdiction").get(
        jurisdiction_id=archive.jurisdiction_id, agency_id=archive.agency_id, occupation=archive.occupation
    )
    check_open(responsibility, today=today)
    closed = is_closed(responsibility.jurisdiction, year, today=today)
    if closed or year not in years_of(responsibility, today=today):
        raise Refused(f"{year} 年度没有开放，不能批量建立。补录请按“新建档案”逐人办理。", code="year")


def _open_one(archive: Archive, year: int, actor: Actor, today: dt.date) -> Opened:
    try:
        with transaction.atomic():
            check_consented(archive)  # its paper is locked before the archive, everywhere
            Archive.objects.select_for_update(of=("self",)).get(id=archive.pk)  # a double click waits here
            existing = RecordPart.objects.filter(record__archive=archive, year=year)
            if existing.exclude(UNTOUCHED).exists():
                raise Refused(
                    f"{year} 年度记录已经填过，没有改动。要沿用的，请打开后逐人沿用。", code="exists"
                )
            if archive.employer is not None and not archive.employer.active:
                raise Refused("所在单位已停用，视为已离开，没有建立。", code="left")
            part = existing.first() or start_record(archive=archive, year=year, actor=actor)
            last = previous_year(actor, part)
            if last is None:
                raise Refused(f"没有 {year - 1} 年度已确认的档案。", code="no_last_year")
            return Opened(archive, _fill_blanks(part, last, actor, today))
    except Refused as refusal:
        return Opened(archive, None, str(refusal))


def _fill_blanks(part: RecordPart, last: RecordPart, actor: Actor, today: dt.date) -> RecordPart:
    occupation = occupation_for(part)
    old, now = _sealed_values(last, occupation), flat(draft_of(part, occupation).record)
    blanks = {
        name: old[name]
        for name in _reusable(occupation, part.year)
        if old.get(name) is not None and now.get(name) is None
    }
    return _save_with(part, occupation, blanks, part.revision, actor, today).part if blanks else part


def _save_with(
    part: RecordPart,
    occupation: type[Occupation],
    values: Mapping[str, Any],
    revision: int,
    actor: Actor,
    today: dt.date,
) -> Saved:
    kept = flat(draft_of(part, occupation).raw())
    posted = posted_record(occupation, part.year, {**kept, **values})
    return save_draft(part=part, posted=posted, revision=revision, actor=actor, today=today)


def _reusable(occupation: type[Occupation], year: int) -> dict[str, Field[Any]]:
    own = {
        name: field
        for section_name, section in occupation.sections.items()
        if section_name not in NEVER_REUSED and not section.repeats
        for name, field in section.fields.items()
        if name not in IDENTITY and not field.computed and field.applies_in(year)
    }
    order = [name for row in occupation.layout() for name, _ in row if name in own]
    return {name: own[name] for name in [*order, *(name for name in own if name not in order)]}


def _sealed_values(last: RecordPart, occupation: type[Occupation]) -> dict[str, Any]:
    version = Version.objects.select_related("part").get(part=last, number=last.current_version)
    return flat(occupation.load(version_content(version, occupation)))
