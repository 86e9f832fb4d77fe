"""The published delivery contract: constants, header names, limits and shapes; no behaviour.

Both sides import this and nothing else of each other: the county's signing client (`delivery.client`)
and the municipal platform simulator (`delivery.simulator`) each bring their own implementation.
The wording that binds is `docs/delivery-contract.md`; the JSON Schemas lie beside this file.
"""

from typing import Final, Literal, NotRequired, TypeAlias, TypedDict

BATCH_CONTRACT: Final = "credit-batch/1"
RECEIPT_CONTRACT: Final = "credit-receipt/1"
ERROR_CONTRACT: Final = "credit-error/1"
KIND_ANNUAL_RECORD: Final = "annual-record"
KIND_ITEM: Final = "item"
KIND_ITEM_WITHDRAWAL: Final = "item-withdrawal"
"""The next version of an item that is no longer true: the platform stops showing and using the item."""
KINDS: Final = (KIND_ANNUAL_RECORD, KIND_ITEM, KIND_ITEM_WITHDRAWAL)

BATCHES_PATH: Final = "/v1/batches"

HEADER_KEY: Final = "X-Credit-Key"
HEADER_TIMESTAMP: Final = "X-Credit-Timestamp"
HEADER_NONCE: Final = "X-Credit-Nonce"
HEADER_SIGNATURE: Final = "X-Credit-Signature"
HEADER_RECEIPT_SIGNATURE: Final = "X-Credit-Receipt-Signature"

MAX_RECORDS: Final = 500
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
"""Of the body as sent, and again of the body after decompression."""
MAX_ANSWER_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 8
"""Objects and arrays inside one another; the batch itself is 1, a payload 4."""
MAX_INTEGER: Final = 2**53 - 1
"""The largest whole number every JSON reader keeps exactly (RFC 8259 §6)."""
MAX_PAYLOAD_FIELDS: Final = 200
MAX_TEXT: Final = 10_000
MAX_POINTERS: Final = 50
MIN_NONCE_BYTES: Final = 16
MAX_NONCE_BYTES: Final = 64
MIN_SECRET_BYTES: Final = 16
KEY_ID_PATTERN: Final = r"[0-9A-Za-z._-]{1,64}"
CLOCK_SKEW_SECONDS: Final = 300
NONCE_KEPT_SECONDS: Final = 3 * CLOCK_SKEW_SECONDS

# Error codes of answers that refuse a whole request.
ADDRESS_UNKNOWN: Final = "address_unknown"
METHOD_NOT_ALLOWED: Final = "method_not_allowed"
MALFORMED_REQUEST: Final = "malformed_request"
LENGTH_REQUIRED: Final = "length_required"
TOO_LARGE: Final = "too_large"
UNSUPPORTED_MEDIA: Final = "unsupported_media"
UNKNOWN_KEY: Final = "unknown_key"
BAD_SIGNATURE: Final = "bad_signature"
STALE_TIMESTAMP: Final = "stale_timestamp"
NONCE_USED: Final = "nonce_used"
SENDER_NOT_ALLOWED: Final = "sender_not_allowed"
BATCH_UNKNOWN: Final = "batch_unknown"
BATCH_DIFFERS: Final = "batch_differs"
INVALID_BATCH: Final = "invalid_batch"
UNAVAILABLE: Final = "unavailable"

# Codes of single records in a receipt.
ALREADY_HELD: Final = "already_held"

JsonValue: TypeAlias = "str | int | bool | list[JsonValue] | dict[str, JsonValue] | None"
"""No fractions: amounts and ratios travel as text."""

ResultStatus: TypeAlias = Literal["accepted", "rejected"]


class Sender(TypedDict):
    jurisdiction: str
    name: str


class Group(TypedDict):
    code: str
    label: str


class AgencyRef(TypedDict):
    code: str
    name: str


class Part(TypedDict):
    """Which part of a record that several agencies write."""

    lead: bool
    sections: list[str]


class BatchRecord(TypedDict):
    record_id: str
    version: int
    kind: Literal["annual-record", "item", "item-withdrawal"]
    group: Group
    year: int
    agency: AgencyRef
    payload: dict[str, JsonValue]
    digest: str
    part: NotRequired[Part]


class Batch(TypedDict):
    contract: Literal["credit-batch/1"]
    batch_id: str
    sender: Sender
    created_at: str
    records: list[BatchRecord]


class ResultEntry(TypedDict):
    record_id: str
    version: int
    status: ResultStatus
    code: str
    message: str


class Counts(TypedDict):
    total: int
    accepted: int
    rejected: int


class ReceiptBody(TypedDict):
    contract: Literal["credit-receipt/1"]
    batch_id: str
    received_at: str
    receipt_no: str
    counts: Counts
    results: list[ResultEntry]


class Pointer(TypedDict):
    pointer: str
    problem: str


class ErrorBody(TypedDict):
    contract: Literal["credit-error/1"]
    status: int
    code: str
    message: str
    platform_time: int
    pointers: list[Pointer]
