"""运行情况: calendars that are still provisional, platforms, what waits in which queue; without personal data."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from agencies.models import Jurisdiction, Role
from archives.models import IdentityService, Outbox
from archives.states import Delivery
from archives.workdays import is_provisional, official_years
from credit_platform.actors import Actor
from credit_platform.celery import app
from credit_platform.web.access import access
from delivery.health import is_configured, target_health
from delivery.models import Target
from verification.health import is_configured as service_configured
from verification.health import service_health

logger = logging.getLogger(__name__)

LONG_QUEUE = 100
"""Messages that a few workers need minutes for."""


@access(Role.OFFICER, Role.OPERATOR)
@require_GET
def state(request: Any) -> HttpResponse:
    """Say how the installation does: the office about its county, the operator about the installation alone."""
    actor, today = request.actor, timezone.localdate()
    office = actor.role == Role.OFFICER
    last = _last_due(actor) if office else today
    context = {
        "years": calendar_years(today, last),
        "health": target_health(actor) if office else None,
        "service": service_health(actor) if office else None,
        "places": [] if office else _places(),
        "checks": [_queue()],
    }
    return render(request, "oversight/state.html", context)


def calendar_years(today: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Return this year, the next, and every year until the one in which something is due: official, or provisional
    because its notice isn't entered yet."""
    known = official_years()
    return [
        {
            "year": year,
            "provisional": is_provisional(dt.date(year, 1, 1)),
            "sources": "、".join(known[year].sources) if year in known else "",
        }
        for year in range(today.year, max(last.year, today.year + 1) + 1)
    ]


def _last_due(actor: Actor) -> dt.date:
    waiting = Outbox.objects.visible_to(actor).filter(state=Delivery.PENDING)
    last = waiting.aggregate(last=Max("due_at"))["last"]
    return timezone.localdate(last) if last else timezone.localdate()


def _places() -> list[dict[str, Any]]:
    names = dict(Jurisdiction.objects.values_list("id", "name"))
    targets = Target.objects.filter(active=True).order_by("jurisdiction_id", "code")
    services = IdentityService.objects.filter(active=True).order_by("jurisdiction_id", "code")
    known = [(one.jurisdiction_id, one.name, is_configured(one.code)) for one in targets]
    asked = [(one.jurisdiction_id, one.name, service_configured(one.code)) for one in services]
    return [
        {"place": names[place], "target": name, "configured": configured}
        for place, name, configured in [*known, *asked]
    ]


def _queue() -> dict[str, Any]:
    """How many messages wait for a worker; None: the broker doesn't answer."""
    try:
        with app.connection_for_read(connect_timeout=2) as connection:
            channel: Any = connection.default_channel
            length = int(channel.client.llen(app.conf.task_default_queue))
    except (OperationalError, RedisError, OSError) as silent:
        logger.warning("the broker doesn't answer: %s", type(silent).__name__)
        return {"label": "后台任务队列", "ok": False, "text": "消息队列没有应答，恢复后自动继续，不会丢失。"}
    text = f"等待 {length:,} 件"
    return {"label": "后台任务队列", "ok": length < LONG_QUEUE, "text": text}
