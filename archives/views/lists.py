"""Lists of records, opening an archive, filings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from agencies.requests import ActingRequest
from archives.forms import OpenArchiveForm, PartFilterForm
from archives.models import RecordPart
from archives.occupations import occupations_of
from archives.selectors import parts_visible_to
from archives.services.people import NotReadable, open_archive
from archives.views.record_rail import shown_status
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

TITLES = {Role.OFFICER: "档案查看", Role.REVIEWER: "信用档案"}


@access(Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def archive_list(request: Any) -> HttpResponse:
    """List records with filters, 50 a page, masked; the look is journalled."""
    actor, today = request.actor, timezone.localdate()
    form = PartFilterForm(request.GET or None, actor=actor, today=today)
    chosen = {name: value for name, value in _chosen(form).items() if value}
    parts = parts_visible_to(actor).filter(**chosen).select_related("employer")
    if form.errors:
        parts = parts.none()  # the whole list would pass for what was asked for
    page = keyset_page(request, parts, order="name_sort")
    occupations = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "id": part.id,
            "url": reverse("record", args=[part.id]),
            "name": part.name,
            "id_mask": part.number_mask,
            "occupation": occupations[part.agency_id, part.occupation].label,
            "year": part.year,
            "backfilled": part.backfilled,
            "transfer_url": reverse("record-transfer", args=[part.id]) if actor.role == Role.CLERK else "",
            "employer": part.employer.name if part.employer else "",
            "status": shown_status(part, actor),
            "delivery_status": part.delivery,
            "updated": timezone.localtime(part.saved_at),
        }
        for part in page.rows
    ]
    _journal_list(request, page.rows, chosen)
    opening = {"url": reverse("archive-open"), "label": "新建档案", "icon": "plus", "style": "pri"}
    may_open = actor.role in (Role.FILLER, Role.CLERK)
    narrowed = {name: request.GET[name] for name in ("occupation", "employer") if name in chosen}
    reusing = {
        "url": f"{reverse('archive-reuse')}?{urlencode(narrowed)}",
        "label": "批量沿用上年",
        "icon": "copy-plus",
    }
    context = {
        "title": TITLES.get(actor.role, "档案填报"),
        "tools": [*([opening, reusing] if may_open else []), *_side_ways(actor)],
        "pick_url": reverse("archive-reuse") if may_open else "",
        "pick_label": "为所选人员沿用上年建档",
        "print_url": reverse("archive-print") if actor.kind != "office" else "",
        "print_filters": {name: request.GET[name] for name in chosen},
        "filter_form": form,
        "filtered": bool(chosen or form.errors),
        "rows": rows,
        "pager": page,
        "total": parts.count(),
        "empty_sentence": "还没有档案。" if may_open else "还没有可以查看的档案。",
        "empty_actions": [opening] if may_open else [],
    }
    return render(request, "archives/list.html", context)


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def archive_open(request: Any) -> HttpResponse:
    """Open an archive for a person: group, year, employer, name, document."""
    actor, today = request.actor, timezone.localdate()
    form = OpenArchiveForm(request.POST or None, actor=actor, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            part = open_archive(
                responsibility=form.cleaned_data["responsibility"],
                employer=form.cleaned_data["employer"],
                raw=form.raw_identity(),
                year=form.cleaned_data["year"],
                backfill_reason=form.cleaned_data["backfill_reason"],
                actor=actor,
                today=today,
            )
        except NotReadable as wrong:
            for problem in wrong.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        except Refused as refusal:
            form.add_error("backfill_reason" if refusal.code == "backfill_reason" else None, str(refusal))
        else:
            messages.success(request, f"已为 {part.name} 建立 {part.year} 年度记录，请继续填写。")
            return redirect("record", part.id)
    return render(request, "archives/open.html", {"form": form}, status=422 if form.errors else 200)


def _side_ways(actor: Actor) -> list[dict[str, str]]:
    """What belongs to the records but has no place in the menu."""
    keeps = actor.role in (Role.CLERK, Role.REVIEWER)
    rosters = {"url": reverse("stamped-roster-list"), "label": "盖章名册", "icon": "stamp"}
    check = {"url": reverse("check"), "label": "查验", "icon": "scan-search"}
    jobs = {"url": reverse("job-list"), "label": "我的任务", "icon": "list-todo"}
    expected = {"url": reverse("roster"), "label": "应建档名册", "icon": "users-round"}
    books = {"url": reverse("workbook-out"), "label": "下载填报表格", "icon": "file-down"}
    back = {"url": reverse("upload-list"), "label": "导入表格", "icon": "file-up"}
    fills = actor.role in (Role.FILLER, Role.CLERK)
    return [*([books, back] if fills else []), expected, *([rosters] if keeps else []), check, jobs]


def _chosen(form: PartFilterForm) -> dict[str, Any]:
    return dict(form.cleaned_data) if form.is_bound and form.is_valid() else {}


def _journal_list(request: ActingRequest, parts: list[RecordPart], chosen: dict[str, Any]) -> None:
    if parts:
        data = {"ids": [str(part.id) for part in parts], "filters": {k: str(v) for k, v in chosen.items()}}
        label = f"名单（{len(parts)} 人）"
        actor = request.actor
        journal.look("record.listed", actor=actor, subject_label=label, data=data)
