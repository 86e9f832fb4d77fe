"""The paper form of the base record (AY-F06 to AY-F19), sections and rules between fields."""

import datetime as dt
import json
from typing import Any

import pytest

from archives.schema.fields import Date, Text
from archives.schema.identifiers import citizen_check_digit
from archives.schema.occupations import Occupation
from archives.schema.problems import Problem, ProblemCode
from archives.schema.sections import MOST_ROWS, Section

Raw = dict[str, Any]


def parse(raw: object, stage: Any = "seal", year: int = 2026) -> tuple[Any, list[Problem]]:
    return Occupation.parse(raw, stage=stage, year=year, today=dt.date(2026, 11, 22))


def codes(problems: list[Problem]) -> dict[str, str]:
    return {problem.field: problem.code for problem in problems}


@pytest.mark.req("AY-F06", "AY-F19")
def test_the_paper_form_is_complete_and_in_order() -> None:
    fields = Occupation.fields()
    labels = [fields[name].label for row in Occupation.layout() for name, _ in row]
    assert labels == [
        "姓名", "性别", "政治面貌", "学历", "职称", "职务", "身份证号", "联系电话", "工作单位",
        "从业起始时间", "工作职责", "奖惩情况", "信用状况", "备注",
    ]  # fmt: skip
    assert all(sum(span for _, span in row) == 6 for row in Occupation.layout())
    elsewhere = {"document_type", *Occupation.determination_fields}
    assert set(fields) - {name for row in Occupation.layout() for name, _ in row} == elsewhere


def test_the_published_push_names() -> None:
    pushed = {name: field.push for name, field in Occupation.fields().items()}
    assert {name for name, push in pushed.items() if push is None} == {
        "political_status", "awards_and_penalties", "remarks", *Occupation.determination_fields,
    }  # fmt: skip
    assert [push for push in pushed.values() if push] == [
        "XM", "XB", "XL", "ZJLX", "ZJHM", "LXDH", "ZC", "ZW", "GZDW", "CYQSSJ", "GZZZ", "XYZK",
    ]  # fmt: skip


def test_a_good_record_seals_and_survives_storage(record: Raw) -> None:
    values, problems = parse(record)
    assert problems == []
    stored = json.loads(json.dumps(Occupation.dump(values)))
    assert Occupation.load(stored) == values
    assert parse(stored)[0] == values
    assert "awards_and_penalties" not in stored["standing"]


def test_payload_has_every_push_name_and_nothing_else(record: Raw) -> None:
    values, _ = parse(record)
    assert Occupation.payload(values, year=2026) == {
        "XM": "张敏",
        "XB": "1",
        "XL": "21",
        "ZJLX": "111",
        "ZJHM": "410522198501010011",
        "LXDH": "13800001234",
        "ZC": "一级教师",
        "ZW": None,
        "GZDW": "安阳县第一小学（北校区）",
        "CYQSSJ": "2008-09",
        "GZZZ": "负责三年级语文教学，兼任班主任。",
        "XYZK": "trustworthy",
    }


def test_what_is_required_grows_with_the_stage() -> None:
    required = {
        stage: {p.field for p in parse({}, stage)[1] if p.code == ProblemCode.REQUIRED}
        for stage in ("draft", "submit", "seal")
    }
    assert required["draft"] == {"name", "document_number"}
    assert required["submit"] == required["draft"] | {
        "sex", "political_status", "education", "phone", "employer", "practice_since", "duties",
    }  # fmt: skip
    assert required["seal"] == required["submit"]


def test_everything_is_reported_at_once(record: Raw) -> None:
    record["identity"] |= {"name": "", "sex": "?", "phone": "1", "document_number": "1", "shoe_size": "42"}
    record["employment"] |= {"practice_since": "2027-01", "employer": None}
    record["standing"] |= {"awards_and_penalties": "无", "remarks": "字" * 501}
    record["extra"] = {}
    _, problems = parse(record, "submit")
    assert codes(problems) == {
        "name": ProblemCode.REQUIRED,
        "sex": ProblemCode.CHOICE,
        "phone": ProblemCode.PHONE,
        "document_number": ProblemCode.DOCUMENT_LENGTH,
        "shoe_size": ProblemCode.UNKNOWN_FIELD,
        "practice_since": ProblemCode.PRACTICE_IN_FUTURE,
        "employer": ProblemCode.REQUIRED,
        "awards_and_penalties": ProblemCode.READ_ONLY,
        "remarks": ProblemCode.TOO_LONG,
        "extra": ProblemCode.UNKNOWN_FIELD,
    }
    assert len(problems) == 10
    assert all(p.message.endswith("。") for p in problems)


def test_a_refused_value_is_not_called_missing_as_well(record: Raw) -> None:
    record["identity"]["phone"] = "1"
    assert [p.code for p in parse(record)[1]] == [ProblemCode.PHONE]


@pytest.mark.req("AY-N1", "AY-N2")
def test_blank_means_trustworthy(record: Raw) -> None:
    del record["standing"]
    values, problems = parse(record)
    standing = {name: value for name, value in values["standing"].items() if value is not None}
    assert standing == {"determination": "trustworthy", "ground": "法律法规"}
    assert problems == []


@pytest.mark.parametrize(
    ("document_type", "number", "label"),
    [
        ("414", "E1234?678", "护照号码"),
        ("111", "41052219850101001?", "身份证号"),
        ("414", "E12*45678", "护照号码"),
    ],
)
def test_a_refused_number_is_called_by_its_document(
    record: Raw, document_type: str, number: str, label: str
) -> None:
    record["identity"] |= {"document_type": document_type, "document_number": number}
    values, problems = parse(record)
    (message,) = [problem.message for problem in problems if problem.field == "document_number"]
    assert message.startswith(label)
    assert values["identity"]["document_number"] is None


def test_the_document_is_checked_against_its_type(record: Raw) -> None:
    record["identity"] |= {"document_type": "护照", "document_number": "e12345678"}
    values, problems = parse(record)
    assert (values["identity"]["document_type"], values["identity"]["document_number"]) == (
        "414",
        "E12345678",
    )
    assert problems == []
    record["identity"]["document_type"] = "HMT"
    assert codes(parse(record)[1]) == {"document_number": ProblemCode.DOCUMENT_LENGTH}


def test_fifteen_digits_are_stored_as_eighteen_with_a_warning(record: Raw) -> None:
    record["identity"]["document_number"] = "410522850101001"
    values, problems = parse(record)
    assert values["identity"]["document_number"] == "410522198501010011"
    assert [(p.code, p.severity, p.field) for p in problems] == [
        (ProblemCode.DOCUMENT_UPGRADED, "warning", "document_number")
    ]


def test_sex_that_differs_from_the_number_is_a_warning(record: Raw) -> None:
    record["identity"]["sex"] = "女"
    assert [(p.code, p.severity, p.field) for p in parse(record)[1]] == [
        (ProblemCode.SEX_MISMATCH, "warning", "sex")
    ]


@pytest.mark.parametrize(
    ("since", "year", "code"),
    [
        ("1999-01", 2026, None),
        ("1998-12", 2026, ProblemCode.PRACTICE_TOO_EARLY),
        ("2026-11", 2026, None),
        ("2026-12", 2026, ProblemCode.PRACTICE_IN_FUTURE),
        ("2026-01", 2025, ProblemCode.PRACTICE_IN_FUTURE),
    ],
)
def test_practice_starts_between_fourteen_and_now(
    record: Raw, since: str, year: int, code: str | None
) -> None:
    record["employment"]["practice_since"] = since
    assert codes(parse(record, year=year)[1]).get("practice_since") == code


@pytest.mark.parametrize(("born", "usual"), [("20110101", False), ("20100101", True), ("19251231", False)])
def test_an_unusual_age_is_a_warning(record: Raw, born: str, usual: bool) -> None:
    first_17 = f"410522{born}001"
    record["identity"]["document_number"] = first_17 + citizen_check_digit(first_17)
    record["employment"]["practice_since"] = "2026-01"
    found = [(p.code, p.severity) for p in parse(record)[1]]
    assert found == ([] if usual else [(ProblemCode.AGE_UNUSUAL, "warning")])


@pytest.mark.parametrize("raw", [None, [], "x", 1])
def test_a_record_that_is_no_mapping(raw: object) -> None:
    assert [p.level for p in parse(raw)[1]] == ["record"]
    assert ProblemCode.TYPE in {p.code for p in parse({"identity": raw, "employment": raw})[1]}


def test_hostile_names_of_fields_are_shown_harmlessly() -> None:
    names: list[object] = ["\x00\u202e", "x" * 10_000_000, 10**5000, ("a",)]
    _, problems = Occupation.Identity.parse(dict.fromkeys(names, 1), stage="draft", year=2026)
    unknown = [p for p in problems if p.code == ProblemCode.UNKNOWN_FIELD]
    assert len(unknown) == 4
    assert all(len(p.message) < 120 and p.message.isprintable() for p in unknown)
    _, many = Occupation.Identity.parse({str(n): 1 for n in range(10_000)}, stage="draft", year=2026)
    assert len(many) < 30
    assert ProblemCode.TOO_MANY in {p.code for p in many}


class Awards(Section, label="荣誉", repeats=True):
    title = Text("名称", max_length=20)
    decided_on = Date("日期")
    old = Text("旧栏", required_at=None, until=2024)


def test_rows_of_a_repeating_section_are_told_apart() -> None:
    rows, problems = Awards.parse_rows(
        [{"title": "优秀教师", "decided_on": "2026-09-10"}, {"title": "", "decided_on": "x"}, 5],
        stage="submit",
        year=2026,
    )
    assert rows[0] == {"title": "优秀教师", "decided_on": dt.date(2026, 9, 10)}
    assert [(p.row, p.field, p.code) for p in problems] == [
        (2, "decided_on", ProblemCode.DATE),
        (2, "title", ProblemCode.REQUIRED),
        (3, "", ProblemCode.TYPE),
    ]
    assert Awards.parse_rows("x", stage="draft", year=2026)[1][0].code == ProblemCode.TYPE
    assert (
        Awards.parse_rows([{}] * (MOST_ROWS + 1), stage="draft", year=2026)[1][0].code == ProblemCode.TOO_MANY
    )


def test_a_field_belongs_to_its_years() -> None:
    row = {"title": "优秀教师", "decided_on": "2024-09-10", "old": "旧"}
    values, problems = Awards.parse(row, stage="seal", year=2024)
    assert (values["old"], problems) == ("旧", [])
    values, problems = Awards.parse(row, stage="seal", year=2026)
    assert "old" not in values
    assert codes(problems) == {"old": ProblemCode.NOT_IN_YEAR}


def test_a_repeating_section_is_stored_and_kept_out_of_layout_and_payload(record: Raw) -> None:
    class WithAwards(Occupation):
        code, label, department = "with_awards", "试", "education"
        Awards = Awards

    record["awards"] = [{"title": "优秀教师", "decided_on": "2026-09-10"}]
    values, problems = WithAwards.parse(record, stage="seal", year=2026, today=dt.date(2026, 11, 22))
    assert problems == []
    assert list(values) == ["identity", "employment", "awards", "standing"]
    assert WithAwards.load(WithAwards.dump(values)) == values
    assert WithAwards.layout() == Occupation.layout()
    assert set(WithAwards.payload(values, year=2026)) == set(Occupation.payload(values, year=2026))
