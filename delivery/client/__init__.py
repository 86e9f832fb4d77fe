"""Our side of the delivery contract: encode, sign, send, verify the answer. No Django, no database."""

from delivery.client.encoding import BatchTooLarge, NotEncodable, canonical_json, encode_batch, payload_digest
from delivery.client.municipal import MunicipalClient
from delivery.client.outcomes import (
    Answered,
    NotKnown,
    Outcome,
    Receipt,
    RecordResult,
    Refused,
    Unknown,
    describe,
)

__all__ = [
    "Answered",
    "BatchTooLarge",
    "MunicipalClient",
    "NotEncodable",
    "NotKnown",
    "Outcome",
    "Receipt",
    "RecordResult",
    "Refused",
    "Unknown",
    "canonical_json",
    "describe",
    "encode_batch",
    "payload_digest",
]
