"""Workbooks that go out: a template to be filled in, and the refused rows to be uploaded again.

A template holds no whole document number: who has an archive stands there with its key and a masked number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from archives.schema.problems import Problem
from archives.schema.standing import ADVERSE_FIELDS
from archives.workbooks.columns import ROSTER, ROW_KEY, ROW_KEY_COLUMN, Column, Mark, digest_of
from archives.workbooks.marks import HELP_SHEET
from archives.workbooks.reading import Row
from archives.workbooks.writing import TableWriter

PROBLEM_COLUMN = Column("problems", "", "", "需要更正的问题", kind="problems", width=48)
_HINT = "黄色标题为必填，鼠标停在标题上可看填写要求；下拉列表中有的请选择，不要改动标题行。"
_OURS = (ROW_KEY, "name", "document_type", "document_number")

_ROWS = "一人一行，从第 4 行起填写。不要改动标题行，不要合并单元格；不需要的列可以留空。"
_AS_TEXT = "证件号码一列已设为文本格式。从别处粘贴时请选“只粘贴值”，避免号码变成 4.10522E+17 而丢失末尾几位。"
_UPLOAD = "填写后保存，到系统“{page}”页面上传。上传后先看到将要发生的变化，确认后才写入。"
_SAFE = "表中有个人信息，请妥善保管，不要通过公共网盘或群聊传送，用完删除。"
_KNOWN = (
    "灰色的行是已有档案的人员：系统编号、姓名和隐去几位的证件号码用来核对本人，请勿改动，其余各栏照实更新。",
    "新增人员写在已有人员下面：系统编号留空，证件号码填写完整。",
)
_NOBODY = "系统编号一列留空；证件号码填写完整。已在名册上的人员再写一遍不会重复，所属单位有变动的照新的填写。"
_ADVERSE = (
    "信用状况一般为“守信”，可不填。认定为“存在警示行为”或“存在严重失信行为”的，须填写经查实的行为、依据文书等栏，"
    "导入后成为草稿，在系统中上传证明材料、办完告知和陈述申辩后才能提交。没有文书的不能认定。"
)


def write_template(
    target: Path,
    *,
    heading: str,
    columns: Sequence[Column],
    mark: Mark,
    rows: Iterable[Mapping[str, Any]] = (),
    units: Sequence[str] = (),
) -> int:
    """Write a workbook to be filled in, and return how many rows it has.

    `rows` are values by key, as `Field.cell` gives them; who has an archive stands there with its key under `ROW_KEY`
    and a masked number. `units` are offered for 所属单位. The mark gets the digest of the columns.
    """
    marked = dataclasses.replace(mark, digest=digest_of(columns))
    with TableWriter(target, heading=heading, hint=_HINT, columns=_with_key(columns), mark=marked) as table:
        for values in rows:
            table.write(values, ours=_OURS if values.get(ROW_KEY) else ())
        _write_help(table, columns, mark)
        table.finish(units)
        return table.rows


def write_remainder(
    target: Path,
    *,
    heading: str,
    columns: Sequence[Column],
    mark: Mark,
    refused: Sequence[tuple[Row, Sequence[Problem]]],
    units: Sequence[str] = (),
) -> int:
    """Write the refused rows as they came, wrong cells coloured, what to mend in the last column; return how many.

    The workbook may be uploaded again when it is mended. An optional column that none of the rows came with is left
    out: blank, it would clear what the record says.
    """
    marked = dataclasses.replace(mark, digest=digest_of(columns))
    there = {key for row, _ in refused for key in row.values}
    shown = _with_key([one for one in columns if one.required or one.key in there])
    keys = {column.field or column.key: column.key for column in shown}
    hint = "这些行没有导入。请按最后一列的说明更正标红的单元格，保存后重新上传；最后一列不会被读取。"
    with TableWriter(
        target, heading=heading, hint=hint, columns=[*shown, PROBLEM_COLUMN], mark=marked
    ) as table:
        for row, problems in refused:
            wrong = {keys[problem.field] for problem in problems if problem.field in keys}
            told = "\n".join(dict.fromkeys(problem.message for problem in problems))
            table.write({**row.values, PROBLEM_COLUMN.key: told}, wrong=wrong)
        _write_help(table, columns, mark)
        table.finish(units)
        return table.rows


def _with_key(columns: Sequence[Column]) -> list[Column]:
    return [ROW_KEY_COLUMN, *(column for column in columns if column.key != ROW_KEY)]


def _write_help(table: TableWriter, columns: Sequence[Column], mark: Mark) -> None:
    sheet = table.book.add_worksheet(HELP_SHEET)
    for at, width in enumerate((22, 10, 60, 60)):
        sheet.set_column(at, at, width)
    row = 0
    sheet.write_string(row, 0, HELP_SHEET, table.title)
    for number, line in enumerate(_lines(columns, mark), 1):
        row += 1
        sheet.merge_range(row, 0, row, 3, f"{number}. {line}", table.plain)
        sheet.set_row(row, 32)
    row += 2
    for at, label in enumerate(("栏目", "是否必填", "怎么填", "可以填写的内容")):
        sheet.write_string(row, at, label, table.optional)
    for column in columns:
        row += 1
        sheet.write_string(row, 0, column.label, table.plain)
        sheet.write_string(row, 1, "必填" if column.required else "选填", table.plain)
        sheet.write_string(row, 2, column.note, table.plain)
        sheet.write_string(row, 3, "、".join(column.choices), table.plain)


def _lines(columns: Sequence[Column], mark: Mark) -> list[str]:
    if mark.kind == ROSTER:
        return [_ROWS, _NOBODY, _AS_TEXT, _UPLOAD.format(page="导入名册"), _SAFE]
    lines = [_ROWS, *_KNOWN, _AS_TEXT, _UPLOAD.format(page="导入表格"), _SAFE]
    adverse = any(column.field in ADVERSE_FIELDS for column in columns)
    return [*lines, _ADVERSE] if adverse else lines
