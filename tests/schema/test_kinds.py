"""信用信息条目: declaration, registry, what every kind refuses, hostile input."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.market_supervision import kinds as enterprise_kinds
from archives.schema.checks import check_occupations
from archives.schema.codes import CodeList
from archives.schema.credit_code import check_character
from archives.schema.fields import STAGES, Field, Text
from archives.schema.kinds import (
    Basis,
    Category,
    ItemKind,
    KindRefused,
    KindRegistry,
    Source,
    UnknownKind,
    kinds,
)
from archives.schema.kinds.declaration import eighteenth_birthday
from archives.schema.kinds.sections import DOCUMENT_FIELDS, Adverse, Breach, Complaint, Documented, Fact
from archives.schema.problems import Invalid, ProblemCode
from archives.schema.registry import Registry
from archives.schema.special_fields import Amount, Choices, Count, OrganisationCode
from tests.schema.samples import ORGANISATION, a_fact

TODAY = dt.date(2026, 11, 22)
BORN = dt.date(1985, 1, 1)
Raw = dict[str, Any]

ALL = list(kinds)
NEGATIVE = [kind for kind in ALL if kind.polarity == "negative"]
EITHER = {
    "annual_assessment": ("result", "不称职", "优秀"),
    "spot_check": ("result", "不合格", "合格"),
    "supervision": ("result", "不合格", "已整改"),
    "complaint": ("outcome", "属实", "不属实"),
    "professional_conduct": ("result", "违反", "遵守"),
    "credit_commitment": ("state", "未履行", "已履行"),
}


def ids(kind: object) -> str:
    return kind.code if isinstance(kind, ItemKind) else str(kind)


def parse(
    kind: ItemKind, raw: object, stage: Any = "seal", born: dt.date | None = BORN, year: int = 2026
) -> Any:
    return kind.parse(raw, stage=stage, birth_date=born, year=year, today=TODAY)


def errors(problems: Any) -> dict[str, str]:
    return {problem.field: problem.code for problem in problems if problem.severity == "error"}


# --- every kind ---


@pytest.mark.req("AY-08", "AY-13", "AY-14")
@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_what_every_kind_declares(kind: ItemKind) -> None:
    assert kind.legal_basis
    assert all(str(basis).startswith("《") for basis in kind.legal_basis)
    assert kind.category in Category
    assert kind.source in Source
    assert kind.category.label
    assert kind.source.label
    assert kind.cadence in ("annual", "quarterly", "monthly")
    assert kind.retention.endswith("。")
    assert kind.disclosure in ("self", "authorised", "shared")
    assert kind.section.fields["content"].push is None
    assert not kind.needs_document or set(DOCUMENT_FIELDS) <= set(kind.section.fields)
    assert {basis.document for basis in kind.legal_basis} != {""}


@pytest.mark.req("AY-N3")
@pytest.mark.parametrize("kind", NEGATIVE, ids=ids)
def test_what_tells_against_a_person_needs_document_evidence_and_a_second_person(kind: ItemKind) -> None:
    assert kind.needs_document
    assert kind.evidence_needed({})
    assert "国办发〔2020〕49号" in str(kind.legal_basis[-1])


@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_a_complete_fact_seals_and_survives_storage(kind: ItemKind) -> None:
    values, problems = parse(kind, a_fact(kind))
    assert [p for p in problems if p.severity == "error"] == []
    stored = json.loads(json.dumps(kind.dump(values)))
    assert kind.load(stored) == values
    assert parse(kind, stored)[0] == values


@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_the_payload_has_every_push_name_and_never_free_text(kind: ItemKind) -> None:
    raw = a_fact(kind) | {"content": "绝不外传的话"}
    payload = kind.payload(parse(kind, raw)[0], year=2026)
    if not kind.deliverable:
        assert payload == {}
        return
    assert set(payload) == {field.push for field in kind.section.fields.values() if field.push}
    assert payload["FSRQ"] == "2026-03-05"
    assert "绝不外传的话" not in json.dumps(payload, ensure_ascii=False)


@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_rows_show_every_box_once_and_fill_six_columns(kind: ItemKind) -> None:
    assert all(sum(span for _, span in row) == 6 for row in kind.rows())
    shown = [name for row in kind.rows() for name, _ in row]
    assert sorted(shown) == sorted(kind.section.fields)
    assert shown[-1] == "content"


@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_the_future_has_no_facts(kind: ItemKind) -> None:
    raw = a_fact(kind) | {"occurred_on": "2026-11-23"}
    for stage in STAGES:
        assert errors(parse(kind, raw, stage)[1])["occurred_on"] == ProblemCode.DATE_IN_FUTURE
    assert "occurred_on" not in errors(
        parse(kind, raw | {"occurred_on": "2026-11-22", "document_date": ""})[1]
    )


@pytest.mark.parametrize("kind", ALL, ids=ids)
def test_a_fact_belongs_to_its_year_or_an_earlier_one(kind: ItemKind) -> None:
    found = errors(parse(kind, a_fact(kind), year=2025)[1])
    late = None if kind.section.settled_later else ProblemCode.DATE_AFTER_YEAR
    assert found.get("occurred_on") == late
    assert "occurred_on" not in errors(parse(kind, a_fact(kind), year=2027)[1])


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind.needs_document], ids=ids)
def test_a_documented_fact_needs_its_document_from_submission_on(kind: ItemKind) -> None:
    raw = {name: value for name, value in a_fact(kind).items() if name not in DOCUMENT_FIELDS}
    assert not set(DOCUMENT_FIELDS) & set(errors(parse(kind, raw, "draft")[1]))
    found = errors(parse(kind, raw, "submit")[1])
    assert found["document_no"] == ProblemCode.LEGAL_DOCUMENT_MISSING
    assert set(DOCUMENT_FIELDS) <= set(found)
    for nothing in ("无", "——", "暂缺"):
        found = errors(parse(kind, a_fact(kind) | {"document_no": nothing}, "submit")[1])
        assert found == {"document_no": ProblemCode.PATTERN}


@pytest.mark.parametrize("kind", NEGATIVE, ids=ids)
def test_nothing_before_majority_is_recorded_against_anybody(kind: ItemKind) -> None:
    """R404, at every stage: the 18th birthday itself is the last day of minority."""
    for born, refused in [
        (dt.date(2008, 3, 5), True),
        (dt.date(2008, 3, 4), False),
        (dt.date(2010, 1, 1), True),
    ]:
        for stage in STAGES:
            found = errors(parse(kind, a_fact(kind), stage, born)[1])
            assert found.get("occurred_on") == (ProblemCode.MINOR if refused else None)


def test_majority_of_those_born_on_a_leap_day() -> None:
    assert eighteenth_birthday(dt.date(2008, 2, 29)) == dt.date(2026, 3, 1)
    assert eighteenth_birthday(dt.date(1998, 7, 1)) == dt.date(2016, 7, 1)


@pytest.mark.parametrize("kind", NEGATIVE, ids=ids)
def test_a_person_whose_document_tells_no_birth_date(kind: ItemKind) -> None:
    problems = parse(kind, a_fact(kind), born=None)[1]
    assert [(p.code, p.severity) for p in problems] == [(ProblemCode.AGE_UNPROVEN, "warning")]


# --- facts that may go either way ---


def test_the_list_of_such_kinds_is_complete() -> None:
    assert {kind.code for kind in ALL if kind.section.may_be_adverse} == set(EITHER)


@pytest.mark.parametrize("code", EITHER)
def test_they_need_a_document_and_majority_only_when_they_tell_against_the_person(code: str) -> None:
    kind, (name, bad, good) = kinds.get(code), EITHER[code]
    raw = {key: value for key, value in a_fact(kind).items() if key not in DOCUMENT_FIELDS}
    child = dt.date(2010, 1, 1)
    values, problems = parse(kind, raw | {name: good}, born=child)
    assert (errors(problems), kind.adverse(values)) == ({}, False)
    values, problems = parse(kind, raw | {name: bad})
    assert errors(problems) == dict.fromkeys(DOCUMENT_FIELDS, ProblemCode.LEGAL_DOCUMENT_MISSING)
    assert kind.adverse(values)
    assert kind.evidence_needed(values)
    assert errors(parse(kind, raw | {name: bad}, "draft")[1]) == {}
    assert errors(parse(kind, raw | {name: bad}, "draft", child)[1]) == {
        kind.section.act_box: ProblemCode.MINOR
    }


@pytest.mark.req("AY-N3")
@pytest.mark.parametrize("code", ["complaint", "professional_conduct"])
def test_majority_is_judged_by_the_day_of_the_act_not_of_the_complaint(code: str) -> None:
    """Seventeen when it was done, eighteen when somebody complained (R404)."""
    kind, (name, bad, good) = kinds.get(code), EITHER[code]
    born = dt.date(2008, 2, 1)
    raw = a_fact(kind) | {name: bad, "acted_on": "2026-01-20"}
    for stage in STAGES:
        assert errors(parse(kind, raw, stage, born)[1])["acted_on"] == ProblemCode.MINOR
        assert errors(parse(kind, raw | {"acted_on": "2026-02-02"}, stage, born)[1]) == {}
    blank = raw | {"acted_on": ""}
    assert errors(parse(kind, blank, "submit", born)[1]) == {"acted_on": ProblemCode.REQUIRED}
    assert errors(parse(kind, blank, "draft", born)[1]) == {}
    assert errors(parse(kind, blank | {name: good}, "submit", born)[1]) == {}
    late = errors(parse(kind, raw | {"acted_on": "2026-03-06"}, "draft", born)[1])
    assert late == {"occurred_on": ProblemCode.DATE_ORDER}


def test_a_rating_counts_until_its_own_end() -> None:
    kind = kinds.get("sector_rating")
    values, _ = parse(kind, a_fact(kind))
    assert kind.section.ends_on(values) == dt.date(2027, 3, 10)


def test_an_open_complaint_is_between_unit_and_person_and_never_sealed() -> None:
    kind = kinds.get("complaint")
    assert (kind.deliverable, kind.disclosure) == (False, "self")
    assert not kind.adverse({"outcome": "open"})
    assert "outcome" not in errors(parse(kind, a_fact(kind) | {"outcome": ""}, "submit")[1])
    assert errors(parse(kind, a_fact(kind) | {"outcome": ""}, "seal")[1])["outcome"] == ProblemCode.REQUIRED


# --- single kinds ---


@pytest.mark.parametrize("stage", STAGES)
def test_simple_procedure_is_refused_even_as_a_draft(stage: str) -> None:
    """R403: 河南省社会信用条例 13, 山东省 13."""
    kind = kinds.get("administrative_penalty")
    for words in ("简易程序", "当场处罚", "simple"):
        found = errors(parse(kind, a_fact(kind) | {"procedure": words}, stage)[1])
        assert found["procedure"] == ProblemCode.SIMPLE_PROCEDURE
    assert errors(parse(kind, a_fact(kind) | {"procedure": ""}, stage)[1]) == {
        "procedure": ProblemCode.REQUIRED
    }


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"types": "罚款;警告", "fine": ""}, {"fine": ProblemCode.PENALTY_INCOMPLETE}),
        ({"types": "没收违法所得", "fine": ""}, {"confiscated": ProblemCode.PENALTY_INCOMPLETE}),
        ({"types": "吊销执照", "fine": ""}, {"licence": ProblemCode.PENALTY_INCOMPLETE}),
        ({"types": "警告"}, {"fine": ProblemCode.PENALTY_UNMATCHED}),
        ({"fine": "不详"}, {"fine": ProblemCode.NUMBER}),
        ({"document_date": "2026-03-04"}, {"document_date": ProblemCode.DATE_ORDER}),
        ({"valid_until": "2026-03-09"}, {"valid_until": ProblemCode.DATE_ORDER}),
        ({"ended_on": "2026-03-04"}, {"ended_on": ProblemCode.DATE_ORDER}),
        ({"issuer_code": "123"}, {"issuer_code": ProblemCode.CREDIT_CODE_FORMAT}),
        ({"types": ""}, {"types": ProblemCode.REQUIRED}),
        ({"valid_until": "2099-12-31"}, {}),
    ],
)
def test_what_a_penalty_must_fit_together(changes: Raw, found: dict[str, str]) -> None:
    kind = kinds.get("administrative_penalty")
    assert errors(parse(kind, a_fact(kind) | changes)[1]) == found


def test_a_fine_typed_in_yuan_is_noticed() -> None:
    kind = kinds.get("administrative_penalty")
    problems = parse(kind, a_fact(kind) | {"fine": "5000"})[1]
    assert [(p.code, p.severity, p.field) for p in problems] == [
        (ProblemCode.AMOUNT_UNUSUAL, "warning", "fine")
    ]


def test_a_penalty_is_delivered_in_the_words_of_the_public_form() -> None:
    kind = kinds.get("administrative_penalty")
    payload = kind.payload(parse(kind, a_fact(kind) | {"types": ["fine", "警告"], "fine": 0.2})[0], year=2026)
    assert (payload["CF_CFLB"], payload["CF_NR_FK"], payload["CF_JDRQ"]) == ("警告;罚款", "0.2", "2026-03-10")
    assert not {name for name in payload if "XDR" in name or "GSJZQ" in name}


@pytest.mark.req("GZ-07")
def test_discipline_stays_with_unit_and_person() -> None:
    kind = kinds.get("discipline")
    assert (kind.deliverable, kind.disclosure) == (False, "self")
    assert not [
        field
        for name, field in kind.section.fields.items()
        if name in ("sanction", "effective_until") and field.push
    ]
    found = errors(parse(kind, a_fact(kind) | {"effective_until": "2026-03-09"})[1])
    assert found == {"effective_until": ProblemCode.DATE_ORDER}


@pytest.mark.parametrize(
    "kind",
    [
        enterprise_kinds.ENTERPRISE_DISHONEST,
        enterprise_kinds.ENTERPRISE_PENALTY,
        enterprise_kinds.BANKRUPTCY_LIABILITY,
    ],
    ids=ids,
)
@pytest.mark.parametrize("stage", STAGES)
def test_an_enterprises_fault_is_no_persons_unless_the_document_says_so(kind: ItemKind, stage: str) -> None:
    assert kinds.get(kind.code) is kind
    found = errors(parse(kind, a_fact(kind) | {"names_person": "否"}, stage)[1])
    assert found == {"names_person": ProblemCode.PERSON_NOT_NAMED}
    assert errors(parse(kind, a_fact(kind) | {"names_person": ""}, stage)[1]) == {
        "names_person": ProblemCode.REQUIRED
    }


def test_a_court_decides_before_it_lists() -> None:
    kind = kinds.get("judgment_defaulter")
    assert errors(parse(kind, a_fact(kind) | {"document_date": "2026-03-01"})[1]) == {}
    assert errors(parse(kind, a_fact(kind) | {"document_date": "2026-03-06"})[1]) == {
        "occurred_on": ProblemCode.DATE_ORDER
    }
    assert errors(parse(kind, a_fact(kind) | {"removed_on": "2026-03-01"})[1]) == {
        "removed_on": ProblemCode.DATE_ORDER
    }


@pytest.mark.parametrize(
    ("code", "name"), [("sector_rating", "valid_until"), ("credit_commitment", "due_on")]
)
def test_a_term_does_not_end_before_it_begins(code: str, name: str) -> None:
    kind = kinds.get(code)
    assert errors(parse(kind, a_fact(kind) | {name: "2026-03-04"})[1]) == {name: ProblemCode.DATE_ORDER}
    assert errors(parse(kind, a_fact(kind) | {name: "2028-03-04"})[1]) == {}


def test_the_digest_tells_changes_apart() -> None:
    award = kinds.get("award")
    assert json.loads(json.dumps(award.manifest(2026))) == award.manifest(2026)
    assert award.digest(2026) == award.digest(2027)
    assert award.digest(2026) != kinds.get("honour").digest(2026)
    assert award.digest(2026) != replace(award, label="表彰").digest(2026)
    assert len(award.digest(2026)) == 64


# --- registry ---


def kind_of(code: str = "k", section: type[Fact] = Fact, **changes: Any) -> ItemKind:
    declared: Raw = {
        "code": code,
        "label": "试",
        "category": Category.OTHER,
        "polarity": "neutral",
        "source": Source.SUPERVISION,
        "section": section,
        "legal_basis": (Basis("通知", "三（二）"),),
        "retention": "随档案保存。",
    }
    return ItemKind(**declared | changes)


def section_of(base: type[Fact] = Fact, **members: Any) -> type[Fact]:
    return type("Tried", (base,), members)


class UnguardedComplaint(Fact):
    may_be_adverse = True


NEGATIVE_ANYWAY: Raw = {"polarity": "negative", "needs_document": True, "needs_evidence": True}
FAULTY = {
    "archives.E008": [lambda: kind_of("first")],
    "archives.E009": [
        lambda: kind_of(legal_basis=()),
        lambda: kind_of(legal_basis=(Basis("通知", " "),)),
        lambda: kind_of(legal_basis=(Basis("通知", "三"), Basis("", "一"))),
    ],
    "archives.E010": [
        lambda: kind_of(label=""),
        lambda: kind_of(retention=""),
        lambda: kind_of(section=section_of(extra=Text(" "))),
        lambda: kind_of(section=section_of(rows=classmethod(lambda cls: ((("content", 6),),)))),
        lambda: kind_of(
            section=section_of(rows=classmethod(lambda cls: ((("occurred_on", 3), ("content", 2)),)))
        ),
    ],
    "archives.E011": [lambda: kind_of(section=section_of(again=Text("又", push="FSRQ")))],
    "archives.E012": [
        lambda: kind_of(section=Adverse, polarity="negative"),
        lambda: kind_of(section=Adverse, polarity="negative", needs_document=True),
        lambda: kind_of(section=Fact, **NEGATIVE_ANYWAY),
        lambda: kind_of(section=Complaint, **NEGATIVE_ANYWAY),
        lambda: kind_of(
            section=section_of(Documented, issued_by=Text("单位", required_at="seal")), needs_document=True
        ),
        lambda: kind_of(section=UnguardedComplaint),
    ],
    "archives.E013": [
        lambda: kind_of(disclosure="public"),
        lambda: kind_of(section=section_of(shown=Text("公开", disclosure="public"))),
    ],
    "archives.E014": [lambda: kind_of(section=section_of(story=Text("经过", multiline=True, push="JG")))],
}
FAULTS = [(fault, make) for fault, makers in FAULTY.items() for make in makers]


@pytest.mark.parametrize(("fault", "make"), FAULTS)
def test_a_faulty_kind_is_refused_at_once(fault: str, make: Any) -> None:
    registry = KindRegistry()
    registry.register(kind_of("first"))
    with pytest.raises(KindRefused) as refused:
        registry.register(make())
    assert [found.id for found in refused.value.faults] == [fault]
    assert len(registry) == 1


@pytest.mark.parametrize(("fault", "make"), FAULTS)
def test_the_system_check_tells_each_fault_with_a_hint(fault: str, make: Any) -> None:
    registry = KindRegistry(deferred=True)
    registry.register(kind_of("first"))
    faulty = registry.register(make())
    messages = check_occupations(None, occupations=Registry(), kinds=registry)
    assert [(message.id, message.obj, bool(message.hint)) for message in messages] == [(fault, faulty, True)]
    assert "first" in registry
    assert list(registry) == [registry.get("first")]


def test_registering_twice_is_harmless_and_look_ups_are_clear() -> None:
    registry = KindRegistry()
    kind = registry.register(kind_of())
    assert registry.register(kind) is kind
    assert repr(kind) == "<ItemKind k 试>"
    with pytest.raises(UnknownKind):
        registry.get("other")


def test_a_good_negative_kind_is_accepted() -> None:
    assert len({KindRegistry().register(kind_of(section=Breach, **NEGATIVE_ANYWAY)).code}) == 1


def test_one_push_name_means_one_thing_in_all_kinds() -> None:
    meanings: dict[str, set[str]] = {}
    for kind in ALL:
        for field in kind.section.fields.values():
            if field.push:
                meanings.setdefault(field.push, set()).add(field.name)
    assert {push: names for push, names in meanings.items() if len(names) > 1} == {}


# --- the new boxes ---

NUMBERED = CodeList("n", "试", "1", {"a": "甲", "b": "乙", "c": "丙"})


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (Count("数"), "012", "12"),
        (Count("数"), "1,200", "1200"),
        (Count("数"), 3.0, "3"),
        (Count("数"), " ", None),
        (Amount("额"), "０.50", "0.5"),
        (Amount("额"), 0.1, "0.1"),
        (Amount("额"), 1e-06, "0.000001"),
        (Amount("额"), "12,000.000000", "12000"),
        (Amount("额"), "", None),
        (Choices("选", codes=NUMBERED), "丙；甲、甲", "a;c"),
        (Choices("选", codes=NUMBERED), ["b", "甲"], "a;b"),
        (Choices("选", codes=NUMBERED), [], None),
        (Choices("选", codes=NUMBERED), "", None),
        (OrganisationCode("码"), f" {ORGANISATION.lower()} ", ORGANISATION),
        (OrganisationCode("码"), "", None),
    ],
)
def test_what_the_boxes_read(field: Field[Any], raw: object, value: str | None) -> None:
    assert field.parse(raw) == value
    assert field.parse(field.dump(value)) == value


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        (Count("数"), "-1", ProblemCode.NUMBER),
        (Count("数"), "1.5", ProblemCode.NUMBER),
        (Count("数"), True, ProblemCode.TYPE),
        (Amount("额"), "一万", ProblemCode.NUMBER),
        (Amount("额"), -0.5, ProblemCode.NUMBER),
        (Amount("额"), float("nan"), ProblemCode.TYPE),
        (Amount("额"), 0.0000001, ProblemCode.NUMBER),
        (Choices("选", codes=NUMBERED), "甲;丁", ProblemCode.CHOICE),
        (Choices("选", codes=NUMBERED), ["a"] * 21, ProblemCode.TOO_MANY),
        (Choices("选", codes=NUMBERED), [["a"]], ProblemCode.TYPE),
    ],
)
def test_what_the_boxes_refuse(field: Field[Any], raw: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        field.parse(raw)
    assert refused.value.problem.code == code


def test_an_unusual_organisation_code_is_a_warning() -> None:
    kind = enterprise_kinds.ENTERPRISE_PENALTY
    first_17 = "7A" + ORGANISATION[2:17]
    problems = parse(kind, a_fact(kind) | {"enterprise_code": first_17 + check_character(first_17)})[1]
    assert [(p.code, p.severity, p.field) for p in problems] == [
        (ProblemCode.CREDIT_CODE_UNUSUAL, "warning", "enterprise_code")
    ]


# --- hostile input ---

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.dates(), st.datetimes(),
    st.binary(max_size=20), st.lists(st.text(max_size=5), max_size=25), st.dictionaries(st.text(max_size=3), st.none()),
    st.sampled_from(["2026-03-05", "警告;罚款", "简易程序", "是", "1e9", "〔2026〕1号", "=1+1", "\x00", "９"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_comes_parse_answers_with_values_and_problems(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(ALL))
    names = st.one_of(st.sampled_from(sorted(kind.section.fields)), st.text(max_size=5), st.integers())
    raw = data.draw(st.one_of(SCALARS, st.dictionaries(names, SCALARS, max_size=12)))
    stage = data.draw(st.sampled_from(STAGES))
    born = data.draw(st.one_of(st.none(), st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1))))
    values, problems = parse(kind, raw, stage, born, data.draw(st.integers(2000, 2030)))
    assert all(p.message.endswith("。") and len(p.message) < 300 for p in problems)
    assert set(values) <= set(kind.section.fields)
    assert all(value is None or isinstance(value, str | dt.date) for value in values.values())
    assert json.loads(json.dumps(kind.dump(values))) is not None
    assert kind.load(kind.dump(values)) == values
    again, _ = parse(kind, kind.dump(values), stage, born)
    assert again == values or not isinstance(raw, dict)


@settings(max_examples=200, deadline=None)
@given(born=st.dates(dt.date(1940, 1, 1), dt.date(2026, 1, 1)), occurred=st.dates(dt.date(1950, 1, 1), TODAY))
def test_no_act_of_a_minor_ever_passes(born: dt.date, occurred: dt.date) -> None:
    kind = kinds.get("law_breach")
    raw = a_fact(kind) | {"occurred_on": occurred.isoformat(), "document_date": "2026-11-22"}
    passed = "occurred_on" not in errors(parse(kind, raw, born=born)[1])
    years = occurred.year - born.year - ((occurred.month, occurred.day) <= (born.month, born.day))
    assert passed == (years >= 18)
