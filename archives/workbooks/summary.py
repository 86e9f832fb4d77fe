"""What is told about a whole workbook: problems grouped by kind with counts, then one by one, values masked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from archives.schema.identifiers import mask
from archives.schema.problems import Problem
from archives.workbooks.cells import Scalar, plain
from archives.workbooks.columns import Column

Place = tuple[str, int, str]
"""Sheet, row, column letter."""
MOST_LISTED = 5000
HEADS = ("汇总", "问题种类", "工作表")
"""What the rows of headings on the summary begin with."""
_MASKED_KINDS = ("identifier", "phone")
_LONG_NUMBER = re.compile("[0-9]{7,}[Xx]?")
_SENTENCE = re.compile("[^。]*。?")
_MOST_SHOWN = 60


@dataclasses.dataclass(frozen=True)
class Kind:
    """Problems of one kind in one column: how many there are, with the words of the first."""

    label: str
    severity: str
    count: int


BLANK = "（空）"
"""How nothing is shown."""


def shown_value(column: Column | None, value: Scalar) -> str:
    """Return the value as it may be shown: numbers of documents and telephones masked, wherever they stand."""
    value = plain(value)
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime) and (value.hour, value.minute) == (0, 0):
        value = value.date()
    text = " ".join(str(value).split())
    if column is not None and column.kind in _MASKED_KINDS:
        return mask(text[:40])
    text = _LONG_NUMBER.sub(lambda found: mask(found.group()), text)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}……"


def kinds_of(problems: Iterable[Problem], labels: Mapping[str, str]) -> list[Kind]:
    """Return the problems by kind and column, the most frequent first, errors before warnings; `labels` are those of
    the columns by field."""
    first: dict[tuple[str, str, str], Problem] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for problem in problems:
        key = (problem.severity, problem.code, problem.field)
        first.setdefault(key, problem)
        counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts, key=lambda key: (key[0] != "error", -counts[key]))
    return [Kind(_label(first[key], labels), key[0], counts[key]) for key in ordered]


def _label(problem: Problem, labels: Mapping[str, str]) -> str:
    found = _SENTENCE.match(problem.message)
    told = found.group() if found else problem.message
    column = labels.get(problem.field, "")
    return told if not column or column in told else f"{column}：{told}"


def summary_rows(
    problems: Sequence[Problem],
    columns: Sequence[Column],
    values: Mapping[Place, Scalar],
    lost: Sequence[str],
) -> list[list[str | int]]:
    """Return the rows of the summary sheet. `lost` says what of the workbook could not be kept."""
    by_field = {column.field or column.key: column for column in columns}
    labels = {field: column.label for field, column in by_field.items()}
    wrong = sum(problem.severity == "error" for problem in problems)
    rows: list[list[str | int]] = [
        [HEADS[0]],
        [f"共有 {wrong} 处需要更正，{len(problems) - wrong} 处请核对。"],
        ["红色单元格须更正，黄色单元格请核对，说明见单元格的批注。"],
    ]
    rows += [[line] for line in lost]
    rows += [[], [HEADS[1], "性质", "处数"]]
    rows += [[kind.label, _severity(kind.severity), kind.count] for kind in kinds_of(problems, labels)]
    rows += [[], [HEADS[2], "行", "列", "栏目", "填写内容（已隐去部分）", "性质", "问题和改法"]]
    for problem in problems[:MOST_LISTED]:
        column = by_field.get(problem.field)
        place = (problem.sheet, problem.row, problem.column)
        shown = shown_value(column, values.get(place)) if problem.column else ""
        label = column.label if column else ""
        row: int | str = problem.row or ""
        rows.append(
            [problem.sheet, row, problem.column, label, shown, _severity(problem.severity), problem.message]
        )
    if len(problems) > MOST_LISTED:
        rows.append([f"只列出前 {MOST_LISTED:,} 处。其余的见各单元格的批注。"])
    return rows


def _severity(severity: str) -> str:
    return "须更正" if severity == "error" else "请核对"
