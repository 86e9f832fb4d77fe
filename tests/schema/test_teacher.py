"""教师: the common form and 资质认定."""

import datetime as dt
import time
from typing import Any

import pytest

from agencies.departments import DEPARTMENTS
from agencies.education.occupations import CERTIFICATE_KIND_DIFFERS, CERTIFICATE_UNUSUAL, Teacher
from archives.schema.occupations import Occupation
from archives.schema.problems import ProblemCode
from archives.schema.registry import Registry

QUALIFICATION = {
    "certificate_no": "20084123110000123",
    "certificate_kind": "幼儿园",
    "teaching_stage": "小学",
}


def problems_of(raw: dict[str, Any]) -> list[tuple[str, str]]:
    _, problems = Teacher.parse(raw, stage="seal", year=2026, today=dt.date(2026, 11, 22))
    return [(p.code, p.severity) for p in problems]


def test_the_departments_are_known() -> None:
    assert len(DEPARTMENTS) == 32  # sixteen of Anyang, the others of the four other documents
    assert Registry(DEPARTMENTS).register(Teacher) is Teacher


def test_own_section_stands_after_the_duties() -> None:
    names = [name for row in Teacher.layout() for name, _ in row]
    own = ["certificate_no", "certificate_kind", "teaching_stage", "subject"]
    at = names.index("certificate_no")
    assert names[at - 1] == "duties"
    assert names[at : at + 4] == own
    assert [name for name in names if name not in own] == [n for row in Occupation.layout() for n, _ in row]


def test_push_names() -> None:
    own = {name: field.push for name, field in Teacher.sections["qualification"].fields.items()}
    assert own == {
        "certificate_no": "JSZGZBH",
        "certificate_kind": "JSZGZL",
        "teaching_stage": "RJXD",
        "subject": "RJXK",
    }


@pytest.mark.parametrize(
    ("certificate", "problems"),
    [
        ("20084123110000123", []),
        ("984105221100001", []),
        ("", []),
        ("2008412311000012", [(ProblemCode.PATTERN, "error")]),
        ("20994123110000123", [(CERTIFICATE_UNUSUAL, "warning")]),
        ("20084123190000123", [(CERTIFICATE_UNUSUAL, "warning")]),
        ("20084123120000123", [(CERTIFICATE_KIND_DIFFERS, "warning")]),
        (2.0084123110000123e16, [(ProblemCode.NUMBER_LOST, "error")]),
    ],
)
def test_certificate_numbers(record: dict[str, Any], certificate: object, problems: list[Any]) -> None:
    record["qualification"] = QUALIFICATION | {"certificate_no": certificate}
    assert problems_of(record) == problems


def test_the_qualification_may_be_blank(record: dict[str, Any]) -> None:
    assert problems_of(record) == []


def test_reading_a_whole_record_is_quick(record: dict[str, Any]) -> None:
    """Aim: 60 µs of processor time; the bound is ten times that, for slow and busy machines."""
    record["qualification"] = QUALIFICATION
    rounds = 2000
    start = time.process_time()
    for _ in range(rounds):
        Teacher.parse(record, stage="seal", year=2026, today=dt.date(2026, 11, 22))
    assert (time.process_time() - start) / rounds < 600e-6
