"""Forms of the steps of a determination's procedure. What is right is decided by `archives.services.proceedings`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from archives.services.proceedings import REVIEW_LIMIT, STATEMENT_LIMIT
from archives.states import Service

_TEXT = {"null_characters_not_allowed": "内容含有无法识别的字符，请重新填写。"}


def _long(limit: int, what: str) -> dict[str, str]:
    return {
        **_TEXT,
        "required": f"请填写{what}。",
        "max_length": f"{what}最多 {limit} 个字，请精简后重新填写。",
    }


def _day(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        error_messages={"required": f"请填写{label}。", "invalid": "日期不正确，例：2026-03-05。"},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class StepForm(forms.Form):
    """A step beside the record form: ids of its controls begin with `proceeding-`."""

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        options["auto_id"] = "proceeding-%s"
        super().__init__(*args, **options)
        if "on" in self.fields:
            self.fields["on"].initial = today


class ServiceForm(StepForm):
    """When and how a letter reached the person."""

    on = _day("送达日期", "以本人签收之日为准；公告送达的，填公告期满之日")
    how = forms.ChoiceField(
        label="送达方式",
        choices=Service.choices,
        error_messages={"required": "请选择送达方式。", "invalid_choice": "没有这种送达方式，请重新选择。"},
    )


class StatementForm(StepForm):
    """What the person said, or nothing."""

    text = forms.CharField(
        label="陈述申辩内容",
        required=False,
        max_length=STATEMENT_LIMIT,
        help_text="照本人的话记录；期限届满仍未提出的，留空后登记",
        error_messages=_long(STATEMENT_LIMIT, "陈述申辩内容"),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    on = _day("陈述申辩日期", required=False)


class DecisionForm(StepForm):
    """The second person's view of it, whichever way it is decided."""

    review = forms.CharField(
        label="复核意见",
        required=False,
        max_length=REVIEW_LIMIT,
        help_text="写明陈述申辩是否采纳及理由；会写入决定书或不予认定通知书",
        error_messages=_long(REVIEW_LIMIT, "复核意见"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class ReasonForm(StepForm):
    """Why a proceeding or a decision is taken back."""

    reason = forms.CharField(
        label="原因",
        max_length=REVIEW_LIMIT,
        help_text="已告知本人的，会写入不予认定通知书",
        error_messages=_long(REVIEW_LIMIT, "原因"),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


FORMS: dict[str, type[StepForm]] = {
    "notify": ServiceForm,
    "hear": StatementForm,
    "uphold": DecisionForm,
    "drop": DecisionForm,
    "serve": ServiceForm,
    "withdraw": ReasonForm,
    "revoke": ReasonForm,
}
"""By the name of the transition."""
ENDINGS = ("withdraw", "revoke")
"""What takes a proceeding back: asked for behind the next step."""
