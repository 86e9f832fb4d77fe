"""What is written is read back as it was; whatever a file holds, it is read or refused; answers keep what was there."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.education.occupations import Teacher
from archives.schema.problems import Problem
from archives.schema.registry import registry
from archives.workbooks import (
    ROSTER,
    ROW_KEY,
    UNIT,
    Column,
    Mark,
    Row,
    Unreadable,
    columns_of,
    located,
    raw_record,
    read,
)
from archives.workbooks.answer import write_answer
from archives.workbooks.template import write_remainder, write_template

PASS = Path(__file__).parent / "should_pass"
MARK = Mark("record", "teacher", 2026, "教师")
COLUMNS = columns_of(Teacher, 2026)
NAMED = {"name": "张敏", "document_number": "410522197001010002"}
QUIET = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn"))
TEXT = st.text(_LETTERS, min_size=1, max_size=60).filter(lambda text: bool(text.strip()))
RISKY = st.builds(
    lambda mark, text: mark + text,
    st.sampled_from(["=", "+", "-", "@", "'=", "''+", "|", "_x0041_", '="a"']),
    TEXT,
)
VALUE = st.one_of(st.none(), TEXT, RISKY, st.integers(-(10**14), 10**14), st.booleans())
DAY = st.one_of(st.none(), st.dates(dt.date(1927, 6, 1), dt.date(2099, 12, 31)))


def back(path: Path, **more: Any) -> list[Row]:
    return list(read(path, name=path.name, columns=COLUMNS, mark=MARK, **more).rows)


def value_of(column: Column) -> st.SearchStrategy[Any]:
    if column.key in NAMED:
        return st.just(NAMED[column.key])
    return DAY if column.kind in ("date", "month") else VALUE


ROW = st.fixed_dictionaries(
    {ROW_KEY: st.one_of(st.none(), TEXT), **{one.key: value_of(one) for one in COLUMNS}}
)


@QUIET
@given(written=st.lists(ROW, min_size=1, max_size=5))
def test_what_is_written_comes_back(written: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    assert write_template(path, heading="填报表", columns=COLUMNS, mark=MARK, rows=written) == len(written)
    rows = back(path)
    assert [row.number for row in rows] == list(range(4, 4 + len(written)))
    assert [row.values for row in rows] == written


@QUIET
@given(written=st.lists(ROW, min_size=1, max_size=3))
def test_refused_rows_come_back_as_they_were(written: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "rest.xlsx"
    problem = Problem("phone", "联系电话应为 11 位手机号。请核对。", field="phone")
    refused = [(Row(7, values, "教师"), [problem]) for values in written]
    write_remainder(path, heading="待更正", columns=COLUMNS, mark=MARK, refused=refused)
    sheet = read(path, name=path.name, columns=COLUMNS, mark=MARK)
    assert [row.values for row in sheet.rows] == written
    assert sheet.notes == ()
    told = openpyxl.load_workbook(path).worksheets[0]
    assert told.cell(4, told.max_column).value == problem.message


@pytest.mark.req("AY-12")
def test_a_column_that_was_not_read_does_not_come_back_blank(tmp_path: Path) -> None:
    """Blank, it would clear what the record says when the mended rows are uploaded."""
    path = tmp_path / "rest.xlsx"
    values = {key: None for key in (ROW_KEY, *(one.key for one in COLUMNS)) if key not in ("post", "phone")}
    refused = [(Row(7, {**values, **NAMED, ROW_KEY: "1"}, "教师"), [Problem("x", "请核对。", field="name")])]
    write_remainder(path, heading="待更正", columns=COLUMNS, mark=MARK, refused=refused)
    sheet = read(path, name=path.name, columns=COLUMNS, mark=MARK)
    (row,) = sheet.rows
    assert "post" not in row.values
    assert "phone" in row.values  # required: blank, it clears nothing
    assert sheet.notes == ()


def test_a_roster_s_template_leads_to_its_own_page(tmp_path: Path) -> None:
    for mark, own, other in ((MARK, "“导入表格”", "“导入名册”"), (Mark(ROSTER), "“导入名册”", "“导入表格”")):
        path = tmp_path / f"{mark.kind}.xlsx"
        write_template(path, heading="表", columns=COLUMNS, mark=mark)
        book = openpyxl.load_workbook(path)
        told = "".join(str(cell.value or "") for cells in book["填写说明"].iter_rows() for cell in cells)
        assert own in told
        assert other not in told


def test_no_cell_of_ours_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|x", "＝1", "'=1"]
    rows = [{**NAMED, "title": text, UNIT: text} for text in risky]
    write_template(path, heading="=1+1", columns=COLUMNS, mark=MARK, rows=rows, units=risky)
    for sheet in openpyxl.load_workbook(path).worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                assert cell.data_type != "f"
                assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "|", "＝"))
    assert [row.values["title"] for row in back(path)] == risky


def test_the_template_offers_lists_and_keeps_numbers_as_text(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    write_template(path, heading="填报表", columns=COLUMNS, mark=MARK, units=["第一中学"])
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    heads = {cell.value: cell for cell in sheet[3]}
    lists = {
        str(one.sqref).split(":")[0].rstrip("0123456789") for one in sheet.data_validations.dataValidation
    }
    assert {
        heads["性别"].column_letter,
        heads["学历"].column_letter,
        heads["所属单位"].column_letter,
    } <= lists
    letter = heads["身份证号"].column_letter
    assert sheet.column_dimensions[letter].number_format == "@"
    assert heads["身份证号"].comment is not None
    assert [one.sheet_state for one in book.worksheets] == ["visible", "visible", "hidden", "veryHidden"]
    help_text = "".join(str(cell.value or "") for cells in book["填写说明"].iter_rows() for cell in cells)
    assert "上传证明材料" in help_text


def test_every_group_has_columns_that_lead_back_to_its_boxes() -> None:
    for occupation in registry:
        columns = columns_of(occupation, 2026)
        keys = [column.key for column in columns]
        assert len(keys) == len(set(keys))
        labels = [column.label for column in columns]
        assert len(labels) == len(set(labels)), occupation.code
        raw = raw_record(columns, {"name": "张敏", "document_number": "410522197001010002"})
        _, problems = occupation.parse(raw, stage="draft", year=2026)
        assert [one for one in problems if one.code == "unknown_field"] == []


CELL = st.one_of(
    st.none(), st.text(max_size=20), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.sampled_from([column.label for column in COLUMNS[:8]]), st.dates(dt.date(1900, 3, 1), dt.date(2100, 1, 1)),
)  # fmt: skip


@QUIET
@given(lines=st.lists(st.lists(CELL, max_size=8), max_size=8))
def test_any_grid_is_read_or_refused(lines: list[list[Any]], tmp_path: Path) -> None:
    path = tmp_path / "grid.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(lines):
            for place, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(row, place, value)
                elif isinstance(value, str):
                    sheet.write_string(row, place, value.encode("utf-8", "replace").decode())
                elif value is not None:
                    sheet.write(row, place, value)
    read_or_refused(path)
    text = tmp_path / "grid.csv"
    text.write_text("\n".join(",".join(str(value) for value in line) for line in lines), "utf-8", "replace")
    read_or_refused(text)


def read_or_refused(path: Path) -> None:
    try:
        rows = back(path)
    except Unreadable:
        return  # anything else fails the test
    assert rows
    for row in rows:
        Teacher.parse(raw_record(COLUMNS, row.values), stage="submit", year=2026)


@pytest.mark.parametrize(
    "name", ["plain.xlsx", "days.xls", "merged_employer.xlsx", "gbk.csv", "template.xlsx"]
)
def test_no_damage_crashes(name: str, tmp_path: Path) -> None:
    """Bytes changed, lost, doubled: the file is read or refused, and nothing else happens."""
    content, chance = (PASS / name).read_bytes(), random.Random(name)
    for number in range(100):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 1, 3, 20))):
            place = chance.randrange(len(damaged))
            if number % 4 == 0:
                del damaged[place : place + chance.randrange(1, 40)]
            else:
                damaged[place] = chance.randrange(256)
            if not damaged:
                break
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(bytes(damaged))
        read_or_refused(path)
        path.unlink()


@pytest.mark.parametrize("name", ["plain.xlsx", "template.xlsx", "cells_without_references.xlsx"])
def test_no_number_within_aborts_the_reader(name: str, tmp_path: Path) -> None:
    """Numbers within the parts made huge, in packages that are whole: sizes are doubted before they are believed."""
    chance, path = random.Random(name), tmp_path / "changed.xlsx"
    with zipfile.ZipFile(PASS / name) as package:
        parts = {one: package.read(one) for one in package.namelist()}
    for _ in range(60):
        changed = {one: bytearray(body) for one, body in parts.items()}
        body = changed[chance.choice([one for one in changed if one.startswith("xl/")])]
        place = chance.choice([at for at, byte in enumerate(body) if chr(byte).isdigit()])
        body[place : place + 1] = b"9" * chance.choice((3, 9, 27))
        with zipfile.ZipFile(path, "w") as out:
            for one, content in changed.items():
                out.writestr(one, bytes(content))
        read_or_refused(path)


def answered(tmp_path: Path, name: str) -> tuple[Any, list[Problem]]:
    source, target = PASS / name, tmp_path / "answer.xlsx"
    sheet = read(source, name=name, columns=COLUMNS, mark=MARK)
    row = next(sheet.rows)
    problems = [
        located(
            Problem(
                "document_check_digit", "身份证号校验码不对。请对照证件重新填写。", field="document_number"
            ),
            row,
            sheet,
        ),
        located(Problem("phone", "联系电话应为 11 位手机号。请核对。", field="phone"), row, sheet),
        located(
            Problem("age_unusual", "按证件号码，年龄不常见。请核对。", severity="warning", field="sex"),
            row,
            sheet,
        ),
        located(Problem("required", "请填写学历。", field="education"), row, sheet),
    ]
    write_answer(source, target, name=name, columns=COLUMNS, problems=problems)
    return openpyxl.load_workbook(target), problems


@pytest.mark.parametrize("name", ["title_rows.xlsx", "plain.xls", "gbk.csv", "other_sheet.xlsx"])
def test_the_answer_marks_cells_and_sums_up(name: str, tmp_path: Path) -> None:
    book, problems = answered(tmp_path, name)
    one = problems[0]
    cell = book[one.sheet][f"{one.column}{one.row}"]
    assert one.message in cell.comment.text
    assert cell.value == "410522197001010002"
    assert cell.fill.start_color.rgb.endswith("FAD4CF")
    amber = book[one.sheet][f"{problems[2].column}{one.row}"]
    assert amber.fill.start_color.rgb.endswith("FFF0C2")
    summary = book["汇总"]
    lines = [[cell.value for cell in cells] for cells in summary.iter_rows()]
    everything = "\n".join(str(value) for line in lines for value in line if value is not None)
    assert "共有 3 处需要更正，1 处请核对。" in everything
    assert "410522********0002" in everything
    assert "410522197001010002" not in everything
    assert "13800138000" not in everything
    assert "请填写学历。" in everything
    assert ("已另存为 .xlsx" in everything) == (not name.endswith(".xlsx"))
    assert ("图片、图表等图形可能没有保留" in everything) == name.endswith(".xlsx")


def test_the_answer_keeps_values_formats_and_other_sheets(tmp_path: Path) -> None:
    source, target = tmp_path / "own.xlsx", tmp_path / "answer.xlsx"
    book = openpyxl.load_workbook(PASS / "two_sheets.xlsx")
    book["Sheet1"]["A2"].font = openpyxl.styles.Font(bold=True, color="FF0000FF")
    book["Sheet1"].column_dimensions["B"].width = 31
    book.create_sheet("统计")["A1"] = "=1+1"
    book.save(source)
    sheet = read(source, name="own.xlsx", columns=COLUMNS)
    problems = [
        located(Problem("phone", "联系电话不对。请核对。", field="phone"), row, sheet) for row in sheet.rows
    ]
    assert [problem.column for problem in problems] == ["D", "B"]
    write_answer(source, target, name="own.xlsx", columns=COLUMNS, problems=problems)
    kept = openpyxl.load_workbook(target)
    assert kept.sheetnames == ["Sheet1", "Sheet2", "统计", "汇总"]
    assert kept["统计"]["A1"].value == "=1+1"
    assert (kept["Sheet1"]["A2"].font.b, kept["Sheet1"].column_dimensions["B"].width) == (True, 31)
    assert kept["Sheet2"]["B2"].comment is not None
    before = [[cell.value for cell in cells] for cells in book["Sheet1"].iter_rows()]
    assert [[cell.value for cell in cells] for cells in kept["Sheet1"].iter_rows()] == before
    again = io.BytesIO(target.read_bytes())
    assert openpyxl.load_workbook(again)["汇总"].sheet_state == "visible"
    answer_read = read(target, name="answer.xlsx", columns=COLUMNS)
    assert [row.values for row in answer_read.rows] == [row.values for row in sheet.rows]
