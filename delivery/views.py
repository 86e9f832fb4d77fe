"""Pages of delivery: batches for the office, own records for an agency."""

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
from archives.awards import gone
from archives.items import kind_of
from archives.models import Item, Outbox
from archives.models.items import in_time
from archives.occupations import occupations_of
from archives.services.outbox import IN_HAND
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from delivery.forms import SendNowForm
from delivery.health import target_health
from delivery.models import Batch, Target
from delivery.orders import may_send_again, order_again, order_now
from delivery.words import shown_code


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def delivery_list(request: Any) -> HttpResponse:
    """The office sees batches, an agency what became of its own sealed records."""
    if request.actor.role == Role.OFFICER:
        return _batches(request)
    return _own_records(request)


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def batch(request: Any, batch_id: UUID) -> HttpResponse:
    """One batch with the platform's answer to each record; its state alone for htmx, which asks again until there is
    an answer. POST sends again what has failed."""
    actor = request.actor
    found = get_object_or_404(Batch.objects.visible_to(actor), id=batch_id)
    if request.method == "POST":
        return _again(request, found)
    context = {
        "batch": found,
        "target": _target_names(actor).get(found.target, found.target),
        "open": found.status in IN_HAND,
        "ordered": found.orders.filter(done_at=None).exists(),
        "again": may_send_again(found),
    }
    if request.htmx:
        response = render(request, "delivery/batch_state.html", context)
        if not (context["open"] or context["ordered"]):
            response["HX-Refresh"] = "true"  # the answers to each record stand outside of the fragment
        return response
    lines = found.lines.filter(in_time("outbox__item__"))
    only_rejected = "rejected" in request.GET and bool(found.rejected)
    if only_rejected:
        lines = lines.filter(accepted=False)
    lines = lines.select_related("agency", "outbox__part", "outbox__item")
    page = keyset_page(request, lines, order="position")
    ids = [str(line.record_id) for line in page.rows]
    journal.look("record.listed", actor=actor, subject=found, data={"ids": ids})
    rows = [{"line": line, "code": shown_code(line.code), **_to_office(line.outbox)} for line in page.rows]
    context |= {"rows": rows, "pager": page, "only_rejected": only_rejected}
    return render(request, "delivery/batch.html", context)


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def delivery_now(request: Any) -> HttpResponse:
    """Ask for a reason, and order that what waits for its day is sent now (AY-14)."""
    actor = request.actor
    form = SendNowForm(request.POST or None, health=target_health(actor))
    if request.method == "POST" and form.is_valid():
        try:
            order_now(actor=actor, **form.cleaned_data)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("delivery-list")
        except Refused as refusal:
            form.add_error(None if refusal.code == "nothing_waits" else "reason", str(refusal))
        else:
            messages.success(request, "已安排立即报送，半分钟内开始，进展显示在本页。")
            return redirect("delivery-list")
    status = 422 if form.is_bound else 200
    return render(request, "delivery/now.html", {"form": form}, status=status)


def _again(request: Any, found: Batch) -> HttpResponse:
    try:
        order_again(batch=found, actor=request.actor)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已安排再次报送，半分钟内开始，结果显示在“平台报送”。")
    return redirect("batch", found.pk)


def _batches(request: Any) -> HttpResponse:
    """Platforms and batches; without the shell for htmx, which asks again while something is under way."""
    actor = request.actor
    page = keyset_page(request, Batch.objects.visible_to(actor), order="created_at", descending=True)
    health = target_health(actor)
    names = _target_names(actor)
    rows = [
        {"batch": b, "target": names.get(b.target, b.target), "at": timezone.localtime(b.created_at)}
        for b in page.rows
    ]
    context = {
        "rows": rows,
        "pager": page,
        "health": health,
        "moving": any(one.moving and one.configured for one in health),
        "waiting": sum(one.waiting for one in health),
    }
    template = "delivery/batches_state.html" if request.htmx else "delivery/batches.html"
    return render(request, template, context)


def _own_records(request: Any) -> HttpResponse:
    actor = request.actor
    rows = Outbox.objects.visible_to(actor).filter(in_time("item__"))
    rows = rows.select_related("part", "item", "version")
    page = keyset_page(request, rows, order="changed_at", descending=True)
    names, occupations = _target_names(actor), occupations_of(actor.jurisdiction_id)
    shown = [
        {
            "row": row,
            "code": shown_code(row.code),
            **_about(row),
            "target": names.get(row.target, row.target),
            "occupation": occupations[row.agency_id, row.occupation].label,
            "at": timezone.localtime(row.changed_at),
        }
        for row in page.rows
    ]
    if shown:
        label, ids = f"报送记录（{len(shown)} 条）", [str(row.head.pk) for row in page.rows]
        journal.look("record.listed", actor=actor, subject_label=label, data={"ids": ids})
    return render(request, "delivery/records.html", {"rows": shown, "pager": page})


def _about(row: Outbox) -> dict[str, Any]:
    """Whom and what a queued version is about: a yearly record, or one dated fact."""
    head = row.head
    if isinstance(head, Item):
        return {"head": head, "url": reverse("item", args=[head.pk]), "what": kind_of(head).label}
    return {"head": head, "url": reverse("record", args=[head.pk]), "what": "年度记录"}


def _to_office(row: Outbox) -> dict[str, Any]:
    """As `_about`; of what was revoked the office sees that there was something, not of whom."""
    if row.item is not None and gone(row.item):
        return {"head": {"name": "—", "number_mask": "—"}, "url": "", "what": "已撤销的信用信息"}
    return _about(row)


def _target_names(actor: Any) -> dict[str, str]:
    rows = Target.objects.filter(jurisdiction_id=actor.jurisdiction_id)
    return dict(rows.values_list("code", "name"))
