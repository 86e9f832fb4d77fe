"""The office sends now what waits for its day, and sends again what failed: by an order that a job carries out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Outbox, RecordPart
from archives.states import Delivery
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from delivery.models import Batch, BatchStatus, Order, Target
from delivery.orders import order_again, order_now
from delivery.services import deliver, make_batch
from tests.archives.flow import acting_as, events, fresh, opened, rows_of, sealed
from tests.delivery.processes import KEY_ID, SECRET, Simulator
from tests.factories import County, actor

REASON = "市信用办要求月底前报齐"


@pytest.fixture(autouse=True)
def _place(county: County, settings: Any) -> None:
    """A county that reports yearly records once a year, to a platform that is configured."""
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "cadence": {"record": "annual"}}
    place.save(update_fields=["parameters"])
    settings.PLATFORM_URLS = {"county": "http://127.0.0.1:1"}
    settings.CREDIT_KEYS.platform[KEY_ID] = SECRET.hex()


def run(county: County, simulator: Simulator) -> int:
    client = simulator.client(timeout=(2.0, 2.0))
    return deliver(jurisdiction_id=county.id, target="county", client=client)


@pytest.mark.req("AY-14", "AY-15")
def test_what_waits_is_sent_now_for_a_reason(county: County, simulator: Simulator, client_as: Any) -> None:
    part = sealed(county.education).part
    assert run(county, simulator) == 0
    officer: Client = client_as(county.officer)
    shown = officer.get("/delivery/")
    (health,) = shown.context["health"]
    assert (health.waiting, health.due, health.state) == (1, 0, "正常")
    assert health.next_due.date() > timezone.localdate()
    assert officer.post("/delivery/now/", {"target": "county", "reason": "快"}).status_code == 422
    assert officer.post("/delivery/now/", {"target": "nowhere", "reason": REASON}).status_code == 422
    assert rows_of(Order, county.id) == []

    answer = officer.post("/delivery/now/", {"target": "county", "reason": REASON})
    assert answer["Location"] == "/delivery/"
    officer.post("/delivery/now/", {"target": "county", "reason": REASON})
    assert len(rows_of(Order, county.id)) == 1, "a second click orders nothing more"
    assert 'hx-trigger="every 2s"' in officer.get("/delivery/").content.decode()
    later = sealed(county.health).part
    assert [run(county, simulator) for _ in range(2)] == [1, 0]
    assert fresh(part).delivery == Delivery.ACCEPTED
    assert fresh(later).delivery == Delivery.PENDING, "confirmed after the order: it waits for its day"
    (ordered,) = events(county.id, verb="delivery.ordered_now")
    assert (ordered.reason, ordered.data["waiting"], ordered.actor_name) == (
        REASON,
        1,
        county.officer.user.display_name,
    )
    (done,) = events(county.id, verb="delivery.order_done")
    assert done.data["count"] == 1
    shown = officer.get("/delivery/").content.decode()
    assert "hx-trigger" not in shown


def test_nothing_waits(county: County, client_as: Any) -> None:
    page = client_as(county.officer).post("/delivery/now/", {"target": "county", "reason": REASON})
    assert page.status_code == 422
    assert "没有等待到期的记录" in page.content.decode()


def test_only_the_office_orders_and_only_a_job_carries_out(county: County) -> None:
    sealed(county.education)
    with acting_as(county.education.reviewer) as who, pytest.raises(Refused):
        order_now(target="county", reason=REASON, actor=who)
    with acting_as(county.education.reviewer), pytest.raises(Error), transaction.atomic():
        Order.objects.create(kind="now", target="county", ordered_by="内应")
    with acting_as(county.officer) as who:
        order = order_now(target="county", reason=REASON, actor=who)
        assert Order.objects.filter(id=order.pk).update(done_at=timezone.now()) == 0
        assert Outbox.objects.update(due_at=timezone.now()) == 0
    with acting_as(county.education.reviewer):
        assert list(Order.objects.all()) == []


@pytest.mark.req("AY-15", "AY-23")
def test_a_batch_without_answer_is_tried_at_once(
    county: County, simulator: Simulator, client_as: Any
) -> None:
    part = due(sealed(county.education).part)
    simulator.kill()
    run(county, simulator)
    with acting(county.id, "job"):
        Batch.objects.update(next_attempt_at=timezone.now() + dt.timedelta(hours=1))
    (batch,) = rows_of(Batch, county.id)
    officer: Client = client_as(county.officer)
    page = officer.get(f"/delivery/{batch.pk}/").content.decode()
    assert "再次报送" in page
    assert "网络连接中断，或平台没有开机" in page
    (health,) = officer.get("/delivery/").context["health"]
    assert (health.state, health.in_hand) == ("正在核实", 1)
    simulator.start()
    assert run(county, simulator) == 0
    officer.post(f"/delivery/{batch.pk}/")
    officer.post(f"/delivery/{batch.pk}/")
    assert len(rows_of(Order, county.id)) == 1
    fragment = officer.get(f"/delivery/{batch.pk}/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert "已安排再次报送" in fragment
    assert run(county, simulator) == 1
    assert fresh(part).delivery == Delivery.ACCEPTED
    ended = officer.get(f"/delivery/{batch.pk}/", HTTP_HX_REQUEST="true")
    assert "hx-trigger" not in ended.content.decode()
    assert ended["HX-Refresh"] == "true", "the answers to each record are shown then"
    (health,) = officer.get("/delivery/").context["health"]
    assert health.good
    assert health.last_receipt
    assert "网络连接中断" in health.trouble, "what went wrong last is still told"


@pytest.mark.req("AY-15", "AY-23")
def test_what_was_turned_away_is_sent_once_more(county: County, simulator: Simulator, client_as: Any) -> None:
    good = due(sealed(county.education).part)
    bad = due(sealed(county.education, part=opened(county.education, name="李小红")).part)
    simulator.faults(reject_records=[str(bad.pk)])
    run(county, simulator)
    (batch,) = rows_of(Batch, county.id)
    officer: Client = client_as(county.officer)
    simulator.faults(reject_records=[])
    officer.post(f"/delivery/{batch.pk}/")
    assert run(county, simulator) == 1
    assert {fresh(part).delivery for part in (good, bad)} == {Delivery.ACCEPTED}
    assert sorted(one.size for one in rows_of(Batch, county.id)) == [1, 2]
    assert simulator.count("versions") == 2
    answers = [event.verb for event in events(county.id, subject_id=str(bad.pk)) if "ed" in event.verb][-2:]
    assert answers == ["record.rejected", "record.accepted"]
    with acting_as(county.officer), pytest.raises(Refused, match="没有可以再次报送的内容"):
        order_again(batch=batch, actor=actor(county.officer))
    (health,) = officer.get("/delivery/").context["health"]
    assert health.rejected == 0


def test_a_platform_that_is_not_configured(county: County, client_as: Any, settings: Any) -> None:
    settings.PLATFORM_URLS = {}
    due(sealed(county.education).part)
    page = client_as(county.officer).get("/delivery/")
    (health,) = page.context["health"]
    assert (health.state, health.due) == ("没有配置", 1)
    assert "hx-trigger" not in page.content.decode(), "nothing moves until somebody configures it"


def test_a_backlog_is_told(county: County, client_as: Any) -> None:
    due(sealed(county.education).part, ago=dt.timedelta(days=3))
    (health,) = client_as(county.officer).get("/delivery/").context["health"]
    assert (health.state, health.good) == ("积压", False)


@pytest.mark.req("AY-14")
def test_the_state_of_the_installation(county: County, client_as: Any) -> None:
    sealed(county.education)
    page = client_as(county.officer).get("/state/")
    assert [year["provisional"] for year in page.context["years"]][-1]
    text = page.content.decode()
    assert "放假安排还没有录入" in text
    assert "后台任务队列" in text
    assert "市信用平台" in text


def test_a_batch_that_nobody_attempted_needs_no_order(county: County) -> None:
    due(sealed(county.education).part)
    assert make_batch(jurisdiction_id=county.id, target="county")
    (batch,) = rows_of(Batch, county.id)
    assert batch.status == BatchStatus.OPEN
    with acting_as(county.officer), pytest.raises(Refused):
        order_again(batch=batch, actor=actor(county.officer))


def due(part: RecordPart, *, ago: dt.timedelta = dt.timedelta()) -> RecordPart:
    """Let the day of what waits have come."""
    with acting(part.jurisdiction_id, "job"):
        Outbox.objects.filter(part_id=part.pk).update(due_at=timezone.now() - ago)
    return fresh(part)
