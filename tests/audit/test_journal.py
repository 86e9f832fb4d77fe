"""Changes are journalled with what they change, looks whatever becomes of the request."""

import uuid
from typing import Any

import pytest
from django.db import Error, transaction

from accounts.models import User
from archives.models import RecordPart
from audit import journal
from audit.models import Event
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import PLATFORM, NoContext, acting
from tests.factories import Chain, County, actor

pytestmark = pytest.mark.django_db


def verbs(jurisdiction: int) -> list[str]:
    with acting(jurisdiction, "job"):
        return list(Event.objects.exclude(verb__startswith="membership").values_list("verb", flat=True))


def test_change_and_event_fall_together(chain: Chain, clerk: Actor, county: County) -> None:
    with pytest.raises(ZeroDivisionError), county.education.acting():
        _write_and_fail(chain, clerk)
    assert verbs(county.id) == []
    with county.education.acting():
        journal.write("record.changed", actor=clerk, subject=chain.part)
    assert verbs(county.id) == ["record.changed"]


def _write_and_fail(chain: Chain, clerk: Actor) -> None:
    RecordPart.objects.filter(pk=chain.part.pk).update(saved_by="x")
    journal.write("record.changed", actor=clerk, subject=chain.part)
    raise ZeroDivisionError


def test_writing_outside_a_context_is_refused(chain: Chain, clerk: Actor, county: County) -> None:
    with pytest.raises(Error, match="row-level security"), transaction.atomic():
        journal.write("record.changed", actor=clerk, subject=chain.part)
    with pytest.raises(NoContext):
        Event.objects.count()
    assert verbs(county.id) == []


def test_looks_wait_for_the_end_of_the_request(chain: Chain, clerk: Actor, county: County) -> None:
    with journal.collecting() as looks:
        with pytest.raises(ZeroDivisionError), county.education.acting():
            _look_and_fail(chain, clerk)
        assert verbs(county.id) == []
    assert [look.verb for look in looks] == ["record.read"]
    journal.write_looks(looks)
    assert verbs(county.id) == ["record.read"]


def _look_and_fail(chain: Chain, clerk: Actor) -> None:
    journal.look("record.read", actor=clerk, subject=chain.part)
    raise ZeroDivisionError


def test_look_outside_a_request_is_written_at_once(chain: Chain, clerk: Actor, county: County) -> None:
    with county.education.acting():
        journal.look("record.read", actor=clerk, subject=chain.part, success=False, reason="核对")
    assert verbs(county.id) == ["record.read"]


def test_looks_of_one_request_do_not_mix_with_the_next(chain: Chain, clerk: Actor) -> None:
    with journal.collecting() as first:
        journal.look("one", actor=clerk, subject=chain.part, jurisdiction_id=clerk.jurisdiction_id)
        with journal.collecting() as inner:
            journal.look("two", actor=clerk, subject=chain.part)
        journal.look("three", actor=clerk, subject=chain.part)
    assert ([e.verb for e in first], [e.verb for e in inner]) == (["one", "three"], ["two"])


def test_looks_in_several_counties_each_go_to_their_own(county: County, other_county: County) -> None:
    with journal.collecting() as looks:
        for place in (county, other_county):
            journal.look("list.read", actor=job(place.id, "核对"))
    journal.write_looks(looks)
    assert (verbs(county.id), verbs(other_county.id)) == (["list.read"], ["list.read"])


def test_no_looks_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        journal.write_looks([])


def test_platform_journal_belongs_to_no_county(county: County) -> None:
    journal.write_platform(
        "account.sign_in_failed", name="x" * 20, address="10.0.0.1", success=False, reason="r"
    )
    with acting(PLATFORM, "job"):
        event = Event.objects.get(verb="account.sign_in_failed")
    assert (event.jurisdiction_id, event.actor_id, event.success, event.address) == (
        0,
        None,
        False,
        "10.0.0.1",
    )
    assert verbs(county.id) == []


@pytest.mark.parametrize(
    ("verb", "seen_by"),
    [
        ("of the school", {"office", "agency", "employer"}),
        ("of the hospital", {"office"}),
        ("of nobody", {"office"}),
    ],
)
def test_whom_the_journal_is_visible_to(county: County, chain: Chain, verb: str, seen_by: set[str]) -> None:
    """The first wall says the same as the policies."""
    school, health = county.education, county.health
    owners = {
        "of the school": {"agency_id": school.agency.pk, "employer_id": school.employer.pk},
        "of the hospital": {"agency_id": health.agency.pk, "employer_id": health.employer.pk},
        "of nobody": {},
    }[verb]
    with acting(county.id, "job"):
        journal.write(verb, actor=job(county.id, "任务"), **owners)
        for who in (school.clerk, school.filler, county.officer):
            kind = str(actor(who).kind)
            shown = Event.objects.visible_to(actor(who)).filter(verb=verb)
            assert shown.exists() == (kind in seen_by), kind
        operator = Actor(jurisdiction_id=0, kind=None, name="x", role="operator")
        assert not Event.objects.visible_to(operator).exists()


def test_event_without_subject_belongs_to_the_actors_unit(county: County) -> None:
    filler = actor(county.education.filler)
    with acting(county.id, "job"):
        event = journal.write("list.read", actor=filler)
        assert (event.agency_id, event.employer_id) == (filler.agency_id, filler.employer_id)
        elsewhere = journal.write("user.read", actor=filler, subject=User(pk=5, display_name="某人"))
    assert (elsewhere.agency_id, elsewhere.subject_type, elsewhere.subject_label) == (None, "user", "某人")


def test_event_cannot_be_changed_or_deleted_through_the_orm(
    chain: Chain, clerk: Actor, county: County
) -> None:
    with county.education.acting():
        event = journal.write("record.read", actor=clerk, subject=chain.part)
        event.actor_name = "somebody else"
        with pytest.raises(Error, match="permission denied"), transaction.atomic():
            event.save()
        with pytest.raises(Error, match="permission denied"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(actor_name="x")
        with pytest.raises(Error, match="permission denied"), transaction.atomic():
            Event.objects.filter(pk=event.pk).delete()
    assert str(event).endswith("somebody else record.read")


def test_long_labels_are_cut(county: County) -> None:
    with acting(county.id, "job"):
        subject = User(pk=uuid.uuid4().int % 1000, display_name="长" * 300)
        assert len(journal.write("x", actor=job(county.id, "任务"), subject=subject).subject_label) == 200
