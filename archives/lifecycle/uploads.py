"""The life of an uploaded workbook."""

from __future__ import annotations

from archives.lifecycle.arriving import arriving
from archives.models import Upload
from archives.states import UploadState as State
from audit.lifecycle import Transition
from credit_platform.actors import Actor


def _system(row: Upload, actor: Actor) -> bool:
    return actor.kind == "job"


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
        sources=frozenset({State.READING, State.READY, State.APPLYING}),
        target=State.CANCELLED,
        permitted=_system,
    ),
    verbs="upload",
    word="写入",
    guard=_something_to_write,
    confirm="确认后，没有问题的行写入草稿；有问题的不写入，可以更正后重新上传。",
)
