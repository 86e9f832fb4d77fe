"""The population database's service as a real process, and what the tests of identity checks share."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from archives.models import Archive, IdentityCheck, IdentityService, RecordPart
from credit_platform import crypto
from credit_platform.tenancy.context import acting
from tests.archives.flow import rows_of
from tests.delivery.processes import ROOT, START_SECONDS
from tests.factories import County
from verification.client import IdentityClient
from verification.services import check_due

CODE = "population"
SECRET = bytes(range(1, 33))
OTHER_CODE, OTHER_SECRET = "elsewhere", bytes(range(2, 34))


class Population:
    """One service with a register and a store of its own; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self._register = folder / "register.csv"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Population:
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "verification.simulator", "--port", str(self.port), "--allow-faults"]
        command += ["--store", str(self.folder / "store.sqlite3"), "--register", str(self._register)]
        command += ["--ready-file", str(ready), "--read-timeout", "2"]
        keys = f"{CODE}:{SECRET.hex()},{OTHER_CODE}:{OTHER_SECRET.hex()}"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"CREDIT_CHECK_KEYS": keys}
            )
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError((self.folder / "log").read_text())
            time.sleep(0.02)
        self.port = int(ready.read_text())
        return self

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=10)
        self._process = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, *, secret: bytes = SECRET, code: str = CODE, seconds: float = 3.0) -> IdentityClient:
        return IdentityClient(self.url, code, secret, timeout=(2.0, seconds))

    def faults(self, **wishes: object) -> None:
        body = json.dumps(wishes).encode()
        with urllib.request.urlopen(f"{self.url}/admin/faults", body) as answer:
            assert answer.status == 200

    def knows(self, part: RecordPart, *, name: str | None = None) -> None:
        """Put the person of a record into the register, under the own name or another."""
        archive = archive_of(part)
        number = crypto.decrypt(archive.number, purpose="archive.number")
        with self._register.open("a", encoding="utf-8", newline="") as lines:
            csv.writer(lines).writerow([archive.document_type, number, name or archive.name])

    def answered(self) -> list[tuple[str, str]]:
        """Sender and result of each question that was answered, the first first."""
        connection = sqlite3.connect(self.folder / "store.sqlite3")
        try:
            return connection.execute("SELECT key_id, result FROM checks ORDER BY rowid").fetchall()
        finally:
            connection.close()


def service_in(county: County, **more: Any) -> IdentityService:
    """Give a county a service that may be asked as fast as it answers."""
    values = {"code": CODE, "name": "人口信息核验服务", "clause": "LL-02", "per_second": 1000} | more
    return IdentityService.objects.create(jurisdiction=county.jurisdiction, **values)


def run(service: IdentityService, client: IdentityClient, **options: Any) -> int:
    return check_due(service=service, client=client, **options)


def archive_of(part: RecordPart) -> Archive:
    """The archive as it stands in the database."""
    with acting(part.jurisdiction_id, "job"):
        return Archive.objects.get(id=RecordPart.objects.get(id=part.pk).record.archive_id)


def checks_of(county: County) -> list[IdentityCheck]:
    """Everything that was heard, the first first."""
    return sorted(rows_of(IdentityCheck, county.id), key=lambda check: (check.at, check.id))


def outcomes(county: County) -> list[str]:
    return [check.outcome for check in checks_of(county)]


def rested(county: County) -> None:
    """Let the pauses after questions without an answer be over."""
    with acting(county.id, "job"):
        Archive.objects.update(check_after="2020-01-01T00:00:00Z")
