"""Fields: hostile input gets a Problem, honest input survives whole."""

import datetime as dt
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.schema import codes
from archives.schema.determination import Determination
from archives.schema.fields import (
    Choice,
    Computed,
    Date,
    Field,
    Identifier,
    Month,
    Name,
    Phone,
    Text,
)
from archives.schema.problems import Invalid, ProblemCode

FIELDS: list[Field[Any]] = [
    Text("单位"),
    Text("职责", max_length=500, multiline=True),
    Text("编号", pattern="[0-9]{5}"),
    Name("姓名"),
    Date("日期"),
    Month("起始"),
    Choice("性别", codes=codes.SEX),
    Choice("学历", codes=codes.EDUCATION),
    Phone("电话"),
    Identifier("身份证号", type_field="document_type"),
    Determination("信用状况"),
    Computed("奖惩情况", source="条目"),
]
NAME, MONTH, PHONE = Name("姓名"), Month("从业起始时间"), Phone("联系电话")
DETERMINATION = Determination("信用状况")
HOSTILE = [
    [],
    {},
    {"a": 1},
    ["张敏"],
    True,
    False,
    float("nan"),
    float("inf"),
    -float("inf"),
    0.5,
    10**5000,
    -(10**5000),
    4.10522e17,
    "张\x00敏",
    "张\x1b敏",
    "张\x85敏",
    "\u202e敏张",
    "张\u2066敏",
    "张\ud800",
    "张\ufffd",
    "张\uffff",
    "张\U000e0041",
    "张\ue000",
    "张\U000f0001",
    "#N/A",
    "#DIV/0!",
    "x" * 10_000_000,
    "\u0301" * 1_000_000,
    "\ufdfa" * 90_000,
    object(),
    b"abc",
    dt.time(1, 2),
    dt.timedelta(1),
]


def code_of(field: Field[Any], raw: object) -> str:
    with pytest.raises(Invalid) as refused:
        field.parse(raw)
    assert refused.value.problem.field == field.name
    return refused.value.problem.code


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.kind}-{field.label}")
@pytest.mark.parametrize(
    "raw", HOSTILE, ids=lambda raw: repr(raw)[:20] if not isinstance(raw, int) else "int"
)
def test_hostile_input_is_refused_and_quickly(field: Field[Any], raw: object) -> None:
    start = time.perf_counter()
    code_of(field, raw)
    assert time.perf_counter() - start < 0.2


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.kind}-{field.label}")
@given(raw=st.text(max_size=60) | st.integers() | st.floats() | st.dates() | st.none() | st.booleans())
def test_anything_is_accepted_or_refused_and_what_is_accepted_stays(field: Field[Any], raw: object) -> None:
    try:
        value = field.parse(raw)
    except Invalid:
        return
    assert field.parse(value) == value
    assert field.load(field.dump(value)) == value
    assert isinstance(field.text(value), str)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("张敏", "张敏"),
        (" 张　敏 ", "张敏"),
        ("𠮷田", "𠮷田"),
        ("䶮", "䶮"),
        ("\U00031350\U000323af", "\U00031350\U000323af"),
        ("\U0002a6d6\U0002b73a\U0002ebe0", "\U0002a6d6\U0002b73a\U0002ebe0"),
        ("山\ufa11", "山\ufa11"),
        ("\uf9dc\U0002f800", "\uf9dc\U0002f800"),
        ("\u2f26敏", "子敏"),
        ("〇一", "〇一"),
        ("葛\U000e0100 敏", "葛\U000e0100敏"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("阿卜杜拉.艾力", "阿卜杜拉·艾力"),
        ("阿卜杜拉．艾力", "阿卜杜拉·艾力"),
        ("John  Ａ.  Smith", "John A. Smith"),
        ("Anne-Marie O'Neil", "Anne-Marie O'Neil"),
        ("José", "José"),
        ("\u200b张敏\ufeff", "张敏"),
        ("", None),
        ("　", None),
    ],
)
def test_names_keep_their_characters(raw: str, name: str | None) -> None:
    assert NAME.parse(raw) == name


@pytest.mark.parametrize("dot", "\u00b7\u2022\u30fb\uff65\u2027\u0387\u16eb\u2219\u22c5\u2e31\uff0e.")
def test_every_name_dot_becomes_the_same(dot: str) -> None:
    assert NAME.parse(f"买买提{dot}艾力") == "买买提\u00b7艾力"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("张" * 51, ProblemCode.TOO_LONG),
        ("张敏2", ProblemCode.NAME_CHARACTER),
        ("张?", ProblemCode.NAME_CHARACTER),
        ("·张", ProblemCode.NAME_CHARACTER),
        ("张·", ProblemCode.NAME_CHARACTER),
        ("=1+1", ProblemCode.NAME_CHARACTER),
        ("张\ue000", ProblemCode.PRIVATE_CHARACTER),
        ("张*敏", ProblemCode.MASKED),
        ("张某某", ProblemCode.MASKED),
        (12345, ProblemCode.NAME_CHARACTER),
    ],
)
def test_refused_names(raw: object, code: str) -> None:
    assert code_of(NAME, raw) == code


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("张敏2", "姓名中不能有数字或符号“2”，请删除。"),
        ("张敏（兼）", "姓名中不能有数字或符号“(”，请删除。"),
        ("·张", "姓名不能以“·”开头或结尾，请删除。"),
        ("张\ue000", "姓名中的“\ue000”是自造字，请用输入法重新输入该字。"),
    ],
)
def test_a_refused_name_says_which_character(raw: str, message: str) -> None:
    with pytest.raises(Invalid, match=re.escape(message)):
        NAME.parse(raw)


def test_fifty_characters_are_a_name() -> None:
    assert NAME.parse("阿" * 50) == "阿" * 50


def test_prose_keeps_chinese_punctuation_and_compatibility_ideographs() -> None:
    field = Text("工作单位")
    assert field.parse("安阳县（示范区）第１小学，ＡＢ班") == "安阳县（示范区）第1小学，AB班"
    assert field.parse("\uf9dc\n二") == "\uf9dc 二"
    assert Text("职责", multiline=True).parse("一、教学\r\n\r\n\r\n\r\n二、 值班 ") == "一、教学\n\n二、 值班"
    assert field.parse(2026.0) == "2026"


def test_text_tells_length_and_pattern() -> None:
    field = Text("编号", max_length=5, pattern="[0-9]{5}", pattern_hint="应为 5 位数字。")
    assert code_of(field, "123456") == ProblemCode.TOO_LONG
    with pytest.raises(Invalid, match="编号格式不符。应为 5 位数字。"):
        field.parse("1234a")


@pytest.mark.parametrize(
    "raw",
    [
        "2008-09", "2008/9", "2008.09", "2008.9", "2008年9月", "２００８年９月", "200809", 200809.0, 200809,
        "2008-09-01", "2008年9月30日", "20080901", "2008-09-01 00:00:00",
        dt.date(2008, 9, 3), dt.datetime(2008, 9, 3, 1),
    ],
)  # fmt: skip
def test_months(raw: object) -> None:
    assert MONTH.parse(raw) == "2008-09"


@pytest.mark.parametrize(
    "raw", ["2008", "2008-13", "2008-00", 2008.09, 2008.1, "2008.1", "九月", "1899-12", "2008-09-31", 39692.0]
)
def test_refused_months(raw: object) -> None:
    assert code_of(MONTH, raw) == ProblemCode.MONTH


@pytest.mark.parametrize(
    "raw", ["2026-03-05", "2026年3月5日", "2026/3/5", "20260305", dt.datetime(2026, 3, 5, 8)]
)
def test_days(raw: object) -> None:
    field = Date("日期")
    day = field.parse(raw)
    assert day == dt.date(2026, 3, 5)
    assert (field.dump(day), field.text(day), field.cell(day)) == ("2026-03-05", "2026-03-05", day)


@pytest.mark.parametrize(
    "raw", ["2026-02-30", "2026-3", "昨天", 46086.0, dt.date(1, 1, 1), "2026-03-05 08:30"]
)
def test_refused_days(raw: object) -> None:
    assert code_of(Date("日期"), raw) == ProblemCode.DATE


@pytest.mark.parametrize(
    ("codelist", "raw", "code"),
    [
        (codes.SEX, "男", "1"),
        (codes.SEX, "女性", "2"),
        (codes.SEX, 1.0, "1"),
        (codes.POLITICAL_STATUS, "1", "01"),
        (codes.POLITICAL_STATUS, 13, "13"),
        (codes.POLITICAL_STATUS, " 中国共产党 党员", "01"),
        (codes.EDUCATION, "本科", "20"),
        (codes.EDUCATION, "73", "73"),
        (codes.DOCUMENT_TYPES, "hmt", "HMT"),
        (codes.DETERMINATIONS, "守信人员", "trustworthy"),
    ],
)
def test_choices_by_code_label_and_alias(codelist: codes.CodeList, raw: object, code: str) -> None:
    field = Choice("项", codes=codelist)
    assert field.parse(raw) == code
    assert field.parse(field.cell(code)) == code
    assert field.payload(code) == code


def test_an_unknown_choice_tells_the_choices_and_not_the_input() -> None:
    with pytest.raises(Invalid) as refused:
        Choice("性别", codes=codes.SEX).parse("410522198501010011")
    assert refused.value.problem.code == ProblemCode.CHOICE
    assert "男" in refused.value.problem.message
    assert "410522" not in refused.value.problem.message


@pytest.mark.parametrize(
    "codelist", [codes.SEX, codes.POLITICAL_STATUS, codes.EDUCATION, codes.DOCUMENT_TYPES]
)
def test_code_lists_understand_all_their_own_words(codelist: codes.CodeList) -> None:
    assert all(
        codelist.find(code) == code and codelist.find(label) == code
        for code, label in codelist.labels.items()
    )
    assert set(codelist.aliases.values()) <= set(codelist.labels)
    assert {code for _, choices in codelist.groups() for code, _ in choices} <= set(codelist.labels)


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("138 0000 1234", "13800001234"),
        ("+86 138-0000-1234", "13800001234"),
        ("008613800001234", "13800001234"),
        (13800001234.0, "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("03722600000", "0372-2600000"),
        ("(0372)2600000", "0372-2600000"),
        ("（010）62600000转801", "010-62600000-801"),
        ("+852 9123 4567", "+85291234567"),
    ],
)
def test_phones(raw: object, phone: str) -> None:
    assert PHONE.parse(raw) == phone


@pytest.mark.parametrize("raw", ["2600000", "12345678901", "1380000123", "138000012345", "无", "0372260"])
def test_refused_phones(raw: str) -> None:
    assert code_of(PHONE, raw) == ProblemCode.PHONE


def test_phone_masks() -> None:
    assert PHONE.masked("13812345678") == "138****5678"
    assert PHONE.masked(None) == ""
    assert code_of(PHONE, "138****1234") == ProblemCode.MASKED


def test_a_computed_field_refuses_input() -> None:
    field = Computed("奖惩情况", source="条目")
    assert field.parse("") is None
    assert code_of(field, "2025 年获优秀教师") == ProblemCode.READ_ONLY


def test_statements_are_those_of_the_form() -> None:
    assert DETERMINATION.statement("trustworthy", name="张敏") == "根据法律法规，依法认定张敏为守信人员"
    assert (
        DETERMINATION.statement("warning", name="张敏", behaviour="有偿补课")
        == "经查实，张敏存在有偿补课行为，根据法律法规，依法认定张敏存在警示行为"
    )
    assert DETERMINATION.statement("serious_dishonesty", name="张敏").endswith("依法认定张敏存在严重失信行为")
