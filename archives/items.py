"""The content of an item as its kind reads it, and which kinds a record may hold."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from agencies.models import Responsibility
from archives.catalogue import refusal
from archives.models import Archive, Item
from archives.protection import reveal_fact, reveal_typed
from archives.schema.identifiers import birth_date_of
from archives.schema.kinds import ItemKind, kinds
from archives.schema.occupations import Occupation
from archives.schema.problems import ProblemCode
from audit.models import INSIDE
from credit_platform import crypto

NEVER_KEPT = frozenset({ProblemCode.MINOR, ProblemCode.SIMPLE_PROCEDURE, ProblemCode.PERSON_NOT_NAMED})
"""Problems of facts that must not be kept at all, not even as a draft (R403, R404)."""


@dataclasses.dataclass(frozen=True)
class FactDraft:
    """What an item holds: `values` as parsed, `typed` the raw text of boxes that could not be read."""

    values: dict[str, Any]
    typed: Mapping[str, str]

    def raw(self) -> dict[str, Any]:
        """Return the boxes as input for `ItemKind.parse`, with the unreadable text in its place."""
        return {**self.values, **self.typed}


def kind_of(item: Item) -> ItemKind:
    """Return the kind of an item. Raises `UnknownKind`."""
    return kinds.get(item.kind)


def fact_of(item: Item) -> FactDraft:
    """Decrypt and read the draft of an item."""
    kind = kind_of(item)
    return FactDraft(kind.load(reveal_fact(kind.section, item.values)), reveal_typed(item.typed))


def kinds_for(occupation: type[Occupation], responsibility: Responsibility) -> list[ItemKind]:
    """Return the kinds that this agency may write into a record of this group: those of the catalogue in force that
    have a basis in the place.

    What the notice makes a duty (GZ-07) no division of work takes away from the agency that leads.
    """
    whole = occupation.whole or occupation
    allowed = set(responsibility.kinds or occupation.kinds)
    if responsibility.lead:
        allowed |= set(whole.must_record)
    found = [kinds.get(code) for code in whole.kinds if code in allowed and code in kinds]
    place, today = str(responsibility.jurisdiction_id), timezone.localdate()
    return [kind for kind in found if not refusal(kind.code, place=place, today=today)]


def birth_date(archive: Archive) -> dt.date | None:
    """Return the person's day of birth as the document tells it, None where it doesn't."""
    number = crypto.decrypt(archive.number, purpose="archive.number")
    return birth_date_of(archive.document_type, number)


def event_data(kind: ItemKind, **more: Any) -> dict[str, Any]:
    """Return what the journal keeps beside an act on a fact; `INSIDE` marks what stays between unit and person."""
    return {"kind": kind.code, **({INSIDE: True} if kind.disclosure == "self" else {}), **more}
