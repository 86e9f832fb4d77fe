"""Identity documents: GB 11643, residence permits, foreign permanent residence cards, permits, passports."""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.schema.identifiers import (
    PROVINCES,
    DocumentType,
    citizen_check_digit,
    mask,
    parse_identifier,
    upgrade_15,
)
from archives.schema.problems import Invalid, ProblemCode

TODAY = dt.date(2026, 11, 22)
SAMPLE = "410522198501010011"


@st.composite
def citizen_numbers(draw: st.DrawFn, *, first_year: int = 1900) -> str:
    born = draw(st.dates(dt.date(first_year, 1, 1), TODAY))
    area = draw(st.sampled_from(sorted(PROVINCES))) + draw(st.from_regex("[0-9]{4}", fullmatch=True))
    first_17 = f"{area}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first_17 + citizen_check_digit(first_17)


def refusal(document_type: str, raw: object) -> str:
    with pytest.raises(Invalid) as refused:
        parse_identifier(document_type, raw, today=TODAY)
    return refused.value.problem.code


@given(citizen_numbers())
def test_every_well_built_citizen_number_is_accepted(number: str) -> None:
    found = parse_identifier("111", number, today=TODAY)
    assert found.number == number
    assert found.birth_date == dt.date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    assert found.sex == ("1" if int(number[16]) % 2 else "2")
    assert parse_identifier("111", found.number, today=TODAY) == found


@given(citizen_numbers(), st.data())
def test_every_single_character_change_is_refused(number: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, 17))
    others = (string.digits + "X" if position == 17 else string.digits).replace(number[position], "")
    changed = number[:position] + data.draw(st.sampled_from(others)) + number[position + 1 :]
    refusal("111", changed)


@given(citizen_numbers(), st.integers(0, 16))
def test_every_adjacent_swap_is_refused(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        refusal("111", swapped)


@given(citizen_numbers())
def test_fifteen_digits_become_eighteen_and_are_kept_as_alias(number: str) -> None:
    old = number[:6] + number[8:17]
    try:
        dt.date(int(f"19{old[6:8]}"), int(old[8:10]), int(old[10:12]))
    except ValueError:  # 29 February of 2000 is no day of 1900
        assert refusal("111", old) == ProblemCode.DOCUMENT_BIRTH_DATE
        return
    found = parse_identifier("111", old, today=TODAY)
    assert (found.number, found.alias) == (upgrade_15(old), old)
    assert found.number[:6] + found.number[8:17] == old
    assert [w.code for w in found.warnings if w.code == ProblemCode.DOCUMENT_UPGRADED]
    assert parse_identifier("111", found.number, today=TODAY).alias == ""


def test_known_upgrade() -> None:
    assert parse_identifier("111", "410522850101001", today=TODAY).number == SAMPLE


@given(citizen_numbers(), st.data())
def test_typing_habits_do_not_matter(number: str, data: st.DataObject) -> None:
    full_width = str.maketrans(string.digits + "X", "０１２３４５６７８９Ｘ")
    habits = [
        number.lower(),
        number.translate(full_width),
        f"'{number}",
        f" {number}\u3000\n",
        f"\ufeff{number[:6]} {number[6:14]}-{number[14:]}\u200b",
        number.replace("X", "×"),
        number.replace("X", "Х"),
    ]
    assert parse_identifier("111", data.draw(st.sampled_from(habits)), today=TODAY).number == number


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (SAMPLE[:17], ProblemCode.DOCUMENT_LENGTH),
        ("41052219850101001A", ProblemCode.DOCUMENT_FORMAT),
        ("4105221985X1010011", ProblemCode.DOCUMENT_FORMAT),
        ("410522198502300011", ProblemCode.DOCUMENT_BIRTH_DATE),
        ("410522203001010011", ProblemCode.DOCUMENT_BIRTH_DATE),
        ("410522184901010011", ProblemCode.DOCUMENT_BIRTH_DATE),
        ("410522198501010012", ProblemCode.DOCUMENT_CHECK_DIGIT),
        ("410522198501010000", ProblemCode.NUMBER_LOST),
        ("410522********0011", ProblemCode.MASKED),
        ("４.10522E+17", ProblemCode.NUMBER_LOST),
        ("4.10522E+17", ProblemCode.NUMBER_LOST),
        (4.10522198501010e17, ProblemCode.NUMBER_LOST),
        (410522198501010011, ProblemCode.NUMBER_LOST),
        pytest.param(10**5000, ProblemCode.NUMBER_LOST, id="huge"),
        ("", ProblemCode.REQUIRED),
        ("---", ProblemCode.REQUIRED),
        (None, ProblemCode.REQUIRED),
        (True, ProblemCode.TYPE),
        (["410522198501010011"], ProblemCode.TYPE),
        (dt.date(1985, 1, 1), ProblemCode.TYPE),
        (float("nan"), ProblemCode.TYPE),
        ("٤١٠٥٢٢١٩٨٥٠١٠١٠٠١١", ProblemCode.DOCUMENT_FORMAT),
        ("9" + SAMPLE[1:], ProblemCode.DOCUMENT_OTHER_TYPE),
        pytest.param("1" * 10_000_000, ProblemCode.TOO_LONG, id="ten million"),
    ],
)
def test_refusals(raw: object, code: str) -> None:
    assert refusal("111", raw) == code


def test_a_number_is_never_repeated_in_a_message() -> None:
    for number in (SAMPLE[:17], "410522198501010012", "410522198502300011"):
        with pytest.raises(Invalid) as refused:
            parse_identifier("111", number, today=TODAY)
        assert number[6:14] not in refused.value.problem.message


def test_an_unknown_province_is_a_warning_only() -> None:
    first_17 = "18052219850101001"
    found = parse_identifier("111", first_17 + citizen_check_digit(first_17), today=TODAY)
    assert [w.code for w in found.warnings] == [ProblemCode.DOCUMENT_PROVINCE]
    assert found.warnings[0].severity == "warning"


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan(area: str) -> None:
    first_17 = f"{area}19700228001"
    number = first_17 + citizen_check_digit(first_17)
    assert parse_identifier("HMT", number, today=TODAY).birth_date == dt.date(1970, 2, 28)
    assert [w.code for w in parse_identifier("111", number, today=TODAY).warnings] == [
        ProblemCode.DOCUMENT_OTHER_TYPE
    ]


def test_a_citizen_number_is_no_residence_permit() -> None:
    assert refusal("HMT", SAMPLE) == ProblemCode.DOCUMENT_OTHER_TYPE


def test_both_foreign_permanent_residence_cards() -> None:
    first_17 = "93141840198501010"
    number = first_17 + citizen_check_digit(first_17)
    assert parse_identifier("553", number, today=TODAY).number == number
    assert parse_identifier("553", "usa310085010112", today=TODAY).number == "USA310085010112"
    wrong = "0" if number[-1] != "0" else "1"
    assert refusal("553", number[:17] + wrong) == ProblemCode.DOCUMENT_CHECK_DIGIT
    assert refusal("553", SAMPLE) == ProblemCode.DOCUMENT_OTHER_TYPE
    assert refusal("553", "USA31008501011") == ProblemCode.DOCUMENT_LENGTH


@pytest.mark.parametrize(
    ("document_type", "raw", "number", "alias"),
    [
        ("516", "h12345678", "H12345678", ""),
        ("516", "H1234567801", "H12345678", "H1234567801"),
        ("516", "MA1234567", "MA1234567", ""),
        ("511", "12345678", "12345678", ""),
        ("511", "0012345678（B）", "0012345678B", ""),
        ("511", 12345678.0, "12345678", ""),
        ("414", "e 12345678", "E12345678", ""),
        ("414", "EA1234567", "EA1234567", ""),
        ("414", "C01X00T47", "C01X00T47", ""),
        ("114", "军字第1234567号", "军字第1234567号", ""),
        ("990", "ab-1234", "AB1234", ""),
    ],
)
def test_permits_passports_and_others(document_type: str, raw: object, number: str, alias: str) -> None:
    found = parse_identifier(document_type, raw, today=TODAY)
    assert (found.number, found.alias, found.birth_date, found.sex) == (number, alias, None, "")
    assert parse_identifier(document_type, found.number, today=TODAY).number == number


@pytest.mark.parametrize(
    ("document_type", "raw"),
    [
        ("516", "A12345678"),
        ("516", "H123456780"),
        ("511", "1234567"),
        ("414", "ABCDEF"),
        ("414", "E1"),
        ("990", "甲乙丙丁"),
    ],
)
def test_malformed_permits_and_passports(document_type: str, raw: str) -> None:
    assert refusal(document_type, raw) == ProblemCode.DOCUMENT_FORMAT


def test_a_chinese_passport_of_the_wrong_length_earns_a_warning() -> None:
    assert [w.code for w in parse_identifier("414", "E1234567").warnings] == [ProblemCode.DOCUMENT_LENGTH]


def test_unknown_type() -> None:
    assert refusal("007", SAMPLE) == ProblemCode.DOCUMENT_TYPE


@given(
    st.sampled_from(list(DocumentType)),
    st.text(max_size=40) | st.from_regex("[A-Z0-9Xx]{0,20}", fullmatch=True),
)
def test_any_text_is_accepted_or_refused_and_accepted_ones_stay(
    document_type: DocumentType, text: str
) -> None:
    try:
        found = parse_identifier(document_type, text, today=TODAY)
    except Invalid:
        return
    again = parse_identifier(document_type, found.number, today=TODAY)
    assert again.number == found.number
    assert again.birth_date == found.birth_date


def test_masks() -> None:
    assert mask(parse_identifier("111", SAMPLE, today=TODAY)) == "410522********0011"
    assert mask(SAMPLE, external=True) == "4***************11"
    assert mask("E12345678") == "E1*****78"
    assert mask("12345") == "1***5"
    assert mask("12") == "**"
