"""A place that follows another's rules (GZ-10: 各县（市、区）参照执行): the parent's pack below the place's own lines.

What the own file names replaces what the parent says of the same thing: a parameter by its name, a target, an agency or
a wave by its code, all lines of a group by the group. `without` leaves groups out, `without_agencies` agencies, whose
groups are then left out or given to others. What names the parent itself is not taken over. The names of the parent's
agencies begin with 市; `prefix` says with what they begin here.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agencies.packfile import PackError, PackFile, Source, entries_of, parse, table_of
from agencies.packparameters import PARAMETERS

Entry = Mapping[str, Any]
LISTS: dict[str, str] = {
    "targets": "code",
    "identity_services": "code",
    "waves": "number",
    "agencies": "code",
    "responsibilities": "occupation",
}
"""Sections that are lists, and by what an own entry replaces the parent's."""
SECTIONS = frozenset({"place", "parameters", *LISTS})
_MOST_PARENTS = 3


@dataclasses.dataclass(frozen=True)
class Pack:
    """A place's rules: name, digest of all files that they come from, merged sections, and where each entry stands.

    `places`: file to the name of its place, for whom a rule was taken over from. `left_out`: groups and agencies of the
    parent that the place does not take over, by name.
    """

    name: str
    digest: str
    data: Mapping[str, Any]
    sources: Mapping[tuple[str, Any], Source]
    places: Mapping[str, str]
    left_out: tuple[str, ...] = ()

    @property
    def place(self) -> Entry:
        """The section that describes the place."""
        place: Entry = self.data["place"]
        return place

    @property
    def file(self) -> str:
        """The place's own file."""
        return f"{self.name}.toml"

    def parent_of(self, section: str, index: Any) -> str:
        """Return the name of the place from which an entry (or a parameter, by its name) is taken over, or nothing."""
        source = self.sources[section, index]
        return "" if source.file == self.file else self.places[source.file]

    def fault(self, section: str, index: Any, message: str, *, key: str = "", value: str = "") -> PackError:
        """Return the error to raise for an entry: file, line, section and what is wrong."""
        return PackError(f"{self.sources[section, index].at(key, value)}: [{section}] {message}")


def merged(name: str, check: Callable[[PackFile], None], *, below: Sequence[str] = ()) -> Pack:
    """Return pack `name` with what it takes over. `check` judges each file by itself, before anything is merged.

    Raises `PackError`, also for a place that follows itself.
    """
    own = parse(name)
    check(own)
    place = table_of(own, "place")
    parent = place.get("parent", "")
    if not parent:
        return _alone(own)
    if parent in (*below, name) or len(below) >= _MOST_PARENTS:
        raise own.fault("place", f"parent {parent!r}: a place cannot follow itself", key="parent")
    try:
        above = merged(parent, check, below=(*below, name))
    except PackError as error:
        if "there is no pack named" in str(error):
            raise own.fault("place", f"parent: {error}", key="parent") from error
        raise
    return _below(own, above, place)


def _alone(own: PackFile) -> Pack:
    data: dict[str, Any] = {"place": table_of(own, "place"), "parameters": table_of(own, "parameters")}
    sources: dict[tuple[str, Any], Source] = {("place", 0): own.source("place")}
    sources |= {("parameters", name): own.source("parameters") for name in data["parameters"]}
    for section in LISTS:
        data[section] = entries_of(own, section)
        sources |= {(section, index): own.source(section, index) for index in range(len(data[section]))}
    return Pack(own.name, own.digest, data, sources, {own.file: data["place"]["name"]})


def _below(own: PackFile, above: Pack, place: Entry) -> Pack:
    mine = _alone(own)
    _check_left_out(own, above, place)
    # What names the place itself (the letters before its filing numbers) is nobody else's.
    shared = {name: rule for name, rule in above.data["parameters"].items() if not PARAMETERS[name].own}
    parameters = {**shared, **mine.data["parameters"]}
    data: dict[str, Any] = {"place": place, "parameters": parameters}
    sources = dict(mine.sources)
    for name in parameters.keys() - mine.data["parameters"].keys():
        sources["parameters", name] = above.sources["parameters", name]
    for section, key in LISTS.items():
        taken = _taken_over(section, key, above, mine)
        data[section] = [_renamed(section, entry, place) for entry, _ in taken] + mine.data[section]
        found = [source for _, source in taken]
        found += [mine.sources[section, index] for index in range(len(mine.data[section]))]
        sources |= {(section, index): source for index, source in enumerate(found)}
    digest = hashlib.sha256(f"{above.digest}{mine.digest}".encode()).hexdigest()
    places = {**above.places, **mine.places}
    return Pack(own.name, digest, data, sources, places, _left_out(above, place))


def _left_out(above: Pack, place: Entry) -> tuple[str, ...]:
    """What of the parent the place leaves out, by name; a group of several agencies once."""
    groups, agencies = place.get("without", ()), place.get("without_agencies", ())
    found = [entry["label"] for entry in above.data["responsibilities"] if entry["occupation"] in groups]
    found += [entry["name"] for entry in above.data["agencies"] if entry["code"] in agencies]
    return tuple(dict.fromkeys(found))


def _check_left_out(own: PackFile, above: Pack, place: Entry) -> None:
    """What is left out is there: a slip of the pen would else leave it in."""
    for key, section, name in (
        ("without", "responsibilities", "occupation"),
        ("without_agencies", "agencies", "code"),
    ):
        known = {entry.get(name) for entry in above.data[section]}
        if unknown := [one for one in place.get(key, ()) if one not in known]:
            raise own.fault("place", f"{key}: {above.place['name']} has no {unknown[0]!r}", key=key)


def _taken_over(section: str, key: str, above: Pack, mine: Pack) -> list[tuple[Entry, Source]]:
    own = {entry.get(key) for entry in mine.data[section]}
    if section == "responsibilities":
        own |= set(mine.place.get("without", ()))
    if section == "agencies":
        own |= set(mine.place.get("without_agencies", ()))
    return [
        (entry, above.sources[section, index])
        for index, entry in enumerate(above.data[section])
        if entry.get(key) not in own
    ]


def _renamed(section: str, entry: Entry, place: Entry) -> Entry:
    prefix, name = place.get("prefix", ""), str(entry.get("name", ""))
    if section != "agencies" or not prefix or not name.startswith("市"):
        return entry
    return {**entry, "name": prefix + name[1:]}
