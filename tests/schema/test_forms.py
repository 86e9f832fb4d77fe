"""The Django form: shows, collects, and leaves judging to the occupation."""

import datetime as dt
import re
from typing import Any

import pytest
from django.http import QueryDict

from agencies.education.occupations import Teacher
from archives.schema.forms import RecordForm
from archives.schema.occupations import Occupation
from archives.schema.problems import ProblemCode

TODAY = dt.date(2026, 11, 22)
POSTED = {
    "name": "张敏",
    "sex": "1",
    "political_status": "13",
    "education": "21",
    "document_type": "111",
    "document_number": "410522198501010011",
    "phone": "13800001234",
    "title": "",
    "post": "",
    "employer": "安阳县第一小学",
    "practice_since": "2008-09",
    "duties": "语文教学",
    "determination": "trustworthy",
    "remarks": "",
}


def form(data: dict[str, Any] | None = None, **options: Any) -> RecordForm:
    posted = None
    if data is not None:
        posted = QueryDict(mutable=True)
        posted.update(data)
    settings = {"occupation": Occupation, "year": 2026, "stage": "submit", "today": TODAY} | options
    return RecordForm(posted, **settings)


def test_a_blank_form_has_all_editable_fields_and_the_defaults() -> None:
    blank = form()
    assert set(blank.fields) == set(Occupation.fields()) - {"awards_and_penalties"}
    html = str(blank)
    assert "style=" not in html
    assert '<option value="">请选择</option>' in html
    assert '<option value="111" selected>居民身份证</option>' in html
    assert re.search('<input type="radio" name="determination" value="trustworthy"[^>]* checked', html)
    assert "守信</label>" in html.replace("\n", "")
    assert not blank.problems


def test_optional_fields_are_those_never_required() -> None:
    optional = {name for name, field in form().fields.items() if not field.required}
    assert optional == {"title", "post", "remarks"}


@pytest.mark.parametrize("name", ["document_number", "phone", "practice_since", "name", "employer", "duties"])
def test_boxes_tell_browsers_not_to_remember(name: str) -> None:
    assert form().fields[name].widget.attrs["autocomplete"] == "off"


def test_valid_input_gives_values_fit_to_be_stored() -> None:
    bound = form(POSTED)
    assert bound.is_valid(), bound.errors
    assert bound.values["identity"]["sex"] == "1"
    assert bound.values["employment"]["title"] is None
    assert Occupation.dump(bound.values)["employment"]["practice_since"] == "2008-09"
    assert bound.cleaned_data["employer"] == "安阳县第一小学"


def test_every_problem_stands_at_its_field_and_what_was_typed_stays() -> None:
    bound = form(POSTED | {"name": "", "phone": "１２ab", "practice_since": "九月", "sex": "7"})
    assert not bound.is_valid()
    assert set(bound.errors) == {"name", "phone", "practice_since", "sex"}
    assert bound.errors["name"] == ["请填写姓名。"]
    assert 'value="１２ab"' in str(bound["phone"])
    assert 'aria-invalid="true"' in str(bound["phone"])
    assert {p.code for p in bound.problems} == {
        ProblemCode.REQUIRED, ProblemCode.PHONE, ProblemCode.MONTH, ProblemCode.CHOICE,
    }  # fmt: skip


def test_warnings_are_kept_apart_and_stop_nothing() -> None:
    bound = form(POSTED | {"sex": "2"})
    assert bound.is_valid()
    assert [p.code for p in bound.warnings["sex"]] == [ProblemCode.SEX_MISMATCH]
    assert bound.errors == {}


def test_a_draft_needs_little_and_an_adverse_one_needs_its_proof() -> None:
    little = {"name": "张敏", "document_number": "410522198501010011"}
    assert form(little, stage="draft").is_valid()
    adverse = form(POSTED | {"determination": "warning"}, stage="seal")
    assert set(adverse.errors) == {
        "behaviour", "acted_on", "basis_document_no", "issued_by", "basis_document_date",
    }  # fmt: skip


def test_readonly_fields_keep_their_value_whatever_is_posted_and_show_it_masked() -> None:
    stored, _ = Occupation.parse(
        {"identity": {"name": "张敏", "document_number": "410522198501010011"}}, stage="draft", year=2026
    )
    readonly = {"name", "document_type", "document_number", "determination"}
    bound = form(
        POSTED | {"name": "李四", "document_number": "1", "determination": "warning"},
        initial=stored,
        readonly=readonly,
    )
    assert bound.is_valid(), bound.errors
    assert bound.values["identity"]["name"] == "张敏"
    assert bound.values["identity"]["document_number"] == "410522198501010011"
    assert bound.values["standing"]["determination"] == "trustworthy"
    shown = form(initial=stored, readonly=readonly)
    assert "410522********0011" in str(shown["document_number"])
    assert "19850101" not in str(shown)
    assert "disabled" in str(shown["name"])


def test_initial_values_are_shown_and_changes_are_known() -> None:
    stored, _ = Teacher.parse(
        {
            "identity": {"education": "高中", "document_number": "410522198501010011"},
            "qualification": {"certificate_no": "20084123110000123"},
        },
        stage="draft",
        year=2026,
        today=TODAY,
    )
    shown = form(occupation=Teacher, initial=stored)
    assert '<option value="60" selected>普通高级中学教育</option>' in str(shown["education"])
    assert 'value="20084123110000123"' in str(shown["certificate_no"])
    assert "<optgroup" in str(shown["education"])
    posted = {
        "document_number": "410522 19850101 0011",
        "education": "60",
        "determination": "trustworthy",
    } | {"ground": "法律法规"}
    bound = form(posted | {"document_type": "111", "subject": "语文"}, occupation=Teacher, initial=stored)
    assert set(bound.changed_data) == {"subject", "certificate_no"}


def test_layout_follows_the_paper() -> None:
    rows = form(occupation=Teacher).layout()
    assert [[(cell.label, span) for cell, span in row] for row in rows][:3] == [
        [("姓名", 2), ("性别", 2), ("政治面貌", 2)],
        [("学历", 2), ("职称", 2), ("职务", 2)],
        [("身份证号", 3), ("联系电话", 3)],
    ]
    assert [cell.label for row in rows for cell, _ in row][-3:] == ["奖惩情况", "信用状况", "备注"]


def test_prefix_and_forged_fields() -> None:
    posted = {f"p-{name}": value for name, value in POSTED.items()} | {"p-awards_and_penalties": "获奖"}
    bound = form(posted, prefix="p")
    assert bound.is_valid(), bound.errors
    assert "awards_and_penalties" not in bound.values["standing"]
