"""Confirming many plain 守信 records in one act: each in a savepoint of its own, by somebody who saw what it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.models import Role
from archives.identity_state import with_state
from archives.lifecycle import PART
from archives.models import Evidence, Item, Proceeding, RecordPart
from archives.schema.determination import Determination
from archives.services.people import NotReadable
from archives.services.records import seal
from archives.states import CheckOutcome, ProceedingStatus, Status
from audit.lifecycle import AlreadyDone, Refused, lock
from credit_platform.actors import Actor

Shown = tuple[UUID, int]
"""A record and the revision of it that the reviewer saw."""
TRUSTWORTHY = Q(determination=Determination.TRUSTWORTHY) | Q(lead=False, determination="")
"""守信, or a part of several writers' record that carries no determination."""
ONE_BY_ONE = "附有证明材料、有未办结、不利、异议中的条目或认定程序，或身份核验不一致，请打开后逐人办理。"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one record; `message` says why it was not confirmed."""

    part: RecordPart
    confirmed: bool
    message: str = ""


def plain_parts(actor: Actor) -> QuerySet[RecordPart]:
    """Return the records that this reviewer may confirm together with others: 守信, nothing attached, nothing open,
    nothing adverse or disputed about the person in this group, no identity that the service denies, and not written by
    the reviewer (AY-N1, AY-N2)."""
    closed = (ProceedingStatus.DROPPED, ProceedingStatus.SEALED)
    of_archive = Item.objects.filter(archive_id=OuterRef("record__archive_id"))
    gone = Q(revoked=True, status=Status.SEALED)  # one that is only proposed for withdrawal still stands
    this_year = Q(year=OuterRef("year")) & ~gone & (Q(adverse=True) | ~Q(status=Status.SEALED))
    return (
        RecordPart.objects.visible_to(actor)
        .filter(TRUSTWORTHY, status=Status.IN_REVIEW, typed={})
        .exclude(writers__contains=[actor.user_id])
        .exclude(with_state(CheckOutcome.MISMATCH, "record__archive__"))
        .exclude(Exists(of_archive.filter(this_year | Q(disputed=True))))
        .exclude(Exists(Evidence.objects.filter(part_id=OuterRef("id"), removed_at=None)))
        .exclude(Exists(Proceeding.objects.filter(part_id=OuterRef("id")).exclude(status__in=closed)))
    )


def confirm_plain(
    *, shown: Sequence[Shown], actor: Actor, today: dt.date, seconds: float
) -> tuple[list[Outcome], list[Shown]]:
    """Confirm the records as they were shown. Returns the outcomes and, when `seconds` are over, what is still to do.

    One that changed since, is no plain record, or is not complete stays as it is and says why; asked twice, a record is
    confirmed once. What the actor may not see is passed over. Raises `Refused` for anybody but a reviewer.
    """
    if actor.role != Role.REVIEWER:
        raise Refused("只有审核人可以审核确认。", code="not_permitted")
    visible = RecordPart.objects.visible_to(actor).in_bulk([part_id for part_id, _ in shown])
    end = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    for position, (part_id, revision) in enumerate(shown):
        if outcomes and time.monotonic() > end:
            return outcomes, list(shown[position:])
        if (part := visible.get(part_id)) is not None:
            outcomes.append(_confirm(part, revision, actor, today))
    return outcomes, []


def _confirm(part: RecordPart, revision: int, actor: Actor, today: dt.date) -> Outcome:
    try:
        with transaction.atomic():
            row = lock(part)
            if row.status == Status.IN_REVIEW:
                _check_plain(row, actor)
            seal(part=row, revision=revision, actor=actor, today=today)
    except AlreadyDone:
        return Outcome(part, False, "此前已经确认，没有再次办理。")
    except Refused as refusal:
        return Outcome(part, False, str(refusal))
    except NotReadable as wrong:
        return Outcome(part, False, f"内容还不完整：{wrong.problems[0].message}")
    return Outcome(part, True)


def _check_plain(part: RecordPart, actor: Actor) -> None:
    """Raise `Refused` unless the locked record may be confirmed with others."""
    if part.lead and part.determination != Determination.TRUSTWORTHY:
        raise Refused("认定不是守信，请打开后逐人办理。", code="one_by_one")
    for guard in PART.by_name["seal"].guards:
        if message := guard(part, actor):
            raise Refused(message, code="guard")
    if not plain_parts(actor).filter(id=part.pk).exists():
        raise Refused(ONE_BY_ONE, code="one_by_one")
