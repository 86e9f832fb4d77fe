"""What a part's seal rests on and shows: evidence, the items of its year, the procedure of its determination."""

from __future__ import annotations

from typing import Any

from archives.models import Evidence, Item, Proceeding, RecordPart
from archives.schema.occupations import Occupation
from archives.services.writers import division_of
from archives.states import Status


def evidence_cites(head: RecordPart | Item) -> dict[str, Any]:
    """Return the `cites` of a version as far as they name evidence."""
    mine: dict[str, Any] = {"item": head} if isinstance(head, Item) else {"part": head}
    evidence = Evidence.objects.filter(removed_at=None, **mine).order_by("uploaded_at", "id")
    found = [{"id": str(one.pk), "sha256": one.sha256} for one in evidence]
    return {"evidence": found} if found else {}


def citations(
    part: RecordPart, occupation: type[Occupation], proceeding: Proceeding | None
) -> dict[str, Any]:
    """Return the `cites` of the version that is about to be written: ids and digests, nothing personal.

    `proceeding`: the one on which an adverse determination rests. Of one writer's part of a record that several write
    it says who wrote what then: the work may be divided anew (GZ-A02).
    """
    items = (
        Item.objects.filter(archive_id=part.record.archive_id, year=part.year, current_version__gt=0)
        .exclude(revoked=True, status=Status.SEALED)
        .order_by("occurred_on", "id")
    )
    cites = evidence_cites(part)
    if division := division_of(part, occupation):
        cites["part"] = division
    if shown := [{"id": str(one.pk), "version": one.current_version} for one in items]:
        cites["items"] = shown
    if proceeding is not None:
        cites["proceeding"] = str(proceeding.pk)
    return cites
