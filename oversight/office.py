"""归集总览: how far the county is and what is overdue, by group and month (AY-12, AY-14, AY-32)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.models import Role
from archives.models import Filing, IdentityRequest
from archives.states import FilingStatus, RequestStatus
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access
from notices.selectors import named_persons
from oversight.exports import queue_export
from oversight.forms import ReminderForm, YearForm
from oversight.heat import cells_of, punctuality, ranking
from oversight.people import listed
from oversight.progress import MONTHS, GroupProgress, Line, Progress, percent, progress_of
from oversight.reminders import last_reminded


def overview(request: Any) -> HttpResponse:
    """The first page of the credit office; `home` leads here."""
    actor, today = request.actor, timezone.localdate()
    form = YearForm(request.GET or None, actor=actor, today=today)
    progress = progress_of(actor, form.chosen, today=today)
    filings = Filing.objects.visible_to(actor).filter(status=FilingStatus.SUBMITTED).count()
    undecided = (RequestStatus.OFFICE, RequestStatus.DECIDED)
    identities = IdentityRequest.objects.visible_to(actor).filter(status__in=undecided).count()
    context = {
        **figures(progress),
        "form": form,
        "overdue": _overdue(actor, progress),
        "reminder_form": ReminderForm(),
        "filings": filings,
        "identities": identities,
    }
    return render(request, "home/office.html", context)


def figures(progress: Progress) -> dict[str, Any]:
    """Return what the overview shows of a year's progress. Asks the database nothing."""
    return {
        "year": progress.year,
        "months": MONTHS,
        "kpis": _kpis(progress),
        "rows": [{**_row(group, progress), "cells": cells_of(group, progress)} for group in progress.groups],
        "undecided": progress.undecided,
        "waiting": progress.waiting,
        "ranking": ranking(progress),
        "line": punctuality(progress),
        "nothing_overdue": f"{progress.year} 年度没有逾期未报的事项。",
    }


@access(Role.OFFICER)
@require_GET
def progress_group(request: Any, agency_id: int, occupation: str) -> HttpResponse:
    """One group, month by month: every figure with its denominator and the list behind it."""
    actor, today = request.actor, timezone.localdate()
    form = YearForm(request.GET or None, actor=actor, today=today)
    progress = progress_of(actor, form.chosen, today=today)
    found = [
        group
        for group in progress.groups
        if (group.responsibility.agency_id, group.responsibility.occupation) == (agency_id, occupation)
    ]
    if not found:
        raise Http404
    group = found[0]
    months = [
        {
            "number": number,
            "sealed": group.sealed_by(number),
            "percent": percent(group.sealed_by(number), group.people),
            "counts": month,
            "urls": {
                what: people_url(progress.year, group, what, number)
                for what in ("sealed", "due", "on_time", "late", "overdue")
            },
            "late": month.due - month.on_time,
        }
        for number, month in group.months.items()
        if number <= progress.shown
    ]
    row = _row(group, progress) | {
        f"{what}_count": listed(actor, what, progress.year, None, today)
        .filter(agency_id=agency_id, occupation=occupation)
        .count()
        for what in ("missing", "beyond")
    }
    context = {"form": form, "year": progress.year, "row": row, "months": months}
    return render(request, "oversight/group.html", context)


@access(Role.OFFICER)
@require_POST
def progress_export(request: Any) -> HttpResponse:
    """Queue the workbook of a year."""
    form = YearForm(request.POST, actor=request.actor, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "年度无法识别，没有导出。请重新选择年度。")
        return redirect("home")
    try:
        job = queue_export(year=form.chosen, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("home")
    return redirect("job", job.pk)


def people_url(year: int, group: GroupProgress, what: str, month: int | None = None) -> str:
    """Return the address of the list behind a figure of a group."""
    row = group.responsibility
    query: dict[str, Any] = {
        "what": what,
        "year": year,
        "agency": row.agency_id,
        "occupation": row.occupation,
    }
    if month is not None:
        query["month"] = month
    return f"{reverse('progress-people')}?{urlencode(query)}"


def _row(group: GroupProgress, progress: Progress) -> dict[str, Any]:
    row = group.responsibility
    group_url = reverse("progress-group", args=[row.agency_id, row.occupation])
    return {
        "group": row.label,
        "agency": row.agency.name,
        "url": f"{group_url}?year={progress.year}",
        "people": group.people,
        "expected": group.coverage.expected,
        "beyond": group.coverage.beyond,
        "built": group.built,
        "sealed": group.sealed,
        "percent": percent(group.sealed, group.people),
        "urls": {
            what: people_url(progress.year, group, what) for what in ("roster", "beyond", "sealed", "missing")
        },
    }


def _kpis(progress: Progress) -> list[dict[str, Any]]:
    people, built, sealed = (progress.total(name) for name in ("people", "built", "sealed"))
    beyond = sum(group.coverage.beyond for group in progress.groups)
    due, on_time = (progress.total_of_months(name) for name in ("due", "on_time"))
    overdue = sum(line.count for line in progress.lines)
    groups = len({line.responsibility.pk for line in progress.lines})
    share = percent(on_time, due)
    return [
        {"label": "应建档", "value": people, "note": f"名册 {people - beyond:,} 人，名册外 {beyond:,} 人"},
        {"label": "已建档", "value": built, "note": f"占应建 {_share(built, people)}"},
        {"label": "已确认", "value": sealed, "note": f"占应建 {_share(sealed, people)}"},
        {
            "label": "按时报送率",
            "value": "—" if share is None else f"{share}%",
            "note": f"应报 {due:,} 件，按时 {on_time:,} 件",
            "bad": share is not None and share < 95,
        },
        {
            "label": "逾期未报",
            "value": overdue,
            "note": f"涉及 {groups} 类人群" if overdue else "没有逾期",
            "bad": overdue > 0,
            **({"url": "#overdue", "link": "去催报"} if overdue else {}),
        },
    ]


def _share(part: int, whole: int) -> str:
    found = percent(part, whole)
    return "—" if found is None else f"{found}%"


def _overdue(actor: Actor, progress: Progress) -> list[dict[str, Any]]:
    reminded = last_reminded(actor) if progress.lines else {}
    persons = named_persons(line.responsibility for line in progress.lines) if progress.lines else {}
    return [_overdue_row(line, progress, reminded, persons) for line in progress.lines]


def _overdue_row(line: Line, progress: Progress, reminded: Any, persons: Any) -> dict[str, Any]:
    row, at = line.responsibility, reminded.get(line.key)
    query: dict[str, Any] = {"agency": row.agency_id, "occupation": row.occupation}
    if line.what == "record":
        query |= {"what": "missing", "year": progress.year}
    else:
        query |= {"what": "overdue", "year": line.month.year, "month": line.month.month}
    return {
        "line": line,
        "url": f"{reverse('progress-people')}?{urlencode(query)}",
        "days": (progress.today - line.since).days,
        "reminded": timezone.localtime(at) if at else None,
        "today": bool(at) and timezone.localtime(at).date() == progress.today,
        "persons": "、".join(member.user.display_name for member in persons[row.pk]),
    }
