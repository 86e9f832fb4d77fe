"""Columns: what stands in a workbook, derived from the schema. They say where a value goes, not whether it is right."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from archives.schema.fields import Choice, Field
from archives.schema.occupations import Occupation
from archives.schema.special_fields import Choices
from archives.schema.standing import ADVERSE_FIELDS
from archives.workbooks.words import ALIASES

ROW_KEY = "row_key"
"""Key of the column that names the archive of a row we had filled in."""
UNIT = "unit"
"""Key of the column 所属单位."""

_FIRST = ("name", "document_type", "document_number")
_WIDTHS = {
    "name": 10,
    "identifier": 22,
    "phone": 15,
    "date": 13,
    "month": 13,
    "choice": 14,
    "count": 10,
    "amount": 12,
}
_WIDEST = 36


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is unique in its list; `section` and `field` say which box of the record it is ("": none).

    `label` heads it, `aliases` are other headings that mean it. `kind` is the kind of the field (`Field.kind`); by it
    reading knows dates and numbers of documents. `choices` are offered, not enforced; `width` counts characters;
    `note` is the remark at the heading; `required` that somebody will ask for it, not that reading refuses a blank.
    """

    key: str
    section: str
    field: str
    label: str
    aliases: tuple[str, ...] = ()
    kind: str = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    width: int = 14
    note: str = ""


ROSTER = "roster"
"""The kind of a workbook that lists who should have an archive."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """What a workbook of ours says about itself on its hidden sheet.

    `kind`: "record", `ROSTER` …; `digest`: of the columns it was made with (`digest_of`), so that an older template
    is recognised.
    """

    kind: str
    occupation: str = ""
    year: int = 0
    label: str = ""
    digest: str = ""


UNIT_COLUMN = Column(
    UNIT, "", "", "所属单位", ALIASES["unit"], "unit", width=24, note="单位的全称，与系统中的一致。"
)
ROW_KEY_COLUMN = Column(
    ROW_KEY,
    "",
    "",
    "系统编号",
    ("系统编号（请勿改动）",),
    "row_key",
    width=12,
    note="系统据此找到本人的档案，请勿改动；新增人员留空。",
)


def columns_of(occupation: type[Occupation], year: int) -> list[Column]:
    """Return the columns of a group's yearly form: 姓名, 证件类型, 证件号码, 所属单位, then every box
    that is filled in. The row key is not among them: `write_template` and `read` add it by themselves."""
    boxes = {
        field.name: _column(section_name, field)
        for section_name, section in occupation.sections.items()
        if not section.repeats
        for field in section.fields.values()
        if not field.computed and field.applies_in(year)
    }
    first = [boxes.pop(name) for name in _FIRST if name in boxes]
    return [*first, UNIT_COLUMN, *boxes.values()]


def raw_record(columns: Sequence[Column], values: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Return the scalars of a row by section and field, as `Occupation.parse` takes them."""
    raw: dict[str, dict[str, object]] = {}
    for column in columns:
        if column.section:
            raw.setdefault(column.section, {})[column.field] = values.get(column.key)
    return raw


def digest_of(columns: Sequence[Column]) -> str:
    """Return what tells two lists of columns apart: 16 hexadecimal digits."""
    told = "\n".join(f"{column.key}\t{column.label}\t{'|'.join(column.choices)}" for column in columns)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def box_column(field: Field[Any]) -> Column:
    """Return the column of one box of a dated fact."""
    return _column("", field)


def _column(section: str, field: Field[Any]) -> Column:
    return Column(
        key=field.name,
        section=section,
        field=field.name,
        label=field.label,
        aliases=ALIASES.get(field.name, ()),
        kind=field.kind,
        choices=_choices(field),
        required=field.required_at is not None and field.default is None,
        width=min(max(_WIDTHS.get(field.kind, 16), 2 * len(field.label) + 2), _WIDEST),
        note=_note(field),
    )


def _choices(field: Field[Any]) -> tuple[str, ...]:
    if not isinstance(field, Choice) or isinstance(field, Choices):
        return ()
    return tuple(label for _, group in field.codes.groups() for _, label in group)


_HOW = {
    "date": "按“2026-03-05”的样式填写。",
    "month": "写到年和月，按“2008-09”的样式填写。",
    "identifier": "请按文本填写，不要让表格把它变成数字。",
    "choice": "请从下拉列表中选择。",
    "determination": "请从下拉列表中选择；不填的，按“守信”。",
    "choices": "可填几项，用“；”隔开。",
    "count": "只填数字。",
    "amount": "只填数字，可带小数。",
}


def _note(field: Field[Any]) -> str:
    parts = [f"{field.help.rstrip('。')}。" if field.help else "", _HOW.get(field.kind, "")]
    if field.name in ADVERSE_FIELDS:
        parts.append("只在信用状况不是“守信”时填写，并须在系统中上传证明材料后才能提交。")
    elif field.required_at is None and "没有的留空" not in field.help:
        parts.append("没有的可不填。")
    return "".join(parts)
