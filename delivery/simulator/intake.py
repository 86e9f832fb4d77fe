"""Taking a batch: judge each record, put what is accepted into force, write the receipt: in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.contract import ALREADY_HELD, BATCH_DIFFERS, RECEIPT_CONTRACT, ReceiptBody, ResultEntry
from delivery.simulator.answers import Refusal, json_bytes
from delivery.simulator.canonical import canonical
from delivery.simulator.catalogue import message, record_problem
from delivery.simulator.faults import Faults
from delivery.simulator.shape import Record, SentBatch
from delivery.simulator.signatures import Key
from delivery.simulator.store import Store, TakenBatch, Transaction, VersionRow


@dataclass(frozen=True, slots=True)
class Intake:
    store: Store
    faults: Faults

    def take(self, batch: SentBatch, *, document_sm3: str, key: Key, now: datetime) -> bytes:
        """The receipt of a batch, committed; a batch taken before gets its first one and changes nothing."""
        with self.store.transaction() as transaction:
            taken = transaction.batch(batch.batch_id)
            if taken:
                return _first_receipt(taken, batch, document_sm3)
            results = [self._judge(transaction, batch, record, now) for record in batch.records]
            seq = transaction.next_seq()
            receipt_no = f"{now:%Y%m%d}-{seq:08d}"
            receipt = json_bytes(_receipt(batch.batch_id, receipt_no, now, results))
            transaction.put_batch(
                seq=seq,
                batch_id=batch.batch_id,
                key_id=key.key_id,
                taken=TakenBatch(batch.jurisdiction, document_sm3, receipt),
                receipt_no=receipt_no,
                received_at=now.isoformat(),
            )
        return receipt

    def _judge(
        self, transaction: Transaction, batch: SentBatch, record: Record, now: datetime
    ) -> ResultEntry:
        if code := self.faults.reject_code(record):
            return _rejected(record, code)
        if problem := record_problem(record, now.date()):
            return _rejected(record, *problem)
        standing = transaction.standing(record.record_id)
        if standing and standing[0] != batch.jurisdiction:
            return _rejected(record, "R304")
        held = transaction.digest_held(record.record_id, record.version)
        if held:
            return _accepted(record, ALREADY_HELD) if held == record.digest else _rejected(record, "R302")
        if standing and standing[1] > record.version:
            return _rejected(record, "R303")
        transaction.put_label("group", record.group_code, record.group_label)
        transaction.put_label("agency", record.agency_code, record.agency_name)
        transaction.put_version(
            _row(record),
            jurisdiction=batch.jurisdiction,
            batch_id=batch.batch_id,
            received_at=now.isoformat(),
        )
        return _accepted(record)


def _first_receipt(taken: TakenBatch, batch: SentBatch, document_sm3: str) -> bytes:
    if taken.document_sm3 != document_sm3 or taken.jurisdiction != batch.jurisdiction:
        raise Refusal(
            409, BATCH_DIFFERS, "该批次号已用于内容不同的批次，请为新内容另取批次号；查询原批次可取得其回执。"
        )
    return taken.receipt


def _row(record: Record) -> VersionRow:
    return VersionRow(
        record_id=record.record_id,
        version=record.version,
        kind=record.kind,
        group_code=record.group_code,
        year=record.year,
        agency_code=record.agency_code,
        digest=record.digest,
        payload=canonical(record.payload),
    )


def _accepted(record: Record, code: str = "") -> ResultEntry:
    return {
        "record_id": record.record_id,
        "version": record.version,
        "status": "accepted",
        "code": code,
        "message": "本平台已有此版本，未重复入库。" if code else "",
    }


def _rejected(record: Record, code: str, field: str = "") -> ResultEntry:
    return {
        "record_id": record.record_id,
        "version": record.version,
        "status": "rejected",
        "code": code,
        "message": message(code, field),
    }


def _receipt(batch_id: str, receipt_no: str, now: datetime, results: Sequence[ResultEntry]) -> ReceiptBody:
    accepted = sum(result["status"] == "accepted" for result in results)
    return {
        "contract": RECEIPT_CONTRACT,
        "batch_id": batch_id,
        "received_at": now.isoformat(),
        "receipt_no": receipt_no,
        "counts": {"total": len(results), "accepted": accepted, "rejected": len(results) - accepted},
        "results": list(results),
    }
