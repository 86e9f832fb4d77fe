"""The confirmed facts of a year as form and print tell them: 奖惩情况 in its box (AY-F17), the others by heading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from archives.items import fact_of, kind_of
from archives.models import Item, RecordPart, Version
from archives.schema.kinds import Category
from archives.schema.occupations import Occupation
from archives.services.versions import item_version_content
from archives.states import Status

Values = dict[str, Any]
Row = TypeVar("Row")
_INSIDE = "（只供本单位和本人查看）"


def award_lines(
    items: Iterable[Item],
    *,
    as_of: dt.date | dt.datetime | None = None,
    drafts: bool = False,
) -> list[str]:
    """Return one line for each award and penalty among the facts of a record's year, in their order.

    Confirmed facts only, as they stand, or stood at the moment or the end of the day `as_of`; what was revoked is left
    out, whatever the day asked for, as is what has expired (the door of `Item`); what is objected to is marked. With
    `drafts`, for the unit alone, what is not confirmed yet follows, marked as such.
    """
    mine = [item for item in items if kind_of(item).category == Category.AWARD_OR_PENALTY]
    lines = [line for _, line in _lines(mine, as_of)]
    if drafts:
        waiting = [item for item in mine if not item.current_version]
        lines += [
            f"{kind_of(item).summary(fact_of(item).values)}（{item.get_status_display()}，未确认）"
            for item in waiting
        ]
    return lines


def other_lines(
    occupation: type[Occupation],
    items: Iterable[Item],
    *,
    as_of: dt.date | dt.datetime | None = None,
) -> list[tuple[str, list[str]]]:
    """Return, by heading of the group's contents, one line for each confirmed fact that is no award or penalty.

    Of drafts nothing; what stays between unit and person says so, as paper goes further than a page. Else as
    `award_lines`.
    """
    mine = [item for item in items if kind_of(item).category != Category.AWARD_OR_PENALTY]
    grouped = under_headings(occupation, _lines(mine, as_of), lambda row: row[0].kind)
    return [
        (heading, [f"{line}{_INSIDE if kind_of(item).disclosure == 'self' else ''}" for item, line in rows])
        for heading, rows in grouped
    ]


def under_headings(
    occupation: type[Occupation], rows: Iterable[Row], kind: Callable[[Row], str]
) -> list[tuple[str, list[Row]]]:
    """Return rows under the headings of the whole group's contents, in their order; what has none comes last (其他)."""
    left, found = list(rows), []
    for content in (occupation.whole or occupation).contents:
        mine = [row for row in left if kind(row) in content.kinds]
        left = [row for row in left if kind(row) not in content.kinds]
        if mine:
            found.append((content.label, mine))
    return [*found, ("其他", left)] if left else found


def year_items(part: RecordPart) -> list[Item]:
    """Return the facts of a record's year, oldest first, as far as the acting context sees them."""
    rows = Item.objects.filter(archive_id=part.record.archive_id, year=part.year)
    return list(rows.order_by("occurred_on", "id"))


def _lines(items: list[Item], as_of: dt.date | dt.datetime | None) -> list[tuple[Item, str]]:
    values = facts_in_force(items, as_of=as_of)
    return [
        (item, kind_of(item).summary(values[item.pk]) + ("（异议中）" if item.disputed else ""))
        for item in items
        if item.pk in values
    ]


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
