"""The life of a nil return: signed, confirmed where the place asks for a second person, void when a fact turns up."""

from __future__ import annotations

from agencies.models import Role
from archives.models import NilReturn
from archives.states import NilStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _handles(row: NilReturn, actor: Actor) -> bool:
    return row.agency_id == actor.agency_id and row.occupation in actor.occupations


def _keeper(row: NilReturn, actor: Actor) -> bool:
    return actor.role in (Role.CLERK, Role.REVIEWER) and _handles(row, actor)


def _clerk(row: NilReturn, actor: Actor) -> bool:
    return actor.role == Role.CLERK and _handles(row, actor)


def _anybody(row: NilReturn, actor: Actor) -> bool:
    return _handles(row, actor) or actor.kind == "job"


def _other(row: NilReturn, actor: Actor) -> str | None:
    if actor.user_id == row.signer_id:
        return "这份零报告由您签报，须由另一位经办人或审核人复核。"
    return None


NIL_RETURN = Lifecycle(
    Transition(
        name="confirm",
        label="复核确认",
        verb="nil_return.confirmed",
        sources=frozenset({NilStatus.SIGNED}),
        target=NilStatus.CONFIRMED,
        permitted=_keeper,
        guards=(_other,),
        primary=True,
        icon="badge-check",
    ),
    Transition(
        name="withdraw",
        label="撤回",
        verb="nil_return.withdrawn",
        sources=frozenset({NilStatus.SIGNED, NilStatus.CONFIRMED}),
        target=NilStatus.VOID,
        permitted=_clerk,
        needs_reason=True,
        icon="undo-2",
        confirm="撤回后这一期视为没有报告，须补报条目或重新签报。",
    ),
    Transition(
        name="void",
        label="因新信息失效",
        verb="nil_return.voided",
        sources=frozenset({NilStatus.SIGNED, NilStatus.CONFIRMED}),
        target=NilStatus.VOID,
        permitted=_anybody,
    ),
)
