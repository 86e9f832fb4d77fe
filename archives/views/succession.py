"""The office hands the roster of a duty that has moved to the agency that has it now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Responsibility, Role
from archives.services.succession import hand_over_roster, waiting_entries
from audit.lifecycle import Refused
from credit_platform.web.access import access


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def group_succession(request: Any, responsibility_id: int) -> HttpResponse:
    """Show how many people stand on the roster, and hand them over."""
    rows = Responsibility.objects.visible_to(request.actor)
    rows = rows.select_related("agency", "successor", "jurisdiction")
    group = get_object_or_404(rows, pk=responsibility_id)
    if group.ended_on is None or group.successor is None:
        raise Http404("the duty has not moved")
    if request.method == "POST":
        try:
            count = hand_over_roster(ended=group, actor=request.actor, today=timezone.localdate())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request, f"已将 {count:,} 人列入{group.successor.name}的名册，请该单位按名册建档。"
            )
            return redirect("responsibilities")
    context = {"group": group, "count": waiting_entries(group)}
    return render(request, "archives/succession.html", context)
