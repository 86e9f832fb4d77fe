"""The printed form beside the attachment: same title, fields, order and notes; and what must never be printed."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from agencies.models import Membership
from archives.printing import forms, pdf
from archives.printing.forms import Cell, PrintedForm, blank_form, print_forms
from archives.schema.fields import Text
from archives.schema.occupations import Occupation
from archives.schema.registry import registry
from archives.schema.sections import Section
from archives.schema.standing import Standing
from archives.services.records import occupation_for, start_correction
from archives.services.writers import division_of
from tests.archives.flow import acting_as, confirm, events, fresh, hand_on, opened, save, sealed
from tests.archives.proceeding_flow import SERIOUS, WARNING, adverse_draft
from tests.archives.test_writers import Writers, enterprises
from tests.factories import County
from tests.schema.samples import a_value

__all__ = ["enterprises"]
Signed = Callable[[Membership], Client]
ATTACHMENT = [
    *("姓名", "性别", "政治面貌", "学历", "职称", "职务", "身份证号", "联系电话", "工作单位"),
    *("从业起始时间", "工作职责", "奖惩情况", "信用状况", "备注"),
]
"""AY-F06 to AY-F19 in the order of the paper."""


def words(content: bytes) -> list[str]:
    """The text of each page without blanks."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages]


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return bytes(answer.content)


def in_order(text: str, wanted: list[str]) -> bool:
    at = 0
    for word in wanted:
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


@pytest.mark.req(*(f"AY-F{number:02}" for number in range(1, 20)), "AY-N1", "AY-N3", "AY-N4")
def test_the_sealed_form_is_that_of_the_attachment(county: County, client_as: Signed) -> None:
    version = sealed(county.education)
    content = body(client_as(county.education.clerk).get(f"/records/{version.part_id}/print/"))
    cover, sheet = words(content)
    year = timezone.localdate().year
    assert in_order(
        cover, ["教师（从业人员）信用档案", f"（{year}年度）", "姓名：", "王小明", "单位：", "填表日期："]
    )
    assert in_order(sheet, ["（教师）信用信息记录表", *ATTACHMENT])
    assert "根据法律法规，依法认定王小明为守信人员。" in sheet
    assert in_order(sheet, ["主管单位（盖章）", "年月日"])
    assert f"查验码{version.check_code}" in sheet
    assert in_order(sheet, ["填表说明：", "1.“信用状况”是指主管部门年度内对从业人员信用行为认定状况"])
    assert in_order(sheet, ["一般认定为守信人员。", "2.认定从业人员存在警示行为、严重失信行为的"])
    assert "草稿" not in sheet


@pytest.mark.req("AY-N1")
@pytest.mark.parametrize(
    ("filled", "sentence"),
    [
        ({}, "根据法律法规，依法认定王小明为守信人员。"),
        (WARNING, "经查实，王小明存在有偿补课行为，根据{}，依法认定王小明存在警示行为。"),
        (SERIOUS, "经查实，王小明存在有偿补课行为，根据{}，依法认定王小明存在严重失信行为。"),
        (
            WARNING | {"ground": ""},
            "经查实，王小明存在有偿补课行为，根据法律法规，依法认定王小明存在警示行为。",
        ),
    ],
    ids=["trustworthy", "warning", "serious", "without a law"],
)
def test_the_three_outcomes_are_told_in_the_words_of_the_notice(
    filled: dict[str, str], sentence: str, county: County, client_as: Signed
) -> None:
    part = save(opened(county.education), by=county.education.filler, **filled).part
    sheet = words(body(client_as(county.education.filler).get(f"/records/{part.id}/print/")))[1]
    assert sentence.format(WARNING["ground"]) in sheet.split("填表说明")[0]
    assert sheet.split("填表说明")[0].count("依法认定") == 1, "one outcome and no other"


@pytest.mark.req("AY-10")
def test_the_filled_form_on_paper_is_the_electronic_record(county: County, client_as: Signed) -> None:
    clerk = client_as(county.education.clerk)
    version = sealed(county.education)
    cover, sheet = words(body(clerk.get(f"/records/{version.part_id}/print/")))
    told = ["王小明", "女", "中共党员", "大学本科", "一级教师", "班主任", "154****5678", "第一小学", "2020"]
    assert in_order(sheet, [*told, "承担语文教学工作。", "仅供内部参考"])
    assert "王小明" in cover
    code = re.search(r"查验码([0-9A-Z-]+)", sheet)
    assert code
    screen = clerk.get(f"/records/{version.part_id}/versions/1/").content.decode()
    assert all(text in screen for text in ("王小明", "一级教师", "班主任", "第一小学", "承担语文教学工作。"))
    checked = clerk.post("/check/", {"code": code[1]}).content.decode()
    assert "王小明" in checked
    assert "第 1 版（现行）" in checked
    part = fresh(version.part)
    with acting_as(county.education.clerk) as who:
        start_correction(part=part, reason="职称有误", revision=None, actor=who)
    hand_on(save(fresh(part), by=county.education.clerk, title="高级教师").part, by=county.education.clerk)
    confirm(fresh(part), by=county.education.reviewer)
    checked = clerk.post("/check/", {"code": code[1]}).content.decode()
    assert "已被新版替代" in checked, "the paper is that of a version that is no longer in force"


def test_boxes_stand_in_the_rows_of_the_paper(county: County) -> None:
    """Three boxes, three boxes, two, two, then one a row; every row is as wide as the form."""
    form = blank_form(Occupation, 2026)
    assert [len(row) for row in form.rows] == [3, 3, 2, 2, 1, 1, 1, 1]
    for occupation in registry:
        for row in blank_form(occupation, 2026).rows:
            assert sum(cell.columns + 1 for cell in row) == 8, occupation.code


@pytest.mark.req("AY-18")
def test_paper_carries_no_more_than_the_screen(county: County, client_as: Signed) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    filler = client_as(county.education.filler)
    text = "".join(words(body(filler.get(f"/records/{part.id}/print/"))))
    assert "154****5678" in text
    assert "15412345678" not in text
    assert not re.search(r"\d{17}[\dX]", text)
    assert "草稿，未经审核确认" in text
    assert "查验码" not in text.replace("草稿没有查验码", "")
    assert [e.data for e in events(county.id, verb="record.printed")] == [{"draft": True}]


def test_an_earlier_version_is_printed_as_it_was(county: County, client_as: Signed) -> None:
    version = sealed(county.education)
    clerk = client_as(county.education.clerk)
    part = fresh(version.part)
    clerk.post(f"/records/{part.id}/", {"action": "correct", "reason": "职称有误", "revision": part.revision})
    now = "".join(words(body(clerk.get(f"/records/{part.id}/print/"))))
    then = "".join(words(body(clerk.get(f"/records/{part.id}/versions/1/print/"))))
    assert "草稿，未经审核确认" in now
    assert f"查验码{version.check_code}第1版" in then
    assert clerk.get(f"/records/{part.id}/versions/2/print/").status_code == 404


@pytest.mark.req("AY-10")
def test_blank_forms_of_groups_that_one_handles(county: County, client_as: Signed) -> None:
    clerk = client_as(county.education.clerk)
    cover, sheet = words(body(clerk.get("/blank/teacher/")))
    assert "教师（从业人员）信用档案" in cover
    assert in_order(sheet, ATTACHMENT)
    assert "守信人员。2.认定" not in sheet.split("填表说明")[0]
    assert clerk.get("/blank/doctor/").status_code == 404
    assert clerk.get("/blank/nothing/").status_code == 404


@pytest.mark.parametrize("occupation", list(registry), ids=lambda o: o.code)
def test_every_occupation_prints_all_its_boxes(occupation: type[Occupation], county: County) -> None:
    filled = {name: a_value(field) for name, field in occupation.fields().items() if not field.computed}
    rows = [
        [
            Cell(cell.label, "值" if cell.kind == "text" else cell.text, cell.columns, cell.kind)
            for cell in row
        ]
        for row in blank_form(occupation, 2026).rows
    ]
    assert filled
    pages = words(print_forms([PrintedForm(occupation.label, 2026, rows, name="张三")]))
    text = "".join(pages)
    labels = [re.sub(r"\s", "", cell.label) for row in rows for cell in row]
    assert in_order(text, labels)
    assert len(pages) == 2, "cover and one sheet"


@pytest.mark.req("AY-N2", "AY-N3")
def test_what_an_adverse_determination_rests_on_stands_in_its_cell(county: County, client_as: Signed) -> None:
    part = adverse_draft(county.education, **SERIOUS)
    sheet = words(body(client_as(county.education.filler).get(f"/records/{part.id}/print/")))[1]
    assert in_order(sheet, ["经查实，", "存在", "依法认定", "存在严重失信行为。"])
    grounds = sheet[sheet.index("存在严重失信行为。") : sheet.index("主管单位（盖章）")]
    for name in (
        "acted_on",
        "basis_document_no",
        "issued_by",
        "basis_document_date",
        "listing",
        "listing_no",
    ):
        assert Standing.fields[name].label in grounds, name
    assert SERIOUS["listing_no"] in grounds


def test_a_backfilled_record_says_so_on_every_sheet() -> None:
    rows = blank_form(Occupation, 2026).rows
    for page in words(print_forms([PrintedForm("教师", 2024, rows, name="张三", backfilled=True)])):
        assert "（补录）" in page


@pytest.mark.req("GZ-A02", "GZ-A08")
def test_a_part_names_its_writer_and_the_others(enterprises: Writers) -> None:
    part = enterprises.opened(next(code for code, row in enterprises.rows.items() if not row.lead))
    with acting_as(enterprises.clerk(part.agency.code)):
        occupation = occupation_for(part)
        form = forms.draft_form(part, occupation, writers=division_of(part, occupation))
    sheet = words(print_forms([form]))[1]
    assert f"{part.agency.name}填报的部分" in sheet
    for row in enterprises.rows.values():
        assert row.agency.name in sheet
    assert "主管单位（盖章）" not in sheet, "only the leading writer determines"


@pytest.mark.parametrize("together", [1, 25])
def test_everybody_begins_on_a_sheet_of_their_own_in_duplex(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person with three pages is followed by an empty one, within a document and between two."""
    monkeypatch.setattr("archives.printing.forms.TOGETHER", together)
    rows = [[Cell("工作职责", "职" * 2500, 7, "long")]]
    long, short = PrintedForm("教师", 2026, rows, name="张三"), PrintedForm("教师", 2026, [], name="李四")
    pages = words(print_forms([long, short]))
    (at,) = [number for number, page in enumerate(pages) if "李四" in page]
    assert at % 2 == 0


def test_boxes_that_a_year_does_not_have_leave_no_gap() -> None:
    class Renewed(Occupation):
        label = "教师"

        class Own(Section, label="资质"):
            old = Text("旧项目", until=2020)
            new = Text("新项目", since=2024)

    for year in (2019, 2022, 2025):
        for row in blank_form(Renewed, year).rows:
            assert row
            assert sum(cell.columns + 1 for cell in row) == 8


def test_a_long_text_goes_on_and_nothing_is_lost(county: County) -> None:
    rows = [list(row) for row in blank_form(Occupation, 2026).rows]
    rows[4] = [Cell("工作职责", "职" * 500, 7, "long")]
    rows[5] = [Cell("奖惩情况", "\n".join(f"第{n}项奖励" for n in range(40)), 7, "items")]
    pages = words(print_forms([PrintedForm("教师", 2026, rows, name="张三")]))
    text = "".join(pages)
    assert len(pages) > 2
    assert text.count("职") >= 500
    assert all(f"第{n}项奖励" in text for n in range(40))


def test_a_character_without_a_glyph_stops_the_print(county: County, client_as: Signed) -> None:
    """A box instead of a name would be sealed into paper."""
    strange = "\U00032000"
    rows = [[Cell("姓　　名", f"李{strange}", 7)]]
    good, bad = (
        PrintedForm("教师", 2026, [], name="王五"),
        PrintedForm("教师", 2026, rows, name=f"李{strange}"),
    )
    with pytest.raises(forms.CannotPrint) as refused:
        print_forms([good, bad])
    assert "U+32000" in str(refused.value)
    assert str(refused.value).startswith(f"李{strange}")
    assert len(words(print_forms([good]))) == 2


def test_volumes_are_bound_into_one_file_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many people are written out in volumes, so that memory stays bounded; the reader sees one file."""
    monkeypatch.setattr(pdf, "VOLUME", 4)
    monkeypatch.setattr(forms, "TOGETHER", 2)
    names = [f"{family}小明" for family in "赵钱孙李周吴郑"]
    heard: list[int] = []
    pages = words(
        print_forms([PrintedForm("教师", 2026, [], name=name) for name in names], done=heard.append)
    )
    assert len(pages) == 2 * len(names)
    assert in_order("".join(pages), names)
    assert heard == [2, 4, 6, 7]


def test_a_print_that_is_called_off_stops_between_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "TOGETHER", 1)
    heard: list[int] = []

    def stop(count: int) -> None:
        heard.append(count)
        if count == 2:
            raise KeyError("called off")

    with pytest.raises(KeyError):
        print_forms([PrintedForm("教师", 2026, [], name="赵小明")] * 4, done=stop)
    assert heard == [1, 2]


def test_nothing_is_fetched(settings: Any, tmp_path: Any) -> None:
    for number, address in enumerate(
        ("http://192.0.2.1/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA")
    ):
        (tmp_path / f"{number}.html").write_text(f'<img src="{address}"><p>text</p>')
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    for number in range(3):
        with pytest.raises(FatalURLFetchingError):
            pdf.render(f"{number}.html", {})


def test_the_page_survives_a_print_that_cannot_be_made(
    county: County, client_as: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = sealed(county.education)

    def fail(*_: Any, **__: Any) -> bytes:
        raise pdf.MissingGlyph("王")

    monkeypatch.setattr(forms, "render_many", fail)
    clerk = client_as(county.education.clerk)
    answer = clerk.get(f"/records/{version.part_id}/print/", follow=True)
    assert answer.status_code == 200
    assert "没有打印" in answer.content.decode()
