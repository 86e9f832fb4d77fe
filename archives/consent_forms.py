"""Forms of the consents of members: recording one with its scan, noting that it was withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from archives.forms import OpenArchiveForm
from archives.schema.members import MEMBERS
from credit_platform.actors import Actor

_NO_FILE = "没有选择文件。请先选择同意书的扫描件。"


class ConsentForm(OpenArchiveForm):
    """Who agreed, when, to what, and the paper. Name and number are judged by the schema, not here."""

    signed_on = forms.DateField(
        label="签署日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写签署日期。", "invalid": "日期应写成 2026-03-01 的样子。"},
    )
    delivers = forms.BooleanField(
        label="同意书写明：同意将信用信息条目报送公共信用信息平台",
        required=False,
    )
    scan = forms.FileField(
        label="同意书扫描件（PDF、JPG 或 PNG，不超过 20 MB）",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        max_length=None,
        error_messages={
            "required": _NO_FILE,
            "invalid": _NO_FILE,
            "missing": _NO_FILE,
            "empty": "文件是空的，没有内容。请核对后重新选择。",
        },
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, actor=actor, today=today, **options)
        for name in ("year", "backfill_reason"):
            del self.fields[name]
        groups: Any = self.fields["responsibility"]
        groups.queryset = groups.queryset.filter(occupation=MEMBERS)


class WithdrawForm(forms.Form):
    """Since when the member no longer agrees, and what there is to say about it."""

    on = forms.DateField(
        label="撤回日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写撤回日期。", "invalid": "日期应写成 2026-03-01 的样子。"},
    )
    reason = forms.CharField(
        label="说明",
        required=False,
        max_length=500,
        help_text="会员撤回同意不需要理由，可以不填。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "max_length": "最多 500 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )
