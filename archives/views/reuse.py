"""沿用上年: shown before it is kept, for one record and for many."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Jurisdiction, Role
from archives.forms import ReuseFilterForm
from archives.lifecycle import may_fill
from archives.occupations import occupations_of
from archives.selectors import part_or_404, previous_year
from archives.services.records import occupation_for
from archives.services.reuse import AT_ONCE, due_archives, offers_of, open_from_last_year, reuse_last_year
from archives.services.years import default_year
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import Refused, Stale
from credit_platform.web.access import access


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def record_reuse(request: Any, part_id: UUID) -> HttpResponse:
    """Offer last year's values of one record box by box, blanks preselected; keep those that were chosen."""
    actor = request.actor
    part = part_or_404(actor, part_id)
    if request.method == "POST":
        return _reuse(request, part)
    last = previous_year(actor, part)
    if last is None or not may_fill(part, actor):
        messages.info(request, "没有上年度已确认的档案，或这份记录现在不能修改，无法沿用。")
        return redirect("record", part.id)
    journal.look("record.read", actor=actor, subject=part)
    journal.look("record.read", actor=actor, subject=last)
    context = {
        "part": part,
        "offers": offers_of(part, last, occupation_for(part)),
        "every": request.GET.get("all") == "1",
        "last_year": last.year,
        "back": reverse("record", args=[part.id]),
    }
    return render(request, "archives/record_reuse.html", context)


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def archive_reuse(request: Any) -> HttpResponse:
    """Say for whom this year's record would be opened with last year's values, or open those that were ticked."""
    actor, today = request.actor, timezone.localdate()
    year = default_year(Jurisdiction.objects.get(id=actor.jurisdiction_id), today=today)
    if request.method == "POST":
        return _open(request, year)
    form = ReuseFilterForm(request.GET or None, actor=actor, today=today)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    archives = due_archives(actor, year=year).filter(**chosen)
    if picked := _ids(request.GET.getlist("row")):
        archives = archives.filter(records__parts__id__in=picked).distinct()
    if form.errors:
        archives = archives.none()
    total = archives.count()
    shown = list(archives.select_related("employer").order_by("name_sort", "id")[:AT_ONCE])
    occupations = occupations_of(actor.jurisdiction_id)
    if shown:
        data = {"ids": [str(archive.pk) for archive in shown]}
        journal.look("record.listed", actor=actor, subject_label=f"沿用上年（{len(shown)} 人）", data=data)
    rows = [
        {
            "archive": archive,
            "occupation": occupations[archive.agency_id, archive.occupation].label,
            "employer": archive.employer.name if archive.employer else "",
        }
        for archive in shown
    ]
    context = {
        "rows": rows,
        "total": total,
        "most": AT_ONCE,
        "year": year,
        "last_year": year - 1,
        "picked": len(picked),
        "filter_form": None if picked else form,
        "filtered": bool(chosen or form.errors),
    }
    return render(request, "archives/archive_reuse.html", context)


def _reuse(request: Any, part: Any) -> HttpResponse:
    try:
        saved = reuse_last_year(
            part=part,
            fields=request.POST.getlist("field"),
            revision=revision_of(request),
            actor=request.actor,
            today=timezone.localdate(),
        )
    except Stale:
        messages.error(request, "这份记录刚被改动过，还没有沿用。请看过最新内容再选。")
        return redirect("record-reuse", part.id)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if any(problem.severity == "error" for problem in saved.problems):
            messages.warning(request, "已沿用所选栏目。有几处与今年的要求不符，请看标红的地方。")
        else:
            messages.success(request, "已沿用所选栏目，请核对。")
    return redirect("record", part.id)


def _open(request: Any, year: int) -> HttpResponse:
    ids = _ids(request.POST.getlist("row"))
    if not ids:
        messages.info(request, "没有选中任何人，什么都没有建立。")
        return redirect("archive-reuse")
    try:
        outcomes = open_from_last_year(
            archives=ids, year=year, actor=request.actor, today=timezone.localdate()
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("archive-reuse")
    context = {
        "opened": [one for one in outcomes if one.part],
        "left": [one for one in outcomes if not one.part],
        "year": year,
        "list_url": f"{reverse('archive-list')}?year={year}&status=draft",
    }
    return render(request, "archives/archive_reuse_done.html", context)


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[: AT_ONCE + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
