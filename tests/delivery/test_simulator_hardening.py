"""What the platform withstands: bombs, floods, slow senders, wrong options."""

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from delivery.client import Answered, NotKnown, encode_batch
from delivery.contract import MAX_BODY_BYTES
from delivery.simulator.answers import Refusal
from delivery.simulator.reading import parse, unpack
from tests.delivery.processes import KEY_ID, ROOT, SECRET, Simulator, make_batch

GZIP = {"Content-Encoding": "gzip"}


def still_serves(simulator: Simulator) -> bool:
    return isinstance(simulator.client().send(make_batch()), Answered)


def test_a_gzip_bomb_is_cut_off(standing_simulator: Simulator) -> None:
    bomb = gzip.compress(b"0" * (300 * 1024 * 1024), 9)
    status, error = standing_simulator.request("POST", "/v1/batches", bomb, headers=GZIP)
    assert (status, error["code"]) == (413, "too_large")
    assert still_serves(standing_simulator)


def test_a_gzip_bomb_costs_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(b"0" * (300 * 1024 * 1024), 9)
    tracemalloc.start()
    try:
        with pytest.raises(Refusal):
            unpack(bomb, "gzip")
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_BODY_BYTES
    finally:
        tracemalloc.stop()


GOOD = encode_batch(make_batch())


@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        (b"[" * 1_000_000, {}, "嵌套"),
        (b'{"a":' * 1_000_000, {}, "嵌套"),
        (b"[" * 9 + b"]" * 9, {}, "嵌套"),
        (b"", {}, "JSON"),
        (b"null", {}, "对象"),
        (b"\xff\xfe", {}, "UTF-8"),
        (b'{"contract":"credit-batch/1","contract":"credit-batch/1"}', {}, "重复"),
        (b'{"a":1.5}', {}, "整数"),
        (b'{"a":NaN}', {}, "整数"),
        (b'{"a":1e400}', {}, "整数"),
        (b"1" * 100_000, {}, "JSON"),
        (b"not gzip", GZIP, "gzip"),
        (GOOD, {}, "UTF-8"),
        (GOOD[:-4], GZIP, "不完整"),
        (GOOD * 2, GZIP, "另有内容"),
        (GOOD + b"rest", GZIP, "另有内容"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(
    standing_simulator: Simulator, body: bytes, headers: dict[str, Any], problem: str
) -> None:
    status, error = standing_simulator.request("POST", "/v1/batches", body, headers=headers)
    assert (status, error["code"]) == (422, "invalid_batch")
    assert problem in error["pointers"][0]["problem"]


def test_nesting_is_counted_as_published() -> None:
    assert parse(b"[" * 8 + b"]" * 8) is not None
    with pytest.raises(Refusal):
        parse(b"[" * 9 + b"]" * 9)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Encoding": "br"}, 415, "unsupported_media"),
        ({"Content-Encoding": "gzip, gzip"}, 415, "unsupported_media"),
        ({"Content-Type": "text/plain"}, 415, "unsupported_media"),
        ({"Content-Length": "104857600"}, 413, "too_large"),
        ({"Content-Length": "9" * 5000}, 413, "too_large"),
        ({"Content-Length": "-1"}, 411, "length_required"),
        ({"Content-Length": "²"}, 411, "length_required"),
        ({"Transfer-Encoding": "chunked"}, 411, "length_required"),
    ],
)
def test_headers_that_promise_something_else_are_refused(
    standing_simulator: Simulator, headers: dict[str, Any], status: int, code: str
) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = standing_simulator.request("POST", "/v1/batches", b"{}", headers=encoded)
    assert (answer[0], answer[1]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/batches?x=1", 404),
        ("POST", "/v1/batches/", 404),
        ("GET", "/v1/batches", 404),
        ("GET", "/v1/batches/../../etc/passwd", 404),
        ("GET", "/admin/faults", 404),
        ("POST", "/admin/faults", 404),
        ("PUT", "/v1/batches", 405),
        ("DELETE", "/v1/batches", 405),
    ],
)
def test_other_addresses_and_methods_are_refused(
    standing_simulator: Simulator, method: str, path: str, status: int
) -> None:
    assert standing_simulator.request(method, path, b"{}")[0] == status


def test_the_answer_to_an_oversized_body_reaches_a_sender_that_is_still_sending(simulator: Simulator) -> None:
    status, error = simulator.request("POST", "/v1/batches", b"0" * (MAX_BODY_BYTES + 1))
    assert (status, error["code"]) == (413, "too_large")


def drip(port: int, opening: bytes, seconds: float) -> float:
    """Send a byte every tenth of a second; return after how long the platform hung up."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        line.sendall(opening)
        while time.monotonic() - begun < seconds:
            try:
                line.sendall(b"a")
                line.settimeout(0.1)
                if line.recv(4096) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    return time.monotonic() - begun


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        b"POST /v1/batches HTTP/1.1\r\nX-Slow: ",
        b"POST /v1/batches HTTP/1.1\r\nContent-Length: 9999\r\n\r\n",
    ],
)
def test_a_sender_that_trickles_is_hung_up_on(simulator: Simulator, opening: bytes) -> None:
    assert drip(simulator.port, opening, 10) < 5


def test_a_crowd_of_idle_connections_passes(simulator: Simulator) -> None:
    idle = [socket.create_connection(("127.0.0.1", simulator.port)) for _ in range(60)]
    try:
        time.sleep(3)
        assert still_serves(simulator)
    finally:
        for line in idle:
            line.close()


def test_faults_are_switched_only_where_allowed(simulator: Simulator) -> None:
    assert simulator.faults(delay_before_ms=1)["delay_before_ms"] == 1
    for wrong in (
        {"nonsense": 1},
        {"delay_before_ms": -1},
        {"delay_before_ms": True},
        {"reject_records": ["x"]},
        [],
    ):
        connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=5)
        connection.request("POST", "/admin/faults", json.dumps(wrong))
        assert connection.getresponse().status == 422
        connection.close()
    assert simulator.faults()["delay_before_ms"] == 1


def test_faults_come_from_the_command_line_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDIT_PLATFORM_FAULTS", "fail_with_5xx=1, delay_before_ms=2")
    simulator = Simulator(tmp_path, "--allow-faults", "--fault", "delay_before_ms=3").start()
    try:
        settings = simulator.faults()
        assert (settings["fail_with_5xx"], settings["delay_before_ms"]) == (1, 3)
    finally:
        assert simulator.stop() == 0


def run(*arguments: str, keys: str = f"{KEY_ID}:{SECRET.hex()}") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "delivery.simulator", *arguments],
        cwd=ROOT,
        env=os.environ | {"CREDIT_PLATFORM_KEYS": keys},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "keys", "said"),
    [
        ((), "", "no keys"),
        ((), "county:abcd", "shorter than 16 bytes"),
        ((), "county:" + "zz" * 32, "keyid:hexsecret"),
        ((), f"a:{'ab' * 32},a:{'cd' * 32}", "given twice"),
        (("--keys-file", "/nonexistent"), "", "can't be read"),
        (("--fault", "fail_with_5xx=1"), None, "--allow-faults"),
        (("--allow-faults", "--fault", "x=1"), None, "no such fault"),
        (("--allow-faults", "--host", "0.0.0.0"), None, "this machine only"),
    ],
)
def test_options_that_make_no_sense_give_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], keys: str | None, said: str
) -> None:
    given = keys if keys is not None else f"{KEY_ID}:{SECRET.hex()}"
    result = run("--store", str(tmp_path / "store"), "--port", "0", *arguments, keys=given)
    assert result.returncode == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "zz" * 32 not in result.stderr


@pytest.mark.parametrize("content", [b"this is no database" * 100, None])
def test_a_store_that_cannot_be_used_gives_one_clear_line(tmp_path: Path, content: bytes | None) -> None:
    store = tmp_path / "store"
    if content is None:
        store.mkdir()
    else:
        store.write_bytes(content)
    result = run("--store", str(store), "--port", "0")
    assert result.returncode == 2
    assert "can't be used" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_taken_port_gives_one_clear_line(standing_simulator: Simulator, tmp_path: Path) -> None:
    result = run("--store", str(tmp_path / "store"), "--port", str(standing_simulator.port))
    assert result.returncode == 2
    assert "can't listen" in result.stderr


def test_keys_come_from_a_file_too(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"# keys of the counties\n\n{KEY_ID}:{SECRET.hex()}:410522  # 安阳县\n", "utf-8")
    simulator = Simulator(tmp_path, "--keys-file", str(keys), keys="").start()
    try:
        assert simulator.client().ask(make_batch()["batch_id"]) == NotKnown()
    finally:
        simulator.stop()


def test_the_store_is_for_its_owner_only(simulator: Simulator) -> None:
    assert still_serves(simulator)
    for path in simulator.store.parent.glob("platform.sqlite3*"):
        assert path.stat().st_mode & 0o077 == 0


def test_being_told_to_stop_ends_it_even_while_a_sender_hangs(simulator: Simulator) -> None:
    simulator.faults(delay_before_ms=60_000)
    sending = threading.Thread(target=lambda: simulator.client(timeout=(5.0, 20.0)).send(make_batch()))
    sending.start()
    deadline = time.monotonic() + 10
    while simulator.count("nonces") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert simulator.stop() == 0
    sending.join(timeout=10)
    assert not sending.is_alive()
