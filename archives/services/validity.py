"""How long the facts of a county may be shown, worked out from its rules, and anew when these change (LL-25, ZD-25)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.items import fact_of, kind_of
from archives.models import Item, Version, WaitingFact
from archives.models.items import is_over
from archives.protection import reveal_fact
from archives.schema.kinds import ItemKind, kinds
from archives.services.handed_over import follow_terms
from archives.services.versions import item_version_content
from archives.states import WaitingStatus
from archives.validity import Term, term_of
from credit_platform.crypto import Undecipherable

_AT_ONCE = 500
M = TypeVar("M", Item, WaitingFact)


def term_in(
    place: Jurisdiction,
    kind: ItemKind,
    values: Mapping[str, Any],
    *,
    closed_on: dt.date,
    confirmed: bool = True,
) -> Term:
    """Return how long a fact with these values may be shown and kept in this place; as `term_of`."""
    return term_of(
        kind,
        values,
        place=place.code,
        parameters=place.parameters,
        closed_on=closed_on,
        confirmed=confirmed,
    )


@transaction.atomic
def recompute(place: Jurisdiction, *, apply: bool) -> dict[str, int]:
    """Work out the terms of all facts of the acting county anew; return how many change, by kind. For jobs.

    What counts is the version in force; a fact that was never confirmed is judged by its draft, also in 待核身份. What
    cannot be read keeps the end it has, and what is over stays so. With `apply` the new days are written.
    """
    changed = Counter(_recompute_waiting(place, apply=apply))
    for items in _in_portions(Item.of_all_time.filter(emptied_at=None), lock=apply):
        versions = _in_force(items)
        moved = []
        for item in items:
            term = _term(place, item, versions.get(item.pk))
            term = _no_longer(item, term)
            if term is not None and (term.shown_until, term.kept_until) != (
                item.shown_until,
                item.kept_until,
            ):
                item.shown_until, item.kept_until = term.shown_until, term.kept_until
                changed[item.kind] += 1
                moved.append(item)
        if apply and moved:
            Item.of_all_time.bulk_update(moved, ["shown_until", "kept_until"])
            follow_terms(moved)
    return dict(changed)


def _no_longer(item: Item, term: Term | None) -> Term | None:
    """Let what is over stay over, whatever the rules say now: nobody may see it again (LL-25)."""
    if term is None or not is_over(item):
        return term
    kept = [day for day in (item.kept_until, term.kept_until) if day is not None]
    return Term(
        min(item.shown_until or dt.date.max, term.shown_until or dt.date.max), min(kept, default=None)
    )


def _recompute_waiting(place: Jurisdiction, *, apply: bool) -> Iterator[str]:
    """Yield the kind of each fact in 待核身份 whose end changes."""
    for rows in _in_portions(WaitingFact.of_all_time.filter(status=WaitingStatus.WAITING), lock=apply):
        moved = []
        for row in rows:
            end = _end_of_waiting(place, row)
            if end != row.shown_until:
                row.shown_until = end
                moved.append(row)
                yield row.kind
        if apply and moved:
            WaitingFact.of_all_time.bulk_update(moved, ["shown_until"])


def _end_of_waiting(place: Jurisdiction, row: WaitingFact) -> dt.date | None:
    kind = kinds.get(row.kind)
    try:
        values = kind.load(reveal_fact(kind.section, row.values))
    except Undecipherable:
        return row.shown_until
    return term_in(place, kind, values, closed_on=timezone.localdate(row.saved_at)).shown_until


def _in_portions(every: QuerySet[M], *, lock: bool) -> Iterator[list[M]]:
    """Every fact of the county that is asked for, in the order of its id; who only wants to know holds up nobody."""
    rows = every.order_by("id")
    if lock:
        rows = rows.select_for_update(of=("self",))
    portion = list(rows[:_AT_ONCE])
    while portion:
        yield portion
        portion = list(rows.filter(id__gt=portion[-1].pk)[:_AT_ONCE])


def _in_force(items: list[Item]) -> dict[Any, Version]:
    numbers = {item.pk: item.current_version for item in items}
    versions = Version.objects.filter(item__in=items).select_related("item").prefetch_related("bodies")
    return {
        version.head.pk: version for version in versions if version.number == numbers.get(version.head.pk)
    }


def _term(place: Jurisdiction, item: Item, version: Version | None) -> Term | None:
    kind = kind_of(item)
    try:
        if version is None:
            today = timezone.localdate()
            return term_in(place, kind, fact_of(item).values, closed_on=today, confirmed=False)
        values = kind.load(item_version_content(version, kind)["values"])
        return term_in(place, kind, values, closed_on=timezone.localdate(version.sealed_at))
    except Undecipherable:
        return None
