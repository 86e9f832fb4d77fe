"""Rows of an uploaded roster judged one by one: who is new, who changes, who is there already, who is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from agencies.models import Employer, Responsibility
from archives.models import RosterEntry
from archives.occupations import occupation_of
from archives.schema.calendar_text import read_day
from archives.schema.identifiers import mask
from archives.schema.problems import Invalid, Problem
from archives.schema.sections import Section
from archives.services.hub import Identity
from archives.services.people import NotReadable, archive_index, identity_in
from archives.services.roster import FIRST_DAY, check_place
from archives.workbooks import ROSTER, UNIT, Column, Mark, Row, Sheet, columns_of, located
from archives.workbooks.cells import storable
from audit.lifecycle import Refused
from credit_platform.actors import Actor

TOGETHER = 500
"""Rows that are judged with one question to the database."""
JOINED = "joined_on"
_IDENTITY = ("name", "document_type", "document_number")
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclasses.dataclass(frozen=True)
class Judged:
    """One row: what would become of it. `entry` is the one that is there; `problems` say why it is refused."""

    row: Row
    outcome: str
    identity: Identity | None = None
    employer: Employer | None = None
    joined_on: dt.date | None = None
    entry: RosterEntry | None = None
    problems: tuple[Problem, ...] = ()


def roster_columns(responsibility: Responsibility, year: int) -> list[Column]:
    """Return the columns of a roster: name, document, employer, day of joining."""
    by_key = {column.key: column for column in columns_of(occupation_of(responsibility), year)}
    day = Column(
        JOINED,
        "",
        "",
        "列入日期",
        ("入职日期", "到岗日期", "起始日期"),
        "date",
        note="不填的，按上传时选择的日期。",
    )
    return [*(by_key[key] for key in (*_IDENTITY, UNIT) if key in by_key), day]


def roster_mark(responsibility: Responsibility) -> Mark:
    """Return what a template of a roster says about itself."""
    return Mark(ROSTER, responsibility.occupation, 0, f"{responsibility.label}名册")


def masked_row(problem: Problem, row: Row) -> dict[str, Any]:
    """Return a problem as a page shows it: where, what, and the value with its number masked."""
    value = row.values.get(problem.field)
    text = "" if value is None else str(value)
    if problem.field == "document_number":
        text = mask(text)
    return {
        "sheet": storable(problem.sheet),
        "row": problem.row,
        "column": problem.column,
        "code": str(problem.code),
        "message": problem.message,
        "value": storable(text[:40]),
    }


class Judge:
    """Judges the rows of one sheet for one group and one actor. Needs the actor's context in `batches`."""

    def __init__(
        self,
        responsibility: Responsibility,
        sheet: Sheet,
        *,
        joined_on: dt.date,
        actor: Actor,
        today: dt.date,
    ) -> None:
        self.responsibility, self.sheet, self.actor, self.today = responsibility, sheet, actor, today
        self.joined_on = joined_on
        self.section: type[Section] = occupation_of(responsibility).sections["identity"]
        self._seen: dict[str, int] = {}
        self._employers: dict[str, Employer] = {}

    def prepare(self) -> None:
        """Load the employers that this actor may name."""
        rows = Employer.objects.visible_to(self.actor).filter(
            agency_id=self.responsibility.agency_id, active=True
        )
        self._employers = {row.name: row for row in rows}

    def batches(self) -> Iterator[list[Row]]:
        """The rows in portions."""
        rows = iter(self.sheet.rows)
        while portion := list(islice(rows, TOGETHER)):
            yield portion

    def judge(self, rows: Iterable[Row]) -> list[Judged]:
        """Judge a portion with one question to the database."""
        read = [self._read(row) for row in rows]
        indexes = [archive_index(one.identity.number) for one in read if one.identity]
        entries = RosterEntry.objects.visible_to(self.actor).filter(
            agency_id=self.responsibility.agency_id,
            occupation=self.responsibility.occupation,
            number_index__in=indexes,
        )
        known: dict[str, RosterEntry] = {}
        for entry in entries.order_by("joined_on"):
            known[entry.number_index] = entry
        return [self._compare(one, known) for one in read]

    def _read(self, row: Row) -> Judged:
        problems: list[Problem] = []
        identity = None
        try:
            identity, _ = identity_in(self.section, row.values, year=self.today.year, today=self.today)
        except NotReadable as wrong:
            problems += wrong.problems
        employer, day = self._employer(row.values, problems), self._day(row.values, problems)
        if identity is not None:
            twin = self._seen.setdefault(identity.number_index, row.number)
            if twin != row.number:
                problems.append(_problem("roster_twice", f"与第 {twin} 行是同一个证件号码，请只留一行。"))
        found = tuple(located(problem, row, self.sheet) for problem in problems)
        return Judged(row, REFUSED if found else NEW, identity, employer, day, problems=found)

    def _employer(self, values: Mapping[str, Any], problems: list[Problem]) -> Employer | None:
        name = "" if values.get(UNIT) is None else str(values[UNIT]).strip()
        employer = self._employers.get(name)
        if self.actor.kind == "employer" and not name:
            employer = next(iter(self._employers.values()), None)
        if name and employer is None:
            own = (
                "只能导入本单位人员"
                if self.actor.kind == "employer"
                else "请改为系统中的全称；系统中还没有的，请单位管理员先在“所属单位”中添加"
            )
            problems.append(_problem("roster_unit", f"没有名为“{name[:30]}”的所属单位，{own}。", field=UNIT))
            return None
        try:
            check_place(self.responsibility, employer, actor=self.actor)
        except Refused as refusal:
            problems.append(_problem("roster_unit", str(refusal), field=UNIT))
        return employer

    def _day(self, values: Mapping[str, Any], problems: list[Problem]) -> dt.date:
        try:
            day = read_day(values.get(JOINED), "列入日期")
        except Invalid as wrong:
            problems.append(_problem("roster_day", str(wrong), field=JOINED))
            return self.joined_on
        if day is None or FIRST_DAY <= day <= self.today:
            return day or self.joined_on
        message = f"列入日期应在 {FIRST_DAY:%Y-%m-%d} 至今天之间，请核对。"
        problems.append(_problem("roster_day", message, field=JOINED))
        return self.joined_on

    def _compare(self, one: Judged, known: Mapping[str, RosterEntry]) -> Judged:
        if one.identity is None or one.problems:
            return one
        entry = known.get(archive_index(one.identity.number))
        if entry is None:
            return one
        if entry.name != one.identity.name:
            message = "名册中这个证件号码登记的是另一姓名，请对照证件核对。"
            return self._refused(one, _problem("roster_name_differs", message, field="name"))
        if entry.left_on is not None:
            if one.joined_on is not None and entry.left_on >= one.joined_on:
                message = f"此人此前在名册上到 {entry.left_on:%Y-%m-%d} 为止，列入日期应晚于这一天。"
                return self._refused(one, _problem("roster_day", message, field=JOINED))
            return one
        employer_id = one.employer.pk if one.employer else None
        outcome = SAME if entry.employer_id == employer_id else CHANGED
        return dataclasses.replace(one, outcome=outcome, entry=entry)

    def _refused(self, one: Judged, problem: Problem) -> Judged:
        return dataclasses.replace(one, outcome=REFUSED, problems=(located(problem, one.row, self.sheet),))


def _problem(code: str, message: str, *, field: str = "document_number") -> Problem:
    return Problem(code, message, level="field", field=field)
