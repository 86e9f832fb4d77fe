"""Pages of delivery: batches for the office, own records for an agency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.models import Role
from archives.items import kind_of
from archives.models import Item, Outbox
from archives.occupations import occupations_of
from audit import journal
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from delivery.models import Batch, Target


@access(Role.CLERK, Role.REVIEWER, Role.OFFICER)
@require_GET
def delivery_list(request: Any) -> HttpResponse:
    """The office sees batches, an agency what became of its own sealed records."""
    if request.actor.role == Role.OFFICER:
        return _batches(request)
    return _own_records(request)


@access(Role.OFFICER)
@require_GET
def batch(request: Any, batch_id: UUID) -> HttpResponse:
    """One batch with the platform's answer to each record."""
    actor = request.actor
    found = get_object_or_404(Batch.objects.visible_to(actor), id=batch_id)
    lines = found.lines.select_related("agency", "outbox__part", "outbox__item")
    page = keyset_page(request, lines, order="position")
    ids = [str(line.record_id) for line in page.rows]
    journal.look("record.listed", actor=actor, subject=found, data={"ids": ids})
    context = {
        "batch": found,
        "target": _target_names(actor).get(found.target, found.target),
        "rows": [{"line": line, **_about(line.outbox)} for line in page.rows],
        "pager": page,
    }
    return render(request, "delivery/batch.html", context)


def _batches(request: Any) -> HttpResponse:
    actor = request.actor
    page = keyset_page(request, Batch.objects.visible_to(actor), order="created_at", descending=True)
    names = _target_names(actor)
    rows = [
        {"batch": b, "target": names.get(b.target, b.target), "at": timezone.localtime(b.created_at)}
        for b in page.rows
    ]
    unconfigured = [
        name
        for code, name in names.items()
        if code not in settings.PLATFORM_URLS or code not in settings.CREDIT_KEYS.platform
    ]
    context = {"rows": rows, "pager": page, "unconfigured": unconfigured}
    return render(request, "delivery/batches.html", context)


def _own_records(request: Any) -> HttpResponse:
    actor = request.actor
    rows = Outbox.objects.visible_to(actor).select_related("part", "item", "version")
    page = keyset_page(request, rows, order="changed_at", descending=True)
    names, occupations = _target_names(actor), occupations_of(actor.jurisdiction_id)
    shown = [
        {
            "row": row,
            **_about(row),
            "target": names.get(row.target, row.target),
            "occupation": occupations[row.agency_id, row.occupation].label,
            "at": timezone.localtime(row.changed_at),
        }
        for row in page.rows
    ]
    if shown:
        label, ids = f"报送记录（{len(shown)} 条）", [str(row.head.pk) for row in page.rows]
        journal.look("record.listed", actor=actor, subject_label=label, data={"ids": ids})
    return render(request, "delivery/records.html", {"rows": shown, "pager": page})


def _about(row: Outbox) -> dict[str, Any]:
    """Whom and what a queued version is about: a yearly record, or one dated fact."""
    head = row.head
    if isinstance(head, Item):
        return {"head": head, "url": reverse("item", args=[head.pk]), "what": kind_of(head).label}
    return {"head": head, "url": reverse("record", args=[head.pk]), "what": "年度记录"}


def _target_names(actor: Any) -> dict[str, str]:
    rows = Target.objects.filter(jurisdiction_id=actor.jurisdiction_id)
    return dict(rows.values_list("code", "name"))
