"""One supervised program: its process group, its log, and how it comes back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from credit_platform.embedded.processes import dies_with_parent

_FIRST_DELAY, _LONGEST_DELAY = 0.2, 3.0
_SETTLED = 10.0  # who lives this long starts again without delay
_LOG_LIMIT = 10 << 20


@dataclass(frozen=True)
class Program:
    """What to run. `ready` is asked until it says yes; a program without it is ready once it runs.

    `stop_signal` asks the process politely. `death_signal` is what the kernel sends it when the supervisor is
    killed: SIGTERM lets gunicorn's master take its workers along; SIGKILL is right for a Celery worker, whose
    children watch their parent themselves and whose tasks are safe to repeat.
    """

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)  # added to the supervisor's own
    cwd: Path | None = None
    ready: Callable[[], bool] | None = None
    ready_within: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM


class Child:
    """The process group of a program. Its log starts empty; the previous one is kept as `….1`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.restarts = 0
        self.since = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._mark = ""
        self._delay = 0.0
        self._not_before = 0.0
        self._died = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        if self.restarts == 0 and self.program.log.exists():
            self.program.log.replace(f"{self.program.log}.1")
        with self._open_log() as log:
            self._process = subprocess.Popen(  # noqa: S603 - the demo's own programs
                list(self.program.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.program.cwd,
                env={**os.environ, **self.program.env},
                start_new_session=True,  # a group to kill whole, and no Ctrl-C from the terminal
                preexec_fn=dies_with_parent(self.program.death_signal),
            )
        self._mark = birth_of(self._process.pid)
        self.since = time.time()
        self._died = False

    def _open_log(self) -> BinaryIO:
        """For appending; nobody else on the machine may read it."""
        descriptor = os.open(self.program.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "ab")

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ready(self) -> bool:
        return self.running() and (self.program.ready is None or self.program.ready())

    def revive(self) -> None:
        """Start the program again if it died, at first at once, then ever more slowly."""
        if self._process is None or self.running():
            return
        now = time.monotonic()
        if not self._died:
            self._died = True
            kill_group(self._process.pid)  # workers that outlived their master hold its port
            settled = time.time() - self.since > _SETTLED
            self._delay = _FIRST_DELAY if settled or not self._delay else min(self._delay * 2, _LONGEST_DELAY)
            self._not_before = now + self._delay
        if now >= self._not_before:
            self.restarts += 1
            self.start()

    def stop(self, deadline: float, hurry: Callable[[], bool]) -> None:
        """Ask, wait until `deadline` or `hurry()`, kill the group. Leaves neither zombie nor orphan."""
        if self._process is None:
            return
        if self.running():
            self._process.send_signal(self.program.stop_signal)
        while self.running() and time.monotonic() < deadline and not hurry():
            time.sleep(0.03)
        kill_group(self._process.pid)
        self._process.wait()
        self._process = None

    def describe(self) -> dict[str, object]:
        return {
            "pid": self.pid,
            "restarts": self.restarts,
            "since": self.since,
            "running": self.running(),
            "mark": self._mark,
        }

    def last_words(self, lines: int = 15) -> str:
        try:
            return "\n".join(self.program.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    def trim_log(self) -> None:
        """Past 10 MB: keep a copy, then empty the file under the writer, who appends."""
        with suppress(OSError):
            if self.program.log.stat().st_size > _LOG_LIMIT:
                shutil.copyfile(self.program.log, f"{self.program.log}.1")
                os.truncate(self.program.log, 0)

    @staticmethod
    def end_leftover(described: Mapping[str, object]) -> None:
        """Kill the group that an earlier supervisor described, if it is still that one's.

        The leader's birth proves it; when the leader is gone, its group's number cannot have been given to
        anyone else as long as a member of the group lives.
        """
        pid, mark = described.get("pid"), described.get("mark")
        this_boot = isinstance(mark, str) and mark.startswith(_boot())
        if isinstance(pid, int) and this_boot and birth_of(pid) in ("", mark):
            kill_group(pid)


def birth_of(pid: int) -> str:
    """The machine's boot and the kernel's tick at which the process started; "" if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{_boot()}/{fields[19]}"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def kill_group(group: int) -> None:
    """SIGKILL to every process of the group, which may be empty already."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
