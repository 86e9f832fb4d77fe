"""Proves that tests fail when what they prove is disabled: `docs/proofs.toml`, one line after the other.

In a copy of the tree, never in the checkout: first all the tests must pass; then each line is disabled, its test must
fail, and by an assertion that says what is expected, and the line is put back.

`python scripts/proofs.py` for all, or with ids for some; `--table` prints `docs/proofs.md`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = CHECKOUT / "docs" / "proofs.toml"
TABLE = CHECKOUT / "docs" / "proofs.md"
_NOT_COPIED = (
    ".git",
    ".venv",
    ".local",
    "collected",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
)
_ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE")
"""How the message of a failed assertion begins; an error of import or syntax proves nothing."""
_MOST_SECONDS = 300
_HEADING = """# How tests fail when the behaviour is disabled

Made from `docs/proofs.toml` by `python scripts/proofs.py --table`. `make proofs` disables each in a copy of the tree
and demands that its test fails as it says here.

| Id | What is disabled | In | Test | Fails with |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Proof:
    """One requirement, the text that is disabled, the test of it, and what the failing assertion says."""

    id: str
    what: str
    file: str
    old: str
    new: str
    test: str
    fails: str


@dataclass(frozen=True)
class Outcome:
    """What pytest told of some tests: how many there were, and the messages of those that failed or broke."""

    count: int
    failed: Sequence[str]
    broken: Sequence[str]
    words: str


def proofs() -> list[Proof]:
    """Read the data file. Raises TypeError for an entry with other names."""
    with DATA.open("rb") as file:
        return [Proof(**entry) for entry in tomllib.load(file)["proof"]]


def table(entries: Sequence[Proof]) -> str:
    """Return the entries as the page `docs/proofs.md`."""
    rows = (
        f"| {one.id} | {one.what} | `{one.file}` | `{one.test}` | `{one.fails.replace('|', chr(92) + '|')}` |\n"
        for one in entries
    )
    return _HEADING + "".join(rows)


class Copy:
    """A copy of the tree with servers of its own; gone when one leaves it."""

    def __enter__(self) -> Copy:
        self._folder = tempfile.TemporaryDirectory(prefix="proofs-")
        self.root = Path(self._folder.name) / "tree"
        shutil.copytree(CHECKOUT, self.root, ignore=shutil.ignore_patterns(*_NOT_COPIED), symlinks=True)
        return self

    def __exit__(self, *_: object) -> None:
        if "DATABASE_URL" not in os.environ:
            self._run("credit_platform.embedded", "--instance", "test", "wipe")
        self._folder.cleanup()

    def test(self, *tests: str) -> Outcome:
        """Run tests in the copy; the database stays for the next ones, as no line that is disabled is of a table."""
        report = self.root / "report.xml"
        report.unlink(missing_ok=True)
        arguments = ["-q", "-p", "no:cacheprovider", "--reuse-db", f"--junitxml={report}", *tests]
        words = self._run("pytest", *arguments)
        cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314 - made by us
        failed, broken = (
            [f"{one.get('message', '')}\n{one.text}" for case in cases for one in case.findall(kind)]
            for kind in ("failure", "error")
        )
        return Outcome(len(cases), failed, broken, words)

    def disable(self, proof: Proof) -> None:
        """Put `new` in the place of `old`. Raises ValueError unless that stands there once."""
        self._replace(proof.file, proof.old, proof.new)

    def restore(self, proof: Proof) -> None:
        """Put the file back as it is in the checkout."""
        shutil.copyfile(CHECKOUT / proof.file, self.root / proof.file)

    def _replace(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text("utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{name}: {old.strip()!r} stands there {text.count(old)} times")
        path.write_text(text.replace(old, new), "utf-8")

    def _run(self, module: str, *arguments: str) -> str:
        environment = os.environ | {"CREDIT_INSTANCE": "test"}
        done = subprocess.run(  # noqa: S603 - argv is made by us
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_MOST_SECONDS,
            check=False,
        )
        return done.stdout + done.stderr


def fault(proof: Proof, outcome: Outcome) -> str:
    """Return why an outcome proves nothing, or nothing."""
    if not outcome.count:
        return f"no test was run: {outcome.words[-600:]}"
    if outcome.broken:
        return f"the test broke instead of failing: {outcome.broken[0][:300]}"
    if not outcome.failed:
        return "the test passes all the same"
    told = [one for one in outcome.failed if one.startswith(_ASSERTED)]
    if not told:
        return f"it fails, and not by an assertion: {outcome.failed[0][:300]}"
    if not any(proof.fails in one for one in told):
        return f"it fails otherwise than said: {told[0][:600]}"
    return ""


def run(entries: Sequence[Proof]) -> int:
    """Disable each in turn; return how many are no proof."""
    wrong = 0
    with Copy() as copy:
        sound = copy.test(*dict.fromkeys(one.test for one in entries))
        if sound.failed or sound.broken or not sound.count:
            print(f"the tests do not pass as they are: {sound.words[-2000:]}")
            return len(entries)
        print(f"{sound.count} tests pass as they are", flush=True)
        for proof in entries:
            started = time.monotonic()
            copy.disable(proof)
            told = fault(proof, copy.test(proof.test))
            copy.restore(proof)
            wrong += bool(told)
            print(
                f"{proof.id:<6} {time.monotonic() - started:5.1f} s  {told or 'fails as it should'}",
                flush=True,
            )
    print(f"{len(entries) - wrong} of {len(entries)} proven")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", help="some of them; all without")
    parser.add_argument("--table", action="store_true", help="print docs/proofs.md and do nothing else")
    options = parser.parse_args()
    entries = proofs()
    if options.table:
        print(table(entries), end="")
        return 0
    return 1 if run([one for one in entries if not options.ids or one.id in options.ids]) else 0


if __name__ == "__main__":
    sys.exit(main())
