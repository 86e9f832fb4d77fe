"""The life of a background job."""

from __future__ import annotations

from archives.models import Job
from archives.states import JobState
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _worker(_: Job, actor: Actor) -> bool:
    return actor.kind == "job"


def _requester(job: Job, actor: Actor) -> bool:
    unit = (job.agency_id, job.employer_id) == (actor.agency_id, actor.employer_id)
    return actor.user_id is not None and job.requester_id == actor.user_id and unit


JOB = Lifecycle(
    Transition(
        name="start",
        label="开始",
        verb="job.started",
        sources=frozenset({JobState.QUEUED}),
        target=JobState.RUNNING,
        permitted=_worker,
    ),
    Transition(
        name="take_up_again",
        label="重新开始",
        verb="job.taken_up_again",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.QUEUED,
        permitted=_worker,
    ),
    Transition(
        name="finish",
        label="完成",
        verb="job.done",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.DONE,
        permitted=_worker,
    ),
    Transition(
        name="fail",
        label="停止",
        verb="job.failed",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.FAILED,
        permitted=_worker,
    ),
    Transition(
        name="cancel",
        label="取消任务",
        verb="job.cancelled",
        sources=frozenset({JobState.QUEUED, JobState.RUNNING}),
        target=JobState.CANCELLED,
        permitted=_requester,
        icon="ban",
    ),
    field="state",
)
