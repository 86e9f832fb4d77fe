"""The reviewer's queue, and confirming all plain 守信 records of it in one act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from archives.forms import ReviewFilterForm
from archives.models import RecordPart
from archives.occupations import occupations_of
from archives.schema.determination import Determination
from archives.services.bulk import Shown, confirm_plain, plain_parts
from archives.services.changes import changes_of
from archives.states import Status
from audit import journal
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

AT_ONCE = 200
"""Records in one table; who has more narrows the list."""
SECONDS = 8.0
"""How long one request may confirm; the rest goes with the next press of the button."""


@access(Role.REVIEWER)
@require_GET
def review(request: Any) -> HttpResponse:
    """List what waits for this reviewer, oldest first; the look is journalled."""
    actor = request.actor
    form, chosen = _filter(request)
    waiting = RecordPart.objects.visible_to(actor).filter(status=Status.IN_REVIEW, **chosen)
    if form.errors:
        waiting = waiting.none()
    page = keyset_page(request, waiting.select_related("employer"), order="saved_at")
    plain = set(
        plain_parts(actor).filter(id__in=[part.pk for part in page.rows]).values_list("id", flat=True)
    )
    occupations = occupations_of(actor.jurisdiction_id)
    now = timezone.now()
    rows = [
        {
            "url": reverse("record", args=[part.id]),
            "part": part,
            "occupation": occupations[part.agency_id, part.occupation].label,
            "employer": part.employer.name if part.employer else "",
            "handed_on": timezone.localtime(part.saved_at),
            "days": (now - part.saved_at).days,
            "how": _how(part, plain, actor.user_id),
        }
        for part in page.rows
    ]
    if rows:
        ids = [str(part.id) for part in page.rows]
        journal.look(
            "record.listed", actor=actor, subject_label=f"审核队列（{len(ids)} 人）", data={"ids": ids}
        )
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    context = {
        "rows": rows,
        "pager": page,
        "filter_form": form,
        "filtered": bool(chosen or form.errors),
        "total": waiting.count(),
        "plain": 0 if form.errors else plain_parts(actor).filter(**chosen).count(),
        "confirm_url": f"{reverse('review-confirm')}?{query.urlencode()}",
    }
    return render(request, "archives/review.html", context)


@access(Role.REVIEWER)
@require_http_methods(["GET", "POST"])
def review_confirm(request: Any) -> HttpResponse:
    """Show all plain records of the chosen list with what differs, or confirm those that were ticked."""
    if request.method == "POST":
        return _confirm(request)
    actor = request.actor
    form, chosen = _filter(request)
    if form.errors:
        return redirect("review")
    parts = plain_parts(actor).filter(**chosen).select_related("record", "employer")
    total = parts.count()
    shown = list(parts.order_by("name_sort", "id")[:AT_ONCE])
    occupations = occupations_of(actor.jurisdiction_id)
    changes = changes_of(shown, occupations=occupations, actor=actor, today=timezone.localdate())
    if shown:
        data = {"ids": [str(part.id) for part in shown]}
        journal.look("record.listed", actor=actor, subject_label=f"批量确认（{len(shown)} 人）", data=data)
    rows = [
        {
            "part": part,
            "url": reverse("record", args=[part.id]),
            "occupation": occupations[part.agency_id, part.occupation].label,
            "employer": part.employer.name if part.employer else "",
            "changes": changes[part.pk],
        }
        for part in shown
    ]
    context = {
        "rows": rows,
        "total": total,
        "most": AT_ONCE,
        "back": f"{reverse('review')}?{request.GET.urlencode()}",
    }
    return render(request, "archives/review_confirm.html", context)


def _confirm(request: Any) -> HttpResponse:
    shown = _shown(request.POST.getlist("row"))
    if not shown:
        messages.info(request, "没有选中任何人，什么都没有确认。请勾选要确认的人员。")
        return redirect("review-confirm")
    outcomes, rest = confirm_plain(
        shown=shown, actor=request.actor, today=timezone.localdate(), seconds=SECONDS
    )
    context = {
        "outcomes": outcomes,
        "confirmed": sum(outcome.confirmed for outcome in outcomes),
        "left": [outcome for outcome in outcomes if not outcome.confirmed],
        "rest": [f"{part_id}:{revision}" for part_id, revision in rest],
    }
    return render(request, "archives/review_done.html", context)


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


def _filter(request: Any) -> tuple[ReviewFilterForm, dict[str, Any]]:
    form = ReviewFilterForm(request.GET or None, actor=request.actor, today=timezone.localdate())
    if not (form.is_bound and form.is_valid()):
        return form, {}
    return form, {name: value for name, value in form.cleaned_data.items() if value}


def _how(part: RecordPart, plain: set[UUID], user_id: int) -> str:
    if part.pk in plain:
        return "可一并确认"
    if user_id in part.writers:
        return "须由另一位审核人确认"
    if part.lead and part.determination != Determination.TRUSTWORTHY:
        return "认定不是守信，逐人办理"
    return "逐人办理"
