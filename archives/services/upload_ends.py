"""How an uploaded workbook ends: what is set then, and what is removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from agencies.models import Responsibility
from archives.lifecycle import UPLOAD
from archives.models import Upload, UploadRow
from archives.services.upload_judged import WRITTEN
from archives.states import RowOutcome
from audit.lifecycle import advance
from credit_platform import private_files
from credit_platform.actors import Actor

_BRING_AGAIN = "请用原来的表格重新上传，已写入的不会重复写入。"


def stop_upload(
    row: Upload,
    why: str,
    *,
    actor: Actor,
    whole: str = "",
    advice: str = _BRING_AGAIN,
    changes: Mapping[str, Any] | None = None,
) -> Upload:
    """End an upload that was accepted and is not wholly written, and say why and how much of it is; `whole` is said
    instead of `why` where every row is written. Raises as `advance()`.

    Its rows are held first: a portion that a worker is just writing is waited for, and no further one is begun.
    """
    list(_rows(row).select_for_update(of=("self",)).values_list("pk"))
    done = written_of(row)
    rest = done[RowOutcome.REFUSED] + done["left"]
    why = why if rest or not whole else whole
    message = f"{why}{told_written(done)}{advice if rest else ''}"
    ending = {**ended(), **(changes or {}), "message": message, "counts": {**row.counts, "done": done}}
    return advance(row, "stop", lifecycle=UPLOAD, actor=actor, changes=ending, data=done)


def written_of(row: Upload) -> dict[str, int]:
    """Count the rows of an accepted upload: those that are written and, under "refused" and "left", the others."""
    counts: Counter[str] = Counter()
    found = _rows(row).values_list("outcome", "written").annotate(Count("id")).order_by()
    for outcome, written, count in found:
        counts["left" if outcome in WRITTEN and not written else outcome] += count
    return {name: counts[name] for name in (*WRITTEN, RowOutcome.REFUSED, "left")}


def told_written(done: Mapping[str, int]) -> str:
    """Return in words how much of an upload is written."""
    new, changed, rest = done["new"], done["changed"], done["refused"] + done["left"]
    if not rest:
        return f"{new + changed} 行都已写入（新建 {new} 人、更改 {changed} 人）。"
    if not new and not changed:
        return f"一行也没有写入（共 {rest} 行），档案没有变化。"
    return f"已写入 {new + changed} 行（新建 {new} 人、更改 {changed} 人），其余 {rest} 行没有写入。"


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
    _rows(row).update(
        outcome=RowOutcome.SAME,
        name="",
        number_mask="",
        kept={},
        draft={},
        changes=[],
        problems=[],
        adverse=False,
    )


def _rows(row: Upload) -> QuerySet[UploadRow]:
    return UploadRow.objects.filter(upload_id=row.pk)


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
