"""Accepted rows written hundreds at once, with the very result that the services have one by one.

Judging has put into each row what is to be written, so nothing is read again. Nothing is decided here either: a row
that does not go through plainly, because somebody was quicker, or the person is known in the county, or several units
write about the group, is left to the services, which know how to refuse it (`upload_writing`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from agencies.models import Employer, Responsibility
from archives.lifecycle import WRITABLE, may_write
from archives.models import AnnualRecord, Archive, RecordPart, Upload, UploadRow
from archives.schema.members import MEMBERS
from archives.services.people import check_opening
from archives.services.upload_judged import WRITTEN
from archives.services.upload_sql import KEYS, Keys, Statements
from archives.services.years import is_closed
from archives.states import RowOutcome
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.identity import uuid7
from credit_platform.tenancy.plans import joining_wholes, plan_anew

TOGETHER = 500
"""Rows that are written in one transaction."""
_FEW = 16
"""So few people, one of whom is known in the county, are left to the services."""


@dataclasses.dataclass(frozen=True)
class _Row:
    """What decides how an accepted row is written."""

    position: int
    outcome: str
    part_id: UUID | None
    revision: int | None
    archive_id: UUID | None
    employer: int | None
    name: str | None
    number_index: str | None


class Writer:
    """Writes the accepted rows of one upload in their order, a portion with each call. Two may work side by side."""

    def __init__(self, upload: Upload, responsibility: Responsibility, actor: Actor) -> None:
        self.upload, self.responsibility, self.actor = upload, responsibility, actor
        self._sql = Statements(upload, responsibility, actor)
        self._after = 0

    def write(self) -> int:
        """Write the next portion, in the transaction of the caller; return how many rows were looked at, 0 at the end.

        What was left out is still marked as not written.
        """
        rows = self._next()
        if not rows:
            return 0
        self._after = rows[-1].position
        plan_anew()
        with joining_wholes():
            written = self._save(rows) + self._open(rows)
        if written:
            data = {"parts": sorted(written)}
            journal.write("upload.written", actor=self.actor, subject=self.upload, data=data)
        return len(rows)

    def _next(self) -> list[_Row]:
        free = UploadRow.objects.select_for_update(
            of=("self",), skip_locked=True
        )  # of a writer beside this one
        waiting = free.filter(
            upload_id=self.upload.pk, outcome__in=WRITTEN, written=False, position__gt=self._after
        )
        kept = waiting.exclude(draft={}).order_by("position")
        names = ["position", "outcome", "part_id", "revision", "archive_id"]
        names += [f"kept__{name}" for name in ("employer", "name", "number_index")]
        return [_Row(*values) for values in kept.values_list(*names)[:TOGETHER]]

    def _save(self, rows: Iterable[_Row]) -> list[str]:
        """Write into the drafts that are there and were not touched since."""
        wanted = {one.part_id: one for one in rows if one.outcome == RowOutcome.CHANGED and one.part_id}
        if not wanted or not may_write(self.actor) or self.responsibility.sections:
            return []
        drafts = RecordPart.objects.visible_to(self.actor).select_for_update(of=("self",))
        found = drafts.filter(id__in=wanted, status__in=WRITABLE).order_by("id").values_list("id", "revision")
        same = [part for part, revision in found if revision == wanted[part].revision]
        if same:
            self._sql.save([wanted[part].position for part in same])
        return [str(part) for part in same]

    def _open(self, rows: Iterable[_Row]) -> list[str]:
        """Begin records of people who have none for the year."""
        wanted = [one for one in rows if one.outcome == RowOutcome.NEW and one.part_id is None]
        year, today = self.upload.year, timezone.localdate()
        if not wanted or self.responsibility.occupation == MEMBERS:  # each has a consent to be looked for
            return []
        if self.responsibility.sections:  # several writers: each is to be told of the others' state
            return []
        if is_closed(self.responsibility.jurisdiction, year, today=today):
            return []
        places = self._open_places({one.employer for one in wanted})
        wanted = [one for one in wanted if one.employer in places]
        known = self._startable([one for one in wanted if one.archive_id is not None])
        return self._known(known) + self._new([one for one in wanted if one.archive_id is None])

    def _open_places(self, wanted: set[int | None]) -> set[int | None]:
        """The employers at which this actor may open archives now."""
        found: dict[int | None, Employer | None] = dict(
            Employer.objects.visible_to(self.actor).in_bulk(list(filter(None, wanted)))
        )
        if None in wanted:
            found[None] = None
        return {key for key, employer in found.items() if self._may_open(employer)}

    def _may_open(self, employer: Employer | None) -> bool:
        year, today = self.upload.year, timezone.localdate()
        try:
            check_opening(self.responsibility, employer, year, actor=self.actor, today=today)
        except Refused:
            return False
        return True

    def _startable(self, rows: Sequence[_Row]) -> list[_Row]:
        """Those whose archive is as it was, under the name and number of the row, and has no record of the year."""
        if not rows:
            return []
        stays = Q(left_on=None) | Q(left_on__year__gte=self.upload.year)
        stays &= Q(consent=None) | Q(consent__withdrawn_on=None)
        archives = Archive.objects.visible_to(self.actor).select_for_update(of=("self",)).filter(stays)
        found = archives.filter(id__in=[one.archive_id for one in rows]).order_by("id")
        named = found.values_list("id", "employer_id", "name", "number_index")
        places = {key: as_it_is for key, *as_it_is in named}
        begun = AnnualRecord.objects.visible_to(self.actor).filter(
            year=self.upload.year, archive_id__in=list(places)
        )
        taken = set(begun.values_list("archive_id", flat=True))
        return [
            one
            for one in rows
            if one.archive_id in places
            and one.archive_id not in taken
            and places[one.archive_id] == [one.employer, one.name, one.number_index]
        ]

    def _known(self, rows: Sequence[_Row]) -> list[str]:
        return self._together(rows, self._sql.open_known)

    def _new(self, rows: Sequence[_Row]) -> list[str]:
        """Open archives of people whom nobody in the county knows; halve until those who are known are left over."""
        if not rows:
            return []
        opened = self._together(rows, self._register_and_open)
        if opened or len(rows) <= _FEW:
            return opened
        middle = len(rows) // 2
        return self._new(rows[:middle]) + self._new(rows[middle:])

    def _register_and_open(self, keys: Keys) -> None:
        if not self._sql.register(keys):
            raise IntegrityError("somebody is known")
        self._sql.open_new(keys)

    def _together(self, rows: Sequence[_Row], act: Callable[[Keys], None]) -> list[str]:
        """All of them or, when one of them is there already, none."""
        if not rows:
            return []
        keys = {one.position: {name: str(uuid7()) for name in KEYS} for one in rows}
        try:
            with transaction.atomic():
                act(keys)
        except IntegrityError:
            return []
        return [one["part"] for one in keys.values()]
