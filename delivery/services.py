"""Draining the outbox: batches, attempts, receipts (AY-15, AY-23).

Steps, each committed before the next: batch what is due → note the attempt → exchange with the platform → write the
answer. A worker killed between any two leaves a batch that the next ring of the bell continues: a batch with an
attempt behind it is asked about before it is sent again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.occupations import Occupations, occupations_of
from archives.payloads import record_payload
from archives.services.outbox import mark_sent, record_answer, take_due
from audit import journal
from credit_platform.actors import job
from credit_platform.crypto import sm3
from credit_platform.tenancy.context import acting
from delivery.client import (
    Answered,
    MunicipalClient,
    NotKnown,
    Outcome,
    Receipt,
    Refused,
    Unknown,
    describe,
    encode_batch,
    payload_digest,
)
from delivery.contract import (
    BAD_SIGNATURE,
    BATCH_CONTRACT,
    KIND_ANNUAL_RECORD,
    MAX_RECORDS,
    SENDER_NOT_ALLOWED,
    STALE_TIMESTAMP,
    UNKNOWN_KEY,
)
from delivery.exclusive import exclusive
from delivery.models import Batch, BatchLine, BatchStatus

logger = logging.getLogger(__name__)

WORKER = "定时报送"
MENDABLE = frozenset({UNKNOWN_KEY, BAD_SIGNATURE, SENDER_NOT_ALLOWED, STALE_TIMESTAMP})
"""Refusals that speak of keys and clocks, not of the batch: kept open, tried again, shown to the office."""


def deliver(*, jurisdiction_id: int, target: str, client: MunicipalClient) -> int:
    """Send everything that is due to one platform; return the number of attempts made. Safe to repeat and to kill."""
    attempts = 0
    with exclusive(jurisdiction_id, target) as mine:
        if not mine:
            return 0
        while make_batch(jurisdiction_id=jurisdiction_id, target=target) is not None:
            pass
        tried: set[Any] = set()
        while (batch := _next_batch(jurisdiction_id, target, tried)) is not None:
            tried.add(batch.id)
            attempts += 1
            attempt(batch, client=client)
    return attempts


def make_batch(*, jurisdiction_id: int, target: str) -> Batch | None:
    """Gather what is due into a batch, in one transaction; None when nothing is due."""
    with acting(jurisdiction_id, "job"):
        due = take_due(target=target, now=timezone.now(), limit=MAX_RECORDS)
        if not due:
            return None
        batch = Batch.objects.create(target=target, size=len(due))
        BatchLine.objects.bulk_create(
            BatchLine(
                batch=batch,
                outbox=row,
                agency_id=row.agency_id,
                position=position,
                record_id=row.part_id,
                version=row.version.number,
            )
            for position, row in enumerate(due, 1)
        )
        logger.info("batch %s made: %d records", batch.id, len(due))
        return batch


def attempt(batch: Batch, *, client: MunicipalClient) -> None:
    """Try to bring one batch to a receipt."""
    with acting(batch.jurisdiction_id, "job"):
        first = batch.attempts == 0
        body = encode_batch(batch_content(batch))
        batch.attempts += 1
        batch.body_digest = sm3(body)
        batch.next_attempt_at = timezone.now() + _pause(batch.attempts)
        batch.save(update_fields=["attempts", "body_digest", "next_attempt_at"])
    logger.info("batch %s attempt %d begins", batch.id, batch.attempts)
    outcome: Outcome = NotKnown() if first else client.ask(batch.id)
    if isinstance(outcome, NotKnown):
        outcome = client.send(body)
    logger.info("batch %s attempt %d: %s", batch.id, batch.attempts, describe(outcome))
    settle(batch, outcome)


def settle(batch: Batch, outcome: Outcome) -> None:
    """Write what came of an attempt. Writing the same receipt twice changes nothing."""
    with acting(batch.jurisdiction_id, "job"):
        row = Batch.objects.select_for_update().get(id=batch.id)
        if row.status in (BatchStatus.ANSWERED, BatchStatus.REFUSED):
            return
        if isinstance(outcome, Answered):
            _apply_receipt(row, outcome.receipt)
        elif isinstance(outcome, Refused) and outcome.code not in MENDABLE:
            _refuse_all(row, outcome)
        else:
            _keep_open(row, outcome)


def batch_content(batch: Batch) -> dict[str, Any]:
    """Return the batch as the contract describes it, always the same for the same batch."""
    jurisdiction = Jurisdiction.objects.get(id=batch.jurisdiction_id)
    occupations = occupations_of(batch.jurisdiction_id)
    lines = batch.lines.order_by("position").select_related("outbox__version__part", "outbox__part", "agency")
    lines = lines.prefetch_related("outbox__version__bodies")
    return {
        "contract": BATCH_CONTRACT,
        "batch_id": str(batch.id),
        "sender": {"jurisdiction": jurisdiction.code, "name": jurisdiction.name},
        "created_at": batch.created_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "records": [_record(line, occupations) for line in lines],
    }


def _record(line: BatchLine, occupations: Occupations) -> dict[str, Any]:
    part, version = line.outbox.part, line.outbox.version
    content = record_payload(part=part, version=version, occupations=occupations)
    payload: Mapping[str, Any] = content.payload
    return {
        "record_id": str(part.id),
        "version": version.number,
        "kind": KIND_ANNUAL_RECORD,
        "group": {"code": part.occupation, "label": content.occupation_label},
        "year": part.year,
        "agency": {"code": line.agency.code, "name": line.agency.name},
        "payload": payload,
        "digest": payload_digest(payload),
    }


def _apply_receipt(batch: Batch, receipt: Receipt) -> None:
    results = {(r.record_id, r.version): r for r in receipt.results}
    if results.keys() != {(str(i), v) for i, v in batch.lines.values_list("record_id", "version")}:
        _keep_open(batch, Unknown("the receipt does not cover exactly the records of the batch"))
        return
    actor = job(batch.jurisdiction_id, WORKER)
    accepted = 0
    for line in batch.lines.select_related("outbox__version").order_by("position"):
        result = results[str(line.record_id), line.version]
        line.accepted, line.code, line.message = result.accepted, result.code, result.message[:500]
        line.save(update_fields=["accepted", "code", "message"])
        accepted += result.accepted
        record_answer(
            row=line.outbox, accepted=result.accepted, code=result.code, message=result.message, actor=actor
        )
    batch.status, batch.receipt_no, batch.answered_at = (
        BatchStatus.ANSWERED,
        receipt.receipt_no,
        timezone.now(),
    )
    batch.accepted, batch.rejected, batch.last_error = accepted, batch.size - accepted, ""
    batch.save(update_fields=["status", "receipt_no", "answered_at", "accepted", "rejected", "last_error"])
    counts = {"accepted": accepted, "rejected": batch.rejected, "receipt": receipt.receipt_no}
    journal.write("batch.answered", actor=actor, subject=batch, data=counts)


def _refuse_all(batch: Batch, refusal: Refused) -> None:
    actor = job(batch.jurisdiction_id, WORKER)
    message = f"平台整批退回：{refusal.message}"
    for line in batch.lines.select_related("outbox__version").order_by("position"):
        line.accepted, line.code, line.message = False, refusal.code, message[:500]
        line.save(update_fields=["accepted", "code", "message"])
        record_answer(row=line.outbox, accepted=False, code=refusal.code, message=message, actor=actor)
    batch.status, batch.answered_at, batch.rejected = BatchStatus.REFUSED, timezone.now(), batch.size
    batch.last_error = f"{refusal.status} {refusal.code}：{refusal.message}"[:300]
    batch.save(update_fields=["status", "answered_at", "rejected", "last_error"])
    journal.write("batch.refused", actor=actor, subject=batch, reason=batch.last_error, success=False)


def _keep_open(batch: Batch, outcome: Outcome) -> None:
    batch.status = BatchStatus.UNKNOWN
    if isinstance(outcome, Refused):
        batch.last_error = f"{outcome.status} {outcome.code}：{outcome.message}"[:300]
    elif isinstance(outcome, Unknown):
        batch.last_error = f"没有收到平台的确定答复，将自动核实：{outcome.reason}"[:300]
        mark_sent(outbox_ids=list(batch.lines.values_list("outbox_id", flat=True)))
    batch.save(update_fields=["status", "last_error"])


def _next_batch(jurisdiction_id: int, target: str, tried: set[Any]) -> Batch | None:
    with acting(jurisdiction_id, "job"):
        waiting = Batch.objects.filter(
            target=target,
            status__in=(BatchStatus.OPEN, BatchStatus.UNKNOWN),
            next_attempt_at__lte=timezone.now(),
        )
        return waiting.exclude(id__in=tried).order_by("next_attempt_at", "id").first()


def _pause(attempts: int) -> dt.timedelta:
    seconds = settings.DELIVERY_RETRY_SECONDS * 2 ** min(attempts - 1, 10)
    return dt.timedelta(seconds=min(seconds, 900))
