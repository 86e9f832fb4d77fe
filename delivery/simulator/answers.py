"""What goes back to the sender: an answer, or a refusal of the whole request."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.contract import ERROR_CONTRACT, MAX_POINTERS, ErrorBody, Pointer


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Refusal(Exception):
    """A request refused as a whole; `pointers` say where in the batch, never what stood there."""

    def __init__(self, status: int, code: str, message: str, pointers: Sequence[Pointer] = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.pointers = list(pointers[:MAX_POINTERS])

    def answer(self, now: int) -> Answer:
        body: ErrorBody = {
            "contract": ERROR_CONTRACT,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "platform_time": now,
            "pointers": self.pointers,
        }
        return Answer(self.status, json_bytes(body))


def json_bytes(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
