"""The life of a part and of an item: draft → 待经办 → 待审核 → 已确认, with returns; and those of filings, proceedings,
jobs and rosters.

Buttons on pages come from these tables; `audit.lifecycle.advance` keeps them.
"""

from __future__ import annotations

from collections.abc import Callable

from agencies.models import Role
from archives.models import Filing, Item, Job, Proceeding, RecordPart, StampedRoster
from archives.services.writers import note_state
from archives.states import FilingStatus, JobState, ProceedingStatus, RosterStatus, Status
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor

Head = RecordPart | Item
"""What is drafted, confirmed and versioned on its own."""


def handles(head: Head | Proceeding | StampedRoster, actor: Actor) -> bool:
    """Tell whether this actor's unit and groups include the part or item, or what belongs to it."""
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


def _role(role: Role) -> Callable[[Head | Proceeding, Actor], bool]:
    def permitted(head: Head | Proceeding, actor: Actor) -> bool:
        return actor.role == role and handles(head, actor)

    return permitted


def _second_person(head: Head, actor: Actor) -> str | None:
    """AY-N1: who filled in or passed on a record does not confirm it."""
    if actor.user_id in head.writers:
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


def _confirming(revoking: bool) -> Callable[[Item, Actor], bool]:
    reviewer = _role(Role.REVIEWER)

    def permitted(item: Item, actor: Actor) -> bool:
        return item.revoked == revoking and reviewer(item, actor)

    return permitted


def _evidence_there(item: Item, actor: Actor) -> str | None:
    """AY-N3: nothing counts against anybody without the material it rests on."""
    if (
        item.adverse
        and not item.evidence.filter(jurisdiction_id=actor.jurisdiction_id, removed_at=None).exists()
    ):
        return "不利信息须附证明材料。请先上传处罚决定书、生效文书等材料的扫描件。"
    return None


def _person_told(item: Item, actor: Actor) -> str | None:
    """Nobody learns of an adverse entry from somebody who looked it up."""
    if item.adverse and item.notified_on is None and not item.revoked:
        return "不利信息入档前须告知本人。请经办人送达入档告知书并登记送达日期后再确认。"
    return None


ITEM = Lifecycle(
    Transition(
        name="submit",
        label="提交",
        verb="item.submitted",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.SUBMITTED,
        permitted=_role(Role.FILLER),
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
        permitted=_role(Role.CLERK),
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
        permitted=_role(Role.CLERK),
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
        permitted=_role(Role.CLERK),
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
        guards=(_second_person, _evidence_there, _person_told),
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
        guards=(_second_person,),
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
        name="correct",
        label="更正",
        verb="item.correction_started",
        sources=frozenset({Status.SEALED}),
        target=Status.DRAFT,
        permitted=lambda item, actor: not item.revoked and _role(Role.CLERK)(item, actor),
        needs_reason=True,
        icon="file-pen-line",
        confirm="现行版本继续有效，更正内容经另一人审核确认后成为下一版并重新报送。",
    ),
    Transition(
        name="revoke",
        label="撤销",
        verb="item.revocation_proposed",
        sources=frozenset({Status.SEALED}),
        target=Status.IN_REVIEW,
        permitted=lambda item, actor: not item.revoked and _role(Role.CLERK)(item, actor),
        needs_reason=True,
        icon="ban",
        confirm="原决定被撤销、变更或查明有误的，撤销本条；经另一人确认后生效。",
    ),
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
        permitted=_role(Role.CLERK),
        primary=True,
        icon="mail-check",
    ),
    Transition(
        name="hear",
        label="登记陈述申辩",
        verb="proceeding.heard",
        sources=frozenset({ProceedingStatus.NOTIFIED, ProceedingStatus.HEARD}),
        target=ProceedingStatus.HEARD,
        permitted=_role(Role.CLERK),
        primary=True,
        icon="message-square-text",
    ),
    Transition(
        name="uphold",
        label="决定认定",
        verb="proceeding.upheld",
        sources=frozenset({ProceedingStatus.HEARD}),
        target=ProceedingStatus.DECIDED,
        permitted=_role(Role.REVIEWER),
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
        permitted=_role(Role.REVIEWER),
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
        permitted=_role(Role.CLERK),
        primary=True,
        icon="mail-check",
    ),
    Transition(
        name="withdraw",
        label="撤回程序",
        verb="proceeding.withdrawn",
        sources=_BEFORE_DECISION,
        target=ProceedingStatus.DROPPED,
        permitted=_role(Role.CLERK),
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="revoke",
        label="撤销决定",
        verb="proceeding.revoked",
        sources=frozenset({ProceedingStatus.DECIDED, ProceedingStatus.SERVED}),
        target=ProceedingStatus.DROPPED,
        permitted=_role(Role.REVIEWER),
        needs_reason=True,
        icon="undo-2",
    ),
    Transition(
        name="seal",
        label="确认认定",
        verb="proceeding.sealed",
        sources=frozenset({ProceedingStatus.SERVED}),
        target=ProceedingStatus.SEALED,
        permitted=_role(Role.REVIEWER),
    ),
)


def _worker(_: Job, actor: Actor) -> bool:
    return actor.kind == "job"


def _requester(job: Job, actor: Actor) -> bool:
    unit = (job.agency_id, job.employer_id) == (actor.agency_id, actor.employer_id)
    return actor.user_id is not None and job.requester_id == actor.user_id and unit


JOB = Lifecycle(
    Transition(
        name="start",
        label="开始",
        verb="job.started",
        sources=frozenset({JobState.QUEUED}),
        target=JobState.RUNNING,
        permitted=_worker,
    ),
    Transition(
        name="take_up_again",
        label="重新开始",
        verb="job.taken_up_again",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.QUEUED,
        permitted=_worker,
    ),
    Transition(
        name="finish",
        label="完成",
        verb="job.done",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.DONE,
        permitted=_worker,
    ),
    Transition(
        name="fail",
        label="停止",
        verb="job.failed",
        sources=frozenset({JobState.RUNNING}),
        target=JobState.FAILED,
        permitted=_worker,
    ),
    Transition(
        name="cancel",
        label="取消任务",
        verb="job.cancelled",
        sources=frozenset({JobState.QUEUED, JobState.RUNNING}),
        target=JobState.CANCELLED,
        permitted=_requester,
        icon="ban",
    ),
    field="state",
)


def _keeper(roster: StampedRoster, actor: Actor) -> bool:
    return actor.role in (Role.CLERK, Role.REVIEWER) and handles(roster, actor)


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
)
