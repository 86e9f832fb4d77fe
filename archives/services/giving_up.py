"""What should not have been begun is given up: the draft of a fact (GZ-07), the correction of a record (AY-22)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from archives.lifecycle import ITEM, PART
from archives.models import Item, RecordPart, Version
from archives.protection import protect
from archives.services.determination import end_proceeding
from archives.services.emptying import discard_files, emptied
from archives.services.evidence import remove_uncited
from archives.services.records import determination_of, occupation_for
from archives.services.versions import sealed_record
from archives.states import RUNNING, Ending, ProceedingStatus, Status
from audit.lifecycle import AlreadyDone, Refused, advance, lock
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable


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
    `advance()`, and `Refused` when no correction is under way, once the person was told of a determination, and when
    the version in force is damaged.
    """
    row = lock(part)
    if row.status == Status.SEALED:
        if revision is not None and row.revision == revision + 1:
            raise AlreadyDone("这次更正已经放弃，现行版本照旧有效。", code="already_done")
        message = "这份记录没有正在办理的更正，它可能已经审核确认。请刷新页面查看现行版本。"
        raise Refused(message, code="wrong_status")
    running = row.proceedings.filter(status__in=RUNNING).first()
    if running is not None and running.status != ProceedingStatus.OPEN:
        message = "认定程序已经告知本人，不能放弃更正。请先撤回程序；已作决定的，请审核人先撤销决定。"
        raise Refused(message, code="proceeding_running")
    # Who may not is refused by `advance`; a first draft has no version to go back to.
    changes = _as_in_force(row) if PART.by_name["give_up"].permitted(row, actor) else {}
    data = {"version": row.current_version}
    given_up = advance(
        row, "give_up", lifecycle=PART, actor=actor, revision=revision, changes=changes, data=data
    )
    if running is not None:
        at, why = timezone.now(), "经办人放弃更正，现行版本不变。"
        end_proceeding(running, "withdraw", Ending.WITHDRAWN, why, revision=None, at=at, actor=actor)
    remove_uncited(head=given_up, actor=actor)
    return given_up


def _as_in_force(part: RecordPart) -> dict[str, Any]:
    """The columns of a draft correction as the version in force has them."""
    versions = Version.objects.prefetch_related("bodies")
    try:
        version = versions.get(part_id=part.pk, number=part.current_version)
        sealed, record = sealed_record(version, occupation_for(part))
    except (Undecipherable, Version.DoesNotExist):
        raise Refused("现行版本与封存时不一致，不能放弃更正。请联系管理员核查。", code="damaged") from None
    return {
        "values": protect(sealed, sealed.dump(record)),
        "typed": {},
        "determination": determination_of(record),
        "correction_reason": "",
        "return_reason": "",
        "return_notes": {},
        "writers": [],
        "saved_by": version.author_name,
        "saved_at": version.sealed_at,
    }
