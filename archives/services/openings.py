"""Opening archives and this year's records for everybody on the roster who has none, in the background (AY-30)."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.models import Employer, Responsibility
from archives.coverage import entries_of
from archives.jobs import Report, Result, register
from archives.lifecycle import may_write
from archives.models import Job, RosterEntry
from archives.services.hub import note_asked
from archives.services.jobs import queue_job
from archives.services.people import NotReadable, check_open, open_archive, years_of
from archives.services.roster import number_of
from archives.services.years import is_closed
from archives.workbooks.cells import neutral
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context

KIND = "roster-open"
MOST_PEOPLE = 5000


def without_record(
    actor: Actor, *, year: int, occupation: str, employer_id: int | None = None
) -> QuerySet[Any]:
    """Return who stands on the roster now, belongs to the year, and has no record of it."""
    entries = entries_of(actor, year).filter(occupation=occupation, built=False)
    entries = entries.filter(Q(left_on=None) | Q(left_on__gte=timezone.localdate()))
    entries = entries.filter(Q(employer=None) | Q(employer__active=True))
    return entries if employer_id is None else entries.filter(employer_id=employer_id)


def queue_opening(
    *, responsibility: Responsibility, year: int, employer: Employer | None, actor: Actor
) -> Job:
    """Queue the opening of archives for all of a group (and employer) who are on the roster and have none.

    Raises `Refused` when the group is not the actor's, the year is not open or closed, there is nobody, or more than
    `MOST_PEOPLE`; and as `queue_job`.
    """
    today = timezone.localdate()
    own = responsibility.agency_id == actor.agency_id and responsibility.occupation in actor.occupations
    if not own or not may_write(actor):
        raise Refused("这个人群不由您办理。", code="foreign")
    check_open(responsibility, today=today)
    closed = is_closed(responsibility.jurisdiction, year, today=today)
    if closed or year not in years_of(responsibility, today=today):
        raise Refused(f"{year} 年度没有开放，不能批量建立。补录请按“新建档案”逐人办理。", code="year")
    employer_id = employer.pk if employer else None
    chosen: dict[str, Any] = {
        "year": year,
        "occupation": responsibility.occupation,
        "employer_id": employer_id,
    }
    count = without_record(actor, **chosen).count()
    if not count:
        raise Refused("名册上的人员都已有这个年度的记录，不需要再建。", code="nothing")
    if count > MOST_PEOPLE:
        raise Refused(f"一次最多建 {MOST_PEOPLE:,} 人，请按所属单位分次办理。", code="too_many")
    title = f"按名册建档：{responsibility.label} {year} 年度（{count} 人）"
    return queue_job(kind=KIND, title=title, parameters={"chosen": chosen}, actor=actor)


def run_opening(job: Job, actor: Actor, report: Report) -> Result:
    """Open each in a transaction of its own; who can't be opened is named with the reason in the result."""
    assert actor.context is not None  # only members queue jobs
    chosen: Mapping[str, Any] = job.parameters["chosen"]
    with as_context(actor.context):
        responsibility = Responsibility.objects.select_related("agency", "jurisdiction").get(
            jurisdiction_id=actor.jurisdiction_id, agency_id=actor.own_agency, occupation=chosen["occupation"]
        )
        found = without_record(actor, **chosen).order_by("name_sort", "id")
        ids = list(found.values_list("id", flat=True)[:MOST_PEOPLE])
    opening = _Opening(responsibility, int(chosen["year"]), actor)
    for position, pk in enumerate(ids, 1):
        opening.open(pk)
        report(position, len(ids))
    more = "没有建立的原因在结果文件中。" if opening.refused else ""
    said = f"{opening.said()}。{more}建立的都是草稿，请到“档案填报”填写、提交。"
    return opening.told(), f"按名册建档结果（{len(ids)}人）.csv", said


register(KIND, run_opening)


@dataclasses.dataclass
class _Opening:
    responsibility: Responsibility
    year: int
    actor: Actor
    opened: int = 0
    refused: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)

    def open(self, entry_id: UUID) -> None:
        assert self.actor.context is not None
        name, shown = "", ""
        try:
            with as_context(self.actor.context):
                entries = RosterEntry.objects.visible_to(self.actor).select_related("employer")
                entry = entries.get(id=entry_id)
                name, shown = entry.name, entry.number_mask
                open_archive(
                    responsibility=self.responsibility,
                    employer=entry.employer,
                    raw={
                        "name": entry.name,
                        "document_type": entry.document_type,
                        "document_number": number_of(entry),
                    },
                    year=self.year,
                    actor=self.actor,
                    today=timezone.localdate(),
                )
        except Refused as refusal:
            with as_context(self.actor.context):
                note_asked(refusal, self.actor)
            self.refused.append((name, shown, str(refusal)))
        except NotReadable as wrong:
            self.refused.append((name, shown, wrong.problems[0].message))
        else:
            self.opened += 1

    def said(self) -> str:
        rest = f"，没有建立 {len(self.refused):,} 人" if self.refused else ""
        return f"已建立 {self.opened:,} 人{rest}"

    def told(self) -> bytes:
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow([self.said()])
        table.writerow(["姓名", "证件号码", "没有建立的原因"])
        for name, shown, why in self.refused:
            table.writerow([neutral(name), neutral(shown), why])
        return text.getvalue().encode("utf-8-sig")
