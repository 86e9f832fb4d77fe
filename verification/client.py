"""The client of a service that speaks identity-check/1. Needs no Django and no database, and logs no person.

Believed is only what the service signed over our nonce, about our question, in the words of the contract; whatever else
comes back leaves the person unchecked.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from delivery.client import NotEncodable, Refused, Unknown, canonical_json
from delivery.client.channel import Channel, json_of
from delivery.client.outcomes import Malformed
from verification.contract import (
    ANSWER_CONTRACT,
    CHECK_CONTRACT,
    CHECKS_PATH,
    MAX_ANSWER_BYTES,
    RESULTS,
    Result,
)

logger = logging.getLogger(__name__)

_MEMBERS = frozenset({"contract", "check_id", "result", "checked_at"})


class IdentityClient:
    """Asks one service, one person at a time. Arguments as of `delivery.client.channel.Channel`."""

    def __init__(
        self,
        base_url: str,
        key_id: str,
        secret: bytes,
        timeout: tuple[float, float] = (5.0, 10.0),
        clock: Callable[[], float] = time.time,
        *,
        ca_file: Path | None = None,
        allow_plain_http: bool = False,
    ) -> None:
        self._channel = Channel(
            base_url, key_id, secret, timeout, clock, ca_file=ca_file, allow_plain_http=allow_plain_http
        )

    def __repr__(self) -> str:
        return f"IdentityClient({self._channel})"

    def check(
        self, *, check_id: uuid.UUID, name: str, document_type: str, number: str
    ) -> Result | Refused | Unknown:
        """Ask whether somebody of this name has this document. Never raises for what network or service do."""
        try:
            body = canonical_json(
                {
                    "contract": CHECK_CONTRACT,
                    "check_id": str(check_id),
                    "name": name,
                    "document_type": document_type,
                    "document_number": number,
                }
            )
        except NotEncodable as foreign:
            return Unknown(str(foreign), left=False)
        headers = {"Content-Type": "application/json"}
        got = self._channel.ask("POST", CHECKS_PATH, headers=headers, body=body, max_answer=MAX_ANSWER_BYTES)
        outcome = _read(got, str(check_id)) if isinstance(got, bytes) else got
        logger.info("check %s: %s", check_id, outcome if isinstance(outcome, str) else _told(outcome))
        return outcome


def _read(body: bytes, check_id: str) -> Result | Unknown:
    try:
        content = json_of(body)
        if not isinstance(content, dict) or content.get("contract") != ANSWER_CONTRACT:
            raise Malformed("not an answer")
        if content.keys() != _MEMBERS:
            raise Malformed("members missing or beyond the contract")  # more about the person than was asked
        if content["check_id"] != check_id:
            raise Malformed("answer to another question")
        for result in RESULTS:
            if content["result"] == result:
                return result
        raise Malformed("unknown result")
    except Malformed as malformed:
        return Unknown(f"answer 200 breaks the contract: {malformed}")


def _told(outcome: Refused | Unknown) -> str:
    if isinstance(outcome, Refused):
        return f"refused {outcome.status} {outcome.code}"
    return f"unknown: {outcome.reason}"
