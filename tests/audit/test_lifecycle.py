"""One way for a status to change: every refusal, the event in the same transaction, and two who act at once."""

import threading
from typing import Any

import pytest
from django.db import Error, connections

from archives.models import RecordPart
from audit.lifecycle import AlreadyDone, Lifecycle, Refused, Stale, Transition, advance, lock
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting, as_context
from tests.factories import Chain, County, make_chain
from tests.probes.models import Archive, Person

pytestmark = pytest.mark.django_db


def second_person(part: RecordPart, actor: Actor) -> str | None:
    return "须由另一人办理。" if actor.user_id in part.writers else None


CYCLE = Lifecycle(
    Transition(
        name="submit",
        label="提交",
        verb="test.submitted",
        sources=frozenset({"draft", "returned"}),
        target="submitted",
        permitted=lambda part, actor: actor.role == "clerk",
    ),
    Transition(
        name="return",
        label="退回",
        verb="test.returned",
        sources=frozenset({"submitted"}),
        target="returned",
        permitted=lambda part, actor: actor.role in ("clerk", "reviewer"),
        needs_reason=True,
    ),
    Transition(
        name="seal",
        label="确认",
        verb="test.sealed",
        sources=frozenset({"submitted"}),
        target="sealed",
        permitted=lambda part, actor: actor.role == "reviewer",
        guards=(second_person,),
    ),
)


def events() -> list[Event]:
    return list(Event.objects.filter(verb__startswith="test.").order_by("at"))


def unchanged(part: RecordPart) -> bool:
    """Whether status, revision and journal are as the factory left them."""
    now = RecordPart.objects.get(pk=part.pk)
    return (now.status, now.revision, events()) == ("draft", 1, [])


@pytest.mark.usefixtures("as_agency")
class TestOneActor:
    def test_status_revision_changes_and_event(self, chain: Chain, clerk: Actor, county: County) -> None:
        row = advance(
            chain.part,
            "submit",
            lifecycle=CYCLE,
            actor=clerk,
            reason="  齐全 ",
            revision=1,
            changes={"saved_by": "王经办"},
            data={"extra": 1},
        )
        stored = RecordPart.objects.get(pk=chain.part.pk)
        assert (stored.status, stored.revision, stored.saved_by) == ("submitted", 2, "王经办")
        assert (row.status, row.revision, row.saved_by) == ("submitted", 2, "王经办")
        assert chain.part.status == "draft", "the caller's instance is left alone"
        (event,) = events()
        assert (event.verb, event.success, event.reason) == ("test.submitted", True, "齐全")
        assert event.data == {"from": "draft", "to": "submitted", "extra": 1}
        assert (event.actor_id, event.actor_name, event.actor_role) == (clerk.user_id, "王经办", "clerk")
        assert (event.actor_unit, event.address, event.session) == ("县教育局", "127.0.0.1", "session1")
        assert (event.subject_type, event.subject_id) == ("recordpart", str(chain.part.pk))
        assert (event.agency_id, event.employer_id, event.person_id) == (
            county.education.agency.pk,
            county.education.employer.pk,
            chain.person.pk,
        )

    def test_available_follows_status_and_permission(
        self, chain: Chain, clerk: Actor, reviewer: Actor
    ) -> None:
        assert [t.name for t in CYCLE.available(chain.part, clerk)] == ["submit"]
        assert CYCLE.available(chain.part, reviewer) == []
        row = advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk)
        assert [t.name for t in CYCLE.available(row, clerk)] == ["return"]
        assert [t.name for t in CYCLE.available(row, reviewer)] == ["return", "seal"]

    def test_already_done(self, chain: Chain, clerk: Actor) -> None:
        """A double click acts once and says so, also from a page that is out of date."""
        advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk, revision=1)
        with pytest.raises(AlreadyDone, match="提交") as caught:
            advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk, revision=1)
        assert caught.value.code == "already_done"
        assert len(events()) == 1

    def test_wrong_status(self, chain: Chain, reviewer: Actor) -> None:
        with pytest.raises(Refused, match="刷新页面") as caught:
            advance(chain.part, "seal", lifecycle=CYCLE, actor=reviewer)
        assert (type(caught.value), caught.value.code) == (Refused, "wrong_status")
        assert unchanged(chain.part)

    def test_not_permitted(self, chain: Chain, reviewer: Actor) -> None:
        with pytest.raises(Refused, match="权限") as caught:
            advance(chain.part, "submit", lifecycle=CYCLE, actor=reviewer)
        assert caught.value.code == "not_permitted"
        assert unchanged(chain.part)

    def test_stale(self, chain: Chain, clerk: Actor) -> None:
        with pytest.raises(Stale, match="最新内容") as caught:
            advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk, revision=7)
        assert caught.value.code == "stale"
        assert unchanged(chain.part)

    def test_permission_is_asked_of_the_stored_row(self, chain: Chain, reviewer: Actor) -> None:
        """What a caller's instance claims does not count."""
        chain.part.status = "submitted"
        with pytest.raises(Refused):
            advance(chain.part, "seal", lifecycle=CYCLE, actor=reviewer)
        assert unchanged(chain.part)

    @pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\x00"])
    def test_reason_required(self, chain: Chain, clerk: Actor, reason: str) -> None:
        row = advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk)
        with pytest.raises(Refused, match="原因") as caught:
            advance(row, "return", lifecycle=CYCLE, actor=clerk, reason=reason)
        assert caught.value.code == "reason_required"
        assert RecordPart.objects.get(pk=row.pk).status == "submitted"
        advance(row, "return", lifecycle=CYCLE, actor=clerk, reason="缺工作单位")
        assert [event.reason for event in events()] == ["", "缺工作单位"]

    def test_guard(self, chain: Chain, clerk: Actor, reviewer: Actor) -> None:
        row = advance(
            chain.part, "submit", lifecycle=CYCLE, actor=clerk, changes={"writers": [reviewer.user_id]}
        )
        with pytest.raises(Refused, match="另一人") as caught:
            advance(row, "seal", lifecycle=CYCLE, actor=reviewer)
        assert caught.value.code == "guard"
        assert RecordPart.objects.get(pk=row.pk).status == "submitted"

    def test_change_without_event_does_not_happen(self, chain: Chain, clerk: Actor) -> None:
        with pytest.raises(TypeError):
            advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk, data={"not JSON": object()})
        assert unchanged(chain.part)

    def test_event_in_a_county_that_the_actor_is_not_in_stops_the_change(
        self, chain: Chain, county: County
    ) -> None:
        stranger = Actor(jurisdiction_id=0, kind="agency", name="x", role="clerk")
        with pytest.raises(Error, match="row-level security"):
            advance(chain.part, "submit", lifecycle=CYCLE, actor=stranger)
        assert unchanged(chain.part)

    def test_foreign_row_does_not_exist(self, county: County, clerk: Actor) -> None:
        foreign = make_chain(county.health, name="赵医师", sealed=False).part
        with pytest.raises(Refused, match="没有找到"):
            advance(foreign, "submit", lifecycle=CYCLE, actor=clerk)

    def test_lock_reads_the_row_afresh(self, chain: Chain) -> None:
        RecordPart.objects.filter(pk=chain.part.pk).update(saved_by="别人")
        assert lock(chain.part).saved_by == "别人"


def test_model_without_revision(county: County, clerk: Actor) -> None:
    with acting(county.id, "agency", agency=clerk.agency_id):
        archive = Archive.objects.create(person=Person.objects.create(name="x", id_hash="x"))
        assert advance(archive, "submit", lifecycle=CYCLE, actor=clerk).status == "submitted"
    with acting(county.id, "office"):
        assert [event.subject_type for event in events()] == ["archive"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_act_once(county: County, chain: Chain, clerk: Actor) -> None:
    """A double click on two connections: the second waits for the first and is told that it is done."""
    outcomes: list[Any] = []
    start = threading.Barrier(2, timeout=20)

    def click() -> None:
        try:
            with as_context(clerk.context):  # type: ignore[arg-type]
                start.wait()
                outcomes.append(
                    advance(chain.part, "submit", lifecycle=CYCLE, actor=clerk, revision=1).status
                )
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_done", "submitted"]
    with county.education.acting():
        assert len(events()) == 1
