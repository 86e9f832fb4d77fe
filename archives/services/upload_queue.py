"""The steps of an uploaded workbook as jobs of the person who uploaded it."""

from __future__ import annotations

from archives.models import Upload
from archives.services.jobs import queue_job
from archives.services.upload_ends import responsibility_of
from archives.states import UploadState
from audit.lifecycle import Refused
from credit_platform.actors import Actor

READ_KIND, APPLY_KIND = "upload-read", "upload-apply"
_VERBS = {READ_KIND: "核对", APPLY_KIND: "写入"}


def queue_step(row: Upload, kind: str, *, actor: Actor) -> Upload:
    """Queue a step and note its job. Raises as `queue_job`."""
    title = f"{_VERBS[kind]}表格：{responsibility_of(row).label} {row.year} 年度"
    row.job_id = queue_job(kind=kind, title=title, parameters={"upload": str(row.pk)}, actor=actor).pk
    row.save(update_fields=["job_id"])
    return row


def queue_waiting(*, actor: Actor) -> None:
    """Queue the workbooks of this person that wait for their turn, as many as may be at work."""
    waiting = Upload.objects.visible_to(actor).select_for_update(of=("self",), skip_locked=True)
    for row in waiting.filter(state=UploadState.READING, job_id=None).order_by("created_at", "id"):
        try:
            queue_step(row, READ_KIND, actor=actor)
        except Refused:
            return
