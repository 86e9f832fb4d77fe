"""No adverse determination without document, evidence, notice, hearing, decision, service and second person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Jurisdiction, Membership, Role
from agencies.services import add_member
from archives.deadlines import statement_deadline
from archives.models import Evidence, Outbox, Proceeding, RecordPart, Version
from archives.services import proceedings
from archives.services.people import NotReadable
from archives.services.records import send_back, start_correction
from archives.states import Ending, ProceedingStatus, Service, Status
from archives.workdays import is_working_day
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    confirm,
    events,
    fresh,
    hand_on,
    opened,
    passed_on,
    rows_of,
    save,
)
from tests.archives.proceeding_flow import (
    SERIOUS,
    STAGES,
    TODAY,
    WARNING,
    adverse_draft,
    adverse_in_review,
    again,
    attach,
    begun,
    decided,
    heard,
    long_ago,
    notified,
    served,
    step,
)
from tests.archives.test_sealing import also
from tests.factories import County, Unit, actor, id_number


def refuse_seal(part: RecordPart, unit: Unit, code: str, *, by: Membership | None = None) -> str:
    """The seal is refused with this code and leaves nothing; return the message."""
    with pytest.raises(Refused) as refusal:
        confirm(fresh(part), by=by or unit.reviewer)
    assert refusal.value.code == code
    assert fresh(part).status == Status.IN_REVIEW
    assert rows_of(Version, part.jurisdiction_id, part=part) == []
    assert rows_of(Outbox, part.jurisdiction_id) == []
    return str(refusal.value)


def another(unit: Unit, role: Role, display_name: str) -> Membership:
    """One more member with the same groups."""
    with unit.acting():
        membership, _ = add_member(
            username=f"another.{role}.{unit.agency.pk}",
            display_name=display_name,
            role=role,
            agency=unit.agency,
            employer=None,
            responsibilities=[unit.responsibility],
            actor=actor(unit.admin),
        )
    return membership


# --- the whole way ------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N1", "AY-N2", "AY-N3")
@pytest.mark.parametrize("standing", [WARNING, SERIOUS], ids=["warning", "serious"])
def test_the_whole_way_is_sealed_cited_and_journalled(county: County, standing: dict[str, str]) -> None:
    unit = county.education
    part = adverse_in_review(unit, **standing)
    evidence = attach(part)
    proceeding = served(unit, part)
    version = confirm(fresh(part), by=unit.reviewer)
    assert version.cites["proceeding"] == str(proceeding.id)
    assert [one["id"] for one in version.cites["evidence"]] == [str(evidence.id)]
    assert fresh(part).determination == standing["determination"]
    done = again(proceeding)
    assert (done.status, done.sealed_at) == (ProceedingStatus.SEALED, version.sealed_at)
    verbs = [event.verb for event in events(county.id, subject_id=str(proceeding.id))]
    steps = ("opened", "notified", "heard", "upheld", "served", "sealed")
    assert verbs == [f"proceeding.{name}" for name in steps]
    told = str([event.data for event in events(county.id)])
    assert "有偿补课" not in told
    assert "免费辅导" not in told


@pytest.mark.req("AY-N1")
def test_one_clerk_and_one_reviewer_are_enough(county: County) -> None:
    unit = county.education
    part = save(opened(unit, by=unit.clerk), by=unit.clerk, **WARNING).part
    part = hand_on(part, by=unit.clerk)
    attach(part)
    served(unit, part, text="")
    assert confirm(fresh(part), by=unit.reviewer).number == 1


# --- the seal -----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N2", "AY-N3")
def test_no_seal_without_evidence(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    assert "证明材料" in refuse_seal(part, unit, "evidence_missing")
    evidence = attach(part)
    served(unit, part)
    with acting(county.id, "job"):
        Evidence.objects.filter(id=evidence.id).update(removed_at=evidence.uploaded_at)
    refuse_seal(part, unit, "evidence_missing")


@pytest.mark.req("AY-N2")
def test_no_seal_without_a_proceeding(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    assert "告知" in refuse_seal(part, unit, "proceeding_missing")


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("open", "not_notified"),
        ("notified", "not_heard"),
        ("heard", "not_decided"),
        ("decided", "not_served"),
    ],
)
def test_no_seal_before_every_step(county: County, stage: str, code: str) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    STAGES[stage](unit, part)
    refuse_seal(part, unit, code)


def change_draft(part: RecordPart, unit: Unit, **changes: Any) -> RecordPart:
    """The reviewer returns it, the filler changes it, it comes back."""
    with acting_as(unit.reviewer) as who:
        part = send_back(part=fresh(part), reason="请核对", revision=None, actor=who)
    part = save(part, by=unit.filler, **changes).part
    return passed_on(hand_on(part, by=unit.filler), by=unit.clerk)


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize("changed", [{"behaviour": "收受礼金"}, {"ground": "其他规定"}, SERIOUS], ids=str)
def test_no_seal_of_what_the_person_was_not_told(county: County, changed: dict[str, str]) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    served(unit, part)
    part = change_draft(part, unit, **(WARNING | changed))
    assert "不一致" in refuse_seal(part, unit, "grounds_differ")
    part = change_draft(part, unit, **(WARNING | {"remarks": "另一备注"}))
    assert confirm(part, by=unit.reviewer).number == 1


@pytest.mark.req("AY-N1")
def test_no_seal_by_who_handled_the_notice(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    second = also(unit.reviewer, Role.CLERK)
    proceeding = heard(unit, part)
    step("uphold", proceeding, unit.reviewer, review="属实", today=TODAY)
    step("serve", again(proceeding), second, on=TODAY, how=Service.POST, today=TODAY)
    with pytest.raises(Refused, match="另一位审核人"):
        confirm(fresh(part), by=unit.reviewer)


@pytest.mark.req("AY-N1")
def test_no_seal_when_the_decider_wrote_afterwards(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    served(unit, part)
    with acting_as(unit.reviewer) as who:
        part = send_back(part=fresh(part), reason="请核对", revision=None, actor=who)
    part = save(part, by=also(unit.reviewer, Role.CLERK), **WARNING, post="年级主任").part
    part = hand_on(part, by=unit.clerk)
    refuse_seal(part, unit, "decider_wrote", by=another(unit, Role.REVIEWER, "吴审核"))


@pytest.mark.req("AY-N2")
def test_no_seal_as_trustworthy_while_a_proceeding_runs(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    proceeding = served(unit, part)
    part = change_draft(part, unit)
    assert again(proceeding).status == ProceedingStatus.SERVED
    assert "撤" in refuse_seal(part, unit, "proceeding_running")
    step("revoke", again(proceeding), unit.reviewer, reason="文书被撤销")
    version = confirm(fresh(part), by=unit.reviewer)
    assert "proceeding" not in version.cites


@pytest.mark.req("AY-N1", "AY-N3")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basis_document_no": ""}, "basis_document_no"),
        ({"issued_by": ""}, "issued_by"),
        ({"basis_document_date": ""}, "basis_document_date"),
        ({"behaviour": ""}, "behaviour"),
        ({"acted_on": ""}, "acted_on"),
        ({"determination": "serious_dishonesty"}, "listing"),
        ({"acted_on": "1988-01-01"}, "acted_on"),
    ],
    ids=str,
)
def test_what_is_not_proven_is_not_handed_on(county: County, changes: dict[str, str], field: str) -> None:
    unit = county.education
    number = id_number(6600)  # born in January 1988
    draft = save(opened(unit, number=number), by=unit.filler, **(WARNING | changes)).part
    for status, act, by in (
        (Status.DRAFT, hand_on, unit.filler),
        (Status.SUBMITTED, passed_on, unit.clerk),
        (Status.IN_REVIEW, confirm, unit.reviewer),
        (Status.DRAFT, lambda part, by: begun(unit, part), unit.clerk),
    ):
        with acting(county.id, "job"):
            RecordPart.objects.filter(id=draft.id).update(status=status)
        with pytest.raises(NotReadable) as refusal:
            act(fresh(draft), by=by)
        assert field in {problem.field for problem in refusal.value.problems}
        assert fresh(draft).status == status
    assert rows_of(Version, county.id) == rows_of(Proceeding, county.id) == []


# --- corrections --------------------------------------------------------------------------------------------------


def sealed_adverse(unit: Unit) -> RecordPart:
    part = adverse_in_review(unit)
    attach(part)
    served(unit, part)
    confirm(fresh(part), by=unit.reviewer)
    return fresh(part)


def corrected(part: RecordPart, unit: Unit, **changes: Any) -> RecordPart:
    with acting_as(unit.clerk) as who:
        part = start_correction(part=part, reason="复核", revision=None, actor=who)
    return hand_on(save(part, by=unit.clerk, **changes).part, by=unit.clerk)


@pytest.mark.req("AY-N2", "AY-22")
def test_correcting_back_to_trustworthy_needs_no_proceeding(county: County) -> None:
    unit = county.education
    part = corrected(sealed_adverse(unit), unit)
    version = confirm(part, by=unit.reviewer)
    assert (version.number, fresh(part).determination) == (2, "trustworthy")
    assert "proceeding" not in version.cites
    part = corrected(fresh(part), unit, **WARNING)
    with pytest.raises(Refused) as refusal:
        confirm(part, by=unit.reviewer)
    assert refusal.value.code == "proceeding_missing", "what was once corrected is told anew"


@pytest.mark.req("AY-N2", "AY-22")
def test_correcting_another_box_cites_the_same_proceeding(county: County) -> None:
    unit = county.education
    part = sealed_adverse(unit)
    (proceeding,) = rows_of(Proceeding, county.id)
    version = confirm(corrected(part, unit, **WARNING, post="年级主任"), by=unit.reviewer)
    assert version.cites["proceeding"] == str(proceeding.id)


@pytest.mark.req("AY-N2", "AY-22")
def test_correcting_to_another_adverse_one_needs_a_new_proceeding(county: County) -> None:
    unit = county.education
    part = corrected(sealed_adverse(unit), unit, **SERIOUS)
    with pytest.raises(Refused) as refusal:
        confirm(part, by=unit.reviewer)
    assert refusal.value.code == "proceeding_missing"
    served(unit, part)
    assert confirm(fresh(part), by=unit.reviewer).number == 2


# --- the steps ----------------------------------------------------------------------------------------------------


def refuse(code: str, name: str, proceeding: Proceeding, by: Membership, **arguments: Any) -> None:
    before = again(proceeding)
    with pytest.raises(Refused) as refusal:
        step(name, proceeding, by, **arguments)
    assert refusal.value.code == code, str(refusal.value)
    after = again(proceeding)
    assert (after.status, after.revision) == (before.status, before.revision)


@pytest.mark.req("AY-N2")
def test_the_period_is_the_packs_and_never_ends_on_a_weekend(county: County) -> None:
    unit = county.education
    Jurisdiction.objects.filter(id=county.id).update(
        parameters=unit.agency.jurisdiction.parameters | {"statement_days": 10}
    )
    part = adverse_draft(unit)
    attach(part)
    proceeding = notified(unit, part)
    assert proceeding.statement_until == statement_deadline(TODAY, 10)


@given(day=st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1)), days=st.integers(-5, 60))
def test_the_last_day(day: dt.date, days: int) -> None:
    last = statement_deadline(day, days)
    whole = max(days, 1)
    assert last.weekday() < 5
    assert is_working_day(last)
    assert (last - day).days >= whole
    passed = [day + dt.timedelta(days=n) for n in range(whole, (last - day).days)]
    assert all(between.weekday() >= 5 or not is_working_day(between) for between in passed)


def test_opening_is_for_the_clerk_once_and_only_against_somebody(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    for member in (unit.filler, unit.reviewer, county.health.clerk):
        with acting_as(member) as who, pytest.raises((Refused, RecordPart.DoesNotExist)):
            proceedings.open_proceeding(part=part, actor=who, today=TODAY)
    begun(unit, part)
    with pytest.raises(AlreadyDone):
        begun(unit, part)
    with pytest.raises(Refused, match="才需要"):
        begun(unit, save(opened(unit), by=unit.filler).part)
    sealed_part = sealed_adverse(unit)
    with pytest.raises(Refused, match="更正"):
        begun(unit, sealed_part)


def test_letters_are_numbered_by_agency_year_and_kind(county: County) -> None:
    unit = county.education
    first, second = (begun(unit, adverse_draft(unit)).notice_no for _ in range(2))
    assert (first, second) == (f"县教育局信告〔{TODAY.year}〕1 号", f"县教育局信告〔{TODAY.year}〕2 号")
    part = adverse_draft(unit)
    attach(part)
    assert decided(unit, part).decision_no == f"县教育局信决〔{TODAY.year}〕1 号"


@pytest.mark.req("AY-N2", "AY-N3")
def test_the_notice_needs_evidence_an_honest_day_and_the_draft_as_it_is(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    proceeding = begun(unit, part)
    right: dict[str, Any] = {"on": TODAY, "how": Service.POST, "today": TODAY}
    refuse("evidence_missing", "notify", proceeding, unit.clerk, **right)
    attach(part)
    tomorrow, yesterday = TODAY + dt.timedelta(days=1), TODAY - dt.timedelta(days=1)
    refuse("date", "notify", proceeding, unit.clerk, **right | {"on": tomorrow})
    refuse("date", "notify", proceeding, unit.clerk, **right | {"on": yesterday})
    refuse("service", "notify", proceeding, unit.clerk, **right | {"how": "口头"})
    refuse("not_permitted", "notify", proceeding, unit.reviewer, **right)
    save(part, by=unit.filler, **(WARNING | {"behaviour": "收受礼金"}))
    refuse("grounds_differ", "notify", proceeding, unit.clerk, **right)
    renewed = step("renew_notice", proceeding, unit.clerk, today=TODAY)
    assert renewed.grounds["behaviour"] == "收受礼金"
    told = step("notify", renewed, unit.clerk, **right)
    assert (told.status, told.notified_by) == (ProceedingStatus.NOTIFIED, "王经办")
    refuse("wrong_status", "renew_notice", told, unit.clerk, today=TODAY)
    with pytest.raises(AlreadyDone):
        step("notify", told, unit.clerk, **right)


@pytest.mark.req("AY-N2")
def test_silence_is_noted_after_the_period_only_and_words_at_once(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = notified(unit, part)
    until = proceeding.statement_until
    assert until is not None
    refuse("statement_period", "hear", proceeding, unit.clerk, text=" ", on=None, today=until)
    refuse("date_missing", "hear", proceeding, unit.clerk, text="有话说", on=None, today=TODAY)
    early = TODAY - dt.timedelta(days=1)
    refuse("date", "hear", proceeding, unit.clerk, text="有话说", on=early, today=TODAY)
    refuse("too_long", "hear", proceeding, unit.clerk, text="字" * 5001, on=TODAY, today=TODAY)
    refuse("not_permitted", "hear", proceeding, unit.reviewer, text="有话说", on=TODAY, today=TODAY)
    spoken = step("hear", proceeding, unit.clerk, text="是免费的\x00。", on=TODAY, today=TODAY)
    assert "免费" not in spoken.statement
    assert proceedings.statement_of(spoken) == "是免费的。"
    more = step("hear", spoken, unit.clerk, text="另有收据。", on=TODAY, today=TODAY)
    assert proceedings.statement_of(more) == f"是免费的。\n\n（{TODAY} 补充）\n另有收据。"
    refuse("statement_missing", "hear", more, unit.clerk, text="", on=TODAY, today=TODAY)
    refuse("statement_period", "uphold", more, unit.reviewer, review="不采纳", today=until)


@pytest.mark.req("AY-N2")
def test_silence_after_the_period(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = long_ago(notified(unit, part))
    silent = step("hear", proceeding, unit.clerk, text="", on=None, today=TODAY)
    assert (silent.status, silent.statement) == (ProceedingStatus.HEARD, "")
    assert step("uphold", silent, unit.reviewer, review="", today=TODAY).review == proceedings.NO_STATEMENT


@pytest.mark.req("AY-N1")
def test_the_decision_is_a_second_persons_and_answers_what_was_said(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    evidence = attach(part)
    proceeding = heard(unit, part)
    right: dict[str, Any] = {"review": "不采纳，有收款记录。", "today": TODAY}
    refuse("review_missing", "uphold", proceeding, unit.reviewer, **right | {"review": " "})
    refuse("too_long", "uphold", proceeding, unit.reviewer, **right | {"review": "字" * 1001})
    refuse("not_permitted", "uphold", proceeding, unit.clerk, **right)
    clerk_too = also(unit.clerk, Role.REVIEWER)
    refuse("guard", "uphold", proceeding, clerk_too, **right)
    refuse("guard", "drop", proceeding, clerk_too, reason="证据不足")
    with acting(county.id, "job"):
        Evidence.objects.filter(id=evidence.id).update(removed_at=evidence.uploaded_at)
    refuse("evidence_missing", "uphold", proceeding, unit.reviewer, **right)
    attach(part)
    save(part := fresh(part), by=unit.filler, **(WARNING | {"behaviour": "收受礼金"}))
    refuse("grounds_differ", "uphold", proceeding, unit.reviewer, **right)
    save(fresh(part), by=unit.filler, **WARNING)
    done = step("uphold", proceeding, unit.reviewer, **right)
    assert (done.decided_by, done.decider_id) == ("李审核", unit.reviewer.user_id)


@pytest.mark.req("AY-N2")
def test_not_convinced_means_trustworthy_and_back_to_the_clerk(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit, **SERIOUS)
    attach(part)
    proceeding = heard(unit, part)
    refuse("reason_required", "drop", proceeding, unit.reviewer, reason=" ")
    ended = step("drop", proceeding, unit.reviewer, reason="证据不足")
    assert (ended.status, ended.ending, ended.ending_reason) == ("dropped", Ending.DROPPED, "证据不足")
    assert ended.ending_no == f"县教育局信不〔{TODAY.year}〕1 号"
    back = fresh(part)
    assert (back.status, back.determination) == (Status.RETURNED, "trustworthy")
    assert back.return_reason == "不予认定：证据不足"
    kept = {name: value for name, value in back.values["standing"].items() if value is not None}
    assert kept == {"determination": "trustworthy", "ground": "法律法规", "remarks": "仅供内部参考"}
    part = passed_on(hand_on(back, by=unit.filler), by=unit.clerk)
    assert confirm(part, by=unit.reviewer).number == 1, "the reviewer did not become a writer by it"


@pytest.mark.req("AY-N2")
def test_the_clerk_withdraws_by_handing_on_the_trustworthy(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = notified(unit, part)
    part = save(fresh(part), by=unit.clerk).part
    assert again(proceeding).status == ProceedingStatus.NOTIFIED, "a slip of the mouse withdraws nothing"
    part = hand_on(part, by=unit.filler)
    assert again(proceeding).status == ProceedingStatus.NOTIFIED, "nor does a filler"
    part = passed_on(part, by=unit.clerk)
    ended = again(proceeding)
    assert (ended.status, ended.ending, ended.ended_by) == ("dropped", Ending.WITHDRAWN, "王经办")
    (event,) = events(county.id, verb="proceeding.withdrawn")
    assert "守信" in event.reason
    assert confirm(part, by=unit.reviewer).number == 1
    part = corrected(fresh(part), unit, **WARNING)
    assert begun(unit, part).status == ProceedingStatus.OPEN, "a new one may begin"


def test_withdrawing_ends_before_the_decision_and_revoking_begins_with_it(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = heard(unit, part)
    refuse("not_permitted", "withdraw", proceeding, unit.reviewer, reason="有误")
    refuse("wrong_status", "revoke", proceeding, unit.reviewer, reason="有误")
    refuse("reason_required", "withdraw", proceeding, unit.clerk, reason="")
    step("withdraw", proceeding, unit.clerk, reason="文书尚未生效")
    proceeding = decided(unit, fresh(part))
    refuse("wrong_status", "withdraw", proceeding, unit.clerk, reason="有误")
    refuse("not_permitted", "revoke", proceeding, unit.clerk, reason="有误")
    revoked = step("revoke", proceeding, unit.reviewer, reason="文书被撤销")
    assert (revoked.ending, bool(revoked.ending_no)) == (Ending.REVOKED, True)
    assert fresh(part).determination == "warning", "the draft is the clerk's to mend"


@pytest.mark.req("AY-N2")
def test_service_of_the_decision(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = decided(unit, part)
    right: dict[str, Any] = {"on": TODAY, "how": Service.POST, "today": TODAY}
    refuse("date", "serve", proceeding, unit.clerk, **right | {"on": TODAY + dt.timedelta(days=1)})
    refuse("date", "serve", proceeding, unit.clerk, **right | {"on": TODAY - dt.timedelta(days=1)})
    refuse("service", "serve", proceeding, unit.clerk, **right | {"how": ""})
    refuse("not_permitted", "serve", proceeding, unit.reviewer, **right)
    assert step("serve", proceeding, unit.clerk, **right).status == ProceedingStatus.SERVED


def test_two_tabs_are_told_apart(county: County) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = notified(unit, part)
    with acting_as(unit.clerk) as who, pytest.raises(Stale):
        proceedings.hear(
            proceeding=proceeding,
            text="有话说",
            on=TODAY,
            revision=proceeding.revision - 1,
            actor=who,
            today=TODAY,
        )
