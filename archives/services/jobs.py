"""后台任务: queueing, cancelling, doing and sweeping up. The row is the truth, a message only rings the bell.

A worker may be killed at any moment: its job stands there without a sign of life and is taken up again from the start.
A worker that was only slow finds at its next sign of life that the job is no longer its own, and stops.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import time
import traceback
from collections.abc import Collection, Iterable
from pathlib import PurePath
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from agencies.actors import actor_of_membership
from agencies.models import Membership
from archives.jobs import UNTIL, Cancelled, Result, runner
from archives.lifecycle import JOB
from archives.models import Job
from archives.services.people import NotReadable
from archives.services.tellings import tell_job_ended
from archives.states import JobState
from audit import journal
from audit.lifecycle import Refused, advance
from credit_platform import private_files
from credit_platform.actors import Actor, job
from credit_platform.celery import app
from credit_platform.tenancy.context import acting

logger = logging.getLogger(__name__)

WORKER = "后台任务"
TASK = "archives.tasks.work"
MOST_OPEN = 5
"""Jobs that one person may have waiting or running."""
MOST_ATTEMPTS = 3
LOST_AFTER = dt.timedelta(seconds=20)
"""A queued job this old is rung for again."""
DEAD_AFTER = dt.timedelta(seconds=60)
"""A running job without a sign of life for so long is taken up again."""
KEPT_FOR = dt.timedelta(days=7)
OPEN = (JobState.QUEUED, JobState.RUNNING)
_NOTED_EVERY = 0.5
QUEUEING = 0x4A4F42
"""First half of the advisory locks taken while a job is queued; the second is the person's."""

_LEFT = "发起人已不在本单位任职，任务没有完成。"
_UNKNOWN = "系统现在不能办理这种任务，任务没有完成。请联系管理员。"
_TOO_LONG = "任务用时过长，已停止。请缩小范围，分几次办理。"
_NOT_STORED = "结果没有保存成功，任务没有完成。请稍后重新发起，仍不行的请联系管理员。"
_FAULT = "程序出错，任务没有完成，错误已记录。请稍后重新发起，仍不行的请联系管理员。"
_DIED = f"任务已尝试 {MOST_ATTEMPTS} 次，都中途停止，没有完成。请缩小范围后重新发起，仍不行的请联系管理员。"


@transaction.atomic
def queue_job(*, kind: str, title: str, parameters: dict[str, Any], actor: Actor) -> Job:
    """Queue a job for this actor, who will find its result under 我的任务; a worker is rung for after the commit.

    `parameters` are JSON without personal data. The same job that is still open is returned instead of a second one.
    Raises `Refused` when the actor has too many open ones, ValueError for a kind that nobody registered.
    """
    if runner(kind) is None:
        raise ValueError(f"no such kind of job: {kind!r}")
    parameters = {**parameters, "membership": actor.membership_id}
    _one_at_a_time(actor)
    waiting = list(Job.objects.visible_to(actor).filter(state__in=OPEN)[:MOST_OPEN])
    for one in waiting:
        if one.kind == kind and one.parameters == parameters:
            return one
    if len(waiting) == MOST_OPEN:
        raise Refused(
            f"您已有 {MOST_OPEN} 项任务没有完成。请等其中一项完成，或到“我的任务”取消后再发起。",
            code="too_many_jobs",
        )
    if actor.user_id is None:
        raise Refused("只有登录的人员可以发起任务。", code="not_permitted")
    row = Job.objects.create(
        agency_id=actor.agency_id,
        employer_id=actor.employer_id,
        kind=kind,
        title=title[:120],
        parameters=parameters,
        requester_id=actor.user_id,
        requester=actor.name,
    )
    journal.write("job.queued", actor=actor, subject=row, data={"kind": kind})
    _ring(row)
    return row


@transaction.atomic
def cancel_job(*, row: Job, actor: Actor) -> Job:
    """Cancel a job that waits or runs; what a worker is just doing for it stops soon. Raises as `advance()`.

    A file that the worker is just writing is its own to remove; `result` stays for the sweep, in case it was killed.
    """
    return advance(row, "cancel", lifecycle=JOB, actor=actor, changes={"finished_at": timezone.now()})


def may_fetch(row: Job, actor: Actor) -> bool:
    """Tell whether there is a file and this actor, to whom the job is visible, still handles all groups that its maker
    handled then: what was printed of a group stays behind when the group passes to somebody else."""
    return is_kept(row) and actor.occupations.issuperset(row.parameters.get("groups", ()))


def is_kept(row: Job) -> bool:
    """Tell whether a finished job has a result, and nothing in it is over (`archives.jobs.UNTIL`)."""
    today = timezone.localdate().isoformat()
    until: str = row.parameters.get(UNTIL, today)
    return row.state == JobState.DONE and bool(row.result) and until >= today


def discard_results(*, kind: str) -> int:
    """Remove what the jobs of a kind have made in the acting county; return of how many. For jobs."""
    rows = list(
        Job.objects.select_for_update(of=("self",)).filter(kind=kind, state=JobState.DONE).exclude(result="")
    )
    _forget_results(rows)
    return len(rows)


def discard_results_about(occupation: str, *, agency_id: int, kinds: Collection[str]) -> int:
    """Remove whatever members of an agency, or the office, have made that may hold people of a group, and begin again
    what is just being made of `kinds`: anew it holds what may be seen now. Return how many results went. For jobs.
    """
    rows = Job.objects.select_for_update(of=("self",)).filter(Q(agency_id=agency_id) | Q(agency_id=None))
    for row in rows.filter(kind__in=kinds, state=JobState.RUNNING):
        _revive(row, timezone.now())
    made = list(rows.filter(parameters__groups__contains=[occupation]).exclude(result=""))
    _forget_results(made)
    return len(made)


def run_job(*, jurisdiction_id: int, job_id: UUID) -> None:
    """Do a queued job, in short transactions, and write what came of it. Safe to repeat and to kill.

    Nothing happens when it isn't queued (any more). An unreachable database leaves it to `sweep_jobs`.
    """
    claim = _claim(jurisdiction_id, job_id)
    if claim is None:
        return
    try:
        failure = _work(claim)
    except Cancelled:
        logger.info("job %s stopped: cancelled, or taken over", job_id)
        return
    except (OperationalError, InterfaceError) as error:
        logger.warning("job %s interrupted: %s", job_id, type(error).__name__)
        return
    if failure:
        claim.end("fail", message=failure[:500])


def sweep_jobs(*, jurisdiction_id: int) -> int:
    """Ring again for jobs whose message or worker was lost, give up what died too often, drop old results.

    Returns how many rows were dealt with.
    """
    now = timezone.now()
    with acting(jurisdiction_id, "job"):
        locked = Job.objects.select_for_update(of=("self",), skip_locked=True)
        lost = Q(beat_at=None, created_at__lt=now - LOST_AFTER) | Q(beat_at__lt=now - LOST_AFTER)
        queued = list(locked.filter(lost, state=JobState.QUEUED).order_by("created_at")[:100])
        for row in queued:
            row.beat_at = now  # so that it is not rung for at every sweep
            row.save(update_fields=["beat_at"])
            _ring(row)
        dead = list(locked.filter(state=JobState.RUNNING, beat_at__lt=now - DEAD_AFTER)[:100])
        for row in dead:
            _revive(row, now)
        over = Q(**{f"parameters__{UNTIL}__lt": timezone.localdate().isoformat()})
        stale = Q(finished_at__lt=now - KEPT_FOR) | Q(over, finished_at__isnull=False)
        old = list(locked.filter(stale).exclude(result="")[:100])
        _forget_results(old)
    return len(queued) + len(dead) + len(old)


@dataclasses.dataclass
class _Claim:
    """A job in the hands of one worker: which attempt it is tells it from the hands of another."""

    row: Job
    attempt: int
    noted: float = 0.0

    def report(self, done: int, total: int) -> None:
        """Note progress and life, not more than twice a second. Raises `Cancelled`."""
        now = time.monotonic()
        if now - self.noted < _NOTED_EVERY and done < total:
            return
        self.noted = now
        self.note(done=max(done, 0), total=max(total, 0))

    def note(self, **values: Any) -> None:
        """Write into the row while it is still ours. Raises `Cancelled`."""
        with acting(self.row.jurisdiction_id, "job"):
            mine = Job.objects.filter(id=self.row.pk, state=JobState.RUNNING, attempts=self.attempt)
            if not mine.update(beat_at=timezone.now(), **values):
                raise Cancelled

    def end(self, name: str, **changes: Any) -> bool:
        """Finish or fail the job if it is still ours; tell whether it was."""
        with acting(self.row.jurisdiction_id, "job"):
            row = Job.objects.select_for_update(of=("self",)).get(id=self.row.pk)
            if row.state != JobState.RUNNING or row.attempts != self.attempt:
                return False
            if name == "fail":
                _discard_after_commit(row.result)
                changes["result"] = ""
            changes["finished_at"] = timezone.now()
            worker = job(row.jurisdiction_id, WORKER)
            tell_job_ended(advance(row, name, lifecycle=JOB, actor=worker, changes=changes))
        return True


def _claim(jurisdiction_id: int, job_id: UUID) -> _Claim | None:
    with acting(jurisdiction_id, "job"):
        free = Job.objects.select_for_update(of=("self",), skip_locked=True)
        row = free.filter(id=job_id, state=JobState.QUEUED).first()
        if row is None:
            return None
        now = timezone.now()
        started = {"attempts": row.attempts + 1, "started_at": now, "beat_at": now, "done": 0, "message": ""}
        row = advance(
            row, "start", lifecycle=JOB, actor=job(jurisdiction_id, WORKER), changes={**started, "result": ""}
        )
    return _Claim(row, row.attempts)


def _work(claim: _Claim) -> str:
    """Do it; return why it failed, in words for the requester, or nothing. Raises `Cancelled` and database trouble."""
    row = claim.row
    run, actor = runner(row.kind), _requester(row)
    if run is None:
        return _UNKNOWN
    if actor is None:
        return _LEFT
    try:
        return _keep(claim, run(row, actor, claim.report), sorted(actor.occupations))
    except (Cancelled, OperationalError, InterfaceError):
        raise
    except (Refused, NotReadable) as refusal:
        return str(refusal)
    except SoftTimeLimitExceeded:
        return _TOO_LONG
    except Exception as error:
        # Places and types only: the words of an exception may hold personal data.
        places = "".join(traceback.format_tb(error.__traceback__)[-6:])
        logger.error("job %s (%s) failed: %s\n%s", row.pk, row.kind, type(error).__name__, places)
        return _FAULT


def _keep(claim: _Claim, result: Result, groups: list[str]) -> str:
    """Store the result and finish. The file is named in the row before it exists, so that none is forgotten."""
    content, name = result[:2]
    told = result[2] if len(result) == 3 else ""
    stored = f"{claim.row.pk}-{claim.attempt}{PurePath(name).suffix.lower()}"
    parameters = {**claim.row.parameters, "groups": groups}
    claim.note(result=stored, result_name=name[:120], parameters=parameters)
    try:
        private_files.store(stored, [content] if isinstance(content, bytes) else content)
    except OSError as error:
        logger.error("the result of job %s could not be stored: %s", claim.row.pk, type(error).__name__)
        return _NOT_STORED
    except BaseException:
        private_files.discard(stored)
        raise
    if not claim.end("finish", message=told[:500]):
        private_files.discard(stored)
        raise Cancelled
    return ""


def _requester(row: Job) -> Actor | None:
    """The actor of whoever asked, as of now; None when that membership has ended."""
    current = Membership.objects.current().filter(
        pk=row.parameters.get("membership"), user_id=row.requester_id, jurisdiction_id=row.jurisdiction_id
    )
    found = current.select_related("user", "jurisdiction", "agency", "employer").first()
    return None if found is None else actor_of_membership(found, user=found.user)


def _revive(row: Job, now: dt.datetime) -> None:
    worker = job(row.jurisdiction_id, WORKER)
    _discard_after_commit(row.result)
    if row.attempts >= MOST_ATTEMPTS:
        gone = {"message": _DIED, "finished_at": now, "result": ""}
        tell_job_ended(advance(row, "fail", lifecycle=JOB, actor=worker, changes=gone))
        return
    _ring(advance(row, "take_up_again", lifecycle=JOB, actor=worker, changes={"beat_at": now, "result": ""}))


def _one_at_a_time(actor: Actor) -> None:
    """Hold whatever else this person queues until the transaction ends: counting and adding must not interleave."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [QUEUEING, actor.user_id or 0])


def _ring(row: Job) -> None:
    """Ring for a worker once this is committed. A broker that is down costs a moment: the sweep rings again."""
    message = [row.jurisdiction_id, str(row.pk)]
    transaction.on_commit(
        lambda: app.send_task(TASK, message, expires=DEAD_AFTER.total_seconds(), retry=False),
        robust=True,
    )


def _forget_results(rows: Iterable[Job]) -> None:
    for row in rows:
        _discard_after_commit(row.result)
        row.result = ""
        row.save(update_fields=["result"])


def _discard_after_commit(stored: str) -> None:
    if stored:
        transaction.on_commit(lambda: private_files.discard(stored))
