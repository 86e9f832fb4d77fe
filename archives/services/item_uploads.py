"""Dated facts from a workbook: judged row by row as the page would, shown, and written as drafts (AY-30, PD-19).

Nothing gets in that the page would refuse: a row goes through `open_item`, an adverse one without a number through
`put_aside`. All of it are drafts; an adverse one waits for its evidence. Judging writes nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from agencies.models import Responsibility, Role
from archives.items import kinds_for
from archives.models import RecordPart
from archives.occupations import occupation_of
from archives.schema.kinds import ItemKind
from archives.services.identities import Named, has_number, name_in
from archives.services.items import open_item
from archives.services.people import NotReadable
from archives.services.waiting import part_of, put_aside
from archives.workbooks.facts import BASIS, NAME, NUMBER, read_facts, write_facts
from archives.workbooks.reading import Row
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from audit.models import Event
from credit_platform.actors import Actor

_WRITING = 0x464143
"""First half of the advisory locks taken while a workbook is written; the second is the group's."""
_REMEMBERED = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class FactRow:
    """What becomes of one row: `outcome` is `draft`, `evidence` (a draft that waits for evidence), `waiting` (待核身份)
    or `refused`; `messages` say why."""

    sheet: str
    number: int
    name: str
    outcome: str
    messages: tuple[str, ...] = ()
    item: UUID | None = None


def offered_kinds(responsibility: Responsibility) -> list[ItemKind]:
    """Return the kinds whose sheets a workbook of this group has."""
    return kinds_for(occupation_of(responsibility), responsibility)


def write_fact_template(target: Path, *, responsibility: Responsibility) -> None:
    """Write the workbook that a unit fills in for a group: it holds nobody's data."""
    write_facts(target, kinds=offered_kinds(responsibility), place=str(responsibility.jurisdiction_id))


@transaction.atomic
def import_facts(
    *,
    path: Path,
    name: str,
    responsibility: Responsibility,
    year: int,
    actor: Actor,
    today: dt.date,
    apply: bool,
) -> list[FactRow]:
    """Judge every row, and with `apply` write what is not refused.

    Raises `Unreadable` for a file that can't be read, `Refused` for a group that is not the actor's, `AlreadyDone` when
    something of this very file was written for this group and year within a day.
    """
    own = responsibility.agency_id == actor.agency_id and responsibility.occupation in actor.occupations
    if not own or actor.role not in (Role.FILLER, Role.CLERK):
        raise Refused("这个人群不由您办理。", code="foreign")
    digest = _digest(path)
    if apply:
        _refuse_again(digest, responsibility, year, actor)
    place = str(responsibility.jurisdiction_id)
    rows = read_facts(path, name=name, kinds=offered_kinds(responsibility), place=place)
    with transaction.atomic():
        found = [_taken(kind, row, responsibility, year, actor, today) for kind, row in rows]
        if not apply:
            transaction.set_rollback(True)
    if apply:
        counts: dict[str, Any] = dict.fromkeys(("draft", "evidence", "waiting", "refused"), 0)
        for one in found:
            counts[one.outcome] += 1
        label = f"{responsibility.label} {year} 年度"
        if any(one.outcome != "refused" for one in found):
            counts |= {"file": digest, "year": year}
        occupation = responsibility.occupation
        journal.write("item.imported", actor=actor, subject_label=label, occupation=occupation, data=counts)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_again(digest: str, responsibility: Responsibility, year: int, actor: Actor) -> None:
    """Let the workbooks of a group be written one after the other, and raise `AlreadyDone` for one that just was: facts
    without a document have nothing else by which to tell that they are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_WRITING, responsibility.pk])
    written = Event.objects.visible_to(actor).filter(
        verb="item.imported",
        occupation=responsibility.occupation,
        at__gte=timezone.now() - _REMEMBERED,
        data__file=digest,
        data__year=year,
    )
    if written.exists():
        raise AlreadyDone(
            "这份表格刚才已经写入，没有重复写入。有需更正的行，请只留下这些行，改好后再上传。",
            code="already_done",
        )


def _taken(
    kind: ItemKind, row: Row, responsibility: Responsibility, year: int, actor: Actor, today: dt.date
) -> FactRow:
    """One row in a savepoint of its own."""
    shown = str(row.values.get(NAME) or "")[:50]
    try:
        with transaction.atomic():
            outcome, item = _write(kind, row, responsibility, year, actor, today)
    except NotReadable as wrong:
        messages = tuple(problem.message for problem in wrong.problems)
        return FactRow(row.where, row.number, shown, "refused", messages)
    except Refused as refusal:
        return FactRow(row.where, row.number, shown, "refused", (str(refusal),))
    return FactRow(row.where, row.number, shown, outcome, (), item)


def _write(
    kind: ItemKind, row: Row, responsibility: Responsibility, year: int, actor: Actor, today: dt.date
) -> tuple[str, UUID | None]:
    named = Named(row.values.get(NAME), row.values.get(NUMBER))
    known: dict[str, Any] = {
        "kind": kind.code,
        "basis": str(row.values.get(BASIS) or "").strip(),
        "raw": row.values,
        "named": named,
        "actor": actor,
        "today": today,
    }
    if not has_number(named):
        put_aside(part=_spot(responsibility, year, actor), **known)
        return "waiting", None
    spot = _spot(responsibility, year, actor)
    part = part_of(spot, named.number, actor=actor, today=today, name=name_in(named))
    saved = open_item(part=part, **known)
    return ("evidence" if saved.item.adverse else "draft"), saved.item.pk


def _spot(responsibility: Responsibility, year: int, actor: Actor) -> RecordPart:
    """A part that is nobody's and is never saved: it only says group, unit and year."""
    return RecordPart(
        jurisdiction_id=responsibility.jurisdiction_id,
        agency_id=responsibility.agency_id,
        employer_id=actor.employer_id,
        occupation=responsibility.occupation,
        year=year,
    )
