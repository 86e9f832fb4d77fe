"""The procedure before an adverse determination (AY-N2, AY-N3)."""

from __future__ import annotations

from agencies.models import Role
from archives.lifecycle.people import with_role
from archives.models import Proceeding
from archives.states import ProceedingStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _decider(proceeding: Proceeding, actor: Actor) -> str | None:
    """AY-N1: who wrote what is held against a person, or handled the notice, does not decide about it."""
    if actor.user_id is not None and actor.user_id in (proceeding.opener_id, *proceeding.part.writers):
        return "您填写或经办过这份记录，须由另一位审核人决定。"
    return None


_BEFORE_DECISION = frozenset({ProceedingStatus.OPEN, ProceedingStatus.NOTIFIED, ProceedingStatus.HEARD})
PROCEEDING = Lifecycle(
    Transition(
        name="notify",
        label="登记告知",
        verb="proceeding.notified",
        sources=frozenset({ProceedingStatus.OPEN}),
        target=ProceedingStatus.NOTIFIED,
        permitted=with_role(Role.CLERK),
        primary=True,
        icon="mail-check",
    ),
    Transition(
        name="hear",
        label="登记陈述申辩",
        verb="proceeding.heard",
        sources=frozenset({ProceedingStatus.NOTIFIED, ProceedingStatus.HEARD}),
        target=ProceedingStatus.HEARD,
        permitted=with_role(Role.CLERK),
        primary=True,
        icon="message-square-text",
    ),
    Transition(
        name="uphold",
        label="决定认定",
        verb="proceeding.upheld",
        sources=frozenset({ProceedingStatus.HEARD}),
        target=ProceedingStatus.DECIDED,
        permitted=with_role(Role.REVIEWER),
        guards=(_decider,),
        primary=True,
        icon="gavel",
    ),
    Transition(
        name="drop",
        label="不予认定",
        verb="proceeding.dropped",
        sources=frozenset({ProceedingStatus.HEARD}),
        target=ProceedingStatus.DROPPED,
        permitted=with_role(Role.REVIEWER),
        guards=(_decider,),
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="serve",
        label="登记送达",
        verb="proceeding.served",
        sources=frozenset({ProceedingStatus.DECIDED}),
        target=ProceedingStatus.SERVED,
        permitted=with_role(Role.CLERK),
        primary=True,
        icon="mail-check",
    ),
    Transition(
        name="withdraw",
        label="撤回程序",
        verb="proceeding.withdrawn",
        sources=_BEFORE_DECISION,
        target=ProceedingStatus.DROPPED,
        permitted=with_role(Role.CLERK),
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="revoke",
        label="撤销决定",
        verb="proceeding.revoked",
        sources=frozenset({ProceedingStatus.DECIDED, ProceedingStatus.SERVED}),
        target=ProceedingStatus.DROPPED,
        permitted=with_role(Role.REVIEWER),
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="seal",
        label="确认认定",
        verb="proceeding.sealed",
        sources=frozenset({ProceedingStatus.SERVED}),
        target=ProceedingStatus.SEALED,
        permitted=with_role(Role.REVIEWER),
    ),
)
