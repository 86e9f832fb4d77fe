"""The page on which a clerk moves a person to another employer, or notes that the person left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Employer, Role
from archives.models import Archive, RecordPart
from archives.selectors import part_or_404
from archives.services.transfers import DIRECT, mark_back, mark_left, transfer_person
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access

_REASON_ERRORS = {
    "required": "请写明原因，例如调令文号。",
    "max_length": "最多 500 个字，请精简后重新填写。",
    "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
}


def _reason_field() -> forms.CharField:
    return forms.CharField(
        label="原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如“教体人〔2026〕12 号调令”。",
        error_messages=_REASON_ERRORS,
    )


class TransferForm(forms.Form):
    """Where to, and why."""

    employer = forms.ModelChoiceField(
        label="调往单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label=DIRECT,
        error_messages={"invalid_choice": "所选单位不在本单位名下，或者已经停用，请重新选择。"},
    )
    reason = _reason_field()

    def __init__(self, *args: Any, actor: Actor, present: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["employer"]
        others = Employer.objects.visible_to(actor).filter(active=True)
        field.queryset = others if present is None else others.exclude(pk=present)


class LeavingForm(forms.Form):
    """Since when, and why."""

    left_on = forms.DateField(
        label="离岗日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填写离岗日期。", "invalid": "日期应写成 2026-03-01 的样子。"},
    )
    reason = _reason_field()


class BackForm(forms.Form):
    """Why the person is back."""

    reason = _reason_field()


@access(Role.CLERK)
@require_http_methods(["GET", "POST"])
def record_transfer(request: Any, part_id: UUID) -> HttpResponse:
    """Move the person of a record to another employer, note that the person left, or that the person is back."""
    part = part_or_404(request.actor, part_id)
    archive = part.record.archive
    action = request.POST.get("action", "") if request.method == "POST" else ""
    transfer = TransferForm(
        request.POST if action == "transfer" else None,
        actor=request.actor,
        present=archive.employer_id,
        prefix="transfer",
    )
    leaving: Any = (LeavingForm if archive.left_on is None else BackForm)(
        request.POST if action in ("left", "back") else None, prefix="leaving"
    )
    form = {"transfer": transfer, "left": leaving, "back": leaving}.get(action)
    if request.method == "POST" and form is None:
        messages.error(request, "没有选择办理事项，请用页面上的按钮办理。")
        return redirect("record-transfer", part.id)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _do(action, archive, form.cleaned_data, request.actor))
            return redirect("record", part.id)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("record-transfer", part.id)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, part, archive, transfer, leaving, status=422 if form is not None else 200)


def _do(action: str, archive: Archive, given: dict[str, Any], actor: Actor) -> str:
    today = timezone.localdate()
    if action == "transfer":
        moved = transfer_person(
            archive=archive, employer=given["employer"], reason=given["reason"], actor=actor, today=today
        )
        place = given["employer"].name if given["employer"] else DIRECT
        return f"{moved.name} 已调往“{place}”。"
    if action == "left" and "left_on" in given:
        mark_left(archive=archive, left_on=given["left_on"], reason=given["reason"], actor=actor, today=today)
        return f"已登记 {archive.name} 离岗，今后年度不再为其建档。"
    mark_back(archive=archive, reason=given["reason"], actor=actor)
    return f"已登记 {archive.name} 返岗。"


def _page(
    request: Any, part: RecordPart, archive: Archive, transfer: Any, leaving: Any, *, status: int
) -> HttpResponse:
    journal.look("record.read", actor=request.actor, subject=part, data={"page": "transfer"})
    context = {
        "part": part,
        "archive": archive,
        "employer": archive.employer.name if archive.employer else DIRECT,
        "transfer": transfer,
        "leaving": leaving,
    }
    return render(request, "archives/transfer.html", context, status=status)
