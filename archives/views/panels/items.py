"""信用信息条目 below the form: the dated facts of the year under the headings of the notice (AY-04 to AY-08)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from agencies.models import Role
from agencies.requests import ActingRequest
from archives.awards import facts_in_force, gone, under_headings
from archives.items import fact_of, kind_of
from archives.lifecycle import handles
from archives.models import Item, RecordPart
from archives.models.items import is_over
from archives.schema.occupations import Occupation
from archives.selectors import items_visible_to
from archives.states import Status
from credit_platform.actors import Actor


def panel(request: ActingRequest, part: RecordPart, occupation: type[Occupation]) -> dict[str, Any] | None:
    """Return the items of a record's year, or None where there is none and none may be added."""
    actor = request.actor
    rows = rows_of(year_items(request, part), actor)
    add_url = adding_url(part, actor)
    if not rows and not add_url:
        return None
    grouped = under_headings(occupation, rows, lambda row: str(row["kind"]))
    groups = [{"label": heading, "rows": found} for heading, found in grouped]
    return {"template": "archives/panels/items.html", "groups": groups, "add_url": add_url}


def year_items(request: ActingRequest, part: RecordPart) -> list[Item]:
    """Return the visible items of a record's year, oldest first; one query for all that stands on a page."""
    known: dict[Any, list[Item]] = request.__dict__.setdefault("items_of_records", {})
    if part.pk not in known:
        actor = request.actor
        items = items_visible_to(actor).filter(archive_id=part.record.archive_id, year=part.year)
        known[part.pk] = list(items.order_by("occurred_on", "id"))
    return known[part.pk]


def adding_url(part: RecordPart, actor: Actor) -> str:
    """Return where this actor adds an item to a record, or nothing."""
    may = actor.role in (Role.FILLER, Role.CLERK) and handles(part, actor)
    return reverse("item-add", args=[part.pk]) if may else ""


def rows_of(items: list[Item], actor: Actor) -> list[dict[str, Any]]:
    """Return what a list tells of each item; for the office what is in force, never what is being written."""
    in_force = facts_in_force(items) if actor.kind == "office" else {}
    rows = []
    for item in items:
        values = fact_of(item).values if actor.kind != "office" else in_force.get(item.pk)
        if values is None:
            continue
        kind = kind_of(item)
        rows.append(
            {
                "item": item,
                "kind": item.kind,
                "label": kind.label,
                "summary": kind.summary(values),
                "url": reverse("item", args=[item.pk]),
                "status": Status.SEALED if actor.kind == "office" else item.status,
                "delivery": item.delivery,
                "disputed": item.disputed,
                "at": item.sealed_at if actor.kind == "office" else item.saved_at,
                "remark": remark_of(item, actor),
            }
        )
    return rows


def remark_of(item: Item, actor: Actor) -> str:
    """Return in words what a status does not say; what is only proposed is not for the office."""
    if gone(item):
        return "已撤销"
    if item.revoked and actor.kind != "office":
        return "拟撤销"
    if is_over(item):
        return "更正后期限已满，只能再次更正"
    return ""
