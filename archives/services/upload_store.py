"""What was found out about the rows of an upload, stored for the page and for the writing."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from psycopg2.extras import Json

from archives.jobs import Cancelled
from archives.models import Upload, UploadRow
from archives.schema.occupations import Occupation
from archives.services.upload_judged import Judged, shown_name, told
from archives.services.upload_kept import draft_values, kept_of
from archives.workbooks import Sheet
from archives.workbooks.cells import storable
from credit_platform.tenancy.bulk import Parameters, insert_from, record_set, run

_as_json = partial(json.dumps, ensure_ascii=False)  # half as long as with escapes
_PLACE = ("position", "sheet", "row")
_JUDGED = (
    "outcome",
    "name",
    "number_mask",
    "part_id",
    "revision",
    "archive_id",
    "kept",
    "draft",
    "changes",
    "problems",
    "adverse",
)
"""What judging says of a row, anew when it is done again."""


def store_rows(upload: Upload, rows: list[dict[str, Any]]) -> None:
    """Keep what the page shows and what writing needs; rows that stay the same are only counted.

    Raises `Cancelled` when the upload was given up meanwhile. Two workers, one of which was slow and taken for dead,
    write the same.
    """
    held(upload)
    given: Parameters = {
        "rows": Json(rows, dumps=_as_json),
        "upload": upload.pk,
        "agency": upload.agency_id,
        "employer": upload.employer_id,
    }
    owners = {
        "id": "gen_random_uuid()",
        "upload_id": "%(upload)s",
        "agency_id": "%(agency)s",
        "employer_id": "%(employer)s",
    }
    names = (*_PLACE, *_JUDGED)
    columns = owners | {name: f"given.{name}" for name in names}
    again = ", ".join(f"{name} = EXCLUDED.{name}" for name in _JUDGED)
    then = f"ON CONFLICT (jurisdiction_id, upload_id, position) DO UPDATE SET {again}"
    run(insert_from(UploadRow, record_set("rows", UploadRow, names), columns, given, then=then), given)


def held(upload: Upload) -> Upload:
    """Return the upload as it is now, held until the transaction ends. Raises `Cancelled` if it is no longer in the
    state in which the caller knows it: it was given up, or another worker is done."""
    rows = Upload.objects.select_for_update(of=("self",))
    row = rows.filter(id=upload.pk, state=upload.state).first()
    if row is None:
        raise Cancelled
    return row


def row_of(one: Judged, sheet: Sheet, occupation: type[Occupation]) -> dict[str, Any]:
    """Return what is kept of a judged row, as `store_rows` takes it."""
    name, number = shown_name(one)
    return {
        "position": one.position,
        "sheet": storable(one.row.where[:100]),
        "row": one.row.number,
        "outcome": one.outcome,
        "name": name,
        "number_mask": number,
        "part_id": one.part and str(one.part.pk),
        "revision": one.part and one.part.revision,
        "archive_id": one.archive and str(one.archive.pk),
        "kept": kept_of(one),
        "draft": draft_values(one, occupation),
        "changes": one.changes,
        "problems": [told(problem, one.row, sheet) for problem in one.problems],
        "adverse": one.adverse,
    }
