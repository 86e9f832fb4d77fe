"""Keyset pages: constant cost on any page, and no personal data in the address (scale rule 7)."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


@dataclasses.dataclass(frozen=True)
class Page:
    """Rows of one page, and the addresses of its neighbours (empty at either end)."""

    rows: list[Any]
    prev_url: str
    next_url: str


def keyset_page(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    order: str,
    descending: bool = False,
    size: int = PAGE_SIZE,
    joined: bool = False,
) -> Page:
    """Return the page that the request asks for by `after=<id>` or `before=<id>`.

    Rows are ordered by column `order`, then by id. The address names only the id of the neighbouring row; an id that
    is unknown, or not visible to the asker, gives the first page. With `joined` the keys of the page are chosen before
    other tables are joined: the planner, which cannot see how many rows row-level security leaves, would join all.
    """
    after, before = _row(request, queryset, "after"), _row(request, queryset, "before")
    backwards = before is not None and after is None
    sign = "-" if descending != backwards else ""
    rows = queryset.order_by(f"{sign}{order}", f"{sign}id")
    edge = before if backwards else after
    if edge is not None:
        rows = rows.filter(_beyond(order, edge, forwards=not sign))
    if joined:
        keys = rows.select_related(None).values("pk")[: size + 1]
        rows = queryset.filter(pk__in=keys).order_by(f"{sign}{order}", f"{sign}id")
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_prev, has_next = (more, True) if backwards else (edge is not None, more)
    return Page(
        rows=found,
        prev_url=_address(request, "before", found[0].pk) if has_prev and found else "",
        next_url=_address(request, "after", found[-1].pk) if has_next and found else "",
    )


def _beyond(order: str, edge: Any, *, forwards: bool) -> Q:
    word, value = ("gt" if forwards else "lt"), getattr(edge, order)
    tie = Q(**{order: value, f"id__{word}": edge.pk})
    return Q(**{f"{order}__{word}e": value}) & (Q(**{f"{order}__{word}": value}) | tie)


def _row(request: HttpRequest, queryset: QuerySet[Any], name: str) -> Any:
    text = request.GET.get(name, "")
    try:
        key: UUID | int = UUID(text) if "-" in text else int(text)
    except ValueError:
        return None
    if isinstance(key, UUID) != (queryset.model._meta.pk.get_internal_type() == "UUIDField"):
        return None
    return queryset.model._default_manager.filter(pk=key).filter(pk__in=queryset.values("pk")).first()


def _address(request: HttpRequest, name: str, key: object) -> str:
    query = request.GET.copy()
    for other in ("after", "before"):
        query.pop(other, None)
    query[name] = str(key)
    return f"?{query.urlencode()}"
