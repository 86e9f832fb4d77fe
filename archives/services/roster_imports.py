"""A roster that comes as a workbook: read and judged in the background, looked at, then accepted or given up.

The file lies encrypted in the private store until the import has ended. Both steps are jobs that may be repeated from
the start: accepted rows that are there already are not written twice.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from agencies.models import Employer, Responsibility
from archives.jobs import Report, Result, register
from archives.lifecycle import ROSTER_IMPORT
from archives.models import Job, RosterEntry, RosterImport
from archives.schema.problems import Problem
from archives.services.jobs import OPEN as AT_WORK
from archives.services.jobs import queue_job
from archives.services.roster import check_day, check_place, new_entry
from archives.services.roster_rows import CHANGED, NEW, REFUSED, SAME, Judge, Judged, masked_row
from archives.services.roster_rows import roster_columns as columns_for
from archives.services.roster_rows import roster_mark as mark_for
from archives.states import RosterImportState, RosterSource
from archives.workbooks import Sheet, Unreadable, read
from archives.workbooks.cells import neutral
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context

READ_KIND, APPLY_KIND = "roster-read", "roster-apply"
LARGEST_FILE = 30 * 1024 * 1024
MOST_PROBLEMS = 500
"""Problems that are kept for the page; all of them stand in the file of refused rows."""
OPEN = (RosterImportState.READING, RosterImportState.READY, RosterImportState.APPLYING)


@transaction.atomic
def upload_roster(
    *,
    responsibility: Responsibility,
    joined_on: dt.date,
    file: BinaryIO,
    name: str,
    actor: Actor,
    today: dt.date,
) -> RosterImport:
    """Keep the file and queue its reading; nothing is written to the roster yet.

    `joined_on` counts for rows that name no day. The same file that is still open for this group is returned instead of
    a second one. Raises `Refused` for a group that is not the actor's, a day that can't be, and as `queue_job`.
    """
    employer = Employer.objects.get(id=actor.own_employer) if actor.kind == "employer" else None
    check_place(responsibility, employer, actor=actor)
    check_day(joined_on, today=today)
    content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    same = RosterImport.objects.visible_to(actor).filter(
        occupation=responsibility.occupation, sha256=digest, joined_on=joined_on, state__in=OPEN
    )
    if known := same.first():
        return known
    if actor.user_id is None:
        raise Refused("只有登录的人员可以导入。", code="not_permitted")
    row = RosterImport.objects.create(
        agency_id=responsibility.agency_id,
        employer=employer,
        occupation=responsibility.occupation,
        joined_on=joined_on,
        file=f"{uuid4()}.bin",
        file_name=name.replace("\x00", "")[-120:] or "名册",
        sha256=digest,
        requester_id=actor.user_id,
        requester=actor.name,
    )
    private_files.store(row.file, [content])
    try:
        return _queue(row, READ_KIND, f"核对名册：{responsibility.label}", actor)
    except BaseException:
        private_files.discard(row.file)
        raise


@transaction.atomic
def accept_import(*, row: RosterImport, revision: int, actor: Actor) -> RosterImport:
    """Put everybody on the roster who was not refused, in the background. Raises as `advance()` and `queue_job`."""
    accepted = advance(row, "accept", lifecycle=ROSTER_IMPORT, actor=actor, revision=revision)
    responsibility = _responsibility(accepted)
    return _queue(accepted, APPLY_KIND, f"导入名册：{responsibility.label}", actor)


@transaction.atomic
def resume_import(*, row: RosterImport, actor: Actor) -> RosterImport:
    """Queue the step again at which an import stopped, because its job was cancelled or failed.

    Who is on the roster already is not written twice. Raises `AlreadyDone` while the job is at work, `Refused` when no
    step is to be done, and as `queue_job`.
    """
    row = RosterImport.objects.visible_to(actor).select_for_update().get(id=row.pk)
    kind = {RosterImportState.READING: READ_KIND, RosterImportState.APPLYING: APPLY_KIND}.get(
        RosterImportState(row.state)
    )
    if kind is None:
        raise Refused("这次导入没有停在中途，不需要继续办理。", code="wrong_status")
    if not has_stopped(row, actor):
        raise AlreadyDone("正在后台办理，请稍候。")
    verb = "核对" if kind == READ_KIND else "导入"
    journal.write("roster_import.resumed", actor=actor, subject=row, data={"step": row.state})
    return _queue(row, kind, f"{verb}名册：{_responsibility(row).label}", actor)


def has_stopped(row: RosterImport, actor: Actor) -> bool:
    """Tell whether an import waits for a job that is no longer at work."""
    if row.state not in (RosterImportState.READING, RosterImportState.APPLYING):
        return False
    at_work = Job.objects.visible_to(actor).filter(state__in=AT_WORK)
    return row.job_id is None or not at_work.filter(id=row.job_id).exists()


@transaction.atomic
def cancel_import(*, row: RosterImport, actor: Actor) -> RosterImport:
    """Give an import up; the file is removed. Raises as `advance()`."""
    gone = advance(row, "cancel", lifecycle=ROSTER_IMPORT, actor=actor, changes=_ended())
    transaction.on_commit(lambda: private_files.discard(row.file))
    return gone


def read_roster(job: Job, actor: Actor, report: Report) -> Result:
    """Say what would happen to every row. The result is the list of refused rows with what to mend."""
    row, responsibility = _begin(job, actor)
    if row.state != RosterImportState.READING:
        raise Refused("这次导入已经结束，没有再次核对。", code="wrong_status")
    counts: Counter[str] = Counter()
    problems: list[dict[str, Any]] = []
    refused: list[Judged] = []
    try:
        with _sheet_of(row, responsibility) as sheet:
            for judged in _judged(row, responsibility, sheet, actor, report):
                counts.update(one.outcome for one in judged)
                refused += [one for one in judged if one.outcome == REFUSED]
            notes = [{"message": note.message, "note": True} for note in sheet.notes]
    except (Unreadable, Refused) as wrong:
        message = wrong.problem.message if isinstance(wrong, Unreadable) else str(wrong)
        _refuse(row, message, actor)
        raise Refused(message, code="unreadable") from wrong
    problems = [masked_row(problem, one.row) for one in refused for problem in one.problems]
    found = {name: counts[name] for name in (NEW, CHANGED, SAME, REFUSED)} | {"problems": len(problems)}
    with as_context(_context(actor)), transaction.atomic():
        changes = {"counts": found, "problems": [*notes, *problems[:MOST_PROBLEMS]]}
        advance(row, "show", lifecycle=ROSTER_IMPORT, actor=actor, changes=changes, data=found)
    return _as_csv(refused), f"{responsibility.label}名册核对结果.csv"


def apply_roster(job: Job, actor: Actor, report: Report) -> Result:
    """Write what was accepted, a portion in a transaction. The result is the list of refused rows."""
    row, responsibility = _begin(job, actor)
    if row.state != RosterImportState.APPLYING:
        raise Refused("这次导入已经结束，没有再次导入。", code="wrong_status")
    refused: list[Judged] = []
    with _sheet_of(row, responsibility) as sheet:
        for judged in _judged(row, responsibility, sheet, actor, report, write=True):
            refused += [one for one in judged if one.outcome == REFUSED]
    with as_context(_context(actor)), transaction.atomic():
        new = RosterEntry.objects.visible_to(actor).filter(brought_by=row.pk).count()
        done = {"new": new, "changed": row.counts.get("changed", 0), "refused": len(refused)}
        changes = {**_ended(), "counts": {**row.counts, "done": done}}
        advance(row, "finish", lifecycle=ROSTER_IMPORT, actor=actor, changes=changes, data=done)
        transaction.on_commit(lambda: private_files.discard(row.file))
    return _as_csv(refused), f"{responsibility.label}名册未导入人员.csv"


register(READ_KIND, read_roster)
register(APPLY_KIND, apply_roster)


def _queue(row: RosterImport, kind: str, title: str, actor: Actor) -> RosterImport:
    job = queue_job(kind=kind, title=title, parameters={"import": str(row.pk)}, actor=actor)
    row.job_id = job.pk
    row.save(update_fields=["job_id"])
    return row


def _begin(job: Job, actor: Actor) -> tuple[RosterImport, Responsibility]:
    with as_context(_context(actor)), transaction.atomic():
        row = RosterImport.objects.visible_to(actor).filter(id=UUID(job.parameters["import"])).first()
        if row is None:
            raise Refused("找不到这次导入，任务没有完成。", code="missing")
        return row, _responsibility(row)


def _responsibility(row: RosterImport) -> Responsibility:
    return Responsibility.objects.select_related("agency").get(
        jurisdiction_id=row.jurisdiction_id, agency_id=row.agency_id, occupation=row.occupation
    )


def _context(actor: Actor) -> Any:
    assert actor.context is not None  # only members queue jobs
    return actor.context


def _ended() -> dict[str, Any]:
    return {"finished_at": timezone.now(), "file": ""}


@contextmanager
def _sheet_of(row: RosterImport, responsibility: Responsibility) -> Iterator[Sheet]:
    """The file's rows; the plain file lies in a place of its own only while it is opened."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster"
        try:
            with path.open("wb") as target:
                target.writelines(private_files.read(row.file))
        except private_files.Missing as error:
            raise Refused("上传的文件已经清除，请重新上传。", code="missing") from error
        columns = columns_for(responsibility, row.joined_on.year)
        sheet = read(path, name=row.file_name, columns=columns, mark=mark_for(responsibility))
    yield sheet


def _judged(
    row: RosterImport,
    responsibility: Responsibility,
    sheet: Sheet,
    actor: Actor,
    report: Report,
    *,
    write: bool = False,
) -> Iterator[list[Judged]]:
    today = timezone.localdate()
    judge = Judge(responsibility, sheet, joined_on=row.joined_on, actor=actor, today=today)
    with as_context(_context(actor)), transaction.atomic():
        judge.prepare()
    done = 0
    for rows in judge.batches():
        with as_context(_context(actor)), transaction.atomic():
            judged = judge.judge(rows)
            if write:
                judged = _write(judged, row, responsibility, actor)
        done += len(rows)
        report(done, max(sheet.total, done))
        yield judged


def _write(
    judged: list[Judged], row: RosterImport, responsibility: Responsibility, actor: Actor
) -> list[Judged]:
    """Write a portion; who turns out to stand on another employer's roster is refused."""
    fresh = {
        one.identity.number_index: new_entry(
            one.identity,
            responsibility,
            one.employer,
            joined_on=one.joined_on or row.joined_on,
            source=RosterSource.IMPORT,
            actor=actor,
            brought_by=row.pk,
        )
        for one in judged
        if one.outcome == NEW and one.identity is not None
    }
    RosterEntry.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    ids = [entry.pk for entry in fresh.values()]
    written = set(RosterEntry.objects.visible_to(actor).filter(id__in=ids).values_list("id", flat=True))
    moved = []
    for one in judged:
        if one.outcome == CHANGED and one.entry is not None:
            one.entry.employer = one.employer
            moved.append(one.entry)
    RosterEntry.objects.bulk_update(moved, ["employer"])
    if written or moved:
        data = {"new": [str(pk) for pk in written], "moved": [str(entry.pk) for entry in moved]}
        journal.write("roster_import.written", actor=actor, subject=row, data=data)
    return [
        one
        if one.identity is None or one.outcome != NEW or fresh[one.identity.number_index].pk in written
        else _elsewhere(one)
        for one in judged
    ]


def _elsewhere(one: Judged) -> Judged:
    message = "此人已在本部门另一所属单位的名册上。如已调入本单位，请联系经办人办理调动。"
    problem = Problem(
        "other_employer", message, field="document_number", row=one.row.number, sheet=one.row.where
    )
    return dataclasses.replace(one, outcome=REFUSED, problems=(problem,))


def _refuse(row: RosterImport, message: str, actor: Actor) -> None:
    with as_context(_context(actor)), transaction.atomic():
        try:
            advance(
                row,
                "refuse",
                lifecycle=ROSTER_IMPORT,
                actor=actor,
                changes={**_ended(), "message": message[:500]},
            )
        except AlreadyDone:
            return
        transaction.on_commit(lambda: private_files.discard(row.file))


def _as_csv(refused: list[Judged]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["工作表", "行", "列", "姓名", "需要更正的问题"])
    for one in refused:
        for problem in one.problems:
            name = neutral(str(one.row.values.get("name") or ""))
            table.writerow([neutral(problem.sheet), problem.row, problem.column, name, problem.message])
    return text.getvalue().encode("utf-8-sig")
