"""地方规则 as pages: every rule of the place with its clause and since when, what was loaded, groups that wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.associations import add_association
from agencies.clauses import DOCUMENTS, citation
from agencies.groups import add_group
from agencies.models import Agency, Jurisdiction, LoadedPack, Responsibility, Role
from agencies.packrules import BY_THE_OFFICE, SECTIONS, since
from agencies.rollout import open_group
from archives.schema.composed import ALWAYS, CONTENTS
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access

MOST_LOADED = 50


class OpenGroupForm(forms.Form):
    """From when a group is opened, and why."""

    opens_on = forms.DateField(
        label="开放日期",
        help_text="从这一天起建档，所在年度起计入应建。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写开放日期。", "invalid": "请按 2026-03-01 的样式填写日期。"},
    )
    reason = forms.CharField(
        label="依据或原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "请写明依据或原因。",
            "max_length": "最多 300 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )


class NewGroupForm(forms.Form):
    """A group put together from the sixteen kinds of content."""

    label = forms.CharField(
        label="人群名称",
        max_length=40,
        error_messages={
            "required": "请填写人群名称。",
            "max_length": "人群名称最多 40 个字，请精简后重新填写。",
            "null_characters_not_allowed": "人群名称含有无法识别的字符，请重新填写。",
        },
    )
    agency = forms.ModelChoiceField(
        label="责任单位",
        queryset=Agency.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择责任单位。",
            "invalid_choice": "没有这个责任单位，请从列表中选择。",
        },
    )
    basis = forms.CharField(
        label="建档依据",
        max_length=60,
        help_text="文件名称或文号，以及条款。没有依据的，不得采集个人信息。",
        error_messages={
            "required": "请填写建档依据。",
            "max_length": "建档依据最多 60 个字，请精简后重新填写。",
            "null_characters_not_allowed": "建档依据含有无法识别的字符，请重新填写。",
        },
    )
    opens_on = forms.DateField(
        label="开放日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写开放日期。", "invalid": "请按 2026-03-01 的样式填写日期。"},
    )
    contents = forms.MultipleChoiceField(
        label="档案内容（另有个人基本信息、从业履历、奖惩情况、相关违法违纪违约行为，每类人群都有）",
        required=False,
        choices=[(code, label) for code, label in CONTENTS.items() if code not in ALWAYS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选档案内容不在列表中，请重新选择。"},
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        agencies: Any = self.fields["agency"]
        agencies.queryset = Agency.objects.filter(jurisdiction_id=actor.jurisdiction_id, active=True)


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def group_new(request: Any) -> HttpResponse:
    """Add a group of the place without code (GZ-05)."""
    today = timezone.localdate()
    given = request.POST if request.method == "POST" else None
    form = NewGroupForm(given, actor=request.actor, initial={"opens_on": today})
    if form.is_valid():
        try:
            row = add_group(actor=request.actor, today=today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"已增设“{row.label}”，由{row.agency.name}负责；请该单位管理员为人员增加人群。"
            )
            return redirect("responsibilities")
    return render(request, "agencies/group_new.html", {"form": form}, status=422 if form.errors else 200)


class AssociationForm(forms.Form):
    """An association or chamber that keeps archives of its members."""

    name = forms.CharField(
        label="协会、商会名称",
        max_length=60,
        help_text="登记证书上的全称。",
        error_messages={
            "required": "请填写协会、商会名称。",
            "max_length": "名称最多 60 个字，请精简后重新填写。",
            "null_characters_not_allowed": "名称含有无法识别的字符，请重新填写。",
        },
    )
    opens_on = forms.DateField(
        label="开放日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写开放日期。", "invalid": "请按 2026-03-01 的样式填写日期。"},
    )


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def association_new(request: Any) -> HttpResponse:
    """Register an association as a smaller tenant (GZ-11, LL-06, PD-14, ZD-17)."""
    today = timezone.localdate()
    form = AssociationForm(request.POST if request.method == "POST" else None, initial={"opens_on": today})
    if form.is_valid():
        try:
            row = add_association(actor=request.actor, today=today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已登记{row.agency.name}；请平台运维为其设立单位管理员。")
            return redirect("responsibilities")
    return render(
        request, "agencies/association_new.html", {"form": form}, status=422 if form.errors else 200
    )


@access(Role.OFFICER, Role.AGENCY_ADMIN)
@require_GET
def rules(request: Any) -> HttpResponse:
    """Every rule that holds, by section, with its clause, whom it is taken over from, since when; and the history."""
    actor = request.actor
    history, today = list(LoadedPack.objects.visible_to(actor)), timezone.localdate()
    rows = list(Responsibility.objects.visible_to(actor).select_related("agency"))
    waiting = [row for row in rows if row.awaits and not row.undecided and row.ended_on is None]
    context = {
        "place": Jurisdiction.objects.get(id=actor.jurisdiction_id),
        "sections": _sections(history, rows),
        "documents": _documents(history),
        "loaded": [{"row": row, "at": timezone.localtime(row.loaded_at)} for row in history[:MOST_LOADED]],
        "waiting": waiting,
        "added": [
            {
                "row": row,
                "contents": "、".join(_content(row, code) for code in row.contents),
                "over": row.ended_on is not None and row.ended_on <= today,
            }
            for row in rows
            if row.local
        ],
        "opens": actor.role == Role.OFFICER,
    }
    return render(request, "agencies/rules.html", context)


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def group_open(request: Any, responsibility_id: int) -> HttpResponse:
    """Set the day from which a waiting group is opened."""
    rows = Responsibility.objects.visible_to(request.actor).select_related("agency")
    group = get_object_or_404(rows, pk=responsibility_id)
    today = timezone.localdate()
    form = OpenGroupForm(request.POST if request.method == "POST" else None, initial={"opens_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            open_group(responsibility=group, actor=request.actor, today=today, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            day: dt.date = form.cleaned_data["opens_on"]
            messages.success(request, f"“{group.label}”自 {day:%Y-%m-%d} 起开放建档。")
            return redirect("rules")
    context = {"form": form, "group": group, "cites": citation(group.clause)}
    return render(request, "agencies/group_open.html", context, status=422 if form.errors else 200)


def _content(row: Responsibility, code: str) -> str:
    """The name of a content, and from which year on it stands on the form if not from the first."""
    since = row.contents_since.get(code)
    return f"{CONTENTS[code]}（{since} 年度起）" if since else CONTENTS[code]


def _sections(history: list[LoadedPack], groups: Iterable[Responsibility]) -> list[dict[str, Any]]:
    """The rules of the latest loading by section, each as a row of the page; of a group that the office has opened, the
    day that it set."""
    if not history:
        return []
    opened = {f"responsibilities:{one.occupation}:{one.agency.code}": one for one in groups if one.wave}
    found: dict[str, list[dict[str, Any]]] = {}
    days = {rule["key"]: rule["text"] for rule in history[0].rules if rule["section"] == "waves"}
    for rule in history[0].rules:
        began, group = since(rule, history), opened.get(rule["key"])
        row = {**rule, "cites": citation(rule["clause"]), "since": began and timezone.localtime(began)}
        if group and group.opens_on and days.get(f"waves:{group.wave}") == BY_THE_OFFICE:
            row["text"] += f"；信用工作机构定于 {group.opens_on:%Y-%m-%d} 开放"
        found.setdefault(rule["section"], []).append(row)
    return [
        {"title": title, "key": key, "rows": found[key]} for key, title in SECTIONS.items() if key in found
    ]


def _documents(history: list[LoadedPack]) -> list[str]:
    """The documents that the rules cite."""
    cited = {rule["clause"][:2] for rule in history[0].rules} if history else set()
    return [f"{one.number}《{one.title}》" for prefix, one in DOCUMENTS.items() if prefix in cited]
