"""The lists behind the figures: masked, fifty a page, each look journalled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.models import Responsibility, Role
from archives.coverage import beyond_roster, entries_of
from archives.models import Outbox, RecordPart, RosterEntry
from archives.selectors import parts_visible_to
from audit import journal
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from oversight.forms import WHATS, PeopleForm
from oversight.progress import ON_TIME, due_versions, first_seals, midnight, overdue_versions, year_bounds

_DELIVERIES = ("due", "on_time", "late", "overdue")


@access(Role.OFFICER)
@require_GET
def progress_people(request: Any) -> HttpResponse:
    """The people, or versions, that a figure counts."""
    actor, today = request.actor, timezone.localdate()
    form = PeopleForm(request.GET, actor=actor, today=today)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data
    year, what, month = form.chosen, chosen["what"], chosen["month"]
    found = listed(actor, what, year, month, today)
    group = {"agency_id": chosen["agency"], "occupation": chosen["occupation"]}
    found = found.filter(**{name: value for name, value in group.items() if value}).select_related("employer")
    order = "due_at" if what in _DELIVERIES else "name_sort"
    page = keyset_page(request, found, order=order)
    labels = {
        (row.agency_id, row.occupation): row
        for row in Responsibility.objects.visible_to(actor).select_related("agency")
    }
    rows = [_shown(row, labels) for row in page.rows]
    if rows:
        ids = [str(row.pk) for row in page.rows]
        label = f"{WHATS[what]}（{len(rows)} 条）"
        data = {"what": what, "year": year, "month": month, "ids": ids}
        journal.look("progress.listed", actor=actor, subject_label=label, data=data)
    responsibility = labels.get((chosen["agency"], chosen["occupation"]))
    context = {
        "title": WHATS[what],
        "what": what,
        "year": year,
        "month": month,
        "responsibility": responsibility,
        "back": _back(responsibility, year),
        "rows": rows,
        "pager": page,
        "total": found.count(),
        "deliveries": what in _DELIVERIES,
    }
    return render(request, "oversight/people.html", context)


def listed(actor: Actor, what: str, year: int, month: int | None, today: dt.date) -> QuerySet[Any]:
    """Return what a figure counts: `what` is one of `WHATS`, `month` None for the whole year."""
    if what == "roster":
        return _on_roster(actor, year)
    if what == "missing":
        return _on_roster(actor, year).exclude(Exists(_sealed_records(actor, year)))
    if what == "beyond":
        return beyond_roster(actor, year).filter(current_version__gt=0)
    if what == "sealed":
        seals = first_seals(actor, year).filter(part=OuterRef("pk"))
        if month is not None:
            seals = seals.filter(sealed_at__lt=_month_end(year, month))
        return parts_visible_to(actor).filter(Exists(seals), year=year)
    return _deliveries(actor, what, year, month, today)


def _on_roster(actor: Actor, year: int) -> QuerySet[Any]:
    """Everybody once: who left and came back within the year has two entries, the later one is shown."""
    later = entries_of(actor, year).filter(
        agency_id=OuterRef("agency_id"),
        occupation=OuterRef("occupation"),
        number_index=OuterRef("number_index"),
        id__gt=OuterRef("id"),
    )
    groups = Responsibility.objects.visible_to(actor).filter(
        agency_id=OuterRef("agency_id"), occupation=OuterRef("occupation")
    )
    owed = Exists(groups.open_in(year)) | Q(Exists(groups.moved_in(year)), built=True)
    return entries_of(actor, year).filter(owed).exclude(Exists(later))


def _sealed_records(actor: Actor, year: int) -> QuerySet[RecordPart]:
    return RecordPart.objects.visible_to(actor).filter(
        year=year,
        current_version__gt=0,
        agency_id=OuterRef("agency_id"),
        occupation=OuterRef("occupation"),
        record__archive__number_index=OuterRef("number_index"),
    )


def _deliveries(actor: Actor, what: str, year: int, month: int | None, today: dt.date) -> QuerySet[Any]:
    found = overdue_versions(actor, today) if what == "overdue" else due_versions(actor, today)
    since, until = year_bounds(year)
    if month is not None:
        since, until = midnight(dt.date(year, month, 1)), _month_end(year, month)
    found = found.filter(due_at__gte=since, due_at__lt=until)
    if what == "on_time":
        found = found.filter(ON_TIME)
    if what == "late":
        found = found.exclude(ON_TIME)
    return found.select_related("part", "item", "employer")


def _month_end(year: int, month: int) -> dt.datetime:
    return midnight(dt.date(year + month // 12, month % 12 + 1, 1))


def _shown(row: Any, labels: Any) -> dict[str, Any]:
    responsibility = labels.get((row.agency_id, row.occupation))
    shown: dict[str, Any] = {
        "group": responsibility.label if responsibility else row.occupation,
        "agency": responsibility.agency.name if responsibility else "",
        "employer": row.employer.name if row.employer else "",
    }
    if isinstance(row, Outbox):
        head = row.head
        address = "record" if row.item_id is None else "item"
        shown |= {"name": head.name, "id_mask": head.number_mask, "url": reverse(address, args=[head.pk])}
        shown |= {"kind": "年度记录" if row.item_id is None else "信用条目", "state": row.state}
        return shown | {
            "due": timezone.localtime(row.due_at).date(),
            "changed": timezone.localtime(row.changed_at),
        }
    shown |= {"name": row.name, "id_mask": row.number_mask}
    if isinstance(row, RosterEntry):
        return shown | {"url": "", "status": ""}
    return shown | {"url": reverse("record", args=[row.pk]), "status": "sealed"}


def _back(responsibility: Responsibility | None, year: int) -> str:
    if responsibility is None:
        return f"{reverse('home')}?year={year}"
    group = reverse("progress-group", args=[responsibility.agency_id, responsibility.occupation])
    return f"{group}?year={year}"
