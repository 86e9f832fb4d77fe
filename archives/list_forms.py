"""Forms above the lists of people: whom to look for, which records to show."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from archives.forms import ANY, PartFilterForm
from archives.identity_state import STATES
from archives.outcomes import OUTCOMES, REGISTRATIONS
from archives.schema.problems import Invalid
from archives.search import LONGEST, Sought, read_sought


class FindForm(forms.Form):
    """Whom to look for; sent by POST, so that name and number stand in no address."""

    text = forms.CharField(
        label="查找人员",
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "姓名、首字母、证件号",
            }
        ),
        error_messages={
            "required": "请填写姓名、姓名首字母或完整的证件号码。",
            "max_length": f"最多 {LONGEST} 个字，请重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )
    sought: Sought

    def __init__(self, *args: Any, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "find_%s", **options})
        self.today = today

    def clean_text(self) -> str:
        """Read it; what is no name and no number says why."""
        text: str = self.cleaned_data["text"]
        try:
            self.sought = read_sought(text, today=self.today)
        except Invalid as wrong:
            raise forms.ValidationError(wrong.problem.message, code=wrong.problem.code) from None
        return text


class ArchiveFilterForm(PartFilterForm):
    """Filters of the list of archives, in the address."""

    outcome = forms.ChoiceField(
        label="认定结论",
        required=False,
        choices=[ANY, *OUTCOMES],
        error_messages={"invalid_choice": "没有这个认定结论，请从列表中选择。"},
    )
    registration = forms.ChoiceField(
        label="登记类型",
        required=False,
        choices=[ANY, *REGISTRATIONS],
        error_messages={"invalid_choice": "没有这个登记类型，请从列表中选择。"},
    )

    check = forms.ChoiceField(
        label="身份核验",
        required=False,
        choices=[ANY, *STATES],
        error_messages={"invalid_choice": "没有这个核验状态，请从列表中选择。"},
    )

    def __init__(self, *args: Any, actor: Any, **options: Any) -> None:
        super().__init__(*args, actor=actor, **options)
        if (
            actor.kind == "office"
        ):  # neither who is under correction nor who does not match is the office's business
            del self.fields["outcome"], self.fields["check"]

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, for `archives.outcomes.narrow`."""
        if not (self.is_bound and self.is_valid()):
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value}
