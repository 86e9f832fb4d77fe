"""身份核验: what is known of a person's name and number, asking again, and settling a mismatch."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.context import menu_label
from agencies.models import Role
from archives.identity_state import service_of, told
from archives.models import Archive, Evidence, IdentityCheck, RecordPart
from archives.selectors import evidence_visible_to, part_or_404
from archives.services.identity_settling import ask_again, offered, settle_identity
from archives.states import CheckOutcome
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access

MOST_SHOWN = 50
ASKERS = (Role.CLERK, Role.REVIEWER)


def _label(evidence: Evidence) -> str:
    """Name, who uploaded it, and when."""
    return f"{evidence.name}（{evidence.uploaded_by}，{timezone.localtime(evidence.uploaded_at):%Y-%m-%d}）"


class SettleForm(forms.Form):
    """What proves the identity, and why the reviewer is sure."""

    evidence = forms.ModelChoiceField(
        label="证明身份的材料",
        queryset=Evidence.objects.none(),
        empty_label="请选择",
        help_text="经办人在年度记录或条目的“证明材料”中上传的证件复印件。",
        error_messages={
            "required": "请选择证明身份的材料。还没有的，请经办人先在年度记录中上传证件复印件。",
            "invalid_choice": "没有这份材料，请从列表中选择。",
        },
    )
    reason = forms.CharField(
        label="核实情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如“与身份证原件核对一致，已请本人向公安机关核对户籍信息”。请不要填写证件号码。",
        error_messages={
            "required": "请写明凭什么确认身份无误。",
            "max_length": "最多 500 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )

    def __init__(self, *args: Any, archive: Archive, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["evidence"]
        field.queryset = offered(archive, actor)
        field.label_from_instance = _label


@access(Role.FILLER, *ASKERS)
@require_http_methods(["GET", "POST"])
def record_check(request: Any, part_id: UUID) -> HttpResponse:
    """Show what was heard of a person's identity; ask again (clerk, reviewer); settle a mismatch (reviewer)."""
    actor = request.actor
    part = part_or_404(actor, part_id)
    archive = part.record.archive
    action = request.POST.get("action", "") if request.method == "POST" else ""
    settles = actor.role == Role.REVIEWER and told(archive)["state"] == CheckOutcome.MISMATCH
    form = None
    if settles or action == "settle":
        form = SettleForm(request.POST if action == "settle" else None, archive=archive, actor=actor)
    if request.method == "POST" and action != "settle":
        return _ask(request, part, action)
    if form is not None and form.is_bound and form.is_valid():
        try:
            settle_identity(archive=archive, actor=actor, **form.cleaned_data)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("record-check", part.id)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已核实 {archive.name} 的身份，可以审核确认。")
            return redirect("record-check", part.id)
    return _page(request, part, form if settles else None, refused=form is not None and form.is_bound)


def _ask(request: Any, part: RecordPart, action: str) -> HttpResponse:
    if action != "ask":
        messages.error(request, "没有选择办理事项，请用页面上的按钮办理。")
        return redirect("record-check", part.id)
    try:
        ask_again(archive=part.record.archive, actor=request.actor)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已安排核验，通常半分钟内有结果；服务没有答复的，会自动再次核验。")
    return redirect("record-check", part.id)


def _page(request: Any, part: RecordPart, form: SettleForm | None, *, refused: bool) -> HttpResponse:
    actor, archive = request.actor, part.record.archive
    journal.look("check.read", actor=actor, subject=archive)
    heard = IdentityCheck.objects.visible_to(actor).filter(archive=archive)
    checks = list(heard.order_by("-at", "-id")[:MOST_SHOWN])
    rested_on = [one.evidence_id for one in checks if one.evidence_id]
    # A file of a fact whose time is over is named nowhere; that it settled the identity stays.
    files = evidence_visible_to(actor).in_bulk(rested_on)
    context = {
        "list_label": menu_label(request.actor.role, "archive-list"),
        "part": part,
        "archive": archive,
        "identity": told(archive),
        "service": service_of(archive.jurisdiction_id),
        "form": form,
        "may_ask": actor.role in ASKERS,
        "identity_url": reverse("record-identity", args=[part.id]) if actor.role == Role.CLERK else "",
        "checks": [
            {
                "check": one,
                "of_now": one.checked_as == archive.identity_key,
                "file": files.get(one.evidence_id) if one.evidence_id else None,
            }
            for one in checks
        ],
    }
    return render(request, "archives/record_check.html", context, status=422 if refused else 200)
