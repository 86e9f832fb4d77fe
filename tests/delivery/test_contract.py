"""The contract itself: published vectors, and two implementations that must agree about every byte."""

import ast
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from delivery import contract
from delivery.client import BatchTooLarge, NotEncodable, canonical_json, encode_batch, payload_digest, signing
from delivery.simulator import canonical, catalogue, signatures
from delivery.simulator.answers import Refusal
from delivery.simulator.shape import read_batch
from tests.delivery.processes import ROOT, make_batch, make_record
from tests.delivery.schemas import conforms, load

DOCUMENT = (ROOT / "docs" / "delivery-contract.md").read_text("utf-8")

SM3_VECTORS = [  # GB/T 32905-2016, annex A
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]
HMAC_VECTORS = [  # GM/T 0042-2015, annex D.3
    (
        bytes(range(1, 33)),
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
        "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
    ),
    (
        bytes(range(1, 38)),
        b"\xcd" * 50,
        "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
    ),
]


@pytest.mark.parametrize(("message", "expected"), SM3_VECTORS)
def test_sm3_gives_the_published_digests(message: bytes, expected: str) -> None:
    assert signing.sm3_hex(message) == expected
    assert signatures.sm3_by_openssl(message).hex() == expected
    assert signatures.sm3_by_cryptography(message).hex() == expected


@pytest.mark.parametrize(("key", "message", "expected"), HMAC_VECTORS)
def test_hmac_sm3_gives_the_published_codes(key: bytes, message: bytes, expected: str) -> None:
    assert signing.hmac_sm3_hex(key, message) == expected
    assert signatures.hmac_sm3(key, message).hex() == expected


@given(st.binary(min_size=16, max_size=200), st.binary(max_size=300))
def test_both_sides_compute_the_same_code(key: bytes, message: bytes) -> None:
    assert signing.sm3_hex(message) == signatures.sm3(message).hex()
    assert signing.hmac_sm3_hex(key, message) == signatures.hmac_sm3(key, message).hex()


def test_a_signed_request_is_verified_by_the_other_side_and_only_unchanged() -> None:
    key = signatures.Key("county", b"k" * 32)
    signed = signing.sign_request(
        method="POST",
        target="/v1/batches",
        body=b"x",
        key_id="county",
        secret=key.secret,
        timestamp=1_795_000_000,
    )
    headers = {name: [value] for name, value in signed.headers.items()}
    request = signatures.SignedRequest.read("POST", "/v1/batches", headers)
    caller = request.verify(b"x", {"county": key})
    assert caller.nonce == signed.nonce
    answer = caller.sign_answer(b"receipt")
    assert signing.answer_is_genuine(secret=key.secret, nonce=signed.nonce, body=b"receipt", signature=answer)
    assert not signing.answer_is_genuine(
        secret=key.secret, nonce=signed.nonce, body=b"other", signature=answer
    )
    assert not signing.answer_is_genuine(
        secret=key.secret, nonce="00" * 16, body=b"receipt", signature=answer
    )
    for method, target, body in [
        ("GET", "/v1/batches", b"x"),
        ("POST", "/v1/batches?a", b"x"),
        ("POST", "/v1/batches", b"y"),
    ]:
        changed = signatures.SignedRequest.read(method, target, headers)
        with pytest.raises(Refusal) as refused:
            changed.verify(body, {"county": key})
        assert refused.value.code == contract.BAD_SIGNATURE


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[A-Z][A-Z0-9_]{0,10}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-contract.MAX_INTEGER, contract.MAX_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)


@given(
    st.dictionaries(names, st.none() | st.integers(-9, 9) | texts | st.lists(values, max_size=3), max_size=6)
)
def test_both_sides_write_the_same_canonical_json(payload: dict[str, Any]) -> None:
    try:
        ours = canonical_json(payload)
    except NotEncodable:
        reject()  # nested too deep: another test's business
    assert ours == canonical.canonical(payload).encode()
    assert json.loads(ours) == payload
    assert payload_digest(payload) == canonical.digest(payload)


def test_canonical_json_is_what_the_contract_spells_out() -> None:
    payload = {"B": '引"号\\\n\u0001\u007f/', "A": [1, True, None, {"Z": "𠮷", "Y": -5}]}
    expected = '{"A":[1,true,null,{"Y":-5,"Z":"𠮷"}],"B":"引\\"号\\\\\\n\\u0001\u007f/"}'
    assert canonical_json(payload).decode() == expected


def test_the_same_batch_always_gives_the_same_bytes() -> None:
    batch = make_batch(make_record(), make_record())
    shuffled = dict(reversed(list(batch.items())))
    body = encode_batch(batch)
    assert body == encode_batch(shuffled) == encode_batch(json.loads(json.dumps(batch)))
    assert body[4:8] == b"\0\0\0\0"
    assert json.loads(gzip.decompress(body)) == batch


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "float"),
        (2**53, "53 bits"),
        (("a",), "tuple"),
        ({"名": 1}, "ASCII"),
        ({1: 1}, "ASCII"),
        ("\ud800", "surrogate"),
        ([[[[[]]]]], "nested"),
    ],
)
def test_content_that_cannot_travel_is_refused_before_it_leaves(value: object, reason: str) -> None:
    batch = make_batch()
    batch["records"][0]["payload"]["A"] = value
    with pytest.raises(NotEncodable, match=reason):
        encode_batch(batch)


def test_a_batch_that_is_too_large_is_refused_before_it_leaves() -> None:
    with pytest.raises(BatchTooLarge, match="501 records"):
        encode_batch(make_batch(*[make_record()] * 501))
    with pytest.raises(BatchTooLarge, match="bytes"):
        encode_batch(make_batch(*[make_record(BZ="好" * 10_000) for _ in range(300)]))


def _set(*path: str | int, to: object) -> Callable[[Any], None]:
    def change(batch: Any) -> None:
        for step in path[:-1]:
            batch = batch[step]
        batch[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Any], None]:
    def change(batch: Any) -> None:
        for step in path[:-1]:
            batch = batch[step]
        del batch[path[-1]]

    return change


BROKEN = [
    ("", _set("extra", to=1)),
    ("/contract", _set("contract", to="credit-batch/2")),
    ("/contract", _drop("contract")),
    ("/batch_id", _set("batch_id", to="not-a-uuid")),
    ("/batch_id", _set("batch_id", to="A" * 8 + "-0000-4000-8000-" + "0" * 12)),
    ("/batch_id", _set("batch_id", to="00000000-0000-4000-8000-000000000000\n")),
    ("/created_at", _set("created_at", to="2026-11-22 10:00")),
    ("/created_at", _set("created_at", to="2026-11-22T10:00:00")),
    ("/sender", _set("sender", to="410522")),
    ("/sender/jurisdiction", _set("sender", "jurisdiction", to=410522)),
    ("/sender/name", _set("sender", "name", to="")),
    ("/records", _set("records", to=[])),
    ("/records", _drop("records")),
    ("/records", _set("records", to={})),
    ("/records/0", _set("records", 0, to=None)),
    ("/records/0", _set("records", 0, "extra", to=None)),
    ("/records/0/version", _set("records", 0, "version", to=0)),
    ("/records/0/version", _set("records", 0, "version", to=True)),
    ("/records/0/version", _set("records", 0, "version", to=2**31)),
    ("/records/0/kind", _set("records", 0, "kind", to="penalty")),
    ("/records/0/year", _set("records", 0, "year", to="2026")),
    ("/records/0/group/code", _set("records", 0, "group", "code", to="Teacher")),
    ("/records/0/group/label", _drop("records", 0, "group", "label")),
    ("/records/0/agency/code", _set("records", 0, "agency", "code", to="教育局")),
    ("/records/0/agency/name", _set("records", 0, "agency", "name", to="长" * 101)),
    ("/records/0/digest", _set("records", 0, "digest", to="F" * 64)),
    ("/records/0/payload", _set("records", 0, "payload", to={})),
    ("/records/0/payload", _set("records", 0, "payload", to=[])),
    ("/records/0/payload", _set("records", 0, "payload", "姓名", to="x")),
    ("/records/0/payload", _set("records", 0, "payload", to={f"A{n}": 1 for n in range(201)})),
    ("/records/0/payload/BZ", _set("records", 0, "payload", "BZ", to="长" * 10_001)),
    ("/records/0/payload/BZ", _set("records", 0, "payload", "BZ", to=2**53)),
    ("/records/0/payload/BZ", _set("records", 0, "payload", "BZ", to=[1] * 501)),
]


@pytest.mark.parametrize(("pointer", "change"), BROKEN)
def test_schema_and_platform_refuse_the_same_batches(pointer: str, change: Callable[[Any], None]) -> None:
    batch = make_batch()
    assert conforms(batch, load("batch-1"))
    assert read_batch(batch).batch_id == batch["batch_id"]
    change(batch)
    assert not conforms(batch, load("batch-1"))
    with pytest.raises(Refusal) as refused:
        read_batch(batch)
    assert refused.value.code == contract.INVALID_BATCH
    assert [place["pointer"] for place in refused.value.pointers] == [pointer]


def test_a_record_version_stands_in_a_batch_once() -> None:
    record = make_record()
    with pytest.raises(Refusal) as refused:
        read_batch(make_batch(record, record))
    assert [place["pointer"] for place in refused.value.pointers] == ["/records/1"]


def test_at_most_fifty_places_are_pointed_at() -> None:
    broken = [make_record() | {"year": 1} for _ in range(80)]
    with pytest.raises(Refusal) as refused:
        read_batch(make_batch(*broken))
    assert len(refused.value.pointers) == contract.MAX_POINTERS


def test_the_schemas_hold_the_limits_of_the_contract() -> None:
    batch = load("batch-1")
    assert batch["properties"]["contract"]["const"] == contract.BATCH_CONTRACT
    assert batch["properties"]["records"]["maxItems"] == contract.MAX_RECORDS
    assert batch["$defs"]["payload"]["maxProperties"] == contract.MAX_PAYLOAD_FIELDS
    limits = {option["type"]: option for option in batch["$defs"]["value"]["anyOf"]}
    assert limits["integer"]["maximum"] == contract.MAX_INTEGER
    assert limits["string"]["maxLength"] == contract.MAX_TEXT
    assert load("receipt-1")["properties"]["contract"]["const"] == contract.RECEIPT_CONTRACT
    assert load("error-1")["properties"]["pointers"]["maxItems"] == contract.MAX_POINTERS


def test_the_published_text_names_every_header_and_code() -> None:
    named = set(re.findall(r"`([^`\n]+)`", DOCUMENT))
    constants = {value for name, value in vars(contract).items() if name.isupper() and isinstance(value, str)}
    assert constants - named - {contract.KEY_ID_PATTERN, contract.BATCHES_PATH} == set()
    assert set(catalogue.REASONS) - named == set()


def test_the_published_example_is_true() -> None:
    block = re.search(r"```example\n(.*?)```", DOCUMENT, re.S)
    assert block
    example = dict(line.split(": ", 1) for line in block[1].splitlines())
    secret = bytes.fromhex(example["secret"])
    signed = signing.sign_request(
        method=example["method"],
        target=example["target"],
        body=example["body"].encode(),
        key_id=example["key"],
        secret=secret,
        timestamp=int(example["timestamp"]),
        nonce=example["nonce"],
    )
    assert signing.sm3_hex(example["body"].encode()) == example["body sm3"]
    assert signed.headers[contract.HEADER_SIGNATURE] == example["signature"]
    caller = signatures.Caller(signatures.Key(example["key"], secret), example["nonce"])
    assert caller.sign_answer(example["answer"].encode()) == example["answer signature"]
    assert payload_digest(json.loads(example["payload"])) == example["payload digest"]


def test_the_simulator_imports_nothing_of_ours_but_the_contract() -> None:
    ours = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} | {"django"}
    for module in Path(signatures.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            sources = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            sources += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for source in sources:
                allowed = source.startswith(("delivery.simulator", "delivery.contract"))
                assert allowed or source.partition(".")[0] not in ours, (module.name, source)
