"""The life of a filing (AY-31)."""

from __future__ import annotations

from agencies.models import Role
from archives.models import Filing
from archives.states import FilingStatus
from audit.lifecycle import Lifecycle, Transition
from credit_platform.actors import Actor


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
