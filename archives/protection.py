"""Sensitive values (ID numbers, phones) inside stored records: encrypted on the way in, read on the way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from archives.schema.occupations import Occupation
from archives.schema.parts import with_sections
from archives.schema.sections import Section
from credit_platform import crypto

Stored = dict[str, Any]
"""Section name to field name to JSON value, as `Occupation.dump` makes it."""


def protect(occupation: type[Occupation], dumped: Mapping[str, Any]) -> Stored:
    """Return the record as it may stand in the database."""
    return _each(occupation, dumped, lambda name, text: crypto.encrypt(text, purpose=f"record.{name}"))


def reveal(occupation: type[Occupation], stored: Mapping[str, Any]) -> Stored:
    """Return what `protect` was given. Raises `crypto.Undecipherable`."""
    return _each(occupation, stored, lambda name, text: crypto.decrypt(text, purpose=f"record.{name}"))


def protect_fact(section: type[Section], dumped: Mapping[str, Any]) -> Stored:
    """Return the boxes of a dated fact as they may stand in the database."""
    return _section(section, dumped, lambda name, text: crypto.encrypt(text, purpose=f"item.{name}"))


def reveal_fact(section: type[Section], stored: Mapping[str, Any]) -> Stored:
    """Return what `protect_fact` was given. Raises `crypto.Undecipherable`."""
    return _section(section, stored, lambda name, text: crypto.decrypt(text, purpose=f"item.{name}"))


def protect_typed(typed: Mapping[str, str]) -> dict[str, str]:
    """Encrypt what was typed into fields that could not be read; any of it may be an ID number."""
    return {name: crypto.encrypt(text, purpose=f"typed.{name}") for name, text in typed.items()}


def reveal_typed(stored: Mapping[str, str]) -> dict[str, str]:
    """Return what `protect_typed` was given."""
    return {name: crypto.decrypt(text, purpose=f"typed.{name}") for name, text in stored.items()}


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return the one byte string that stands for a sealed body, over which its digest is taken."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _each(
    occupation: type[Occupation], record: Mapping[str, Any], change: Callable[[str, str], str]
) -> Stored:
    # What was written before the work was divided anew, or the group put together anew, can still be read.
    sections = with_sections(occupation.whole or occupation, record).sections
    return {
        name: [_section(sections[name], row, change) for row in content]
        if isinstance(content, list)
        else _section(sections[name], content, change)
        for name, content in record.items()
    }


def _section(section: type[Section], values: Mapping[str, Any], change: Callable[[str, str], str]) -> Stored:
    fields = section.fields
    return {
        name: change(name, value) if value is not None and fields[name].sensitive else value
        for name, value in values.items()
    }
