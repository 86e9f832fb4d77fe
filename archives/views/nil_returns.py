"""零报告: which periods want one, signing it, confirming it, taking it back (AY-14)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Responsibility, Role
from archives.lifecycle import NIL_RETURN
from archives.models import NilReturn
from archives.nil_periods import due_of, owed_of, periods_over
from archives.occupations import occupations_of
from archives.periods import Period
from archives.services.nil_returns import confirm_nil_return, sign_nil_return, withdraw_nil_return
from archives.states import NilStatus
from archives.views.actions import actions_of
from archives.views.record_page import revision_of
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

TAGS = {NilStatus.SIGNED: "nil_signed", NilStatus.CONFIRMED: "nil_confirmed", NilStatus.VOID: "nil_void"}
BY_HAND = ("confirm", "withdraw")
"""Steps with a button; a fact voids a statement by itself."""
DONE = {"confirm": "零报告已复核确认。", "withdraw": "零报告已撤回，这一期须补报条目或重新签报。"}


class SignForm(forms.Form):
    """The signature: a tick, beside the words that are signed."""

    sure = forms.BooleanField(
        label="已查过本期的表彰奖励、培训考核、处罚、投诉等信息，确实没有需要报告的内容",
        error_messages={"required": "签报前请核实，并勾选这一项。"},
    )


@access(Role.CLERK, Role.REVIEWER)
@require_GET
def nil_return_list(request: Any) -> HttpResponse:
    """What is owed for the periods that are over, and what was signed, the latest first."""
    actor, today = request.actor, timezone.localdate()
    page = keyset_page(request, NilReturn.objects.visible_to(actor), order="signed_at", descending=True)
    labels = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "row": row,
            "url": reverse("nil-return", args=[row.pk]),
            "label": labels[row.agency_id, row.occupation].label,
            "tag": TAGS[NilStatus(row.status)],
        }
        for row in page.rows
    ]
    owed = [
        {
            "owed": one,
            "late": one.late(today),
            "url": reverse("nil-return-sign", args=[one.group.occupation, one.period.start.isoformat()]),
        }
        for one in owed_of(actor, today=today)
    ]
    context = {"owed": owed, "rows": rows, "pager": page, "signs": actor.role == Role.CLERK}
    return render(request, "archives/nil_returns.html", context)


@access(Role.CLERK)
@require_http_methods(["GET", "POST"])
def nil_return_sign(request: Any, occupation: str, start: str) -> HttpResponse:
    """Show what would be signed for a group and a period; POST signs it."""
    actor, today = request.actor, timezone.localdate()
    groups = Responsibility.objects.handled_by(actor).select_related("jurisdiction", "agency")
    group = get_object_or_404(groups, occupation=occupation)
    period = _period(group, start, today)
    form = SignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            row = sign_nil_return(responsibility=group, period=period, actor=actor, today=today)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("nil-return-list")
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{group.label} {period.label}零报告已签报。")
            return redirect("nil-return", row.pk)
    context = {"form": form, "group": group, "period": period, "due": due_of(period, group.jurisdiction)}
    return render(request, "archives/nil_return_sign.html", context, status=422 if form.errors else 200)


@access(Role.CLERK, Role.REVIEWER)
@require_http_methods(["GET", "POST"])
def nil_return(request: Any, return_id: UUID) -> HttpResponse:
    """One statement; POST confirms it or takes it back."""
    actor = request.actor
    row = get_object_or_404(NilReturn.objects.visible_to(actor).select_related("agency"), id=return_id)
    if request.method == "POST":
        return _act(request, row)
    actions = [one for one in actions_of(NIL_RETURN, row, actor, fills=False) if one["name"] in BY_HAND]
    context = {
        "row": row,
        "label": occupations_of(actor.jurisdiction_id)[row.agency_id, row.occupation].label,
        "tag": TAGS[NilStatus(row.status)],
        "actions": actions,
        "revision": row.revision,
    }
    return render(request, "archives/nil_return.html", context)


def _act(request: Any, row: NilReturn) -> HttpResponse:
    action, revision = request.POST.get("action", ""), revision_of(request)
    try:
        if action == "confirm":
            confirm_nil_return(row=row, revision=revision, actor=request.actor)
        elif action == "withdraw":
            reason = request.POST.get("reason", "")
            withdraw_nil_return(row=row, reason=reason, revision=revision, actor=request.actor)
        else:
            raise Refused("没有这样的操作，请用页面上的按钮办理。", code="unknown")
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, DONE[action])
    return redirect("nil-return", row.pk)


def _period(group: Responsibility, start: str, today: dt.date) -> Period:
    """The period of the place that begins on this day, of those that may be signed for. Raises `Http404`."""
    for period in periods_over(group.jurisdiction, today=today):
        if period.start.isoformat() == start:
            return period
    raise Http404
