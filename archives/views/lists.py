"""The list of records: filters in the address, people found by name or number, what to do with those ticked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.context import menu_label
from agencies.models import Role
from agencies.requests import ActingRequest
from archives.identity_state import state_of
from archives.list_forms import ArchiveFilterForm, FindForm
from archives.models import RecordPart
from archives.occupations import occupations_of
from archives.outcomes import narrow
from archives.schema.members import MEMBERS
from archives.selectors import parts_visible_to
from archives.services.hand_on import FROM
from archives.states import CheckOutcome
from archives.views.finding import Finding, finding_of, start_finding
from archives.views.record_rail import shown_status
from audit import journal
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

FINDERS = (Role.FILLER, Role.CLERK, Role.REVIEWER)


@access(*FINDERS, Role.OFFICER)
@require_GET
def archive_list(request: Any) -> HttpResponse:
    """List records with filters, 50 a page, masked; the look is journalled."""
    return _page(request, finding_of(request))


@access(*FINDERS)
@require_http_methods(["GET", "POST"])
def archive_find(request: Any) -> HttpResponse:
    """Look for somebody: lead to the list of those found, or say what is wrong with what was typed."""
    if request.method != "POST":
        return redirect(f"{reverse('archive-list')}?{request.GET.urlencode()}")
    form = FindForm(request.POST, today=timezone.localdate())
    if word := start_finding(request, form):
        return redirect(f"{reverse('archive-list')}?{urlencode({'found': word})}")
    return _page(request, Finding(form=form), status=422)


def _page(request: Any, finding: Finding, status: int = 200) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    form = ArchiveFilterForm(request.GET or None, actor=actor, today=today)
    chosen = form.chosen()
    parts = narrow(parts_visible_to(actor), chosen).select_related("employer", "record__archive")
    if finding.sought is not None:
        parts = parts.filter(finding.sought.parts())
    if form.errors or finding.failed:
        parts = parts.none()  # the whole list would pass for what was asked for
    page = keyset_page(request, parts, order="name_sort", joined=True)
    _journal_list(request, page.rows, chosen, finding)
    total = parts.count()
    context = {
        "title": menu_label(actor.role, "archive-list"),
        "tools": [*_openings(actor, request, chosen), *_side_ways(actor)],
        "filter_form": form,
        "finding": finding if actor.role in FINDERS else None,
        "find_url": reverse("archive-find"),
        "filtered": bool(chosen or form.errors or finding.word or finding.failed),
        "rows": _rows(page.rows, actor),
        "pager": page,
        "total": total,
    }
    context |= _acts(actor, request, chosen, total, finding)
    return render(request, "archives/list.html", context, status=status)


def _rows(parts: list[RecordPart], actor: Actor) -> list[dict[str, Any]]:
    occupations = occupations_of(actor.jurisdiction_id)
    return [
        {
            "pick": f"{part.id}:{part.revision}",
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
            "mismatch": actor.kind != "office" and state_of(part.record.archive) == CheckOutcome.MISMATCH,
            "updated": timezone.localtime(part.saved_at),
        }
        for part in parts
    ]


def _openings(actor: Actor, request: Any, chosen: dict[str, Any]) -> list[dict[str, str]]:
    if actor.role not in (Role.FILLER, Role.CLERK):
        return []
    narrowed = {name: request.GET[name] for name in ("occupation", "employer") if name in chosen}
    reuse = f"{reverse('archive-reuse')}?{urlencode(narrowed)}"
    return [_opening(), {"url": reuse, "label": "批量沿用上年", "icon": "copy-plus"}]


def _opening() -> dict[str, str]:
    return {"url": reverse("archive-open"), "label": "新建档案", "icon": "plus", "style": "pri"}


def _acts(actor: Actor, request: Any, chosen: dict[str, Any], total: int, finding: Finding) -> dict[str, Any]:
    """What can be done with those ticked, and with all that the filters find."""
    fills = actor.role in (Role.FILLER, Role.CLERK)
    by_filters = not finding.word  # a job is given filters, and never whom somebody looked for
    return {
        "pick_url": reverse("archive-picked") if fills else "",
        "hand_on_label": "提交所选" if actor.role == Role.FILLER else "所选提交审核",
        "hand_on_all": total if by_filters and chosen.get("status") in FROM.get(actor.role, ()) else 0,
        "print_url": reverse("archive-print") if actor.kind != "office" and by_filters else "",
        "print_filters": {name: request.GET[name] for name in chosen},
        "empty_sentence": "还没有档案。" if fills else "还没有可以查看的档案。",
        "empty_actions": [_opening()] if fills else [],
    }


def _side_ways(actor: Actor) -> list[dict[str, str]]:
    """What belongs to the records but has no place in the menu."""
    jobs = {"url": reverse("job-list"), "label": "我的任务", "icon": "list-todo"}
    if actor.role not in (Role.FILLER, Role.CLERK):
        return [jobs]
    books = {"url": reverse("workbook-out"), "label": "下载填报表格", "icon": "file-down"}
    back = {"url": reverse("upload-list"), "label": "导入表格", "icon": "file-up"}
    if MEMBERS in actor.occupations:
        consents = {"url": reverse("consent-list"), "label": "会员同意书", "icon": "file-check"}
        return [consents, books, back, jobs]
    return [books, back, jobs]


def _journal_list(
    request: ActingRequest, parts: list[RecordPart], chosen: dict[str, Any], finding: Finding
) -> None:
    if parts:
        filters = {name: str(value) for name, value in chosen.items()} | finding.told
        data = {"ids": [str(part.id) for part in parts], "filters": filters}
        label = f"名单（{len(parts)} 人）"
        journal.look("record.listed", actor=request.actor, subject_label=label, data=data)
