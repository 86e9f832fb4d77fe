"""Which occupation a record is of: the department's class, or the base record under the group's printed name."""

from __future__ import annotations

import datetime as dt

from agencies.models import Responsibility
from archives.schema.composed import composed
from archives.schema.labels import named
from archives.schema.occupations import Occupation
from archives.schema.parts import limited
from archives.schema.registry import registry

Occupations = dict[tuple[int, str], type[Occupation]]
"""By agency id and occupation code."""


def occupations_of(jurisdiction_id: int) -> Occupations:
    """Return all occupations of a county, in one query."""
    rows = Responsibility.objects.filter(jurisdiction_id=jurisdiction_id).select_related("agency")
    return {(row.agency_id, row.occupation): occupation_of(row) for row in rows}


def occupation_of(responsibility: Responsibility) -> type[Occupation]:
    """Return the occupation that a responsibility is about; of several writers' each its part (GZ-A02, GZ-A08)."""
    department = responsibility.agency.department
    code = responsibility.occupation
    if responsibility.contents and code not in registry:
        base = composed(
            code,
            responsibility.label,
            department,
            responsibility.contents,
            responsibility.contents_since,
        )
    else:
        base = registry.base_for(code, responsibility.label, department)
    former = tuple(
        (str(entry["name"]), dt.datetime.fromisoformat(entry["until"]))
        for entry in responsibility.former_labels
    )
    whole = named(base, responsibility.label, former)
    if not responsibility.sections:
        return whole
    return limited(whole, responsibility.sections, responsibility.kinds)
