"""One row of an uploaded workbook, and what became of it when it was judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from agencies.models import Employer
from archives.models import Archive, RecordPart
from archives.schema.identifiers import mask
from archives.schema.problems import Problem
from archives.services.hub import Identity
from archives.services.people import identity_of
from archives.services.upload_values import Laid
from archives.states import RowOutcome
from archives.workbooks import Row, Sheet, located
from archives.workbooks.cells import storable
from archives.workbooks.summary import shown_value


@dataclasses.dataclass(frozen=True)
class Judged:
    """One row: what would become of it. Of a refused one `problems` say why; they carry sheet, row and column.

    `position` counts the rows of the file from 1. `archive` and `part` are those that are there already; without an
    archive `identity` says whose it would be and `employer` where. `unfilled` are the boxes that the draft will still
    lack when it is to be handed on.
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
    unfilled: Sequence[str] = ()

    @property
    def adverse(self) -> bool:
        """Whether the draft awaits evidence."""
        return self.laid is not None and self.laid.adverse and self.outcome in WRITTEN


WRITTEN = (RowOutcome.NEW, RowOutcome.CHANGED)
"""Outcomes that lead to something being written."""
Numbered = tuple[int, Row]


def refused(one: Judged, sheet: Sheet, *problems: Problem) -> Judged:
    """Return the row with these problems in their places; as it is when there are none."""
    if not problems:
        return one
    found = tuple(located(problem, one.row, sheet) for problem in problems)
    return dataclasses.replace(one, outcome=RowOutcome.REFUSED, laid=None, problems=found)


def whose(one: Judged) -> tuple[Identity, Employer | None]:
    """Return whose record is begun, and where: as the archive has it, or as the row says."""
    archive = one.archive
    if archive is None:
        assert one.identity is not None  # else the row is refused
        return one.identity, one.employer
    return identity_of(archive), archive.employer


def told(problem: Problem, row: Row, sheet: Sheet) -> dict[str, Any]:
    """Return a problem as it is kept for pages: where, what, and the value with numbers masked."""
    column = next((one for one in sheet.columns if (one.field or one.key) == problem.field), None)
    value = shown_value(column, row.values.get(column.key)) if column else ""
    kept = {**dataclasses.asdict(problem), "value": value, "label": column.label if column else ""}
    return {key: storable(one) if isinstance(one, str) else one for key, one in kept.items()}


def shown_name(one: Judged) -> tuple[str, str]:
    """Return name and masked number of a row as pages show them, also of one that can't be read."""
    if one.archive is not None:
        return one.archive.name, one.archive.number_mask
    if one.identity is not None:
        return one.identity.name, mask(one.identity.number)
    name = shown_value(None, one.row.values.get("name")) if one.row.values.get("name") is not None else ""
    number = one.row.values.get("document_number")
    return storable(name[:50]), "" if number is None else mask(storable(str(number)[:40]))


def row_problem(code: str, message: str, *, field: str = "document_number") -> Problem:
    """Return a problem of a row that has no place in the file yet."""
    return Problem(code, message, level="field", field=field)
