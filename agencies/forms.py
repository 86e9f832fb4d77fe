"""Forms of the agency's administrator."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from agencies.models import AGENCY_ROLES, Employer, Responsibility, Role
from archives.schema.credit_code import parse_credit_code
from archives.schema.problems import Invalid
from credit_platform.actors import Actor

_GIVEN = [(role.value, role.label) for role in Role if role in AGENCY_ROLES | {Role.FILLER}]


class UserNameField(forms.CharField):
    """A user name in the one form in which it is kept, however it was typed."""

    def to_python(self, value: Any) -> Any:
        """Turn full-width and capital letters into plain small ones, before anything is judged."""
        return unicodedata.normalize("NFKC", super().to_python(value) or "").strip().lower()


class MemberForm(forms.Form):
    """A new place for a person in the agency."""

    display_name = forms.CharField(
        label="姓名",
        max_length=50,
        error_messages={
            "required": "请填写姓名。",
            "max_length": "姓名最多 50 个字，请精简后重新填写。",
            "null_characters_not_allowed": "姓名含有无法识别的字符，请重新填写。",
        },
    )
    username = UserNameField(
        label="用户名",
        help_text="3 至 50 个小写字母、数字或 . _ -，登录时使用。",
        validators=[RegexValidator(r"^[a-z0-9._-]{3,50}\Z", "用户名应为 3 至 50 个小写字母、数字或 . _ -。")],
        error_messages={
            "required": "请填写用户名。",
            "null_characters_not_allowed": "用户名含有无法识别的字符，请重新填写。",
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    role = forms.ChoiceField(
        label="角色",
        choices=[("", "请选择"), *_GIVEN],
        error_messages={
            "required": "请选择角色。",
            "invalid_choice": "没有这个角色，请从列表中选择。",
        },
    )
    employer = forms.ModelChoiceField(
        label="所属单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label="（填报员须选择）",
        error_messages={"invalid_choice": "所选所属单位不在本单位名下，请重新选择。"},
    )
    responsibilities = forms.ModelMultipleChoiceField(
        label="可办理的重点人群",
        queryset=Responsibility.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选人群不由本单位负责，请重新选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        own = Responsibility.objects.visible_to(actor).filter(agency_id=actor.own_agency, undecided=False)
        groups: Any = self.fields["responsibilities"]
        groups.queryset = own.select_related("agency")
        groups.label_from_instance = lambda row: row.label
        employers: Any = self.fields["employer"]
        employers.queryset = Employer.objects.visible_to(actor).filter(active=True)

    def clean(self) -> dict[str, Any]:
        """A member who handles records needs at least one group, a filler and nobody else an employer."""
        data = super().clean() or self.cleaned_data
        handles = data.get("role") in (Role.FILLER, Role.CLERK, Role.REVIEWER)
        if handles and not data.get("responsibilities") and "responsibilities" not in self.errors:
            self.add_error("responsibilities", "请至少选择一类可办理的重点人群。")
        if data.get("role") and "employer" not in self.errors:
            if data["role"] == Role.FILLER and not data.get("employer"):
                self.add_error("employer", "填报员须选择所属单位。")
            elif data["role"] != Role.FILLER and data.get("employer"):
                self.add_error("employer", "只有填报员选择所属单位，其他角色请不要选择。")
        return data


class GroupsForm(forms.Form):
    """Further groups for a member."""

    responsibilities = forms.ModelMultipleChoiceField(
        label="增加可办理的重点人群",
        queryset=Responsibility.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一类重点人群。",
            "invalid_choice": "所选人群不由本单位负责，或者已经可以办理，请重新选择。",
            "invalid_pk_value": "所选人群不由本单位负责，请重新选择。",
        },
    )

    def __init__(self, *args: Any, actor: Actor, held: Iterable[int], **options: Any) -> None:
        super().__init__(*args, **options)
        own = Responsibility.objects.visible_to(actor).filter(agency_id=actor.own_agency, undecided=False)
        groups: Any = self.fields["responsibilities"]
        groups.queryset = own.filter(ended_on=None).exclude(pk__in=list(held)).select_related("agency")
        groups.label_from_instance = lambda row: row.label


class EmployerForm(forms.Form):
    """A new employer below the agency."""

    name = forms.CharField(label="名称", max_length=100, error_messages={"required": "请填写名称。"})
    credit_code = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        required=False,
        help_text="18 位，可以先不填。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "num"}),
    )

    def clean_credit_code(self) -> str:
        """Judge the code by GB 32100-2015."""
        text: str = self.cleaned_data["credit_code"].strip()
        if not text:
            return ""
        try:
            return parse_credit_code(text).number
        except Invalid as wrong:
            raise forms.ValidationError(wrong.problem.message, code=wrong.problem.code) from wrong
