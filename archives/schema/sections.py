"""Sections: groups of fields that are read, checked and stored together."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

from archives.schema.fields import STAGES, Field, Json, Situation, Stage
from archives.schema.problems import Invalid, Problem, ProblemCode

Values = dict[str, Any]
"""Field name to value. A field that doesn't apply in the year, or is computed, has no entry."""
Layout = tuple[tuple[tuple[str, int], ...], ...]
"""Rows of (field name, columns of six) as the paper form shows them."""

COLUMNS = 6
MOST_ROWS = 500
_MOST_UNKNOWN = 20


class Section:
    """A group of fields. `class Qualification(Section, label="资质认定")`, fields as class attributes in
    order.

    `repeats` marks a section of which a record has any number of rows. `layout` places the fields on the
    form; without it two stand in a row.
    """

    label: ClassVar[str] = ""
    repeats: ClassVar[bool] = False
    fields: ClassVar[dict[str, Field[Any]]] = {}
    layout: ClassVar[Layout] = ()
    _refining: ClassVar[tuple[Field[Any], ...]] = ()

    def __init_subclass__(cls, *, label: str = "", repeats: bool | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.label = label or cls.label
        cls.repeats = cls.repeats if repeats is None else repeats
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.fields = {**cls.fields, **own}
        cls._refining = tuple(f for f in cls.fields.values() if type(f).refine is not Field.refine)

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        """Rules between fields. `values` may lack what was refused; a rule then says nothing."""
        return ()

    @classmethod
    def rows(cls) -> Layout:
        """The layout, made up when none is declared."""
        if cls.layout:
            return cls.layout
        names = list(cls.fields)
        pairs = [names[start : start + 2] for start in range(0, len(names), 2)]
        return tuple(tuple((name, COLUMNS // len(pair)) for name in pair) for pair in pairs)

    @classmethod
    def parse(
        cls, raw: object, *, stage: Stage, year: int, today: dt.date | None = None
    ) -> tuple[Values, list[Problem]]:
        """`raw`, a mapping of field names to scalars, as values, and everything that is wrong with it.

        Values that were refused are None. Fields that don't apply in `year` must be blank.
        """
        if not isinstance(raw, Mapping):
            return {}, [Problem(ProblemCode.TYPE, f"“{cls.label}”应为一组栏目。", level="section")]
        today = today or dt.date.today()
        problems = cls._unknown(raw) if raw.keys() - cls.fields.keys() else []
        values, missing = cls._parse_fields(raw, STAGES.index(stage), year, problems)
        cls._refine(values, Situation(stage, year, today, values), problems)
        problems += missing
        problems += cls.check(values, stage=stage, year=year, today=today)
        return values, problems

    @classmethod
    def _parse_fields(
        cls, raw: Mapping[str, object], rank: int, year: int, problems: list[Problem]
    ) -> tuple[Values, list[Problem]]:
        values: Values = {}
        missing = []
        for name, field, kept, in_year, required in cls._plan(year, rank):
            typed, value, refused = raw.get(name), None, False
            if typed is not None:
                try:
                    value = field.parse(typed)
                except Invalid as refusal:
                    problems.append(refusal.problem)
                    refused = True
            if not kept:
                if value is not None and not in_year:
                    problems.append(_not_in_year(field, year))
                continue
            if value is None and not refused:
                value = field.default
                if value is None and required:
                    missing.append(field.missing())
            values[name] = value
        return values, missing

    @classmethod
    @cache
    def _plan(cls, year: int, rank: int) -> list[tuple[str, Field[Any], bool, bool, bool]]:
        """Of each field: its name, itself, whether it has an entry, whether only the year is in its way, whether
        somebody asks for it."""
        return [
            (
                name,
                field,
                field.applies_in(year) and not field.computed,
                field.applies_in(year) or field.computed,
                field.required(rank),
            )
            for name, field in cls.fields.items()
        ]

    @classmethod
    def _refine(cls, values: Values, situation: Situation, problems: list[Problem]) -> None:
        for field in cls._refining:
            value = values.get(field.name)
            if value is None:
                continue
            try:
                values[field.name], found = field.refine(value, situation)
            except Invalid as refused:
                values[field.name], found = None, (refused.problem,)
            problems += [replace(problem, field=field.name) for problem in found]

    @classmethod
    def _unknown(cls, raw: Mapping[object, object]) -> list[Problem]:
        names = [name for name in raw if name not in cls.fields]
        problems = [unknown_name(name, cls.label) for name in names[:_MOST_UNKNOWN]]
        if len(names) > _MOST_UNKNOWN:
            rest = f"“{cls.label}”共有 {len(names)} 个不认识的栏目。请核对是否用错了模板。"
            problems.append(Problem(ProblemCode.TOO_MANY, rest, level="section"))
        return problems

    @classmethod
    def parse_rows(
        cls, raws: object, *, stage: Stage, year: int, today: dt.date | None = None
    ) -> tuple[list[Values], list[Problem]]:
        """The rows of a repeating section; problems carry the row, counted from 1."""
        if not isinstance(raws, Sequence) or isinstance(raws, str | bytes):
            return [], [Problem(ProblemCode.TYPE, f"“{cls.label}”应为多行记录。", level="section")]
        if len(raws) > MOST_ROWS:
            message = f"“{cls.label}”最多 {MOST_ROWS} 行，现为 {len(raws)} 行。请删减或分次填报。"
            return [], [Problem(ProblemCode.TOO_MANY, message, level="section")]
        rows, problems = [], []
        for number, raw in enumerate(raws, 1):
            values, found = cls.parse(raw, stage=stage, year=year, today=today)
            rows.append(values)
            problems += [replace(problem, row=number) for problem in found]
        return rows, problems

    @classmethod
    def dump(cls, values: Mapping[str, Any]) -> dict[str, Json]:
        """JSON form of one row of values."""
        return {name: cls.fields[name].dump(value) for name, value in values.items()}

    @classmethod
    def load(cls, stored: Mapping[str, Json]) -> Values:
        """What `dump` wrote. A name that no field has any more is a KeyError: fields are never deleted."""
        return {name: cls.fields[name].load(value) for name, value in stored.items()}


def unknown_name(name: object, where: str) -> Problem:
    """The problem of a key that nothing is called by; shows the key as far as it can be shown."""
    shown = "".join(c for c in name[:40] if c.isprintable()) if isinstance(name, str) else ""
    return Problem(
        ProblemCode.UNKNOWN_FIELD,
        f"“{where}”没有名为“{shown or '（无法显示）'}”的栏目。请核对栏目名称或删去该项。",
        field=shown,
    )


def _not_in_year(field: Field[Any], year: int) -> Problem:
    message = f"{year} 年度的档案没有“{field.label}”这一栏。请留空。"
    return Problem(ProblemCode.NOT_IN_YEAR, message, field=field.name)
