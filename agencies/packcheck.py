"""What is wrong with a pack: each file by itself, then the whole. Every fault is told with file and line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone

from agencies.clauses import is_clause
from agencies.departments import DEPARTMENTS
from agencies.models import Agency, Jurisdiction, Responsibility
from agencies.packfile import PackError, PackFile, entries_of, table_of
from agencies.packparameters import problem_of
from agencies.packparents import LISTS, SECTIONS, Entry, Pack
from agencies.packtargets import check_target
from agencies.packwriters import writer_faults
from archives.schema.composed import unknown
from archives.schema.kinds import kinds
from archives.schema.registry import registry

_KEYS = {
    "place": ("code", "name", "office_name", "site_name", "version", "clause"),
    "agencies": ("code", "name", "clause"),
    "responsibilities": ("position", "occupation", "label", "agency", "clause"),
    "targets": ("code", "name", "clause"),
    "identity_services": ("code", "name", "clause"),
    "waves": ("number", "name", "clause"),
}
_OPTIONAL: dict[str, tuple[type, str]] = {
    "sections": (list, "a list of names"),
    "kinds": (list, "a list of names"),
    "without": (list, "a list of names"),
    "without_agencies": (list, "a list of codes"),
    "ours": (str, "a text in quotes"),
    "contents": (list, "a list of codes such as E1"),
    "fields": (list, "a list of names"),
    "catalogue_clause": (str, "a text in quotes"),
    "lead": (bool, "true or false"),
    "department": (str, "a text in quotes"),
    "phone": (str, "a text in quotes"),
    "parent": (str, "a text in quotes"),
    "prefix": (str, "a text in quotes"),
    "successor": (str, "a text in quotes"),
    "undecided": (bool, "true or false"),
    "base": (bool, "true or false"),
    "encouraged": (bool, "true or false"),
}
_DAYS = ("opens", "ended")
_ALLOWED: dict[str, frozenset[str]] = {
    "place": frozenset({"phone", "parent", "prefix", "without", "without_agencies"}),
    "agencies": frozenset({"department", "ended", "successor", "ours"}),
    "responsibilities": frozenset(
        {"sections", "kinds", "contents", "lead", "undecided", "base", "wave", "opens", "ended"}
        | {"successor", "ours", "encouraged"}
    ),
    "targets": frozenset({"kinds", "fields", "catalogue_clause", "ours"}),
    "identity_services": frozenset({"per_second", "ours"}),
    "waves": frozenset({"opens", "ours"}),
}
"""What an entry may say beside what it must."""
_NAMES = ("sections", "kinds", "fields", "without", "without_agencies", "contents")
_NUMBERS = frozenset({"position", "number", "wave", "per_second"})
_LONGEST: dict[str, type[Model]] = {
    "place": Jurisdiction,
    "agencies": Agency,
    "responsibilities": Responsibility,
}
_PLACE_CODE = re.compile(r"([1-9][0-9]{5})-([1-9])|[1-9][0-9]{0,8}")


def place_key(code: str) -> int:
    """Return the key of a place. A place without a division code of its own (开发区, 示范区) has that of the place in
    which it lies and a number: 360700-1 is 36070001, which no division code of six or nine digits can be."""
    found = _PLACE_CODE.fullmatch(code)
    assert found is not None  # checked when the pack was read
    return int(found[1]) * 100 + int(found[2]) if found[2] else int(code)


def day_of(value: Any) -> dt.date | None:
    """Return a day from a pack: a date, its text, or a year for its first day. Raises ValueError for anything else."""
    if value is None or isinstance(value, dt.date):
        return value
    if type(value) is int:
        return dt.date(value, 1, 1)
    return dt.date.fromisoformat(value) if isinstance(value, str) else dt.date.fromisoformat("")


def check_file(file: PackFile) -> None:
    """Check one file by itself: its sections, keys, types and clauses. Raises `PackError`."""
    if unknown := sorted(file.data.keys() - SECTIONS):
        raise file.fault(unknown[0], f"is no section of a pack; known: {', '.join(sorted(SECTIONS))}")
    _check_place(file)
    _check_parameters(file)
    for section in LISTS:
        for index, entry in enumerate(entries_of(file, section)):
            _check_entry(file, section, index, entry)


def check_whole(pack: Pack) -> None:
    """Check what the lines say of each other, with those taken over from a parent. Raises `PackError`."""
    for section in ("agencies", "responsibilities"):
        if not pack.data[section]:
            raise PackError(f"{pack.file}: section [{section}] is missing")
    for index, entry in enumerate(pack.data["agencies"]):
        _check_agency(pack, index, entry)
    _check_once(pack, "agencies", ("code",))
    _check_once(pack, "agencies", ("name",))
    _check_once(pack, "targets", ("code",))
    if len(pack.data["identity_services"]) > 1:
        raise pack.fault("identity_services", 1, "a place has one service that checks identities", key="code")
    for index, entry in enumerate(pack.data["targets"]):
        check_target(pack, index, entry)
    _check_once(pack, "waves", ("number",))
    for index, entry in enumerate(pack.data["responsibilities"]):
        _check_responsibility(pack, index, entry)
    _check_once(pack, "responsibilities", ("occupation", "agency"))
    entries = pack.data["responsibilities"]
    gone = {entry["code"] for entry in pack.data["agencies"] if entry.get("ended")}
    going_on = [entry for entry in entries if not entry.get("ended") and entry["agency"] not in gone]
    for fault in writer_faults(going_on):
        index = next(number for number, entry in enumerate(entries) if entry is fault.entry)
        raise pack.fault("responsibilities", index, str(fault), key=fault.key, value=fault.value)
    _check_moves(pack)
    _check_cadence(pack)


def _check_moves(pack: Pack) -> None:
    """What an agency was to do when it ended goes on somewhere, or is said to end; and no year is owed by two."""
    agencies = {entry["code"]: entry for entry in pack.data["agencies"]}
    waves = {wave["number"]: wave for wave in pack.data["waves"]}
    lines = {(entry["occupation"], entry["agency"]): entry for entry in pack.data["responsibilities"]}
    for index, entry in enumerate(pack.data["responsibilities"]):
        told = f"{entry['label']} of {entry['agency']}"
        source = entry if entry.get("ended") else agencies[entry["agency"]]
        ended, successor = day_of(source.get("ended")), source.get("successor")
        if ended is None or successor is None:
            continue
        line = lines.get((entry["occupation"], successor))
        if line is None:
            wanted = f"{told}: has ended, but its successor {successor!r} has no line for the group"
            raise pack.fault("responsibilities", index, wanted, key="occupation")
        wave = waves.get(line.get("wave", 0))
        opens = day_of(line.get("opens") if wave is None else wave.get("opens"))
        known = entry.get("sections") or line.get("sections") or line.get("undecided")
        if (not known and wave is None and opens is None) or (opens is not None and opens.year < ended.year):
            wanted = (
                f"{told}: its successor {successor!r} opens the group before {ended}; say opens = {ended}"
            )
            raise pack.fault("responsibilities", index, wanted, key="occupation")


def _check_place(file: PackFile) -> None:
    if "place" not in file.data:
        raise PackError(f"{file.file}:1: section [place] is missing")
    place = table_of(file, "place")
    _check_entry(file, "place", 0, place)
    if not _PLACE_CODE.fullmatch(place["code"]) or (len(place["code"]) == 8 and "-" not in place["code"]):
        # Its number is the county's key; 0 is the platform's.
        wanted = "not a number such as 410522, nor 360700-1 for a place without a code of its own"
        raise file.fault("place", f"code {place['code']!r}: {wanted}", key="code")


def _check_parameters(file: PackFile) -> None:
    parameters = table_of(file, "parameters")
    for name, rule in parameters.items():
        if not isinstance(rule, Mapping) or "value" not in rule:
            wanted = f"{name}: lacks value, as in {{ value = 1, clause = … }}"
            raise file.fault("parameters", wanted, key=name)
        if not is_clause(rule.get("clause")):
            raise file.fault("parameters", f"{name}: names no clause such as AY-09", key=name)
        if strange := sorted(rule.keys() - {"value", "clause", "ours"}):
            raise file.fault("parameters", f"{name}: unknown {', '.join(strange)}", key=name)
        if not isinstance(rule.get("ours", ""), str):
            raise file.fault("parameters", f"{name}: ours is not a text in quotes", key=name)
        if problem := problem_of(name, rule["value"]):
            raise file.fault("parameters", f"{name}: {problem}", key=name)


def _check_entry(file: PackFile, section: str, index: int, entry: Entry) -> None:
    """Check that the keys are there, of their type and no longer than their column, and the clause."""

    def fault(message: str, key: str = "") -> PackError:
        return file.fault(section, f"{_called(entry)}: {message}", key=key, index=index)

    if missing := [name for name in _KEYS[section] if name not in entry]:
        raise fault(f"lacks {', '.join(missing)}")
    for name in (*_KEYS[section], *(_NUMBERS & entry.keys())):
        if wrong := _wrong(section, name, entry[name]):
            raise fault(f"{name} is {wrong}", name)
    if told := _told(section, entry):
        raise fault(*told)
    for name in _DAYS:
        try:
            day_of(entry.get(name))
        except ValueError as error:
            raise fault(f"{name} is not a day such as 2024-03-01, nor a year", name) from error
    if not is_clause(entry["clause"]):
        raise fault(f"clause {entry['clause']!r}: names no clause such as AY-09", "clause")


def _told(section: str, entry: Entry) -> tuple[str, str] | None:
    """Return what is wrong with what an entry may leave out, and its key."""
    for name, (kind, told) in _OPTIONAL.items():
        if not isinstance(entry.get(name, kind()), kind):
            return f"{name} is not {told}", name
    for name in _NAMES:
        if not all(isinstance(one, str) for one in entry.get(name, ())):
            return f"{name} is not a list of texts in quotes", name
    if strange := sorted(entry.keys() - {*_KEYS[section], *_ALLOWED[section]}):
        return f"unknown {', '.join(strange)}", strange[0]
    return None


def _wrong(section: str, name: str, value: Any) -> str:
    """Return what a required value is, if it is not what it should be."""
    if name in _NUMBERS:
        return "" if type(value) is int and 0 < value < 1000 else "not a number from 1 to 999"
    if not isinstance(value, str):
        return "not a text in quotes"
    return "too long" if len(value) > _longest(section, name) else ""


def _called(entry: Entry) -> str:
    """Name an entry as whoever wrote it knows it."""
    names = [str(entry[name]) for name in ("label", "name", "occupation", "code") if entry.get(name)]
    return " ".join(names[:2]) or str(dict(entry))


def _longest(section: str, name: str) -> int:
    column = {("place", "version"): "pack_version", ("responsibilities", "agency"): "label"}.get(
        (section, name), name
    )
    model = _LONGEST.get(section) or Agency
    if name == "clause" or section == "waves":
        return 60
    longest: int = getattr(model._meta.get_field(column), "max_length", 0)
    return longest


def _check_agency(pack: Pack, index: int, entry: Entry) -> None:
    department = entry.get("department", entry["code"])
    if department not in DEPARTMENTS:
        key = "department" if "department" in entry else "code"
        raise pack.fault("agencies", index, f"{entry['code']}: unknown department {department!r}", key=key)
    codes = {one["code"] for one in pack.data["agencies"]}
    if "successor" in entry and (entry["successor"] not in codes or entry["successor"] == entry["code"]):
        told = f"{entry['code']}: unknown successor {entry['successor']!r}"
        raise pack.fault("agencies", index, told, key="successor")
    _check_ended(pack, "agencies", index, entry)


def _check_ended(pack: Pack, section: str, index: int, entry: Entry) -> None:
    """What has ended has ended: a day to come would have to be watched for, so the pack is loaded on that day."""
    ended = day_of(entry.get("ended"))
    if ended is not None and ended > timezone.localdate():
        raise pack.fault(section, index, f"{_called(entry)}: ended lies in the future", key="ended")
    if "successor" in entry and ended is None:
        raise pack.fault(section, index, f"{_called(entry)}: successor without ended", key="successor")


def _check_responsibility(pack: Pack, index: int, entry: Entry) -> None:
    codes = {one["code"] for one in pack.data["agencies"]}
    label, code = entry["label"], entry["occupation"]
    for key in ("agency", "successor"):
        if key in entry and entry[key] not in codes:
            told = f"{label}: unknown agency {entry[key]!r}"
            raise pack.fault("responsibilities", index, told, key=key)
    if code not in registry and not (entry.get("base") or entry.get("undecided")):
        told = f"{label}: unknown group {code!r}; a group without a class of its own says base = true"
        raise pack.fault("responsibilities", index, told, key="occupation")
    if wrong := unknown(entry.get("contents", ())):
        told = f"{label}: unknown contents {', '.join(wrong)}"
        raise pack.fault("responsibilities", index, told, key="contents", value=wrong[0])
    if entry.get("contents") and not entry.get("base"):
        told = f"{label}: contents are for a group without a class, which says base = true"
        raise pack.fault("responsibilities", index, told, key="contents")
    if "wave" in entry and entry["wave"] not in {wave["number"] for wave in pack.data["waves"]}:
        raise pack.fault("responsibilities", index, f"{label}: unknown wave {entry['wave']}", key="wave")
    if "wave" in entry and "opens" in entry:
        raise pack.fault("responsibilities", index, f"{label}: either wave or opens", key="opens")
    _check_ended(pack, "responsibilities", index, entry)


def _check_cadence(pack: Pack) -> None:
    """The groups and kinds that a cadence names are there; the rest of it is judged by who uses it."""
    rule = pack.data["parameters"].get("cadence", {}).get("value")
    if not isinstance(rule, Mapping):
        return
    groups = {entry["occupation"] for entry in pack.data["responsibilities"]}
    for name, known in (("groups", groups), ("items", {kind.code for kind in kinds})):
        table = rule.get(name, {})
        for code in table if isinstance(table, Mapping) else ():
            if code not in known:
                told = f"cadence: unknown {'group' if name == 'groups' else 'kind'} {code!r}"
                raise pack.fault("parameters", "cadence", told, key="cadence")


def _check_once(pack: Pack, section: str, names: Iterable[str]) -> None:
    seen = set()
    for index, entry in enumerate(pack.data[section]):
        key = tuple(str(entry[name]) for name in names)
        if key in seen:
            told = f"{' of '.join(key)}: named twice"
            raise pack.fault(section, index, told, key=next(iter(names)))
        seen.add(key)
