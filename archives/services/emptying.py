"""What may be kept no longer is destroyed: the content of facts, what was printed of them, files that are nobody's.

A fact leaves its row and the rows of its versions with their digests: that something was confirmed, by whom and when,
can be proved, what it said cannot be read any more (LL-25, ZD-25). Every step is safe to repeat and to kill.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from archives.items import event_data, kind_of
from archives.models import Evidence, Item, Outbox, RecordPart, Version, VersionBody, WaitingFact
from archives.services.evidence import discard_evidence
from archives.services.handed_over import destroy_copies
from archives.services.outbox import IN_HAND, may_leave
from archives.services.waiting import expire_waiting
from archives.states import Delivery, WaitingStatus
from audit import journal
from audit.models import INSIDE
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import acting

WORKER = "到期清除"
_AT_ONCE = 100
_UNANSWERED = (Delivery.PENDING, Delivery.SENT, Delivery.REJECTED)


def empty_what_is_over(*, jurisdiction_id: int) -> int:
    """Destroy the content of every fact that may be kept no longer, and of those in 待核身份 whose time is over.

    Returns how many facts that were. One about which an objection runs stays until that is settled, one whose
    withdrawal the platform has not taken yet until it has. Portions are committed one by one.
    """
    emptied = 0
    while True:
        with acting(jurisdiction_id, "job"):
            today = timezone.localdate()
            items = list(_kept_no_longer(today)[:_AT_ONCE])
            for item in items:
                _destroy(item, job(jurisdiction_id, WORKER))
            waiting = list(_waited_too_long(today)[:_AT_ONCE])
            for fact in waiting:
                expire_waiting(fact, actor=job(jurisdiction_id, WORKER))
        emptied += len(items) + len(waiting)
        if max(len(items), len(waiting)) < _AT_ONCE:
            return emptied


def emptied(now: dt.datetime) -> dict[str, Any]:
    """Return what the columns of an item without content hold. Group, year and kind stay, for the books."""
    return {
        "values": {},
        "typed": {},
        "name": "",
        "number_mask": "",
        "document_no": "",
        "identified_document": "",
        "identified_issuer": "",
        "occurred_on": None,
        "return_reason": "",
        "correction_reason": "",
        "left_with": None,
        "emptied_at": now,
    }


def discard_files(head: Item | RecordPart, *, by: str) -> int:
    """Take every file off a fact or record, after the commit its bytes as well; return how many."""
    mine = Evidence.objects.filter(**{"item" if isinstance(head, Item) else "part": head})
    files = list(mine.select_for_update(of=("self",)).filter(removed_at=None))
    for evidence in files:
        discard_evidence(evidence, by=by)
    mine.update(name="")  # a name may say whom a file is about
    return len(files)


def destroy_bodies(head: Item | RecordPart) -> int:
    """Destroy what the versions of a fact or record said; return how many. For jobs: PostgreSQL lets them do so where
    the fact may be kept no longer, or the record was recalled."""
    versions = Version.objects.filter(**{"item" if isinstance(head, Item) else "part": head})
    destroyed, _ = VersionBody.objects.filter(
        version_id__in=list(versions.values_list("id", flat=True))
    ).delete()
    return destroyed


def _kept_no_longer(today: dt.date) -> Any:
    rows = Item.of_all_time.filter(kept_until__lt=today, emptied_at=None, disputed=False)
    rows = rows.exclude(mendable_until__gte=today)  # a correction ended it, and may have been mistaken
    told = Outbox.objects.filter(item_id=OuterRef("id"))
    unanswered = Q(may_leave(), state__in=_UNANSWERED, version__number=F("item__current_version"))
    waits = told.filter(unanswered | Q(lines__batch__status__in=IN_HAND))
    return rows.exclude(Exists(waits)).order_by("id").select_for_update(of=("self",), skip_locked=True)


def _destroy(item: Item, actor: Actor) -> None:
    destroyed = destroy_bodies(item)
    files = discard_files(item, by=actor.name)
    destroy_copies(item)
    kept_until = item.kept_until
    assert kept_until is not None  # asked for
    changes = emptied(timezone.now())
    for column, value in changes.items():
        setattr(item, column, value)
    item.save(update_fields=list(changes))
    data = event_data(kind_of(item), kept_until=kept_until.isoformat(), bodies=destroyed, files=files)
    if not item.current_version:
        data[INSIDE] = True  # a draft is the unit's affair
    journal.write("item.destroyed", actor=actor, subject=item, data=data)


def _waited_too_long(today: dt.date) -> Any:
    rows = WaitingFact.of_all_time.filter(shown_until__lt=today, status=WaitingStatus.WAITING)
    return rows.order_by("id").select_for_update(of=("self",), skip_locked=True)
