"""The outbox: what `delivery` takes from it and reports back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from archives.models import Item, Outbox, RecordPart, Version, VersionBody
from archives.models.items import in_time, is_over
from archives.platforms import targets_for
from archives.services.tellings import tell_rejected
from archives.states import Delivery
from audit.models import Event, new_event
from credit_platform.actors import Actor

HEADS: tuple[type[Any], ...] = (RecordPart, Item)
Heads = dict[UUID, RecordPart | Item]


def put_in_outbox(*, version: Version, targets: Sequence[str], due_at: dt.datetime) -> None:
    """Queue a sealed version for each target, in the sealing transaction. Nothing else ever queues.

    What mends or withdraws an earlier version also goes wherever that one may be, though the place sends nothing new
    there any more (AY-23, ZD-10).
    """
    Outbox.objects.bulk_create(
        Outbox(
            version=version,
            part_id=version.part_id,
            item_id=version.item_id,
            person_id=version.person_id,
            agency_id=version.agency_id,
            employer_id=version.employer_id,
            occupation=version.occupation,
            target=target,
            due_at=due_at,
            changed_at=version.sealed_at,
        )
        for target in [*targets, *(one for one in _holding(version) if one not in targets)]
    )


def _holding(version: Version) -> list[str]:
    """The platforms that have, or may have, an earlier version of the same record or fact."""
    if version.number == 1:
        return []
    same: dict[str, Any] = {"part_id": version.part_id} if version.part_id else {"item_id": version.item_id}
    earlier = Outbox.objects.filter(jurisdiction_id=version.jurisdiction_id, **same)
    sent = earlier.filter(state__in=(Delivery.SENT, Delivery.ACCEPTED)).order_by("target")
    return list(sent.values_list("target", flat=True).distinct())


def targets_of(item: Item, parameters: Mapping[str, Any]) -> list[str]:
    """Return the platforms to which the next version of a fact goes: those that take its kind, and those that have had
    an earlier version and must learn what became of it."""
    earlier = Outbox.objects.filter(item_id=item.pk).values_list("target", flat=True)
    return targets_for(parameters, item.kind, earlier=earlier)


def queued_for(item: Item) -> list[str]:
    """Return the platforms for which any version of a fact was ever queued: what is on its way may arrive yet."""
    rows = Outbox.objects.filter(item_id=item.pk).order_by("target")
    return list(rows.values_list("target", flat=True).distinct())


def may_leave() -> Q:
    """Return the condition under which a queued version still leaves: its fact's time is not over and nobody withdrew
    the consent to it, or the platform has an earlier version, which is to be withdrawn there (LL-25, AY-23)."""
    return (in_time("item__") & Q(item__recalled_at=None)) | had_before()


def had_before() -> Q:
    """Return the condition that the platform has, or may have, some version of the queued version's fact."""
    same = Outbox.objects.filter(item_id=OuterRef("item_id"), target=OuterRef("target"))
    return Q(Exists(same.filter(state__in=(Delivery.SENT, Delivery.ACCEPTED))))


IN_HAND = ("open", "unknown")
"""States of a batch that still waits for the platform's answer."""


_DRAFTS = ("values", "typed", "writers")
"""What delivery never needs of a record or item, and what is the most of it."""
_UNREAD = tuple(f"{head}__{name}" for head in ("part", "item") for name in _DRAFTS)
Due = tuple[Outbox, Mapping[str, Any]]
"""A queued version, and the content of its body as it is stored."""


def set_untaken_aside(*, target: str, kinds: Collection[str], actor: Actor) -> int:
    """Note of what waits for `target`, and of which it has no version, that it is of no kind among `kinds`: such a fact
    is not sent (ZD-10). Return how many versions that were."""
    rows = Outbox.objects.filter(target=target, state=Delivery.PENDING, item__isnull=False)
    rows = rows.exclude(item__kind__in=kinds).exclude(had_before()).exclude(lines__batch__status__in=IN_HAND)
    found = list(_whole(rows).select_for_update(of=("self",), skip_locked=True))
    ids = [row.pk for row in found]
    Outbox.objects.filter(id__in=ids).update(state=Delivery.UNTAKEN, changed_at=timezone.now())
    _show_states(found, _lock(row.head for row in found))
    Event.objects.bulk_create(
        new_event(
            "item.untaken",
            actor=actor,
            subject=row.head,
            data={"version": row.version.number, "target": target},
        )
        for row in found
    )
    return len(found)


def supersede(version: Version) -> None:
    """Keep back what still waits of the versions before this one, which tell of somebody else; the platform gets this
    one in their place. For jobs of the county, in the transaction that corrects the identity."""
    same: dict[str, Any] = {"part_id": version.part_id} if version.part_id else {"item_id": version.item_id}
    rows = Outbox.objects.filter(jurisdiction_id=version.jurisdiction_id, state=Delivery.PENDING, **same)
    rows = rows.exclude(version_id=version.pk).exclude(lines__batch__status__in=IN_HAND)
    ids = list(rows.select_for_update(of=("self",)).values_list("id", flat=True))
    waiting = Outbox.objects.filter(id__in=ids, state=Delivery.PENDING)
    waiting.update(state=Delivery.SUPERSEDED, changed_at=timezone.now())


def take_due(*, target: str, now: dt.datetime, limit: int) -> list[Due]:
    """Lock and return what is due for `target` and in no batch that is under way, older versions of a part first; of a
    fact whose time is over nothing but its withdrawal leaves."""
    rows = Outbox.objects.filter(target=target, state=Delivery.PENDING, due_at__lte=now)
    rows = rows.filter(may_leave()).exclude(lines__batch__status__in=IN_HAND).order_by("due_at", "id")
    due = list(_whole(rows).select_for_update(of=("self",), skip_locked=True)[:limit])
    return with_bodies(sorted(due, key=lambda row: (row.head.pk, row.version.number)))


def with_bodies(rows: Sequence[Outbox]) -> list[Due]:
    """Return queued versions with the content of their bodies, in one query."""
    bodies = VersionBody.objects.filter(version_id__in=[row.version_id for row in rows])
    content = dict(bodies.values_list("version_id", "content"))
    for row in rows:
        row.version.part, row.version.item = row.part, row.item  # the very same
    return [(row, content[row.version_id]) for row in rows]


def lines_in_order(lines: QuerySet[Any]) -> list[Any]:
    """Return the lines of a batch with what their answers are written to, without drafts."""
    unread = (f"outbox__{name}" for name in _UNREAD)
    names = ("version", "part", "item__archive", "item__agency", "agency")
    related = (f"outbox__{name}" for name in names)
    return list(lines.select_related(*related).defer(*unread).order_by("position"))


def _whole(rows: QuerySet[Outbox]) -> QuerySet[Outbox]:
    return rows.select_related("version", "part", "item__archive", "item__agency", "agency").defer(*_UNREAD)


def hasten(*, target: str, until: dt.datetime, now: dt.datetime) -> int:
    """Make due at once what waits for its day and was sealed by `until`; return how many versions that were."""
    rows = Outbox.objects.filter(target=target, state=Delivery.PENDING, due_at__gt=now)
    return rows.filter(version__sealed_at__lte=until).update(due_at=now)


def queue_again(*, outbox_ids: Sequence[object], now: dt.datetime) -> int:
    """Queue once more what the platform turned away, as far as it still is the current version of its record; return
    how many versions that were. A version that was turned away left no trace there, so it is judged anew."""
    rows = Outbox.objects.filter(may_leave(), id__in=outbox_ids, state=Delivery.REJECTED)
    rows = rows.select_for_update(of=("self",))
    rows = rows.select_related("version", "part", "item")
    again = [row for row in rows if row.version.number == row.head.current_version]
    for row in again:
        row.state, row.code, row.message, row.due_at, row.changed_at = Delivery.PENDING, "", "", now, now
    Outbox.objects.bulk_update(again, ["state", "code", "message", "due_at", "changed_at"])
    _show_states(again, _lock(row.head for row in again))
    return len(again)


def mark_sent(*, outbox_ids: Sequence[object]) -> None:
    """Note that these left the house and wait for the platform's answer (已报送)."""
    rows = Outbox.objects.filter(id__in=outbox_ids, state=Delivery.PENDING)
    rows.update(state=Delivery.SENT, changed_at=timezone.now())
    taken = Outbox.objects.filter(id__in=outbox_ids).select_related("version", "part", "item")
    _show_states(taken, _lock(row.head for row in taken))


_WORST_FIRST = (
    Delivery.REJECTED,
    Delivery.PENDING,
    Delivery.SENT,
    Delivery.ACCEPTED,
    Delivery.UNTAKEN,
)
"""What a record shows of a version that several platforms answer differently: what somebody has to mend before all."""


def _show_states(rows: Iterable[Outbox], heads: Heads) -> None:
    """Let locked records and facts show the state of their current version at all platforms together, after the states
    of these rows were written (ZD-10)."""
    found = ((row.version_id, row.version.number, heads[row.head.pk]) for row in rows)
    current = {version_id: head for version_id, number, head in found if head.current_version == number}
    states: dict[UUID, set[str]] = defaultdict(set)
    told = Outbox.objects.filter(version_id__in=list(current))
    for version_id, state in told.values_list("version_id", "state"):
        states[version_id].add(state)
    shown: dict[tuple[type[Any], str], list[UUID]] = defaultdict(list)
    for version_id, head in current.items():
        state = next(one for one in _WORST_FIRST if one in states[version_id])
        shown[type(head), state].append(head.pk)
    for (model, state), ids in shown.items():
        model._base_manager.filter(id__in=ids).update(delivery=state)


def _lock(heads: Iterable[RecordPart | Item]) -> Heads:
    """Lock records and facts, also those whose time is over: an answer may come after it. Always in one order, as two
    platforms may answer at once."""
    wanted: dict[type[Any], set[UUID]] = defaultdict(set)
    for head in heads:
        wanted[type(head)].add(head.pk)
    locked: Heads = {}
    for model in HEADS:
        if ids := wanted[model]:
            rows = model._base_manager.filter(id__in=ids).select_for_update().defer(*_DRAFTS).order_by("id")
            locked |= {head.pk: head for head in rows}
    return locked


@dataclasses.dataclass(frozen=True)
class Answer:
    """What the platform said to one queued version."""

    accepted: bool
    code: str
    message: str


def record_answers(answers: Sequence[tuple[Outbox, Answer]], *, actor: Actor) -> None:
    """Write the platform's answers; a record shows one if it is about its current version.

    The rows come with `version`, `part` and `item` loaded. A handful of statements, however many there are.
    """
    now = timezone.now()
    heads = _lock(row.head for row, _ in answers)
    events: list[Event] = []
    rejected: list[RecordPart | Item] = []
    told: dict[tuple[str, str, str], list[UUID]] = {}
    shown: list[Outbox] = []
    for row, answer in answers:
        row.state = Delivery.ACCEPTED if answer.accepted else Delivery.REJECTED
        row.code, row.message, row.changed_at = answer.code[:20], answer.message[:500], now
        head = heads[row.head.pk]
        told.setdefault((row.state, row.code, row.message), []).append(row.pk)
        if head.current_version == row.version.number:
            shown.append(row)
            if not answer.accepted and not over(head):
                rejected.append(head)
        what = "record" if isinstance(head, RecordPart) else "item"
        verb = f"{what}.accepted" if answer.accepted else f"{what}.rejected"
        data = {"version": row.version.number, "target": row.target, "code": answer.code}
        events.append(new_event(verb, actor=actor, subject=head, reason=row.message, data=data))
    # Many have the same answer: a statement for each answer costs far less than one that lists every row's own.
    for (state, code, message), ids in told.items():
        Outbox.objects.filter(id__in=ids).update(state=state, code=code, message=message, changed_at=now)
    _show_states(shown, heads)
    Event.objects.bulk_create(events)
    tell_rejected(rejected)


def over(head: RecordPart | Item) -> bool:
    """Tell whether this is a fact whose time is over, or that was recalled."""
    return isinstance(head, Item) and (is_over(head) or head.recalled_at is not None)
