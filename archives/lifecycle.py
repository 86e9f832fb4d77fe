"""The life of a part: draft → 待经办 → 待审核 → 已确认, with returns; and of a filing.

Buttons on pages come from these tables; `audit.lifecycle.advance` keeps them.
"""

from __future__ import annotations

from collections.abc import Callable

from agencies.models import Role
from archives.models import Filing, Item, RecordPart
from archives.services.writers import note_state
from archives.states import FilingStatus, Status
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor

Head = RecordPart | Item
"""What is drafted, confirmed and versioned on its own."""


def handles(head: Head, actor: Actor) -> bool:
    """Tell whether this actor's unit and groups include the part or item."""
    if head.agency_id != actor.agency_id or head.occupation not in actor.occupations:
        return False
    return actor.kind == "agency" or (actor.kind == "employer" and head.employer_id == actor.employer_id)


def may_fill(head: Head, actor: Actor) -> bool:
    """Tell whether this actor may write into the part or item now."""
    writable = head.status in (Status.DRAFT, Status.RETURNED)
    return writable and handles(head, actor) and actor.role in (Role.FILLER, Role.CLERK)


def may_attach(head: Head, actor: Actor) -> bool:
    """Tell whether this actor may add evidence now: who may write, and the clerk until it is confirmed."""
    waiting = head.status in (Status.SUBMITTED, Status.IN_REVIEW)
    return may_fill(head, actor) or (waiting and actor.role == Role.CLERK and handles(head, actor))


def _role(role: Role) -> Callable[[Head, Actor], bool]:
    def permitted(head: Head, actor: Actor) -> bool:
        return actor.role == role and handles(head, actor)

    return permitted


def _second_person(part: RecordPart, actor: Actor) -> str | None:
    """AY-N1: who filled in or passed on a record does not confirm it."""
    if actor.user_id in part.writers:
        return "您填写或经办过这份记录，须由另一位审核人确认。"
    return None


PART = Lifecycle(
    Transition(
        name="submit",
        label="提交",
        verb="record.submitted",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.SUBMITTED,
        permitted=_role(Role.FILLER),
        primary=True,
        icon="send",
    ),
    Transition(
        name="submit_for_review",
        label="提交审核",
        verb="record.submitted_for_review",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.IN_REVIEW,
        permitted=_role(Role.CLERK),
        primary=True,
        icon="send",
    ),
    Transition(
        name="pass_on",
        label="转审核",
        verb="record.passed_on",
        sources=frozenset({Status.SUBMITTED}),
        target=Status.IN_REVIEW,
        permitted=_role(Role.CLERK),
        primary=True,
        icon="send",
    ),
    Transition(
        name="return_to_filler",
        label="退回",
        verb="record.returned",
        sources=frozenset({Status.SUBMITTED}),
        target=Status.RETURNED,
        permitted=_role(Role.CLERK),
        needs_reason=True,
        icon="undo-2",
        confirm="退回后填报员需修改并重新提交。",
    ),
    Transition(
        name="seal",
        label="审核确认",
        verb="record.sealed",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.SEALED,
        permitted=_role(Role.REVIEWER),
        guards=(_second_person,),
        primary=True,
        icon="badge-check",
        confirm="确认后内容封存并报送，之后只能以更正的方式修改。",
    ),
    Transition(
        name="return",
        label="退回",
        verb="record.returned",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.RETURNED,
        permitted=_role(Role.REVIEWER),
        needs_reason=True,
        icon="undo-2",
        confirm="退回后经办人需修改并重新提交。",
    ),
    Transition(
        name="correct",
        label="更正",
        verb="record.correction_started",
        sources=frozenset({Status.SEALED}),
        target=Status.DRAFT,
        permitted=_role(Role.CLERK),
        needs_reason=True,
        icon="file-pen-line",
        confirm="现行版本继续有效，更正内容经另一人审核确认后成为下一版并重新报送。",
    ),
    then=note_state,
)


def _own_agency(filing: Filing, actor: Actor) -> bool:
    mine = filing.agency_id == actor.agency_id and filing.occupation in actor.occupations
    return actor.role in (Role.CLERK, Role.REVIEWER) and mine


def _office(filing: Filing, actor: Actor) -> bool:
    return actor.role == Role.OFFICER and filing.jurisdiction_id == actor.jurisdiction_id


FILING = Lifecycle(
    Transition(
        name="resubmit",
        label="重新报备",
        verb="filing.resubmitted",
        sources=frozenset({FilingStatus.RETURNED, FilingStatus.FILED}),
        target=FilingStatus.SUBMITTED,
        permitted=_own_agency,
        primary=True,
        icon="send",
    ),
    Transition(
        name="file",
        label="予以备案",
        verb="filing.filed",
        sources=frozenset({FilingStatus.SUBMITTED}),
        target=FilingStatus.FILED,
        permitted=_office,
        primary=True,
        icon="badge-check",
    ),
    Transition(
        name="send_back",
        label="退回补正",
        verb="filing.returned",
        sources=frozenset({FilingStatus.SUBMITTED}),
        target=FilingStatus.RETURNED,
        permitted=_office,
        needs_reason=True,
        icon="undo-2",
        confirm="退回后责任单位需补正并重新报备。",
    ),
)
