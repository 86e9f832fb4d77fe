"""What can come of a request to the municipal platform: a closed set, each with its consequence.

| Outcome | What the caller may conclude |
|---|---|
| `Answered` | the receipt is final for this batch |
| `NotKnown` | the platform never took the batch: send the same bytes again |
| `Refused` | this request was refused, and the same request will be again: somebody must mend something |
| `Unknown` | nothing; ask by batch id before anything else |

`Refused` speaks of one request. Where an earlier attempt ended `Unknown`, only `ask` settles that one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from delivery.contract import ERROR_CONTRACT, MAX_RECORDS, RECEIPT_CONTRACT, ResultStatus


@dataclass(frozen=True, slots=True)
class RecordResult:
    record_id: str
    version: int
    status: ResultStatus
    code: str
    message: str

    @property
    def accepted(self) -> bool:
        return self.status == "accepted"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt whose signature has been verified; `raw` is what was signed, to be kept as proof."""

    batch_id: str
    receipt_no: str
    received_at: datetime
    results: tuple[RecordResult, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class NotKnown:
    pass


@dataclass(frozen=True, slots=True)
class Refused:
    """`pointers` name places in the batch as (RFC 6901 pointer, problem); `platform_time` is unix seconds."""

    status: int
    code: str
    message: str
    pointers: tuple[tuple[str, str], ...] = ()
    platform_time: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """`left` is False when no connection came about, so that nothing can have arrived."""

    reason: str
    left: bool = True


Outcome: TypeAlias = Answered | NotKnown | Refused | Unknown


def describe(outcome: Outcome) -> str:
    """One line for logs: codes and numbers, nothing personal."""
    match outcome:
        case Answered(receipt):
            accepted = sum(result.accepted for result in receipt.results)
            return f"answered {receipt.receipt_no}: {accepted} of {len(receipt.results)} accepted"
        case NotKnown():
            return "not known"
        case Refused(status, code):
            return f"refused {status} {code}"
        case Unknown(reason):
            return f"unknown: {reason}"
        case _:
            assert_never(outcome)


class Malformed(ValueError):
    """The answer isn't what the contract says."""


def read_receipt(content: object, raw: bytes) -> Receipt:
    body = _mapping(content)
    if body.get("contract") != RECEIPT_CONTRACT:
        raise Malformed("not a receipt")
    entries = body.get("results")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_RECORDS:
        raise Malformed("receipt without results")
    results = tuple(_read_result(entry) for entry in entries)
    accepted = sum(result.accepted for result in results)
    counts = {"total": len(results), "accepted": accepted, "rejected": len(results) - accepted}
    if body.get("counts") != counts:
        raise Malformed("receipt whose counts don't match its results")
    return Receipt(
        batch_id=_text(body, "batch_id"),
        receipt_no=_text(body, "receipt_no"),
        received_at=_instant(_text(body, "received_at")),
        results=results,
        raw=raw,
    )


def read_refusal(content: object) -> Refused:
    body = _mapping(content)
    if body.get("contract") != ERROR_CONTRACT:
        raise Malformed("not an error of the contract")
    pointers = body.get("pointers")
    if not isinstance(pointers, list):
        raise Malformed("error without pointers")
    return Refused(
        status=_number(body, "status"),
        code=_text(body, "code"),
        message=_text(body, "message"),
        pointers=tuple(_read_pointer(_mapping(entry)) for entry in pointers),
        platform_time=_number(body, "platform_time"),
    )


def _read_pointer(entry: dict[str, object]) -> tuple[str, str]:
    return _text(entry, "pointer", empty=True), _text(entry, "problem")


def _read_result(content: object) -> RecordResult:
    entry = _mapping(content)
    match entry.get("status"):
        case "accepted":
            status: ResultStatus = "accepted"
        case "rejected":
            status = "rejected"
        case _:
            raise Malformed("result with an unknown status")
    return RecordResult(
        record_id=_text(entry, "record_id"),
        version=_number(entry, "version"),
        status=status,
        code=_text(entry, "code", empty=True),
        message=_text(entry, "message", empty=True),
    )


def _mapping(content: object) -> dict[str, object]:
    if not isinstance(content, dict):
        raise Malformed("not an object")
    return content


def _text(body: dict[str, object], name: str, *, empty: bool = False) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise Malformed(f"{name} is missing")
    return value


def _number(body: dict[str, object], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{name} isn't a whole number")
    return value


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as unreadable:
        raise Malformed("received_at isn't a time") from unreadable
    if instant.tzinfo is None:
        raise Malformed("received_at has no offset")
    return instant
