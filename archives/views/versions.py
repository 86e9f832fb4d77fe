"""The page of one sealed version, beside the one before it (PD-21)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from archives.models import Version
from archives.selectors import part_or_404
from archives.services.records import occupation_for
from archives.states import Status
from archives.views.record import READERS
from archives.views.record_page import record_rows, statement_of, version_links, version_values, with_awards
from audit import journal
from credit_platform.web.access import access


@access(*READERS)
@require_GET
def version(request: Any, part_id: UUID, number: int) -> HttpResponse:
    """Show what was sealed as version `number`; what differs from the version before is marked."""
    actor = request.actor
    part = part_or_404(actor, part_id)
    sealed = Version.objects.visible_to(actor).filter(part=part)
    found: Version = get_object_or_404(sealed, number=number)
    journal.look("record.read", actor=actor, subject=part, data={"version": number})
    occupation = occupation_for(part)
    values = version_values(part, number, occupation)
    before = version_values(part, number - 1, occupation) if number > 1 else {}
    context = {
        "record": {
            "person_name": part.name,
            "year": part.year,
            "backfilled": part.backfilled,
            "occupation_label": occupation.label,
            "status": Status.SEALED,
            "delivery_status": part.delivery if number == part.current_version else "",
        },
        "deadline_text": f"第 {number} 版"
        + ("（现行）" if number == part.current_version else "（已被新版替代）"),
        "rows": with_awards(
            record_rows(occupation, part.year, None, values, before), request, part, as_of=found.sealed_at
        ),
        "changed_against": f"第 {number - 1} 版",
        "actions": [],
        "statement": statement_of(part.name, values),
        "versions": version_links(part, actor),
        "return_reason": "",
        "notice": f"更正原因：{found.reason}" if found.reason else "",
        "filled_by": found.author_name,
        "filled_on": timezone.localtime(found.sealed_at),
        "list_url": reverse("record", args=[part.id]),
        "list_label": "现行档案",
    }
    return render(request, "archives/record.html", context)
