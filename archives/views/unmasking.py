"""查看完整号码: what pages mask, shown once in the answer to a form that asks why; it stands in no address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from archives.models import RosterEntry
from archives.selectors import part_or_404
from archives.services.unmasking import WORKERS, Subject, Whole, masked_boxes, unmask
from archives.views.reasons import ReasonForm
from audit.lifecycle import Refused
from credit_platform.web.access import access

REASONS = (
    ("check", "与证件或原始材料核对"),
    ("contact", "联系本人"),
    ("correction", "核实更正内容"),
    ("complaint", "投诉、异议核查"),
    ("other", "其他（请在说明中写明）"),
)


class UnmaskForm(ReasonForm):
    """Which number, and why."""

    reasons = REASONS
    names = forms.MultipleChoiceField(
        label="要查看的号码",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择要查看的号码。",
            "invalid_choice": "没有这个号码，请重新选择。",
            "invalid_list": "没有这个号码，请重新选择。",
        },
    )
    field_order = ("names", "code", "text")

    def __init__(self, *args: Any, boxes: list[Whole], **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["names"].choices = [(box.name, f"{box.label}　{box.masked}") for box in boxes]
        fields["names"].initial = [box.name for box in boxes[:1]]
        fields["text"].help_text = "写明办理的事项，例如“档案与身份证复印件核对”。请不要填写证件号码。"


@access(*WORKERS)
@require_http_methods(["GET", "POST"])
def record_unmask(request: Any, part_id: UUID) -> HttpResponse:
    """Ask which number of a record and why; show it once."""
    part = part_or_404(request.actor, part_id)
    return _ask(request, part, f"{part.name} · {part.year} 年度", reverse("record", args=[part_id]))


@access(*WORKERS)
@require_http_methods(["GET", "POST"])
def roster_unmask(request: Any, entry_id: UUID) -> HttpResponse:
    """Ask why the number of somebody on the roster is wanted; show it once."""
    entry = get_object_or_404(RosterEntry.objects.visible_to(request.actor), id=entry_id)
    return _ask(request, entry, f"{entry.name} · 应建档名册", reverse("roster-list"))


def _ask(request: Any, subject: Subject, title: str, back: str) -> HttpResponse:
    form = UnmaskForm(request.POST if request.method == "POST" else None, boxes=masked_boxes(subject))
    shown: list[Whole] = []
    if request.method == "POST" and form.is_valid():
        names, reason = form.cleaned_data["names"], form.sentence()
        try:
            shown = unmask(subject=subject, names=names, reason=reason, actor=request.actor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "shown": shown, "subject": title, "back": back}
    return render(request, "archives/unmask.html", context, status=422 if form.errors else 200)
