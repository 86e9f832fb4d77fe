"""The life of a roster that is to be stamped (AY-N4)."""

from __future__ import annotations

from agencies.models import Role
from archives.lifecycle.people import handles
from archives.models import StampedRoster
from archives.states import RosterStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _keeper(roster: StampedRoster, actor: Actor) -> bool:
    return actor.role in (Role.CLERK, Role.REVIEWER) and handles(roster, actor)


def _system(roster: StampedRoster, actor: Actor) -> bool:
    return actor.kind == "job"


def _other_eyes(roster: StampedRoster, actor: Actor) -> str | None:
    """AY-N4: the stamp counts when two people have seen it."""
    if actor.user_id == roster.scanner_id:
        return "扫描件由您上传，须由另一位经办人或审核人核对。"
    return None


ROSTER = Lifecycle(
    Transition(
        name="scan",
        label="上传扫描件",
        verb="roster.scanned",
        sources=frozenset({RosterStatus.PRINTED, RosterStatus.SCANNED}),
        target=RosterStatus.SCANNED,
        permitted=_keeper,
        primary=True,
        icon="upload",
    ),
    Transition(
        name="confirm",
        label="核对无误",
        verb="roster.stamped",
        sources=frozenset({RosterStatus.SCANNED}),
        target=RosterStatus.STAMPED,
        permitted=_keeper,
        guards=(_other_eyes,),
        primary=True,
        icon="badge-check",
    ),
    Transition(
        name="void",
        label="作废",
        verb="roster.voided",
        sources=frozenset({RosterStatus.PRINTED, RosterStatus.SCANNED, RosterStatus.STAMPED}),
        target=RosterStatus.VOID,
        permitted=_keeper,
        needs_reason=True,
        icon="ban",
        confirm="作废后名册上的各版不再显示已盖章，可以重新打印名册。",
    ),
    Transition(
        name="recall",
        label="因撤回同意作废",
        verb="roster.recalled",
        sources=frozenset({RosterStatus.PRINTED, RosterStatus.SCANNED, RosterStatus.STAMPED}),
        target=RosterStatus.VOID,
        permitted=_system,
    ),
)
