"""Makes the files of `should_pass` and `should_fail`, each with its expected outcome beside it as JSON.

`python -m tests.workbooks.make`, once, in an environment that also has xlwt and msoffcrypto-tool (no part of this
project: they write what we only read). What is expected is written down here by hand, never taken from the reader.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import xlsxwriter
import xlwt

from agencies.education.occupations import Teacher
from archives.workbooks import Mark, columns_of
from archives.workbooks.template import write_template

HERE = Path(__file__).parent
PASS, FAIL = HERE / "should_pass", HERE / "should_fail"
YEAR = 2026
N1, N2, N3 = "410522197001010002", "41052219700106000X", "410522197001030003"
HEAD = ["姓名", "身份证号", "性别", "联系电话", "工作单位"]
KEYS = ["name", "document_number", "sex", "phone", "employer"]
R1 = ["张敏", N1, "女", "13800138000", "第一中学"]
R2 = ["李强", N2, "男", "13800138001", "第一中学"]
R3 = ["买买提·艾力", N3, "男", "0372-2600000", "第二中学"]
Outcome = dict[str, Any]


def rows(*numbered: tuple[int, list[Any]], keys: list[str] = KEYS) -> list[Any]:
    return [[number, dict(zip(keys, values, strict=True))] for number, values in numbered]


def passes(name: str, content: bytes, expected: list[Any], *notes: str, **more: Any) -> None:
    """`refused`: row and code of what is turned away once it is judged; whoever is not named there would be new."""
    _put(PASS / name, content, {"rows": expected, "notes": list(notes), **more})


def fails(name: str, content: bytes, code: str, **more: Any) -> None:
    _put(FAIL / name, content, {"code": code, **more})


def _put(path: Path, content: bytes, outcome: Outcome) -> None:
    path.write_bytes(content)
    text = json.dumps(outcome, ensure_ascii=False, indent=1)
    path.with_name(f"{path.name}.json").write_text(f"{text}\n", encoding="utf-8")


def xlsx(fill: Callable[[Any, Any], None], *more: Callable[[Any, Any], None]) -> bytes:
    """A workbook by XlsxWriter; each function fills one sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": dt.datetime(2026, 1, 1)})
    for number, one in enumerate((fill, *more), 1):
        one(book.add_worksheet(f"Sheet{number}"), book)
    book.close()
    return out.getvalue()


def grid(*lines: list[Any], at: int = 0, left: int = 0) -> Callable[[Any, Any], None]:
    """Lines of texts and numbers from a row and column on; None is left out."""

    def fill(sheet: Any, book: Any) -> None:
        for number, line in enumerate(lines, at):
            for place, value in enumerate(line, left):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(number, place, value, book.add_format({"num_format": "yyyy/m/d"}))
                elif value is not None:
                    sheet.write(number, place, value)

    return fill


def also(*fills: Callable[[Any, Any], Any]) -> Callable[[Any, Any], None]:
    def fill(sheet: Any, book: Any) -> None:
        for one in fills:
            one(sheet, book)

    return fill


def text(*lines: list[Any], encoding: str = "utf-8", mark: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode(encoding)


def xls(*lines: list[Any], more: Callable[[Any, Any], None] | None = None) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("教师")
    for number, line in enumerate(lines):
        for place, value in enumerate(line):
            style = (
                xlwt.easyxf(num_format_str="yyyy-mm-dd")
                if isinstance(value, dt.date)
                else xlwt.Style.default_style
            )
            if value is not None:
                sheet.write(number, place, value, style)
    if more:
        more(sheet, book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes], **added: bytes) -> bytes:
    """The package with one part changed and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            body = old.read(info)
            new.writestr(info.filename, change(body) if info.filename == part else body)
        for name, body in added.items():
            new.writestr(name, body)
    return out.getvalue()


def template(mark: Mark, occupation: Any = Teacher, filled: list[dict[str, Any]] | None = None) -> bytes:
    path = HERE / "made.xlsx"
    columns = columns_of(occupation, mark.year)
    write_template(path, heading="填报表", columns=columns, mark=mark, rows=filled or [], units=["第一中学"])
    content = path.read_bytes()
    path.unlink()
    return content


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = xlsx(grid(HEAD, R1, R2))
BOTH = rows((2, R1), (3, R2))
T_KEYS = [*KEYS, "practice_since"]
T_HEAD = [*HEAD, "从业起始时间"]
D_KEYS, D_HEAD = [*KEYS, "acted_on"], [*HEAD, "行为发生日期"]


def make_headers() -> None:
    passes("plain.xlsx", PLAIN, BOTH)
    passes(
        "title_rows.xlsx",
        xlsx(grid(["2026年教师信用信息采集表"], ["填报单位：第一中学"], [], HEAD, R1)),
        rows((5, R1)),
    )
    passes(
        "starts_at_d7.xlsx",
        xlsx(grid(HEAD, R1, at=6, left=3)),
        rows((8, R1)),
        letters={"name": "D", "sex": "F"},
    )
    passes("columns_moved.xlsx", xlsx(grid(HEAD[::-1], R1[::-1])), rows((2, R1)), letters={"name": "E"})
    aliases = ["人员姓名", "公民身份号码", "性别（男/女）", "手机号码", "单位名称"]
    passes("columns_renamed.xlsx", xlsx(grid(aliases, R1)), rows((2, R1)))
    ragged = ["姓  名*", "身份证\n号 码", "性 别：", "联系电话（必填）", "【必填】工作单位"]
    passes("headings_with_marks.xlsx", xlsx(grid(ragged, R1)), rows((2, R1)))
    more = ["序号", *HEAD, "特长", "籍贯"]
    passes("extra_columns.xlsx", xlsx(grid(more, [1, *R1, "书法", "安阳"])), rows((2, R1)), "columns_ignored")

    def two_rows(sheet: Any, book: Any) -> None:
        sheet.merge_range(0, 0, 1, 0, "姓名")
        sheet.merge_range(0, 1, 0, 3, "基本信息")
        sheet.merge_range(0, 4, 1, 4, "工作单位")
        for place, label in enumerate(HEAD[1:4], 1):
            sheet.write(1, place, label)
        grid(R1, R2, at=2)(sheet, book)

    passes("two_rows_of_headings.xlsx", xlsx(two_rows), rows((3, R1), (4, R2)))
    passes("headings_repeated_for_print.xlsx", xlsx(grid(HEAD, R1, HEAD, R2)), rows((2, R1), (4, R2)))
    ending = [["填表人：王芳"], ["合计", "2人"], [None, "审核人："]]
    passes("signatures_below.xlsx", xlsx(grid(HEAD, R1, R2, [], *ending)), BOTH)
    few = xlsx(grid(["姓名", "证件号码"], [R1[0], N1]))
    passes("two_columns_only.xlsx", few, rows((2, R1[:2]), keys=KEYS[:2]), "columns_absent")
    preferred = xlsx(grid(["姓名", "身份证号", "工作单位", "单位"], ["张敏", N1, "第一中学", "甲"]))
    passes(
        "label_beats_alias.xlsx",
        preferred,
        rows((2, ["张敏", N1, "第一中学"]), keys=["name", "document_number", "employer"]),
    )


def make_values() -> None:
    wide = ["张敏", "４１０５２２１９７００１０１０００２", "女", "１３８００１３８０００", "第一中学"]
    passes("full_width_digits.xlsx", xlsx(grid(HEAD, wide)), rows((2, wide)))
    untidy = [" 张 敏 ", f" {N1[:6]} {N1[6:]}\n", "女", "138 0013\n8000", "第一\n中学"]
    passes("blanks_and_breaks.xlsx", xlsx(grid(HEAD, untidy)), rows((2, untidy)))
    passes(
        "phone_as_number.xlsx",
        xlsx(grid(HEAD, [*R1[:3], 13800138000, R1[4]])),
        rows((2, [*R1[:3], 13800138000, R1[4]])),
    )
    quoted = [R1[0], f"'{N1}", *R1[2:]]
    passes("apostrophe_before_number.xlsx", xlsx(grid(HEAD, quoted)), rows((2, quoted)))
    days: list[Any] = ["2025.9.8", "2025年9月8日", "20250908", "2025/9/8", "2025-09-08", 20250908]
    lines = [[*R1, day] for day in days]
    passes(
        "days_as_text.xlsx",
        xlsx(grid(D_HEAD, *lines)),
        rows(*enumerate(lines, 2), keys=D_KEYS),
        refused=[[number, "upload_twice"] for number in range(3, 8)],
    )
    serials = xlsx(grid(D_HEAD, [*R1, dt.date(2025, 9, 8)], [*R2, 45908], [*R3, "45908"]))
    told = [[*one, "2025-09-08"] for one in (R1, R2, R3)]
    passes("days_as_serials.xlsx", serials, rows(*enumerate(told, 2), keys=D_KEYS))
    from_1904 = changed(
        xlsx(grid(D_HEAD, [*R1, 44446])), "xl/workbook.xml",
        lambda body: body.replace(b"<workbookPr ", b'<workbookPr date1904="1" '),
    )  # fmt: skip
    passes("days_from_1904.xlsx", from_1904, rows((2, told[0]), keys=D_KEYS))
    months: list[Any] = ["2008年9月", "2008/9", 200809, dt.date(2008, 9, 1), 39692]
    read_as: list[Any] = ["2008年9月", "2008/9", 200809, "2008-09-01", "2008-09-01"]
    passes(
        "months.xlsx",
        xlsx(grid(T_HEAD, *([*R1, month] for month in months))),
        rows(*((number, [*R1, month]) for number, month in enumerate(read_as, 2)), keys=T_KEYS),
        refused=[[number, "upload_twice"] for number in range(3, 7)],
    )

    def formulas(sheet: Any, book: Any) -> None:
        grid(HEAD, [*R1[:4]])(sheet, book)
        sheet.write_formula(1, 4, '="第一"&"中学"', None, "第一中学")

    passes("formula_with_value.xlsx", xlsx(formulas), rows((2, R1)))

    def empty_formula(sheet: Any, book: Any) -> None:
        grid([*HEAD, "备注"], R1)(sheet, book)
        sheet.write_formula(1, 5, '=IF(A2="","无","")', None, "")

    as_excel = changed(xlsx(empty_formula), SHEET, lambda body: body.replace(b'r="F2"', b'r="F2" t="str"'))
    passes("formula_with_empty_value.xlsx", as_excel, rows((2, R1)))

    def beside(sheet: Any, book: Any) -> None:
        grid([*HEAD, "工龄计算"], R1)(sheet, book)

    uncomputed = changed(
        xlsx(beside), SHEET,
        lambda body: body.replace(b"</row></sheetData>", b'<c r="F2"><f>1+1</f></c></row></sheetData>'),
    )  # fmt: skip
    passes("formula_in_foreign_column.xlsx", uncomputed, rows((2, R1)), "columns_ignored")
    danger = [*R1[:4], "=HYPERLINK(1)"]
    passes("text_like_formula.xlsx", xlsx(grid(HEAD, danger)), rows((2, danger)))
    error = xlsx(
        also(grid(HEAD, R1[:4]), lambda sheet, book: sheet.write_formula(1, 4, "=NA()", None, "#N/A"))
    )
    passes("error_value.xlsx", error, rows((2, [*R1[:4], "#N/A"])), refused=[[2, "excel_error"]])
    lost = xlsx(grid(HEAD, R1, [R2[0], 410522197001020000.0, *R2[2:]]))
    passes(
        "one_number_lost.xlsx",
        lost,
        rows((2, R1), (3, [R2[0], int(410522197001020000.0), *R2[2:]])),
        refused=[[3, "number_lost"]],
    )
    rare = ["𠮷野·䶮", N1, "女", "13800138000", "\u200b第一中学"]
    passes("rare_characters.xlsx", xlsx(grid(HEAD, rare)), rows((2, rare)))
    flags = xlsx(grid(HEAD, [*R1[:4], True]))
    passes("truth_value.xlsx", flags, rows((2, [*R1[:4], True])), refused=[[2, "type"]])
    passes(
        "escaped_character.xlsx",
        xlsx(grid(HEAD, [*R1[:4], "甲_x000D_乙"])),
        rows((2, [*R1[:4], "甲_x000D_乙"])),
    )


def make_sheets() -> None:
    def merged(sheet: Any, book: Any) -> None:
        grid(HEAD, R1[:4], R2[:4], R3)(sheet, book)
        sheet.merge_range(1, 4, 2, 4, "第一中学")

    passes("merged_employer.xlsx", xlsx(merged), rows((2, R1), (3, R2), (4, R3)), "cells_merged")

    def across(sheet: Any, book: Any) -> None:
        sheet.merge_range(0, 0, 0, 4, "教师名册")
        grid(HEAD, R1, at=1)(sheet, book)

    passes("merged_title.xlsx", xlsx(across), rows((3, R1)))
    hide = lambda sheet, book: sheet.set_row(2, None, None, {"hidden": True})  # noqa: E731
    passes("hidden_row.xlsx", xlsx(also(grid(HEAD, R1, R2), hide)), BOTH, "rows_hidden")

    def filtered(sheet: Any, book: Any) -> None:
        grid(HEAD, R1, R2, R3)(sheet, book)
        sheet.autofilter(0, 0, 3, 4)
        sheet.filter_column(4, "x == 第二中学")
        for row in (1, 2):
            sheet.set_row(row, None, None, {"hidden": True})

    passes("filtered.xlsx", xlsx(filtered), rows((2, R1), (3, R2), (4, R3)), "rows_hidden")
    narrow = lambda sheet, book: sheet.set_column(2, 2, None, None, {"hidden": True})  # noqa: E731
    passes("hidden_column.xlsx", xlsx(also(grid(HEAD, R1), narrow)), rows((2, R1)))
    veiled = xlsx(grid(HEAD, R1), also(grid(HEAD, R2), lambda sheet, book: sheet.hide()))
    passes("hidden_sheet.xlsx", veiled, rows((2, R1)), "sheets_hidden")
    passes(
        "other_sheet.xlsx",
        xlsx(grid(["说明", "请如实填写"]), grid(HEAD, R1)),
        rows((2, R1)),
        "sheets_ignored",
    )
    passes(
        "two_sheets.xlsx",
        xlsx(grid(HEAD, R1), grid(HEAD[::-1], R2[::-1])),
        rows((2, R1), (2, R2)),
        "sheets_several",
    )

    def formatted(sheet: Any, book: Any) -> None:
        grid(HEAD, R1, R2)(sheet, book)
        border = book.add_format({"border": 1})
        for row in range(3, 1500):
            for place in range(5):
                sheet.write_blank(row, place, None, border)
        sheet.write_blank(1_048_575, 16_383, None, border)

    passes("trailing_formatted_rows.xlsx", xlsx(formatted), BOTH)
    passes("blank_rows_between.xlsx", xlsx(grid(HEAD, R1, [], ["  "], R2)), rows((2, R1), (5, R2)))
    passes("named_xls_is_xlsx.xls", PLAIN, BOTH)
    pretty = changed(
        PLAIN, SHEET, lambda body: body.replace(b"<c ", b"\n  <c\n  ").replace(b"<row ", b"\n<row ")
    )
    passes("strange_spacing.xlsx", pretty, BOTH)
    bare = changed(PLAIN, SHEET, _without_references)
    passes("cells_without_references.xlsx", bare, BOTH)
    book = openpyxl.Workbook()
    for line in (HEAD, R1, R2):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    passes("by_openpyxl.xlsx", out.getvalue(), BOTH)


def _without_references(body: bytes) -> bytes:
    return re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", body)


def make_texts() -> None:
    passes("utf8.csv", text(HEAD, R1, R2), BOTH)
    passes("utf8_bom.csv", text(HEAD, R1, R2, encoding="utf-8-sig"), BOTH)
    passes("gbk.csv", text(HEAD, R1, R2, encoding="gbk"), BOTH)
    passes("gb18030.csv", text(HEAD, ["𠮷䶮", *R1[1:]], encoding="gb18030"), rows((2, ["𠮷䶮", *R1[1:]])))
    passes("unicode_text.txt", text(HEAD, R1, R2, encoding="utf-16", mark="\t"), BOTH)
    passes("semicolons.csv", text(HEAD, R1, mark=";"), rows((2, R1)))
    broken = [*R1[:4], "第一\n中学"]
    passes(
        "breaks_in_values.csv",
        text(["教师名册", "", "", "", ""], HEAD, broken, R2),
        rows((3, broken), (4, R2)),
    )
    wrapped = text(HEAD, ["张敏", f'="{N1}"', *R1[2:]], ["李强", f"\t{N2}", *R2[2:]])
    passes("numbers_kept_as_text.csv", wrapped, rows((2, R1), (3, ["李强", f"\t{N2}", *R2[2:]])))
    passes(
        "days.csv",
        text(D_HEAD, [*R1, "45908"], [*R2, "2025/9/8"]),
        rows((2, [*R1, "2025-09-08"]), (3, [*R2, "2025/9/8"]), keys=D_KEYS),
    )
    passes("short_lines.csv", text(HEAD, R1[:2], R2), rows((2, [*R1[:2], None, None, None]), (3, R2)))


def make_old_workbooks() -> None:
    passes("plain.xls", xls(HEAD, R1, R2), BOTH)
    passes("named_xlsx_is_xls.xlsx", xls(HEAD, R1), rows((2, R1)))
    passes(
        "title_and_number.xls",
        xls(["教师名册"], [], HEAD, [*R1[:3], 13800138000, R1[4]]),
        rows((4, [*R1[:3], 13800138000, R1[4]])),
    )
    passes(
        "days.xls",
        xls(D_HEAD, [*R1, dt.date(2025, 9, 8)], [*R2, 45908]),
        rows((2, [*R1, "2025-09-08"]), (3, [*R2, "2025-09-08"]), keys=D_KEYS),
    )
    merge = lambda sheet, book: sheet.write_merge(1, 2, 4, 4, "第一中学")  # noqa: E731
    passes("merged.xls", xls(HEAD, R1[:4], R2[:4], more=merge), BOTH, "cells_merged")

    def veiled(sheet: Any, book: Any) -> None:
        other = book.add_sheet("旧")
        other.write(0, 0, "姓名")
        other.visibility = 1

    passes("hidden_sheet.xls", xls(HEAD, R1, more=veiled), rows((2, R1)), "sheets_hidden")


def make_templates() -> None:
    mark = Mark("record", "teacher", YEAR, "教师")
    known = {
        "row_key": "0190f1c0-0000-7000-8000-000000000001",
        "name": "张敏",
        "document_number": "410522********0002",
    }
    made = [*known.items()]
    keys, values = [key for key, _ in made], [value for _, value in made]
    strange = [[4, "upload_key"]]  # of an archive that is not there
    passes("template.xlsx", template(mark, filled=[known]), rows((4, values), keys=keys), refused=strange)
    old = template(mark, filled=[known])
    older = changed(old, "xl/worksheets/sheet3.xml", lambda body: body)
    passes("template_saved_again.xlsx", _resaved(older), rows((4, values), keys=keys), refused=strange)
    fails(
        "template_of_lawyers.xlsx",
        template(Mark("record", "lawyer", YEAR, "律师"), filled=[known]),
        "template_other_group",
        says="律师",
    )
    fails(
        "template_of_last_year.xlsx",
        template(Mark("record", "teacher", YEAR - 1, "教师"), filled=[known]),
        "template_other_year",
        says="2025",
    )
    fails(
        "template_of_a_roster.xlsx",
        template(Mark("roster", "teacher", YEAR, "教师"), filled=[known]),
        "template_other_kind",
        says="名册",
    )
    fails("template_not_filled_in.xlsx", template(mark), "sheet_no_rows", says="第 4 行")


def _resaved(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_refused() -> None:
    fails("nothing.xlsx", b"", "empty_file", says="0 字节")
    fails("blank_sheet.xlsx", xlsx(grid([])), "sheet_blank")

    def border(sheet: Any, book: Any) -> None:
        for row in range(50):
            sheet.write_blank(row, 0, None, book.add_format({"border": 1}))

    fails("formats_only.xlsx", xlsx(border), "sheet_blank", says="空白单元格")
    fails(
        "only_hidden_sheet.xlsx",
        xlsx(grid([]), also(grid(HEAD, R1), lambda s, b: s.hide())),
        "sheet_blank",
        says="隐藏",
    )
    fails("headings_only.xlsx", xlsx(grid(HEAD)), "sheet_no_rows", says="第 2 行")
    fails("no_headings.xlsx", xlsx(grid(R1, R2)), "sheet_no_header", says="标题行")
    fails(
        "without_number.xlsx",
        xlsx(grid(["姓名", "性别"], ["张敏", "女"])),
        "sheet_column_missing",
        says="身份证号",
    )
    fails(
        "number_twice.xlsx",
        xlsx(grid([*HEAD, "身份证号"], [*R1, N2])),
        "sheet_column_twice",
        says="B 列和 F 列",
    )
    locked = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(PLAIN)).encrypt("secret", locked)
    fails("password.xlsx", locked.getvalue(), "file_encrypted", says="密码")
    fails("cut_off.xlsx", PLAIN[: len(PLAIN) // 2], "file_damaged")
    fails("broken_sheet.xlsx", changed(PLAIN, SHEET, lambda body: body[: len(body) // 2]), "file_damaged")
    fails("part_missing.xlsx", _without(PLAIN, "xl/workbook.xml"), "file_damaged")
    fails("cut_off.xls", xls(HEAD, R1)[:600], "file_damaged")
    png = b"\x89PNG\r\n\x1a\n" + bytes(200)
    fails("picture.xlsx", png, "file_picture", says="图片")
    fails("photo.xls", b"\xff\xd8\xff\xe0" + bytes(200), "file_picture")
    fails("paper.xlsx", b"%PDF-1.7\n" + bytes(200), "file_format", says="PDF")
    fails(
        "web_page.xls",
        "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode(),
        "file_web_page",
        says="网页",
    )
    fails("mail_page.xls", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n", "file_web_page")
    fails(
        "xml_table.xls",
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "file_format",
        says="XML",
    )
    vba = changed(PLAIN, "", lambda body: body, **{"xl/vbaProject.bin": b"x"})
    fails("macros.xlsm", vba, "file_macros", says="宏")
    fails("macros_renamed.xlsx", vba, "file_macros")
    fails(
        "letter.xlsx",
        changed(_without(PLAIN, "xl/workbook.xml"), "", lambda b: b, **{"word/document.xml": b"<x/>"}),
        "file_format",
        says="Word",
    )
    fails("folder.xlsx", _zip({"名册.txt": b"x"}), "file_format", says="解压")
    fails("archive.xlsx", b"Rar!\x1a\x07\x00" + bytes(100), "file_format", says="解压")
    fails(
        "numbers_lost.xlsx",
        xlsx(grid(HEAD, [R1[0], 4.10522e17, *R1[2:]], [R2[0], 4.10522e17, *R2[2:]])),
        "sheet_numbers_lost",
        says="4.10522E+17",
    )
    fails("numbers_lost.csv", text(HEAD, [R1[0], "4.10522E+17", *R1[2:]]), "sheet_numbers_lost", says="B 列")
    never = changed(
        xlsx(grid(HEAD, R1)),
        SHEET,
        lambda body: body.replace(
            b"</row></sheetData>",
            b'</row><row r="3"><c r="A3"><f>A2</f></c><c r="B3"><f>B2</f><v></v></c></row></sheetData>',
        ),
    )
    fails("formulas_never_computed.xlsx", never, "sheet_formulas", says="A3、B3")
    far = xlsx(also(grid(HEAD, R1), lambda sheet, book: sheet.write(1_048_575, 16_383, "x")))
    fails("stray_far_away.xlsx", far, "sheet_too_wide", says="1,048,576")
    fails(
        "undecodable.csv", "姓名,身份证号\r\n".encode() + b"\xff\xff\x80,1\r\n", "file_encoding", says="编码"
    )
    fails("noughts.csv", b"\x00" * 500, "file_damaged")
    fails("prose.csv", "今天天气很好。\n我们去春游。\n".encode(), "sheet_no_header")


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return out.getvalue()


def _without(content: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        return _zip({name: old.read(name) for name in old.namelist() if name != part})


def main() -> None:
    """Make all files anew."""
    for place in (PASS, FAIL):
        place.mkdir(exist_ok=True)
        for path in place.iterdir():
            path.unlink()
    for make in (
        make_headers,
        make_values,
        make_sheets,
        make_texts,
        make_old_workbooks,
        make_templates,
        make_refused,
    ):
        make()
    print(len(list(PASS.glob("*.json"))), "pass,", len(list(FAIL.glob("*.json"))), "fail")


if __name__ == "__main__":
    main()
