"""`docs/requirements.csv`: what the policy documents ask, and the tests that prove it, or that it is owed.

A row is a clause, or half of one (`LL-25a`, `LL-25b`) where one half is proven and the other is owed. `proof` names one
test or several, with blanks between.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from tests.collecting import Collected, collected

ROOT = Path(settings.BASE_DIR)
TABLE = ROOT / "docs" / "requirements.csv"
OWED = "owed"
FORM = [f"AY-F{number:02}" for number in range(1, 20)] + [f"AY-N{number}" for number in range(1, 5)]
GROUPS = [f"AY-G{number:02}" for number in range(1, 23)]
ARCHIVES = [f"GZ-A{number:02}" for number in range(1, 12)]
BUILT = (
    "AY-01 AY-12 AY-13 AY-14 AY-15 AY-30 AY-N1 AY-N2 "
    "GZ-01 GZ-05 GZ-07 GZ-10 GZ-11 "
    "LL-02 LL-04 LL-06 LL-08 LL-31 LL-32 "
    "PD-05 PD-08 PD-09 PD-13 PD-14 PD-19 PD-31a PD-40 PD-41 "
    "ZD-07 ZD-08 ZD-09 ZD-10 ZD-13 ZD-16 ZD-17 ZD-28 ZD-33a ZD-35"
)
"""What the product has been built to meet so far, by name; of PD-31 and ZD-33 the half that is."""


def rows() -> list[dict[str, str]]:
    with TABLE.open(newline="") as table:
        return list(csv.DictReader(table))


def clause_of(row: Mapping[str, str]) -> str:
    """The clause of which a row is a half, or itself."""
    return row["id"].rstrip("ab")


def met() -> set[str]:
    """Clauses of which something is proven."""
    return {clause_of(row) for row in rows() if row["proof"] != OWED}


@functools.cache
def every_test() -> dict[str, Collected]:
    """All tests of the product, collected once in this process."""
    return collected()


def proven_by(proof: str, among: Mapping[str, Collected] | None = None) -> set[str]:
    """Return the clauses that a test carries as its mark; none when pytest collects no such test, or when some case of
    it may be skipped or may fail unseen."""
    test = (every_test() if among is None else among).get(proof)
    return set() if test is None or test.held_back else test.clauses


# --- the table -----------------------------------------------------------------------------------------------------


def test_every_clause_is_listed_once_and_in_words() -> None:
    numbered = {"AY": 32, "GZ": 16, "LL": 35, "PD": 41, "ZD": 41}
    clauses = {f"{place}-{number:02}" for place, last in numbered.items() for number in range(1, last + 1)}
    ids = [row["id"] for row in rows()]
    assert len(ids) == len(set(ids))
    assert {clause_of(row) for row in rows()} == {*clauses, *FORM, *GROUPS, *ARCHIVES}
    for clause, parts in itertools.groupby(rows(), key=clause_of):
        halves = list(parts)
        if len(halves) > 1 or halves[0]["id"] != clause:
            assert [row["id"] for row in halves] == [f"{clause}a", f"{clause}b"]
            assert [row["proof"] == OWED for row in halves] == [False, True], (
                "proven first, then what is owed"
            )
    assert all(set(row) == {"id", "requires", "proof"} and row["requires"] and row["proof"] for row in rows())


def test_what_has_been_built_is_not_owed() -> None:
    proofs = {row["id"]: row["proof"] for row in rows()}
    assert [one for one in BUILT.split() if proofs.get(one, OWED) == OWED] == []


def test_what_is_named_as_proof_is_a_test_of_that_clause_that_runs() -> None:
    named = [(row, proof) for row in rows() if row["proof"] != OWED for proof in row["proof"].split(" ")]
    assert [(row["id"], proof) for row, proof in named if clause_of(row) not in proven_by(proof)] == []


def test_every_mark_names_a_clause_that_is_not_owed() -> None:
    known = met()
    assert {name: one.clauses - known for name, one in every_test().items() if one.clauses - known} == {}


# --- what counts as a proof ----------------------------------------------------------------------------------------

PROBE = """
import pytest
from hypothesis import given, strategies

req = pytest.mark.req("AY-01")
@req
def test_runs(): ...
@req
@pytest.mark.parametrize("case", [1, 2])
def test_runs_twice(case): ...
@req
@given(strategies.none())
def test_runs_with_anything(value): ...
@req
@pytest.mark.skip
def test_skipped(): ...
@req
@pytest.mark.skipif("True", reason="no browser")
def test_skipped_here(): ...
@req
@pytest.mark.skipif(False, reason="no browser")
def test_skipped_elsewhere(): ...
@req
@pytest.mark.xfail
def test_fails_unseen(): ...
@req
@pytest.mark.parametrize("case", [1, pytest.param(2, marks=pytest.mark.skip)])
def test_skipped_in_one_case(case): ...
@req
@pytest.mark.parametrize("case", [1, pytest.param(2, marks=pytest.mark.xfail)])
def test_fails_unseen_in_one_case(case): ...
@req
@pytest.mark.parametrize("case", [])
def test_of_no_case(case): ...
@req
def test_skips_itself():
    pytest.skip("not today")
@req
@given(strategies.none())
def test_skips_itself_with_anything(value):
    pytest.skip("not today")
class Helpers:
    @req
    def test_is_not_collected(self): ...
@req
def test_is_disowned(): ...
test_is_disowned.__test__ = False
"""


OF_A_MODULE = "import pytest\npytestmark = [pytest.mark.req('AY-01'){}]\ndef test_runs(): ...\n"


def test_a_test_that_may_not_run_proves_nothing(tmp_path: Path) -> None:
    marks = {
        "test_runs": "",
        "test_skipped": ", pytest.mark.skip",
        "test_skipped_elsewhere": ", pytest.mark.skipif(False, reason='no browser')",
        "test_fails_unseen": ", pytest.mark.xfail",
    }
    files = {"test_probe": PROBE, **{name: OF_A_MODULE.format(mark) for name, mark in marks.items()}}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    found = collected(*(str(tmp_path / f"{name}.py") for name in files))
    assert {
        file: {name.rpartition("::")[2] for name in found if f"/{file}.py" in name} for file in marks
    } == {file: {"test_runs"} for file in marks}
    proving = {name.rpartition("/")[2] for name in found if proven_by(name, found) == {"AY-01"}}
    assert proving == {
        "test_runs.py::test_runs",
        "test_probe.py::test_runs",
        "test_probe.py::test_runs_twice",
        "test_probe.py::test_runs_with_anything",
    }
