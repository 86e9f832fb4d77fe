"""The office's page of identity checks: how the service does, how many archives were checked. No person is named."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from agencies.models import Responsibility, Role
from archives.identity_state import STATES
from credit_platform.web.access import access
from verification.health import counts_of, service_health, total_of


@access(Role.OFFICER)
@require_GET
def identity_checks(request: Any) -> HttpResponse:
    """Show the service's state and the counts of the county, by unit and group."""
    actor = request.actor
    counts = counts_of(actor)
    names = {
        (row.agency_id, row.occupation): (row.agency.name, row.label)
        for row in Responsibility.objects.filter(jurisdiction_id=actor.jurisdiction_id).select_related(
            "agency"
        )
    }
    rows = [
        {
            "agency": names.get((row["agency"], row["occupation"]), ("", ""))[0],
            "group": names.get((row["agency"], row["occupation"]), ("", row["occupation"]))[1],
            "total": row["total"],
            "counts": _cells(row["counts"]),
        }
        for row in counts
    ]
    total = total_of(counts)
    context = {
        "service": service_health(actor),
        "heads": [label for _, label in STATES],
        "rows": sorted(rows, key=lambda row: (row["agency"], row["group"])),
        "total": total["total"],
        "figures": [
            {"label": label, "count": total["counts"][str(state)], "share": _share(total, str(state))}
            for state, label in STATES
        ],
    }
    return render(request, "verification/checks.html", context)


def _cells(counts: dict[str, int]) -> list[int]:
    return [counts[str(state)] for state, _ in STATES]


def _share(total: dict[str, Any], state: str) -> str:
    whole = total["total"]
    return f"{total['counts'][state] / whole:.1%}" if whole else "—"
