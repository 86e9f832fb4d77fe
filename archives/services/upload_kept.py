"""What a judged row keeps until it is written: whose it is and what will stand in the record, encrypted."""

from __future__ import annotations

from typing import Any

from archives.names import keys_of
from archives.protection import protect, protect_typed
from archives.schema.identifiers import mask
from archives.schema.occupations import Occupation
from archives.services.hub import Identity, sealed_for_person
from archives.services.people import archive_index, sealed_for_archive
from archives.services.records import determination_of
from archives.services.upload_judged import WRITTEN, Judged, whose

KEPT = {
    "employer": "integer",
    "name": "text",
    "name_sort": "text",
    "initials": "text",
    "document_type": "text",
    "number": "text",
    "number_mask": "text",
    "number_index": "text",
    "person_number": "text",
    "person_index": "text",
    "person_name_index": "text",
    "person_namesakes": "text",
    "determination": "text",
    "typed": "jsonb",
    "fields": "jsonb",
    "filled": "boolean",
}
"""What a row keeps beside the values of the record, by SQL type.

`employer` is where the record begins if it is new; `name` to `person_namesakes` belong to who has no archive; of who
has one, `name` and `number_index` as they were when the row was judged, when the identity in the values was read;
`fields` are the boxes that changed; `filled` tells whether the row says more than a record holds that was just begun.
"""


def kept_of(one: Judged) -> dict[str, Any]:
    """Return what is kept of a row beside its values, empty for one that is not written."""
    laid = one.laid
    if laid is None or one.outcome not in WRITTEN:
        return {}
    draft = {
        "typed": protect_typed(laid.after.typed),
        "determination": determination_of(laid.after.record),
        "filled": bool(laid.changed or laid.after.typed),
        "fields": [field.name for field in laid.changed],
    }
    if one.part is not None:
        return draft
    identity, employer = whose(one)
    draft["employer"] = None if employer is None else employer.pk
    if one.archive is not None:
        return draft | {"name": one.archive.name, "number_index": one.archive.number_index}
    return draft | _registered(identity)


def draft_values(one: Judged, occupation: type[Occupation]) -> dict[str, Any]:
    """Return the values as they will stand in the record, empty for a row that is not written."""
    if one.laid is None or one.outcome not in WRITTEN:
        return {}
    return protect(occupation, occupation.dump(one.laid.after.record))


def _registered(identity: Identity) -> dict[str, Any]:
    sort, letters = keys_of(identity.name)
    return {
        "name": identity.name,
        "name_sort": sort,
        "initials": letters,
        "document_type": identity.document_type,
        "number": sealed_for_archive(identity.number),
        "number_mask": mask(identity.number),
        "number_index": archive_index(identity.number),
        "person_number": sealed_for_person(identity.number),
        "person_index": identity.number_index,
        "person_name_index": identity.number_name_index,
        "person_namesakes": identity.namesake_index,
    }
