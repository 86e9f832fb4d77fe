"""The life of an uploaded workbook."""

from __future__ import annotations

from archives.lifecycle.arriving import arriving
from archives.models import Upload
from archives.states import UploadState as State
from audit.lifecycle import Transition
from credit_platform.actors import Actor


def _system(row: Upload, actor: Actor) -> bool:
    return actor.kind == "job"


def _worker(row: Upload, actor: Actor) -> bool:
    """A sweep, or the job of whoever uploaded the file."""
    return actor.kind == "job" or (actor.user_id is not None and row.requester_id == actor.user_id)


def _something_to_write(row: Upload, actor: Actor) -> str | None:
    if not row.counts.get("new") and not row.counts.get("changed"):
        return "没有可以写入的行：表中内容与系统中的相同，或者有问题须更正。"
    return None


UPLOAD = arriving(
    State,
    Transition(
        name="expire",
        label="到期清除",
        verb="upload.expired",
        sources=frozenset({State.READING, State.READY}),
        target=State.CANCELLED,
        permitted=_system,
    ),
    Transition(  # of what was accepted a part may be written: it is never given up as if nothing had happened
        name="stop",
        label="中止写入",
        verb="upload.stopped",
        sources=frozenset({State.APPLYING}),
        target=State.STOPPED,
        permitted=_worker,
    ),
    verbs="upload",
    word="写入",
    guard=_something_to_write,
    confirm="确认后，没有问题的行写入草稿；有问题的不写入，可以更正后重新上传。",
)
