"""The client of a municipal platform that speaks credit-batch/1.

It needs no Django and no database, keeps no state and never raises for what the network or the platform
does: everything that can happen is one of the four outcomes. It logs batch ids, codes and durations only.
"""

import json
import logging
import re
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

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
    read_refusal,
)
from delivery.client.signing import answer_is_genuine, sign_request
from delivery.client.transport import Address, Answer, NoAnswer, exchange
from delivery.contract import (
    BAD_SIGNATURE,
    BATCH_UNKNOWN,
    BATCHES_PATH,
    HEADER_RECEIPT_SIGNATURE,
    KEY_ID_PATTERN,
    MAX_ANSWER_BYTES,
    MAX_BODY_BYTES,
    MIN_SECRET_BYTES,
    NONCE_USED,
    UNKNOWN_KEY,
    Batch,
)

logger = logging.getLogger(__name__)

_PASSING = frozenset({408, 425, 429})
"""Refusals of the moment: the same request may well succeed later."""


class MunicipalClient:
    """Sends batches to one platform and asks what became of them.

    `timeout` is (seconds to connect, seconds for the rest of the exchange). `ca_file` trusts that certificate
    authority instead of the system's. Batches hold personal data, so plain http is only spoken to this very
    machine unless `allow_plain_http` says that the line is protected otherwise.
    """

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
        self._address = Address.parse(base_url)
        if not (self._address.secure or self._address.loopback or allow_plain_http):
            raise ValueError("personal data must not travel over plain http: use https")
        if not re.fullmatch(KEY_ID_PATTERN, key_id):
            raise ValueError("the key id may hold letters, digits, dot, dash and underscore only")
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret has {len(secret)} bytes, at least {MIN_SECRET_BYTES} are needed")
        self._key_id = key_id
        self._secret = secret
        self._timeout = timeout
        self._clock = clock
        self._tls = ssl.create_default_context(cafile=ca_file) if self._address.secure else None

    def __repr__(self) -> str:
        return f"MunicipalClient({self._address.host}:{self._address.port}, key {self._key_id})"

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
        target = self._address.prefix + path
        signed = sign_request(
            method=method,
            target=target,
            body=body,
            key_id=self._key_id,
            secret=self._secret,
            timestamp=int(self._clock()),
        )
        try:
            answer = exchange(
                self._address,
                method=method,
                target=target,
                headers=headers | signed.headers,
                body=body,
                timeout=self._timeout,
                tls=self._tls,
                max_answer=MAX_ANSWER_BYTES,
            )
        except NoAnswer as nothing:
            return Unknown(str(nothing), left=nothing.left)
        genuine = answer_is_genuine(
            secret=self._secret,
            nonce=signed.nonce,
            body=answer.body,
            signature=answer.headers.get(HEADER_RECEIPT_SIGNATURE),
        )
        try:
            return _judge(answer, genuine, batch_id)
        except Malformed as malformed:
            return Unknown(f"answer {answer.status} breaks the contract: {malformed}")

    def _logged(self, verb: str, batch_id: str, outcome: Outcome) -> Outcome:
        logger.info("%s %s: %s", verb, batch_id, describe(outcome))
        return outcome


def _judge(answer: Answer, genuine: bool, batch_id: str) -> Outcome:
    """Believe only what the platform signed, with one exception.

    A platform that doesn't share our key can't sign the news of it: an unsigned 401 saying so is taken at its
    word, because it grants nothing and only stops us until somebody looks at the key.
    """
    if answer.status >= 500:
        return Unknown(f"the platform failed with {answer.status}")
    if not genuine:
        if answer.status == 401:
            refusal = _refusal(answer)
            if refusal.code in {UNKNOWN_KEY, BAD_SIGNATURE}:
                return refusal
        return Unknown(f"answer {answer.status} isn't signed by the platform")
    if answer.status == 200:
        receipt = read_receipt(_json(answer.body), answer.body)
        if receipt.batch_id != batch_id:
            raise Malformed("receipt of another batch")
        return Answered(receipt)
    refusal = _refusal(answer)
    if refusal.code == BATCH_UNKNOWN:
        return NotKnown()
    if refusal.code == NONCE_USED:
        # Our nonces are fresh, so something on the way repeated this request: its first may have worked.
        return Unknown("something between us and the platform repeated our request")
    if refusal.status in _PASSING:
        return Unknown(f"the platform asks to come back later ({refusal.status})")
    return refusal


def _refusal(answer: Answer) -> Refused:
    refusal = read_refusal(_json(answer.body))
    if refusal.status != answer.status or not 400 <= refusal.status < 500:
        raise Malformed("status line and body disagree")
    return refusal


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as unreadable:
        raise Malformed("not JSON") from unreadable


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
