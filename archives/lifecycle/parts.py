"""The life of a part: draft → 待经办 → 待审核 → 已确认, with returns and corrections, which may be given up."""

from __future__ import annotations

from agencies.models import Role
from archives.lifecycle.people import WRITABLE, corrects, second_person, with_role
from archives.services.writers import note_state
from archives.states import Status
from audit.lifecycle import Lifecycle, Transition

PART = Lifecycle(
    Transition(
        name="submit",
        label="提交",
        verb="record.submitted",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.SUBMITTED,
        permitted=with_role(Role.FILLER),
        primary=True,
        icon="send",
    ),
    Transition(
        name="submit_for_review",
        label="提交审核",
        verb="record.submitted_for_review",
        sources=frozenset({Status.DRAFT, Status.RETURNED}),
        target=Status.IN_REVIEW,
        permitted=with_role(Role.CLERK),
        primary=True,
        icon="send",
    ),
    Transition(
        name="pass_on",
        label="转审核",
        verb="record.passed_on",
        sources=frozenset({Status.SUBMITTED}),
        target=Status.IN_REVIEW,
        permitted=with_role(Role.CLERK),
        primary=True,
        icon="send",
    ),
    Transition(
        name="return_to_filler",
        label="退回",
        verb="record.returned",
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
        verb="record.sealed",
        sources=frozenset({Status.IN_REVIEW}),
        target=Status.SEALED,
        permitted=with_role(Role.REVIEWER),
        guards=(second_person,),
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
        permitted=with_role(Role.REVIEWER),
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
        permitted=with_role(Role.CLERK),
        needs_reason=True,
        icon="file-pen-line",
        confirm="现行版本继续有效，更正内容经另一人审核确认后成为下一版并重新报送。",
    ),
    Transition(
        name="give_up",
        label="放弃更正",
        verb="record.correction_given_up",
        sources=frozenset(WRITABLE),
        target=Status.SEALED,
        permitted=corrects,
        icon="ban",
        confirm="现行版本照旧有效，更正中填写的内容和新添的证明材料不再保留。",
    ),
    then=note_state,
)
