"""Runs every check of `make test`, also after one has failed, and gives one verdict.

`python scripts/verdict.py` for what is quick, `--full` for the slow tests too, `--only lint|types|imports`
for some of it. Further arguments go to pytest.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
_BIN = Path(sys.executable).parent  # not resolved: the tools are beside the link in .venv
# Checks that look at code only must not start servers; nothing listens on port 1.
_OFFLINE = {
    "DATABASE_URL": "postgresql://offline@127.0.0.1:1/offline",
    "DATABASE_OWNER_URL": "postgresql://offline@127.0.0.1:1/offline",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CREDIT_LOCAL_KEYS": "1",
}
_SUMMARY = re.compile(r"^=+ .*(?:passed|failed|error|no tests ran|skipped|deselected).* =+$")


@dataclass(frozen=True)
class Step:
    name: str
    argv: Sequence[str]
    group: str = ""
    offline: bool = True


@dataclass(frozen=True)
class Result:
    step: Step
    seconds: float
    code: int
    summary: str


def tool(name: str, *arguments: str) -> list[str]:
    return [str(_BIN / name), *arguments]


def checks() -> list[Step]:
    python = str(_BIN / "python")
    return [
        Step("addresses", [python, "scripts/check_addresses.py"], "lint"),
        Step("ruff check", tool("ruff", "check", "."), "lint"),
        Step("ruff format", tool("ruff", "format", "--check", "."), "lint"),
        Step("mypy", tool("mypy", "."), "types"),
        Step("import contracts", tool("lint-imports"), "imports"),
        Step("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], "django"),
        Step("system checks", [python, "manage.py", "check"], "django"),
    ]


def pytest(*, full: bool, arguments: Sequence[str]) -> Step:
    selection = "" if full else "not slow"
    # Two processes, each with a database of its own; `tests/conftest.py` says what stays in one of them.
    shared = ("-n", "2")
    return Step("pytest", tool("pytest", "-m", selection, *shared, *arguments), "tests", offline=False)


def run(step: Step) -> Result:
    """Run one step, passing its words on as they come and keeping pytest's closing line."""
    print(f"\n── {step.name} " + "─" * (76 - len(step.name)), flush=True)
    environment = os.environ | (_OFFLINE if step.offline else {"CREDIT_INSTANCE": "test"})
    started = time.monotonic()
    summary = ""
    with subprocess.Popen(  # noqa: S603 - argv is made by us
        step.argv,
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if _SUMMARY.match(line.strip()):
                summary = line.strip()
    return Result(step, time.monotonic() - started, process.returncode, summary)


def verdict(results: Sequence[Result]) -> int:
    """Print the table and, last, the closing line of the test runner."""
    print("\n── verdict " + "─" * 69)
    for result in results:
        word = "ok" if result.code == 0 else f"FAILED (exit {result.code})"
        print(f"{result.step.name:<18} {result.seconds:7.1f} s  {word}")
    failed = [result.step.name for result in results if result.code]
    print(f"FAILED: {', '.join(failed)}" if failed else "all ok")
    for result in results:
        if result.summary:
            print(result.summary)
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the slow tests too")
    parser.add_argument("--only", choices=("lint", "types", "imports", "django"), help="one group of checks")
    options, rest = parser.parse_known_args()
    steps = [step for step in checks() if options.only in (None, step.group)]
    if options.only is None:
        steps.append(pytest(full=options.full, arguments=rest))
        if options.full:
            steps.append(Step("proofs", [str(_BIN / "python"), "scripts/proofs.py"], offline=False))
    return verdict([run(step) for step in steps])


if __name__ == "__main__":
    sys.exit(main())
