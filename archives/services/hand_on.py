"""Handing many records on in one act: drafts submitted, what was submitted passed on to review. Each in a savepoint of
its own, so that none is half handed on; what one press or a job can't do says why.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Role
from archives.jobs import Report, Result, register
from archives.models import Job, Proceeding, RecordPart
from archives.outcomes import narrow
from archives.schema.standing import is_adverse
from archives.services.jobs import queue_job
from archives.services.people import NotReadable
from archives.services.records import pass_on, submit
from archives.states import RUNNING, Status
from archives.workbooks.cells import neutral
from audit.lifecycle import AlreadyDone, Refused, lock
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting, as_context

KIND = "hand-on"
MOST_RECORDS = 5000
FROM: Mapping[str, tuple[Status, ...]] = {
    Role.FILLER: (Status.DRAFT, Status.RETURNED),
    Role.CLERK: (Status.DRAFT, Status.RETURNED, Status.SUBMITTED),
}
"""What each role hands on: a filler to the clerk, a clerk to the reviewer."""
FILTERS = ("year", "occupation", "status", "delivery", "employer_id", "outcome", "registration", "check")
ONE_BY_ONE = "认定不是守信，或有没办完的认定程序，请打开后逐人提交。"
Shown = tuple[UUID, int]
"""A record and the revision of it that was on the list."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one record; `message` says why it was not handed on."""

    part: RecordPart
    done: bool
    message: str = ""


def hand_on_together(
    *, shown: Sequence[Shown], actor: Actor, today: dt.date, seconds: float
) -> tuple[list[Outcome], list[Shown]]:
    """Hand on the records as they stood on the list. Returns the outcomes and, when `seconds` are over, what is left.

    One that changed since, is not complete, or is not for many at once stays as it is and says why. What the actor may
    not see is passed over. Raises `Refused` for a role that hands nothing on.
    """
    _check_role(actor)
    visible = RecordPart.objects.visible_to(actor).in_bulk([part_id for part_id, _ in shown])
    end = time.monotonic() + seconds
    outcomes: list[Outcome] = []
    for position, (part_id, revision) in enumerate(shown):
        if outcomes and time.monotonic() > end:
            return outcomes, list(shown[position:])
        if (part := visible.get(part_id)) is not None:
            outcomes.append(_hand_on(part, revision, actor, today))
    return outcomes, []


def queue_hand_on(*, filters: Mapping[str, Any], actor: Actor) -> Job:
    """Queue the handing on of all that the filters (names of `FILTERS`) find. They name the status to hand on from.

    Raises `Refused` when they don't, when there is nothing, or more than `MOST_RECORDS`, and as `queue_job`.
    """
    _check_role(actor)
    chosen = {name: filters[name] for name in FILTERS if filters.get(name) not in (None, "")}
    if chosen.get("status") not in FROM[actor.role]:
        words = "、".join(status.label for status in FROM[actor.role])
        raise Refused(f"请先按状态筛选（{words}），再提交筛选结果。", code="status")
    count = _found(actor, chosen).count()
    if not count:
        raise Refused("没有符合条件的记录，什么都没有提交。", code="nothing")
    if count > MOST_RECORDS:
        raise Refused(f"一次最多提交 {MOST_RECORDS:,} 份，请按所属单位或人群分次办理。", code="too_many")
    title = f"批量提交：{Status(chosen['status']).label}（{count} 份）"
    return queue_job(kind=KIND, title=title, parameters={"filters": chosen}, actor=actor)


def run_hand_on(job: Job, actor: Actor, report: Report) -> Result:
    """Hand on each in a transaction of its own; those that can't be are named with the reason in the result.

    Taken up again after a kill, it finds what is left, and counts what was handed on before.
    """
    before = _handed_on_by(job)
    assert actor.context is not None  # only members queue jobs
    with as_context(actor.context):
        _check_role(actor)
        found = _found(actor, job.parameters["filters"]).order_by("name_sort", "id")
        ids = list(found.values_list("id", flat=True)[:MOST_RECORDS])
    left: list[Outcome] = []
    for position, pk in enumerate(ids, 1):
        with as_context(actor.context):
            part = RecordPart.objects.visible_to(actor).filter(id=pk).first()
            outcome = part and _hand_on(part, None, actor, timezone.localdate(), job=job)
        if outcome and not outcome.done:
            left.append(outcome)
        report(before + position, before + len(ids))
    said = _said(before + len(ids) - len(left), left)
    return (
        _told(said, left),
        f"批量提交结果（{before + len(ids)}份）.csv",
        f"{said}。没有提交的原因在结果文件中。" if left else f"{said}。",
    )


register(KIND, run_hand_on)


def _handed_on_by(job: Job) -> int:
    """How many records this job has handed on by now: each says so in the journal, in its own transaction."""
    with acting(job.jurisdiction_id, "job"):
        since = Event.objects.filter(agency_id=job.agency_id, at__gte=job.created_at)
        return since.filter(data__job=str(job.pk)).count()


def _hand_on(
    part: RecordPart, revision: int | None, actor: Actor, today: dt.date, *, job: Job | None = None
) -> Outcome:
    step: Any = pass_on if part.status == Status.SUBMITTED and actor.role == Role.CLERK else submit
    data = {"job": str(job.pk)} if job else None
    try:
        with transaction.atomic():
            _check_plain(lock(part))
            step(part=part, revision=revision, actor=actor, today=today, data=data)
    except AlreadyDone:
        return Outcome(part, False, "此前已经提交，没有再次办理。")
    except Refused as refusal:
        return Outcome(part, False, str(refusal))
    except NotReadable as wrong:
        more = f"（另有 {len(wrong.problems) - 1} 处）" if len(wrong.problems) > 1 else ""
        return Outcome(part, False, f"内容还不完整：{wrong.problems[0].message}{more}")
    return Outcome(part, True)


def _check_plain(part: RecordPart) -> None:
    """Raise `Refused` for a record that somebody should look at: handing on 守信 takes back what was only intended."""
    running = Proceeding.objects.filter(part_id=part.pk, status__in=RUNNING)
    if is_adverse(part.determination) or running.exists():
        raise Refused(ONE_BY_ONE, code="one_by_one")


def _found(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[RecordPart]:
    known = {name: filters[name] for name in FILTERS if name in filters}
    return narrow(RecordPart.objects.visible_to(actor), known)


def _check_role(actor: Actor) -> None:
    if actor.role not in FROM:
        raise Refused("只有填报员和经办人可以提交。", code="not_permitted")


def _said(done: int, left: Sequence[Outcome]) -> str:
    return f"已提交 {done:,} 份" + (f"，没有提交 {len(left):,} 份" if left else "")


def _told(said: str, left: Sequence[Outcome]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([said])
    table.writerow(["姓名", "证件号码", "年度", "没有提交的原因"])
    for one in left:
        part = one.part
        table.writerow([neutral(part.name), neutral(part.number_mask), part.year, one.message])
    return text.getvalue().encode("utf-8-sig")
