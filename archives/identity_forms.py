"""Forms about identities: asking for a further document or a correction, and what the office decides."""

from __future__ import annotations

from typing import Any

from django import forms

from agencies.models import Responsibility
from archives.forms import IdentityFieldsForm
from archives.states import Finding, RequestKind
from credit_platform.actors import Actor


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
        error_messages={
            "required": f"请填写{label}。",
            "max_length": "最多 500 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )


_EVIDENCE = "写明核对过的证件或材料，例如“居民身份证原件”。请不要填写证件号码。"


class RequestForm(IdentityFieldsForm):
    """A further document of the person, or the right name and number."""

    kind = forms.ChoiceField(
        label="办理事项",
        choices=[
            (RequestKind.CORRECTION.value, "更正身份：建档时姓名或证件填错了"),
            (RequestKind.DOCUMENT.value, "登记另一证件：同一人还有别的证件"),
            (RequestKind.REMOVAL.value, "注销证件：登记的另一证件不是此人的"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选择办理事项。",
            "invalid_choice": "没有这种事项，请重新选择。",
        },
    )
    primary = forms.BooleanField(label="以这个证件为主（只用于登记另一证件）", required=False)
    replaces = forms.BooleanField(
        label="换领：档案登记的证件已停用（只用于登记另一证件）",
        required=False,
        help_text="停用的证件仍保留记录，照旧文书仍能认出本人。",
    )
    reason = _text("原因", "例如“录入时看错一位”“换领了居民身份证”。请不要填写证件号码。")
    evidence = _text("依据的材料", _EVIDENCE)
    field_order = (
        "kind",
        "name",
        "document_type",
        "document_number",
        "primary",
        "replaces",
        "reason",
        "evidence",
    )


class ClaimForm(IdentityFieldsForm):
    """Whose number is registered under another name."""

    responsibility = forms.ModelChoiceField(
        label="重点人群",
        queryset=Responsibility.objects.none(),
        empty_label=None,
        error_messages={
            "required": "请选择重点人群。",
            "invalid_choice": "这个人群不由您办理，请重新选择。",
        },
    )
    reason = _text("原因", "例如“建档时提示已登记为另一姓名”。请不要填写证件号码。")
    evidence = _text("依据的材料", _EVIDENCE)
    field_order = ("responsibility", "name", "document_type", "document_number", "reason", "evidence")

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["responsibility"]
        field.queryset = Responsibility.objects.handled_by(actor).select_related("agency", "jurisdiction")
        field.label_from_instance = lambda row: row.label


class FindingForm(forms.Form):
    """Whose name is right, as one member of the office finds."""

    finding = forms.ChoiceField(
        label="核实意见",
        choices=Finding.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选择核实意见。",
            "invalid_choice": "没有这种意见，请重新选择。",
        },
    )
    reason = _text("核实情况", "写明向谁、按什么材料核实。责任单位看得到。请不要填写证件号码。")


class MergeForm(forms.Form):
    """Why two are one, and on what that rests."""

    reason = _text("合并理由", "写明为什么认定是同一人。请不要填写证件号码。")
    evidence = _text("依据的材料", "例如“本人提供的护照和居民身份证原件”。请不要填写证件号码。")
