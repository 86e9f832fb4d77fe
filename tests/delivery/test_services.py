"""Draining the outbox to the municipal platform, a process of its own: receipts, unknown outcomes, refusals."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archives.models import AnnualRecord, Archive, Outbox, Person, RecordPart, Version, VersionBody
from archives.occupations import occupation_of
from archives.payloads import Payload
from archives.protection import reveal
from archives.services.versions import version_digest
from archives.states import Delivery, Status
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from delivery import services
from delivery.client import NotKnown, Unknown, encode_batch
from delivery.contract import MAX_RECORDS
from delivery.exclusive import exclusive
from delivery.models import Batch, BatchLine, BatchStatus, Target
from delivery.services import UNREADABLE, attempt, batch_body, deliver, make_batch, settle
from tests.archives.flow import at_once, confirm, events, fresh, opened, rows_of, sealed
from tests.delivery.processes import Simulator
from tests.factories import County


@pytest.fixture(autouse=True)
def target(county: County) -> Target:
    target: Target = Target.objects.create(
        jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15"
    )
    return target


def run(county: County, simulator: Simulator, **options: Any) -> int:
    client = simulator.client(timeout=(2.0, 2.0), **options)
    return deliver(jurisdiction_id=county.id, target="county", client=client)


def due_again(county: County) -> None:
    """Let the pause between two attempts be over."""
    with acting(county.id, "job"):
        Batch.objects.filter(status__in=("open", "unknown")).update(next_attempt_at=timezone.now())


def the_batch(county: County) -> Batch:
    (batch,) = rows_of(Batch, county.id)
    return batch  # type: ignore[no-any-return]


def made(county: County) -> Batch:
    """Gather what is due into a batch, and send nothing."""
    assert make_batch(jurisdiction_id=county.id, target="county")
    return the_batch(county)


def stored(simulator: Simulator) -> list[tuple[str, int]]:
    """What took effect at the platform."""
    return simulator.rows("SELECT record_id, version FROM records ORDER BY record_id, version")


# --- received ---------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-15", "AY-23", "GZ-09", "ZD-10")
def test_a_sealed_record_is_received(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    assert run(county, simulator) == 1
    part = fresh(version.part)
    assert part.delivery == Delivery.ACCEPTED
    batch = the_batch(county)
    assert (batch.status, batch.accepted, batch.rejected, batch.attempts) == (BatchStatus.ANSWERED, 1, 0, 1)
    assert batch.receipt_no
    (line,) = rows_of(BatchLine, county.id)
    assert (line.record_id, line.version, line.accepted) == (part.id, 1, True)
    assert stored(simulator) == [(str(part.id), 1)]
    assert [event.verb for event in events(county.id)][-2:] == ["record.accepted", "batch.answered"]
    assert events(county.id, verb="record.accepted")[0].actor_name == "定时报送"


def test_nothing_due_nothing_sent(county: County, simulator: Simulator) -> None:
    opened(county.education)
    assert run(county, simulator) == 0
    assert rows_of(Batch, county.id) == []


def test_what_is_delivered_is_not_sent_again(county: County, simulator: Simulator) -> None:
    sealed(county.education)
    assert [run(county, simulator) for _ in range(3)] == [1, 0, 0]
    assert simulator.count("batches") == 1


def test_what_is_not_due_yet_waits(county: County, simulator: Simulator) -> None:
    sealed(county.education)
    with acting(county.id, "job"):
        Outbox.objects.update(due_at=timezone.now() + dt.timedelta(hours=1))
    assert run(county, simulator) == 0


def test_two_agencies_travel_in_one_batch(county: County, simulator: Simulator) -> None:
    sealed(county.education)
    sealed(county.health)
    assert run(county, simulator) == 1
    assert the_batch(county).accepted == 2


def test_counties_do_not_mix(county: County, other_county: County, simulator: Simulator) -> None:
    sealed(county.education)
    version = sealed(other_county.education)
    run(county, simulator)
    assert rows_of(Batch, other_county.id) == []
    assert fresh(version.part).delivery == Delivery.PENDING
    assert simulator.count("batches") == 1


def test_versions_of_a_part_travel_in_order(county: County, simulator: Simulator) -> None:
    unit = county.education
    part = sealed(unit).part
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=part.id).update(status=Status.IN_REVIEW)
    confirm(fresh(part), by=unit.reviewer)
    run(county, simulator)
    lines = sorted(rows_of(BatchLine, county.id), key=lambda line: line.position)
    assert [(line.version, line.accepted) for line in lines] == [(1, True), (2, True)]
    assert fresh(part).delivery == Delivery.ACCEPTED


# --- unknown outcomes -------------------------------------------------------------------------------------------


def test_after_a_lost_answer_we_ask(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    simulator.faults(drop_reply_after_commit=1)
    assert run(county, simulator) == 1
    batch = the_batch(county)
    assert (batch.status, fresh(version.part).delivery) == (BatchStatus.UNKNOWN, Delivery.SENT)
    assert "没有收到平台的确定答复" in batch.last_error
    assert run(county, simulator) == 0, "the pause is kept"
    due_again(county)
    assert run(county, simulator) == 1
    assert (the_batch(county).status, fresh(version.part).delivery) == (
        BatchStatus.ANSWERED,
        Delivery.ACCEPTED,
    )
    assert the_batch(county).last_error == ""
    assert stored(simulator) == [(str(version.part_id), 1)]
    assert len(events(county.id, verb="record.accepted")) == 1


def test_a_platform_that_fails_is_tried_again(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    simulator.faults(fail_with_5xx=1)
    run(county, simulator)
    assert the_batch(county).status == BatchStatus.UNKNOWN
    assert stored(simulator) == []
    due_again(county)
    run(county, simulator)
    assert fresh(version.part).delivery == Delivery.ACCEPTED


def test_a_platform_that_is_down_loses_nothing(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    simulator.kill()
    assert run(county, simulator) == 1
    assert the_batch(county).status == BatchStatus.UNKNOWN
    simulator.start()
    due_again(county)
    run(county, simulator)
    assert fresh(version.part).delivery == Delivery.ACCEPTED


def test_a_worker_killed_before_the_answer_was_written(county: County, simulator: Simulator) -> None:
    """The batch has an attempt behind it and no outcome: it is asked about, not sent again."""
    version = sealed(county.education)
    batch = made(county)
    with acting(county.id, "job"):
        Batch.objects.filter(id=batch.id).update(attempts=1)
    simulator.client().send(batch_body(batch))
    assert run(county, simulator) == 1
    assert fresh(version.part).delivery == Delivery.ACCEPTED
    assert simulator.count("batches") == 1


def test_pauses_grow(county: County, simulator: Simulator, settings: Any) -> None:
    settings.DELIVERY_RETRY_SECONDS = 10
    sealed(county.education)
    simulator.kill()
    pauses = []
    for _ in range(4):
        due_again(county)
        before = timezone.now()
        run(county, simulator)
        pauses.append(round((the_batch(county).next_attempt_at - before).total_seconds(), -1))
    assert pauses == [10, 20, 40, 80]


# --- refused ----------------------------------------------------------------------------------------------------


def test_a_rejected_record(county: County, simulator: Simulator) -> None:
    unit = county.education
    good, bad = sealed(unit), sealed(unit, part=opened(unit, name="李小红"))
    simulator.faults(reject_records=[str(bad.part_id)])
    run(county, simulator)
    assert fresh(good.part).delivery == Delivery.ACCEPTED
    part = fresh(bad.part)
    assert (part.delivery, part.status) == (Delivery.REJECTED, Status.SEALED)
    (row,) = rows_of(Outbox, county.id, part_id=bad.part_id)
    assert (row.state, row.code) == (Delivery.REJECTED, "R501")
    assert row.message
    batch = the_batch(county)
    assert (batch.accepted, batch.rejected) == (1, 1)
    (event,) = events(county.id, verb="record.rejected")
    assert (event.subject_id, event.reason, event.data["code"]) == (str(bad.part_id), row.message, "R501")
    assert run(county, simulator) == 0, "a rejected record waits for its next version"


def spoil(monkeypatch: pytest.MonkeyPatch, wrong: Version, act: Callable[[Payload], Payload]) -> None:
    """Let one version come out of the archives otherwise than it should."""
    real = services.version_payload

    def spoilt(**what: Any) -> Payload:
        payload = real(**what)
        return act(payload) if what["version"].id == wrong.id else payload

    monkeypatch.setattr(services, "version_payload", spoilt)


def test_the_record_at_fault_in_a_refused_batch_is_found(
    county: County, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform refuses the batch as a whole; by halves, only the record at fault stays behind."""
    unit = county.education
    versions = [sealed(unit, part=opened(unit, name=name)) for name in ("甲一", "乙二", "丙三", "丁四")]
    wrong = versions[2]
    spoil(monkeypatch, wrong, lambda payload: replace(payload, occupation_label=""))
    run(county, simulator)
    outcomes = {version.id: fresh(version.part).delivery for version in versions}
    assert outcomes.pop(wrong.id) == Delivery.REJECTED
    assert set(outcomes.values()) == {Delivery.ACCEPTED}
    (row,) = rows_of(Outbox, county.id, part_id=wrong.part_id)
    assert row.code == "invalid_batch"
    assert simulator.count("records") == 3
    refused = [batch for batch in rows_of(Batch, county.id) if batch.status == BatchStatus.REFUSED]
    assert sorted(batch.size for batch in refused) == [1, 2, 4]
    assert not any(event.success for event in events(county.id, verb="batch.refused"))


def test_a_version_that_cannot_be_read_holds_up_nobody(
    county: County, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = sealed(county.education), sealed(county.health)

    def damaged(_: Payload) -> Payload:
        raise Undecipherable("damaged")

    spoil(monkeypatch, bad, damaged)
    run(county, simulator)
    assert fresh(good.part).delivery == Delivery.ACCEPTED
    assert fresh(bad.part).delivery == Delivery.REJECTED
    (row,) = rows_of(Outbox, county.id, part_id=bad.part_id)
    assert row.code == UNREADABLE
    assert simulator.count("records") == 1


def test_a_batch_that_cannot_be_read_does_not_stop_the_next(county: County, simulator: Simulator) -> None:
    first = sealed(county.education)
    broken = made(county)
    with acting(county.id, "job"):
        Batch.objects.filter(id=broken.id).update(body="sm4:k1:AAAA")
    second = sealed(county.health)
    assert run(county, simulator) == 2
    assert fresh(second.part).delivery == Delivery.ACCEPTED
    assert fresh(first.part).delivery == Delivery.PENDING
    (after,) = [batch for batch in rows_of(Batch, county.id) if batch.id == broken.id]
    assert (after.status, after.attempts) == (BatchStatus.UNKNOWN, 1)


def test_nothing_counts_as_sent_while_the_platform_is_down(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    simulator.kill()
    run(county, simulator)
    assert fresh(version.part).delivery == Delivery.PENDING
    assert "没有连上平台" in the_batch(county).last_error


def test_another_content_under_our_id_is_asked_about(county: County, simulator: Simulator) -> None:
    """The platform keeps the first content of an id; what it holds of our records is in its receipt."""
    version = sealed(county.education)
    batch = made(county)
    twin = json.loads(gzip.decompress(batch_body(batch))) | {"created_at": "2020-01-01T00:00:00+00:00"}
    simulator.client().send(encode_batch(twin))
    run(county, simulator)
    assert the_batch(county).status == BatchStatus.ANSWERED
    assert fresh(version.part).delivery == Delivery.ACCEPTED


def test_a_wrong_key_is_mended_and_not_the_records_fault(
    county: County, simulator: Simulator, client_as: Any
) -> None:
    version = sealed(county.education)
    assert run(county, simulator, secret=bytes(32)) == 1
    batch = the_batch(county)
    assert batch.status == BatchStatus.UNKNOWN
    assert "401" in batch.last_error
    assert fresh(version.part).delivery == Delivery.PENDING
    shown = client_as(county.officer).get(f"/delivery/{batch.id}/").content.decode()
    assert batch.last_error.split("：")[1] in shown
    due_again(county)
    run(county, simulator)
    assert fresh(version.part).delivery == Delivery.ACCEPTED


def test_an_unknown_key(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    run(county, simulator, key_id="nobody")
    assert the_batch(county).status == BatchStatus.UNKNOWN
    assert fresh(version.part).delivery == Delivery.PENDING


def test_a_clock_that_is_wrong(county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    run(county, simulator, clock=lambda: time.time() - 86_400)
    assert the_batch(county).status == BatchStatus.UNKNOWN
    due_again(county)
    run(county, simulator)
    assert fresh(version.part).delivery == Delivery.ACCEPTED


# --- settled once -----------------------------------------------------------------------------------------------


def test_settling_again_changes_nothing(county: County, simulator: Simulator) -> None:
    sealed(county.education)
    batch = made(county)
    attempt(batch, client=simulator.client())
    before = [list(rows_of(model, county.id)) for model in (Batch, BatchLine, Outbox, RecordPart)]
    values = [[row.__dict__ | {"_state": None} for row in rows] for rows in before]
    count = len(events(county.id))
    answer = simulator.client().ask(batch.id)
    for outcome in (answer, Unknown("late"), NotKnown(), answer):
        settle(batch, outcome)
    after = [list(rows_of(model, county.id)) for model in (Batch, BatchLine, Outbox, RecordPart)]
    assert [[row.__dict__ | {"_state": None} for row in rows] for rows in after] == values
    assert len(events(county.id)) == count


def test_the_bytes_of_a_batch_are_always_the_same(county: County, simulator: Simulator) -> None:
    """Whatever is renamed meanwhile: a repeat is the same to the byte, and no longer kept once answered."""
    version = sealed(county.education)
    sealed(county.health)
    batch = made(county)
    first = batch_body(batch)
    assert version.part.name.encode() not in batch.body.encode()
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=version.part_id).update(name="后来改名", values={}, determination="x")
    assert batch_body(the_batch(county)) == first
    attempt(the_batch(county), client=simulator.client())
    after = the_batch(county)
    assert after.body_digest == services.sm3(first)
    assert after.body == ""
    assert json.loads(after.receipt)["receipt_no"] == after.receipt_no


@pytest.mark.req("AY-20", "AY-18")
def test_what_leaves_has_push_names_only(county: County, simulator: Simulator) -> None:
    sealed(county.education)
    run(county, simulator)
    everything = str(simulator.rows("SELECT * FROM versions"))
    assert "ZJHM" in everything
    for word in ("政治面貌", "备注", "仅供内部参考", "political_status", "remarks"):
        assert word not in everything


# --- two workers, many records ----------------------------------------------------------------------------------


def test_two_workers_at_once_send_once(transactional_db: None, county: County, simulator: Simulator) -> None:
    version = sealed(county.education)
    simulator.faults(delay_before_ms=400)
    outcomes = at_once(*[partial(run, county, simulator)] * 3)
    assert sorted(outcomes) == [0, 0, 1], outcomes
    assert stored(simulator) == [(str(version.part_id), 1)]
    assert the_batch(county).attempts == 1
    assert len(events(county.id, verb="record.accepted")) == 1


def test_the_lock_is_per_county_and_target(
    transactional_db: None, county: County, other_county: County
) -> None:
    def free(place: int, target: str) -> bool:
        with exclusive(place, target) as mine:
            return mine

    with exclusive(county.id, "county") as mine:
        assert mine
        assert at_once(
            partial(free, county.id, "county"),
            partial(free, county.id, "city"),
            partial(free, other_county.id, "county"),
        ) == [False, True, True]
    assert at_once(partial(free, county.id, "county")) == [True], "given back"


def test_more_than_a_batch_holds(county: County, simulator: Simulator) -> None:
    count = MAX_RECORDS + 3
    multiply(sealed(county.education), count - 1)
    assert run(county, simulator) == 2
    batches = rows_of(Batch, county.id)
    assert sorted(batch.size for batch in batches) == [3, MAX_RECORDS]
    assert {batch.status for batch in batches} == {BatchStatus.ANSWERED}
    assert simulator.count("records") == count
    with acting(county.id, "job"):
        assert RecordPart.objects.filter(delivery=Delivery.ACCEPTED).count() == count


def multiply(version: Version, times: int) -> None:
    """Copy everything about one sealed record so many times, under new ids."""
    with acting(version.jurisdiction_id, "job"):
        part = RecordPart.objects.select_related("record__archive__person").get(id=version.part_id)
        body = VersionBody.objects.get(version_id=version.id)
        row = Outbox.objects.get(version_id=version.id)
        record, archive, person = part.record, part.record.archive, part.record.archive.person
        originals = [person, archive, record, part, version, body, row]
        copies: dict[type, list[Any]] = {}
        for _ in range(times):
            ids = {type(one): uuid.uuid4() for one in originals}
            for one in originals:
                columns = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}
                links = {
                    field.attname: ids[field.related_model]
                    for field in one._meta.concrete_fields
                    if field.is_relation and field.related_model in ids and columns[field.attname] is not None
                }
                copies.setdefault(type(one), []).append(type(one)(**columns | links | {"id": ids[type(one)]}))
        responsibility = part.agency.responsibilities.select_related("agency").get(occupation=part.occupation)
        occupation = occupation_of(responsibility)
        content = reveal(occupation, body.content)
        for copy, its_part in zip(copies[Version], copies[RecordPart], strict=True):
            copy.digest = version_digest(its_part, copy.number, content, {})
        for model in (Person, Archive, AnnualRecord, RecordPart, Version, VersionBody, Outbox):
            model.objects.bulk_create(copies[model])


# --- pages ------------------------------------------------------------------------------------------------------


def test_the_pages_show_where_it_stands(county: County, simulator: Simulator, client_as: Any) -> None:
    unit = county.education
    good, bad = sealed(unit), sealed(unit, part=opened(unit, name="李小红"))
    clerk: Client = client_as(unit.clerk)
    assert clerk.get("/delivery/").content.decode().count("待报送") >= 2
    simulator.faults(reject_records=[str(bad.part_id)])
    run(county, simulator)
    text = clerk.get("/delivery/").content.decode()
    assert "平台已接收" in text
    assert "平台退回" in text
    assert "未关联到档案主体" in text
    assert "平台已接收" in clerk.get(f"/records/{good.part_id}/").content.decode()
    assert "平台退回" in clerk.get(f"/records/{bad.part_id}/").content.decode()
    assert [queue["title"] for queue in clerk.get("/").context["queues"]] == ["平台退回"]


def test_the_office_sees_batches_and_answers(county: County, simulator: Simulator, client_as: Any) -> None:
    sealed(county.education)
    run(county, simulator)
    batch = the_batch(county)
    officer: Client = client_as(county.officer)
    text = officer.get("/delivery/").content.decode()
    assert f"/delivery/{batch.id}/" in text
    page = officer.get(f"/delivery/{batch.id}/").content.decode()
    assert batch.receipt_no in page
    assert "王小明" in page
    assert events(county.id, verb="record.listed")


def test_another_agency_sees_nothing_of_it(county: County, simulator: Simulator, client_as: Any) -> None:
    sealed(county.education)
    run(county, simulator)
    assert "王小明" not in client_as(county.health.clerk).get("/delivery/").content.decode()
