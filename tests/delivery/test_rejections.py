"""What the platform turns away comes back to the clerk, at the box it speaks of; its next version goes out (AY-15)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from archives.models import Outbox, RecordPart
from archives.payloads import Payload
from archives.rejections import named_in
from archives.services.item_seals import revoke_item
from archives.services.records import start_correction
from archives.states import Delivery
from delivery import services
from delivery.models import Batch, Target
from delivery.services import deliver
from tests.archives.flow import acting_as, confirm, fresh, hand_on, opened, rows_of, save, sealed, with_reason
from tests.archives.item_flow import fresh_item, item_sealed
from tests.delivery.processes import Simulator
from tests.factories import County


@pytest.fixture(autouse=True)
def _target(county: County) -> None:
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")


def run(county: County, simulator: Simulator) -> int:
    client = simulator.client(timeout=(2.0, 2.0))
    return deliver(jurisdiction_id=county.id, target="county", client=client)


@pytest.fixture
def turned_away(county: County, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> RecordPart:
    """A record whose first version the platform turned away for its 学历."""
    part = sealed(county.education).part
    real = services.version_payload

    def spoilt(**what: Any) -> Payload:
        payload = real(**what)
        if what["version"].part_id == part.pk and what["version"].number == 1:
            return replace(payload, payload=payload.payload | {"XL": "XX"})
        return payload

    monkeypatch.setattr(services, "version_payload", spoilt)
    assert run(county, simulator) == 1
    return fresh(part)


@pytest.mark.req("AY-15", "AY-23")
def test_turned_away_told_at_the_box_mended_and_received(
    county: County, simulator: Simulator, client_as: Any, turned_away: RecordPart
) -> None:
    unit = county.education
    clerk: Client = client_as(unit.clerk)
    (queue,) = clerk.get("/").context["queues"]
    assert (queue["title"], queue["count"]) == ("平台退回", 1)
    assert "不在代码表内：学历" in queue["items"][0]["detail"]
    page = clerk.get(f"/records/{turned_away.pk}/").content.decode()
    assert "R202" in page
    assert "请点“更正”" in page
    assert re.search(r"学历</span></dt>.{0,200}<b>平台退回</b>不在代码表内：学历", page, re.DOTALL)

    with acting_as(unit.clerk) as who:
        start_correction(part=turned_away, reason="学历代码有误", revision=None, actor=who)
    page = clerk.get(f"/records/{turned_away.pk}/").content.decode()
    assert 'href="#id_education"' in page
    assert "改正后重新提交审核" in page
    save(fresh(turned_away), by=unit.clerk, education="31")
    waiting = hand_on(fresh(turned_away), by=unit.clerk)
    assert "已更正，等审核确认" in clerk.get("/").context["queues"][0]["items"][0]["detail"]
    confirm(waiting, by=unit.reviewer)
    assert run(county, simulator) == 1
    assert fresh(turned_away).delivery == Delivery.ACCEPTED
    assert simulator.rows("SELECT record_id, version FROM records") == [(str(turned_away.pk), 2)]
    assert clerk.get("/").context["queues"] == []
    assert 'id="rejection-title"' not in clerk.get(f"/records/{turned_away.pk}/").content.decode()


@pytest.mark.req("AY-15")
def test_the_office_finds_what_was_turned_away_among_the_rest(
    county: County, simulator: Simulator, client_as: Any
) -> None:
    taken, refused = (sealed(county.education).part for _ in range(2))
    simulator.faults(reject_records=[str(refused.pk)])
    run(county, simulator)
    (batch,) = rows_of(Batch, county.id)
    officer: Client = client_as(county.officer)
    listed = {
        query: [row["line"].record_id for row in officer.get(f"/delivery/{batch.pk}/{query}").context["rows"]]
        for query in ("", "?rejected=1")
    }
    assert set(listed[""]) == {taken.pk, refused.pk}
    assert listed["?rejected=1"] == [refused.pk]


@pytest.mark.req("AY-15")
def test_who_cannot_mend_it_is_told_who_can(county: County, client_as: Any, turned_away: RecordPart) -> None:
    for member in (county.education.reviewer, county.education.filler):
        page = client_as(member).get(f"/records/{turned_away.pk}/").content.decode()
        assert "由责任单位经办人更正" in page
    officer = with_reason(client_as(county.officer), turned_away)
    assert "由责任单位经办人更正" in officer.get(f"/records/{turned_away.pk}/").content.decode()


@pytest.mark.req("AY-15")
def test_an_item_turned_away_says_so(county: County, simulator: Simulator, client_as: Any) -> None:
    item = item_sealed(opened(county.education), unit=county.education)
    simulator.faults(reject_records=[str(item.pk)])
    run(county, simulator)
    assert fresh_item(item).delivery == Delivery.REJECTED
    (row,) = rows_of(Outbox, county.id, item_id=item.pk)
    clerk: Client = client_as(county.education.clerk)
    details = [one["detail"] for queue in clerk.get("/").context["queues"] for one in queue["items"]]
    assert any(row.message in detail for detail in details)
    page = clerk.get(f"/items/{item.pk}/").content.decode()
    assert 'id="rejection-title"' in page
    assert row.message in page
    with acting_as(county.education.clerk) as who:
        revoke_item(item=fresh_item(item), reason="登记有误", revision=None, actor=who)
    details = [one["detail"] for queue in clerk.get("/").context["queues"] for one in queue["items"]]
    assert any("已提出撤销，等审核确认" in detail for detail in details)
    assert not any("已更正" in detail for detail in details)


def test_the_longer_label_wins() -> None:
    labels = {"post": "职务", "title": "职称", "place": "工作单位", "unit": "单位"}
    assert named_in("超过长度：工作单位、职称。", labels) == ("title", "place")
    assert named_in("未关联到档案主体。", labels) == ()


def test_what_cannot_be_corrected_on_the_form_is_no_dead_end(
    county: County, simulator: Simulator, client_as: Any
) -> None:
    """Name and number are settled when the archive is opened: the clerk is not sent to a button that cannot help."""
    part = sealed(county.education).part
    simulator.faults(reject_records=[str(part.pk)])
    run(county, simulator)
    page = client_as(county.education.clerk).get(f"/records/{part.pk}/").content.decode()
    assert "涉及栏目：姓名、身份证号" in page
    assert "建档后不能在表上更正" in page
    assert "请点“更正”" not in page
