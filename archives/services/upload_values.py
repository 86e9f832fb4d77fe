"""One row of a workbook laid over what a draft holds: which values it gives, what would differ, what is wrong.

A column that the file lacks leaves the value alone. So does a blank, with one exception: in a row that we had filled in
before, it clears a value that may be missing. A value that must be there is never cleared by a blank cell.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from archives.content import IDENTITY, Draft, changed_fields, flat, posted_record, read_posted
from archives.schema.fields import Field
from archives.schema.occupations import Occupation
from archives.schema.problems import Problem, ProblemCode
from archives.schema.standing import is_adverse
from archives.workbooks import Column
from archives.workbooks.summary import BLANK, shown_value

_UNREADABLE = "（填写的内容无法识别）"


@dataclasses.dataclass(frozen=True)
class Laid:
    """What a row makes of a draft. `posted` is what `save_draft` takes; errors among `problems` refuse the row."""

    posted: Mapping[str, Any]
    after: Draft
    changed: list[Field[Any]]
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        """Why the row is refused."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def adverse(self) -> bool:
        """Whether the draft would tell against the person, so that evidence and a proceeding are to follow."""
        return is_adverse((self.after.record.get("standing") or {}).get("determination"))


def lay_over(
    before: Draft,
    values: Mapping[str, Any],
    *,
    occupation: type[Occupation],
    columns: Sequence[Column],
    known: Mapping[str, Any],
    filled_before: bool,
    year: int,
    today: dt.date,
) -> Laid:
    """Lay the `values` of a row over the draft `before`. `known` are the values whose masks the workbook showed."""
    given, masked = _given(before, values, occupation, columns, known, filled_before)
    posted = posted_record(occupation, year, {**flat(before.raw()), **given})
    after, problems = read_posted(occupation, posted, before, year=year, today=today)
    changed = changed_fields(occupation, before.record, after.record)
    names = {field.name for field in changed}
    told = [
        problem
        for problem in problems
        if (problem.field in given and problem.field in names)
        or (
            problem.severity == "error" and not (problem.field in before.typed and problem.field not in given)
        )
    ]
    return Laid(posted, after, changed, [*masked, *told])


def unfilled(after: Draft, occupation: type[Occupation], year: int) -> list[str]:
    """Return the names of the boxes that must still be filled in before the draft can be handed on."""
    return [
        field.name
        for section, field in occupation.asked_for(year)
        if (after.record.get(section) or {}).get(field.name) is None and field.name not in after.typed
    ]


def changes_of(before: Draft, laid: Laid) -> list[list[str]]:
    """Return label, old and new value of each box that differs, as a page may show them."""
    old, new = flat(before.record), flat(laid.after.record)
    return [
        [
            field.label,
            _UNREADABLE if field.name in before.typed else _shown(field, old.get(field.name)),
            _shown(field, new.get(field.name)),
        ]
        for field in laid.changed
    ]


def _shown(field: Field[Any], value: object) -> str:
    return BLANK if value is None else shown_value(None, field.masked(value))


def _given(
    before: Draft,
    values: Mapping[str, Any],
    occupation: type[Occupation],
    columns: Sequence[Column],
    known: Mapping[str, Any],
    filled_before: bool,
) -> tuple[dict[str, Any], list[Problem]]:
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    stored, fields = flat(before.record), occupation.fields()
    for column in columns:
        name = column.field
        if not column.section or name in IDENTITY or column.key not in values:
            continue
        raw, field = values[column.key], fields[name]
        if raw is None:
            if filled_before and field.required_at is None and stored.get(name) is not None:
                given[name] = None
        elif field.sensitive and "*" in str(raw):
            if str(raw).strip() == field.masked(known.get(name)):
                given[name] = field.dump(known[name])
            else:
                problems.append(_other_mask(field))
        else:
            given[name] = raw
    return given, problems


def _other_mask(field: Field[Any]) -> Problem:
    message = f"{field.label}隐去了几位，与系统中现有的不一致。请填写完整号码；没有变化的，请清空这一格。"
    return Problem(ProblemCode.MASKED, message, field=field.name)
