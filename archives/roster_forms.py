"""Forms of the roster: whose, joining, leaving, a workbook; and of nil returns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from agencies.models import Responsibility
from archives.forms import ANY, OpenArchiveForm, PartFilterForm
from archives.services.transfers import DIRECT
from credit_platform.actors import Actor


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": f"请填写{label}。",
            "invalid": f"{label}应写成 2026-03-01 的样子，请重新填写。",
        },
    )


class RosterFilterForm(PartFilterForm):
    """Filters of the roster, in the address."""

    built = forms.ChoiceField(
        label="建档",
        required=False,
        choices=[ANY, ("1", "已建"), ("0", "未建")],
        error_messages={"invalid_choice": "请从列表中选择。"},
    )
    direct = forms.BooleanField(label=f"只看{DIRECT}的", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("status", "delivery"):
            self.fields.pop(name, None)
        if "employer" not in self.fields:
            del self.fields["direct"]
        year: Any = self.fields["year"]  # a roster is always one year's: this one, unless another is chosen
        year.choices = [choice for choice in year.choices if choice != ANY]
        year.initial = options["today"].year

    def clean(self) -> dict[str, Any]:
        """Who has no employer is at none."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("direct") and found.get("employer"):
            self.add_error("employer", f"“只看{DIRECT}的”与所属单位只能选一项。")
        return found


class JoinForm(OpenArchiveForm):
    """Who is to be on the roster. Name and number are judged by the schema, not here."""

    joined_on = _day("列入日期", "从这一天起计入应建档人数。")

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, actor=actor, today=today, **options)
        groups: Any = self.fields["responsibility"]  # nobody joins the roster of a duty that has moved
        groups.queryset = Responsibility.objects.handled_by(actor).select_related("agency", "jurisdiction")
        del self.fields["backfill_reason"], self.fields["year"]
        self.fields["joined_on"].initial = today


class LeaveForm(forms.Form):
    """When and why somebody leaves the roster."""

    left_on = _day("移出日期", "在名册上的最后一天；当年仍计入应建。")
    reason = forms.CharField(
        label="原因",
        max_length=200,
        help_text="例如“调往外县”。请不要填写证件号码。",
        error_messages={
            "required": "请写明原因。",
            "max_length": "最多 200 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )


class GroupForm(forms.Form):
    """Which group, among those that this member handles."""

    responsibility = forms.ModelChoiceField(
        label="重点人群",
        queryset=Responsibility.objects.none(),
        empty_label=None,
        error_messages={
            "required": "请选择重点人群。",
            "invalid_choice": "这个人群不由您办理，请重新选择。",
        },
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["responsibility"]
        field.queryset = Responsibility.objects.handled_by(actor).select_related("agency", "jurisdiction")
        field.label_from_instance = lambda row: row.label


class UploadForm(GroupForm):
    """A workbook with people of a group."""

    joined_on = _day("列入日期", "表中没有写列入日期的，按这一天。")

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        super().__init__(*args, today=today, **options)
        self.fields["joined_on"].initial = today
