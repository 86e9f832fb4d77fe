"""Canonical JSON, payload digests and batch bodies as the delivery contract defines them.

The same content always gives the same bytes, so that a repeated batch is recognised as a repeat and a
digest computed years later still matches. The canonical form is RFC 8785 restricted to what the contract
admits: ASCII names, no fractions, whole numbers of at most 53 bits.
"""

import gzip
import json
from collections.abc import Iterator, Mapping

from delivery.client.signing import sm3_hex
from delivery.contract import MAX_BODY_BYTES, MAX_DEPTH, MAX_INTEGER, MAX_RECORDS, Batch

_GZIP_MAGIC = b"\x1f\x8b"


class NotEncodable(ValueError):
    """The content can't travel under the contract; the message says why and never quotes a value."""


class BatchTooLarge(NotEncodable):
    """Too many records or bytes for one batch: send it as several."""


def canonical_json(content: object) -> bytes:
    """The one byte string that stands for `content`; raises NotEncodable for what the contract excludes."""
    for value, depth in _walk(content):
        _refuse_foreign(value, depth)
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as unpaired:
        raise NotEncodable("a text holds half of a surrogate pair") from unpaired


def payload_digest(payload: Mapping[str, object]) -> str:
    """SM3 of the canonical JSON of a payload, hex: the `digest` of a record."""
    return sm3_hex(canonical_json(payload))


def encode_batch(batch: Batch | Mapping[str, object]) -> bytes:
    """The gzip body of a batch: the same batch always gives the same bytes."""
    records = batch.get("records")
    if isinstance(records, list) and len(records) > MAX_RECORDS:
        raise BatchTooLarge(f"{len(records)} records, at most {MAX_RECORDS} fit into a batch")
    plain = canonical_json(batch)
    if len(plain) > MAX_BODY_BYTES:
        raise BatchTooLarge(f"{len(plain)} bytes, at most {MAX_BODY_BYTES} fit into a batch")
    return gzip.compress(plain, compresslevel=6, mtime=0)


def is_gzip(body: bytes) -> bool:
    return body.startswith(_GZIP_MAGIC)


def decode_body(body: bytes) -> object:
    """Read back a body of our own making (stored bytes that are sent again)."""
    try:
        return json.loads(gzip.decompress(body) if is_gzip(body) else body)
    except (OSError, EOFError, ValueError) as damaged:
        raise NotEncodable("the stored batch is damaged and can't be read") from damaged


def _walk(content: object) -> Iterator[tuple[object, int]]:
    waiting: list[tuple[object, int]] = [(content, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, list):
            waiting.extend((child, depth + 1) for child in value)


def _refuse_foreign(value: object, depth: int) -> None:
    if isinstance(value, dict):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise NotEncodable("a name in the content isn't plain ASCII")
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotEncodable("a whole number is larger than 53 bits")
    elif not isinstance(value, str | list | None):
        raise NotEncodable(f"{type(value).__name__} can't travel; amounts and dates travel as text")
    if isinstance(value, dict | list) and depth > MAX_DEPTH:
        raise NotEncodable(f"the content is nested deeper than {MAX_DEPTH}")
