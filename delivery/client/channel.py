"""One signed question to a service that shares a key with us, and what may be believed of its answer.

Needs no Django and no database, keeps no state, and never raises for what the network or the service does.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from delivery.client.outcomes import Malformed, Refused, Unknown, read_refusal
from delivery.client.signing import answer_is_genuine, sign_request
from delivery.client.transport import Address, Answer, NoAnswer, exchange
from delivery.contract import (
    BAD_SIGNATURE,
    HEADER_RECEIPT_SIGNATURE,
    KEY_ID_PATTERN,
    MIN_SECRET_BYTES,
    NONCE_USED,
    UNKNOWN_KEY,
)

_PASSING = frozenset({408, 425, 429})
"""Refusals of the moment: the same request may well succeed later."""


class Channel:
    """The line to one service.

    `timeout` is (seconds to connect, seconds for the rest of the exchange). `ca_file` trusts that certificate
    authority instead of the system's. What travels is personal data, so plain http is only spoken to this very
    machine unless `allow_plain_http` says that the line is protected otherwise.
    """

    def __init__(
        self,
        base_url: str,
        key_id: str,
        secret: bytes,
        timeout: tuple[float, float],
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

    def __str__(self) -> str:
        return f"{self._address.host}:{self._address.port}, key {self._key_id}"

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes, max_answer: int
    ) -> bytes | Refused | Unknown:
        """Return the body of a genuine 200, as it was signed; a genuine refusal; or that nothing may be concluded."""
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
                headers={**headers, **signed.headers},
                body=body,
                timeout=self._timeout,
                tls=self._tls,
                max_answer=max_answer,
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
            return _judge(answer, genuine)
        except Malformed as malformed:
            return Unknown(f"answer {answer.status} breaks the contract: {malformed}")


def json_of(body: bytes) -> object:
    """Return what an answer says. Raises `Malformed`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as unreadable:
        raise Malformed("not JSON") from unreadable


def _judge(answer: Answer, genuine: bool) -> bytes | Refused | Unknown:
    """Believe only what the service signed, with one exception.

    A service that doesn't share our key can't sign the news of it: an unsigned 401 saying so is taken at its
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
        return answer.body
    refusal = _refusal(answer)
    if refusal.code == NONCE_USED:
        # Our nonces are fresh, so something on the way repeated this request: its first may have worked.
        return Unknown("something between us and the platform repeated our request")
    if refusal.status in _PASSING:
        return Unknown(f"the platform asks to come back later ({refusal.status})")
    return refusal


def _refusal(answer: Answer) -> Refused:
    refusal = read_refusal(json_of(answer.body))
    if refusal.status != answer.status or not 400 <= refusal.status < 500:
        raise Malformed("status line and body disagree")
    return refusal
