"""A group put together from Ganzhou's sixteen kinds of content, without a class of its own (GZ-05, GZ-06)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from archives.schema.common_sections import BusinessSummary, GeneralQualification, SocialServiceSummary
from archives.schema.contents import GANZHOU, Content, adapted
from archives.schema.occupations import Occupation
from archives.schema.sections import Section

ALWAYS: Final = ("E1", "E2", "E6", "E12")
"""Who somebody is, where he works, what speaks for him and what against: without these it is no credit archive."""
CONTENTS: Final[Mapping[str, str]] = MappingProxyType({code: one.label for code, one in GANZHOU.items()})
"""The sixteen by code, as the notice words them."""
SECTIONS: Final[Mapping[str, tuple[str, type[Section]]]] = MappingProxyType(
    {
        "business": ("Business", BusinessSummary),
        "social_service": ("SocialService", SocialServiceSummary),
        "qualification": ("Qualification", GeneralQualification),
    }
)
"""The sections that contents bring along, by their name in a record, each with its name in the class."""
_BRINGS = {"E3": "business", "E4": "social_service", "E10": "qualification"}
ON_THE_FORM: Final = frozenset(_BRINGS)
"""Contents with boxes of their own on the yearly form; the others are dated facts alone."""
_TWICE = {("E5", "E6"): "discipline", ("E10", "E2"): "qualification_change"}
"""Kinds under two headings stand under the first alone, if a group has both."""
_COMPOSED: dict[tuple[object, ...], type[Occupation]] = {}


def unknown(codes: Iterable[object]) -> list[str]:
    """Return what is no code of a content."""
    return [str(code) for code in codes if code not in CONTENTS]


def composed(
    code: str,
    label: str,
    department: str,
    contents: Iterable[str],
    since: Mapping[str, int] = MappingProxyType({}),
) -> type[Occupation]:
    """Return the occupation that has these contents and those of `ALWAYS`; the same class object each time.

    `since`: archive years from which on contents have their boxes on the form, where not from the first. Raises
    `LookupError` for a code that is none of the sixteen.
    """
    wanted = {*contents, *ALWAYS}
    if wrong := unknown(sorted(wanted)):
        raise LookupError(f"no content {', '.join(wrong)}")
    chosen = tuple(one for one in GANZHOU if one in wanted)
    begun = tuple((one, since[one]) for one in chosen if one in _BRINGS and one in since)
    key = (code, label, department, chosen, begun)
    if key not in _COMPOSED:
        members: dict[str, Any] = {"code": code, "label": label, "department": department}
        members |= {"contents": _contents(chosen), "__doc__": Occupation.__doc__}
        members |= dict(_section(one, dict(begun).get(one, 0)) for one in chosen if one in _BRINGS)
        _COMPOSED[key] = type("ComposedRecord", (Occupation,), members)
    return _COMPOSED[key]


def _section(code: str, since: int) -> tuple[str, type[Section]]:
    name, section = SECTIONS[_BRINGS[code]]
    if not since:
        return name, section
    members: dict[str, Any] = {"__doc__": section.__doc__}
    for field_name, field in section.fields.items():
        members[field_name] = copy.copy(field)
        members[field_name].since = since
    return name, type(name, (section,), members)


def _contents(chosen: tuple[str, ...]) -> tuple[Content, ...]:
    without = {
        second: (kind,) for (first, second), kind in _TWICE.items() if first in chosen and second in chosen
    }
    return tuple(adapted(one, without=without.get(one, ())) for one in chosen)
