"""The municipal platform as a real process, and batches to send to it."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from delivery.client import MunicipalClient, payload_digest
from delivery.client.signing import sign_request

ROOT = Path(__file__).resolve().parents[2]
KEY_ID = "county"
SECRET = bytes(range(32))
START_SECONDS = 20


class Simulator:
    """One platform with a store of its own; it can be killed and started again on the same port."""

    def __init__(self, folder: Path, *options: str, keys: str = f"{KEY_ID}:{SECRET.hex()}") -> None:
        self.store = folder / "platform.sqlite3"
        self._ready = folder / "ready"
        self._log = folder / "log"
        self._options, self._keys = options, keys
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Simulator":
        self._ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "delivery.simulator", "--port", str(self.port)]
        command += ["--store", str(self.store), "--ready-file", str(self._ready), *self._options]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stderr=log,
                stdout=log,
                env=os.environ | {"CREDIT_PLATFORM_KEYS": self._keys},
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the simulator didn't start: {self.log()}")
            time.sleep(0.02)
        self.port = int(self._ready.read_text())
        return self

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(how)
        self._process = None
        return process.wait(timeout=10)

    def log(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, secret: bytes = SECRET, **options: Any) -> MunicipalClient:
        return MunicipalClient(self.url, options.pop("key_id", KEY_ID), secret, **options)

    def faults(self, **wishes: object) -> dict[str, Any]:
        body = json.dumps(wishes).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/admin/faults", body)) as answer:
            settings: dict[str, Any] = json.load(answer)
        return settings

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.store)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def count(self, table: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def request(
        self, method: str, path: str, body: bytes = b"", **changes: Any
    ) -> tuple[int, dict[str, Any]]:
        """A request signed by hand.

        `changes` go to sign_request; `headers` replace those that were made, None leaves one out.
        """
        replaced = changes.pop("headers", {})
        wishes = {"key_id": KEY_ID, "secret": SECRET, "timestamp": int(time.time())} | changes
        signed = sign_request(method=method, target=path, body=body, **wishes)
        headers = {"Content-Type": "application/json"} | signed.headers | replaced
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            wanted = {name: value for name, value in headers.items() if value is not None}
            connection.request(method, path, body, wanted)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def citizen_number(first_17: str = "41052219850101001") -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first_17, weights, strict=True))
    return first_17 + "10X98765432"[total % 11]


def make_record(record_id: str | None = None, version: int = 1, **payload: object) -> dict[str, Any]:
    values = {
        "XM": "王小明",
        "XB": "1",
        "XL": "21",
        "ZJLX": "111",
        "ZJHM": citizen_number(),
        "LXDH": "13800000000",
        "GZDW": "安阳县第一中学",
        "CYQSSJ": "2008-09",
        "XYZK": "trustworthy",
        "JSZGZBH": None,
    } | payload
    return {
        "record_id": record_id or str(uuid.uuid4()),
        "version": version,
        "kind": "annual-record",
        "group": {"code": "teacher", "label": "教师"},
        "year": 2026,
        "agency": {"code": "education", "name": "安阳县教育局"},
        "payload": values,
        "digest": payload_digest(values),
    }


def make_batch(
    *records: dict[str, Any], batch_id: str | None = None, jurisdiction: str = "410522"
) -> dict[str, Any]:
    return {
        "contract": "credit-batch/1",
        "batch_id": batch_id or str(uuid.uuid4()),
        "sender": {"jurisdiction": jurisdiction, "name": "安阳县信用办"},
        "created_at": "2026-11-22T10:00:00+08:00",
        "records": list(records) or [make_record()],
    }
