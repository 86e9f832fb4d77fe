"""Whom the rows of an uploaded workbook mean: by 系统编号 among the archives the actor may see, or by whole number."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from agencies.models import Employer, Responsibility
from archives.models import Archive, RecordPart
from archives.schema.occupations import Occupation
from archives.schema.problems import Invalid, Problem
from archives.services.people import NotReadable, archive_index, identity_in
from archives.services.upload_judged import Judged, Numbered, refused, row_problem
from archives.workbooks import ROW_KEY, UNIT, Row, Sheet
from credit_platform.actors import Actor


class People:
    """Finds the people of one sheet for one group, year and actor, in whose context it is used. Nobody twice."""

    def __init__(
        self,
        responsibility: Responsibility,
        occupation: type[Occupation],
        year: int,
        sheet: Sheet,
        *,
        actor: Actor,
        today: dt.date,
    ) -> None:
        self.responsibility, self.occupation, self.year = responsibility, occupation, year
        self.sheet, self.actor, self.today = sheet, actor, today
        self._seen: dict[Any, Row] = {}
        employers = Employer.objects.visible_to(actor).filter(agency_id=responsibility.agency_id, active=True)
        self._employers = {row.name: row for row in employers}

    def find(self, rows: Iterable[Numbered]) -> list[Judged]:
        """Return the rows with the archive and the record of the year that are there; who can't be told is refused."""
        read = [self._read(position, row) for position, row in rows]
        return self._with_parts(self._with_archives(read))

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
            return self._refuse(Judged(position, row), *problems)
        return Judged(position, row, identity=identity)

    def _kinder(self, problem: Problem, row: Row) -> Problem:
        number = row.values.get("document_number")
        if problem.field != "document_number" or "*" not in str(number or ""):
            return problem
        message = (
            "证件号码隐去了几位，又没有系统编号，无法确定是谁。请填写完整号码，或从下载的表格中找回系统编号。"
        )
        return row_problem("upload_masked", message)

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
            return self._refuse(one, row_problem("upload_key", message, field=ROW_KEY))
        return self._refuse(dataclasses.replace(one, archive=archive), *self._differs(one.row, archive))

    def _differs(self, row: Row, archive: Archive) -> Iterator[Problem]:
        """What of name and document is not as in the archive that the key names."""
        fields, values = self.occupation.fields(), row.values
        try:
            name = fields["name"].parse(values.get("name"))
        except Invalid:
            name = None
        if name != archive.name:
            message = (
                "姓名与系统编号对应的档案不一致。请核对是否串行；姓名确需更正的，由责任单位经办人打开本人档案，"
                "按“更正身份、登记另一证件”申请。"
            )
            yield row_problem("upload_name", message, field="name")
        if not self._same_number(values, archive):
            message = "证件号码与系统编号对应的档案不一致。请核对是否串行，或从重新下载的表格中复制这一格。"
            yield row_problem("upload_number", message)

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
                "请对照证件核对；档案有误的，请经办人在档案中申请更正身份。"
            )
            return self._refuse(one, row_problem("upload_name", message, field="name"))
        return dataclasses.replace(one, archive=archive)

    def _once(self, one: Judged) -> Judged:
        who = one.archive.pk if one.archive else archive_index(one.identity.number) if one.identity else None
        first = self._seen.setdefault(who, one.row)
        if first is one.row:
            return one
        sheet = f"工作表“{first.where}”" if first.where != one.row.where else ""
        message = f"与{sheet}第 {first.number} 行是同一个人，请只留一行。"
        return self._refuse(one, row_problem("upload_twice", message))

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
            return self._refuse(one, row_problem("upload_unit", message, field=UNIT))
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
            return self._refuse(one, row_problem("upload_unit", message, field=UNIT))
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

    def _refuse(self, one: Judged, *problems: Problem) -> Judged:
        return refused(one, self.sheet, *problems)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value).strip())
    except ValueError:
        return None
