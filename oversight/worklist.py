"""The first page of who fills in, passes on or confirms: returned before due soon before drafts, each with a true count
and a way to where it is finished.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from agencies.models import Jurisdiction, Role
from agencies.requests import place_of
from archives.items import kind_of
from archives.models import Item, RecordPart
from archives.rejections import rejections_of, words_of
from archives.selectors import QUEUE_ITEMS, items_visible_to, open_item_counts
from archives.services.years import closes_on
from archives.states import Delivery, Status
from audit import journal
from credit_platform.actors import Actor
from oversight.worklist_lines import lines_of

DUE = "due"
"""Not a status: drafts of a year that closes soon, or has closed."""
SOON = dt.timedelta(days=30)
QUEUES: dict[str, tuple[tuple[str, str], ...]] = {
    Role.FILLER: (
        ("需要修改", Status.RETURNED),
        ("快到期", DUE),
        ("草稿", Status.DRAFT),
        ("已提交，等经办人", Status.SUBMITTED),
    ),
    Role.CLERK: (
        ("平台退回", Delivery.REJECTED),
        ("已退回，等修改", Status.RETURNED),
        ("快到期", DUE),
        ("等您经办", Status.SUBMITTED),
        ("草稿", Status.DRAFT),
        ("已提交，等审核", Status.IN_REVIEW),
    ),
    Role.REVIEWER: (("等您审核", Status.IN_REVIEW),),
}
_WAITING = (Status.DRAFT, Status.SUBMITTED, Status.IN_REVIEW)
"""What is no haste: the lines about other things stand before the first of these."""
Counts = Counter[tuple[str, int]]
"""How many records by state and year."""


def worklist(request: Any) -> HttpResponse:
    """Show what is to be done; every name on it is a journalled look."""
    actor, today = request.actor, timezone.localdate()
    place = place_of(request)
    counts, waiting = _counts(actor), open_item_counts(actor)
    blocks: list[dict[str, Any]] = []
    lines = lines_of(actor, place, today=today)
    for title, state in QUEUES[actor.role]:
        if lines and state in _WAITING:
            blocks.append(lines)
            lines = None
        blocks += _queues(actor, title, state, counts, place, today)
        if state != DUE and waiting[state]:
            blocks.append(_item_queue(actor, place, title, state, waiting[state]))
    opening = {"url": reverse("archive-open"), "label": "新建档案", "icon": "plus", "style": "pri"}
    context = {
        "blocks": blocks,
        "queues": [block for block in blocks if block["tag"]],
        "quick": [opening] if actor.role in (Role.FILLER, Role.CLERK) else [],
        "empty_sentence": "没有待办事项。",
    }
    return render(request, "home/worklist.html", context)


def _counts(actor: Actor) -> Counts:
    """One statement for all queues of records, whatever the year."""
    parts = RecordPart.objects.visible_to(actor)
    parts = parts.filter(~Q(status=Status.SEALED) | Q(delivery=Delivery.REJECTED)).order_by()
    counts: Counts = Counter()
    for status, delivery, year, count in parts.values_list("status", "delivery", "year").annotate(
        Count("id")
    ):
        if status != Status.SEALED:
            counts[status, year] += count
        if delivery == Delivery.REJECTED:
            counts[delivery, year] += count
    return counts


def _queues(
    actor: Actor, title: str, state: str, counts: Counts, place: Jurisdiction, today: dt.date
) -> list[dict[str, Any]]:
    """One queue for a state; for drafts one for each year, where some of the years are due."""
    if state not in (DUE, Status.DRAFT):
        total = sum(count for (known, _), count in counts.items() if known == state)
        return [_queue(actor, place, title, state, total)] if total else []
    drafts = {year: count for (known, year), count in counts.items() if known == Status.DRAFT}
    due = {year: closes_on(place, year) for year in drafts}
    due = {year: day for year, day in due.items() if day is not None and day - today <= SOON}
    if state == DUE:
        return [
            _queue(
                actor, place, f"{title}：{_closing(year, due[year], today)}", Status.DRAFT, drafts[year], year
            )
            for year in sorted(due)
        ]
    if not due:
        return [_queue(actor, place, title, state, sum(drafts.values()))] if drafts else []
    return [
        _queue(actor, place, f"{title}（{year} 年度）", state, drafts[year], year)
        for year in sorted(drafts.keys() - due.keys())
    ]


def _closing(year: int, day: dt.date | None, today: dt.date) -> str:
    if day is None:
        return f"{year} 年度"
    left = (day - today).days
    when = f"还剩 {left} 天" if left > 0 else ("今天截止" if left == 0 else f"已过 {-left} 天")
    return f"{year} 年度的草稿，{day:%m-%d} 截止，{when}"


def _queue(
    actor: Actor, place: Jurisdiction, title: str, state: str, count: int, year: int | None = None
) -> dict[str, Any]:
    query: dict[str, Any] = {"delivery" if state == Delivery.REJECTED else "status": str(state)}
    if year is not None:
        query["year"] = year
    parts = RecordPart.objects.visible_to(actor).filter(**query).select_related("employer")
    shown = list(parts.order_by("saved_at", "id")[:QUEUE_ITEMS])
    told = _told(shown, state, place)
    ids = [str(part.id) for part in shown]
    label = f"工作台：{title}（{len(ids)} 人）"
    journal.look("record.listed", actor=actor, subject_label=label, data={"ids": ids})
    listed = f"{reverse('archive-list')}?{urlencode(query)}"
    return {
        "title": title,
        "tag": state,
        "count": count,
        "url": reverse("review") if actor.role == Role.REVIEWER else listed,
        "items": [
            {
                "url": reverse("record", args=[part.id]),
                "name": part.name,
                "detail": f"{part.year} 年度　{told[part.id]}" if part.id in told else _detail(part),
                "when": f"{timezone.localtime(part.saved_at):%m-%d %H:%M}",
            }
            for part in shown
        ],
    }


def _item_queue(actor: Actor, place: Jurisdiction, title: str, state: str, count: int) -> dict[str, Any]:
    field = "delivery" if state == Delivery.REJECTED else "status"
    items = items_visible_to(actor).filter(**{field: state})
    shown = list(items.order_by("saved_at", "id")[:QUEUE_ITEMS])
    told = _told(shown, state, place)
    ids = [str(item.pk) for item in shown]
    label = f"工作台：条目{title}（{len(ids)} 条）"
    journal.look("item.listed", actor=actor, subject_label=label, data={"ids": ids})
    return {
        "title": f"条目：{title}",
        "tag": state,
        "count": count,
        "url": f"{reverse('item-list')}?{field}={state}",
        "items": [
            {
                "url": reverse("item", args=[item.pk]),
                "name": item.name,
                "detail": f"{kind_of(item).label}　{told.get(item.pk) or item.return_reason or item.occurred_on}",
                "when": f"{timezone.localtime(item.saved_at):%m-%d %H:%M}",
            }
            for item in shown
        ],
    }


def _told(heads: Sequence[RecordPart | Item], state: str, place: Jurisdiction) -> dict[Any, str]:
    """What platforms said to those that they turned away, and which of them are mended and wait for the reviewer."""
    rejections = rejections_of(heads) if state == Delivery.REJECTED else {}
    mended = {head.pk: _mended(head) for head in heads if head.status == Status.IN_REVIEW}
    return {pk: mended.get(pk) or words_of(rows, place.parameters) for pk, rows in rejections.items()}


def _mended(head: RecordPart | Item) -> str:
    gone = isinstance(head, Item) and head.revoked
    return "已提出撤销，等审核确认" if gone else "已更正，等审核确认"


def _detail(part: RecordPart) -> str:
    place = part.employer.name if part.employer else ""
    return f"{part.year} 年度　{part.return_reason or place}"
