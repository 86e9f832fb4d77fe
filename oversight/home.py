"""The first page of each role: what is to be done, or how things stand."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from agencies.models import Jurisdiction, Role
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM
from credit_platform.web.access import PUBLIC, access
from oversight.office import overview
from oversight.worklist import QUEUES, worklist


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
    return worklist(request)


@access(PUBLIC)
@require_GET
def health(request: Any) -> HttpResponse:
    """Answer `ok` when the database answers; for load balancers and supervisors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


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
