"""The statements that write many accepted rows at once, out of what the rows keep (`upload_kept`).

They run in the transaction and under the row-level security of whoever uploaded the file. What they write is what
`open_archive` and `save_draft` write for one row; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from psycopg2 import sql
from psycopg2.extras import Json

from agencies.models import Responsibility
from archives.models import (
    AnnualRecord,
    Archive,
    Person,
    PersonDocument,
    PersonLocator,
    RecordPart,
    Upload,
    UploadRow,
)
from archives.occupations import occupation_of
from archives.services.upload_kept import KEPT
from audit.models import Event, of_actor
from credit_platform.actors import Actor
from credit_platform.tenancy.bulk import Parameters, insert_from, run

Keys = Mapping[int, Mapping[str, str]]
"""New ids as text, by `KEYS`, for each position."""
KEYS = ("person", "document", "archive", "record", "part")
_TABLES = {
    "rows": sql.Identifier(UploadRow._meta.db_table),
    "archives": sql.Identifier(Archive._meta.db_table),
    "parts": sql.Identifier(RecordPart._meta.db_table),
    "kept": sql.SQL(", ").join(sql.SQL(f"{name} {kind}") for name, kind in KEPT.items()),
}
_WITHOUT_ARCHIVE = sql.SQL(
    """
    SELECT u.position, u.draft, x.person, x.document, x.archive, x.record, x.part, k.*
    FROM {rows} AS u
    JOIN unnest(%(positions)s, %(person)s::uuid[], %(document)s::uuid[], %(archive)s::uuid[], %(record)s::uuid[],
                %(part)s::uuid[])
      AS x(position, person, document, archive, record, part) ON x.position = u.position
    CROSS JOIN LATERAL jsonb_to_record(u.kept) AS k({kept})
    WHERE u.jurisdiction_id = %(jurisdiction)s AND u.upload_id = %(upload)s
      AND u.position BETWEEN %(first)s AND %(last)s
    """
).format(**_TABLES)
_WITH_ARCHIVE = sql.SQL(
    """
    SELECT u.position, u.draft, x.record, x.part, a.id AS archive, a.person_id AS person, a.employer_id AS employer,
           a.name, a.name_sort, a.initials, a.number_mask, k.determination, k.typed, k.fields, k.filled
    FROM {rows} AS u
    JOIN unnest(%(positions)s, %(record)s::uuid[], %(part)s::uuid[]) AS x(position, record, part)
      ON x.position = u.position
    JOIN {archives} AS a ON a.jurisdiction_id = u.jurisdiction_id AND a.id = u.archive_id
    CROSS JOIN LATERAL jsonb_to_record(u.kept) AS k({kept})
    WHERE u.jurisdiction_id = %(jurisdiction)s AND u.upload_id = %(upload)s
      AND u.position BETWEEN %(first)s AND %(last)s
    """
).format(**_TABLES)
_SAVED = sql.SQL(
    """
    UPDATE {parts} AS p
    SET values = u.draft, typed = u.kept->'typed', determination = u.kept->>'determination',
        writers = %(writers)s::jsonb || (
          SELECT coalesce(jsonb_agg(o.writer ORDER BY o.place), '[]')
          FROM jsonb_array_elements(p.writers) WITH ORDINALITY AS o(writer, place)
          WHERE o.writer <> to_jsonb(%(user)s)
        ),
        revision = p.revision + 1, saved_by = %(by)s, saved_at = %(now)s
    FROM {rows} AS u
    WHERE u.jurisdiction_id = %(jurisdiction)s AND u.upload_id = %(upload)s
      AND u.position BETWEEN %(first)s AND %(last)s AND u.position = ANY(%(positions)s)
      AND p.jurisdiction_id = u.jurisdiction_id AND p.id = u.part_id
    RETURNING u.position, u.kept->'fields' AS fields,
              p.id AS part, p.person_id AS person, p.employer_id AS employer, p.name
    """
).format(**_TABLES)
_WRITTEN = sql.SQL(
    """
    UPDATE {rows} AS u
    SET written = true, part_id = r.part, kept = '{{}}', draft = '{{}}'
    FROM r
    WHERE u.jurisdiction_id = %(jurisdiction)s AND u.upload_id = %(upload)s
      AND u.position BETWEEN %(first)s AND %(last)s AND u.position = r.position
    """
).format(**_TABLES)
_R = sql.SQL("r")
_FILLED = sql.SQL("r WHERE r.filled")
_ORDER = {"person.registered": 0, "record.opened": 1, "record.saved": 2}
"""What happens to one row, in its order: a microsecond apart."""
_OWNERS = {
    "person_id": "r.person",
    "agency_id": "%(agency)s",
    "employer_id": "r.employer",
    "occupation": "%(occupation)s",
}
_LISTED = {name: f"r.{name}" for name in ("name", "name_sort", "initials", "number_mask")}


class Statements:
    """Writes rows of one upload, which the caller has chosen and locked."""

    def __init__(self, upload: Upload, responsibility: Responsibility, actor: Actor) -> None:
        self.upload, self.responsibility, self.actor = upload, responsibility, actor
        self.sections = list(occupation_of(responsibility).sections)

    def register(self, keys: Keys) -> bool:
        """Enter people and their documents into the county's hub, as `find_or_register` does; tell whether none of the
        numbers was there.

        If one was, the caller rolls back.
        """
        given = self._given(keys)
        columns = {
            "id": "r.document",
            "person_id": "r.person",
            "number_index": "r.person_index",
            "number_name_index": "r.person_name_index",
            "namesake_index": "coalesce(r.person_namesakes, '')",
            "document_type": "r.document_type",
            "number": "r.person_number",
            "added_by": "%(by)s",
        }
        people = insert_from(Person, _R, {"id": "r.person"}, given)
        # In one order, whatever that of the rows: two uploads that name the same people wait for each other.
        documents = insert_from(
            PersonDocument,
            sql.SQL("r ORDER BY r.person_index"),
            columns,
            given,
            then="ON CONFLICT DO NOTHING RETURNING 1",
        )
        named = sql.SQL(
            "WITH r AS MATERIALIZED ({}), people AS ({}), documents AS ({}) SELECT 1 FROM documents"
        )
        return run(named.format(_WITHOUT_ARCHIVE, people, documents), given) == len(keys)

    def open_new(self, keys: Keys) -> None:
        """Open archive and record of people who were just registered. Raises `IntegrityError`."""
        given = self._given(keys)
        own = {name: f"r.{name}" for name in ("document_type", "number", "number_index")}
        registered = {"person_id": "r.person", "occupation": "''"}
        steps = {
            "located": insert_from(
                PersonLocator, _R, {"number_index": "r.person_index", "person_id": "r.person"}, given
            ),
            "archived": insert_from(Archive, _R, {"id": "r.archive", **_OWNERS, **_LISTED, **own}, given),
            "registered": self._event("person.registered", _R, registered, given),
        }
        self._begin(_WITHOUT_ARCHIVE, steps, given)

    def open_known(self, keys: Keys) -> None:
        """Begin the record of people whose archive is there. Raises `IntegrityError`."""
        self._begin(_WITH_ARCHIVE, {}, self._given(keys))

    def save(self, positions: Sequence[int]) -> None:
        """Write into drafts that are there and untouched, as `save_draft` does."""
        given = self._given({}) | _within(positions)
        saved = self._about_part("record.saved", _R, given)
        run(sql.SQL("WITH r AS ({}), saved AS ({}) {}").format(_SAVED, saved, _WRITTEN), given)

    def _begin(self, source: sql.Composable, steps: Mapping[str, sql.Composable], given: Parameters) -> None:
        """Take the steps and begin a record for each row of `source`, as `start_record` and `fill_in` do."""
        record = {"id": "r.record", "archive_id": "r.archive", "year": "%(year)s", **_OWNERS}
        part = {
            "id": "r.part",
            "record_id": "r.record",
            "year": "%(year)s",
            **_OWNERS,
            **_LISTED,
            "sections": "%(sections)s",
            "lead": "%(lead)s",
            "revision": "CASE WHEN r.filled THEN 2 ELSE 1 END",
            "values": "r.draft",
            "typed": "r.typed",
            "determination": "CASE WHEN r.filled THEN r.determination ELSE '' END",
            "writers": "%(writers)s",
            "saved_by": "%(by)s",
        }
        taken = {
            **steps,
            "recorded": insert_from(AnnualRecord, _R, record, given),
            "begun": insert_from(RecordPart, _R, part, given),
            "opened": self._about_part("record.opened", _R, given),
            "saved": self._about_part("record.saved", _FILLED, given),
        }
        done = [sql.SQL("{} AS ({})").format(sql.Identifier(name), step) for name, step in taken.items()]
        named = sql.SQL("WITH r AS MATERIALIZED ({}), {} {}")
        run(named.format(source, sql.SQL(", ").join(done), _WRITTEN), given)

    def _about_part(self, verb: str, source: sql.Composable, given: Parameters) -> sql.Composed:
        saved = verb == "record.saved"
        columns = {
            **_OWNERS,
            "subject_type": f"'{RecordPart._meta.model_name}'",
            "subject_id": "r.part::text",
            "subject_label": "r.name || %(of_year)s",
            "data": "jsonb_build_object('fields', r.fields)" if saved else "'{}'",
        }
        return self._event(verb, source, columns, given)

    def _event(
        self, verb: str, source: sql.Composable, columns: Mapping[str, str], given: Parameters
    ) -> sql.Composed:
        who = of_actor(self.actor)
        given |= {f"event_{name}": value for name, value in who.items()}
        fixed = {
            "id": "gen_random_uuid()",
            "at": f"%(now)s + {_ORDER[verb]} * interval '1 microsecond'",
            "verb": f"'{verb}'",
            **{name: f"%(event_{name})s" for name in who},
        }
        return insert_from(Event, source, {**fixed, **columns}, given)

    def _given(self, keys: Keys) -> Parameters:
        """What the statements mention."""
        upload = self.upload
        fixed: dict[str, Any] = {
            "jurisdiction": upload.jurisdiction_id,
            "upload": upload.pk,
            "agency": upload.agency_id,
            "occupation": upload.occupation,
            "year": upload.year,
            "of_year": f" {upload.year} 年度",
            "sections": Json(self.sections),
            "lead": self.responsibility.lead,
            "user": self.actor.user_id,
            "writers": Json([self.actor.user_id]),
            "by": self.actor.name,
            "now": timezone.now(),
        }
        return (
            fixed | _within(list(keys)) | {name: _array(one[name] for one in keys.values()) for name in KEYS}
        )


def _array(ids: Iterable[str]) -> str:
    """The literal of an array: one by one, the driver takes a tenth of the time of writing for the ids."""
    return f"{{{','.join(ids)}}}"


def _within(positions: Sequence[int]) -> Parameters:
    """The chosen positions and their bounds: by these the rows are found, not by going through the whole upload."""
    bounds = {"first": min(positions), "last": max(positions)} if positions else {}
    return {"positions": list(positions), **bounds}
