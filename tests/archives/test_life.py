"""The life of a record as a table of its own, against random people pressing random buttons."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Membership
from archives.lifecycle import PART
from archives.models import Outbox, RecordPart, Version
from archives.services.giving_up import give_up_correction
from archives.services.people import NotReadable
from archives.services.records import pass_on, save_draft, seal, send_back, start_correction, submit
from archives.states import Status
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, events, fresh, opened, rows_of, save
from tests.factories import County

ACTIONS = ("save", "submit", "pass_on", "return", "seal", "correct", "give_up")
MEMBERS = ("filler", "second_filler", "clerk", "reviewer", "admin", "officer", "foreign clerk")
TABLE = {
    ("draft", "submit", "filler"): "submitted",
    ("draft", "submit", "clerk"): "in_review",
    ("returned", "submit", "filler"): "submitted",
    ("returned", "submit", "clerk"): "in_review",
    ("submitted", "pass_on", "clerk"): "in_review",
    ("submitted", "return", "clerk"): "returned",
    ("in_review", "return", "reviewer"): "returned",
    ("in_review", "seal", "reviewer"): "sealed",
    ("sealed", "correct", "clerk"): "draft",
    ("draft", "give_up", "clerk"): "sealed",
    ("returned", "give_up", "clerk"): "sealed",
}
"""From status, action and member to the next status; everything else is refused."""
WRITABLE = {(status, who) for status in ("draft", "returned") for who in ("filler", "clerk")}
PRESSES = st.one_of(
    st.sampled_from([(action, who) for _, action, who in TABLE]),  # so that the seal is reached now and then
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(MEMBERS)),
)
TITLES = ("二级教师", "一级教师", "高级教师")


@pytest.fixture
def members(county: County) -> dict[str, Membership]:
    unit = county.education
    named = {name: getattr(unit, name) for name in MEMBERS[:5]}
    return named | {"officer": county.officer, "foreign clerk": county.health.clerk}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def press(action: str, part: RecordPart, by: Membership, title: str) -> None:
    today = timezone.localdate()
    if action == "save":
        save(part, by=by, title=title)
        return
    with acting_as(by) as who:
        if action == "submit":
            submit(part=part, revision=part.revision, actor=who, today=today)
        elif action == "pass_on":
            pass_on(part=part, revision=part.revision, actor=who, today=today)
        elif action == "return":
            send_back(part=part, reason="有误", revision=part.revision, actor=who)
        elif action == "correct":
            start_correction(part=part, reason="职称有误", revision=part.revision, actor=who)
        elif action == "give_up":
            give_up_correction(part=part, revision=part.revision, actor=who)
        else:
            seal(part=part, revision=part.revision, actor=who, today=today)


@pytest.mark.req("AY-14", "AY-N1", "PD-21")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(presses=st.lists(st.tuples(PRESSES, st.sampled_from(TITLES)), max_size=14))
def test_no_sequence_of_presses_leaves_the_table(
    county: County, members: dict[str, Membership], presses: list[tuple[tuple[str, str], str]]
) -> None:
    with undone():
        part = fresh(save(opened(county.education), by=members["filler"]).part)
        moves = 0
        for (action, who), title in presses:
            expected = TABLE.get((part.status, action, who))
            if action == "give_up" and not part.current_version:
                expected = None  # there is nothing to go back to
            allowed = expected is not None or (action == "save" and (part.status, who) in WRITABLE)
            try:
                press(action, part, members[who], title)
            except (Refused, NotReadable, RecordPart.DoesNotExist):
                assert not allowed, f"{action} by {who} was refused in {part.status}"
                assert fresh(part).revision == part.revision
            else:
                assert allowed, f"{action} by {who} went through in {part.status}"
            after = fresh(part)
            assert after.status == (expected or part.status)
            moves += after.status != part.status
            part = after
        story = [event for event in events(county.id, subject_id=str(part.id)) if "to" in event.data]
        assert len(story) == moves
        path = [Status.DRAFT, *(event.data["to"] for event in story)]
        assert [event.data["from"] for event in story] == path[:-1]
        assert path[-1] == part.status
        seals = sum(event.verb == "record.sealed" for event in story)
        assert len(rows_of(Version, county.id)) == len(rows_of(Outbox, county.id)) == seals
        assert part.current_version == seals


def test_the_programs_table_has_no_other_arrows() -> None:
    arrows = {
        (source, transition.target) for transition in PART.by_name.values() for source in transition.sources
    }
    assert arrows == {(status, target) for (status, _, _), target in TABLE.items()}


def test_a_refused_save_leaves_no_event(county: County, members: dict[str, Membership]) -> None:
    part = opened(county.education)
    before = len(events(county.id))
    with acting_as(members["reviewer"]) as who, pytest.raises(Refused):
        save_draft(part=part, posted={}, revision=part.revision, actor=who, today=timezone.localdate())
    assert len(events(county.id)) == before
