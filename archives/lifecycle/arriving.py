"""The life of a file that a member uploads: read and judged, looked at, accepted or given up."""

from __future__ import annotations

from typing import Any

from archives.states import RosterImportState, UploadState
from audit.lifecycle import Guard, Lifecycle, Transition
from credit_platform.actors import Actor


def _uploader(row: Any, actor: Actor) -> bool:
    unit = (row.agency_id, row.employer_id) == (actor.agency_id, actor.employer_id)
    return actor.user_id is not None and row.requester_id == actor.user_id and unit


def arriving(
    states: type[UploadState] | type[RosterImportState],
    *further: Transition,
    verbs: str,
    word: str,
    guard: Guard,
    confirm: str,
) -> Lifecycle:
    """Return the life of one kind of file.

    `verbs` is the first half of its verbs in the journal, `word` what acceptance brings about (写入, 导入); `guard`
    refuses a file in which there is nothing to do, `confirm` is asked before it is accepted; `further` comes last.
    """
    return Lifecycle(
        Transition(
            name="show",
            label="核对完成",
            verb=f"{verbs}.read",
            sources=frozenset({states.READING}),
            target=states.READY,
            permitted=_uploader,
        ),
        Transition(
            name="accept",
            label=f"确认{word}",
            verb=f"{verbs}.accepted",
            sources=frozenset({states.READY}),
            target=states.APPLYING,
            permitted=_uploader,
            guards=(guard,),
            primary=True,
            icon="check",
            confirm=confirm,
        ),
        Transition(
            name="finish",
            label=f"{word}完成",
            verb=f"{verbs}.done",
            sources=frozenset({states.APPLYING}),
            target=states.DONE,
            permitted=_uploader,
        ),
        Transition(
            name="refuse",
            label="不能导入",
            verb=f"{verbs}.refused",
            sources=frozenset({states.READING}),
            target=states.FAILED,
            permitted=_uploader,
        ),
        Transition(
            name="cancel",
            label="放弃导入",
            verb=f"{verbs}.cancelled",
            sources=frozenset({states.READING, states.READY}),
            target=states.CANCELLED,
            permitted=_uploader,
            icon="ban",
        ),
        *further,
        field="state",
    )
