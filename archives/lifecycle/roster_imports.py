"""The life of an uploaded roster: read, looked at, accepted or given up."""

from __future__ import annotations

from archives.models import RosterImport
from archives.states import RosterImportState as State
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _uploader(row: RosterImport, actor: Actor) -> bool:
    unit = (row.agency_id, row.employer_id) == (actor.agency_id, actor.employer_id)
    return actor.user_id is not None and row.requester_id == actor.user_id and unit


def _something_new(row: RosterImport, actor: Actor) -> str | None:
    counts = row.counts
    if not counts.get("new") and not counts.get("changed"):
        return "没有可以导入的人员：表中的人员都已在名册上，或者有问题须更正。"
    return None


ROSTER_IMPORT = Lifecycle(
    Transition(
        name="show",
        label="核对完成",
        verb="roster_import.read",
        sources=frozenset({State.READING}),
        target=State.READY,
        permitted=_uploader,
    ),
    Transition(
        name="accept",
        label="确认导入",
        verb="roster_import.accepted",
        sources=frozenset({State.READY}),
        target=State.APPLYING,
        permitted=_uploader,
        guards=(_something_new,),
        primary=True,
        icon="check",
        confirm="确认后，没有问题的人员列入名册；有问题的不导入，可以更正后重新上传。",
    ),
    Transition(
        name="finish",
        label="导入完成",
        verb="roster_import.done",
        sources=frozenset({State.APPLYING}),
        target=State.DONE,
        permitted=_uploader,
    ),
    Transition(
        name="refuse",
        label="不能导入",
        verb="roster_import.refused",
        sources=frozenset({State.READING, State.APPLYING}),
        target=State.FAILED,
        permitted=_uploader,
    ),
    Transition(
        name="cancel",
        label="放弃导入",
        verb="roster_import.cancelled",
        sources=frozenset({State.READING, State.READY}),
        target=State.CANCELLED,
        permitted=_uploader,
        icon="ban",
    ),
    field="state",
)
