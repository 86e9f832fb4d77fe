"""The life of a transfer: what each of the two units may do with it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from agencies.models import Role
from archives.models import Transfer
from archives.states import TransferStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor

Permission = Callable[[Transfer, Actor], bool]


def _sender(role: Role) -> Permission:
    def permitted(row: Transfer, actor: Actor) -> bool:
        own = (row.from_jurisdiction_id, row.from_agency_id) == (actor.jurisdiction_id, actor.agency_id)
        return own and actor.role == role and row.from_occupation in actor.occupations

    return permitted


def _addressee(row: Transfer, actor: Actor) -> bool:
    return row.arrives_at(actor) and actor.role == Role.CLERK and row.to_occupation in actor.occupations


def _second_person(row: Transfer, actor: Actor) -> str | None:
    return "转出由您提出，须由另一位审核人确认。" if row.proposer_id == actor.user_id else None


def _in_time(row: Transfer, actor: Actor) -> str | None:
    if row.has_lapsed(timezone.localdate()):
        return f"接收期限已于 {row.lapses_on:%Y-%m-%d} 届满，请联系转出单位重新办理。"
    return None


def _checked(row: Transfer, actor: Actor) -> str | None:
    return None if row.key else "请先核对转入人员的姓名和证件号码。"


def _lapsed(row: Transfer, actor: Actor) -> bool:
    own = row.from_jurisdiction_id == actor.jurisdiction_id
    by = (actor.kind == "job" and own) or _sender(Role.CLERK)(row, actor)
    return by and row.has_lapsed(timezone.localdate())


TRANSFER = Lifecycle(
    Transition(
        name="confirm",
        label="审核确认",
        verb="transfer.sent",
        sources=frozenset({TransferStatus.PROPOSED}),
        target=TransferStatus.SENT,
        permitted=_sender(Role.REVIEWER),
        guards=(_second_person,),
        primary=True,
        icon="badge-check",
        confirm="确认后，已审核确认的年度记录和可以移交的条目送接收单位，由其核对人员后出具回执。",
    ),
    Transition(
        name="return",
        label="退回",
        verb="transfer.returned",
        sources=frozenset({TransferStatus.PROPOSED}),
        target=TransferStatus.WITHDRAWN,
        permitted=_sender(Role.REVIEWER),
        needs_reason=True,
        icon="undo-2",
        confirm="退回后不转出；需要转出的，由经办人重新提出。",
    ),
    Transition(
        name="withdraw",
        label="撤回",
        verb="transfer.withdrawn",
        sources=frozenset({TransferStatus.PROPOSED, TransferStatus.SENT}),
        target=TransferStatus.WITHDRAWN,
        permitted=_sender(Role.CLERK),
        needs_reason=True,
        icon="ban",
        confirm="撤回后接收单位不能再查看和接收。",
    ),
    Transition(
        name="lapse",
        label="失效",
        verb="transfer.lapsed",
        sources=frozenset({TransferStatus.SENT}),
        target=TransferStatus.LAPSED,
        permitted=_lapsed,
    ),
    Transition(
        name="receive",
        label="接收并出具回执",
        verb="transfer.received",
        sources=frozenset({TransferStatus.SENT}),
        target=TransferStatus.RECEIVED,
        permitted=_addressee,
        guards=(_in_time, _checked),
        primary=True,
        icon="check",
    ),
    Transition(
        name="refuse",
        label="退回转出单位",
        verb="transfer.refused",
        sources=frozenset({TransferStatus.SENT}),
        target=TransferStatus.REFUSED,
        permitted=_addressee,
        needs_reason=True,
        icon="undo-2",
        confirm="退回后不再能查看和接收；原因会告诉转出单位，请不要写个人信息。",
    ),
    Transition(
        name="block",
        label="停办",
        verb="transfer.blocked",
        sources=frozenset({TransferStatus.SENT}),
        target=TransferStatus.BLOCKED,
        permitted=_addressee,
    ),
)
