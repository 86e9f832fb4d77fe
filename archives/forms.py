"""Forms around the record: opening an archive, filtering lists, reasons."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import F, QuerySet

from agencies.models import Employer, Responsibility, Role
from archives.schema import codes
from archives.schema.identifiers import DocumentType
from archives.services.people import years_of, years_open
from archives.services.years import default_year, year_label
from archives.states import NOT_SENT, Delivery, Status
from credit_platform.actors import Actor

ANY = ("", "全部")


def offer_years(form: forms.Form, groups: QuerySet[Responsibility], today: dt.date) -> None:
    """Offer the years of the place, with the one that is being worked on chosen; none before a group was opened."""
    field: Any = form.fields["year"]
    order = F("ended_on").asc(nulls_first=True), F("opens_on").asc(nulls_first=True)
    responsibility = groups.order_by(*order).first()
    if responsibility is None:
        field.choices = [(today.year, f"{today.year} 年度")]
        return
    place = responsibility.jurisdiction
    years = reversed(years_of(responsibility, today=today))
    field.choices = [(year, year_label(place, year, today=today)) for year in years]
    field.initial = default_year(place, today=today)


class IdentityFieldsForm(forms.Form):
    """Name and document. Both are judged by the schema, not here."""

    name = forms.CharField(
        label="姓名",
        error_messages={"required": "请填写姓名。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_type = forms.ChoiceField(
        label="证件类型",
        choices=list(codes.DOCUMENT_TYPES.labels.items()),
        initial=DocumentType.RESIDENT_ID.value,
        error_messages={
            "required": "请选择证件类型。",
            "invalid_choice": "没有这种证件类型，请从列表中选择。",
        },
    )
    document_number = forms.CharField(
        label="证件号码",
        error_messages={"required": "请填写证件号码。"},
        help_text="按所选证件填写；居民身份证为 18 位，末位如为字母请填 X。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "num"}),
    )

    def raw_identity(self) -> dict[str, Any]:
        """Return name and document as typed, for the schema."""
        return {name: self.data.get(name, "") for name in ("name", "document_type", "document_number")}


class OpenArchiveForm(IdentityFieldsForm):
    """Whom the new archive is about."""

    field_order = (
        "responsibility",
        "year",
        "employer",
        "name",
        "document_type",
        "document_number",
        "backfill_reason",
    )
    responsibility = forms.ModelChoiceField(
        label="重点人群",
        queryset=Responsibility.objects.none(),
        empty_label=None,
        error_messages={
            "required": "请选择重点人群。",
            "invalid_choice": "这个人群不由您办理，请重新选择。",
        },
    )
    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        error_messages={"required": "请选择年度。", "invalid_choice": "这个年度没有开放，请重新选择。"},
    )
    employer = forms.ModelChoiceField(
        label="所属单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label="（由责任单位直接管理）",
        error_messages={"invalid_choice": "所选所属单位不在本单位名下，请重新选择。"},
    )
    backfill_reason = forms.CharField(
        label="补录原因",
        required=False,
        max_length=500,
        help_text="只有补录已截止的年度时填写。",
        error_messages={"max_length": "补录原因最多 500 字，请删减。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields  # choices and querysets depend on who asks
        handled = Responsibility.objects.filled_by(actor).select_related("agency", "jurisdiction")
        fields["responsibility"].queryset = handled
        fields["responsibility"].label_from_instance = lambda row: row.label
        employers = Employer.objects.visible_to(actor).filter(active=True)
        fields["employer"].queryset = employers
        if actor.role == Role.FILLER:
            fields["employer"].empty_label = None
            self.fields["employer"].required = True
        offer_years(self, handled, today)


class PartFilterForm(forms.Form):
    """Filters of the list of records, in the address so that a list can be kept as a bookmark."""

    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "没有这个年度，请从列表中选择。"},
    )
    occupation = forms.ChoiceField(
        label="重点人群",
        required=False,
        error_messages={"invalid_choice": "没有这个人群，请从列表中选择。"},
    )
    status = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[ANY, *Status.choices],
        error_messages={"invalid_choice": "没有这个状态，请从列表中选择。"},
    )
    delivery = forms.ChoiceField(
        label="报送",
        required=False,
        # What is not sent is of no record's version in force.
        choices=[ANY, *(one for one in Delivery.choices if one[0] not in NOT_SENT)],
        error_messages={"invalid_choice": "没有这个报送状态，请从列表中选择。"},
    )
    employer = forms.ModelChoiceField(
        label="所属单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label="全部",
        error_messages={"invalid_choice": "没有这个所属单位，请从列表中选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields  # choices and querysets depend on who asks
        rows = Responsibility.objects.visible_to(actor).filter(undecided=False).select_related("jurisdiction")
        if actor.kind != "office":
            rows = rows.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        found = list(rows)
        years = years_open(found[0].jurisdiction, today=today) if found else range(today.year, today.year + 1)
        occupations = list(dict.fromkeys((row.occupation, row.label) for row in found))
        fields["year"].choices = [ANY, *((y, f"{y} 年度") for y in reversed(years))]
        fields["occupation"].choices = [ANY, *occupations]
        if actor.kind == "employer":
            del self.fields["employer"]
        else:
            fields["employer"].queryset = Employer.objects.visible_to(actor)
        if actor.kind == "office":
            del self.fields["status"], self.fields["employer"]


class ReviewFilterForm(PartFilterForm):
    """Filters of the reviewer's queue."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["status"], self.fields["delivery"]


class ReuseFilterForm(PartFilterForm):
    """Filters of those for whom last year's values could be taken over."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["status"], self.fields["delivery"], self.fields["year"]


class FilingForm(forms.Form):
    """Which group and year to file."""

    responsibility = forms.ModelChoiceField(
        label="重点人群",
        queryset=Responsibility.objects.none(),
        empty_label=None,
        error_messages={
            "required": "请选择重点人群。",
            "invalid_choice": "这个人群不由您办理，请重新选择。",
        },
    )
    year = forms.TypedChoiceField(
        label="年度",
        coerce=int,
        error_messages={"required": "请选择年度。", "invalid_choice": "这个年度没有开放，请重新选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields  # choices and querysets depend on who asks
        handled = Responsibility.objects.filled_by(actor).select_related("agency", "jurisdiction")
        fields["responsibility"].queryset = handled
        fields["responsibility"].label_from_instance = lambda row: row.label
        offer_years(self, handled, today)


class StampedRosterForm(FilingForm):
    """Whose confirmed versions to print as a 名册."""

    employer = forms.ModelChoiceField(
        label="所属单位",
        queryset=Employer.objects.none(),
        required=False,
        empty_label="全部",
        error_messages={"invalid_choice": "没有这个所属单位，请重新选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, actor=actor, today=today, **options)
        field: Any = self.fields["employer"]
        field.queryset = Employer.objects.visible_to(actor)


class WorkbookForm(StampedRosterForm):
    """Whose workbook to make. Who fills in for an employer is not asked which."""

    split = forms.BooleanField(
        label="按所属单位分开，每个单位一份（压缩包）",
        required=False,
        help_text="没有账号的所属单位也有一份。",
    )

    def __init__(self, *args: Any, actor: Actor, today: dt.date, **options: Any) -> None:
        super().__init__(*args, actor=actor, today=today, **options)
        if actor.kind == "employer":
            del self.fields["employer"], self.fields["split"]
        else:
            field: Any = self.fields["employer"]
            field.queryset = field.queryset.filter(active=True)

    def clean(self) -> dict[str, Any]:
        """Refuse to split what is one employer's."""
        values = super().clean() or self.cleaned_data
        if values.get("split") and values.get("employer"):
            self.add_error("split", "已选定一个所属单位，不能再分开。请取消勾选，或把所属单位改为“全部”。")
        return values

    def chosen(self) -> dict[str, Any]:
        """Return what the service asks for."""
        return {"employer": None, "split": False, **self.cleaned_data}


class ScanForm(forms.Form):
    """The scan of a stamped roster, and the day on the stamp; `again`: instead of a scan that is there already."""

    stamped_on = forms.DateField(
        label="盖章日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "请填写盖章日期。",
            "invalid": "盖章日期应写成 2026-03-01 的样子，请重新填写。",
        },
    )
    scan = forms.FileField(
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        max_length=None,
        error_messages={
            "required": "没有选择文件。请先选择扫描件。",
            "invalid": "没有选择文件。请先选择扫描件。",
            "missing": "没有选择文件。请先选择扫描件。",
            "empty": "文件是空的，没有内容。请核对后重新选择。",
        },
    )

    def __init__(self, *args: Any, again: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        what = "重新上传扫描件" if again else "盖章名册的扫描件"
        self.fields["scan"].label = f"{what}（PDF、JPG 或 PNG，不超过 20 MB）"
