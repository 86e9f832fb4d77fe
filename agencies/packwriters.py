"""Who writes what of a record that several agencies write, as a pack divides it (GZ-A02, GZ-A08)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from archives.schema.composed import composed
from archives.schema.occupations import Occupation
from archives.schema.parts import IDENTITY, STANDING
from archives.schema.registry import registry

Entry = Mapping[str, Any]


class Fault(str):
    """What is wrong, and with which entry: its key and the value, where one is at fault."""

    entry: Entry
    key: str
    value: str

    def __new__(cls, text: str, entry: Entry, key: str = "", value: str = "") -> Fault:
        """Keep the sentence with what it is about."""
        fault = super().__new__(cls, text)
        fault.entry, fault.key, fault.value = entry, key, value
        return fault


def writer_faults(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Yield what is wrong with the division of work among the responsibilities of a pack.

    Every section of the form has exactly one writer (name and number stand in every part), every kind of item at
    least one, and one writer leads: it has the determination. An agency that is alone names nothing: it has all.
    """
    ordered = sorted(entries, key=lambda entry: str(entry["occupation"]))
    for code, group in groupby(ordered, key=lambda entry: str(entry["occupation"])):
        rows = list(group)
        occupation = whole_of(rows[0])
        if different := [row for row in rows if whole_of(row) is not occupation]:
            yield Fault(f"{code}: its agencies name different contents", different[0], "contents")
            continue
        for row in rows:
            yield from _unknown_names(row, occupation)
        if len(rows) > 1 or any(row.get(name) for row in rows for name in ("sections", "kinds")):
            yield from _division_faults(code, rows, occupation)
        elif rows[0].get("lead") is False:
            yield Fault(f"{code}: its only agency does not lead", rows[0], "lead")


def whole_of(entry: Entry) -> type[Occupation]:
    """Return the occupation of which an entry is (or writes a part), with the contents that it names."""
    code = str(entry["occupation"])
    if code in registry:
        return registry.get(code)
    if contents := entry.get("contents"):
        return composed(code, code, "", contents)
    return Occupation


def _unknown_names(row: Entry, occupation: type[Occupation]) -> Iterator[Fault]:
    who = f"{row['label']} of {row['agency']}"
    for key, known in (("sections", occupation.sections.keys()), ("kinds", frozenset(occupation.kinds))):
        names = row.get(key, [])
        if not all(isinstance(name, str) for name in names):
            yield Fault(f"{who}: {key} is not a list of names", row, key)
        elif unknown := [name for name in names if name not in known]:
            yield Fault(f"{who}: unknown {key} {', '.join(unknown)}", row, key, unknown[0])
        elif len(set(names)) < len(names):
            yield Fault(f"{who}: {key} names one twice", row, key)


def _division_faults(code: str, rows: Sequence[Entry], occupation: type[Occupation]) -> Iterator[Fault]:
    if bare := [row for row in rows if not row.get("sections")]:
        names = ", ".join(str(row["agency"]) for row in bare)
        yield Fault(f"{code}: several agencies write it, but {names} names no sections", bare[0], "agency")
        return
    leaders = [row for row in rows if row.get("lead", True)]
    if len(leaders) != 1:
        yield Fault(f"{code}: {len(leaders)} of its agencies lead, exactly one must", rows[-1], "lead")
        return
    lead = leaders[0]
    if not {IDENTITY, STANDING} <= set(lead["sections"]):
        told = f"{code}: {lead['agency']} leads, but lacks {IDENTITY} or {STANDING}"
        yield Fault(told, lead, "sections")
    owners = Counter(name for row in rows for name in row["sections"] if name != IDENTITY)
    if twice := sorted(name for name, count in owners.items() if count > 1):
        yield Fault(f"{code}: two agencies write {', '.join(twice)}", rows[-1], "sections", twice[0])
    if nobody := [name for name in occupation.sections if name != IDENTITY and name not in owners]:
        yield Fault(f"{code}: nobody writes {', '.join(nobody)}", lead, "sections")
    if all(row.get("kinds") for row in rows):
        entered = {kind for row in rows for kind in row["kinds"]}
        if left := [kind for kind in occupation.kinds if kind not in entered]:
            yield Fault(f"{code}: nobody enters {', '.join(left)}", lead, "kinds")
