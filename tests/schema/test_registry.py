"""Registration, discovery, system checks and the frozen manifest."""

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from agencies.departments import DEPARTMENTS
from agencies.education.occupations import Teacher
from archives.schema import checks
from archives.schema.fields import Text
from archives.schema.manifest import manifest, schema_digest
from archives.schema.occupations import Occupation
from archives.schema.registry import RegistrationRefused, Registry, UnknownOccupation
from archives.schema.sections import Section


def occupation(code: str = "nurse", department: str = "health", **members: Any) -> type[Occupation]:
    return type("Nurse", (Occupation,), {"code": code, "label": "护士", "department": department, **members})


def section(**fields: Text) -> type[Section]:
    return type("Extra", (Section,), fields, label="补充")


FAULTY = {
    "archives.E001": lambda: occupation("n1", department="astrology"),
    "archives.E002": lambda: occupation(),
    "archives.E003": lambda: occupation("n2", Extra=section(other=Text("别名", push="XM"))),
    "archives.E004": lambda: occupation("n3", Extra=section(other=Text(" "))),
    "archives.E005": lambda: occupation("n4", Extra=section(name=Text("又一姓名"))),
    "archives.E006": lambda: occupation("n5", closing=((("remarks", 5),),)),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_occupation_is_refused_at_once(fault: str) -> None:
    registry = Registry(DEPARTMENTS)
    registry.register(occupation())
    with pytest.raises(RegistrationRefused) as refused:
        registry.register(FAULTY[fault]())
    assert [found.id for found in refused.value.faults] == [fault]
    assert len(registry) == 1


@pytest.mark.parametrize("fault", FAULTY)
def test_the_system_check_tells_each_fault_with_a_hint(fault: str) -> None:
    registry = Registry(DEPARTMENTS, deferred=True)
    registry.register(occupation())
    faulty = registry.register(FAULTY[fault]())
    messages = checks.check_occupations(None, occupations=registry)
    assert [(message.id, message.obj, bool(message.hint)) for message in messages] == [(fault, faulty, True)]
    assert len(registry) == 1


def test_the_same_push_name_within_one_section() -> None:
    with pytest.raises(RegistrationRefused, match="both pushed as 'A'"):
        Registry().register(occupation(Extra=section(one=Text("一", push="A"), two=Text("二", push="A"))))


def test_departments_may_be_handed_over_later() -> None:
    registry = Registry(deferred=True)
    registry.register(occupation("a", "astrology"))
    registry.register(occupation("b", "health"))
    registry.know_departments(DEPARTMENTS)
    assert [known.code for known in registry] == ["b"]
    assert [fault.id for fault in registry.faults] == ["archives.E001"]


def test_an_occupation_in_another_departments_app(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry(DEPARTMENTS)
    registry.register(occupation())
    app = SimpleNamespace(department="education")
    monkeypatch.setattr(checks.apps, "get_containing_app_config", lambda module: app)
    assert [message.id for message in checks.check_occupations(None, occupations=registry)] == [
        "archives.E007"
    ]


def test_registering_twice_is_harmless_and_look_ups_are_clear() -> None:
    registry = Registry(DEPARTMENTS)
    assert registry.register(registry.register(Teacher)) is Teacher
    assert registry.get("teacher") is Teacher
    assert "teacher" in registry
    with pytest.raises(UnknownOccupation):
        registry.get("wizard")


def test_a_group_without_a_class_gets_the_base_record() -> None:
    registry = Registry(DEPARTMENTS)
    nurse = registry.base_for("nurse", "护士", "health")
    assert (nurse.code, nurse.label, nurse.department) == ("nurse", "护士", "health")
    assert nurse.layout() == Occupation.layout()
    assert registry.base_for("nurse", "护士", "health") is nurse
    registry.register(Teacher)
    assert registry.base_for("teacher", "教师", "education") is Teacher


def test_discovery_finds_the_teacher_and_the_schema_imports_nothing_of_ours() -> None:
    """In a process of its own: what a fresh start finds, and what importing the engine alone brings in."""
    script = """
import sys
import archives.schema.forms, archives.schema.checks, archives.schema.manifest
ours = {"agencies", "accounts", "audit", "delivery", "credit_platform"}
assert not ours & {name.partition(".")[0] for name in sys.modules}, "engine imports ours"
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["agencies.education"])
django.setup()
from agencies.departments import DEPARTMENTS
from archives.schema.checks import check_occupations
from archives.schema.discovery import discover
from archives.schema.registry import registry
discover(DEPARTMENTS)
discover(DEPARTMENTS)
assert check_occupations(None) == []
print([known.code for known in registry])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", "['teacher', 'adult_student']\n")


def test_the_manifest_is_plain_and_tells_changes_apart() -> None:
    described = manifest(Teacher, 2026)
    assert json.loads(json.dumps(described)) == described
    assert described["code_lists"]["sex"]["list_version"] == "2003"
    assert [found["name"] for found in described["sections"]] == [
        "identity", "employment", "qualification", "standing",
    ]  # fmt: skip
    digest = schema_digest(Teacher, 2026)
    assert len(digest) == 64
    assert digest == schema_digest(Teacher, 2026)
    assert digest not in {schema_digest(Teacher, 2027), schema_digest(Occupation, 2026)}
    changed = occupation(Extra=section(one=Text("一")))
    relabelled = occupation(Extra=section(one=Text("壹")))
    assert schema_digest(changed, 2026) != schema_digest(relabelled, 2026)
    ended = occupation(Extra=section(one=Text("一", until=2025)))
    assert "extra" not in {found["name"] for found in manifest(ended, 2026)["sections"]}
