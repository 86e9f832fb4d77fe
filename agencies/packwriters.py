"""Who writes what of a record that several agencies write, as a pack divides it (GZ-A02, GZ-A08)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from archives.schema.occupations import Occupation
from archives.schema.parts import IDENTITY, STANDING
from archives.schema.registry import registry

Entry = Mapping[str, Any]


def writer_faults(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what is wrong with the division of work among the responsibilities of a pack.

    Every section of the form has exactly one writer (name and number stand in every part), every kind of item at
    least one, and one writer leads: it has the determination. An agency that is alone names nothing: it has all.
    """
    ordered = sorted(entries, key=lambda entry: str(entry["occupation"]))
    for code, group in groupby(ordered, key=lambda entry: str(entry["occupation"])):
        rows = list(group)
        occupation = registry.get(code) if code in registry else Occupation
        for row in rows:
            yield from _unknown_names(row, occupation)
        if len(rows) > 1 or any(row.get(name) for row in rows for name in ("sections", "kinds")):
            yield from _division_faults(code, rows, occupation)
        elif rows[0].get("lead") is False:
            yield f"{code}: its only agency does not lead"


def _unknown_names(row: Entry, occupation: type[Occupation]) -> Iterator[str]:
    for key, known in (("sections", occupation.sections.keys()), ("kinds", frozenset(occupation.kinds))):
        names = row.get(key, [])
        if not all(isinstance(name, str) for name in names):
            yield f"{row['label']} of {row['agency']}: {key} is not a list of names"
        elif unknown := [name for name in names if name not in known]:
            yield f"{row['label']} of {row['agency']}: unknown {key} {', '.join(unknown)}"
        elif len(set(names)) < len(names):
            yield f"{row['label']} of {row['agency']}: {key} names one twice"


def _division_faults(code: str, rows: Sequence[Entry], occupation: type[Occupation]) -> Iterator[str]:
    if bare := [str(row["agency"]) for row in rows if not row.get("sections")]:
        yield f"{code}: several agencies write it, but {', '.join(bare)} names no sections"
        return
    leaders = [row for row in rows if row.get("lead", True)]
    if len(leaders) != 1:
        yield f"{code}: {len(leaders)} of its agencies lead, exactly one must"
        return
    if not {IDENTITY, STANDING} <= set(leaders[0]["sections"]):
        yield f"{code}: {leaders[0]['agency']} leads, but lacks {IDENTITY} or {STANDING}"
    owners = Counter(name for row in rows for name in row["sections"] if name != IDENTITY)
    if twice := sorted(name for name, count in owners.items() if count > 1):
        yield f"{code}: two agencies write {', '.join(twice)}"
    if nobody := [name for name in occupation.sections if name != IDENTITY and name not in owners]:
        yield f"{code}: nobody writes {', '.join(nobody)}"
    if all(row.get("kinds") for row in rows):
        entered = {kind for row in rows for kind in row["kinds"]}
        if left := [kind for kind in occupation.kinds if kind not in entered]:
            yield f"{code}: nobody enters {', '.join(left)}"
