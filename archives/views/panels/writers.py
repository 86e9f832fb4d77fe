"""本档案的其他填报单位: how far the other writers of one person's record are (GZ-A02, GZ-A08). Nothing is merged."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.models import Responsibility
from agencies.requests import ActingRequest
from archives.models import RecordPart, WriterState
from archives.occupations import occupation_of
from archives.schema.occupations import Occupation
from archives.selectors import parts_visible_to
from archives.services.writers import states_of
from archives.states import Status
from credit_platform.actors import Actor


def panel(request: ActingRequest, part: RecordPart, occupation: type[Occupation]) -> dict[str, Any] | None:
    """Return each writer with its sections, state and date; the office finds the way to each sealed part as well."""
    if occupation.whole is None:
        return None
    actor = request.actor
    states = {state.agency_id: state for state in states_of(part)}
    links = _links(part, actor) if actor.kind == "office" else {}
    writers = Responsibility.objects.filter(
        jurisdiction_id=part.jurisdiction_id, occupation=part.occupation
    ).select_related("agency")
    rows = [
        _row(writer, states.get(writer.agency_id), actor, links) | {"own": writer.agency_id == part.agency_id}
        for writer in sorted(writers, key=lambda row: (not row.lead, row.agency_id))
    ]
    return {"template": "archives/panels/writers.html", "rows": rows}


def _row(
    writer: Responsibility, state: WriterState | None, actor: Actor, links: dict[int, str]
) -> dict[str, Any]:
    mine = occupation_of(writer)
    sections = [section.label for section in mine.sections.values()]
    row: dict[str, Any] = {
        "agency": writer.agency.name,
        "lead": writer.lead,
        "sections": "、".join(sections) if len(sections) > 1 else "只填报信用信息条目",
        "status": "",
        "changed": None,
        "version": 0,
        "url": links.get(writer.agency_id, ""),
    }
    if state is None:
        return row
    # The office sees no drafts (design brief §5): a part under correction is to it what was sealed.
    status = state.status
    if actor.kind == "office":
        status = Status.SEALED if state.current_version else ""
    return row | {
        "status": status,
        "changed": timezone.localtime(state.changed_at) if status else None,
        "version": state.current_version,
    }


def _links(part: RecordPart, actor: Actor) -> dict[int, str]:
    same = parts_visible_to(actor).filter(
        person_id=part.person_id, occupation=part.occupation, year=part.year
    )
    rows = same.exclude(id=part.pk).values_list("agency_id", "id")
    return {agency: reverse("record", args=[pk]) for agency, pk in rows}
