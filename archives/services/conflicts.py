"""Two people, or two tabs, filled in one record: what differs, value by value, and what is to be kept of each."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any, Literal

from archives.content import IDENTITY, Draft, flat
from archives.schema.fields import Field
from archives.schema.occupations import Occupation

Pick = Literal["mine", "theirs", ""]
_MARK_LENGTH = 8
_LONGEST_BASE = 20_000


@dataclasses.dataclass(frozen=True)
class Difference:
    """One field that stands differently in the two. `pick`: the side that alone changed it since both began, if so."""

    name: str
    label: str
    mine: str
    theirs: str
    pick: Pick


def marks_of(draft: Draft, occupation: type[Occupation]) -> str:
    """Return what a page carries along, to tell later which fields were changed from what it showed: a short digest
    of each value, no value itself."""
    return json.dumps(_marks(draft, occupation), separators=(",", ":"))


def differences(
    occupation: type[Occupation], mine: Draft, theirs: Draft, *, base: str, year: int
) -> list[Difference]:
    """Return the fields that differ, in form order. `base` is the `marks_of()` what both began with; without it, or
    with a forged one, nothing is preselected."""
    began, my_marks, their_marks = _read(base), _marks(mine, occupation), _marks(theirs, occupation)
    found = []
    for name, field in _editable(occupation).items():
        if my_marks[name] == their_marks[name] or not field.applies_in(year):
            continue
        pick: Pick = ""
        if my_marks[name] == began.get(name):
            pick = "theirs"
        elif their_marks[name] == began.get(name):
            pick = "mine"
        found.append(Difference(name, field.label, _shown(field, mine), _shown(field, theirs), pick))
    return found


def settle(posted: Mapping[str, Any], theirs: Draft, taken: Collection[str]) -> dict[str, Any]:
    """Return posted content in which the fields `taken` stand as in the saved draft."""
    kept = {
        name: value
        for values in theirs.raw().values()
        if isinstance(values, dict)
        for name, value in values.items()
    }
    return {
        section: {name: kept.get(name) if name in taken else value for name, value in values.items()}
        for section, values in posted.items()
    }


def _editable(occupation: type[Occupation]) -> dict[str, Field[Any]]:
    return {
        name: field
        for name, field in occupation.fields().items()
        if name not in IDENTITY and not field.computed
    }


def _marks(draft: Draft, occupation: type[Occupation]) -> dict[str, str]:
    values = flat(draft.record)
    return {
        name: _mark(draft.typed.get(name) or field.dump(values.get(name)))
        for name, field in _editable(occupation).items()
    }


def _mark(value: str | None) -> str:
    return hashlib.blake2s((value or "").encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]


def _read(base: str) -> dict[str, Any]:
    try:
        found = json.loads(base[:_LONGEST_BASE])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _shown(field: Field[Any], draft: Draft) -> str:
    if field.name in draft.typed:
        return "（填写的内容无法识别）" if field.sensitive else draft.typed[field.name]
    return field.masked(flat(draft.record).get(field.name))
