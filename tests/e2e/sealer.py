"""The near end of `tests.e2e.sealing`."""

import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.e2e.stack import ROOT, environment


@dataclass(frozen=True)
class Sealed:
    """A record that was sealed a moment ago."""

    part: str
    name: str
    number: str


class Sealer:
    """A process that seals a new made-up teacher's record whenever asked."""

    def __enter__(self) -> "Sealer":
        self._seeds = itertools.count(5000)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.sealing"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def seal(self) -> Sealed:
        return Sealed(**self._ask(f"seal {next(self._seeds)}"))

    def backdate(self, sealed: Sealed, *, days: int) -> None:
        assert self._ask(f"backdate {sealed.part} {days}") == {"rows": 1}

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._read())
        return answer

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the sealing process ended; its words stand above"
        return line
