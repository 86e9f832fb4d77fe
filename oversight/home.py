"""The first page of each role: what is to be done, or how things stand."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.models import Jurisdiction, Responsibility, Role
from archives.models import Filing, RecordPart
from archives.states import Delivery, FilingStatus
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM
from credit_platform.web.access import PUBLIC, access
from oversight.worklist import QUEUES, worklist


@access(*QUEUES, Role.AGENCY_ADMIN, Role.OFFICER, Role.OPERATOR)
@require_GET
def home(request: Any) -> HttpResponse:
    """Send each role to what it needs first."""
    actor: Actor = request.actor
    if actor.role == Role.OFFICER:
        return _office(request)
    if actor.role == Role.OPERATOR:
        return _operator(request)
    if actor.role == Role.AGENCY_ADMIN:
        return redirect("members")
    return worklist(request)


@access(PUBLIC)
@require_GET
def health(request: Any) -> HttpResponse:
    """Answer `ok` when the database answers; for load balancers and supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def _office(request: Any) -> HttpResponse:
    actor, year = request.actor, timezone.localdate().year
    parts = RecordPart.objects.visible_to(actor).filter(year=year).order_by()
    grouped = parts.values("agency_id", "occupation").annotate(
        built=Count("id"),
        sealed=Count("id", filter=Q(current_version__gt=0)),
        delivered=Count("id", filter=Q(delivery=Delivery.ACCEPTED)),
    )
    counts = {(row["agency_id"], row["occupation"]): row for row in grouped}
    rows = [_office_row(r, counts.get((r.agency_id, r.occupation)), year) for r in _responsibilities(actor)]
    built, sealed, delivered = (sum(row[name] for row in rows) for name in ("built", "sealed", "delivered"))
    rejected = parts.filter(delivery=Delivery.REJECTED).count()
    filings = Filing.objects.visible_to(actor).filter(status=FilingStatus.SUBMITTED).count()
    groups = sum(1 for row in rows if row["built"])
    kpis = [
        {"label": "已建档案", "value": built, "note": f"涉及 {groups} 类人群，共 {len(rows)} 类"},
        {"label": "已确认", "value": sealed, "note": f"占已建 {_percent(sealed, built)}"},
        {"label": "平台已接收", "value": delivered, "note": f"占已确认 {_percent(delivered, sealed)}"},
        {"label": "平台退回", "value": rejected, "note": "需要责任单位更正", "bad": rejected > 0},
        {"label": "待备案", "value": filings, "note": "件", "url": reverse("filing-list"), "link": "去办理"},
    ]
    context = {"subtitle": f"{year} 年度 · 应建人数在名册建立后显示", "kpis": kpis, "rows": rows}
    return render(request, "home/office.html", context)


def _responsibilities(actor: Actor) -> list[Responsibility]:
    return list(Responsibility.objects.visible_to(actor).select_related("agency"))


def _office_row(row: Responsibility, counts: dict[str, Any] | None, year: int) -> dict[str, Any]:
    url = f"{reverse('archive-list')}?year={year}&occupation={row.occupation}"
    return {
        "url": "" if row.undecided else url,
        "group": f"{row.label}（对象待定）" if row.undecided else row.label,
        "agency": row.agency.name,
        "expected": None,
        "built": counts["built"] if counts else 0,
        "sealed": counts["sealed"] if counts else 0,
        "delivered": counts["delivered"] if counts else 0,
        "percent": None,
    }


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}%" if whole else "—"


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
