"""填报表格 back: uploaded, accepted, resumed, ended, given up, swept (AY-12, AY-30). The work itself: `upload_jobs`.

The file lies encrypted in the private store until the upload has ended. Nothing is written before somebody has seen
what would happen and accepted it; then drafts only, nothing is handed on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import BinaryIO
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from agencies.models import Employer, Responsibility, Role
from archives.lifecycle import UPLOAD
from archives.models import Job, MemberConsent, Upload
from archives.schema.members import MEMBERS
from archives.services.jobs import OPEN as AT_WORK
from archives.services.jobs import cancel_job
from archives.services.people import years_of
from archives.services.upload_ends import clear_upload, ended, stop_upload
from archives.services.upload_jobs import KINDS
from archives.services.upload_queue import APPLY_KIND, READ_KIND, queue_step
from archives.states import UploadState
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance
from credit_platform import private_files
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import acting

FILLERS = (Role.FILLER, Role.CLERK)
LARGEST_FILE = 30 * 1024 * 1024
OPEN = (UploadState.READING, UploadState.READY, UploadState.APPLYING)
KEPT_FOR = dt.timedelta(days=7)
"""How long rows and answers of an ended upload are kept."""
WAITS_FOR = dt.timedelta(days=30)
"""How long an upload waits for its owner before it is given up."""
_FORGOTTEN = f"超过 {WAITS_FOR.days} 天没有确认，已自动放弃，文件已清除。"
_NOT_CONTINUED = f"写入停在中途，上传已超过 {WAITS_FOR.days} 天，已自动中止，文件已清除。"
_ENDED = "没有写完，上传人结束了写入，文件已清除。"
_WHOLE = "各行已写入，只差生成结果，办理已结束，文件已清除。"
_WITHDRAWN = "上传以后有会员撤回了同意，文件已清除。"
_WITHOUT_THE_MEMBER = "请删去该会员后重新上传。"


@transaction.atomic
def upload_workbook(
    *, responsibility: Responsibility, year: int, file: BinaryIO, name: str, actor: Actor, today: dt.date
) -> Upload:
    """Keep the file and queue its reading; no record is touched yet.

    The same file that is still open for this group and year is returned instead of a second one; of one that was
    written before, a note says so. Who has too many jobs already gets it read in its turn. Raises `Refused` for a role
    that does not fill in, a group that is not the actor's, a year that is not open.
    """
    if actor.role not in FILLERS or actor.user_id is None:
        raise Refused("只有填报员和经办人可以导入表格。", code="not_permitted")
    if not Responsibility.objects.filled_by(actor).filter(pk=responsibility.pk).exists():
        raise Refused("所选人群不由您办理。请重新选择。", code="foreign")
    if year not in years_of(responsibility, today=today):
        raise Refused(f"{year} 年度没有开放，请重新选择。", code="year")
    content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    same = Upload.objects.visible_to(actor).filter(
        occupation=responsibility.occupation, year=year, sha256=digest
    )
    if known := same.filter(state__in=OPEN).first():
        return known
    before = same.filter(state__in=(UploadState.DONE, UploadState.STOPPED)).order_by("-finished_at").first()
    row = Upload.objects.create(
        agency_id=responsibility.agency_id,
        employer=Employer.objects.get(id=actor.own_employer) if actor.kind == "employer" else None,
        occupation=responsibility.occupation,
        year=year,
        file=f"{uuid4()}.bin",
        file_name=name.replace("\x00", "")[-120:] or "表格",
        sha256=digest,
        notes=[] if before is None else [_imported_before(before)],
        requester_id=actor.user_id,
        requester=actor.name,
    )
    private_files.store(row.file, [content])
    try:
        return queue_step(row, READ_KIND, actor=actor)
    except Refused as refusal:
        if refusal.code != "too_many_jobs":
            private_files.discard(row.file)
            raise
        return row  # it waits until one of the person's other workbooks is judged
    except BaseException:
        private_files.discard(row.file)
        raise


@transaction.atomic
def accept_upload(*, row: Upload, revision: int, actor: Actor) -> Upload:
    """Write every row that was not refused into its draft, in the background. Raises as `advance()`, `queue_job`."""
    accepted = advance(row, "accept", lifecycle=UPLOAD, actor=actor, revision=revision)
    return queue_step(accepted, APPLY_KIND, actor=actor)


@transaction.atomic
def resume_upload(*, row: Upload, actor: Actor) -> Upload:
    """Queue the step again at which an upload stopped, because its job was cancelled or failed.

    What is written already is not written twice. Raises `AlreadyDone` while the job is at work, `Refused` when no step
    is to be done, and as `queue_job`.
    """
    row = Upload.objects.visible_to(actor).select_for_update(of=("self",)).get(id=row.pk)
    kind = {UploadState.READING: READ_KIND, UploadState.APPLYING: APPLY_KIND}.get(UploadState(row.state))
    if kind is None:
        raise Refused("这次导入没有停在中途，不需要继续办理。", code="wrong_status")
    if not has_stopped(row, actor):
        raise AlreadyDone("正在后台办理，请稍候。")
    journal.write("upload.resumed", actor=actor, subject=row, data={"step": row.state})
    return queue_step(row, kind, actor=actor)


@transaction.atomic
def end_upload(*, row: Upload, actor: Actor) -> Upload:
    """End an upload whose writing stopped half-way: what is written stays, the rest is not written.

    Raises `AlreadyDone` while the job is at work and once it is ended, `Refused` for an upload that is not being
    written.
    """
    row = Upload.objects.visible_to(actor).select_for_update(of=("self",)).get(id=row.pk)
    if row.state == UploadState.STOPPED:
        raise AlreadyDone("这次写入已经结束。")
    if row.state != UploadState.APPLYING:
        raise Refused("这次导入没有停在写入中途，不需要结束写入。", code="wrong_status")
    if not has_stopped(row, actor):
        raise AlreadyDone("正在后台办理，请稍候。")
    ended_so = stop_upload(row, _ENDED, whole=_WHOLE, actor=actor)
    clear_upload(ended_so)
    return ended_so


def has_stopped(row: Upload, actor: Actor) -> bool:
    """Tell whether an upload waits for a job that is no longer at work, or for its turn, which nobody will call."""
    if row.state not in (UploadState.READING, UploadState.APPLYING):
        return False
    at_work = Job.objects.visible_to(actor).filter(state__in=AT_WORK)
    at_work = at_work.filter(kind__in=KINDS) if row.job_id is None else at_work.filter(id=row.job_id)
    return not at_work.exists()


@transaction.atomic
def cancel_upload(*, row: Upload, actor: Actor) -> Upload:
    """Give an upload up; its job is cancelled, files and what the rows hold are removed. Raises as `advance()`."""
    gone = advance(row, "cancel", lifecycle=UPLOAD, actor=actor, changes=ended())
    if gone.job_id is not None:
        at_work = Job.objects.visible_to(actor).filter(id=gone.job_id, state__in=AT_WORK).first()
        if at_work is not None:
            cancel_job(row=at_work, actor=actor)
    clear_upload(gone)
    return gone


def sweep_uploads(*, jurisdiction_id: int) -> int:
    """Remove files and what the rows hold of what ended a week ago, and give up what nobody came back to for a month.

    What an association uploaded before a member withdrew the consent goes at once, whoever else is in it: a file is
    not searched for one person (GZ-11). Returns how many uploads were dealt with.
    """
    now, system = timezone.now(), job(jurisdiction_id, "后台任务")
    with acting(jurisdiction_id, "job"):
        locked = Upload.objects.select_for_update(of=("self",), skip_locked=True)
        at_work = Job.objects.filter(state__in=AT_WORK).values("id")
        idle = list(
            locked.filter(state__in=OPEN, created_at__lt=now - WAITS_FOR).exclude(job_id__in=at_work)[:20]
        )
        for row in idle:
            if row.state == UploadState.APPLYING:
                row = stop_upload(row, _NOT_CONTINUED, whole=_WHOLE, actor=system)
            else:
                row = _expired(row, _FORGOTTEN, actor=system)
            clear_upload(row)
        withdrawn = MemberConsent.objects.filter(
            agency_id=OuterRef("agency_id"), withdrawn_at__gte=OuterRef("created_at")
        )
        touched = list(locked.filter(Exists(withdrawn), occupation=MEMBERS, cleared=False)[:20])
        for row in touched:
            if row.state == UploadState.APPLYING:
                row = stop_upload(row, _WITHDRAWN, actor=system, advice=_WITHOUT_THE_MEMBER)
            elif row.state in OPEN:
                row = _expired(row, f"{_WITHDRAWN}{_WITHOUT_THE_MEMBER}", actor=system)
            clear_upload(row)
        old = list(locked.filter(finished_at__lt=now - KEPT_FOR, cleared=False)[:20])
        for row in old:
            clear_upload(row)
    return len(idle) + len(touched) + len(old)


def _expired(row: Upload, why: str, *, actor: Actor) -> Upload:
    return advance(row, "expire", lifecycle=UPLOAD, actor=actor, changes=ended() | {"message": why})


def _imported_before(before: Upload) -> str:
    day = timezone.localtime(before.finished_at or before.created_at)
    how = "导入过" if before.state == UploadState.DONE else "开始写入，没有写完"
    return f"同一个文件已于 {day:%Y-%m-%d %H:%M} {how}。以下按系统中现在的内容重新核对。"
