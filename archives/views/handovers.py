"""工作交接: the administrator hands one member's groups and open matters to another; both sign the printed list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Membership, Role
from archives.models import Item, Proceeding, RecordPart
from archives.printing.pdf import MissingGlyph
from archives.printing.pdf import render as render_pdf
from archives.services.handover import HANDLING, Handover, hand_over, open_handover
from audit import journal
from audit.lifecycle import Refused
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

READERS = (Role.AGENCY_ADMIN, Role.CLERK, Role.REVIEWER, Role.FILLER)


class HandoverForm(forms.Form):
    """From whom to whom, and whether the leaver's membership ends."""

    leaver = forms.ModelChoiceField(
        label="移交人",
        queryset=Membership.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择移交人。",
            "invalid_choice": "所选人员不在本单位任职，请重新选择。",
        },
    )
    successor = forms.ModelChoiceField(
        label="接收人",
        queryset=Membership.objects.none(),
        empty_label="请选择",
        help_text="须与移交人同一单位、同一角色。",
        error_messages={
            "required": "请选择接收人。",
            "invalid_choice": "所选人员不在本单位任职，请重新选择。",
        },
    )
    end = forms.BooleanField(label="同时结束移交人的这项任职", required=False)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        own = Membership.objects.visible_to(actor).current().filter(role__in=HANDLING)
        rows = own.exclude(user_id__in=[actor.user_id]).select_related(
            "user", "employer", "agency", "jurisdiction"
        )
        for name in ("leaver", "successor"):
            field: Any = self.fields[name]
            field.queryset = rows.order_by("role", "user__display_name", "id")
            field.label_from_instance = _label


@access(Role.AGENCY_ADMIN)
@require_http_methods(["GET", "POST"])
def handover(request: Any) -> HttpResponse:
    """Choose who hands over to whom, look at what passes, and do it."""
    actor = request.actor
    asked = request.POST if request.method == "POST" else request.GET
    chosen = bool(asked.get("leaver") and asked.get("successor"))
    form = HandoverForm(asked if chosen or request.method == "POST" else None, actor=actor)
    if not form.is_bound and asked.get("leaver"):
        form.initial["leaver"] = asked["leaver"]
    found: Handover | None = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            if request.method == "POST":
                event = hand_over(
                    leaver=given["leaver"], successor=given["successor"], end=given["end"], actor=actor
                )
                messages.success(request, "交接已办理，立即生效。请打印清单，由双方签字存档。")
                return redirect("handover-done", event.id)
            found = open_handover(leaver=given["leaver"], successor=given["successor"], actor=actor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "found": found}
    return render(request, "archives/handover.html", context, status=422 if form.errors else 200)


@access(*READERS)
@require_GET
def handover_list(request: Any) -> HttpResponse:
    """List hand-overs: the administrator those of the agency, others those they are part of."""
    page = keyset_page(request, _visible(request.actor), order="at", descending=True)
    rows = [{"event": event, "at": timezone.localtime(event.at)} for event in page.rows]
    may_do = request.actor.role == Role.AGENCY_ADMIN
    return render(request, "archives/handovers.html", {"rows": rows, "pager": page, "may_do": may_do})


@access(*READERS)
@require_GET
def handover_done(request: Any, event_id: UUID) -> HttpResponse:
    """Show what was handed over, by groups."""
    event = get_object_or_404(_visible(request.actor), id=event_id)
    return render(
        request, "archives/handover_done.html", {"event": event, "at": timezone.localtime(event.at)}
    )


@access(*READERS)
@require_GET
def handover_print(request: Any, event_id: UUID) -> HttpResponse:
    """The list to be signed. Names stand on it only for whoever handles these people; the look is journalled."""
    actor = request.actor
    event = get_object_or_404(_visible(actor), id=event_id)
    lines = _lines(event, actor)
    if lines:
        journal.look("handover.printed", actor=actor, data={"ids": [line["id"] for line in lines]})
    context = {"event": event, "at": timezone.localtime(event.at), "lines": lines, "place": actor.unit_name}
    try:
        content = render_pdf("print/handover.html", context)
    except MissingGlyph as missing:
        messages.error(request, f"不能打印：字体中没有“{missing.characters}”，请联系平台运维补充字体。")
        return redirect("handover-done", event.id)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, "工作交接清单.pdf") or "inline"
    return response


def _visible(actor: Actor) -> QuerySet[Event]:
    events = Event.objects.visible_to(actor).filter(verb="handover.done")
    if actor.role == Role.AGENCY_ADMIN:
        return events
    return events.filter(Q(data__from__user=actor.user_id) | Q(data__to__user=actor.user_id))


def _lines(event: Event, actor: Actor) -> list[dict[str, Any]]:
    """The open matters, as far as this reader may see them: an administrator sees their number alone."""
    kinds: tuple[tuple[str, str, Any], ...] = (
        ("年度记录", "parts", RecordPart),
        ("信用信息条目", "items", Item),
        ("认定程序", "proceedings", Proceeding),
    )
    return [
        {
            "id": str(row.pk),
            "kind": kind,
            "name": row.name,
            "mask": getattr(row, "number_mask", ""),
            "year": row.year,
            "status": row.get_status_display(),
        }
        for kind, key, model in kinds
        for row in model.objects.visible_to(actor)
        .filter(id__in=event.data.get(key, []))
        .order_by("name", "id")
    ]


def _label(membership: Membership) -> str:
    employer = f"（{membership.employer.name}）" if membership.employer else ""
    return f"{membership.user.display_name} · {membership.role_label}{employer}"
