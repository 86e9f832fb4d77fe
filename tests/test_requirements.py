"""`docs/requirements.csv`: what the policy documents ask, and the test that proves it, or that it is owed."""

from __future__ import annotations

import csv
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TABLE = ROOT / "docs" / "requirements.csv"
OWED = "owed"
FORM = [f"AY-F{number:02}" for number in range(1, 20)] + [f"AY-N{number}" for number in range(1, 5)]
GROUPS = [f"AY-G{number:02}" for number in range(1, 23)]
ARCHIVES = [f"GZ-A{number:02}" for number in range(1, 12)]


def rows() -> list[dict[str, str]]:
    with TABLE.open(newline="") as table:
        return list(csv.DictReader(table))


def test_every_clause_is_listed_once_and_in_words() -> None:
    ids = [row["id"] for row in rows()]
    numbered = {"AY": 32, "GZ": 16, "LL": 35, "PD": 41, "ZD": 41}
    clauses = {f"{place}-{number:02}" for place, last in numbered.items() for number in range(1, last + 1)}
    assert sorted(ids) == sorted({*clauses, *FORM, *GROUPS, *ARCHIVES})
    assert all(row["requires"] and row["proof"] for row in rows())


def test_what_is_named_as_proof_is_a_test_of_that_clause() -> None:
    wrong = [row["id"] for row in rows() if row["proof"] != OWED and row["id"] not in proven_by(row["proof"])]
    assert wrong == []


def test_every_mark_names_a_clause_that_is_not_owed() -> None:
    owed = {row["id"]: row["proof"] == OWED for row in rows()}
    marked = {
        one: str(file.relative_to(ROOT))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for one in re.findall(r'"((?:AY|GZ|LL|PD|ZD)-[AFGN]?\d+)"', "".join(marks_in(file)))
    }
    assert {one: file for one, file in marked.items() if owed.get(one, True)} == {}


def proven_by(proof: str) -> set[str]:
    """Return the clauses that a test carries as its mark; none when there is no such test or it is skipped."""
    path, _, name = proof.partition("::")
    module: ModuleType = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    test: Any = getattr(module, name, None)
    marks = [*getattr(test, "pytestmark", []), *as_list(getattr(module, "pytestmark", []))]
    if test is None or not name.startswith("test_") or any(mark.name in ("skip", "xfail") for mark in marks):
        return set()
    return {clause for mark in marks if mark.name == "req" for clause in mark.args}


def as_list(marks: Any) -> list[pytest.Mark]:
    return [getattr(one, "mark", one) for one in (marks if isinstance(marks, list) else [marks])]


def marks_in(file: Path) -> Iterator[str]:
    yield from re.findall(r"mark\.req\([^\n]*\)|req\([^)]*\)", file.read_text())
