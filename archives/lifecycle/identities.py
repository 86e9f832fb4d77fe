"""The life of a request about an identity, and of a pair of people who may be one."""

from __future__ import annotations

from agencies.models import Role
from archives.models import IdentityRequest, PersonPair
from archives.states import PairStatus, RequestStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _handles(row: IdentityRequest, actor: Actor) -> bool:
    own = actor.kind == "agency" and row.agency_id == actor.agency_id
    return own and row.occupation in actor.occupations


def _clerk(row: IdentityRequest, actor: Actor) -> bool:
    return actor.role == Role.CLERK and _handles(row, actor)


def _reviewer(row: IdentityRequest, actor: Actor) -> bool:
    return actor.role == Role.REVIEWER and _handles(row, actor)


def _officer(row: IdentityRequest | PersonPair, actor: Actor) -> bool:
    return actor.role == Role.OFFICER and row.jurisdiction_id == actor.jurisdiction_id


def _other_than_proposer(row: IdentityRequest, actor: Actor) -> str | None:
    """AY-N1: who asks does not confirm."""
    if actor.user_id == row.proposer_id:
        return "这件事由您申请，须由另一人审核。"
    return None


def _other_than_finder(row: IdentityRequest, actor: Actor) -> str | None:
    if actor.user_id == row.finder_id:
        return "处理意见由您提出，须由信用工作机构的另一人复核。"
    return None


IDENTITY = Lifecycle(
    Transition(
        name="confirm",
        label="审核确认",
        verb="identity.confirmed",
        sources=frozenset({RequestStatus.PROPOSED}),
        target=RequestStatus.DONE,
        permitted=_reviewer,
        guards=(_other_than_proposer,),
        primary=True,
        icon="badge-check",
    ),
    Transition(
        name="refer",
        label="转信用工作机构核实",
        verb="identity.referred",
        sources=frozenset({RequestStatus.PROPOSED}),
        target=RequestStatus.OFFICE,
        permitted=_reviewer,
        guards=(_other_than_proposer,),
    ),
    Transition(
        name="refuse",
        label="不予办理",
        verb="identity.refused",
        sources=frozenset({RequestStatus.PROPOSED}),
        target=RequestStatus.REFUSED,
        permitted=_reviewer,
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="withdraw",
        label="撤回",
        verb="identity.withdrawn",
        sources=frozenset({RequestStatus.PROPOSED, RequestStatus.OFFICE}),
        target=RequestStatus.WITHDRAWN,
        permitted=_clerk,
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="find",
        label="提出处理意见",
        verb="identity.found",
        sources=frozenset({RequestStatus.OFFICE}),
        target=RequestStatus.DECIDED,
        permitted=_officer,
        needs_reason=True,
        primary=True,
    ),
    Transition(
        name="agree",
        label="复核同意",
        verb="identity.finding_confirmed",
        sources=frozenset({RequestStatus.DECIDED}),
        target=RequestStatus.DONE,
        permitted=_officer,
        guards=(_other_than_finder,),
        primary=True,
        icon="badge-check",
    ),
    Transition(
        name="hand_back",
        label="复核同意，交责任单位办理",
        verb="identity.finding_confirmed",
        sources=frozenset({RequestStatus.DECIDED}),
        target=RequestStatus.PROPOSED,
        permitted=_officer,
        guards=(_other_than_finder,),
    ),
    Transition(
        name="turn_down",
        label="复核同意，不予办理",
        verb="identity.finding_confirmed",
        sources=frozenset({RequestStatus.DECIDED}),
        target=RequestStatus.REFUSED,
        permitted=_officer,
        guards=(_other_than_finder,),
    ),
    Transition(
        name="reopen",
        label="不同意，重新核实",
        verb="identity.finding_returned",
        sources=frozenset({RequestStatus.DECIDED}),
        target=RequestStatus.OFFICE,
        permitted=_officer,
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="close",
        label="已更正或核对",
        verb="identity.ask_met",
        sources=frozenset({RequestStatus.ASKED}),
        target=RequestStatus.DONE,
        permitted=_reviewer,
    ),
)


def _second_officer(row: PersonPair, actor: Actor) -> str | None:
    if actor.user_id == row.proposer_id:
        return "合并由您提出，须由信用工作机构的另一人复核。"
    return None


PAIR = Lifecycle(
    Transition(
        name="propose",
        label="提出合并",
        verb="pair.proposed",
        sources=frozenset({PairStatus.OPEN}),
        target=PairStatus.PROPOSED,
        permitted=_officer,
        needs_reason=True,
        primary=True,
    ),
    Transition(
        name="merge",
        label="复核合并",
        verb="pair.merged",
        sources=frozenset({PairStatus.PROPOSED}),
        target=PairStatus.MERGED,
        permitted=_officer,
        guards=(_second_officer,),
        primary=True,
        icon="badge-check",
        confirm="合并后两处登记按同一人办理；各单位的档案和已确认的版本不变，可以随时撤销合并。",
    ),
    Transition(
        name="decline",
        label="不同意合并",
        verb="pair.declined",
        sources=frozenset({PairStatus.PROPOSED}),
        target=PairStatus.OPEN,
        permitted=_officer,
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="keep_apart",
        label="不是同一人",
        verb="pair.kept_apart",
        sources=frozenset({PairStatus.OPEN}),
        target=PairStatus.APART,
        permitted=_officer,
        needs_reason=True,
        icon="ban",
        confirm="记为不同的人，今后不再提示。",
    ),
    Transition(
        name="reconsider",
        label="重新判断",
        verb="pair.reconsidered",
        sources=frozenset({PairStatus.APART}),
        target=PairStatus.OPEN,
        permitted=_officer,
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="undo",
        label="撤销合并",
        verb="pair.merge_undone",
        sources=frozenset({PairStatus.MERGED}),
        target=PairStatus.OPEN,
        permitted=_officer,
        needs_reason=True,
        icon="undo-2",
        confirm="撤销后恢复为合并以前的两处登记。",
    ),
)
