"""A draft of a fact that should not have been written is given up; nothing of it is left (GZ-07)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from archives.lifecycle import ITEM
from archives.models import Item
from archives.services.emptying import discard_files, emptied
from audit.lifecycle import advance
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
