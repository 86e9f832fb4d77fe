"""Forms of the office's pages of progress."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from agencies.models import Jurisdiction
from credit_platform.actors import Actor
from oversight.reminders import LONGEST_TEXT

WHATS = {
    "roster": "应建档人员（名册）",
    "beyond": "名册外已确认",
    "sealed": "已确认",
    "missing": "名册中尚未确认",
    "due": "应报送",
    "on_time": "按时报送",
    "late": "未按时报送",
    "overdue": "逾期未报送",
}
"""The lists behind the figures."""


class YearForm(forms.Form):
    """Which year."""

    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "没有这个年度，请从列表中选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        place = Jurisdiction.objects.get(id=actor.jurisdiction_id)
        first = int(place.parameters.get("first_year", today.year))
        years = range(today.year, first - 1, -1)
        field: Any = self.fields["year"]
        field.choices = [(year, f"{year} 年度") for year in years]
        self.today = today

    @property
    def others(self) -> list[int]:
        """The years beside it that may be asked for, the latest first."""
        field: Any = self.fields["year"]
        return [year for year, _ in field.choices if year != self.chosen]

    @property
    def chosen(self) -> int:
        """The year that was asked for, or the present one."""
        asked = self.cleaned_data.get("year") if self.is_bound and self.is_valid() else None
        return asked or self.today.year


class PeopleForm(YearForm):
    """Which of the lists behind the figures."""

    what = forms.ChoiceField(choices=list(WHATS.items()))
    agency = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    occupation = forms.CharField(required=False, max_length=40)
    month = forms.IntegerField(required=False, min_value=1, max_value=12)


class ReminderForm(forms.Form):
    """What is said beside what is overdue."""

    text = forms.CharField(
        label="催报内容",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="例如“请于本周五前报送”。不要写姓名、证件号码、电话。",
        error_messages={
            "max_length": f"催报内容最多 {LONGEST_TEXT} 个字，请精简后重新填写。",
            "null_characters_not_allowed": "催报内容含有无法识别的字符，请重新填写。",
        },
        widget=forms.TextInput(attrs={"maxlength": LONGEST_TEXT}),
    )
