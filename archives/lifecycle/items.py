"""The life of an item: as that of a part, and its revocation."""

from __future__ import annotations

from collections.abc import Callable

from agencies.models import Role
from archives.lifecycle.people import WRITABLE, may_fill, may_write, second_person, with_role
from archives.models import Item
from archives.schema.members import MEMBERS
from archives.states import Status
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


def _confirming(revoking: bool) -> Callable[[Item, Actor], bool]:
    reviewer = with_role(Role.REVIEWER)

    def permitted(item: Item, actor: Actor) -> bool:
        return item.revoked == revoking and reviewer(item, actor)

    return permitted


def _withdrawable(item: Item, actor: Actor) -> bool:
    """What was confirmed once, also while a correction of it is being written."""
    return item.current_version > 0 and not item.revoked and with_role(Role.CLERK)(item, actor)


def _own_draft(item: Item, actor: Actor) -> bool:
    """What was never handed on is its writer's alone."""
    return item.current_version == 0 and actor.user_id in item.writers and may_fill(item, actor)


def _evidence_there(item: Item, actor: Actor) -> str | None:
    """AY-N3: nothing counts against anybody without the material it rests on."""
    if not item.adverse:
        return None
    there = item.evidence.filter(jurisdiction_id=actor.jurisdiction_id, removed_at=None)
    if not there.exists():
        return "不利信息须附证明材料。请先上传处罚决定书、生效文书等材料的扫描件。"
    if item.evidence_from and not there.filter(uploaded_at__gte=item.evidence_from).exists():
        return (
            "文书已改为另一份，原来的材料不能证明它。请上传现在这份文书的扫描件；"
            "原来的扫描件就是这份文书的，请重新上传一次。"
        )
    return None


def _person_told(item: Item, actor: Actor) -> str | None:
    """Nobody learns of an adverse entry from somebody who looked it up."""
    if item.adverse and item.notified_on is None and not item.revoked:
        return "不利信息入档前须告知本人。请经办人送达入档告知书并登记送达日期后再确认。"
    return None


def _consent_withdrawn(item: Item, actor: Actor) -> bool:
    """No button: it follows when a withdrawal is noted by whoever keeps the consent, wherever the fact lies."""
    own = item.agency_id == actor.agency_id and item.occupation in actor.occupations
    if item.occupation != MEMBERS or not may_write(actor) or not own or item.recalled_at is not None:
        return False
    consent = item.archive.consent
    return consent is not None and consent.withdrawn_on is not None


ITEM = Lifecycle(
    Transition(
        name="submit",
        label="提交",
        verb="item.submitted",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.SUBMITTED,
        permitted=with_role(Role.FILLER),
        guards=(_evidence_there,),
        primary=True,
        icon="send",
    ),
    Transition(
        name="submit_for_review",
        label="提交审核",
        verb="item.submitted_for_review",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.IN_REVIEW,
        permitted=with_role(Role.CLERK),
        guards=(_evidence_there,),
        primary=True,
        icon="send",
    ),
    Transition(
        name="pass_on",
        label="转审核",
        verb="item.passed_on",
        sources=frozenset({Status.SUBMITTED}),
        target=Status.IN_REVIEW,
        permitted=with_role(Role.CLERK),
        guards=(_evidence_there,),
        primary=True,
        icon="send",
    ),
    Transition(
        name="return_to_filler",
        label="退回",
        verb="item.returned",
        sources=frozenset({Status.SUBMITTED}),
        target=Status.RETURNED,
        permitted=with_role(Role.CLERK),
        needs_reason=True,
        icon="undo-2",
        confirm="退回后填报员需修改并重新提交。",
    ),
    Transition(
        name="seal",
        label="审核确认",
        verb="item.sealed",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.SEALED,
        permitted=_confirming(revoking=False),
        guards=(second_person, _evidence_there, _person_told),
        primary=True,
        icon="badge-check",
        confirm="确认后条目封存，可报送的将自动报送，之后只能更正或撤销。",
    ),
    Transition(
        name="return",
        label="退回",
        verb="item.returned",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.RETURNED,
        permitted=_confirming(revoking=False),
        needs_reason=True,
        icon="undo-2",
        confirm="退回后经办人需修改并重新提交。",
    ),
    Transition(
        name="confirm_revocation",
        label="确认撤销",
        verb="item.revoked",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.SEALED,
        permitted=_confirming(revoking=True),
        guards=(second_person,),
        primary=True,
        icon="badge-check",
        confirm="确认后本条不再展示，已报送的将通知平台撤下。",
    ),
    Transition(
        name="keep",
        label="不予撤销",
        verb="item.kept",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.SEALED,
        permitted=_confirming(revoking=True),
        needs_reason=True,
        icon="undo-2",
        confirm="现行版本继续有效。",
    ),
    Transition(
        name="recall",
        label="随同意撤回",
        verb="item.recalled",
        sources=frozenset(Status),
        target=Status.SEALED,
        permitted=_consent_withdrawn,
        needs_reason=True,
    ),
    Transition(
        name="give_up",
        label="作废草稿",
        verb="item.given_up",
        sources=frozenset({Status.DRAFT}),
        target=Status.DRAFT,
        permitted=_own_draft,
        icon="ban",
        confirm="作废后填写的内容和证明材料一并清除，不能恢复。",
    ),
    Transition(
        name="correct",
        label="更正",
        verb="item.correction_started",
        sources=frozenset({Status.SEALED}),
        target=Status.DRAFT,
        permitted=lambda item, actor: not item.revoked and with_role(Role.CLERK)(item, actor),
        needs_reason=True,
        icon="file-pen-line",
        confirm="现行版本继续有效，更正内容经另一人审核确认后成为下一版并重新报送。",
    ),
    Transition(
        name="revoke",
        label="撤销",
        verb="item.revocation_proposed",
        sources=frozenset({Status.SEALED, *WRITABLE}),
        target=Status.IN_REVIEW,
        permitted=_withdrawable,
        needs_reason=True,
        icon="ban",
        confirm="原决定被撤销、变更或查明有误的，撤销本条；经另一人确认后生效。未提交的更正内容不再保留。",
    ),
)
