"""Submit, pass on, return: from hand to hand, each step with every refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Membership
from archives.models import RecordPart
from archives.services.people import NotReadable
from archives.services.records import pass_on, seal, send_back, submit
from archives.states import Status
from audit.lifecycle import AlreadyDone, Refused, Stale
from tests.archives.flow import (
    acting_as,
    confirm,
    events,
    fresh,
    hand_on,
    in_review,
    opened,
    passed_on,
    save,
    sealed,
    submitted,
)
from tests.factories import County

Step = Callable[..., Any]


def returned(part: RecordPart, *, by: Membership, reason: str = "职称与证书不符", **more: Any) -> RecordPart:
    with acting_as(by) as who:
        return send_back(part=part, reason=reason, revision=more.get("revision"), actor=who)


def test_from_the_filler_to_the_reviewer(county: County) -> None:
    unit = county.education
    part = submitted(unit)
    assert part.status == Status.SUBMITTED
    part = passed_on(part, by=unit.clerk)
    assert part.status == Status.IN_REVIEW
    story = [event.verb for event in events(county.id, subject_id=str(part.id))]
    assert story == ["record.opened", "record.saved", "record.submitted", "record.passed_on"]


def test_a_clerks_own_record_goes_straight_to_review(county: County) -> None:
    unit = county.education
    part = submitted(unit, by=unit.clerk)
    assert part.status == Status.IN_REVIEW
    assert events(county.id, verb="record.submitted_for_review")[0].actor_name == "王经办"


@pytest.mark.req("AY-F06", "AY-F12", "AY-F15")
def test_an_incomplete_record_is_not_handed_on(county: County) -> None:
    unit = county.education
    part = opened(unit)
    with pytest.raises(NotReadable) as refusal:
        hand_on(part, by=unit.filler)
    missing = {problem.field for problem in refusal.value.problems}
    assert {"sex", "political_status", "education", "phone", "practice_since", "duties"} <= missing
    assert fresh(part).status == Status.DRAFT
    assert events(county.id, verb="record.submitted") == []


def test_a_faulty_value_stops_the_submission(county: County) -> None:
    part = save(opened(county.education), by=county.education.filler, phone="1541234").part
    with pytest.raises(NotReadable) as refusal:
        hand_on(part, by=county.education.filler)
    assert [problem.field for problem in refusal.value.problems] == ["phone"]


def test_a_second_submission_is_already_done(county: County) -> None:
    part = submitted(county.education)
    with pytest.raises(AlreadyDone):
        hand_on(part, by=county.education.filler)
    assert len(events(county.id, verb="record.submitted")) == 1


def test_a_stale_page_cannot_hand_on(county: County) -> None:
    unit = county.education
    part = save(opened(unit), by=unit.filler).part
    with acting_as(unit.filler) as who, pytest.raises(Stale):
        submit(part=part, revision=part.revision - 1, actor=who, today=timezone.localdate())
    assert fresh(part).status == Status.DRAFT


@pytest.mark.parametrize("revision", [0, 1, 999])
def test_a_stale_page_cannot_pass_on_or_confirm(county: County, revision: int) -> None:
    unit, today = county.education, timezone.localdate()
    part = submitted(unit)
    with acting_as(unit.clerk) as who, pytest.raises(Stale):
        pass_on(part=part, revision=revision, actor=who, today=today)
    with acting_as(unit.clerk) as who, pytest.raises(Stale):
        send_back(part=part, reason="有误", revision=revision, actor=who)
    part = passed_on(part, by=unit.clerk)
    with acting_as(unit.reviewer) as who, pytest.raises(Stale):
        seal(part=part, revision=revision, actor=who, today=today)
    assert fresh(part).status == Status.IN_REVIEW


def test_the_clerk_returns_with_a_reason(county: County) -> None:
    unit = county.education
    part = returned(submitted(unit), by=unit.clerk)
    assert (part.status, part.return_reason) == (Status.RETURNED, "职称与证书不符")
    (event,) = events(county.id, verb="record.returned")
    assert (event.reason, event.data["from"]) == ("职称与证书不符", "submitted")
    again = hand_on(save(part, by=unit.filler, title="二级教师").part, by=unit.filler)
    assert (again.status, again.return_reason) == (Status.SUBMITTED, "")


def test_the_reviewer_returns_with_a_reason(county: County) -> None:
    unit = county.education
    part = returned(in_review(unit), by=unit.reviewer)
    assert part.status == Status.RETURNED
    (event,) = events(county.id, verb="record.returned")
    assert event.data["from"] == "in_review"


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_return_without_reason_is_refused(county: County, reason: str) -> None:
    part = submitted(county.education)
    with pytest.raises(Refused) as refusal:
        returned(part, by=county.education.clerk, reason=reason)
    assert refusal.value.code == "reason_required"
    assert fresh(part).status == Status.SUBMITTED


def test_a_very_long_reason_is_cut_and_not_an_error(county: County) -> None:
    part = returned(submitted(county.education), by=county.education.clerk, reason="误" * 3000)
    assert part.return_reason == "误" * 500
    assert events(county.id, verb="record.returned")[0].reason.startswith("误" * 400)


STEPS: dict[str, Step] = {
    "submit": hand_on,
    "pass_on": passed_on,
    "return": returned,
    "seal": confirm,
}
PERMITTED = {
    (submitted, "pass_on", "clerk"),
    (submitted, "return", "clerk"),
    (in_review, "return", "reviewer"),
    (in_review, "seal", "reviewer"),
}


@pytest.mark.parametrize("by", ["filler", "second_filler", "clerk", "reviewer", "admin"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("stage", [submitted, in_review])
def test_only_the_right_role_takes_a_step(county: County, stage: Step, step: str, by: str) -> None:
    part = stage(county.education)
    before = len(events(county.id, subject_id=str(part.id)))
    if (stage, step, by) in PERMITTED:
        STEPS[step](part, by=getattr(county.education, by))
        assert fresh(part).status != part.status
        return
    with pytest.raises((Refused, RecordPart.DoesNotExist)):
        STEPS[step](part, by=getattr(county.education, by))
    assert fresh(part).status == part.status
    assert len(events(county.id, subject_id=str(part.id))) == before


@pytest.mark.parametrize("by", ["filler", "clerk", "reviewer"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("place", ["other agency", "other county"])
def test_members_of_other_tenants_take_no_step(
    county: County, other_county: County, place: str, step: str, by: str
) -> None:
    stage = in_review if step == "seal" else submitted
    part = stage(county.education)
    stranger = getattr(county.health if place == "other agency" else other_county.education, by)
    with pytest.raises((Refused, RecordPart.DoesNotExist)):
        STEPS[step](part, by=stranger)
    assert (fresh(part).status, fresh(part).revision) == (part.status, part.revision)


@pytest.mark.parametrize("step", ["submit", "pass_on", "return"])
def test_nothing_moves_after_the_seal(county: County, step: str) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    for member in (unit.filler, unit.clerk, unit.reviewer):
        with pytest.raises(Refused):
            STEPS[step](part, by=member)
    assert fresh(part).status == Status.SEALED


def test_the_buttons_follow_the_table(county: County, client_as: Any) -> None:
    unit = county.education
    part = submitted(unit)
    shown = {}
    for member in (unit.filler, unit.clerk, unit.reviewer):
        answer = client_as(member).get(f"/records/{part.id}/")
        shown[member.role] = [action["name"] for action in answer.context["actions"]]
    assert shown == {"filler": [], "clerk": ["pass_on", "return_to_filler"], "reviewer": []}
