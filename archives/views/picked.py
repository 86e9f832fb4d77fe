"""What is done with the records that were ticked on the list, or with all that its filters find."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Role
from archives.list_forms import ArchiveFilterForm
from archives.services.hand_on import Shown, hand_on_together, queue_hand_on
from audit.lifecycle import Refused
from credit_platform.web.access import access
from credit_platform.web.redirects import safe_next

AT_ONCE = 200
SECONDS = 8.0
"""How long one request may hand on; the rest goes with the next press of the button."""


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def archive_picked(request: Any) -> HttpResponse:
    """Hand on the ticked records and say what became of each, or lead to taking over last year's values for them."""
    if request.method != "POST":
        return redirect("archive-list")
    back = safe_next(request, reverse("archive-list"))
    if request.POST.get("action") == "all":
        return _all(request, back)
    shown = _shown(request.POST.getlist("row"))
    if not shown:
        messages.info(request, "没有选中任何人，什么都没有办理。请在名单中勾选后再点按钮。")
        return redirect(back)
    if request.POST.get("action") == "reuse":
        picked = urlencode({"row": [part_id for part_id, _ in shown]}, doseq=True)
        return redirect(f"{reverse('archive-reuse')}?{picked}")
    outcomes, rest = hand_on_together(
        shown=shown, actor=request.actor, today=timezone.localdate(), seconds=SECONDS
    )
    context = {
        "outcomes": outcomes,
        "done": sum(outcome.done for outcome in outcomes),
        "left": [outcome for outcome in outcomes if not outcome.done],
        "rest": [f"{part_id}:{revision}" for part_id, revision in rest],
        "where": "经办人" if request.actor.role == Role.FILLER else "审核人",
        "back": back,
    }
    return render(request, "archives/picked_done.html", context)


def _all(request: Any, back: str) -> HttpResponse:
    form = ArchiveFilterForm(request.POST, actor=request.actor, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "筛选条件无法识别，没有提交。请在列表中重新筛选。")
        return redirect("archive-list")
    chosen = form.chosen()
    employer = chosen.pop("employer", None)
    if employer is not None:
        chosen["employer_id"] = employer.pk
    try:
        job = queue_hand_on(filters=chosen, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect("job", job.pk)


def _shown(rows: list[str]) -> list[Shown]:
    """Read `id:revision` of each ticked row; what is neither is passed over."""
    found: dict[UUID, int] = {}
    for row in rows[:AT_ONCE]:
        part_id, _, revision = row.partition(":")
        if revision.isascii() and revision.isdigit() and len(revision) < 10:
            try:
                found[UUID(part_id)] = int(revision)
            except ValueError:
                continue
    return list(found.items())
