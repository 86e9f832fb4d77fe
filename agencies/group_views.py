"""Pages on which the office changes and closes the groups that it put together itself (GZ-05)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.groups import change_group, close_group
from agencies.models import Responsibility, Role
from archives.schema.composed import CONTENTS
from archives.schema.members import MEMBERS
from audit.lifecycle import Refused
from credit_platform.web.access import access


def _why(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "请写明依据或原因。",
            "max_length": "最多 300 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )


class ChangeGroupForm(forms.Form):
    """Another name, and contents that the group does not have yet."""

    label = forms.CharField(
        label="人群名称",
        max_length=40,
        help_text="已经确认的档案仍按当时的名称打印。",
        error_messages={
            "required": "请填写人群名称。",
            "max_length": "人群名称最多 40 个字，请精简后重新填写。",
            "null_characters_not_allowed": "人群名称含有无法识别的字符，请重新填写。",
        },
    )
    contents = forms.MultipleChoiceField(
        label="增加档案内容",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="条目可以马上填写；填报页上的栏目从下一年度起增加，以前的档案不变。",
        error_messages={"invalid_choice": "所选档案内容不在列表中，请重新选择。"},
    )
    reason = _why("调整的依据或原因")

    def __init__(self, *args: Any, group: Responsibility, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["label"] = group.label
        left = [(code, label) for code, label in CONTENTS.items() if code not in group.contents]
        contents: Any = self.fields["contents"]
        contents.choices = left
        if not left:
            del self.fields["contents"]


class CloseGroupForm(forms.Form):
    """The day from which a group is closed, and why."""

    ended_on = forms.DateField(
        label="停用日期",
        help_text="从这一天起不再建档，不计应建，不要求零报告。已有档案保留，不能在本页撤回。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写停用日期。", "invalid": "请按 2026-03-01 的样式填写日期。"},
    )
    closing_reason = _why("停用的依据或原因")


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def group_change(request: Any, responsibility_id: int) -> HttpResponse:
    """Give a group of the office's own another name or further contents, or close it."""
    rows = Responsibility.objects.visible_to(request.actor).select_related("agency")
    group = get_object_or_404(rows, pk=responsibility_id, local=True)
    closes = request.POST.get("action") == "close"
    given = request.POST if request.method == "POST" else None
    change = ChangeGroupForm(None if closes else given, group=group)
    close = CloseGroupForm(given if closes else None, initial={"ended_on": group.ended_on})
    if given is not None:
        done = _close(request, group, close) if closes else _change(request, group, change)
        if done:
            messages.success(request, done)
            return redirect("rules")
    context = {
        "group": group,
        "fixed": group.occupation == MEMBERS,
        "contents": "、".join(CONTENTS[code] for code in group.contents),
        "change": change,
        "close": close,
        "over": group.ended_on is not None and group.ended_on <= timezone.localdate(),
    }
    return render(request, "agencies/group_change.html", context, status=422 if given else 200)


def _change(request: Any, group: Responsibility, form: ChangeGroupForm) -> str:
    """Return what was done, or nothing; then the form says why not."""
    if not form.is_valid():
        return ""
    try:
        row = change_group(
            group=group,
            label=form.cleaned_data["label"],
            contents=form.cleaned_data.get("contents", []),
            reason=form.cleaned_data["reason"],
            actor=request.actor,
            today=timezone.localdate(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return ""
    return f"已调整“{row.label}”。"


def _close(request: Any, group: Responsibility, form: CloseGroupForm) -> str:
    """As `_change`."""
    if not form.is_valid():
        return ""
    day: dt.date = form.cleaned_data["ended_on"]
    reason = form.cleaned_data["closing_reason"]
    try:
        close_group(group=group, ended_on=day, reason=reason, actor=request.actor, today=timezone.localdate())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return ""
    return f"“{group.label}”自 {day:%Y-%m-%d} 起停用。"
