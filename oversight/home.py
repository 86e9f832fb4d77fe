"""The first page of each role: what is to be done, or how things stand."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.models import Jurisdiction, Role
from archives.items import kind_of
from archives.models import RecordPart
from archives.rejections import rejections_of
from archives.selectors import QUEUE_ITEMS, items_visible_to, open_counts, open_item_counts
from archives.states import Delivery, Status
from audit import journal
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM
from credit_platform.web.access import PUBLIC, access
from oversight.office import overview

QUEUES: dict[str, tuple[tuple[str, str], ...]] = {
    Role.FILLER: (
        ("需要修改", Status.RETURNED),
        ("草稿", Status.DRAFT),
        ("已提交，等经办人", Status.SUBMITTED),
    ),
    Role.CLERK: (
        ("平台退回", Delivery.REJECTED),
        ("已退回，等修改", Status.RETURNED),
        ("等您经办", Status.SUBMITTED),
        ("草稿", Status.DRAFT),
        ("已提交，等审核", Status.IN_REVIEW),
    ),
    Role.REVIEWER: (("等您审核", Status.IN_REVIEW),),
}


@access(*QUEUES, Role.AGENCY_ADMIN, Role.OFFICER, Role.OPERATOR)
@require_GET
def home(request: Any) -> HttpResponse:
    """Send each role to what it needs first."""
    actor: Actor = request.actor
    if actor.role == Role.OFFICER:
        return overview(request)
    if actor.role == Role.OPERATOR:
        return _operator(request)
    if actor.role == Role.AGENCY_ADMIN:
        return redirect("members")
    return _worklist(request)


@access(PUBLIC)
@require_GET
def health(request: Any) -> HttpResponse:
    """Answer `ok` when the database answers; for load balancers and supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def _worklist(request: Any) -> HttpResponse:
    actor = request.actor
    counts = open_counts(actor)
    queues = [
        _queue(actor, title, state, counts[state]) for title, state in QUEUES[actor.role] if counts[state]
    ]
    waiting = open_item_counts(actor)
    queues += [
        _item_queue(actor, title, state, waiting[state])
        for title, state in QUEUES[actor.role]
        if waiting[state]
    ]
    opening = {"url": reverse("archive-open"), "label": "新建档案", "icon": "plus", "style": "pri"}
    context = {
        "queues": queues,
        "quick": [opening] if actor.role in (Role.FILLER, Role.CLERK) else [],
        "empty_sentence": "没有待办事项。",
    }
    return render(request, "home/worklist.html", context)


def _queue(actor: Actor, title: str, state: str, count: int) -> dict[str, Any]:
    field = "delivery" if state == Delivery.REJECTED else "status"
    parts = RecordPart.objects.visible_to(actor).filter(**{field: state}).select_related("employer")
    shown = list(parts.order_by("saved_at", "id")[:QUEUE_ITEMS])
    told = rejections_of(shown) if state == Delivery.REJECTED else {}
    ids = [str(part.id) for part in shown]
    label = f"工作台：{title}（{len(ids)} 人）"
    journal.look("record.listed", actor=actor, subject_label=label, data={"ids": ids})
    return {
        "title": title,
        "tag": state,
        "count": count,
        "url": reverse("review")
        if actor.role == Role.REVIEWER
        else f"{reverse('archive-list')}?{field}={state}",
        "items": [
            {
                "url": reverse("record", args=[part.id]),
                "name": part.name,
                "detail": f"{part.year} 年度　{told[part.id].message}" if part.id in told else _detail(part),
                "when": f"{timezone.localtime(part.saved_at):%m-%d %H:%M}",
            }
            for part in shown
        ],
    }


def _item_queue(actor: Actor, title: str, state: str, count: int) -> dict[str, Any]:
    field = "delivery" if state == Delivery.REJECTED else "status"
    items = items_visible_to(actor).filter(**{field: state})
    shown = list(items.order_by("saved_at", "id")[:QUEUE_ITEMS])
    told = rejections_of(shown) if state == Delivery.REJECTED else {}
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
                "detail": f"{kind_of(item).label}　{_rejected(told, item) or item.return_reason or item.occurred_on}",
                "when": f"{timezone.localtime(item.saved_at):%m-%d %H:%M}",
            }
            for item in shown
        ],
    }


def _rejected(told: dict[Any, Any], item: Any) -> str:
    return told[item.pk].message if item.pk in told else ""


def _detail(part: RecordPart) -> str:
    place = part.employer.name if part.employer else ""
    return f"{part.year} 年度　{part.return_reason or place}"


def _operator(request: Any) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        (migrations,) = cursor.fetchone()
    places = Jurisdiction.objects.exclude(id=PLATFORM).annotate(units=Count("agencies")).order_by("id")
    context = {
        "checks": [{"label": "数据库", "ok": True, "text": f"已执行 {migrations} 项结构变更"}],
        "places": [
            {"name": p.name, "code": p.code, "pack": f"{p.pack} {p.pack_version}", "agencies": p.units}
            for p in places
        ],
    }
    return render(request, "home/operator.html", context)
