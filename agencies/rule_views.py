"""地方规则 as pages: every rule of the place with its clause and since when, what was loaded, groups that wait."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.clauses import DOCUMENTS, citation
from agencies.models import Jurisdiction, LoadedPack, Responsibility, Role
from agencies.packrules import SECTIONS, since
from agencies.rollout import open_group
from audit.lifecycle import Refused
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


@access(Role.OFFICER, Role.AGENCY_ADMIN)
@require_GET
def rules(request: Any) -> HttpResponse:
    """Every rule that holds, by section, with its clause, whom it is taken over from, since when; and the history."""
    actor = request.actor
    history = list(LoadedPack.objects.visible_to(actor)[:MOST_LOADED])
    rows = Responsibility.objects.visible_to(actor).select_related("agency")
    waiting = [row for row in rows if row.awaits and not row.undecided]
    context = {
        "place": Jurisdiction.objects.get(id=actor.jurisdiction_id),
        "sections": _sections(history),
        "documents": _documents(history),
        "loaded": [{"row": row, "at": timezone.localtime(row.loaded_at)} for row in history],
        "waiting": waiting,
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


def _sections(history: list[LoadedPack]) -> list[dict[str, Any]]:
    """The rules of the latest loading by section, each as a row of the page."""
    if not history:
        return []
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in history[0].rules:
        began = since(rule, history)
        row = {**rule, "cites": citation(rule["clause"]), "since": began and timezone.localtime(began)}
        found.setdefault(rule["section"], []).append(row)
    return [
        {"title": title, "key": key, "rows": found[key]} for key, title in SECTIONS.items() if key in found
    ]


def _documents(history: list[LoadedPack]) -> list[str]:
    """The documents that the rules cite."""
    cited = {rule["clause"][:2] for rule in history[0].rules} if history else set()
    return [f"{one.number}《{one.title}》" for prefix, one in DOCUMENTS.items() if prefix in cited]
