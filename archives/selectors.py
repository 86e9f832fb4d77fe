"""Reads of the record that several pages share."""

from __future__ import annotations

from uuid import UUID

from django.db.models import (
    Count,
    F,
    JSONField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import JSONObject
from django.http import Http404
from django.shortcuts import get_object_or_404

from agencies.models import Role
from archives.models import Evidence, Filing, Item, Proceeding, RecordPart, StampLine, Version
from archives.models.items import in_time, to_mend
from archives.schema.kinds import kinds
from archives.schema.members import MEMBERS
from archives.states import Delivery, FilingStatus, RosterStatus, Status
from credit_platform.actors import Actor

QUEUE_ITEMS = 8


def parts_visible_to(actor: Actor) -> QuerySet[RecordPart]:
    """Return the parts that an actor may see; the office sees no drafts (design brief §5), and nothing of members: that
    is between them and their association (GZ-11)."""
    parts = RecordPart.objects.visible_to(actor)
    if actor.kind == "office":
        parts = parts.filter(current_version__gt=0).exclude(occupation=MEMBERS)
    return parts


def part_or_404(actor: Actor, part_id: UUID) -> RecordPart:
    """Return a part with its record and employer, or answer 404: foreign and missing look the same."""
    parts = parts_visible_to(actor).select_related("record__archive", "agency", "employer")
    return get_object_or_404(parts, id=part_id)


def items_visible_to(actor: Actor) -> QuerySet[Item]:
    """Return the items that an actor may see, none of them past its time. The office sees no drafts, nothing that was
    revoked, and nothing that stays between unit and person: complaints, sanctions of discipline, 廉政记录, and
    everything of members.
    """
    items = Item.objects.visible_to(actor)
    if actor.kind == "office":
        items = items.exclude(occupation=MEMBERS)
        items = items.filter(current_version__gt=0).exclude(kind__in=internal_kinds())
        items = items.exclude(revoked=True, status=Status.SEALED)
    return items


def items_to_mend(actor: Actor) -> QuerySet[Item]:
    """Return the facts whose time a correction has ended, for clerk and reviewer of the unit alone, as the day may have
    been mistyped: on no other page, and not for long (`Item.mendable_until`)."""
    items = Item.workable.visible_to(actor).filter(~in_time())
    return items if actor.role in (Role.CLERK, Role.REVIEWER) else items.none()


def item_or_404(actor: Actor, item_id: UUID) -> Item:
    """Return an item with its archive, or answer 404: foreign and missing look the same."""
    for items in (items_visible_to(actor), items_to_mend(actor)):
        if found := items.select_related("archive", "agency", "employer").filter(id=item_id).first():
            return found
    raise Http404


def internal_kinds() -> list[str]:
    """Return the codes of the kinds that only unit and person see."""
    return [kind.code for kind in kinds if kind.disclosure == "self"]


def evidence_visible_to(actor: Actor) -> QuerySet[Evidence]:
    """Return the files that an actor may see: those attached; for the office, what a sealed version cites of
    the facts that it sees."""
    there = in_time("item__")
    if actor.role in (Role.CLERK, Role.REVIEWER):
        there |= to_mend("item__")
    evidence = Evidence.objects.visible_to(actor).filter(there, removed_at=None)
    evidence = evidence.filter(part__recalled_at=None, item__recalled_at=None)
    if actor.kind == "office":
        evidence = evidence.filter(sealed_at__isnull=False).exclude(item__kind__in=internal_kinds())
        evidence = evidence.exclude(item__revoked=True, item__status=Status.SEALED)
        evidence = evidence.exclude(Q(part__occupation=MEMBERS) | Q(item__occupation=MEMBERS))
    return evidence


def prefetch_proceedings(part: RecordPart, actor: Actor) -> None:
    """Load `part.proceedings.all()` as far as this reader may see them, the latest first: one query for all who ask."""
    seen = Proceeding.objects.visible_to(actor).order_by("-opened_at", "-id")
    prefetch_related_objects([part], Prefetch("proceedings", queryset=seen))


def proceeding_or_404(actor: Actor, proceeding_id: UUID) -> Proceeding:
    """Return a proceeding with its part and agency, or answer 404: foreign and missing look the same."""
    rows = Proceeding.objects.visible_to(actor)
    rows = rows.select_related(
        "part__record__archive", "part__agency", "part__employer", "agency__jurisdiction"
    )
    return get_object_or_404(rows, id=proceeding_id)


def filings_visible_to(actor: Actor) -> QuerySet[Filing]:
    """Return the filings that an actor may see; a member of an agency those of the own groups."""
    filings = Filing.objects.visible_to(actor).select_related("agency")
    return filings.filter(occupation__in=actor.occupations) if actor.kind == "agency" else filings


def filing_number(part: RecordPart) -> str:
    """Return the number under which the part is filed, or nothing: what was confirmed later is not filed yet."""
    filed = Filing.objects.filter(
        agency_id=part.agency_id, occupation=part.occupation, year=part.year, status=FilingStatus.FILED
    )
    first_sealed = part.record.sealed_at
    if first_sealed is None:
        return ""
    return filed.filter(submitted_at__gte=first_sealed).values_list("number", flat=True).first() or ""


def neighbours(actor: Actor, part: RecordPart) -> tuple[UUID | None, UUID | None]:
    """Return the ids of the persons before and after in the list of the same group and year."""
    same = parts_visible_to(actor).filter(
        agency_id=part.agency_id, occupation=part.occupation, year=part.year
    )
    key, pk = part.name_sort, part.pk
    after = same.filter(name_sort__gte=key).filter(Q(name_sort__gt=key) | Q(id__gt=pk))
    before = same.filter(name_sort__lte=key).filter(Q(name_sort__lt=key) | Q(id__lt=pk))
    previous = before.order_by("-name_sort", "-id").values_list(Value("before"), "id")[:1]
    following = after.order_by("name_sort", "id").values_list(Value("after"), "id")[:1]
    found = dict(previous.union(following, all=True))
    return found.get("before"), found.get("after")


def next_to_review(actor: Actor, part: RecordPart) -> UUID | None:
    """Return the record that waits longest for the reviewer behind this one, else the one that waits longest."""
    waiting = RecordPart.objects.visible_to(actor).filter(status=Status.IN_REVIEW).exclude(id=part.pk)
    waiting = waiting.order_by("saved_at", "id")
    following = waiting.filter(saved_at__gte=part.saved_at).first() or waiting.first()
    return following.pk if following else None


def previous_year(actor: Actor, part: RecordPart) -> RecordPart | None:
    """Return last year's part of the same archive and agency, if it was sealed."""
    parts = parts_visible_to(actor).filter(
        record__archive_id=part.record.archive_id,
        agency_id=part.agency_id,
        year=part.year - 1,
        current_version__gt=0,
    )
    return parts.first()


def open_item_counts(actor: Actor) -> dict[str, int]:
    """Return how many visible items wait in each status, and `rejected` by the platform."""
    counts: dict[str, int] = dict.fromkeys((*Status.values, Delivery.REJECTED), 0)
    grouped = items_visible_to(actor).order_by().values_list("status", "delivery").annotate(Count("id"))
    for status, delivery, count in grouped:
        if status != Status.SEALED:
            counts[status] += count
        if delivery == Delivery.REJECTED:
            counts[Delivery.REJECTED] += count
    return counts


def stamps_of(versions: QuerySet[Version]) -> QuerySet[Version]:
    """Add `stamp` to versions: 编号 and 日期 of the roster on which each was stamped, or None; costs no query more."""
    stamped = StampLine.objects.filter(version=OuterRef("pk"), roster__status=RosterStatus.STAMPED)
    told = JSONObject(code=F("roster__code"), on=F("roster__stamped_on"))
    found = stamped.order_by("-roster__stamped_on").values(told=told)[:1]
    return versions.annotate(stamp=Subquery(found, output_field=JSONField()))
