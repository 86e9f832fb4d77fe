"""The real demonstration with servers of its own, and every way to look into it, hold it up and kill parts of it."""

import fcntl
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg2
import redis

from credit_platform.embedded import status
from credit_platform.embedded.processes import dies_with_parent

ROOT = Path(__file__).resolve().parents[2]
INSTANCE = "e2e"
FOLDER = ROOT / ".local" / f"demo-{INSTANCE}"
START_SECONDS = 240
SPEED = {
    "CREDIT_DELIVERY_SECONDS": "1",
    "CREDIT_DELIVERY_RETRY_SECONDS": "0.5",
    "CREDIT_PLATFORM_TIMEOUT_SECONDS": "3",
    "CREDIT_WORKER_STOP_SECONDS": "5",
}
_FOREIGN = ("CREDIT_", "DATABASE_", "REDIS_", "PG", "PYTEST_", "DJANGO_")
_ACCOUNT = re.compile(r"^  [a-z_]+ +([a-z]+) +((?:[A-Za-z]{4}-){3}\d+) ", re.MULTILINE)
_ADDRESS = re.compile(r"^  (site|platform simulator) +(http://\S+?)/(?: |$)", re.MULTILINE)

T = TypeVar("T")


def environment(**more: str) -> dict[str, str]:
    """Ours without what would lead the programs elsewhere, pointed at the instance of these tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return own | {"CREDIT_INSTANCE": INSTANCE, "DJANGO_SETTINGS_MODULE": "credit_platform.settings"} | more


def eventually(
    ask: Callable[[], T], *, within: float, what: str, standing: Callable[[], object] | None = None
) -> T:
    """Ask until the answer is true, and return it; else fail saying what was waited for and the last answer, or how
    things stand."""
    deadline = time.monotonic() + within
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(
                f"not within {within:.0f} s: {what}; last answer: {standing() if standing else answer!r}"
            )
        time.sleep(0.05)


@contextmanager
def running_stack() -> Iterator["Stack"]:
    """Start the demonstration from nothing; afterwards it is gone, also when a test failed. Two runs queue up."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / f"{INSTANCE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stack = Stack()
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()


class Stack:
    """`manage.py demo` as a process of its own. Its passwords are read off its output, as a person would."""

    def __init__(self) -> None:
        self.output = FOLDER / "demo.log"
        self.site = self.platform = ""
        self.passwords: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        self.seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        began = time.monotonic()
        command = ["manage.py", "demo", "--reset", "--port", "0", "--platform-port", "0", "--allow-faults"]
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment(**SPEED, PYTHONUNBUFFERED="1"),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        eventually(self._is_ready, within=START_SECONDS, what="the demonstration is ready")
        text = self.output.read_text()
        self.passwords = dict(_ACCOUNT.findall(text))
        addresses = dict(_ADDRESS.findall(text))
        self.site, self.platform = addresses["site"], addresses["platform simulator"]
        self.urls = self._server_urls()
        self.seconds = time.monotonic() - began

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        eventually(lambda: status(INSTANCE) is None, within=20, what="the servers are gone")

    def _is_ready(self) -> bool:
        assert self._process
        ended = self._process.poll() is not None  # asked before, so that its last words are read
        text = self.output.read_text(errors="replace")
        if ended:
            raise AssertionError(f"the demonstration ended by itself:\n{text[-3000:]}")
        return "Ready after" in text and "Ctrl-C" in text

    def _server_urls(self) -> dict[str, str]:
        command = [sys.executable, "-m", "credit_platform.embedded", "--instance", INSTANCE, "urls"]
        lines = subprocess.check_output(command, cwd=ROOT, env=environment(), text=True).splitlines()
        return dict(line.split("=", 1) for line in lines)

    # --- processes ------------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        """Of a program (platform, web, worker, beat) or a server (postgres, valkey); None while it is down."""
        if name in ("postgres", "valkey", "launcher"):
            return (status(INSTANCE) or {}).get(name)
        described = json.loads((FOLDER / "status.json").read_text())["programs"][name]
        return int(described["pid"]) if described["running"] else None

    def signal(self, name: str, sign: signal.Signals) -> int:
        """Send a signal to a program's main process; return its id."""
        pid = eventually(lambda: self.pid(name), within=30, what=f"{name} runs")
        os.kill(pid, sign)
        return pid

    def kill(self, name: str) -> int:
        """SIGKILL; a worker is killed with its children, as when the machine runs out of memory."""
        if name != "worker":
            return self.signal(name, signal.SIGKILL)
        pid = eventually(lambda: self.pid(name), within=30, what=f"{name} runs")
        os.killpg(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def standing_still(self, name: str) -> Iterator[None]:
        """Hold a program and its children, so that what is asked meanwhile is so when it is killed."""
        pid = eventually(lambda: self.pid(name), within=30, what=f"{name} runs")
        os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)

    def wait_back(self, name: str, old: int, *, within: float = 30) -> None:
        """Wait until another process stands in for the killed one."""
        eventually(lambda: self.pid(name) not in (None, old), within=within, what=f"{name} is back")

    # --- what is stored -------------------------------------------------------------------------------------------

    def query(self, sql: str, *parameters: object, within: float = 30) -> list[tuple[Any, ...]]:
        """Read as the backup role, past row-level security; a server that is just coming back is waited for."""
        deadline = time.monotonic() + within
        while True:
            try:
                with closing(self.connect("BACKUP")) as connection, connection.cursor() as cursor:
                    cursor.execute(sql, parameters)
                    return cursor.fetchall()
            except psycopg2.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def connect(self, role: str) -> Any:
        """A psycopg2 connection as OWNER or BACKUP."""
        return psycopg2.connect(self.urls[f"DATABASE_{role}_URL"], connect_timeout=5)

    def events(self, subject: object) -> list[tuple[str, str]]:
        """(verb, actor) of what the journal says about an object, oldest first."""
        sql = "SELECT verb, actor_name FROM audit_event WHERE subject_id = %s ORDER BY at, id"
        return [(verb, actor) for verb, actor in self.query(sql, str(subject))]

    def platform_rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read the simulator's own store."""
        with closing(sqlite3.connect(f"file:{FOLDER / 'platform.sqlite3'}?mode=ro", uri=True)) as store:
            return store.execute(sql, [str(parameter) for parameter in parameters]).fetchall()

    def broker(self) -> "redis.Redis[bytes]":
        return redis.Redis.from_url(self.urls["REDIS_URL"])

    def faults(self, **wishes: object) -> None:
        """Switch the simulator's faults; one that is just coming back is waited for."""
        request = urllib.request.Request(f"{self.platform}/admin/faults", json.dumps(wishes).encode())
        eventually(lambda: _answers(request), within=20, what="the simulator takes faults")

    def log(self, name: str) -> "Log":
        return Log(FOLDER / f"{name}.log")


class Log:
    """What a program writes from now on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start = path.stat().st_size

    def text(self) -> str:
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            return stream.read().decode(errors="replace")

    def wait_for(self, pattern: str, *, within: float = 20) -> re.Match[str]:
        wanted = re.compile(pattern)
        found = eventually(
            lambda: wanted.search(self.text()), within=within, what=f"{self.path.name} says {pattern!r}"
        )
        assert found
        return found


def _answers(request: urllib.request.Request) -> bool:
    with suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
        return answer.status == 200
    return False
