"""Forms of 转出 and 转入: to whom and on what document; who it is said to be; under which employer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from agencies.models import Employer, Jurisdiction, Responsibility
from archives.forms import OpenArchiveForm
from archives.schema.members import MEMBERS
from archives.services.transfers import DIRECT
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM

_UNREADABLE = "含有无法识别的字符，请重新填写。"


class PlaceForm(forms.Form):
    """The county of the new unit; in the address, as it is nobody's secret."""

    place = forms.ModelChoiceField(
        label="接收单位所在地",
        queryset=Jurisdiction.objects.none(),
        empty_label=None,
        error_messages={"required": "请选择接收单位所在地。", "invalid_choice": "没有这个地方，请重新选择。"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["place"]
        field.queryset = Jurisdiction.objects.exclude(pk=PLATFORM).order_by("code")


class ProposeForm(forms.Form):
    """To which unit and group, by which document, and why."""

    to = forms.ModelChoiceField(
        label="接收单位和人群",
        queryset=Responsibility.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择接收单位和人群。",
            "invalid_choice": "所选单位现在不能接收，请重新选择。",
        },
    )
    document_no = forms.CharField(
        label="调令或文书文号",
        max_length=100,
        help_text="例如“教体人〔2026〕12 号”。只写文号，不写姓名：接收单位核对人员以前就能看到。",
        error_messages={
            "required": "请填写调令或文书文号。",
            "max_length": "最多 100 个字，请精简后重新填写。",
            "null_characters_not_allowed": _UNREADABLE,
        },
    )
    reason = forms.CharField(
        label="转出原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="接收单位核对人员以后可以看到。",
        error_messages={
            "required": "请写明转出原因。",
            "max_length": "最多 500 个字，请精简后重新填写。",
            "null_characters_not_allowed": _UNREADABLE,
        },
    )

    def __init__(self, *args: Any, place: Jurisdiction, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["to"]
        rows = Responsibility.objects.filter(jurisdiction=place, agency__active=True).open_on(today)
        rows = rows.exclude(occupation=MEMBERS)
        if place.pk == actor.jurisdiction_id:
            rows = rows.exclude(agency_id=actor.own_agency)
        field.queryset = rows.select_related("agency", "successor").order_by("agency__name", "position")
        field.label_from_instance = lambda row: f"{row.agency.name}：{row.label}"


class CheckForm(OpenArchiveForm):
    """Who it is, as the new unit has it from the person's own document. Judged by the schema, not here."""

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, actor=actor, today=today, **options)
        for name in ("responsibility", "year", "employer", "backfill_reason"):
            del self.fields[name]


class ReceiveForm(forms.Form):
    """Under which employer of the new unit the person works."""

    employer = forms.ModelChoiceField(
        label="所属单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label=DIRECT,
        error_messages={"invalid_choice": "所选所属单位不在本单位名下，或者已经停用，请重新选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["employer"]
        field.queryset = Employer.objects.visible_to(actor).filter(active=True)
