"""Several writers of one record: each tells the others how far its part is, and nothing of its content."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from agencies.models import Responsibility
from archives.models import Archive, RecordPart, WriterState
from archives.occupations import occupation_of
from archives.schema.occupations import Occupation
from credit_platform import crypto
from credit_platform.tenancy.context import acting, looking_up


def writers_key(archive: Archive, year: int) -> str:
    """Return the key under which the writers of a person's record of a year find each other.

    Only who knows document, number and name can make it, as only they can open the archive.
    """
    number = crypto.decrypt(archive.number, purpose="archive.number")
    who = (archive.document_type, number, archive.name)
    return crypto.blind_index(*who, archive.occupation, str(year), purpose="record.writers")


def division_of(part: RecordPart, occupation: type[Occupation]) -> list[str]:
    """Return who writes which sections of a record that several departments write, the leading one first; of a record
    with one writer nothing (GZ-A02, GZ-A08)."""
    if occupation.whole is None:
        return []
    rows = Responsibility.objects.filter(
        jurisdiction_id=part.jurisdiction_id, occupation=part.occupation
    ).select_related("agency")
    ordered = sorted(rows, key=lambda row: (not row.lead, row.agency_id))
    return [f"{row.agency.name}（{sections_of(occupation_of(row))}）" for row in ordered]


def sections_of(occupation: type[Occupation]) -> str:
    """Return the labels of what a writer writes beside name and number."""
    labels = [section.label for name, section in occupation.sections.items() if name != "identity"]
    return "、".join(labels) or "信用信息条目"


def note_state(part: RecordPart) -> None:
    """Write where a part stands, if others write about the same person too (GZ-A02, GZ-A08)."""
    own = Responsibility.objects.filter(
        jurisdiction_id=part.jurisdiction_id, agency_id=part.agency_id, occupation=part.occupation
    )
    if not own.exclude(sections=[]).exists():
        return
    key = writers_key(part.record.archive, part.year)
    state = {
        "sections": part.sections,
        "lead": part.lead,
        "status": part.status,
        "current_version": part.current_version,
        "changed_at": timezone.now(),
    }
    named: dict[str, Any] = {"agency_id": part.agency_id, "occupation": part.occupation, "year": part.year}
    with looking_up(key):
        WriterState.objects.update_or_create(key=key, **named, defaults=state)


def follow_identity(part: RecordPart, before: str) -> None:
    """Carry what other writers are told to the key of the right person; `before` is the key of the wrong one.

    Those who write about the wrong one must not see a part that is not about them.
    """
    with acting(part.jurisdiction_id, "job"):
        rows = WriterState.objects.filter(key=before, agency_id=part.agency_id, year=part.year)
        rows.update(key=writers_key(part.record.archive, part.year))


def states_of(part: RecordPart) -> list[WriterState]:
    """Return where the parts about the same person, group and year stand, the own one included."""
    key = writers_key(part.record.archive, part.year)
    with looking_up(key):
        return list(
            WriterState.objects.filter(key=key).select_related("agency").order_by("-lead", "agency_id")
        )
