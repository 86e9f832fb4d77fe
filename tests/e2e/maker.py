"""The near end of `tests.e2e.making`."""

import itertools
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.e2e.stack import ROOT, environment

FIRST_SEED = 500_000


@dataclass(frozen=True)
class Made:
    """A record that was made a moment ago: the id of its part, and whose it is."""

    part: str
    name: str

    @property
    def path(self) -> str:
        return f"/records/{self.part}/"


class Maker:
    """A process that makes a new made-up teacher's record whenever asked."""

    def __enter__(self) -> "Maker":
        self._seeds = itertools.count(FIRST_SEED)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.making"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def make(self, stage: str) -> Made:
        """`stage`: draft, submitted, returned, in_review, sealed or corrected."""
        return Made(**self._ask(f"make {stage} {next(self._seeds)}"))

    def backdate(self, record: Made, *, days: int) -> None:
        assert self._ask(f"backdate {record.part} {days}") == {"rows": 1}

    def sweep(self) -> int:
        """Take up the jobs of a worker that was killed a moment ago; return how many."""
        return int(self._ask("sweep")["rows"])

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._read())
        return answer

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the process that makes records ended; its words stand above"
        return line
