"""The content of a part as the schema reads it: draft in, draft out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from archives.models import RecordPart
from archives.protection import reveal, reveal_typed
from archives.schema.determination import Determination
from archives.schema.fields import Field
from archives.schema.occupations import Occupation, Record
from archives.schema.problems import Problem

TYPED_LIMIT = 2000
"""Characters that are kept of what could not be read."""

IDENTITY = frozenset({"name", "document_type", "document_number"})
"""Fields that are settled when the archive is opened; the yearly form shows them and cannot change them."""


@dataclasses.dataclass(frozen=True)
class Draft:
    """What a part holds: `record` as parsed values, `typed` the raw text of fields that could not be read."""

    record: Record
    typed: Mapping[str, str]

    def raw(self) -> dict[str, Any]:
        """Return the record as input for `Occupation.parse`, with the unreadable text in its place."""
        return {
            section: [dict(row) for row in values]
            if isinstance(values, list)
            else {name: self.typed.get(name, value) for name, value in values.items()}
            for section, values in self.record.items()
        }


def draft_of(part: RecordPart, occupation: type[Occupation]) -> Draft:
    """Decrypt and read the draft of a part."""
    return Draft(occupation.load(reveal(occupation, part.values)), reveal_typed(part.typed))


def posted_record(occupation: type[Occupation], year: int, posted: Mapping[str, Any]) -> dict[str, Any]:
    """Sort posted fields into their sections; what is settled or computed is not taken from a post."""
    key = (occupation, year)
    if key not in _NAMES:
        _NAMES[key] = [
            (name, [field.name for field in section.fields.values() if _is_posted(field, year)])
            for name, section in occupation.sections.items()
            if not section.repeats
        ]
    return {section: {name: posted.get(name) for name in names} for section, names in _NAMES[key]}


_NAMES: dict[tuple[type[Occupation], int], list[tuple[str, list[str]]]] = {}
"""What is taken from a post, by section; worked out once."""


def _is_posted(field: Field[Any], year: int) -> bool:
    return field.name not in IDENTITY and not field.computed and field.applies_in(year)


def with_identity(posted: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """Return posted content with the settled identity of the draft put back in, and repeating sections kept."""
    settled = {name: value for name, value in draft.record["identity"].items() if name in IDENTITY}
    merged: dict[str, Any] = {name: dict(values) for name, values in posted.items()}
    merged["identity"] = {**merged.get("identity", {}), **settled}
    kept = {name: rows for name, rows in draft.record.items() if isinstance(rows, list)}
    return {**merged, **kept}


def read_posted(
    occupation: type[Occupation], posted: Mapping[str, Any], before: Draft, *, year: int, today: dt.date
) -> tuple[Draft, list[Problem]]:
    """Return what a post makes of a draft, and every problem: what could not be read is kept as it was typed."""
    record, problems = occupation.parse(with_identity(posted, before), stage="draft", year=year, today=today)
    unread = {problem.field for problem in problems if problem.severity == "error" and problem.field}
    typed = {
        name: str(value)[:TYPED_LIMIT].replace("\x00", "")
        for values in posted.values()
        for name, value in values.items()
        if name in unread and value not in (None, "")
    }
    return Draft(record, typed), problems


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a record by field name, without its repeating sections."""
    found: dict[str, Any] = {}
    for values in record.values():
        if isinstance(values, dict):
            found.update(values)
    return found


def changed_fields(
    occupation: type[Occupation], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Field[Any]]:
    """Return the fields whose parsed values differ between two records, in form order."""
    found = []
    for section_name, section in occupation.sections.items():
        old, new = before.get(section_name, {}), after.get(section_name, {})
        if old != new and not section.repeats:
            found += [field for name, field in section.fields.items() if old.get(name) != new.get(name)]
    return found


def sentence_of(name: str, values: Mapping[str, Any], outcome: str | None = None) -> str:
    """Return the sentence of the determination with behaviour and ground (AY-N1), of `outcome` where it is given;
    nothing for a part that has none (GZ-A02)."""
    if "determination" not in values:
        return ""
    chosen = outcome or values["determination"]
    behaviour, ground = values.get("behaviour"), values.get("ground")
    return f"{Determination.statement(chosen, name=name, behaviour=behaviour, ground=ground)}。"
