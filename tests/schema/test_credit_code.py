"""Unified social credit code, GB 32100-2015."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.schema.credit_code import (
    ALPHABET,
    check_character,
    organisation_check_character,
    parse_credit_code,
)
from archives.schema.problems import Invalid, ProblemCode


def built(head: str, area: str = "410522", organisation: str = "MA3X0001") -> str:
    first_17 = head + area + organisation + organisation_check_character(organisation)
    return first_17 + check_character(first_17)


@given(
    st.text(ALPHABET, min_size=2, max_size=2),
    st.from_regex("[0-9]{6}", fullmatch=True),
    st.text(ALPHABET, min_size=8, max_size=8),
)
def test_every_well_built_code_is_accepted(head: str, area: str, organisation: str) -> None:
    code = built(head, area, organisation)
    assert parse_credit_code(code.lower()).number == code
    assert parse_credit_code(f" {code[:9]}-{code[9:]}\u3000").number == code


@given(st.data())
def test_every_single_change_is_refused(data: st.DataObject) -> None:
    code = built("91")
    at = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(ALPHABET.replace(code[at], "")))
    with pytest.raises(Invalid):
        parse_credit_code(code[:at] + other + code[at + 1 :])


@pytest.mark.parametrize("head", ["N1", "A1", "Y1", "12", "31", "52", "91"])
def test_usual_heads_have_no_warning(head: str) -> None:
    assert parse_credit_code(built(head)).warnings == ()


def test_oddities_are_warnings() -> None:
    organisation = "99999999"
    wrong = "1" if organisation_check_character(organisation) != "1" else "2"
    first_17 = "L9180000" + organisation + wrong
    warnings = parse_credit_code(first_17 + check_character(first_17)).warnings
    assert [w.code for w in warnings] == [ProblemCode.CREDIT_CODE_UNUSUAL] * 3
    assert {w.severity for w in warnings} == {"warning"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("9141052", ProblemCode.CREDIT_CODE_FORMAT),
        ("9141O522MA3X00010X", ProblemCode.CREDIT_CODE_FORMAT),
        ("", ProblemCode.REQUIRED),
        (9.14105e17, ProblemCode.NUMBER_LOST),
        ({}, ProblemCode.TYPE),
    ],
)
def test_refusals(raw: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_credit_code(raw)
    assert refused.value.problem.code == code


@given(st.text(max_size=40))
def test_any_text_is_accepted_or_refused(text: str) -> None:
    try:
        found = parse_credit_code(text)
    except Invalid:
        return
    assert parse_credit_code(found.number) == found
