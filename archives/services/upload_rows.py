"""Rows of an uploaded workbook judged: who is new, what would change, what is the same, what is refused and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from agencies.models import Employer, Responsibility
from archives.content import Draft, draft_of, flat
from archives.lifecycle import may_fill
from archives.models import Archive, RecordPart
from archives.occupations import occupation_of
from archives.schema.identifiers import mask
from archives.schema.problems import Invalid, Problem
from archives.services.people import Identity, NotReadable, archive_index, first_values, identity_in
from archives.services.upload_values import Laid, changes_of, lay_over
from archives.services.workbooks import values_of
from archives.services.years import is_closed
from archives.states import RowOutcome, Status
from archives.workbooks import ROW_KEY, UNIT, Row, Sheet, columns_of, located
from archives.workbooks.summary import shown_value
from credit_platform import crypto
from credit_platform.actors import Actor

TOGETHER = 200
"""Rows that are judged, and written, together."""
_IDENTITY = ("name", "document_type", "document_number")
_WAITING = "这份记录已提交，正在办理，不能用表格修改。请先在系统中退回，或删去这一行。"
_SEALED = "这份记录已审核确认。内容确需更正的，请在系统中办理“更正”；不需要的，请删去这一行。"
_LOCKED = {Status.SUBMITTED: _WAITING, Status.IN_REVIEW: _WAITING, Status.SEALED: _SEALED}


@dataclasses.dataclass(frozen=True)
class Judged:
    """One row: what would become of it. Of a refused one `problems` say why; they carry sheet, row and column.

    `position` counts the rows of the file from 1. `archive` and `part` are those that are there already; without an
    archive `identity` says whose it would be and `employer` where.
    """

    position: int
    row: Row
    outcome: RowOutcome = RowOutcome.REFUSED
    filled_before: bool = False
    identity: Identity | None = None
    employer: Employer | None = None
    archive: Archive | None = None
    part: RecordPart | None = None
    laid: Laid | None = None
    changes: Sequence[Sequence[str]] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def adverse(self) -> bool:
        """Whether the draft awaits evidence."""
        return self.laid is not None and self.laid.adverse and self.outcome in WRITTEN


WRITTEN = (RowOutcome.NEW, RowOutcome.CHANGED)
"""Outcomes that lead to something being written."""
Numbered = tuple[int, Row]


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
        self._seen: dict[Any, Row] = {}
        employers = Employer.objects.visible_to(actor).filter(agency_id=responsibility.agency_id, active=True)
        self._employers = {row.name: row for row in employers}

    def judge(self, rows: Iterable[Numbered]) -> list[Judged]:
        """Judge a portion with a handful of questions to the database."""
        read = [self._read(position, row) for position, row in rows]
        read = self._with_archives(read)
        read = self._with_parts(read)
        found = [one.archive for one in read if one.archive is not None and one.part is None]
        last = values_of(found, self.occupation, self.year, self.actor) if found else {}
        return [self._compare(one, last) if not one.problems else one for one in read]

    def _read(self, position: int, row: Row) -> Judged:
        """Who is meant, as far as the row tells it by itself."""
        key = row.values.get(ROW_KEY)
        if key is not None:
            return Judged(position, row, filled_before=True)
        try:
            section = self.occupation.sections["identity"]
            identity, _ = identity_in(section, row.values, year=self.year, today=self.today)
        except NotReadable as wrong:
            problems = [self._kinder(problem, row) for problem in wrong.problems]
            return self._refused(Judged(position, row), *problems)
        return Judged(position, row, identity=identity)

    def _kinder(self, problem: Problem, row: Row) -> Problem:
        number = row.values.get("document_number")
        if problem.field != "document_number" or "*" not in str(number or ""):
            return problem
        message = (
            "证件号码隐去了几位，又没有系统编号，无法确定是谁。请填写完整号码，或从下载的表格中找回系统编号。"
        )
        return _problem("upload_masked", message)

    def _with_archives(self, read: list[Judged]) -> list[Judged]:
        """Find the archives, by key or by number, among those of this group that the actor may see."""
        keys = {one.position: _uuid(one.row.values[ROW_KEY]) for one in read if one.filled_before}
        indexes = {one.position: archive_index(one.identity.number) for one in read if one.identity}
        archives = Archive.objects.visible_to(self.actor).select_related("employer")
        archives = archives.filter(
            agency_id=self.responsibility.agency_id, occupation=self.responsibility.occupation
        )
        by_key = archives.in_bulk([key for key in keys.values() if key])
        by_index = {one.number_index: one for one in archives.filter(number_index__in=indexes.values())}
        found = []
        for one in read:
            if one.filled_before:
                key = keys[one.position]
                found.append(self._by_key(one, by_key.get(key) if key else None))
            elif one.identity is not None:
                found.append(self._by_number(one, by_index.get(indexes[one.position])))
            else:
                found.append(one)
        return [self._placed(self._once(one)) if not one.problems else one for one in found]

    def _by_key(self, one: Judged, archive: Archive | None) -> Judged:
        if archive is None:
            message = (
                "系统编号对应的档案找不到，或不由您办理。请从重新下载的表格中复制这一行；"
                "新增人员请清空系统编号，并填写完整证件号码。"
            )
            return self._refused(one, _problem("upload_key", message, field=ROW_KEY))
        return self._refused(dataclasses.replace(one, archive=archive), *self._differs(one.row, archive))

    def _differs(self, row: Row, archive: Archive) -> Iterator[Problem]:
        """What of name and document is not as in the archive that the key names."""
        fields, values = self.occupation.fields(), row.values
        try:
            name = fields["name"].parse(values.get("name"))
        except Invalid:
            name = None
        if name != archive.name:
            message = "姓名与系统编号对应的档案不一致。请核对是否串行；姓名确需更正的，请在系统中办理。"
            yield _problem("upload_name", message, field="name")
        if not self._same_number(values, archive):
            message = "证件号码与系统编号对应的档案不一致。请核对是否串行，或从重新下载的表格中复制这一格。"
            yield _problem("upload_number", message)

    def _same_number(self, values: Mapping[str, Any], archive: Archive) -> bool:
        text = str(values.get("document_number") or "").strip()
        if text == archive.number_mask:
            return True
        section = self.occupation.sections["identity"]
        raw = {"name": archive.name, "document_type": archive.document_type, "document_number": text}
        try:
            identity, _ = identity_in(section, raw, year=self.year, today=self.today)
        except NotReadable:
            return False
        return archive_index(identity.number) == archive.number_index

    def _by_number(self, one: Judged, archive: Archive | None) -> Judged:
        if archive is None or one.identity is None:
            return one
        if archive.name != one.identity.name or archive.document_type != one.identity.document_type:
            message = (
                "这个证件号码已有档案，登记的姓名或证件类型不同。"
                "请对照证件核对；确认无误的，请联系信用工作机构核实。"
            )
            return self._refused(one, _problem("upload_name", message, field="name"))
        return dataclasses.replace(one, archive=archive)

    def _once(self, one: Judged) -> Judged:
        who = one.archive.pk if one.archive else archive_index(one.identity.number) if one.identity else None
        first = self._seen.setdefault(who, one.row)
        if first is one.row:
            return one
        sheet = f"工作表“{first.where}”" if first.where != one.row.where else ""
        message = f"与{sheet}第 {first.number} 行是同一个人，请只留一行。"
        return self._refused(one, _problem("upload_twice", message))

    def _placed(self, one: Judged) -> Judged:
        """The employer of who is new; of who has an archive it must be named as it is, or not at all."""
        if one.problems:
            return one
        name = str(one.row.values.get(UNIT) or "").strip()
        if one.archive is not None:
            place = one.archive.employer.name if one.archive.employer else ""
            if not name or name == place:
                return one
            message = (
                f"此人的档案在“{place or '责任单位直接管理'}”。调动请在系统中办理，这里请改回原来的所属单位。"
            )
            return self._refused(one, _problem("upload_unit", message, field=UNIT))
        employer = self._employers.get(name)
        if self.actor.kind == "employer" and not name:
            employer = next(iter(self._employers.values()), None)
        if name and employer is None:
            own = (
                "只能导入本单位人员"
                if self.actor.kind == "employer"
                else "请先在“所属单位”中添加，或改为系统中的全称"
            )
            message = f"没有名为“{name[:30]}”的所属单位，{own}。"
            return self._refused(one, _problem("upload_unit", message, field=UNIT))
        return dataclasses.replace(one, employer=employer)

    def _with_parts(self, read: list[Judged]) -> list[Judged]:
        archives = [one.archive.pk for one in read if one.archive is not None]
        parts = RecordPart.objects.visible_to(self.actor).filter(
            agency_id=self.responsibility.agency_id, year=self.year, record__archive_id__in=archives
        )
        by_archive = {part.record.archive_id: part for part in parts.select_related("record")}
        return [
            dataclasses.replace(one, part=by_archive.get(one.archive.pk)) if one.archive else one
            for one in read
        ]

    def _compare(self, one: Judged, last: Mapping[Any, Mapping[str, Any]]) -> Judged:
        if one.part is None and (problem := self._cannot_begin(one)):
            return self._refused(one, problem)
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
            return self._refused(one, *laid.problems)
        if one.part is None:
            outcome = RowOutcome.NEW
        elif not laid.changed and dict(laid.after.typed) == dict(before.typed):
            return dataclasses.replace(one, outcome=RowOutcome.SAME, laid=laid)
        elif not may_fill(one.part, self.actor):
            message = _LOCKED.get(Status(one.part.status), _WAITING)
            return self._refused(one, _problem("upload_locked", message, field=laid.changed[0].name))
        else:
            outcome = RowOutcome.CHANGED
        return dataclasses.replace(
            one,
            outcome=outcome,
            laid=laid,
            changes=changes_of(before, laid),
            problems=tuple(located(problem, one.row, self.sheet) for problem in laid.problems),
        )

    def _cannot_begin(self, one: Judged) -> Problem | None:
        """Why no record of the year can be begun, whoever asks."""
        archive = one.archive
        if self.closed:
            message = f"{self.year} 年度已截止，还没有记录的人员属于补录，请在系统中逐人办理。"
            return _problem("upload_closed", message)
        if archive is not None and archive.left_on is not None and archive.left_on.year < self.year:
            message = (
                f"此人已于 {archive.left_on:%Y-%m-%d} 登记离岗，不再建立 {self.year} 年度记录。请删去这一行。"
            )
            return _problem("upload_left", message, field="name")
        if archive is not None and archive.employer is not None and not archive.employer.active:
            message = "此人所在单位已停用，不能建立新的记录。已调入其他单位的，请先办理调动。"
            return _problem("upload_unit", message, field=UNIT)
        return None

    def _before(self, one: Judged) -> Draft:
        if one.part is not None:
            return draft_of(one.part, self.occupation)
        identity, employer = whose(one)
        return Draft(first_values(identity, employer, occupation=self.occupation, year=self.year), {})

    def _refused(self, one: Judged, *problems: Problem) -> Judged:
        """The row with these problems; as it is when there are none."""
        if not problems:
            return one
        found = tuple(located(problem, one.row, self.sheet) for problem in problems)
        return dataclasses.replace(one, outcome=RowOutcome.REFUSED, laid=None, problems=found)


def whose(one: Judged) -> tuple[Identity, Employer | None]:
    """Return whose record is begun, and where: as the archive has it, or as the row says."""
    archive = one.archive
    if archive is None:
        assert one.identity is not None  # else the row is refused
        return one.identity, one.employer
    number = crypto.decrypt(archive.number, purpose="archive.number")
    return Identity(archive.name, archive.document_type, number), archive.employer


def told(problem: Problem, row: Row, sheet: Sheet) -> dict[str, Any]:
    """Return a problem as it is kept for pages: where, what, and the value with numbers masked."""
    column = next((one for one in sheet.columns if (one.field or one.key) == problem.field), None)
    value = shown_value(column, row.values.get(column.key)) if column else ""
    return {**dataclasses.asdict(problem), "value": value, "label": column.label if column else ""}


def shown_name(one: Judged) -> tuple[str, str]:
    """Return name and masked number of a row as pages show them, also of one that can't be read."""
    if one.archive is not None:
        return one.archive.name, one.archive.number_mask
    if one.identity is not None:
        return one.identity.name, mask(one.identity.number)
    name = shown_value(None, one.row.values.get("name")) if one.row.values.get("name") is not None else ""
    number = one.row.values.get("document_number")
    return name[:50], "" if number is None else mask(str(number)[:40])


def _problem(code: str, message: str, *, field: str = "document_number") -> Problem:
    return Problem(code, message, level="field", field=field)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value).strip())
    except ValueError:
        return None
