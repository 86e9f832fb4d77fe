"""How an uploaded workbook ends: what is set then, and what is removed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Responsibility
from archives.models import Upload, UploadRow
from archives.states import RowOutcome
from credit_platform import private_files


def clear_upload(row: Upload) -> None:
    """Empty the rows and, after the commit, remove the files of an upload."""
    empty_rows(row)
    for name in (row.file, row.answer, row.remainder):
        discard_after_commit(name)
    row.file = row.answer = row.remainder = ""
    row.kinds, row.cleared = [], True
    row.save(update_fields=["file", "answer", "remainder", "kinds", "cleared"])


def empty_rows(row: Upload) -> None:
    """Take everything out of the rows of an upload; the site deletes nothing in the database."""
    UploadRow.objects.filter(upload_id=row.pk).update(
        outcome=RowOutcome.SAME,
        name="",
        number_mask="",
        kept={},
        draft={},
        changes=[],
        problems=[],
        adverse=False,
    )


def discard_after_commit(name: str) -> None:
    """Remove a private file once the transaction is committed; nothing for an empty name."""
    if name:
        transaction.on_commit(lambda: private_files.discard(name))


def ended() -> dict[str, Any]:
    """Return what is set when an upload ends."""
    return {"finished_at": timezone.now()}


def responsibility_of(row: Upload) -> Responsibility:
    """Return the group of an upload."""
    return Responsibility.objects.select_related("agency", "jurisdiction").get(
        jurisdiction_id=row.jurisdiction_id, agency_id=row.agency_id, occupation=row.occupation
    )
