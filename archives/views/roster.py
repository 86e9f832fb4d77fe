"""应建档人员名册: how many should have an archive and have one, who they are, joiners and leavers (AY-12)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Employer, Responsibility, Role
from agencies.requests import place_of
from archives.coverage import coverage_by_employer, entries_of
from archives.forms import StampedRosterForm
from archives.list_forms import FindForm
from archives.models import RosterEntry
from archives.occupations import occupations_of
from archives.roster_forms import JoinForm, LeaveForm, RosterFilterForm
from archives.services.openings import queue_opening
from archives.services.people import NotReadable
from archives.services.roster import KEEPERS, enrol, leave_roster
from archives.services.transfers import DIRECT
from archives.services.years import is_closed
from archives.views.finding import Finding, finding_of, start_finding
from audit import journal
from audit.lifecycle import Refused
from credit_platform.tenancy.plans import joining_wholes
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

FINDERS = (Role.FILLER, Role.CLERK, Role.REVIEWER)
READERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)


@access(*READERS)
@require_GET
def roster(request: Any) -> HttpResponse:
    """应建, 已建, 建档率 of each group at each employer; every number leads to its list."""
    actor, today = request.actor, timezone.localdate()
    form = RosterFilterForm(request.GET or None, actor=actor, today=today)
    year = (form.cleaned_data.get("year") if form.is_bound and form.is_valid() else None) or today.year
    labels = occupations_of(actor.jurisdiction_id)
    names = dict(Employer.objects.visible_to(actor).values_list("id", "name"))
    agencies = {
        r.agency_id: r.agency.name for r in Responsibility.objects.visible_to(actor).select_related("agency")
    }
    rows = []
    with joining_wholes():
        coverage = coverage_by_employer(actor, year)
    for (agency, occupation, employer), counts in coverage.items():
        query: dict[str, Any] = {"year": year, "occupation": occupation}
        if employer and actor.kind == "agency":
            query["employer"] = employer
        elif actor.kind == "agency":
            query["direct"] = "1"
        place = names.get(employer, DIRECT) if employer else DIRECT
        rows.append(
            {
                "label": labels[agency, occupation].label,
                "place": f"{agencies[agency]} {place}" if actor.kind == "office" else place,
                "counts": counts,
                "url": f"{reverse('roster-list')}?{urlencode(query)}",
            }
        )
    rows.sort(key=lambda row: (row["label"], row["place"]))
    closed = is_closed(place_of(request), year, today=today)
    context = {"rows": rows, "year": year, "form": form, "keeps": actor.role in KEEPERS, "closed": closed}
    if actor.role in KEEPERS and not closed:
        context["opening"] = _opening_form(request, year, today)
    return render(request, "archives/roster.html", context)


def _opening_form(request: Any, year: int, today: dt.date) -> StampedRosterForm | None:
    """For whom archives are opened; only the years that are open, as no other can be opened for many at once."""
    form = StampedRosterForm(actor=request.actor, today=today, auto_id="open_%s", initial={"year": year})
    years: Any = form.fields["year"]
    place = place_of(request)
    years.choices = [(one, label) for one, label in years.choices if not is_closed(place, one, today=today)]
    return form if years.choices else None


@access(*READERS)
@require_GET
def roster_list(request: Any) -> HttpResponse:
    """Who counts in a year, masked, 50 a page; the look is journalled."""
    return _people(request, finding_of(request))


@access(*FINDERS)
@require_http_methods(["GET", "POST"])
def roster_find(request: Any) -> HttpResponse:
    """Look for somebody on the roster: lead to those found, or say what is wrong with what was typed."""
    if request.method != "POST":
        return redirect(f"{reverse('roster-list')}?{request.GET.urlencode()}")
    form = FindForm(request.POST, today=timezone.localdate())
    if word := start_finding(request, form):
        return redirect(f"{reverse('roster-list')}?{urlencode({'found': word})}")
    return _people(request, Finding(form=form), status=422)


def _people(request: Any, finding: Finding, status: int = 200) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    form = RosterFilterForm(request.GET or None, actor=actor, today=today)
    chosen: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        chosen = {name: value for name, value in form.cleaned_data.items() if value}
    year = chosen.pop("year", today.year)
    built = chosen.pop("built", "")
    direct = chosen.pop("direct", False)
    entries = entries_of(actor, year).filter(**chosen).select_related("employer")
    if direct:
        entries = entries.filter(employer=None)
    if built:
        entries = entries.filter(built=built == "1")
    if finding.sought is not None:
        entries = entries.filter(finding.sought.entries())
    if form.errors or finding.failed:
        entries = entries.none()
    page = keyset_page(request, entries, order="name_sort")
    labels = occupations_of(actor.jurisdiction_id)
    rows = [
        {"entry": one, "label": labels[one.agency_id, one.occupation].label, "place": one.employer or DIRECT}
        for one in page.rows
    ]
    if rows:
        data = {"ids": [str(one.pk) for one in page.rows], "filters": finding.told}
        label = f"应建档名册（{len(rows)} 人）"
        journal.look("roster_entry.listed", actor=actor, subject_label=label, data=data)
    context = {
        "rows": rows,
        "pager": page,
        "form": form,
        "year": year,
        "keeps": actor.role in KEEPERS,
        "closed": is_closed(place_of(request), year, today=today),
        "filtered": bool(request.GET or finding.failed),
        "finding": finding if actor.role in FINDERS else None,
        "find_url": reverse("roster-find"),
        "total": entries.count(),
    }
    return render(request, "archives/roster_list.html", context, status=status)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def roster_add(request: Any) -> HttpResponse:
    """Put one person on the roster."""
    actor, today = request.actor, timezone.localdate()
    form = JoinForm(request.POST or None, actor=actor, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            entry = enrol(
                responsibility=form.cleaned_data["responsibility"],
                employer=form.cleaned_data["employer"],
                raw=form.raw_identity(),
                joined_on=form.cleaned_data["joined_on"],
                actor=actor,
                today=today,
            )
        except NotReadable as wrong:
            for problem in wrong.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{entry.name} 已列入名册。")
            return redirect("roster-add")
    return render(request, "archives/roster_add.html", {"form": form}, status=422 if form.errors else 200)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def roster_entry(request: Any, entry_id: UUID) -> HttpResponse:
    """One person's time on the roster (journalled); POST ends it."""
    actor, today = request.actor, timezone.localdate()
    entries = RosterEntry.objects.visible_to(actor).select_related("employer")
    entry = get_object_or_404(entries, id=entry_id)
    form = LeaveForm(request.POST or None, initial={"left_on": today})
    if request.method == "POST" and form.is_valid():
        on, reason = form.cleaned_data["left_on"], form.cleaned_data["reason"]
        try:
            leave_roster(entry=entry, on=on, reason=reason, actor=actor, today=today)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{entry.name} 已移出名册，档案不变。")
            return redirect("roster-entry", entry.pk)
    journal.look("roster_entry.read", actor=actor, subject=entry)
    label = occupations_of(actor.jurisdiction_id)[entry.agency_id, entry.occupation].label
    context = {"entry": entry, "label": label, "place": entry.employer or DIRECT, "form": form}
    return render(request, "archives/roster_entry.html", context, status=422 if form.errors else 200)


@access(*KEEPERS)
@require_POST
def roster_open(request: Any) -> HttpResponse:
    """Queue the opening of archives for everybody on the roster who has none."""
    form = StampedRosterForm(request.POST, actor=request.actor, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "人群、年度或所属单位无法识别，没有建档。请重新选择。")
        return redirect("roster")
    try:
        job = queue_opening(**form.cleaned_data, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("roster")
    return redirect("job", job.pk)
