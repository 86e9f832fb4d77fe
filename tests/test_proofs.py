"""`docs/proofs.toml`: what is disabled to see tests fail. `make proofs` does it; here it is held to code and tests."""

from __future__ import annotations

import pytest

from scripts.proofs import CHECKOUT, TABLE, Outcome, Proof, fault, proofs, table
from tests.test_requirements import met, proven_by

ALL = proofs()


def test_there_are_twenty_and_each_is_of_a_requirement_that_is_not_owed() -> None:
    ids = [one.id for one in ALL]
    assert len(set(ids)) == len(ids) >= 20
    assert set(ids) <= met()


@pytest.mark.parametrize("proof", ALL, ids=lambda one: one.id)
def test_what_is_disabled_stands_in_the_code_once_and_its_test_has_the_mark(proof: Proof) -> None:
    assert (CHECKOUT / proof.file).read_text("utf-8").count(proof.old) == 1
    assert proof.old != proof.new
    assert proof.id in proven_by(proof.test)
    assert proof.what
    assert proof.fails


def test_the_page_tells_them_as_they_are() -> None:
    assert TABLE.read_text("utf-8") == table(ALL)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome(1, ["AssertionError: assert 1 == 2"], [], ""), ""),
        (Outcome(2, ["ImportError: gone", "Failed: DID NOT RAISE, 1 == 2"], [], ""), ""),
        (Outcome(0, [], [], "usage"), "no test was run"),
        (Outcome(1, [], [], ""), "passes all the same"),
        (Outcome(1, ["ImportError: 1 == 2"], [], ""), "not by an assertion"),
        (Outcome(1, ["assert 3 == 4"], [], ""), "otherwise than said"),
        (Outcome(1, ["assert 1 == 2"], ["OperationalError"], ""), "broke instead of failing"),
    ],
)
def test_only_an_assertion_that_says_what_is_expected_is_a_proof(outcome: Outcome, words: str) -> None:
    proof = Proof(id="X", what="", file="", old="", new="", test="", fails="1 == 2")
    told = fault(proof, outcome)
    assert words in told
    assert bool(told) is bool(words)
