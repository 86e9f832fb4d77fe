"""批量打印: all records that a filter of the list finds, as one PDF in the order of the list (AY-10, AY-N4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from agencies.models import Employer
from archives.jobs import UNTIL, Report, Result, register
from archives.models import Item, Job, RecordPart, Version
from archives.occupations import Occupations, occupations_of
from archives.outcomes import OUTCOMES, REGISTRATIONS, narrow
from archives.printing.forms import (
    CannotPrint,
    PrintedForm,
    draft_form,
    print_forms,
    version_form,
)
from archives.schema.occupations import Occupation
from archives.selectors import parts_visible_to
from archives.services.jobs import queue_job
from archives.services.writers import division_of
from archives.states import Delivery, Status
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import as_context

logger = logging.getLogger(__name__)

KIND = "print"
MOST_PEOPLE = 2000
FILTERS = ("year", "occupation", "status", "delivery", "employer_id", "outcome", "registration", "check")
"""What may be chosen, as `narrow` takes it."""
_READ_TOGETHER = 100


def queue_print(*, filters: Mapping[str, Any], actor: Actor) -> Job:
    """Queue the print of all records that `filters` (names of `FILTERS`) find for this actor.

    Raises `Refused` when there are none, or more than `MOST_PEOPLE`, and as `queue_job`.
    """
    chosen = {name: filters[name] for name in FILTERS if filters.get(name) not in (None, "")}
    count = _found(actor, chosen).count()
    _check(count)
    title = f"打印信用档案：{_words(chosen, actor)}（{count} 份）"
    return queue_job(kind=KIND, title=title, parameters={"filters": chosen}, actor=actor)


def run_print(job: Job, actor: Actor, report: Report) -> Result:
    """Print what the filters of a job find now for its requester; the look is journalled once, with all ids.

    Raises `Refused` as `queue_print`, and where a record cannot be printed as it is, naming it.
    """
    assert actor.context is not None  # only members queue jobs
    with as_context(actor.context):
        parts = _found(actor, job.parameters["filters"])
        ids = list(parts.order_by("name_sort", "id").values_list("id", flat=True)[: MOST_PEOPLE + 1])
        _check(len(ids))
        journal.look(
            "record.printed",
            actor=actor,
            subject_label=f"批量打印（{len(ids)} 人）",
            data={"job": str(job.pk), "ids": [str(one) for one in ids]},
        )
        reading = _Reading(actor, occupations_of(actor.jurisdiction_id))
    forms: list[PrintedForm] = []
    for start in range(0, len(ids), _READ_TOGETHER):
        report(0, len(ids))
        with as_context(actor.context):
            forms += reading.forms_of(ids[start : start + _READ_TOGETHER])
    _check(len(forms))
    if reading.until is not None:
        job.parameters[UNTIL] = reading.until.isoformat()
    try:
        content = print_forms(forms, done=lambda done: report(done, len(forms)))
    except CannotPrint as trouble:
        raise Refused(str(trouble), code="glyph") from trouble
    return content, f"信用档案打印（{len(forms)}人）.pdf"


register(KIND, run_print)


@dataclasses.dataclass
class _Reading:
    """Reads many records in few queries; remembers who writes which part of a group."""

    actor: Actor
    occupations: Occupations
    writers: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    until: dt.date | None = None
    """The first of the last days of what is printed."""

    def forms_of(self, ids: Iterable[UUID]) -> list[PrintedForm]:
        """Return the forms in the order of the ids, without those that this actor may no longer see."""
        wanted = list(ids)
        found = parts_visible_to(self.actor).filter(id__in=wanted)
        parts = {part.pk: part for part in found.select_related("record__archive", "agency", "employer")}
        versions = _current_versions(self.actor, parts)
        items = _items_by_archive_and_year(parts.values())
        ends = [item.shown_until for of_one in items.values() for item in of_one]
        self.until = min((end for end in (self.until, *ends) if end is not None), default=None)
        return [
            self._form(parts[one], versions.get(one), items[parts[one].record.archive_id, parts[one].year])
            for one in wanted
            if one in parts
        ]

    def _form(self, part: RecordPart, version: Version | None, items: list[Item]) -> PrintedForm:
        occupation = self.occupations[part.agency_id, part.occupation]
        try:
            if part.status == Status.SEALED and version is not None:
                return version_form(part, version, occupation, items=items)
            writers = self._writers(part, occupation)
            return draft_form(part, occupation, writers=writers, items=items)
        except Undecipherable as damage:
            logger.error("record %s cannot be printed: it does not match its digest", part.pk)
            message = f"{part.name}的档案内容与封存时不一致，没有打印。请联系管理员核查。"
            raise Refused(message, code="damaged") from damage

    def _writers(self, part: RecordPart, occupation: type[Occupation]) -> list[str]:
        if part.occupation not in self.writers:
            self.writers[part.occupation] = division_of(part, occupation)
        return self.writers[part.occupation]


def _found(actor: Actor, filters: Mapping[str, Any]) -> QuerySet[RecordPart]:
    return narrow(parts_visible_to(actor), {name: filters[name] for name in FILTERS if name in filters})


def _check(count: int) -> None:
    if not count:
        raise Refused("没有可以打印的档案。请换一个筛选条件。", code="nothing_to_print")
    if count > MOST_PEOPLE:
        raise Refused(
            f"超过一次打印的上限 {MOST_PEOPLE:,} 人。请按年度、人群、所属单位或状态筛选后分次打印。",
            code="too_many_to_print",
        )


def _words(chosen: Mapping[str, Any], actor: Actor) -> str:
    """Say in words what was chosen."""
    words = [f"{chosen['year']} 年度"] if "year" in chosen else []
    if "occupation" in chosen:
        known = occupations_of(actor.jurisdiction_id)
        words += [one.label for (_, code), one in known.items() if code == chosen["occupation"]][:1]
    if "employer_id" in chosen:
        employers = Employer.objects.visible_to(actor).filter(id=chosen["employer_id"])
        words += employers.values_list("name", flat=True)
    words += [Status(chosen["status"]).label] if "status" in chosen else []
    words += [Delivery(chosen["delivery"]).label] if "delivery" in chosen else []
    words += [dict(OUTCOMES)[chosen["outcome"]]] if "outcome" in chosen else []
    words += [dict(REGISTRATIONS)[chosen["registration"]]] if "registration" in chosen else []
    return " ".join(words) or "全部"


def _current_versions(actor: Actor, parts: Mapping[UUID, RecordPart]) -> dict[UUID | None, Version]:
    versions = Version.objects.visible_to(actor).filter(
        part_id__in=list(parts), number=F("part__current_version")
    )
    return {one.part_id: one for one in versions.select_related("part").prefetch_related("bodies")}


def _items_by_archive_and_year(parts: Iterable[RecordPart]) -> dict[tuple[UUID, int], list[Item]]:
    archives = {part.record.archive_id for part in parts}
    found: dict[tuple[UUID, int], list[Item]] = defaultdict(list)
    for item in Item.objects.filter(archive_id__in=archives).order_by("occurred_on", "id"):
        found[item.archive_id, item.year].append(item)
    return found
