"""Every occupation in the departments' apps, and the guide for one more."""

import datetime as dt
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

import archives.schema.kinds.common as common_kinds
import archives.schema.registry as registry_module
from agencies.departments import DEPARTMENTS
from archives.schema.checks import check_occupations
from archives.schema.contents import SIX_CONTENTS, Content, common
from archives.schema.fields import STAGES, Choice, Text
from archives.schema.forms import RecordForm
from archives.schema.kinds import KindRegistry, kinds
from archives.schema.manifest import schema_digest
from archives.schema.members import MEMBER_CONTENTS, MEMBERS
from archives.schema.occupations import Occupation
from archives.schema.problems import ProblemCode
from archives.schema.registry import Registry, registry
from archives.schema.special_fields import Certificate
from tests.schema.notices import GANZHOU, LABELS, OWN_FLAGS, OWN_LABELS, SIX_LABELS
from tests.schema.samples import a_value

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 11, 22)
ALL = list(registry)
BASE = set(Occupation.sections)
UNDECIDED = {"labour_employment", "social_security"}
Raw = dict[str, Any]


def code_of(occupation: object) -> str:
    return (
        occupation.code
        if isinstance(occupation, type) and issubclass(occupation, Occupation)
        else str(occupation)
    )


def complete(occupation: type[Occupation], record: Raw) -> Raw:
    """A complete record: the base's and a value in every box of the occupation's own."""
    for name, section in occupation.own_sections().items():
        record[name] = {field: a_value(declared) for field, declared in section.fields.items()}
    if occupation.code == "lawyer":
        record["practice"]["practice_no"] = "14101201011123456"
    return record


def parse(occupation: type[Occupation], raw: Raw, stage: Any = "seal") -> Any:
    return occupation.parse(raw, stage=stage, year=2026, today=TODAY)


# --- who they are ---


@pytest.mark.req("AY-02", "AY-09")
def test_the_occupations_are_those_of_the_anyang_pack() -> None:
    pack = tomllib.loads((ROOT / "agencies" / "packs" / "anyang.toml").read_text())
    expected = {line["occupation"]: (line["label"], line["agency"]) for line in pack["responsibilities"]}
    assert {line["occupation"] for line in pack["responsibilities"] if line.get("undecided")} == UNDECIDED
    found = {occupation.code: (occupation.label, occupation.department) for occupation in ALL}
    decided = {code: value for code, value in expected.items() if code not in UNDECIDED}
    assert {code: found[code] for code in decided} == decided
    of_the_notice = {line["occupation"] for line in pack["responsibilities"] if line["clause"][:4] == "AY-G"}
    assert len(of_the_notice - UNDECIDED) == 20


def test_every_department_with_occupations_has_its_app() -> None:
    found = {
        config.department: config.name for config in apps.get_app_configs() if hasattr(config, "department")
    }
    without = {"public_security", *list(DEPARTMENTS)[26 - 1 :]}
    with_occupations = set(DEPARTMENTS) - without
    assert found == {code: f"agencies.{code}" for code in with_occupations}
    assert {occupation.department for occupation in ALL} == with_occupations
    assert all(occupation.__module__.startswith(f"agencies.{occupation.department}.") for occupation in ALL)


def test_nothing_is_wrong_with_them() -> None:
    assert check_occupations(None) == []
    assert registry.faults == []
    assert kinds.faults == []


# --- each of them ---


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_an_empty_draft(occupation: type[Occupation]) -> None:
    values, problems = parse(occupation, {}, "draft")
    assert {p.field for p in problems} == {"name", "document_number"}
    assert list(values) == list(occupation.sections)
    assert values["standing"]["determination"] == "trustworthy"


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_a_complete_record_seals_and_survives_storage(occupation: type[Occupation], record: Raw) -> None:
    values, problems = parse(occupation, complete(occupation, record))
    assert problems == []
    stored = json.loads(json.dumps(occupation.dump(values)))
    assert occupation.load(stored) == values
    assert parse(occupation, stored) == (values, [])


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_own_boxes_may_stay_blank(occupation: type[Occupation], record: Raw) -> None:
    assert parse(occupation, record)[1] == []
    assert occupation.own_sections()


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_the_payload_has_every_push_name_once(occupation: type[Occupation], record: Raw) -> None:
    payload = occupation.payload(parse(occupation, complete(occupation, record))[0], year=2026)
    own = [field.push for section in occupation.own_sections().values() for field in section.fields.values()]
    assert None not in own
    assert set(payload) == {*own, *Occupation.payload(parse(Occupation, {}, "draft")[0], year=2026)}
    assert all(payload[name] for name in own)
    assert all(re.fullmatch("[A-Z]{2,20}", name) for name in payload)


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_layout_rows_fill_six_columns_and_show_every_box(occupation: type[Occupation]) -> None:
    rows = occupation.layout()
    assert all(sum(span for _, span in row) == 6 for row in rows)
    elsewhere = {"document_type", *occupation.determination_fields}
    assert {name for row in rows for name, _ in row} == set(occupation.fields()) - elsewhere


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
@pytest.mark.parametrize("stage", STAGES)
def test_the_form_takes_a_complete_record(occupation: type[Occupation], stage: Any, record: Raw) -> None:
    data = {
        name: value for section in complete(occupation, record).values() for name, value in section.items()
    }
    form = RecordForm(data, occupation=occupation, year=2026, stage=stage, today=TODAY)
    assert form.is_valid(), form.errors
    assert form.warnings == {}
    assert all(form[name].as_widget() for name in form.fields)


@pytest.mark.req("GZ-06", "AY-03", "AY-04", "AY-05", "AY-06", "AY-07", "AY-08")
@pytest.mark.req(*(f"GZ-A{number:02}" for number in range(1, 12)))
@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_headings_are_those_of_the_notice_in_its_order(occupation: type[Occupation]) -> None:
    expected = GANZHOU.get(occupation.code)
    if occupation.code == MEMBERS:
        assert occupation.contents == MEMBER_CONTENTS
    elif expected is None:
        own = [code for code in occupation.kinds if code not in Occupation.kinds]
        assert occupation.contents == common(*own)
        assert {content.code: content.label for content in occupation.contents} == SIX_LABELS
    else:
        assert " ".join(content.code for content in occupation.contents) == expected
        labels = LABELS | OWN_LABELS.get(occupation.code, {})
        assert all(content.label == labels[content.code] for content in occupation.contents)
    assert {"identity", "employment"} <= {
        name for content in occupation.contents for name in content.sections
    }
    assert {content.code for content in occupation.contents if not content.kinds} <= {"E1", "AY-03"}


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_every_kind_exists_and_stands_under_one_heading(occupation: type[Occupation]) -> None:
    named = [code for content in occupation.contents for code in content.kinds]
    assert len(named) == len(set(named))
    assert tuple(named) == occupation.kinds
    assert all(code in kinds for code in named)
    wanted = {"award", "administrative_penalty", "discipline", "law_breach", "contract_breach"}
    assert wanted <= set(named) or occupation.code == MEMBERS


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_the_outline_shows_every_section_once_but_the_determination(occupation: type[Occupation]) -> None:
    shown = [name for _, sections in occupation.outline() for name in sections]
    assert sorted(shown) == sorted(set(occupation.sections) - {"standing"})
    assert all(
        occupation.sections[n] is s for _, sections in occupation.outline() for n, s in sections.items()
    )


@pytest.mark.parametrize("occupation", ALL, ids=code_of)
def test_nothing_is_asked_for_that_must_not_be_collected(occupation: type[Occupation]) -> None:
    """rules of both provinces: no religion, illness, blood group, income, deposits, insurance; ethnicity is on
    none of the forms."""
    labels = "".join(field.label for field in occupation.fields().values())
    assert not re.search("宗教|病史|疾病|血型|民族|收入|存款|财产|基因|指纹|健康证", labels)
    own = [field for section in occupation.own_sections().values() for field in section.fields.values()]
    assert not [field for field in own if isinstance(field, Text) and field.multiline]
    assert {field.disclosure for field in own} <= {"self", "authorised", "shared"}


@pytest.mark.req("GZ-A02", "GZ-A05", "GZ-A06", "GZ-A07", "GZ-A08", "GZ-A11")
def test_kinds_of_own_flags() -> None:
    for code, labels in OWN_FLAGS.items():
        own = registry.get(code).contents[-1].kinds
        assert [kinds.get(kind).label for kind in own][: len(labels)] == labels
        assert {kinds.get(kind).polarity for kind in own[: len(labels)]} == {"negative"}
    enterprise = registry.get("enterprise_principal").contents
    listed = {content.code: [kinds.get(kind).label for kind in content.kinds] for content in enterprise}
    assert listed["E16.1"] == ["被列为失信被执行人", "所在企业为失信企业"]
    assert listed["E16.2"] == ["所在企业因严重失信行为受到行政处罚"]
    assert listed["E16"][0] == "因其失责或违法违规行为导致所在企业破产清算"


def test_every_kind_is_used() -> None:
    assert {kind.code for kind in kinds} == {code for occupation in ALL for code in occupation.kinds}


@pytest.mark.req("GZ-07")
def test_discipline_of_civil_servants_must_be_entered() -> None:
    civil_servant = registry.get("civil_servant")
    assert civil_servant.must_record == ("discipline",)
    heading = next(content for content in civil_servant.contents if "discipline" in content.kinds)
    assert heading.label == "廉政记录"


def test_the_guides_heading_knows_no_discipline() -> None:
    heading = next(content for content in registry.get("tour_guide").contents if content.code == "E12")
    assert heading.label == "相关违法违约行为"
    assert "discipline_breach" not in heading.kinds


def test_one_push_name_means_one_thing_in_all_occupations() -> None:
    meanings: dict[str, set[str]] = {}
    for occupation in ALL:
        for field in occupation.fields().values():
            if field.push:
                meanings.setdefault(field.push, set()).add(field.name)
    assert {push: names for push, names in meanings.items() if len(names) > 1} == {}


def test_one_code_list_per_name() -> None:
    lists: dict[str, set[int]] = {}
    for occupation in ALL:
        for field in occupation.fields().values():
            if isinstance(field, Choice):
                lists.setdefault(field.codes.name, set()).add(id(field.codes))
    for kind in kinds:
        for field in kind.section.fields.values():
            if isinstance(field, Choice):
                lists.setdefault(field.codes.name, set()).add(id(field.codes))
    assert {name for name, found in lists.items() if len(found) > 1} == set()


def test_each_occupation_freezes_to_a_digest_of_its_own() -> None:
    assert len({schema_digest(occupation, 2026) for occupation in ALL}) == len(ALL)


@pytest.mark.parametrize(("born", "refused"), [("20081122", True), ("20081121", False), ("20010101", False)])
def test_nobody_under_eighteen_has_a_students_archive(born: str, refused: bool, record: Raw) -> None:
    """R404, and 18 周岁以上 of LL-30 and PD-06; on 22 November 2026."""
    record["identity"]["document_number"] = number_born(born)
    record["employment"]["practice_since"] = "2026-09"
    for stage in STAGES:
        problems = parse(registry.get("adult_student"), record, stage)[1]
        assert [p.code for p in problems if p.severity == "error"] == [ProblemCode.MINOR] * refused


def number_born(day: str) -> str:
    first = f"410522{day}000"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights, strict=True)) % 11]


# --- certificates ---

WARNED = ProblemCode.CERTIFICATE_UNUSUAL


@pytest.mark.parametrize(
    ("code", "name", "number", "found"),
    [
        ("lawyer", "practice_no", "14101201011123456", None),
        ("lawyer", "practice_no", "1 4101 2010 1112 3456", None),
        ("lawyer", "practice_no", "160199610123", None),
        ("lawyer", "practice_no", "24101201011123456", WARNED),
        ("lawyer", "practice_no", 14101201011123456, ProblemCode.NUMBER_LOST),
        ("doctor", "practice_no", "110410000012345", None),
        ("doctor", "practice_no", "11041000001234", WARNED),
        ("driver", "licence_file_no", "410500123456", None),
        ("driver", "licence_file_no", "41050012345", WARNED),
        ("driver", "vehicle_classes", "a1a2d", None),
        ("driver", "vehicle_classes", "Ｃ１", None),
        ("driver", "vehicle_classes", "C9", ProblemCode.PATTERN),
        ("auditor", "cpa_no", "410000010001", None),
        ("auditor", "cpa_no", "410001", None),
        ("auditor", "cpa_no", "41000001", WARNED),
        ("tour_guide", "guide_no", "D-4101-012345", None),
        ("tour_guide", "guide_no", "abcd1234", None),
        ("tour_guide", "guide_no", "4101", WARNED),
        ("pharmacist", "registration_no", "411221020123（豫）", None),
        ("tax_agent", "certificate_no", "x" * 41, ProblemCode.TOO_LONG),
    ],
)
def test_certificate_numbers(code: str, name: str, number: object, found: str | None, record: Raw) -> None:
    occupation = registry.get(code)
    section = next(key for key, own in occupation.own_sections().items() if name in own.fields)
    record[section] = {name: number}
    problems = parse(occupation, record)[1]
    assert [p.code for p in problems] == ([found] if found else [])
    assert all(p.field == name and (p.severity == "warning") == (found == WARNED) for p in problems)


def test_no_certificate_refuses_without_a_hint() -> None:
    certificates = [f for o in ALL for f in o.fields().values() if isinstance(f, Certificate)]
    assert len(certificates) >= 15
    assert all(field.pattern_hint for field in certificates if field.pattern)


# --- contents by themselves ---


def occupation_with(**members: Any) -> type[Occupation]:
    return type("Tried", (Occupation,), {"code": "tried", "label": "试", "department": "health", **members})


@pytest.mark.parametrize(
    "members",
    [
        {"contents": common("no_such_kind")},
        {"contents": (Content("E1", "个人基本信息", ("no_such_section",)),)},
        {"contents": (), "must_record": ("discipline",)},
    ],
)
def test_contents_that_name_what_nobody_declares(members: Raw) -> None:
    tried = Registry(DEPARTMENTS)
    faulty = tried.register(occupation_with(**members))
    messages = check_occupations(None, occupations=tried)
    assert [(message.id, message.obj, bool(message.hint)) for message in messages] == [
        ("archives.E015", faulty, True)
    ]


@pytest.mark.req("AY-03", "AY-04", "AY-05", "AY-06", "AY-07", "AY-08")
def test_a_group_without_a_class_has_the_six_contents() -> None:
    base = Registry(DEPARTMENTS).base_for("beekeeper", "养蜂人员", "ecology")
    assert base.contents == SIX_CONTENTS
    assert base.kinds == Occupation.kinds
    assert "、".join(content.label for content, _ in base.outline()) == (
        "个人基本信息、从业信息、奖惩情况信息、相关违法违纪违约信息、受到投诉申诉情况信息、其他能反映其信用状况的信息"
    )


# --- the guide ---


def test_the_guide_leads_to_a_working_occupation(monkeypatch: pytest.MonkeyPatch, record: Raw) -> None:
    """docs/adding-an-occupation.md, followed to the letter, on registries of its own."""
    guide = (ROOT / "docs" / "adding-an-occupation.md").read_text()
    block = re.search("```python\n(.*?)```", guide, re.S)
    assert block
    assert len(block[1].splitlines()) < 40
    fresh, fresh_kinds = Registry(DEPARTMENTS), KindRegistry()
    for kind in kinds:
        if kind.code != "double_practice":  # whoever follows the guide word by word has it already
            fresh_kinds.register(kind)
    before = [occupation.code for occupation in registry], [kind.code for kind in kinds]
    monkeypatch.setattr(registry_module, "register", fresh.register)
    monkeypatch.setattr(common_kinds, "register_kind", fresh_kinds.register)
    exec(compile(block[1], "guide", "exec"), {"__name__": "agencies.market_supervision.occupations"})
    agent = fresh.get("patent_agent")
    assert check_occupations(None, occupations=fresh, kinds=fresh_kinds) == []
    assert "double_practice" in agent.kinds
    assert ([occupation.code for occupation in registry], [kind.code for kind in kinds]) == before
    values, problems = parse(agent, complete(agent, record))
    assert problems == []
    assert agent.payload(values, year=2026)["ZLDLSZYZH"]
    form = RecordForm(None, occupation=agent, year=2026, today=TODAY)
    assert "专利代理师执业证号" in str(form)
