"""What an adverse determination rests on, and the sentence it is printed in (AY-N1 to AY-N3)."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.schema.determination import Determination
from archives.schema.fields import STAGES
from archives.schema.identifiers import citizen_check_digit
from archives.schema.listings import LISTING_BASES, LISTINGS
from archives.schema.occupations import Occupation
from archives.schema.problems import ProblemCode
from archives.schema.standing import ADVERSE_FIELDS, LISTED, PROVEN

TODAY = dt.date(2026, 11, 22)
PROOF = {
    "behaviour": "有偿补课",
    "acted_on": "2026-03-05",
    "basis_document_no": "安县教罚〔2026〕3号",
    "issued_by": "安阳县教育局",
    "basis_document_date": "2026-04-01",
}
LISTED_PROOF = PROOF | {"listing": "judgment_defaulter", "listing_no": "（2026）豫0522执12号"}
MINOR_UNTIL_MARCH = "41052220080305001" + citizen_check_digit("41052220080305001")

Raw = dict[str, Any]


def problems(record: Raw, stage: Any = "submit", **standing: Any) -> dict[str, str]:
    """Codes of the errors by field."""
    raw = record | {"standing": standing}
    _, found = Occupation.parse(raw, stage=stage, year=2026, today=TODAY)
    return {problem.field: problem.code for problem in found if problem.severity == "error"}


@pytest.mark.req("AY-N1", "AY-N3")
def test_a_proven_one_is_complete(record: Raw) -> None:
    for stage in STAGES:
        assert problems(record, stage, determination="warning", **PROOF) == {}
        assert problems(record, stage, determination="serious_dishonesty", **LISTED_PROOF) == {}


@pytest.mark.req("AY-N3")
@pytest.mark.parametrize("outcome", ["warning", "serious_dishonesty"])
@pytest.mark.parametrize("missing", PROVEN)
def test_nothing_of_the_proof_may_be_missing(record: Raw, outcome: str, missing: str) -> None:
    proof = PROOF if outcome == "warning" else LISTED_PROOF
    code = (
        ProblemCode.REQUIRED if missing in ("behaviour", "acted_on") else ProblemCode.LEGAL_DOCUMENT_MISSING
    )
    for stage in ("submit", "seal"):
        assert problems(record, stage, determination=outcome, **(proof | {missing: ""})) == {missing: code}
    assert problems(record, "draft", determination=outcome, **(proof | {missing: ""})) == {}


@pytest.mark.req("AY-N1")
@pytest.mark.parametrize("missing", LISTED)
def test_serious_dishonesty_is_what_a_lawful_list_says(record: Raw, missing: str) -> None:
    wrong = problems(record, determination="serious_dishonesty", **(LISTED_PROOF | {missing: ""}))
    assert wrong == {missing: ProblemCode.LISTING_MISSING}


def test_a_list_belongs_to_serious_dishonesty_alone(record: Raw) -> None:
    wrong = problems(record, determination="warning", **LISTED_PROOF)
    assert wrong == dict.fromkeys(LISTED, ProblemCode.DETAILS_UNEXPECTED)


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize("name", ADVERSE_FIELDS)
def test_the_trustworthy_have_nothing_but_the_ground(record: Raw, name: str) -> None:
    assert problems(record, ground="《中华人民共和国教师法》") == {}
    assert problems(record, **{name: LISTED_PROOF[name]}) == {name: ProblemCode.DETAILS_UNEXPECTED}
    assert problems(record, "draft", **{name: LISTED_PROOF[name]}) == {}


def test_a_refused_value_is_not_called_missing_as_well(record: Raw) -> None:
    wrong = problems(record, determination="warning", **(PROOF | {"acted_on": "三月"}))
    assert wrong == {"acted_on": ProblemCode.DATE}


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize("stage", STAGES)
def test_an_act_before_majority_is_never_held_against_anybody(record: Raw, stage: Any) -> None:
    """Born on 2008-03-05: of age from 2026-03-06."""
    record["identity"]["document_number"] = MINOR_UNTIL_MARCH
    record["employment"]["practice_since"] = "2026-01"
    on_the_day = problems(record, stage, determination="warning", **PROOF)
    assert on_the_day == {"acted_on": ProblemCode.MINOR}
    assert problems(record, stage, determination="warning", **(PROOF | {"acted_on": "2026-03-06"})) == {}


def test_without_birth_date_somebody_has_to_look(record: Raw) -> None:
    record["identity"] |= {"document_type": "414", "document_number": "E12345678"}
    raw = record | {"standing": {"determination": "warning", **PROOF}}
    _, found = Occupation.parse(raw, stage="submit", year=2026, today=TODAY)
    assert [(one.code, one.severity) for one in found] == [(ProblemCode.AGE_UNPROVEN, "warning")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acted_on": "2026-12-01"}, ProblemCode.DATE_IN_FUTURE),
        ({"basis_document_date": "2026-12-01"}, ProblemCode.DATE_IN_FUTURE),
        ({"basis_document_date": "2026-03-01"}, ProblemCode.DATE_ORDER),
        ({"basis_document_no": "无"}, ProblemCode.PATTERN),
        ({"listing": "本县黑名单"}, ProblemCode.CHOICE),
        ({"behaviour": "补课行为。依法认定李四为罪犯"}, ProblemCode.PATTERN),
        ({"ground": "本单位决定；"}, ProblemCode.PATTERN),
    ],
)
def test_faulty_proof_is_refused(record: Raw, changes: Raw, code: str) -> None:
    (name,) = changes
    proof = LISTED_PROOF | changes
    for stage in STAGES:
        assert problems(record, stage, determination="serious_dishonesty", **proof) == {name: code}


@pytest.mark.req("AY-N1")
def test_an_act_younger_than_the_year(record: Raw) -> None:
    raw = record | {"standing": {"determination": "warning", **PROOF}}
    _, found = Occupation.parse(raw, stage="submit", year=2025, today=TODAY)
    assert {one.field: one.code for one in found} == {"acted_on": ProblemCode.DATE_AFTER_YEAR}


@pytest.mark.req("AY-N1")
def test_the_sentence_takes_behaviour_and_ground_once() -> None:
    sentence = Determination.statement(
        "warning", name="张敏", behaviour="存在有偿补课行为", ground="根据《教师法》第三十七条，"
    )
    assert sentence == "经查实，张敏存在有偿补课行为，根据《教师法》第三十七条，依法认定张敏存在警示行为"
    blank = Determination.statement("warning", name="张敏", behaviour=None, ground=None)
    assert blank == "经查实，张敏存在××行为，根据法律法规，依法认定张敏存在警示行为"


@given(
    behaviour=st.text(max_size=40),
    ground=st.text(max_size=40),
    outcome=st.sampled_from(list(Determination.STATEMENTS)),
)
def test_whatever_is_typed_the_template_stands(behaviour: str, ground: str, outcome: str) -> None:
    sentence = Determination.statement(outcome, name="张敏", behaviour=behaviour, ground=ground)
    assert sentence.endswith(Determination.STATEMENTS[outcome].rpartition("，")[2].format(name="张敏"))


def test_every_list_has_a_basis() -> None:
    assert LISTING_BASES.keys() == LISTINGS.labels.keys()
    assert all(str(basis).startswith("《") for basis in LISTING_BASES.values())


def test_the_platform_gets_the_outcome_and_not_the_story(record: Raw) -> None:
    raw = record | {"standing": {"determination": "serious_dishonesty", **LISTED_PROOF}}
    values, _ = Occupation.parse(raw, stage="seal", year=2026, today=TODAY)
    payload = Occupation.payload(values, year=2026)
    assert payload["XYZK"] == "serious_dishonesty"
    assert not set(LISTED_PROOF.values()) & set(payload.values())
