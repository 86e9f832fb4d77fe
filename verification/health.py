"""How the identity service does, and how many archives were checked with which result, for the office."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from archives.identity_state import STATES, UNCHECKED, due, service_of, with_state
from archives.models import Archive, IdentityCheck, IdentityService
from archives.states import CheckOutcome
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

_MANY = 3
"""Questions in a row without an answer after which the service counts as down."""


@dataclasses.dataclass(frozen=True)
class ServiceHealth:
    """The service as the office sees it: state in a word, what waits, last answer and last trouble; local times.

    No count and no time tells of a single person.
    """

    name: str
    clause: str
    configured: bool
    silent: int
    waiting: int
    last_answer: dt.datetime | None
    trouble: str
    trouble_at: dt.datetime | None

    @property
    def state(self) -> str:
        """The state in a word or two."""
        if not self.configured:
            return "没有配置"
        if self.silent >= _MANY:
            return "没有答复"
        return "正在核验" if self.waiting else "正常"

    @property
    def good(self) -> bool:
        """Whether nobody has to look into it."""
        return self.configured and self.silent < _MANY


def is_configured(code: str) -> bool:
    """Tell whether this installation knows address and key of a service."""
    return code in settings.CHECK_URLS and code in settings.CREDIT_KEYS.checks


def service_health(actor: Actor) -> ServiceHealth | None:
    """Return how the service of the actor's county does; None: the place has none."""
    service = service_of(actor.jurisdiction_id)
    return None if service is None else _health(service)


def _health(service: IdentityService) -> ServiceHealth:
    # Single checks are the unit's own, also for the office: what is told of them here names nobody.
    with acting(service.jurisdiction_id, "job"):
        checks = IdentityCheck.objects.filter(service=service.code).order_by("-at", "-id")
        recent = list(checks.values_list("outcome", "at", "reason")[:_MANY])
        silent = _leading(outcome == CheckOutcome.UNAVAILABLE for outcome, _, _ in recent)
        answered = checks.exclude(outcome=CheckOutcome.UNAVAILABLE).values_list("at", flat=True).first()
        failed = checks.filter(outcome=CheckOutcome.UNAVAILABLE).values_list("reason", "at").first()
        waiting = Archive.objects.filter(due(timezone.now())).count()
    return ServiceHealth(
        name=service.name,
        clause=service.clause,
        configured=is_configured(service.code),
        silent=silent,
        waiting=waiting,
        last_answer=timezone.localtime(answered) if answered else None,
        trouble=failed[0] if failed else "",
        trouble_at=timezone.localtime(failed[1]) if failed else None,
    )


def _leading(found: Iterable[bool]) -> int:
    count = 0
    for one in found:
        if not one:
            break
        count += 1
    return count


def counts_of(actor: Actor) -> list[dict[str, Any]]:
    """Return for each unit and group of the county how many archives there are (`total`) and how many in each state."""
    rows = Archive.objects.visible_to(actor).order_by()
    each: dict[str, Any] = {state: Count("id", filter=with_state(state)) for state, _ in STATES}
    found = rows.values("agency_id", "occupation").annotate(total=Count("id"), **each)
    return [
        {
            "agency": row["agency_id"],
            "occupation": row["occupation"],
            "total": row["total"],
            "counts": {str(state): row[state] for state, _ in STATES},
        }
        for row in found
    ]


def total_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of `counts_of`."""
    counts = {str(state): sum(row["counts"][str(state)] for row in rows) for state, _ in STATES}
    return {"total": sum(row["total"] for row in rows), "counts": counts, "unchecked": counts[UNCHECKED]}
