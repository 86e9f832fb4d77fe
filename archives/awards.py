"""奖惩情况: the confirmed facts of a year as the form and its print tell them (AY-F17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from archives.items import fact_of, kind_of
from archives.models import Item, RecordPart, Version
from archives.schema.kinds import Category
from archives.services.versions import item_version_content
from archives.states import Status

Values = dict[str, Any]


def award_lines(
    part: RecordPart,
    *,
    as_of: dt.date | dt.datetime | None = None,
    items: Iterable[Item] | None = None,
    drafts: bool = False,
) -> list[str]:
    """Return one line for each award and penalty of the record's year, oldest first.

    Confirmed facts only, as they stand, or stood at the moment or the end of the day `as_of`; what was revoked is left
    out, whatever the day asked for, as is what has expired (the door of `Item`); what is objected to is marked. With
    `drafts`, for the unit alone, what is not confirmed yet follows, marked as such. `items`: those of the year, where
    the caller has them already.
    """
    if items is None:
        items = Item.objects.filter(archive_id=part.record.archive_id, year=part.year).order_by(
            "occurred_on", "id"
        )
    mine = [item for item in items if kind_of(item).category == Category.AWARD_OR_PENALTY]
    values = facts_in_force(mine, as_of=as_of)
    lines = [
        kind_of(item).summary(values[item.pk]) + ("（异议中）" if item.disputed else "")
        for item in mine
        if item.pk in values
    ]
    if drafts:
        waiting = [item for item in mine if not item.current_version]
        lines += [
            f"{kind_of(item).summary(fact_of(item).values)}（{item.get_status_display()}，未确认）"
            for item in waiting
        ]
    return lines


def facts_in_force(
    items: Iterable[Item], *, as_of: dt.date | dt.datetime | None = None
) -> dict[UUID, Values]:
    """Return the values of the versions in force, by item; those revoked or never confirmed are missing.

    What an item holds while it is being corrected is not in force: then its version is read. Raises
    `crypto.Undecipherable` where a version does not match its digest.
    """
    found: dict[UUID, Values] = {}
    to_read = []
    for item in items:
        if not item.current_version or gone(item):
            continue
        if as_of is None and (item.status == Status.SEALED or item.revoked):
            found[item.pk] = fact_of(item).values
        else:
            to_read.append(item)
    found.update(_read(to_read, as_of) if to_read else {})
    return found


def gone(item: Item) -> bool:
    """Tell whether the version that stands withdraws the fact; a revocation only proposed does not."""
    return item.revoked and item.status == Status.SEALED


def _read(items: list[Item], as_of: dt.date | dt.datetime | None) -> dict[UUID, Values]:
    by_id = {item.pk: item for item in items}
    versions = Version.objects.filter(item__in=items).select_related("item").prefetch_related("bodies")
    if isinstance(as_of, dt.datetime):
        versions = versions.filter(sealed_at__lte=as_of)
    elif as_of is not None:
        end = timezone.make_aware(dt.datetime.combine(as_of + dt.timedelta(1), dt.time()))
        versions = versions.filter(sealed_at__lt=end)
    found: dict[UUID, Values] = {}
    for version in versions.order_by("number"):
        item = by_id[version.head.pk]
        if as_of is None and version.number != item.current_version:
            continue
        kind = kind_of(item)
        content = item_version_content(version, kind)
        found.pop(item.pk, None)
        if not content["revoked"]:
            found[item.pk] = kind.load(content["values"])
    return found
