"""转出 and 转入: the list of both, proposing, and one transfer as each of its two units sees it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Jurisdiction, Responsibility, Role
from archives.lifecycle import TRANSFER
from archives.models import Archive, RecordPart, Transfer
from archives.printing.pdf import MissingGlyph
from archives.printing.pdf import render as render_pdf
from archives.selectors import part_or_404
from archives.services.handed_over import given_of, open_text, owners, pages_for
from archives.services.people import NotReadable
from archives.services.transfer_in import (
    MOST_GUESSES,
    check_person,
    is_waiting,
    receive_transfer,
    refuse_transfer,
)
from archives.services.transfer_out import (
    IN_BODY,
    confirm_transfer,
    propose_transfer,
    return_transfer,
    withdraw_transfer,
)
from archives.states import TransferStatus
from archives.transfer_forms import CheckForm, PlaceForm, ProposeForm, ReceiveForm
from archives.views.actions import actions_of
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

BY_DIALOG = ("confirm", "return", "withdraw", "refuse")
"""Steps that ask in a dialog; the check and the receipt have forms of their own."""
_ENDS = ("from_jurisdiction", "from_agency", "to_jurisdiction", "to_agency")
DONE = {
    "confirm": "转出已审核确认，已送接收单位。",
    "return": "转出已退回。",
    "withdraw": "转出已撤回，接收单位不能再查看。",
    "refuse": "已退回转出单位。",
}


@access(Role.CLERK, Role.REVIEWER)
@require_GET
def transfer_list(request: Any) -> HttpResponse:
    """Those out of this unit, or with `side=in` those into it, the latest first."""
    actor, arriving = request.actor, request.GET.get("side") == "in"
    rows = Transfer.objects.arriving(actor) if arriving else Transfer.objects.leaving(actor)
    order = "sent_at" if arriving else "proposed_at"
    page = keyset_page(request, rows.select_related(*_ENDS), order=order, descending=True)
    names = _names(page.rows, actor, arriving)
    labels = _labels(page.rows)
    shown = [
        {
            "row": row,
            "name": names.get(row.pk, ""),
            "tag": _tag(row),
            "label": labels.get(_group(row, "to" if arriving else "from"), ""),
        }
        for row in page.rows
    ]
    if shown:
        ids = [str(row.pk) for row in page.rows]
        title = f"{'转入' if arriving else '转出'}（{len(ids)} 件）"
        journal.look("transfer.listed", actor=actor, subject_label=title, data={"ids": ids})
    context = {"rows": shown, "pager": page, "arriving": arriving}
    return render(request, "archives/transfers.html", context)


@access(Role.CLERK)
@require_http_methods(["GET", "POST"])
def transfer_propose(request: Any, part_id: UUID) -> HttpResponse:
    """Choose county, unit and group, and propose the transfer of a record's person."""
    actor, today = request.actor, timezone.localdate()
    part = part_or_404(actor, part_id)
    places = PlaceForm(request.GET if "place" in request.GET else None)
    if places.is_bound and places.is_valid():
        place = places.cleaned_data["place"]
    else:
        place = Jurisdiction.objects.get(id=actor.jurisdiction_id)
    if not places.errors:
        places.initial["place"] = place.pk
    form = ProposeForm(
        request.POST if request.method == "POST" else None, place=place, actor=actor, today=today
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = propose_transfer(
                archive=part.record.archive, actor=actor, today=today, **form.cleaned_data
            )
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("transfer-list")
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "转出已提出，等审核人确认后送接收单位。")
            return redirect("transfer", made.pk)
    journal.look("record.read", actor=actor, subject=part, data={"page": "transfer-out"})
    context = {"part": part, "place": place, "places": places, "form": form}
    failed = form.errors or places.errors
    return render(request, "archives/transfer_propose.html", context, status=422 if failed else 200)


@access(Role.CLERK, Role.REVIEWER)
@require_http_methods(["GET", "POST"])
def transfer(request: Any, transfer_id: UUID) -> HttpResponse:
    """One transfer: the old unit confirms or withdraws it, the new one checks, receives or refuses."""
    actor, today = request.actor, timezone.localdate()
    row = _or_404(actor, transfer_id)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    check = CheckForm(request.POST if action == "check" else None, actor=actor, today=today)
    receive = ReceiveForm(request.POST if action == "receive" else None, actor=actor)
    if request.method == "POST":
        answer = _act(request, row, action, check, receive)
        if answer is not None:
            return answer
    arriving = row.arrives_at(actor)
    journal.look("transfer.read", actor=actor, subject=row, **owners(row, "to" if arriving else "from"))
    open_here = arriving and actor.role == Role.CLERK and is_waiting(row, today)
    labels = _labels([row])
    context = {
        "row": row,
        "tag": _tag(row),
        "from_label": labels.get(_group(row, "from"), ""),
        "to_label": labels.get(_group(row, "to"), ""),
        "arriving": arriving,
        "told": _told(row, arriving),
        "part_id": _part_of(row, actor, arriving),
        "pages": pages_for(row) if arriving else [],
        "given": [] if arriving else given_of(row),
        "check": check if open_here and not row.key else None,
        "receive": receive if open_here and row.key else None,
        "left": MOST_GUESSES - row.guesses,
        "actions": [one for one in actions_of(TRANSFER, row, actor, fills=False) if one["name"] in BY_DIALOG],
        "revision": row.revision,
    }
    failed = check.errors or receive.errors
    return render(request, "archives/transfer_one.html", context, status=422 if failed else 200)


@access(Role.CLERK, Role.REVIEWER)
@require_GET
def transfer_receipt(request: Any, transfer_id: UUID) -> HttpResponse:
    """The receipt as paper, for either unit; the place of the stamp stays blank."""
    row = _or_404(request.actor, transfer_id)
    if row.status != TransferStatus.RECEIVED:
        raise Http404("no receipt yet")
    labels = _labels([row])
    context = {
        "row": row,
        "told": open_text(row.body, purpose=IN_BODY),
        "from_label": labels.get(_group(row, "from"), ""),
        "to_label": labels.get(_group(row, "to"), ""),
    }
    end = "to" if row.arrives_at(request.actor) else "from"
    journal.look("transfer.printed", actor=request.actor, subject=row, **owners(row, end))
    try:
        content = render_pdf("print/transfer_receipt.html", context)
    except MissingGlyph as missing:
        messages.error(request, f"不能打印：字体中没有“{missing.characters}”，请联系平台运维补充字体。")
        return redirect("transfer", row.pk)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, "转入回执.pdf") or "inline"
    return response


def _act(
    request: HttpRequest, row: Transfer, action: str, check: CheckForm, receive: ReceiveForm
) -> HttpResponse | None:
    """Do what the button says; None where the page has to be shown again."""
    try:
        if action == "check":
            return _check(request, row, check)
        if action == "receive":
            return _receive(request, row, receive)
        _by_dialog(request, row, action)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, DONE[action])
    return redirect("transfer", row.pk)


def _check(request: Any, row: Transfer, form: CheckForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    today = timezone.localdate()
    try:
        known = check_person(transfer=row, raw=form.raw_identity(), actor=request.actor, today=today)
    except NotReadable as wrong:
        for problem in wrong.problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        return None
    if known:
        messages.success(request, "核对一致。请查看移交内容，接收后出具回执。")
    else:
        messages.error(
            request,
            f"姓名、证件号码与转出单位移交的人员不一致。请对照证件核对；不符满 {MOST_GUESSES} 次即停办。",
        )
    return redirect("transfer", row.pk)


def _receive(request: Any, row: Transfer, form: ReceiveForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        done = receive_transfer(
            transfer=row,
            employer=form.cleaned_data["employer"],
            revision=revision_of(request),
            actor=request.actor,
            today=timezone.localdate(),
        )
    except NotReadable as wrong:
        for problem in wrong.problems:
            form.add_error(None, problem.message)
        return None
    messages.success(request, f"已接收，回执编号 {done.receipt_no}。本单位的档案已建立，请填写。")
    return redirect("transfer", row.pk)


def _by_dialog(request: Any, row: Transfer, action: str) -> None:
    given: dict[str, Any] = {"transfer": row, "revision": revision_of(request), "actor": request.actor}
    reason = request.POST.get("reason", "")
    if action == "confirm":
        confirm_transfer(today=timezone.localdate(), **given)
    elif action == "return":
        return_transfer(reason=reason, **given)
    elif action == "withdraw":
        withdraw_transfer(reason=reason, **given)
    elif action == "refuse":
        refuse_transfer(reason=reason, **given)
    else:
        raise Refused("没有这样的操作，请用页面上的按钮办理。", code="unknown")


def _or_404(actor: Actor, transfer_id: UUID) -> Transfer:
    rows: QuerySet[Transfer] = Transfer.objects.visible_to(actor).select_related(*_ENDS)
    return get_object_or_404(rows, id=transfer_id)


def _told(row: Transfer, arriving: bool) -> dict[str, str]:
    """Name, mask and reason: the old unit knows them, the new one once it has checked and as long as it may receive."""
    if arriving and (not row.key or row.has_lapsed(timezone.localdate())):
        return {}
    told: dict[str, str] = open_text(row.body, purpose=IN_BODY)
    return told


def _names(rows: list[Transfer], actor: Actor, arriving: bool) -> dict[UUID, str]:
    return {row.pk: told["name"] for row in rows if (told := _told(row, arriving))}


def _part_of(row: Transfer, actor: Actor, arriving: bool) -> UUID | None:
    """The latest record of the person's archive at this end."""
    archive_id = row.received_archive_id if arriving else row.archive_id
    if archive_id is None:
        return None
    archives = Archive.objects.visible_to(actor).filter(id=archive_id)
    parts = RecordPart.objects.visible_to(actor).filter(record__archive__in=archives)
    return parts.order_by("-year").values_list("id", flat=True).first()


def _tag(row: Transfer) -> str:
    lapsed = row.has_lapsed(timezone.localdate())
    return f"transfer_{TransferStatus.LAPSED.value if lapsed else row.status}"


def _group(row: Transfer, end: str) -> tuple[int, str]:
    return getattr(row, f"{end}_agency_id"), getattr(row, f"{end}_occupation")


def _labels(rows: list[Transfer]) -> dict[tuple[int, str], str]:
    """The printed names of the groups at both ends; the division of responsibilities is public."""
    agencies = {agency for row in rows for agency in (row.from_agency_id, row.to_agency_id)}
    found = Responsibility.objects.filter(agency_id__in=agencies)
    return {
        (agency, occupation): label
        for agency, occupation, label in found.values_list("agency_id", "occupation", "label")
    }
