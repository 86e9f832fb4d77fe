"""What rests on a member's consent is taken back when that is withdrawn, and what it said is destroyed (GZ-11, ZD-17).

A draft and the yearly form lose their content at once, since they are nowhere else. A confirmed fact is withdrawn
wherever it was delivered, and its content goes by night as soon as the platform has taken that.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from archives.models import Item, RecordPart
from archives.services.emptying import destroy_bodies, discard_files, emptied
from archives.services.item_seals import seal_recall
from archives.states import Status
from audit import journal
from credit_platform.actors import Actor


def recall_item(item: Item, *, reason: str, actor: Actor, today: dt.date) -> None:
    """Take a fact back, whatever its status, also one whose time is over. In the context of a job; `actor` notes the
    withdrawal. Raises as `seal_recall()`.
    """
    row: Item = Item.of_all_time.select_for_update(of=("self",)).get(pk=item.pk)
    yesterday = today - dt.timedelta(days=1)
    ends: dict[str, Any] = {
        "recalled_at": timezone.now(),
        "shown_until": yesterday,
        "kept_until": yesterday,
        "mendable_until": None,
    }
    if row.current_version and not (row.revoked and row.status == Status.SEALED):
        seal_recall(row=row, reason=reason, changes=ends, actor=actor, today=today)
        return
    journal.write("item.recalled", actor=actor, subject=row, reason=reason)
    if not row.current_version:
        ends |= emptied(timezone.now()) | {"notified_on": None, "notified_how": "", "notified_by": ""}
        discard_files(row, by=actor.name)
    for column, value in ends.items():
        setattr(row, column, value)
    row.save(update_fields=list(ends))


def recall_part(part: RecordPart, *, reason: str, actor: Actor) -> None:
    """Take a yearly record back: nobody sees it, and nothing of its content is left; number and digest of each version
    stay as the proof that it was. In the context of a job.
    """
    row: RecordPart = RecordPart.objects.select_for_update(of=("self",)).get(pk=part.pk)
    row.recalled_at = timezone.now()
    row.values, row.typed, row.return_notes = {}, {}, {}
    row.return_reason = row.correction_reason = row.determination = ""
    columns = ("values", "typed", "return_notes", "return_reason", "correction_reason", "determination")
    row.save(update_fields=["recalled_at", *columns])
    data = {"bodies": destroy_bodies(row), "files": discard_files(row, by=actor.name)}
    journal.write("record.recalled", actor=actor, subject=row, reason=reason, data=data)
