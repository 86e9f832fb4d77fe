"""备案: what was filed, its form, its receipt (AY-31). Content is not judged here, and delivery never waits for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Jurisdiction, Role
from archives.forms import FilingForm
from archives.lifecycle import FILING
from archives.models import Filing, RecordPart
from archives.occupations import occupations_of
from archives.printing.pdf import MissingGlyph
from archives.printing.pdf import render as render_pdf
from archives.selectors import filings_visible_to
from archives.services.filed import checklist, filed_parts, filed_versions, missing_archives
from archives.services.filings import accept_filing, send_back_filing, submit_filing
from archives.states import FilingStatus
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

STORY = {
    "filing.submitted": ("报备案", ""),
    "filing.resubmitted": ("重新报备", ""),
    "filing.filed": ("予以备案", "good"),
    "filing.returned": ("退回补正", "bad"),
}
PIECE = 2000
"""Lines of the printed list in one file."""
MOST_PIECES = 1000
_NAMED = 20


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def filing_list(request: Any) -> HttpResponse:
    """List filings: the agency's own, or the county's for the office."""
    actor, today = request.actor, timezone.localdate()
    page = keyset_page(request, filings_visible_to(actor), order="submitted_at", descending=True)
    occupations = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "filing": filing,
            "label": occupations[filing.agency_id, filing.occupation].label,
            "status": shown_filing(filing),
            "url": reverse("filing", args=[filing.id]),
        }
        for filing in page.rows
    ]
    form = FilingForm(actor=actor, today=today) if actor.kind == "agency" else None
    return render(request, "archives/filings.html", {"rows": rows, "pager": page, "form": form})


@access(Role.CLERK, Role.REVIEWER)
@require_POST
def filing_submit(request: Any) -> HttpResponse:
    """File a group and year."""
    form = FilingForm(request.POST, actor=request.actor, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("filing-list")
    try:
        submit_filing(**form.cleaned_data, actor=request.actor)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已报备案，等待办理。报送不受备案影响。")
    return redirect("filing-list")


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_http_methods(["GET", "POST"])
def filing(request: Any, filing_id: UUID) -> HttpResponse:
    """Show what was filed, with what its form looks like; the office files, or sends back with a reason."""
    found = get_object_or_404(filings_visible_to(request.actor), id=filing_id)
    if request.method == "POST":
        return _decide(request, found)
    actor = request.actor
    page = keyset_page(request, filed_parts(found).select_related("employer"), order="name_sort")
    rows = _lines(found, page.rows)
    for row in rows:
        row["url"] = reverse("record", args=[row["part"].id])
    if rows:
        data = {"ids": [str(row["part"].id) for row in rows]}
        journal.look("record.listed", actor=actor, subject=found, data=data)
    checked = checklist(found)
    context = {
        "filing": found,
        "label": _label(found),
        "status": shown_filing(found),
        "checklist": checked,
        "missing": list(missing_archives(found).order_by("name_sort")[:_NAMED]) if checked.missing else [],
        "actions": FILING.available(found, actor) if actor.kind == "office" else [],
        "rows": rows,
        "pager": page,
        "pieces": range(1, -(-checked.filed // PIECE) + 1),
        "history": _history(found, actor),
    }
    return render(request, "archives/filing.html", context)


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def filing_receipt(request: Any, filing_id: UUID) -> HttpResponse:
    """The printed receipt 备案回执 of what was filed."""
    found = get_object_or_404(filings_visible_to(request.actor), id=filing_id, status=FilingStatus.FILED)
    return _pdf(request, "print/filing_receipt.html", found, f"备案回执_{found.number}", {})


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def filing_roster(request: Any, filing_id: UUID, piece: int) -> HttpResponse:
    """The printed list of what was filed, masked, in pieces of `PIECE` lines; the look is journalled."""
    found = get_object_or_404(filings_visible_to(request.actor), id=filing_id)
    if not 0 < piece <= MOST_PIECES:
        raise Http404("no such piece")
    start = (piece - 1) * PIECE
    # A list of thousands is printed once a year, in pieces bounded by the agency's people: an offset is enough.
    parts = list(
        filed_parts(found).select_related("employer").order_by("name_sort", "id")[start : start + PIECE]
    )
    if not parts:
        raise Http404("no such piece")
    data = {"piece": piece, "lines": len(parts)}
    journal.look("filing.list_printed", actor=request.actor, subject=found, data=data)
    rows = _lines(found, parts)
    return _pdf(request, "print/filing_list.html", found, f"备案名单_{piece}", {"rows": rows, "start": start})


def shown_filing(found: Filing) -> str:
    """Return the key of the status tag."""
    return "submitted_filing" if found.status == FilingStatus.SUBMITTED else found.status


def _decide(request: Any, found: Filing) -> HttpResponse:
    try:
        if request.POST.get("action") == "file":
            done = accept_filing(filing=found, actor=request.actor)
            messages.success(request, f"已备案，备案号 {done.number}。")
        elif request.POST.get("action") == "send_back":
            send_back_filing(filing=found, reason=request.POST.get("reason", ""), actor=request.actor)
            messages.success(request, "已退回补正。")
        else:
            messages.error(request, "没有选择办理方式，请在本页点按钮办理。")
    except AlreadyDone as done_before:
        messages.info(request, str(done_before))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("filing", found.id)


def _lines(found: Filing, parts: list[RecordPart]) -> list[dict[str, Any]]:
    versions = filed_versions(parts, found.submitted_at)
    return [{"part": part, "version": versions[part.id]} for part in parts]


def _label(found: Filing) -> str:
    return occupations_of(found.jurisdiction_id)[found.agency_id, found.occupation].label


def _history(found: Filing, actor: Actor) -> list[dict[str, Any]]:
    events = Event.objects.visible_to(actor).filter(subject_id=str(found.id), verb__in=STORY)
    return [
        {
            "at": timezone.localtime(event.at),
            "title": STORY[event.verb][0] + _times(event),
            "by": " ".join(filter(None, (event.actor_unit, event.actor_name))),
            "text": event.reason,
            "tone": STORY[event.verb][1],
        }
        for event in events.order_by("-at", "-id")
    ]


def _times(event: Event) -> str:
    submission, sealed = event.data.get("submission"), event.data.get("sealed_count")
    return f"（第 {submission} 次，{sealed} 人）" if submission else ""


def _pdf(request: Any, template: str, found: Filing, name: str, more: dict[str, Any]) -> HttpResponse:
    place = Jurisdiction.objects.get(id=found.jurisdiction_id)
    occupation = occupations_of(found.jurisdiction_id)[found.agency_id, found.occupation]
    context = {
        "filing": found,
        "label": occupation.label_at(found.submitted_at),
        "agency": found.agency.name_at(found.submitted_at),
        "place": place,
        "printed": timezone.localtime(),
        **more,
    }
    try:
        content = render_pdf(template, context)
    except MissingGlyph as missing:
        messages.error(request, f"不能打印：字体中没有“{missing.characters}”，请联系平台运维补充字体。")
        return redirect("filing", found.id)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or "inline"
    return response
