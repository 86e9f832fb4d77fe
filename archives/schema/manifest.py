"""The frozen description of what a record of one year contains.

A sealed version stores the digest of the manifest it was sealed under, so that nobody can later say a box
meant something else.
"""

import hashlib
import json
from typing import Any

from archives.schema.fields import Choice
from archives.schema.occupations import Occupation


def manifest(occupation: type[Occupation], year: int) -> dict[str, Any]:
    """Sections, fields and code lists in force in `year`, as plain JSON data."""
    return {
        "occupation": occupation.code,
        "label": occupation.label,
        "department": occupation.department,
        "year": year,
        "sections": [
            {
                "name": name,
                "label": section.label,
                "repeats": section.repeats,
                "fields": [
                    {"name": field.name, **field.manifest()}
                    for field in section.fields.values()
                    if field.applies_in(year)
                ],
            }
            for name, section in occupation.sections.items()
            if any(field.applies_in(year) for field in section.fields.values())
        ],
        "code_lists": _code_lists(occupation, year),
    }


def _code_lists(occupation: type[Occupation], year: int) -> dict[str, Any]:
    lists = {
        field.codes.name: field.codes
        for section in occupation.sections.values()
        for field in section.fields.values()
        if isinstance(field, Choice) and field.applies_in(year)
    }
    return {
        name: {"standard": codes.standard, "list_version": codes.list_version, "codes": dict(codes.labels)}
        for name, codes in lists.items()
    }


def schema_digest(occupation: type[Occupation], year: int) -> str:
    """SHA-256 of the manifest's canonical JSON (sorted keys, no blanks, UTF-8), in hexadecimal."""
    text = json.dumps(manifest(occupation, year), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
