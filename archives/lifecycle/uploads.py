"""The life of an uploaded workbook: read and judged, looked at, accepted or given up."""

from __future__ import annotations

from archives.models import Upload
from archives.states import UploadState as State
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _uploader(row: Upload, actor: Actor) -> bool:
    unit = (row.agency_id, row.employer_id) == (actor.agency_id, actor.employer_id)
    return actor.user_id is not None and row.requester_id == actor.user_id and unit


def _system(row: Upload, actor: Actor) -> bool:
    return actor.kind == "job"


def _something_to_write(row: Upload, actor: Actor) -> str | None:
    if not row.counts.get("new") and not row.counts.get("changed"):
        return "没有可以写入的行：表中内容与系统中的相同，或者有问题须更正。"
    return None


UPLOAD = Lifecycle(
    Transition(
        name="show",
        label="核对完成",
        verb="upload.read",
        sources=frozenset({State.READING}),
        target=State.READY,
        permitted=_uploader,
    ),
    Transition(
        name="accept",
        label="确认写入",
        verb="upload.accepted",
        sources=frozenset({State.READY}),
        target=State.APPLYING,
        permitted=_uploader,
        guards=(_something_to_write,),
        primary=True,
        icon="check",
        confirm="确认后，没有问题的行写入草稿；有问题的不写入，可以更正后重新上传。",
    ),
    Transition(
        name="finish",
        label="写入完成",
        verb="upload.done",
        sources=frozenset({State.APPLYING}),
        target=State.DONE,
        permitted=_uploader,
    ),
    Transition(
        name="refuse",
        label="不能导入",
        verb="upload.refused",
        sources=frozenset({State.READING, State.APPLYING}),
        target=State.FAILED,
        permitted=_uploader,
    ),
    Transition(
        name="cancel",
        label="放弃导入",
        verb="upload.cancelled",
        sources=frozenset({State.READING, State.READY}),
        target=State.CANCELLED,
        permitted=_uploader,
        icon="ban",
    ),
    Transition(
        name="expire",
        label="到期清除",
        verb="upload.expired",
        sources=frozenset({State.READING, State.READY}),
        target=State.CANCELLED,
        permitted=_system,
    ),
    field="state",
)
