"""Accepted rows written into drafts one by one, by the services that pages use: what `upload_bulk` has left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from archives.models import RecordPart, Upload, UploadRow
from archives.schema.problems import Problem
from archives.services.hub import note_asked
from archives.services.people import NotReadable, open_archive
from archives.services.records import save_draft
from archives.services.upload_judged import WRITTEN, Judged, Numbered, told, whose
from archives.services.upload_rows import Judge
from archives.states import RowOutcome
from archives.workbooks import located
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor

_CHANGED_SINCE = "核对之后，这份记录又有改动，没有覆盖。请查看现在的内容，仍需修改的，重新上传这一行。"


def write_portion(upload: Upload, judge: Judge, rows: Sequence[Numbered], *, actor: Actor) -> None:
    """Write each row into its draft, in the caller's transaction, and note which are written.

    The rows are judged again, as the records are now. Who was changed since the first judgement, or is refused by the
    service, is noted as refused with the reason; nothing of such a row is written.
    """
    positions = [position for position, _ in rows]
    kept = UploadRow.objects.select_for_update(of=("self",)).filter(
        upload_id=upload.pk, position__in=positions, written=False, outcome__in=WRITTEN
    )
    accepted = {one.position: one for one in kept}
    judged = judge.judge([row for row in rows if row[0] in accepted])
    for one in judged:
        note = accepted[one.position]
        _write(note, one, judge, actor)
        note.kept, note.draft = {}, {}
        note.save(update_fields=["outcome", "written", "part_id", "problems", "kept", "draft"])
    ids = [str(one.part_id) for one in accepted.values() if one.written]
    if ids:
        journal.write("upload.written", actor=actor, subject=upload, data={"parts": ids})


def _write(kept: UploadRow, one: Judged, judge: Judge, actor: Actor) -> None:
    problems: tuple[Problem, ...]
    try:
        if _stale(kept, one):
            raise Refused(_CHANGED_SINCE, code="upload_stale")
        if one.outcome in WRITTEN:
            with transaction.atomic():
                kept.part_id = _drafted(one, judge, actor).pk
            kept.written = True
            return
        problems = one.problems
        if one.outcome == RowOutcome.SAME:  # somebody has entered the very same
            kept.written = True
            return
    except Refused as refusal:
        note_asked(refusal, actor)
        problems = (located(Problem(refusal.code, str(refusal), field="name"), one.row, judge.sheet),)
    except NotReadable as wrong:
        problems = tuple(located(problem, one.row, judge.sheet) for problem in wrong.problems)
    kept.outcome = RowOutcome.REFUSED
    kept.problems = [told(problem, one.row, judge.sheet) for problem in problems]


def _stale(kept: UploadRow, one: Judged) -> bool:
    """Whether the record was opened, or touched in any way, since the row was judged, or its archive is somebody else's
    by now."""
    if kept.archive_id is not None and (one.archive is None or one.archive.pk != kept.archive_id):
        return True
    if one.part is None:
        return kept.part_id is not None
    return one.part.pk != kept.part_id or one.part.revision != kept.revision


def _drafted(one: Judged, judge: Judge, actor: Actor) -> RecordPart:
    assert one.laid is not None  # of rows that are to be written
    part = one.part
    if part is None:
        identity, employer = whose(one)
        raw: dict[str, Any] = {
            "name": identity.name,
            "document_type": identity.document_type,
            "document_number": identity.number,
        }
        part = open_archive(
            responsibility=judge.responsibility,
            employer=employer,
            raw=raw,
            year=judge.year,
            actor=actor,
            today=judge.today,
        )
    return save_draft(
        part=part, posted=one.laid.posted, revision=part.revision, actor=actor, today=judge.today
    ).part
