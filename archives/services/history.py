"""The versions of a part: any two compared, as it stood on a day, and who entered and approved each value (PD-21)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from archives.awards import gone
from archives.content import flat
from archives.models import Item, RecordPart, Version
from archives.schema.fields import Field
from archives.schema.kinds import kinds
from archives.schema.occupations import Occupation
from archives.selectors import items_visible_to
from archives.services.versions import item_version_content, sealed_record
from audit.models import Event
from credit_platform.actors import Actor

WRITING = ("record.opened", "record.saved", "record.identity_corrected")


@dataclasses.dataclass(frozen=True)
class Sealed:
    """One version, the occupation with the sections that it had then, and its plain values by field name."""

    version: Version
    occupation: type[Occupation]
    values: Mapping[str, Any]

    @property
    def number(self) -> int:
        """The number of the version."""
        return self.version.number


@dataclasses.dataclass(frozen=True)
class Origin:
    """Who entered a value, when, and the version that approved it; `entered_at` is None where only that tells."""

    field: Field[Any]
    text: str
    entered_by: str
    entered_at: dt.datetime | None
    since: Version


@dataclasses.dataclass(frozen=True)
class CitedItem:
    """A fact that a version shows: kind, day and document as they were sealed."""

    label: str
    occurred_on: str
    document_no: str


def sealed_versions(part: RecordPart, occupation: type[Occupation], actor: Actor) -> list[Sealed]:
    """Return all versions, oldest first, each checked against its digest. Raises `crypto.Undecipherable`."""
    versions = Version.objects.visible_to(actor).filter(part=part).select_related("part")
    found = []
    for version in versions.prefetch_related("bodies").order_by("number"):
        sealed, record = sealed_record(version, occupation)
        found.append(Sealed(version, sealed, flat(record)))
    return found


def valid_on(versions: Sequence[Sealed], day: dt.date) -> Sealed | None:
    """Return the version that was valid at the end of `day`, None before the first seal."""
    before = [one for one in versions if timezone.localdate(one.version.sealed_at) <= day]
    return before[-1] if before else None


def fields_of(occupation: type[Occupation], year: int) -> list[Field[Any]]:
    """Return the boxes of a year in form order, without those that are worked out."""
    known = occupation.fields()
    ordered = dict.fromkeys([*(name for row in occupation.layout() for name, _ in row), *known])
    return [known[name] for name in ordered if not known[name].computed and known[name].applies_in(year)]


def origins(part: RecordPart, versions: Sequence[Sealed], number: int, actor: Actor) -> list[Origin]:
    """Return, for every box that is filled in version `number`, where its value comes from.

    The value was approved by whoever sealed the first version of the unbroken run that has it, and entered by whoever
    the journal names for that box last before that seal; a reader who sees no drafts is told that version's author.
    """
    upto = [one for one in versions if one.number <= number]
    writings = _writings(part, actor)
    found = []
    for field in fields_of(upto[-1].occupation, part.year):
        value = upto[-1].values.get(field.name)
        if value is None:
            continue
        first = _first_of_run(upto, field.name)
        event = next((e for e in writings if e.at <= first.version.sealed_at and _names(e, field.name)), None)
        by = _writer(event) if event else first.version.author_name
        at = timezone.localtime(event.at) if event else None
        found.append(Origin(field, field.masked(value), by, at, first.version))
    return found


def cited_items(version: Version, actor: Actor) -> tuple[list[CitedItem], int]:
    """Return the facts that a version shows and may still be shown, and how many were revoked or replaced since and are
    withheld, whichever day is asked about. Of what the reader may not see itself, and of those whose time is over,
    nothing is told, not even how many."""
    cited = {str(one["id"]): int(one["version"]) for one in version.cites.get("items", [])}
    if not cited:
        return [], 0
    items = items_visible_to(actor).filter(id__in=list(cited))
    sealed = Version.objects.visible_to(actor).filter(item_id__in=items.values("id"))
    sealed = sealed.select_related("item")
    shown: list[CitedItem] = []
    known = set()
    for one in sealed.prefetch_related("bodies").order_by("item__occurred_on", "item_id"):
        item = one.item
        assert item is not None  # filtered by its id
        known.add(item.pk)
        if one.number == cited[str(item.pk)] and not gone(item):
            shown.append(_cited(one, item))
    return shown, len(known) - len(shown)


def _cited(version: Version, item: Item) -> CitedItem:
    kind = kinds.get(item.kind)
    content = item_version_content(version, kind)
    values = content["values"]
    return CitedItem(kind.label, str(values.get("occurred_on") or ""), str(values.get("document_no") or ""))


def _writings(part: RecordPart, actor: Actor) -> list[Event]:
    """The acts that wrote into the part, newest first."""
    events = Event.objects.visible_to(actor).filter(subject_id=str(part.pk), verb__in=WRITING, success=True)
    return list(events.order_by("-at", "-id"))


def _writer(event: Event) -> str:
    """Who entered it: of a correction who proposed it, not who confirmed it."""
    return " ".join(filter(None, (event.actor_unit, event.data.get("author") or event.actor_name)))


def _names(event: Event, name: str) -> bool:
    return event.verb == "record.opened" or name in event.data.get("fields", ())


def _first_of_run(upto: Sequence[Sealed], name: str) -> Sealed:
    value, first = upto[-1].values.get(name), upto[-1]
    for one in reversed(upto):
        if one.values.get(name) != value:
            break
        first = one
    return first
