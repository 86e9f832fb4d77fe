"""How many records a second are delivered, against a bare loop of JSON, gzip and HMAC.

Both end with the receipt of the same simulator, a process of its own. Ours reads the versions from the database, proves
and decrypts them, keeps each batch before it leaves, and writes the platform's answers, each step committed. The bare
loop has the records in memory: JSON with a digest of every payload, gzip, signature, POST, receipt.
`python -m benchmarks.deliveries`
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("CREDIT_INSTANCE", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

import django

django.setup()

from django.utils import timezone

from archives.models import Outbox, RecordPart
from archives.occupations import occupation_of
from archives.protection import protect
from archives.services.versions import add_version
from archives.states import Delivery, Status
from benchmarks.people import prepare, teachers
from benchmarks.rows import teacher_row
from credit_platform.actors import job
from credit_platform.tenancy.context import acting
from delivery.client import MunicipalClient
from delivery.client.signing import sm3_hex
from delivery.contract import MAX_RECORDS
from delivery.models import Batch
from delivery.services import batch_body, deliver, make_batch
from tests.delivery.processes import Simulator

RECORDS, TARGET, AT_LEAST = 4 * MAX_RECORDS, "county", 0.1


@contextmanager
def simulator() -> Iterator[MunicipalClient]:
    """A platform with an empty store, and a client for it."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Simulator(Path(folder)).start()
        try:
            yield platform.client()
        finally:
            platform.stop()


def seal_some(place: int) -> None:
    """Give so many records a sealed version that is due, with the services' own writer of versions."""
    responsibility = teachers()
    occupation = occupation_of(responsibility)
    reviewer = job(place, "李建国")
    with acting(place, "job"):
        Outbox.objects.filter(state=Delivery.PENDING).update(state=Delivery.ACCEPTED)
        parts = RecordPart.objects.filter(agency_id=responsibility.agency_id, current_version=0)
        chosen = list(parts.select_related("record").order_by("id")[:RECORDS])
        assert len(chosen) == RECORDS, "the county of the benchmarks is used up: remove its data folder"
        record, _ = occupation.parse(teacher_row(), stage="seal", year=chosen[0].year)
        content = occupation.dump(record)
        for part in chosen:
            part.current_version, part.sealed_at = 1, timezone.now()
            part.status, part.delivery = Status.SEALED, Delivery.PENDING
            part.save()
            add_version(
                head=part,
                content=content,
                stored=protect(occupation, content),
                schema_digest="0" * 64,
                cites={},
                author=(None, "周敏"),
                approver=reviewer,
                reason="",
            )
        Outbox.objects.filter(state=Delivery.PENDING).update(due_at=timezone.now())


def records_in_memory(place: int) -> list[dict[str, Any]]:
    """The very records, as they stand in the batches that were just delivered."""
    with acting(place, "job"):
        while make_batch(jurisdiction_id=place, target=TARGET):
            pass
        batches = Batch.objects.filter(status="open").order_by("created_at", "id")
        return [
            record for one in batches for record in json.loads(gzip.decompress(batch_body(one)))["records"]
        ]


def encode(records: list[dict[str, Any]]) -> bytes:
    """One batch by the means of the standard library."""
    for record in records:
        text = json.dumps(record["payload"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        record["digest"] = sm3_hex(text.encode())
    batch = {
        "contract": "credit-batch/1",
        "batch_id": str(uuid.uuid4()),
        "sender": {"jurisdiction": "410522", "name": "安阳县信用办"},
        "created_at": "2026-11-22T10:00:00+08:00",
        "records": records,
    }
    return gzip.compress(json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def main() -> int:
    """Deliver both ways, print both, and return 1 below the floor."""
    logging.disable(logging.INFO)
    place = prepare()["jurisdiction"]
    seal_some(place)
    with simulator() as client:
        records = records_in_memory(place)
        began = time.perf_counter()
        assert deliver(jurisdiction_id=place, target=TARGET, client=client) == len(records) // MAX_RECORDS
        sending = time.perf_counter() - began
    seal_some(place)
    with simulator() as client:
        began = time.perf_counter()
        deliver(jurisdiction_id=place, target=TARGET, client=client)
        ours = time.perf_counter() - began
    pieces = [records[start : start + MAX_RECORDS] for start in range(0, len(records), MAX_RECORDS)]
    began = time.perf_counter()
    for piece in pieces:
        encode(piece)
    encoding = time.perf_counter() - began
    with simulator() as client:
        began = time.perf_counter()
        for piece in pieces:
            client.send(encode(piece))
        bare = time.perf_counter() - began
    print(f"ours, from the outbox to the answers written: {RECORDS / ours:,.0f} records a second")
    print(f"  of which batches already made, sent and answered: {RECORDS / sending:,.0f} records a second")
    print(f"bare loop, to the receipt: {RECORDS / bare:,.0f} records a second: ratio {bare / ours:.2f}")
    print(f"bare loop without the exchange: {RECORDS / encoding:,.0f} a second: ratio {encoding / ours:.3f}")
    print(f"(at least {AT_LEAST} of the loop to the receipt)")
    return 0 if bare / ours >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
