"""What should not have been begun is given up: the draft of a fact (GZ-07), the correction of a record (AY-22)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from archives.content import IDENTITY, draft_of
from archives.lifecycle import ITEM, PART
from archives.models import Item, RecordPart, Version
from archives.protection import protect
from archives.services.determination import withdraw_with_draft
from archives.services.emptying import discard_files, emptied
from archives.services.evidence import discard_evidence
from archives.services.records import determination_of, occupation_for
from archives.services.versions import sealed_record
from archives.states import ProceedingStatus
from audit.lifecycle import Refused, advance, lock
from credit_platform.actors import Actor


@transaction.atomic
def give_up_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Item:
    """Give up a draft that was never handed on: what was filled in and its files go, the journal says who did it.

    It is over since yesterday, so nothing shows it any more, and its document may be entered anew. Raises as
    `advance()`: only who wrote it may, and only before it was handed on.
    """
    yesterday = today - dt.timedelta(days=1)
    changes = emptied(timezone.now()) | {"shown_until": yesterday, "kept_until": yesterday}
    changes |= {"notified_on": None, "notified_how": "", "notified_by": ""}
    data = {"kind": item.kind, "told": item.notified_on is not None}
    row = advance(item, "give_up", lifecycle=ITEM, actor=actor, revision=revision, changes=changes, data=data)
    discard_files(row, by=actor.name)
    return row


@transaction.atomic
def give_up_correction(*, part: RecordPart, revision: int | None, actor: Actor) -> RecordPart:
    """放弃更正: the version in force stays the record, and the draft says again what it says (AY-22).

    A determination that was only intended is withdrawn with it, files that no version cites are taken off. Raises as
    `advance()`, and `Refused` while a determination is under way of which the person was told.
    """
    row = lock(part)
    withdraw_with_draft(row, at=timezone.now(), actor=actor)
    if row.proceedings.exclude(status__in=(ProceedingStatus.DROPPED, ProceedingStatus.SEALED)).exists():
        message = "认定程序正在进行，不能放弃更正。请先办完认定程序，或在程序中撤销。"
        raise Refused(message, code="proceeding_running")
    number = row.current_version
    kept = _as_in_force(row) if number else {}  # else `advance` refuses
    left = {"correction_reason": "", "return_reason": "", "return_notes": {}, "typed": {}, "writers": []}
    given_up = advance(
        row,
        "give_up",
        lifecycle=PART,
        actor=actor,
        revision=revision,
        changes={**kept, **left},
        data={"version": number},
    )
    for evidence in given_up.evidence.filter(removed_at=None, sealed_at=None, identity_checks=None):
        discard_evidence(lock(evidence), by=actor.name)
    return given_up


def _as_in_force(part: RecordPart) -> dict[str, Any]:
    """What a locked part holds when it says what its version in force says, about the person as the archive names it
    now: an identity that was put right meanwhile stays right."""
    occupation = occupation_for(part)
    version = Version.objects.prefetch_related("bodies").get(part_id=part.pk, number=part.current_version)
    sealed, record = sealed_record(version, occupation)
    settled = draft_of(part, occupation).record.get("identity", {})
    if "identity" in record:
        named = {name: value for name, value in settled.items() if name in IDENTITY}
        record = {**record, "identity": {**record["identity"], **named}}
    return {"values": protect(sealed, sealed.dump(record)), "determination": determination_of(record)}
