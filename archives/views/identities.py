"""身份事项: what a clerk asks for, what a second person confirms, and what the office finds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from archives.identity_forms import ClaimForm, FindingForm, RequestForm
from archives.models import IdentityRequest, RecordPart
from archives.occupations import occupations_of
from archives.schema.identifiers import DocumentType
from archives.selectors import part_or_404
from archives.services.identity_corrections import held_against, hindrances
from archives.services.identity_findings import agree, find, registered_archives, reopen
from archives.services.identity_requests import (
    SENT_ON,
    claim_number,
    close_ask,
    confirm_or_refer,
    propose_request,
    refuse_request,
    withdraw_request,
)
from archives.services.people import NotReadable
from archives.states import RequestKind, RequestStatus
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

MOST_HELD = 200
"""So many boxes are read from a confirmation."""

_CONFIRMED = {
    RequestKind.DOCUMENT: "已登记，经核对后生效。",
    RequestKind.REMOVAL: "已注销，这个证件不再指向此人。",
    RequestKind.CORRECTION: "身份已更正，各年度记录已生成新版并重新报送。",
}


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def identity_list(request: Any) -> HttpResponse:
    """List requests, the latest first: a unit its own, the office what came before it; the look is journalled."""
    actor = request.actor
    page = keyset_page(
        request, IdentityRequest.objects.visible_to(actor), order="proposed_at", descending=True
    )
    if page.rows:
        data = {"ids": [str(row.pk) for row in page.rows]}
        label = f"身份事项（{len(page.rows)} 件）"
        journal.look("identity.listed", actor=actor, subject_label=label, data=data)
    labels = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "row": row,
            "url": reverse("identity", args=[row.pk]),
            "group": labels[row.agency_id, row.occupation].label,
        }
        for row in page.rows
    ]
    context = {
        "rows": rows,
        "pager": page,
        "office": actor.kind == "office",
        "claims": actor.role == Role.CLERK,
    }
    return render(request, "archives/identities.html", context)


@access(Role.CLERK)
@require_http_methods(["GET", "POST"])
def identity_claim(request: Any) -> HttpResponse:
    """Bring a number before the office that is registered under another name."""
    form = ClaimForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = claim_number(
                responsibility=given["responsibility"],
                raw=form.raw_identity(),
                reason=given["reason"],
                evidence=given["evidence"],
                actor=request.actor,
                today=timezone.localdate(),
            )
        except NotReadable as wrong:
            _add_problems(form, wrong)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已提请信用工作机构核实，结果在“身份事项”中查看。")
            return redirect("identity", row.pk)
    return render(request, "archives/identity_claim.html", {"form": form}, status=422 if form.errors else 200)


@access(Role.CLERK)
@require_http_methods(["GET", "POST"])
def record_identity(request: Any, part_id: UUID) -> HttpResponse:
    """Ask for a correction of who the archive of a record is about, or for a further document of that person."""
    part = part_or_404(request.actor, part_id)
    archive = part.record.archive
    initial = {
        "kind": RequestKind.CORRECTION,
        "name": archive.name,
        "document_type": archive.document_type,
    }
    form = RequestForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row = propose_request(
                archive=archive,
                kind=RequestKind(given["kind"]),
                raw=form.raw_identity(),
                reason=given["reason"],
                evidence=given["evidence"],
                primary=given["primary"],
                replaces=given["replaces"],
                actor=request.actor,
                today=timezone.localdate(),
            )
        except NotReadable as wrong:
            _add_problems(form, wrong)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已申请，等审核人对照材料确认。")
            return redirect("identity", row.pk)
    return _propose_page(request, part, form)


def _propose_page(request: Any, part: RecordPart, form: RequestForm) -> HttpResponse:
    archive = part.record.archive
    journal.look("record.read", actor=request.actor, subject=part, data={"page": "identity"})
    context = {
        "part": part,
        "archive": archive,
        "document": DocumentType(archive.document_type).label,
        "form": form,
        "hindrances": hindrances(archive),
        "held": held_against(archive),
        "earlier": IdentityRequest.objects.visible_to(request.actor)
        .filter(archive_id=archive.pk)
        .order_by("-proposed_at")[:20],
    }
    return render(request, "archives/record_identity.html", context, status=422 if form.errors else 200)


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_http_methods(["GET", "POST"])
def identity(request: Any, request_id: UUID) -> HttpResponse:
    """Show one request; POST confirms, refuses or takes it back, or says what the office finds."""
    actor = request.actor
    rows = IdentityRequest.objects.visible_to(actor).select_related("agency", "archive")
    row = get_object_or_404(rows, id=request_id)
    finding = FindingForm(request.POST if request.POST.get("action") == "find" else None)
    if request.method == "POST" and (request.POST.get("action") != "find" or finding.is_valid()):
        return _act(request, row)
    journal.look("identity.read", actor=actor, subject=row)
    confirms = actor.role == Role.REVIEWER and row.status == RequestStatus.PROPOSED
    corrects = confirms and row.kind == RequestKind.CORRECTION and row.archive is not None
    context: dict[str, Any] = {
        "row": row,
        "group": occupations_of(actor.jurisdiction_id)[row.agency_id, row.occupation].label,
        "document": DocumentType(row.document_type).label,
        "confirms": confirms,
        "withdraws": actor.role == Role.CLERK
        and row.status in (RequestStatus.PROPOSED, RequestStatus.OFFICE),
        "closes": actor.role == Role.REVIEWER and row.status == RequestStatus.ASKED,
        "own": actor.user_id is not None and actor.user_id == row.proposer_id,
        "held": held_against(row.archive) if corrects and row.archive else [],
        "hindrances": hindrances(row.archive) if corrects and row.archive else [],
        "part_url": _part_url(request, row),
        **_office_side(request, row, finding),
    }
    return render(request, "archives/identity.html", context, status=422 if finding.errors else 200)


def _office_side(request: Any, row: IdentityRequest, finding: FindingForm) -> dict[str, Any]:
    """What the office sees besides: the archives of whoever has the number now, and what is to be decided."""
    actor = request.actor
    if actor.kind != "office":
        return {}
    looked_up = row.status in (RequestStatus.OFFICE, RequestStatus.DECIDED)
    return {
        "office": True,
        "registered": registered_archives(row) if looked_up else [],
        "looked_up": looked_up,
        "finding_form": finding if row.status == RequestStatus.OFFICE else None,
        "decides": row.status == RequestStatus.DECIDED,
        "found_by_me": actor.user_id is not None and actor.user_id == row.finder_id,
    }


def _part_url(request: Any, row: IdentityRequest) -> str:
    """The latest record of the archive, for members of the unit."""
    if request.actor.kind != "agency" or row.archive_id is None:
        return ""
    parts = RecordPart.objects.visible_to(request.actor).filter(record__archive_id=row.archive_id)
    part = parts.order_by("-year").first()
    return reverse("record", args=[part.pk]) if part else ""


def _act(request: Any, row: IdentityRequest) -> HttpResponse:
    try:
        messages.success(request, _done(request, row))
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("identity", row.pk)


def _done(request: Any, row: IdentityRequest) -> str:
    """Do what the button says; return what to tell. Raises `Refused`."""
    post, actor, revision = request.POST, request.actor, revision_of(request)
    action, reason = post.get("action", ""), post.get("reason", "")
    office = actor.kind == "office"
    if action == "confirm" and not office:
        lasts = {key: post[key] for key in list(post)[:MOST_HELD] if key.startswith(("item-", "part-"))}
        now = confirm_or_refer(
            request=row,
            last=post.get("last", ""),
            lasts=lasts,
            revision=revision,
            actor=actor,
            today=timezone.localdate(),
        )
        if now.status == RequestStatus.OFFICE:
            return SENT_ON
        return _CONFIRMED[RequestKind(row.kind)]
    if action == "refuse" and not office:
        refuse_request(request=row, reason=reason, revision=revision, actor=actor)
        return "不予办理，已告知经办人。"
    if action == "withdraw" and not office:
        withdraw_request(request=row, reason=reason, revision=revision, actor=actor)
        return "已撤回。"
    if action == "close" and not office:
        close_ask(request=row, reason=reason, revision=revision, actor=actor)
        return "已办结。"
    if action == "find" and office:
        given = post.get("finding", "")
        find(request=row, finding=given, reason=reason, revision=revision, actor=actor)
        return "处理意见已提出，等另一人复核。"
    if action == "agree" and office:
        agree(request=row, revision=revision, actor=actor)
        return "已复核。"
    if action == "reopen" and office:
        reopen(request=row, reason=reason, revision=revision, actor=actor)
        return "已退回，重新核实。"
    raise Refused("没有这样的操作，请用页面上的按钮办理。", code="unknown")


def _add_problems(form: Any, wrong: NotReadable) -> None:
    for problem in wrong.problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
