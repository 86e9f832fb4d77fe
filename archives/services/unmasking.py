"""Whole document numbers and telephones, shown once to who works on the archive, for a reason the journal keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from agencies.models import Role
from archives.content import draft_of, flat
from archives.lifecycle import handles
from archives.models import RecordPart, RosterEntry
from archives.services.records import occupation_for
from archives.services.roster import number_of
from audit import journal
from audit.lifecycle import Refused, clean_reason
from credit_platform.actors import Actor

Subject = RecordPart | RosterEntry
NUMBER = "document_number"
WORKERS = (Role.FILLER, Role.CLERK, Role.REVIEWER)


@dataclasses.dataclass(frozen=True)
class Whole:
    """A box whose value pages show with a mask, and the value."""

    name: str
    label: str
    masked: str
    value: str


def masked_boxes(subject: Subject) -> list[Whole]:
    """Return the boxes of a record, or of somebody on the roster, that hold a number or telephone."""
    if isinstance(subject, RosterEntry):
        return [Whole(NUMBER, "证件号码", subject.number_mask, number_of(subject))]
    occupation = occupation_for(subject)
    values: dict[str, Any] = flat(draft_of(subject, occupation).record)
    return [
        Whole(name, field.label, field.masked(values[name]), str(values[name]))
        for name, field in occupation.fields().items()
        if field.sensitive and values.get(name) is not None
    ]


def unmask(*, subject: Subject, names: Collection[str], reason: str, actor: Actor) -> list[Whole]:
    """Return the whole values of the named boxes, journalled with the reason.

    Raises `Refused` for anybody who neither fills in nor reviews this archive, without a reason, or for no box.
    """
    if actor.role not in WORKERS or not handles_archive(subject, actor):
        raise Refused("只有填报、经办或审核这份档案的人员可以查看完整号码。", code="not_permitted")
    if not (reason := clean_reason(reason)):
        raise Refused("查看完整号码须写明事由。", code="reason_required")
    shown = [box for box in masked_boxes(subject) if box.name in names]
    if not shown:
        raise Refused("请选择要查看的号码。", code="nothing")
    data = {"fields": [box.name for box in shown]}
    journal.look("record.unmasked", actor=actor, subject=subject, reason=reason, data=data)
    return shown


def handles_archive(subject: Subject, actor: Actor) -> bool:
    """Tell whether this actor's unit and groups include whom it is about."""
    if isinstance(subject, RecordPart):
        return handles(subject, actor)
    own = subject.agency_id == actor.agency_id and subject.occupation in actor.occupations
    return own and (actor.kind == "agency" or subject.employer_id == actor.employer_id)
