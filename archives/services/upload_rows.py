"""Rows of an uploaded workbook judged: who is new, what would change, what is the same, what is refused and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from agencies.models import Responsibility
from archives.content import Draft, draft_of, flat
from archives.lifecycle import may_fill
from archives.occupations import occupation_of
from archives.schema.members import MEMBERS
from archives.schema.problems import Problem
from archives.services.consent_rules import consent_for
from archives.services.people import archive_index, first_values
from archives.services.upload_judged import Judged, Numbered, refused, row_problem, whose
from archives.services.upload_people import People
from archives.services.upload_values import changes_of, lay_over, unfilled
from archives.services.workbooks import values_of
from archives.services.years import is_closed
from archives.states import RowOutcome, Status
from archives.workbooks import UNIT, Sheet, columns_of, located
from audit.lifecycle import Refused
from credit_platform.actors import Actor

TOGETHER = 500
"""Rows that are judged, and written, together."""
_WAITING = "这份记录已提交，正在办理，不能用表格修改。请先在系统中退回，或删去这一行。"
_SEALED = "这份记录已审核确认。内容确需更正的，请在系统中办理“更正”；不需要的，请删去这一行。"
_LOCKED = {Status.SUBMITTED: _WAITING, Status.IN_REVIEW: _WAITING, Status.SEALED: _SEALED}


def portions(sheet: Sheet) -> Iterator[list[Numbered]]:
    """Return the rows with their positions, as many together as are judged together."""
    rows = enumerate(sheet.rows, 1)
    while portion := list(islice(rows, TOGETHER)):
        yield portion


class Judge:
    """Judges the rows of one sheet for one group, year and actor, in whose context it is used."""

    def __init__(
        self, responsibility: Responsibility, year: int, sheet: Sheet, *, actor: Actor, today: dt.date
    ) -> None:
        self.responsibility, self.year, self.sheet = responsibility, year, sheet
        self.actor, self.today = actor, today
        self.occupation = occupation_of(responsibility)
        self.columns = columns_of(self.occupation, year)
        self.closed = is_closed(responsibility.jurisdiction, year, today=today)
        self._people = People(responsibility, self.occupation, year, sheet, actor=actor, today=today)

    def judge(self, rows: Iterable[Numbered]) -> list[Judged]:
        """Judge a portion with a handful of questions to the database."""
        read = self._people.find(rows)
        found = [one.archive for one in read if one.archive is not None and one.part is None]
        last = values_of(found, self.occupation, self.year, self.actor) if found else {}
        return [self._compare(one, last) if not one.problems else one for one in read]

    def _compare(self, one: Judged, last: Mapping[Any, Mapping[str, Any]]) -> Judged:
        if one.part is None and (problem := self._cannot_begin(one)):
            return refused(one, self.sheet, problem)
        before = self._before(one)
        known = last.get(one.archive.pk, {}) if one.archive and one.part is None else flat(before.record)
        laid = lay_over(
            before,
            one.row.values,
            occupation=self.occupation,
            columns=self.columns,
            known=known,
            filled_before=one.filled_before,
            year=self.year,
            today=self.today,
        )
        if laid.errors:
            return refused(one, self.sheet, *laid.problems)
        if one.part is None:
            outcome = RowOutcome.NEW
        elif not laid.changed and dict(laid.after.typed) == dict(before.typed):
            return dataclasses.replace(one, outcome=RowOutcome.SAME, laid=laid)
        elif not may_fill(one.part, self.actor):
            message = _LOCKED.get(Status(one.part.status), _WAITING)
            return refused(one, self.sheet, row_problem("upload_locked", message, field=laid.changed[0].name))
        else:
            outcome = RowOutcome.CHANGED
        return dataclasses.replace(
            one,
            outcome=outcome,
            laid=laid,
            changes=changes_of(before, laid),
            problems=tuple(located(problem, one.row, self.sheet) for problem in laid.problems),
            unfilled=unfilled(laid.after, self.occupation, self.year),
        )

    def _cannot_begin(self, one: Judged) -> Problem | None:
        """Why no record of the year can be begun, whoever asks."""
        archive = one.archive
        if self.responsibility.occupation == MEMBERS and (problem := self._without_consent(one)):
            return problem
        if self.closed:
            message = f"{self.year} 年度已截止，还没有记录的人员属于补录，请在系统中逐人办理。"
            return row_problem("upload_closed", message)
        if archive is not None and archive.left_on is not None and archive.left_on.year < self.year:
            message = (
                f"此人已于 {archive.left_on:%Y-%m-%d} 登记离岗，不再建立 {self.year} 年度记录。请删去这一行。"
            )
            return row_problem("upload_left", message, field="name")
        if archive is not None and archive.employer is not None and not archive.employer.active:
            message = "此人所在单位已停用，不能建立新的记录。已调入其他单位的，请先办理调动。"
            return row_problem("upload_unit", message, field=UNIT)
        return None

    def _without_consent(self, one: Judged) -> Problem | None:
        """A member's archive rests on a consent in writing (GZ-11)."""
        identity, _ = whose(one)
        try:
            consent_for(self.responsibility, identity.name, archive_index(identity.number))
        except Refused as refusal:
            return row_problem("upload_consent", str(refusal), field="name")
        return None

    def _before(self, one: Judged) -> Draft:
        if one.part is not None:
            return draft_of(one.part, self.occupation)
        identity, employer = whose(one)
        return Draft(first_values(identity, employer, occupation=self.occupation, year=self.year), {})
