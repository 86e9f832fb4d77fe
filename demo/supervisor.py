"""Runs the processes of the demo: starts them in order, brings back what dies, ends them together.

Knows nothing of Django. The supervisor must be run in the main thread of a process of its own: it takes over
SIGINT and SIGTERM, and its children die with the thread that started them.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from credit_platform.embedded import ServiceUnavailable, services
from demo.child import Child, Program

__all__ = ["NotReady", "Program", "Supervisor"]

STOP_WITHIN = 8.0
_TICK = 0.1
_KEEP_EVERY = 1.0


class NotReady(RuntimeError):
    """A program did not become ready in time. `str()` names it and ends with the last lines of its log."""


class _Stop(BaseException):
    """Raised by a signal inside `services()`, which may otherwise wait for a minute."""


class Supervisor:
    """Keeps `programs` alive until SIGINT or SIGTERM.

    `status` is a JSON file for whoever watches: {"supervisor": {"pid", "since"}, "programs": {name: {"pid",
    "restarts", "since", "running", "mark"}}}. It disappears when everything has been stopped. Leftovers of a
    supervisor that was killed are found by it and ended at the next start.

    `instance` names the embedded servers to be kept up; None when the servers are other people's.
    """

    def __init__(self, programs: Sequence[Program], *, status: Path, instance: str | None = None) -> None:
        self.children = [Child(program) for program in programs]
        self.status = status
        self.instance = instance
        self.trouble = ""  # why the embedded servers could not be had at the last try
        self._since = time.time()
        self._stopping = False
        self._hurry = False
        self._interruptible = False
        self._written = ""
        self._next_keep = 0.0

    def run(self, started: Callable[[], None] = lambda: None) -> int:
        """Start everything, call `started`, watch until a signal comes, stop everything. Raises NotReady."""
        before = {sign: signal.signal(sign, self._on_signal) for sign in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._end_leftovers()
            if self._start():
                started()
            while not self._stopping:
                self._tick()
                time.sleep(_TICK)
        except _Stop:
            pass
        finally:
            self._stop()
            for sign, handler in before.items():
                signal.signal(sign, handler)
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._hurry = self._stopping  # the second Ctrl-C does not wait
        self._stopping = True
        if self._interruptible:
            self._interruptible = False
            raise _Stop

    def _start(self) -> bool:
        """Start the programs in order, each when the one before is ready. False if a signal came between."""
        for child in self.children:
            child.start()
            self._write_status()
            deadline = time.monotonic() + child.program.ready_within
            while not child.ready():
                if self._stopping:
                    return False
                if time.monotonic() > deadline:
                    raise NotReady(
                        f"{child.program.name} is not ready after {child.program.ready_within:.0f} s. "
                        f"Its log, {child.program.log}, ends with:\n{child.last_words()}"
                    )
                self._tick()
                time.sleep(_TICK)
        return not self._stopping

    def _tick(self) -> None:
        for child in self.children:
            child.revive()
        if time.monotonic() >= self._next_keep:
            self._keep_servers()
            for child in self.children:
                child.trim_log()
            self._next_keep = time.monotonic() + _KEEP_EVERY
        self._write_status()

    def _keep_servers(self) -> None:
        """Their own launcher brings a killed server back; this brings the launcher back."""
        if self.instance is None:
            return
        try:
            self._interruptible = not self._stopping
            services(self.instance)
            self.trouble = ""
        except ServiceUnavailable as error:
            self.trouble = str(error)
        finally:
            self._interruptible = False

    def _stop(self) -> None:
        """The last started first. Each may take its share of the time that is left."""
        deadline = time.monotonic() + STOP_WITHIN
        waiting = [child for child in self.children if child.pid is not None]
        while waiting:
            child = waiting.pop()
            share = (deadline - time.monotonic()) / (len(waiting) + 1)
            child.stop(time.monotonic() + max(share, 0.2), lambda: self._hurry)
        self.status.unlink(missing_ok=True)

    def _write_status(self) -> None:
        described = {
            "supervisor": {"pid": os.getpid(), "since": self._since, "trouble": self.trouble},
            "programs": {child.program.name: child.describe() for child in self.children},
        }
        text = json.dumps(described, indent=1)
        if text == self._written:
            return
        self.status.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.status.parent, prefix=f".{self.status.name}.")
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
        Path(name).replace(self.status)
        self._written = text

    def _end_leftovers(self) -> None:
        try:
            found: Mapping[str, Mapping[str, object]] = json.loads(self.status.read_text())["programs"]
        except (OSError, ValueError, KeyError):
            return
        for described in found.values():
            Child.end_leftover(described)
