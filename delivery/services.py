"""Draining the outbox: batches, attempts, receipts (AY-15, AY-23).

Steps, each committed before the next: batch what is due → note the attempt → exchange with the platform → write the
answer. A worker killed between any two leaves a batch that the next ring of the bell continues: a batch with an
attempt behind it is asked about before it is sent again.
"""

from __future__ import annotations

import base64
import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Outbox
from archives.models.items import in_time
from archives.occupations import Occupations, occupations_of
from archives.payloads import ANY, version_payload
from archives.platforms import Platform, platform_of
from archives.services.outbox import (
    Answer,
    lines_in_order,
    mark_sent,
    record_answers,
    set_untaken_aside,
    take_due,
    with_bodies,
)
from archives.states import Delivery, Status
from audit import journal
from credit_platform.actors import job
from credit_platform.crypto import Undecipherable, decrypt, encrypt, sm3
from credit_platform.tenancy.context import acting
from delivery.client import (
    Answered,
    BatchTooLarge,
    MunicipalClient,
    NotEncodable,
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
    BATCH_DIFFERS,
    KIND_ANNUAL_RECORD,
    KIND_ITEM,
    KIND_ITEM_WITHDRAWAL,
    MAX_RECORDS,
    SENDER_NOT_ALLOWED,
    STALE_TIMESTAMP,
    UNKNOWN_KEY,
)
from delivery.exclusive import exclusive
from delivery.models import Batch, BatchLine, BatchStatus
from delivery.orders import carry_out
from delivery.words import UNREADABLE as UNREADABLE_BODY
from delivery.words import situation

logger = logging.getLogger(__name__)

WORKER = "定时报送"
BODY = "delivery.batch"
UNREADABLE = "unreadable"
"""Our own code for a version that cannot be read: its digest or its key does not fit."""
MENDABLE = frozenset({UNKNOWN_KEY, BAD_SIGNATURE, SENDER_NOT_ALLOWED, STALE_TIMESTAMP})
"""Refusals that speak of keys and clocks, not of the batch: kept open, tried again, shown to the office."""


def deliver(*, jurisdiction_id: int, target: str, client: MunicipalClient) -> int:
    """Send everything that is due to one platform; return the number of attempts made. Safe to repeat and to kill."""
    attempts = 0
    with exclusive(jurisdiction_id, target) as mine:
        if not mine:
            return 0
        carry_out(jurisdiction_id=jurisdiction_id, target=target, worker=WORKER)
        while make_batch(jurisdiction_id=jurisdiction_id, target=target):
            pass
        tried: set[Any] = set()
        while (batch := _next_batch(jurisdiction_id, target, tried)) is not None:
            tried.add(batch.id)
            attempts += 1
            attempt(batch, client=client)
    return attempts


def make_batch(*, jurisdiction_id: int, target: str) -> int:
    """Gather what is due into a batch, in one transaction; return how many queued versions were dealt with.

    A version that cannot be read is set aside and journalled: it never holds up the others.
    """
    with acting(jurisdiction_id, "job"):
        platform = _platform(jurisdiction_id, target)
        if platform.kinds is not None:
            set_untaken_aside(target=target, kinds=platform.kinds, actor=job(jurisdiction_id, WORKER))
        due = take_due(target=target, now=timezone.now(), limit=MAX_RECORDS)
        occupations = occupations_of(jurisdiction_id)
        records: list[tuple[Outbox, dict[str, Any]]] = []
        unreadable: list[tuple[Outbox, Answer]] = []
        for row, stored in due:
            try:
                records.append((row, _record(row, stored, occupations, platform)))
            except (Undecipherable, NotEncodable) as error:
                logger.error("version %s cannot be delivered: %s", row.version_id, error)
                unreadable.append(
                    (row, Answer(False, UNREADABLE, "本系统不能读出这一版的内容，请联系平台运维。"))
                )
        if unreadable:
            record_answers(unreadable, actor=job(jurisdiction_id, WORKER))
        if records:
            _store_batch(records, target)
        return len(due)


def _store_batch(records: Sequence[tuple[Outbox, dict[str, Any]]], target: str) -> None:
    """Keep a batch with its encoded body, so that a repeat is the same to the byte; in halves if it is too large."""
    batch = Batch(target=target, size=len(records))
    jurisdiction = Jurisdiction.objects.get(id=batch.jurisdiction_id)
    content = {
        "contract": BATCH_CONTRACT,
        "batch_id": str(batch.id),
        "sender": {"jurisdiction": jurisdiction.division_code, "name": jurisdiction.name},
        "created_at": batch.created_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "records": [record for _, record in records],
    }
    try:
        body = encode_batch(content)
    except BatchTooLarge:
        _store_halves(records, target)
        return
    batch.body = encrypt(base64.b64encode(body).decode(), purpose=BODY)
    batch.body_digest = sm3(body)
    batch.save(force_insert=True)
    BatchLine.objects.bulk_create(
        BatchLine(
            batch=batch,
            outbox=row,
            agency_id=row.agency_id,
            position=position,
            record_id=row.head.pk,
            version=row.version.number,
            withdrawal=record["kind"] == KIND_ITEM_WITHDRAWAL,
        )
        for position, (row, record) in enumerate(records, 1)
    )
    logger.info("batch %s made: %d records", batch.id, batch.size)


def _store_halves(records: Sequence[tuple[Outbox, dict[str, Any]]], target: str) -> None:
    middle = len(records) // 2
    if middle == 0:
        raise NotEncodable("one record alone is too large for a batch")
    _store_batch(records[:middle], target)
    _store_batch(records[middle:], target)


def attempt(batch: Batch, *, client: MunicipalClient) -> None:
    """Try to bring one batch to a receipt. The attempt is noted before anything leaves the house."""
    with acting(batch.jurisdiction_id, "job"):
        first = batch.attempts == 0
        batch.attempts += 1
        batch.next_attempt_at = timezone.now() + _pause(batch.attempts)
        batch.save(update_fields=["attempts", "next_attempt_at"])
    logger.info("batch %s attempt %d begins", batch.id, batch.attempts)
    try:
        body = batch_body(batch)
    except Undecipherable as error:
        logger.error("batch %s cannot be read: %s", batch.id, error)
        settle(batch, Unknown(UNREADABLE_BODY, left=False))
        return
    outcome: Outcome = NotKnown() if first else client.ask(batch.id)
    if isinstance(outcome, NotKnown):
        if _take_apart(batch):
            return
        outcome = client.send(body)
        if isinstance(outcome, Refused) and outcome.code == BATCH_DIFFERS:
            outcome = client.ask(batch.id)
    logger.info("batch %s attempt %d: %s", batch.id, batch.attempts, describe(outcome))
    settle(batch, outcome)


def _take_apart(batch: Batch) -> bool:
    """Close a batch that the platform does not have and that holds a fact whose time ended, or that was revoked, since
    it was built; what may still leave is gathered anew. Tells whether it was so. What was built before midnight is not
    sent after it (LL-25).
    """
    with acting(batch.jurisdiction_id, "job"):
        lines = BatchLine.objects.filter(batch_id=batch.pk)
        revoked = Q(outbox__item__revoked=True, outbox__item__status=Status.SEALED)
        if not lines.filter(~in_time("outbox__item__") | revoked, withdrawal=False).exists():
            return False
        row = Batch.objects.select_for_update().get(id=batch.id)
        taken = Outbox.objects.filter(id__in=lines.values("outbox_id"), state=Delivery.SENT)
        taken.update(state=Delivery.PENDING, changed_at=timezone.now())
        _close(row, BatchStatus.REFUSED, "批次中有期限届满或已撤销的信息，没有送出；其余的另行报送。")
        actor = job(batch.jurisdiction_id, WORKER)
        journal.write("batch.refused", actor=actor, subject=row, reason=row.last_error, success=False)
        return True


def batch_body(batch: Batch) -> bytes:
    """Return the encoded body as it leaves the house, the same at every attempt. Raises `Undecipherable`."""
    return base64.b64decode(decrypt(batch.body, purpose=BODY))


def settle(batch: Batch, outcome: Outcome) -> None:
    """Write what came of an attempt. Writing the same receipt twice changes nothing."""
    with acting(batch.jurisdiction_id, "job"):
        row = Batch.objects.select_for_update().get(id=batch.id)
        if row.status in (BatchStatus.ANSWERED, BatchStatus.REFUSED):
            return
        if isinstance(outcome, Answered):
            _apply_receipt(row, outcome.receipt)
        elif isinstance(outcome, Refused) and outcome.code not in MENDABLE:
            _refuse(row, outcome)
        elif isinstance(outcome, (Refused, Unknown)):
            _keep_open(row, outcome)


def _platform(jurisdiction_id: int, target: str) -> Platform:
    return platform_of(Jurisdiction.objects.get(id=jurisdiction_id).parameters, target)


def _record(
    row: Outbox, stored: Mapping[str, Any], occupations: Occupations, platform: Platform = ANY
) -> dict[str, Any]:
    version, head = row.version, row.head
    content = version_payload(version=version, occupations=occupations, stored=stored, platform=platform)
    part = {} if content.part is None else {"part": content.part}
    return {
        "record_id": str(head.pk),
        "version": version.number,
        "kind": _kind(row, withdrawn=content.withdrawn),
        "group": {"code": head.occupation, "label": content.occupation_label},
        "year": head.year,
        "agency": {"code": row.agency.code, "name": row.agency.name_at(version.sealed_at)},
        "payload": content.payload,
        "digest": payload_digest(content.payload),
        **part,
    }


def _kind(row: Outbox, *, withdrawn: bool) -> str:
    if row.item_id is None:
        return KIND_ANNUAL_RECORD
    return KIND_ITEM_WITHDRAWAL if withdrawn else KIND_ITEM


def _lines(batch: Batch) -> list[BatchLine]:
    return lines_in_order(batch.lines.all())


def _apply_receipt(batch: Batch, receipt: Receipt) -> None:
    results = {(r.record_id, r.version): r for r in receipt.results}
    lines = _lines(batch)
    if results.keys() != {(str(line.record_id), line.version) for line in lines}:
        _keep_open(batch, Unknown("the receipt does not cover exactly the records of the batch"))
        return
    actor = job(batch.jurisdiction_id, WORKER)
    answers = []
    for line in lines:
        result = results[str(line.record_id), line.version]
        line.accepted, line.code, line.message = result.accepted, result.code, result.message[:500]
        answers.append((line.outbox, Answer(result.accepted, result.code, result.message)))
    _write_lines(lines)
    record_answers(answers, actor=actor)
    batch.accepted = sum(result.accepted for result in receipt.results)
    batch.rejected = batch.size - batch.accepted
    batch.receipt_no, batch.receipt = receipt.receipt_no, receipt.raw.decode()
    _close(batch, BatchStatus.ANSWERED, "")
    counts = {"accepted": batch.accepted, "rejected": batch.rejected, "receipt": receipt.receipt_no}
    journal.write("batch.answered", actor=actor, subject=batch, data=counts)


def _write_lines(lines: Sequence[BatchLine]) -> None:
    """Write the answers of lines, those with the same answer together."""
    told: dict[tuple[bool, str, str], list[Any]] = {}
    for line in lines:
        told.setdefault((line.accepted, line.code, line.message), []).append(line.pk)
    for (accepted, code, message), ids in told.items():
        BatchLine.objects.filter(id__in=ids).update(accepted=accepted, code=code, message=message)


def _refuse(batch: Batch, refusal: Refused) -> None:
    """The platform refused a batch as a whole: find the record at fault by halves; the others are delivered."""
    actor, lines = job(batch.jurisdiction_id, WORKER), _lines(batch)
    message = f"平台整批退回：{refusal.message}"
    if len(lines) > 1:
        occupations = occupations_of(batch.jurisdiction_id)
        platform = _platform(batch.jurisdiction_id, batch.target)
        due = with_bodies([line.outbox for line in lines])
        records = [(row, _record(row, stored, occupations, platform)) for row, stored in due]
        _store_halves(records, batch.target)
        message += "。已分成两批重新报送。"
    else:
        for line in lines:
            line.accepted, line.code, line.message = False, refusal.code, message[:500]
        BatchLine.objects.bulk_update(lines, ["accepted", "code", "message"])
        record_answers([(line.outbox, Answer(False, refusal.code, message)) for line in lines], actor=actor)
        batch.rejected = batch.size
    _close(batch, BatchStatus.REFUSED, message[:300])
    journal.write("batch.refused", actor=actor, subject=batch, reason=batch.last_error, success=False)


def _close(batch: Batch, status: BatchStatus, last_error: str) -> None:
    batch.status, batch.last_error, batch.answered_at, batch.body = status, last_error, timezone.now(), ""
    if last_error:
        batch.trouble, batch.trouble_at = last_error, batch.answered_at
    batch.save()


def _keep_open(batch: Batch, outcome: Refused | Unknown) -> None:
    batch.status = BatchStatus.UNKNOWN
    batch.last_error = batch.trouble = situation(outcome)[:300]
    batch.trouble_at = timezone.now()
    if isinstance(outcome, Unknown) and outcome.left:
        mark_sent(outbox_ids=list(batch.lines.values_list("outbox_id", flat=True)))
    batch.save(update_fields=["status", "last_error", "trouble", "trouble_at"])


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
