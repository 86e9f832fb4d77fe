"""填报表格 out: a workbook per group, year and employer, filled in before with what is known (AY-12, AY-30).

Document numbers and telephones leave masked: a workbook travels by ways that we don't see. Each export is journalled
with the ids of all who are on it.
"""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db.models import F, Q, QuerySet

from agencies.models import Employer, Responsibility
from archives.content import IDENTITY, draft_of, flat
from archives.jobs import Report, Result, register
from archives.lifecycle import may_write
from archives.models import Archive, Job, RecordPart, Version
from archives.occupations import occupation_of
from archives.schema.occupations import Occupation
from archives.services.consent_rules import consent_withdrawn
from archives.services.jobs import queue_job
from archives.services.reuse import NEVER_REUSED
from archives.services.versions import version_content
from archives.states import Status
from archives.workbooks.columns import ROW_KEY, UNIT, Column, Mark, columns_of
from archives.workbooks.reading import MOST_ROWS
from archives.workbooks.template import write_template
from archives.workbooks.writing import sheet_name
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import as_context

KIND = "workbook"
RECORD = "record"
"""Kind of the mark of a workbook of yearly forms."""
MOST_PEOPLE = MOST_ROWS
WITHOUT_EMPLOYER = "责任单位直接管理"
_READ_TOGETHER = 200


def mark_of(responsibility: Responsibility, year: int) -> Mark:
    """Return what a workbook of this group and year says about itself."""
    return Mark(RECORD, responsibility.occupation, year, responsibility.label)


def queue_workbook(
    *, responsibility: Responsibility, year: int, employer: Employer | None, split: bool, actor: Actor
) -> Job:
    """Queue the workbook of a group and year: of one employer, of everybody, or `split` into one per employer.

    Who fills in for an employer gets that employer's, whatever is asked. Raises `Refused` for a role that does not fill
    in, for a group or employer of others, for more than `MOST_PEOPLE` people, and as `queue_job`.
    """
    if not may_write(actor):
        raise Refused("只有填报员和经办人可以下载填报表格。", code="not_permitted")
    handled = Responsibility.objects.filled_by(actor).filter(pk=responsibility.pk).exists()
    if not handled or (employer and not Employer.objects.visible_to(actor).filter(pk=employer.pk).exists()):
        raise Refused("所选人群或所属单位不由您办理。请重新选择。", code="foreign")
    chosen = actor.own_employer if actor.kind == "employer" else employer.pk if employer else None
    count = _people(actor, responsibility, year, chosen).count()
    if count > MOST_PEOPLE:
        message = (
            f"有 {count:,} 人，超过一份表格的上限 {MOST_PEOPLE:,} 人。请选择按所属单位分开，或只选一个单位。"
        )
        raise Refused(message, code="too_many_people")
    parameters = {
        "responsibility": responsibility.pk,
        "year": year,
        "employer": chosen,
        "split": split and chosen is None,
    }
    title = f"填报表格：{responsibility.label} {year} 年度（已有 {count:,} 人）"
    return queue_job(kind=KIND, title=title, parameters=parameters, actor=actor)


def run_workbook(job: Job, actor: Actor, report: Report) -> Result:
    """Write what was asked for, as it is now. Raises `Refused` when the group is no longer the requester's, and where a
    record cannot be read, naming it."""
    assert actor.context is not None  # only members queue jobs
    year, split = int(job.parameters["year"]), bool(job.parameters["split"])
    with as_context(actor.context):
        handled = Responsibility.objects.filled_by(actor).select_related("agency", "jurisdiction")
        responsibility = handled.filter(pk=job.parameters["responsibility"]).first()
        if responsibility is None:
            raise Refused("这个人群已不由您办理，没有生成。", code="foreign")
        employers = list(Employer.objects.visible_to(actor).filter(active=True))
    making = _Making(job, actor, report, responsibility, year, [one.name for one in employers])
    with tempfile.TemporaryDirectory() as place:
        if split:
            return making.zipped(Path(place), employers)
        chosen = job.parameters["employer"]
        name = next((one.name for one in employers if one.pk == chosen), "")
        making.write(Path(place, "book.xlsx"), chosen, name)
        return Path(place, "book.xlsx").read_bytes(), f"{making.stem(name)}.xlsx"


register(KIND, run_workbook)


def _people(
    actor: Actor, responsibility: Responsibility, year: int, employer: int | None
) -> QuerySet[Archive]:
    """Who has an archive of the group, hasn't left before the year and hasn't withdrawn the consent."""
    archives = Archive.objects.visible_to(actor).filter(
        agency_id=responsibility.agency_id, occupation=responsibility.occupation
    )
    archives = archives.filter(Q(left_on=None) | Q(left_on__year__gte=year))
    archives = archives.exclude(consent_withdrawn())
    return archives.filter(employer_id=employer) if employer else archives


@dataclasses.dataclass
class _Making:
    """One export under way."""

    job: Job
    actor: Actor
    report: Report
    responsibility: Responsibility
    year: int
    units: list[str]
    done: int = 0
    total: int = 0

    def __post_init__(self) -> None:
        self.occupation = occupation_of(self.responsibility)
        self.columns = columns_of(self.occupation, self.year)

    def stem(self, unit: str) -> str:
        """Name of a file, without its extension."""
        return f"{self.responsibility.label}{self.year}年度填报表格" + (
            f"（{sheet_name(unit)}）" if unit else ""
        )

    def zipped(self, place: Path, employers: Iterable[Employer]) -> Result:
        """One workbook per employer, also of those that have nobody yet, and one of those who belong to none."""
        target = place / "books.zip"
        wanted: list[tuple[int | None, str]] = [(one.pk, one.name) for one in employers]
        if self._ids(None, alone=True):
            wanted.append((None, WITHOUT_EMPLOYER))
        if not wanted:
            raise Refused("本单位名下还没有所属单位，没有生成。请改为不分开下载。", code="no_employers")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
            for number, (employer, name) in enumerate(wanted, 1):
                book = place / "book.xlsx"
                self.write(book, employer, name, alone=employer is None)
                out.write(book, f"{number:03}-{self.stem(name)}.xlsx")
        return target.read_bytes(), f"{self.stem('')}（{len(wanted)}个单位）.zip"

    def write(self, target: Path, employer: int | None, unit: str, *, alone: bool = False) -> None:
        """Write one workbook; `alone`: of those who belong to no employer."""
        ids = self._ids(employer, alone=alone)
        self.total += len(ids)
        self._journal(ids, unit)
        heading = f"{self.year} 年度{self.responsibility.label}信用档案填报表" + (
            f" · {unit}" if unit else ""
        )
        write_template(
            target,
            heading=heading,
            columns=self.columns,
            mark=mark_of(self.responsibility, self.year),
            rows=self._rows(ids),
            units=[unit] if unit and not alone else self.units,
        )

    def _ids(self, employer: int | None, *, alone: bool) -> list[Any]:
        assert self.actor.context is not None
        with as_context(self.actor.context):
            people = _people(self.actor, self.responsibility, self.year, employer)
            people = people.filter(employer=None) if alone else people
            return list(people.order_by("name_sort", "id").values_list("id", flat=True)[:MOST_PEOPLE])

    def _journal(self, ids: list[Any], unit: str) -> None:
        assert self.actor.context is not None
        with as_context(self.actor.context):
            journal.look(
                "workbook.exported",
                actor=self.actor,
                subject_label=f"填报表格（{len(ids)} 人）" + (f"：{unit}" if unit else ""),
                data={"job": str(self.job.pk), "ids": [str(one) for one in ids]},
            )

    def _rows(self, ids: list[Any]) -> Iterator[dict[str, Any]]:
        assert self.actor.context is not None
        for start in range(0, len(ids), _READ_TOGETHER):
            self.report(self.done, self.total)
            wanted = ids[start : start + _READ_TOGETHER]
            with as_context(self.actor.context):
                rows = self._read(wanted)
            yield from rows
            self.done += len(wanted)
        self.report(self.done, self.total)

    def _read(self, ids: list[Any]) -> list[dict[str, Any]]:
        archives = Archive.objects.visible_to(self.actor).select_related("employer").in_bulk(ids)
        known = values_of(archives.values(), self.occupation, self.year, self.actor)
        return [
            row_of(archives[one], known.get(one, {}), self.occupation, self.columns)
            for one in ids
            if one in archives
        ]


def values_of(
    archives: Iterable[Archive], occupation: type[Occupation], year: int, actor: Actor
) -> dict[Any, dict[str, Any]]:
    """Return what is known of each archive for the year, by its id and the name of the box: the year's own record as it
    stands; without one, last year's confirmed values, but for the determination and what belongs to it.

    Four queries, however many archives. Raises `Refused` for a damaged version, naming the person.
    """
    found = [archive.pk for archive in archives]
    parts = RecordPart.objects.visible_to(actor).filter(
        record__archive_id__in=found, year__in=(year - 1, year)
    )
    parts = parts.filter(Q(year=year) | Q(current_version__gt=0)).select_related("record")
    by_archive = {part.record.archive_id: part for part in parts.order_by("year")}  # the later one stays
    versions = _versions(actor, by_archive.values(), year)
    known = {}
    for archive_id, part in by_archive.items():
        if part.year == year and part.status != Status.SEALED:
            known[archive_id] = flat(draft_of(part, occupation).record)
        elif part.pk in versions:
            known[archive_id] = _sealed(versions[part.pk], part, occupation, this_year=part.year == year)
    return known


def _versions(actor: Actor, parts: Iterable[RecordPart], year: int) -> dict[Any, Version]:
    wanted = [part.pk for part in parts if part.year < year or part.status == Status.SEALED]
    versions = Version.objects.visible_to(actor).filter(part_id__in=wanted, number=F("part__current_version"))
    return {one.part_id: one for one in versions.select_related("part").prefetch_related("bodies")}


def _sealed(
    version: Version, part: RecordPart, occupation: type[Occupation], *, this_year: bool
) -> dict[str, Any]:
    try:
        record = occupation.load(version_content(version, occupation))
    except Undecipherable as damage:
        message = f"{part.name}的档案内容与封存时不一致，没有生成。请联系管理员核查。"
        raise Refused(message, code="damaged") from damage
    return flat({name: values for name, values in record.items() if this_year or name not in NEVER_REUSED})


def row_of(
    archive: Archive, known: Mapping[str, Any], occupation: type[Occupation], columns: Iterable[Column]
) -> dict[str, Any]:
    """Return the row of an archive: its key, who it is, what is known; sensitive values masked."""
    fields = occupation.fields()
    row = {
        column.key: fields[column.field].masked(known.get(column.field))
        if fields[column.field].sensitive
        else fields[column.field].cell(known.get(column.field))
        for column in columns
        if column.field and column.field not in IDENTITY
    }
    return row | {
        ROW_KEY: str(archive.pk),
        "name": archive.name,
        "document_type": fields["document_type"].text(archive.document_type),
        "document_number": archive.number_mask,
        UNIT: archive.employer.name if archive.employer else "",
    }
