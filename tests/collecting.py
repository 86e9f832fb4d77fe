"""What pytest really collects: each test with the clauses that it proves, and what keeps it from running.

A process of its own (`python -m tests.collecting FILE [PATH …]`) collects and runs nothing, so that the answer is the
same whatever part of the tests is being run, and nothing of them is imported twice. It needs no server.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HELD_BACK = frozenset({"skip", "skipif", "xfail"})
"""Marks under which a test may not run or may fail unseen. pytest puts `skip` on a test with an empty list of cases."""
_URL = "postgresql://offline@127.0.0.1:1/offline"
_OFFLINE = {
    **dict.fromkeys(("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL"), _URL),
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CREDIT_LOCAL_KEYS": "1",
    "CREDIT_INSTANCE": "test",
}


@dataclasses.dataclass
class Collected:
    """A test with all its cases: the clauses of its marks, and the names of what may hold back some case."""

    clauses: set[str] = dataclasses.field(default_factory=set)
    held_back: set[str] = dataclasses.field(default_factory=set)


class Listing:
    """A plugin that keeps what was collected."""

    found: dict[str, Collected]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.found = {}
        for item in session.items:
            name = item.nodeid.partition("::")[2].partition("[")[0]
            one = self.found.setdefault(f"{os.path.relpath(item.path, ROOT)}::{name}", Collected())
            for mark in item.iter_markers():
                if mark.name == "req":
                    one.clauses.update(mark.args)
            one.held_back |= HELD_BACK & {mark.name for mark in item.iter_markers()}
            one.held_back |= HELD_BACK & set(_called(item))


def _called(item: pytest.Item) -> Sequence[str]:
    """Names that the body of a test uses, behind the decorators around it: it may skip itself as well."""
    function = inspect.unwrap(getattr(item, "obj", None) or _called)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    return inner.__code__.co_names


def collected(*paths: str) -> dict[str, Collected]:
    """Return the tests that pytest finds, all of them unless paths are given, by `path::name`."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "collected.json"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, "-m", "tests.collecting", str(answer), *paths],
            cwd=ROOT,
            env=environment | _OFFLINE,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        raw = json.loads(answer.read_text())
    return {name: Collected(set(one["clauses"]), set(one["held_back"])) for name, one in raw.items()}


def main(answer: str, *paths: str) -> int:
    listing = Listing()
    how = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:xdist", f"--rootdir={ROOT}"]
    code = pytest.main([*how, "-c", str(ROOT / "pyproject.toml"), *paths], plugins=[listing])
    if code == 0:
        lists = {
            name: {"clauses": sorted(one.clauses), "held_back": sorted(one.held_back)}
            for name, one in listing.found.items()
        }
        Path(answer).write_text(json.dumps(lists))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
