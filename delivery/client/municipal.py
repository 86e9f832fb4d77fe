"""The client of a municipal platform that speaks credit-batch/1.

It needs no Django and no database, keeps no state and never raises for what the network or the platform
does: everything that can happen is one of the four outcomes. It logs batch ids, codes and durations only.
"""

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from delivery.client.channel import Channel, json_of
from delivery.client.encoding import NotEncodable, decode_body, encode_batch, is_gzip
from delivery.client.outcomes import (
    Answered,
    Malformed,
    NotKnown,
    Outcome,
    Receipt,
    Refused,
    Unknown,
    describe,
    read_receipt,
)
from delivery.contract import BATCH_UNKNOWN, BATCHES_PATH, MAX_ANSWER_BYTES, MAX_BODY_BYTES, Batch

logger = logging.getLogger(__name__)


class MunicipalClient:
    """Sends batches to one platform and asks what became of them. Arguments as of `Channel`."""

    def __init__(
        self,
        base_url: str,
        key_id: str,
        secret: bytes,
        timeout: tuple[float, float] = (5.0, 30.0),
        clock: Callable[[], float] = time.time,
        *,
        ca_file: Path | None = None,
        allow_plain_http: bool = False,
    ) -> None:
        self._channel = Channel(
            base_url, key_id, secret, timeout, clock, ca_file=ca_file, allow_plain_http=allow_plain_http
        )

    def __repr__(self) -> str:
        return f"MunicipalClient({self._channel})"

    def send(self, batch: bytes | Batch | Mapping[str, object]) -> Outcome:
        """Send a batch; bytes are sent as they are, so that a stored body can be repeated exactly.

        Raises NotEncodable for a batch that could never be sent, before anything leaves the house.
        """
        body = batch if isinstance(batch, bytes) else encode_batch(batch)
        if len(body) > MAX_BODY_BYTES:
            raise NotEncodable(f"the body has {len(body)} bytes, at most {MAX_BODY_BYTES} may be sent")
        batch_id, sent = _contents(decode_body(body))
        headers = {"Content-Type": "application/json"}
        if is_gzip(body):
            headers["Content-Encoding"] = "gzip"
        outcome = self._request("POST", BATCHES_PATH, headers, body, batch_id)
        if isinstance(outcome, NotKnown):
            outcome = Unknown("the platform answered a delivery with batch_unknown")
        if isinstance(outcome, Answered) and sent != _covered(outcome.receipt):
            outcome = Unknown("the receipt doesn't cover exactly the records sent")
        return self._logged("send", batch_id, outcome)

    def ask(self, batch_id: str | uuid.UUID) -> Outcome:
        """Ask what became of a batch; never Refused because the batch is missing: that is NotKnown."""
        wanted = str(uuid.UUID(str(batch_id)))
        return self._logged("ask", wanted, self._request("GET", f"{BATCHES_PATH}/{wanted}", {}, b"", wanted))

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, batch_id: str
    ) -> Outcome:
        got = self._channel.ask(method, path, headers=headers, body=body, max_answer=MAX_ANSWER_BYTES)
        if isinstance(got, Refused) and got.code == BATCH_UNKNOWN:
            return NotKnown()
        if not isinstance(got, bytes):
            return got
        try:
            receipt = read_receipt(json_of(got), got)
            if receipt.batch_id != batch_id:
                raise Malformed("receipt of another batch")
        except Malformed as malformed:
            return Unknown(f"answer 200 breaks the contract: {malformed}")
        return Answered(receipt)

    def _logged(self, verb: str, batch_id: str, outcome: Outcome) -> Outcome:
        logger.info("%s %s: %s", verb, batch_id, describe(outcome))
        return outcome


def _contents(content: object) -> tuple[str, list[tuple[str, int]]]:
    match content:
        case {"batch_id": str(batch_id), "records": [*records]}:
            return batch_id, [_named(record) for record in records]
        case _:
            raise NotEncodable("the batch has no batch_id or no records")


def _named(record: object) -> tuple[str, int]:
    match record:
        case {"record_id": str(record_id), "version": int(version)}:
            return record_id, version
        case _:
            raise NotEncodable("a record of the batch has no record_id or no version")


def _covered(receipt: Receipt) -> list[tuple[str, int]]:
    return [(result.record_id, result.version) for result in receipt.results]
