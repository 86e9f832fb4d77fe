"""What the client believes: four outcomes, and never more than the platform has signed."""

import json
import logging
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from delivery.client import (
    Answered,
    MunicipalClient,
    NotEncodable,
    NotKnown,
    Outcome,
    Receipt,
    Refused,
    Unknown,
    describe,
    encode_batch,
)
from delivery.contract import MAX_ANSWER_BYTES
from tests.delivery.processes import KEY_ID, ROOT, SECRET, make_batch
from tests.delivery.scripted import Exchange, Script, ScriptedPlatform, free_port, self_signed

BATCH = make_batch()
RECORD = BATCH["records"][0]


def receipt(**changes: Any) -> dict[str, Any]:
    result = {"record_id": RECORD["record_id"], "version": 1, "status": "accepted", "code": "", "message": ""}
    return {
        "contract": "credit-receipt/1",
        "batch_id": BATCH["batch_id"],
        "received_at": "2026-11-22T10:00:00+08:00",
        "receipt_no": "20261122-00000001",
        "counts": {"total": 1, "accepted": 1, "rejected": 0},
        "results": [result],
    } | changes


def error(status: int, code: str, **changes: Any) -> dict[str, Any]:
    return {
        "contract": "credit-error/1",
        "status": status,
        "code": code,
        "message": "请改正。",
        "platform_time": 1_795_000_000,
        "pointers": [{"pointer": "/records/0/year", "problem": "应为整数"}],
    } | changes


def client_of(
    platform: ScriptedPlatform, timeout: tuple[float, float] = (2.0, 5.0), **options: Any
) -> MunicipalClient:
    return MunicipalClient(platform.url, KEY_ID, SECRET, timeout, **options)


def send(script: Script, **options: Any) -> Outcome:
    with ScriptedPlatform(script) as platform:
        return client_of(platform, **options).send(BATCH)


def ask(script: Script) -> Outcome:
    with ScriptedPlatform(script) as platform:
        return client_of(platform).ask(BATCH["batch_id"])


def test_a_signed_receipt_is_an_answer() -> None:
    outcome = send(lambda exchange: exchange.answer(receipt()))
    assert isinstance(outcome, Answered)
    assert json.loads(outcome.receipt.raw) == receipt()
    assert outcome.receipt.received_at.isoformat() == "2026-11-22T10:00:00+08:00"
    assert outcome.receipt.results[0].accepted
    assert ask(lambda exchange: exchange.answer(receipt())) == outcome


@pytest.mark.parametrize(
    "how",
    [
        {"secret": None},
        {"secret": b"another secret of enough bytes"},
        {"nonce": "00" * 16},
        {"secret": None, "headers": {"X-Credit-Receipt-Signature": "zz"}},
        {"secret": None, "headers": {"X-Credit-Receipt-Signature": ""}},
    ],
)
def test_a_forged_or_replayed_receipt_is_not_believed(how: dict[str, Any]) -> None:
    for outcome in (
        send(lambda exchange: exchange.answer(receipt(), **how)),
        ask(lambda exchange: exchange.answer(receipt(), **how)),
    ):
        assert isinstance(outcome, Unknown)
        assert "isn't signed" in outcome.reason


def test_a_receipt_changed_on_the_way_is_not_believed() -> None:
    def tamper(exchange: Exchange) -> None:
        honest = json.dumps(receipt(counts={"total": 1, "accepted": 0, "rejected": 1})).encode()
        write, exchange.wfile = exchange.wfile, _Changing(exchange.wfile, b'"accepted": 0', b'"accepted": 1')
        exchange.answer(honest)
        exchange.wfile = write

    assert isinstance(send(tamper), Unknown)


class _Changing:
    def __init__(self, target: Any, old: bytes, new: bytes) -> None:
        self._target, self._old, self._new = target, old, new

    def write(self, content: bytes) -> int:
        return int(self._target.write(content.replace(self._old, self._new)))

    def flush(self) -> None:
        self._target.flush()


@pytest.mark.parametrize(
    "body",
    [
        receipt(contract="credit-receipt/2"),
        receipt(batch_id=str(uuid.uuid4())),
        receipt(results=[]),
        receipt(results="all of them"),
        receipt(counts={"total": 1, "accepted": 0, "rejected": 1}),
        receipt(received_at="yesterday"),
        receipt(received_at="2026-11-22T10:00:00"),
        receipt(receipt_no=None),
        receipt(results=[receipt()["results"][0] | {"status": "perhaps"}]),
        receipt(results=[receipt()["results"][0] | {"version": True}]),
        receipt(results=[receipt()["results"][0] | {"version": 2}]),
        receipt(results=[receipt()["results"][0] | {"record_id": str(uuid.uuid4())}]),
        error(400, "malformed_request"),
        [],
        b"",
        b"\xff",
        b"[" * 200_000,
    ],
)
def test_a_signed_answer_that_is_no_receipt_of_this_batch_is_unknown(body: Any) -> None:
    assert isinstance(send(lambda exchange: exchange.answer(body)), Unknown)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "stale_timestamp"),
        (403, "sender_not_allowed"),
        (409, "batch_differs"),
        (413, "too_large"),
        (422, "invalid_batch"),
    ],
)
def test_a_signed_refusal_is_definitive(status: int, code: str) -> None:
    outcome = send(lambda exchange: exchange.answer(error(status, code), status=status))
    assert outcome == Refused(status, code, "请改正。", (("/records/0/year", "应为整数"),), 1_795_000_000)
    unsigned = send(lambda exchange: exchange.answer(error(status, code), status=status, secret=None))
    assert isinstance(unsigned, Unknown)


@pytest.mark.parametrize("code", ["unknown_key", "bad_signature"])
def test_news_about_our_key_needs_no_signature(code: str) -> None:
    outcome = send(lambda exchange: exchange.answer(error(401, code), status=401, secret=None))
    assert isinstance(outcome, Refused)
    assert outcome.code == code


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b"<html>proxy</html>"),
        (401, error(401, "login_required")),
        (401, error(403, "bad_signature")),
        (404, error(404, "batch_unknown")),
        (404, error(404, "address_unknown")),
        (413, b"too big"),
        (301, b""),
        (500, receipt()),
        (502, b"bad gateway"),
    ],
)
def test_unsigned_answers_prove_nothing(status: int, body: Any) -> None:
    outcome = ask(lambda exchange: exchange.answer(body, status=status, secret=None))
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, error(503, "unavailable")),
        (429, error(429, "too_many")),
        (409, error(409, "nonce_used")),
        (404, receipt()),
        (409, error(404, "batch_unknown")),
        (200, error(200, "odd")),
    ],
)
def test_signed_answers_that_settle_nothing_are_unknown(status: int, body: Any) -> None:
    assert isinstance(send(lambda exchange: exchange.answer(body, status=status)), Unknown)


def test_a_batch_the_platform_never_took_is_not_known() -> None:
    def never(exchange: Exchange) -> None:
        exchange.answer(error(404, "batch_unknown"), status=404)

    assert ask(never) == NotKnown()
    assert isinstance(send(never), Unknown)


def test_redirects_are_not_followed() -> None:
    with ScriptedPlatform(lambda exchange: exchange.answer(receipt())) as elsewhere:
        outcome = send(
            lambda exchange: exchange.answer(
                b"", status=307, headers={"Location": elsewhere.url}, secret=None
            )
        )
        assert isinstance(outcome, Unknown)
        assert elsewhere.seen == []


def test_every_request_has_a_nonce_of_its_own_and_the_same_body() -> None:
    with ScriptedPlatform(lambda exchange: exchange.answer(receipt())) as platform:
        client = client_of(platform, clock=lambda: 1_795_000_000.9)
        stored = encode_batch(BATCH)
        for batch in (BATCH, BATCH, stored):
            client.send(batch)
        client.ask(BATCH["batch_id"])
    assert len({exchange.headers["X-Credit-Nonce"] for exchange in platform.seen}) == 4
    assert {exchange.headers["X-Credit-Timestamp"] for exchange in platform.seen} == {"1795000000"}
    assert [exchange.sent for exchange in platform.seen] == [stored] * 3 + [b""]


def test_a_prefix_of_the_address_is_kept_and_signed() -> None:
    with ScriptedPlatform(lambda exchange: exchange.answer(receipt())) as platform:
        client = MunicipalClient(f"{platform.url}/credit/", KEY_ID, SECRET)
        assert isinstance(client.send(BATCH), Answered)
    assert platform.seen[0].path == "/credit/v1/batches"


def test_nobody_there_is_unknown() -> None:
    client = MunicipalClient(f"http://127.0.0.1:{free_port()}", KEY_ID, SECRET, (1.0, 1.0))
    assert isinstance(client.send(BATCH), Unknown)
    assert isinstance(client.ask(BATCH["batch_id"]), Unknown)


def _silent(exchange: Exchange) -> None:
    time.sleep(1.5)


def _trickling(exchange: Exchange) -> None:
    _trickle(exchange, b"")


def _trickling_body(exchange: Exchange) -> None:
    _trickle(exchange, b"HTTP/1.0 200 OK\r\nContent-Length: 99999\r\n\r\n")


def _continuing(exchange: Exchange) -> None:
    _trickle(exchange, b"HTTP/1.1 100 Continue\r\n\r\n" * 10)


def _trickle(exchange: Exchange, opening: bytes) -> None:
    try:
        exchange.wfile.write(opening)
        for _ in range(40):
            exchange.wfile.write(b"H")
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize("script", [_silent, _trickling, _trickling_body, _continuing])
def test_an_answer_that_takes_too_long_is_given_up(script: Script) -> None:
    with ScriptedPlatform(script) as platform:
        begun = time.monotonic()
        outcome = client_of(platform, (1.0, 0.5)).send(BATCH)
        assert time.monotonic() - begun < 1.2
    assert outcome == Unknown("timed out")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n{",
        b"HTTP/1.0 200 OK\r\nContent-Length: -3\r\n\r\n{}",
        b"HTTP/1.0 999999 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_unknown(raw: bytes) -> None:
    assert isinstance(send(lambda exchange: exchange.wfile.write(raw) and None), Unknown)


def test_an_endless_answer_is_cut_off() -> None:
    outcome = send(lambda exchange: exchange.answer(b"0" * (MAX_ANSWER_BYTES + 1)))
    assert isinstance(outcome, Unknown)
    assert "larger" in outcome.reason


def test_tls_is_spoken_only_with_a_certificate_we_trust(tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with ScriptedPlatform(lambda exchange: exchange.answer(receipt()), certificate) as platform:
        distrustful = client_of(platform).send(BATCH)
        assert isinstance(distrustful, Unknown)
        assert "TLS" in distrustful.reason
        assert platform.seen == []
        assert isinstance(client_of(platform, ca_file=certificate).send(BATCH), Answered)


@pytest.mark.parametrize(
    ("url", "key_id", "secret", "said"),
    [
        ("http://platform.example", KEY_ID, SECRET, "https"),
        ("ftp://127.0.0.1", KEY_ID, SECRET, "http"),
        ("https://", KEY_ID, SECRET, "host"),
        ("https://user:word@platform.example", KEY_ID, SECRET, "user name"),
        ("https://platform.example/?a=b", KEY_ID, SECRET, "query"),
        ("http://127.0.0.1", "a\r\nb", SECRET, "key id"),
        ("http://127.0.0.1", KEY_ID, b"short", "5 bytes"),
    ],
)
def test_a_client_that_cannot_be_right_is_refused(url: str, key_id: str, secret: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MunicipalClient(url, key_id, secret)


def test_plain_http_elsewhere_must_be_allowed_explicitly() -> None:
    client = MunicipalClient("http://simulator:8700", KEY_ID, SECRET, allow_plain_http=True)
    assert SECRET.hex() not in repr(client)
    assert repr(client) == "MunicipalClient(simulator:8700, key county)"


@pytest.mark.parametrize("body", [b"", b"{}", b"\x1f\x8bdamaged", b'{"batch_id":"a","records":[{}]}', b"[]"])
def test_bytes_that_are_no_batch_never_leave(body: bytes) -> None:
    with ScriptedPlatform(lambda exchange: exchange.answer(receipt())) as platform:
        with pytest.raises(NotEncodable):
            client_of(platform).send(body)
        assert platform.seen == []


def test_the_log_names_the_batch_and_nothing_personal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    send(lambda exchange: exchange.answer(receipt()))
    assert BATCH["batch_id"] in caplog.text
    for value in (RECORD["payload"]["XM"], RECORD["payload"]["ZJHM"], SECRET.hex()):
        assert value not in caplog.text


def test_every_outcome_has_a_line_for_the_log() -> None:
    taken = send(lambda exchange: exchange.answer(receipt()))
    assert isinstance(taken, Answered)
    assert isinstance(taken.receipt, Receipt)
    assert describe(taken) == "answered 20261122-00000001: 1 of 1 accepted"
    assert describe(NotKnown()) == "not known"
    assert describe(Refused(409, "batch_differs", "…")) == "refused 409 batch_differs"
    assert describe(Unknown("timed out")) == "unknown: timed out"


def test_the_client_needs_neither_django_nor_the_simulator() -> None:
    program = (
        "import sys, delivery.client; "
        "print([name for name in sys.modules if name.startswith(('django', 'delivery.simulator'))])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
