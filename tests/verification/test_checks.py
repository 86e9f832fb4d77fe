"""Names and numbers checked with the population database's service, a real process (LL-01, LL-02, PD-08, ZD-08)."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from archives.identity_state import UNCHECKED, state_of
from archives.models import Archive, Evidence, IdentityCheck, IdentityService, MemberConsent
from archives.services.bulk import plain_parts
from archives.services.consents import withdraw_consent
from archives.services.evidence import remove_evidence
from archives.services.giving_up import give_up_correction
from archives.services.identity_checks import next_question, note_answer, note_silence
from archives.services.identity_settling import ask_again, check_identity, settle_identity
from archives.services.records import send_back, start_correction
from archives.states import CheckOutcome, Status
from audit.lifecycle import AlreadyDone, Refused
from audit.models import Event
from credit_platform.tenancy.context import acting
from delivery.exclusive import exclusive
from tests.archives.flow import (
    acting_as,
    at_once,
    attached,
    confirm,
    events,
    fresh,
    in_review,
    opened,
    rows_of,
    sealed,
)
from tests.archives.item_flow import item_sealed, written
from tests.archives.member_flow import unit as association
from tests.factories import County, Unit, id_number
from tests.verification.service import (
    CODE,
    OTHER_CODE,
    OTHER_SECRET,
    SECRET,
    Population,
    archive_of,
    checks_of,
    outcomes,
    rested,
    run,
    service_in,
)
from verification.client import IdentityClient
from verification.services import rests_until

HOUR = dt.timedelta(hours=1)
__all__ = ["association"]


def later(by: dt.timedelta = HOUR) -> dict[str, Any]:
    """Run as if so much time had passed."""
    return {"clock": lambda: timezone.now() + by}


# --- answers ----------------------------------------------------------------------------------------------------


@pytest.mark.req("LL-01", "LL-02", "PD-08", "ZD-07", "ZD-08")
def test_who_matches_is_checked_once(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    population.knows(part)
    assert state_of(archive_of(part)) == UNCHECKED
    assert run(service, population.client()) == 1
    archive = archive_of(part)
    assert (archive.identity_state, archive.checked_by) == (CheckOutcome.MATCH, service.name)
    assert archive.checked_at is not None
    assert run(service, population.client(), **later()) == 0, "what is known is not asked again"
    assert population.answered() == [("population", "match")]
    assert confirm(in_review(county.education, part=part), by=county.education.reviewer).number == 1


@pytest.mark.req("LL-01", "PD-08")
def test_who_does_not_match_is_not_sealed(
    county: County, service: IdentityService, population: Population
) -> None:
    unit = county.education
    part = in_review(unit)
    population.knows(part, name="另一个人")
    run(service, population.client())
    assert archive_of(part).identity_state == CheckOutcome.MISMATCH
    with pytest.raises(Refused, match="对照证件核对") as refusal:
        confirm(part, by=unit.reviewer)
    assert refusal.value.code == "identity_mismatch"
    assert (fresh(part).status, fresh(part).current_version) == (Status.IN_REVIEW, 0)
    with acting_as(unit.reviewer) as who:
        assert not plain_parts(who).exists(), "nor is it offered to be confirmed with others"


def test_facts_of_who_does_not_match_are_not_sealed(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    population.knows(part, name="另一个人")
    run(service, population.client())
    with pytest.raises(Refused) as refusal:
        item_sealed(part, unit=county.education)
    assert refusal.value.code == "identity_mismatch"


def test_whom_the_service_does_not_know_stays_unchecked_and_is_sealed(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    run(service, population.client())
    archive = archive_of(part)
    assert (archive.identity_state, state_of(archive)) == (CheckOutcome.UNKNOWN, UNCHECKED)
    assert run(service, population.client(), **later()) == 0
    assert sealed(county.education, part=part).number == 1


def test_a_place_without_service_asks_nobody_and_seals(county: County, population: Population) -> None:
    version = sealed(county.education)
    assert population.answered() == []
    with acting_as(county.education.clerk) as clerk, pytest.raises(Refused) as refusal:
        ask_again(archive=archive_of(version.part), actor=clerk)
    assert refusal.value.code == "no_service"


def test_every_question_is_a_journalled_look(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    population.knows(part)
    run(service, population.client())
    sent, answered = (events(county.id, verb=f"check.{verb}") for verb in ("sent", "answered"))
    assert [(one.person_id, one.actor_name) for one in sent] == [(part.person_id, "身份核验")]
    assert answered[0].data["outcome"] == "match"
    assert sent[0].data["check"] == answered[0].data["check"]
    with acting_as(county.officer) as officer:
        seen = Event.objects.visible_to(officer).filter(verb__startswith="check.")
        assert not seen.exists(), "what is asked about drafts is the unit's own"


# --- the way out ------------------------------------------------------------------------------------------------


@pytest.fixture
def mismatched(county: County, service: IdentityService, population: Population) -> Any:
    """A record in review whose identity does not match, with a copy of the document."""
    part = in_review(county.education)
    evidence = attached(part, by=county.education.clerk)
    population.knows(part, name="另一个人")
    run(service, population.client())
    return part, evidence


@pytest.mark.req("LL-01", "PD-08")
def test_a_reviewer_settles_it_with_evidence_and_reason(county: County, mismatched: Any) -> None:
    part, evidence = mismatched
    with acting_as(county.education.reviewer) as reviewer:
        archive = archive_of(part)
        settle_identity(archive=archive, evidence=evidence, reason="与身份证原件核对一致", actor=reviewer)
    archive = archive_of(part)
    assert (archive.identity_state, archive.checked_by) == (CheckOutcome.ACCEPTED, "李审核")
    assert outcomes(county) == ["mismatch", "accepted"]
    (event,) = events(county.id, verb="check.settled")
    assert (event.reason, event.data) == ("与身份证原件核对一致", {"evidence": str(evidence.pk)})
    assert confirm(fresh(part), by=county.education.reviewer).number == 1
    with acting_as(county.education.reviewer) as reviewer, pytest.raises(AlreadyDone):
        settle_identity(archive=archive, evidence=evidence, reason="再来一次", actor=reviewer)


def test_what_the_settlement_rests_on_stays(county: County, mismatched: Any) -> None:
    part, evidence = mismatched
    with acting_as(county.education.reviewer) as reviewer:
        settle_identity(
            archive=archive_of(part), evidence=evidence, reason="与身份证原件核对一致", actor=reviewer
        )
        send_back(part=fresh(part), reason="请补充职务", revision=None, actor=reviewer)
    with acting_as(county.education.clerk) as clerk, pytest.raises(Refused) as refusal:
        remove_evidence(evidence=evidence, actor=clerk)
    assert refusal.value.code == "identity_settled"


@pytest.mark.req("AY-22")
def test_it_stays_when_a_correction_is_given_up(
    county: County, service: IdentityService, population: Population
) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    with acting_as(unit.clerk) as clerk:
        start_correction(part=part, reason="点错了", revision=None, actor=clerk)
    settles, other = (attached(fresh(part), by=unit.clerk) for _ in range(2))
    population.knows(part, name="另一个人")
    with acting_as(unit.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
    run(service, population.client())
    with acting_as(unit.reviewer) as reviewer:
        settle_identity(archive=archive_of(part), evidence=settles, reason="与原件一致", actor=reviewer)
    with acting_as(unit.clerk) as clerk:
        give_up_correction(part=fresh(part), revision=None, actor=clerk)
    removed = {one.pk: one.removed_at is not None for one in rows_of(Evidence, county.id)}
    assert (removed[settles.pk], removed[other.pk]) == (False, True)


@pytest.mark.parametrize(
    ("by", "reason", "with_evidence", "code"),
    [
        ("clerk", "与身份证原件核对一致", True, "not_permitted"),
        ("filler", "与身份证原件核对一致", True, "not_permitted"),
        ("reviewer", "  ", True, "reason_required"),
        ("reviewer", "与身份证原件核对一致", False, "evidence_missing"),
    ],
)
def test_nobody_else_and_nothing_less_settles_it(
    county: County, mismatched: Any, by: str, reason: str, with_evidence: bool, code: str
) -> None:
    part, evidence = mismatched
    with acting_as(getattr(county.education, by)) as who, pytest.raises(Refused) as refusal:
        settle_identity(
            archive=archive_of(part),
            evidence=evidence if with_evidence else None,
            reason=reason,
            actor=who,
        )
    assert refusal.value.code == code
    assert archive_of(part).identity_state == CheckOutcome.MISMATCH


def test_evidence_of_somebody_else_settles_nothing(county: County, mismatched: Any) -> None:
    part, _ = mismatched
    foreign = attached(opened(county.education, name="别人"), by=county.education.filler)
    with acting_as(county.education.reviewer) as reviewer, pytest.raises(Refused) as refusal:
        settle_identity(
            archive=archive_of(part), evidence=foreign, reason="与身份证原件核对一致", actor=reviewer
        )
    assert refusal.value.code == "evidence_missing"


def test_a_file_of_a_fact_may_prove_the_identity(county: County, mismatched: Any) -> None:
    """The record may be sealed, and take no more files."""
    part, _ = mismatched
    item = written(part, by=county.education.clerk)
    proof = attached(item, by=county.education.clerk)
    with acting_as(county.education.reviewer) as reviewer:
        row = settle_identity(
            archive=archive_of(part), evidence=proof, reason="与身份证原件核对一致", actor=reviewer
        )
    assert row.identity_state == CheckOutcome.ACCEPTED


def test_who_wrote_the_record_does_not_settle_it(county: County, mismatched: Any) -> None:
    part, evidence = mismatched
    with acting(county.id, "job"):
        row = fresh(part)
        row.writers = [*row.writers, county.education.reviewer.user_id]
        row.save(update_fields=["writers"])
    with acting_as(county.education.reviewer) as reviewer, pytest.raises(Refused) as refusal:
        settle_identity(
            archive=archive_of(part), evidence=evidence, reason="与身份证原件核对一致", actor=reviewer
        )
    assert refusal.value.code == "guard"


@pytest.mark.req("LL-01", "LL-02")
def test_another_name_is_another_identity(
    county: County, service: IdentityService, population: Population, mismatched: Any
) -> None:
    part, _ = mismatched
    with acting(county.id, "job"):
        Archive.objects.filter(id=archive_of(part).pk).update(name="另一个人")
    assert state_of(archive_of(part)) == UNCHECKED, "the answer was about the name before"
    assert run(service, population.client(), **later()) == 1
    assert archive_of(part).identity_state == CheckOutcome.MATCH
    with acting_as(county.education.reviewer):
        check_identity(archive_of(part))


def test_a_settlement_outlasts_the_same_answer(
    county: County, service: IdentityService, population: Population, mismatched: Any
) -> None:
    part, evidence = mismatched
    with acting_as(county.education.reviewer) as reviewer:
        settle_identity(
            archive=archive_of(part), evidence=evidence, reason="与身份证原件核对一致", actor=reviewer
        )
    with acting_as(county.education.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
        with pytest.raises(AlreadyDone):
            ask_again(archive=archive_of(part), actor=clerk)
    assert run(service, population.client(), **later()) == 1
    assert outcomes(county) == ["mismatch", "accepted", "mismatch"]
    archive = archive_of(part)
    assert (archive.identity_state, archive.check_asked) == (CheckOutcome.ACCEPTED, False)


@pytest.mark.req("ZD-08")
def test_asking_again_goes_before_everybody_else(
    county: County, service: IdentityService, population: Population, mismatched: Any
) -> None:
    part, _ = mismatched
    opened(county.education, name="排在前面")
    with acting_as(county.education.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
    question = next_question(service=service, now=timezone.now() + HOUR)
    assert question is not None
    assert question.archive_id == archive_of(part).pk
    assert archive_of(part).identity_state == CheckOutcome.MISMATCH, "asking opens no way around the answer"


# --- faults -----------------------------------------------------------------------------------------------------


@pytest.mark.req("LL-02", "ZD-08")
def test_an_outage_leaves_people_unchecked_and_is_caught_up(
    county: County, service: IdentityService, population: Population
) -> None:
    parts = [opened(county.education, name=f"张{one}") for one in "一二三"]
    for part in parts:
        population.knows(part)
    population.kill()
    assert run(service, population.client()) == 1, "one question tells that nobody is there"
    assert run(service, population.client()) == 0, "the service is left alone for a while"
    (check,) = checks_of(county)
    assert (check.outcome, check.reason) == ("unavailable", "网络连接中断，或核验服务没有开机。")
    assert {state_of(archive_of(part)) for part in parts} == {UNCHECKED}
    assert sealed(county.education, part=parts[0]).number == 1, "who is not checked is not held up"
    population.start()
    assert run(service, population.client(), **later()) == 3
    assert {archive_of(part).identity_state for part in parts} == {CheckOutcome.MATCH}


def test_the_pauses_grow_and_are_read_from_the_table(county: County, service: IdentityService) -> None:
    opened(county.education)
    nobody = IdentityClient("http://127.0.0.1:1", CODE, SECRET, timeout=(1.0, 1.0))
    now, pauses = timezone.now(), []
    for _ in range(7):
        assert run(service, nobody, clock=lambda now=now: now) == 1
        pauses.append((rests_until(service) - now).total_seconds())
        now += dt.timedelta(days=1)
    assert pauses == [10, 20, 40, 80, 160, 300, 300]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"fail_with_5xx": 1}, "核验服务自身出错（503）"),
        ({"drop_reply_after_commit": 1}, "网络连接中断"),
        ({"delay_before_ms": 3000}, "没有在规定时间内答复"),
    ],
)
def test_without_an_answer_nothing_is_known(
    county: County,
    service: IdentityService,
    population: Population,
    fault: dict[str, int],
    words: str,
) -> None:
    part = opened(county.education)
    population.knows(part)
    population.faults(**fault)
    assert run(service, population.client(seconds=0.5)) == 1
    assert state_of(archive_of(part)) == UNCHECKED
    (check,) = checks_of(county)
    assert words in check.reason
    population.faults(delay_before_ms=0)
    assert run(service, population.client(), **later()) == 1
    assert archive_of(part).identity_state == CheckOutcome.MATCH


def test_what_the_service_refuses_is_not_asked_every_day(county: County, service: IdentityService) -> None:
    """Name and number leave the house no more often than they must."""
    part, now = opened(county.education), timezone.now()
    question = next_question(service=service, now=now)
    assert question is not None
    note_silence(question, "invalid_check", service=service, now=now, refused=True)
    assert state_of(archive_of(part)) == UNCHECKED
    week = now + dt.timedelta(days=7)
    assert next_question(service=service, now=week) is None
    with acting_as(county.education.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
    question = next_question(service=service, now=week)
    assert question is not None
    note_silence(question, "invalid_check", service=service, now=week, refused=True)
    assert not archive_of(part).check_asked
    assert next_question(service=service, now=week + dt.timedelta(days=7)) is None


def test_a_refusal_takes_nothing_back_that_was_known(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    population.knows(part)
    run(service, population.client())
    with acting_as(county.education.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
    question = next_question(service=service, now=timezone.now())
    assert question is not None
    note_silence(question, "invalid_check", service=service, now=timezone.now(), refused=True)
    assert archive_of(part).identity_state == CheckOutcome.MATCH


def test_nothing_is_asked_about_who_has_withdrawn_the_consent(
    county: County, service: IdentityService, association: Unit
) -> None:
    part, now = opened(association), timezone.now()
    with acting_as(association.clerk) as clerk:
        ask_again(archive=archive_of(part), actor=clerk)
    assert next_question(service=service, now=now + HOUR) is not None
    (consent,) = rows_of(MemberConsent, county.id)
    today = timezone.localdate()
    with acting_as(association.clerk) as clerk:
        withdraw_consent(consent=consent, on=today, reason="", actor=clerk, today=today)
    assert next_question(service=service, now=now + 9 * HOUR) is None
    with acting_as(association.clerk) as clerk, pytest.raises(Refused, match="已撤回同意"):
        ask_again(archive=archive_of(part), actor=clerk)


def test_a_worker_killed_in_between_leaves_somebody_who_is_due_again(
    county: County, service: IdentityService, population: Population
) -> None:
    part = opened(county.education)
    population.knows(part)
    assert next_question(service=service, now=timezone.now()) is not None  # and the worker is killed here
    assert checks_of(county) == []
    assert run(service, population.client()) == 0, "for two minutes it may still be under way"
    assert run(service, population.client(), clock=lambda: timezone.now() + dt.timedelta(minutes=3)) == 1
    assert outcomes(county) == ["match"]
    assert len(events(county.id, verb="check.sent")) == 2, "both looks are told"


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once(county: County, service: IdentityService, population: Population) -> None:
    for number in range(4):
        population.knows(opened(county.education, name=f"王{'一二三四'[number]}"))
    with exclusive(county.id, "identity:population"):
        assert at_once(lambda: run(service, population.client())) == [0]
    results = at_once(*[lambda: run(service, population.client())] * 2)
    assert sum(results) == 4
    assert len(population.answered()) == 4


def test_a_number_that_cannot_be_read_holds_up_nobody(
    county: County, service: IdentityService, population: Population
) -> None:
    broken, other = opened(county.education, name="甲某"), opened(county.education, name="乙某")
    population.knows(other)
    with acting(county.id, "job"):
        Archive.objects.filter(id=archive_of(broken).pk).update(number="不是密文", check_asked=True)
    assert run(service, population.client()) == 1
    assert archive_of(other).identity_state == CheckOutcome.MATCH
    first = checks_of(county)[0]
    assert (first.outcome, first.archive_id) == (CheckOutcome.REFUSED, archive_of(broken).pk)


def test_an_answer_about_a_name_that_was_corrected_meanwhile_counts_for_nothing(
    county: County, service: IdentityService
) -> None:
    part = opened(county.education)
    question = next_question(service=service, now=timezone.now())
    assert question is not None
    with acting(county.id, "job"):
        Archive.objects.filter(id=question.archive_id).update(name="更正后")
    note_answer(question, CheckOutcome.MISMATCH, service=service, now=timezone.now())
    assert state_of(archive_of(part)) == UNCHECKED
    assert outcomes(county) == ["mismatch"], "it is kept, with the name that it was about"


def test_the_service_is_asked_at_its_pace(
    county: County, service: IdentityService, population: Population
) -> None:
    for number in range(3):
        opened(county.education, name=f"刘{'一二三'[number]}")
    IdentityService.objects.filter(id=service.pk).update(per_second=4)
    service.refresh_from_db()
    paces: list[float] = []
    assert run(service, population.client(), pace=paces.append) == 3
    assert paces == [0.25] * 3
    began = time.monotonic()
    rested(county)
    assert run(service, population.client(), seconds=0) == 0
    assert time.monotonic() - began < 2


# --- tenants ----------------------------------------------------------------------------------------------------


def test_each_county_asks_its_own_service(
    county: County, other_county: County, service: IdentityService, population: Population
) -> None:
    other = service_in(other_county, code=OTHER_CODE)
    number = id_number()
    ours, theirs = opened(county.education, number=number), opened(other_county.education, number=number)
    population.knows(ours)
    assert run(service, population.client()) == 1
    assert state_of(archive_of(theirs)) == UNCHECKED
    assert checks_of(other_county) == []
    assert run(other, population.client(code=OTHER_CODE, secret=OTHER_SECRET)) == 1
    assert population.answered() == [("population", "match"), ("elsewhere", "match")]


@pytest.mark.req("LL-02")
def test_a_result_reaches_no_other_agency(
    county: County, service: IdentityService, population: Population
) -> None:
    number = id_number()
    here, there = opened(county.education, number=number), opened(county.health, number=number)
    population.knows(here, name="另一个人")
    with acting(county.id, "job"):
        Archive.objects.filter(id=archive_of(there).pk).update(left_on="2026-01-01")
    run(service, population.client())
    assert state_of(archive_of(there)) == UNCHECKED
    with acting_as(county.health.clerk) as other:
        assert not IdentityCheck.objects.visible_to(other).exists()
        assert not IdentityCheck.objects.exists(), "nor by the policies of the database"
    with acting_as(county.officer) as officer:
        assert not IdentityCheck.objects.visible_to(officer).exists()
        assert not IdentityCheck.objects.exists()
    with acting_as(county.education.clerk) as own:
        assert IdentityCheck.objects.visible_to(own).count() == 1
    with acting_as(county.education.second_filler) as elsewhere:
        assert not IdentityCheck.objects.exists(), f"{elsewhere.name} works at another school"


def test_checks_are_only_added_to_and_members_add_settlements_alone(county: County, mismatched: Any) -> None:
    (check,) = checks_of(county)
    for statement in (
        "UPDATE archives_identitycheck SET outcome = 'match'",
        "DELETE FROM archives_identitycheck",
    ):
        with acting_as(county.education.clerk), pytest.raises(ProgrammingError), transaction.atomic():
            connection.cursor().execute(f"{statement} WHERE jurisdiction_id = %s", [county.id])
    forged = IdentityCheck(
        jurisdiction_id=county.id,
        archive_id=check.archive_id,
        agency_id=check.agency_id,
        employer_id=check.employer_id,
        occupation=check.occupation,
        outcome=CheckOutcome.MATCH,
        checked_as=check.checked_as,
        by="自己",
    )
    with acting_as(county.education.clerk), pytest.raises(ProgrammingError), transaction.atomic():
        forged.save(force_insert=True)


# --- scale ------------------------------------------------------------------------------------------------------


def test_opening_an_archive_writes_nothing_besides(county: County, service: IdentityService) -> None:
    opened(county.education)
    assert rows_of(IdentityCheck, county.id) == []


def test_who_was_answered_is_not_in_the_index_of_what_is_due(
    county: County, service: IdentityService, population: Population
) -> None:
    population.knows(opened(county.education))
    run(service, population.client())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('archive_check_due'::regclass)")
        ((definition,),) = [cursor.fetchone()]
    condition = definition.partition(" WHERE ")[2]
    assert "checked_as" in condition
    with acting(county.id, "job"), connection.cursor() as cursor:
        sql = f"SELECT count(*) FROM archives_archive WHERE jurisdiction_id = %s AND {condition}"
        cursor.execute(sql.replace("%", "%%").replace("%%s", "%s"), [county.id])
        assert cursor.fetchone() == (0,)
