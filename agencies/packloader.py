"""Packs 地方规则: one place's rules as data. Loading shows the difference first and is idempotent (architecture §4).

Each app reads its own section; this module reads `place`, `parameters`, `agencies` and `responsibilities`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from agencies.departments import DEPARTMENTS
from agencies.models import Agency, Jurisdiction, Responsibility
from agencies.packwriters import writer_faults

_LEFT = "no longer in the pack, left as it is:"
FOLDER = Path(__file__).parent / "packs"
_KEYS = {
    "place": ("code", "name", "office_name", "site_name", "version"),
    "agencies": ("code", "name", "clause"),
    "responsibilities": ("position", "occupation", "label", "agency", "clause"),
    "targets": ("code", "name", "clause"),
}
_OPTIONAL: dict[str, tuple[type, str]] = {
    "sections": (list, "a list of names"),
    "kinds": (list, "a list of names"),
    "lead": (bool, "true or false"),
    "department": (str, "a text in quotes"),
    "phone": (str, "a text in quotes"),
    "undecided": (bool, "true or false"),
}
_NUMBERS = frozenset({"position"})
_LONGEST: dict[str, type[Model]] = {
    "place": Jurisdiction,
    "agencies": Agency,
    "responsibilities": Responsibility,
}
_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
_PLACE_CODE = re.compile(r"[1-9][0-9]{0,8}")
_CLAUSE = re.compile(r"(AY|GZ|LL|PD|ZD)-[A-Z]?\d{2}")


class PackError(ValueError):
    """A pack is wrong; the message names the file, the section and the entry."""


@dataclasses.dataclass(frozen=True)
class Pack:
    """A parsed pack: its name, SHA-256 digest and sections."""

    name: str
    digest: str
    data: Mapping[str, Any]

    @property
    def place(self) -> Mapping[str, Any]:
        """The section that describes the place."""
        place: Mapping[str, Any] = self.data["place"]
        return place


@dataclasses.dataclass(frozen=True)
class Change:
    """One difference between a pack and the database."""

    kind: str
    what: str
    fields: Mapping[str, tuple[Any, Any]] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        details = "; ".join(f"{name}: {old!r} → {new!r}" for name, (old, new) in self.fields.items())
        return f"{self.kind} {self.what}" + (f" ({details})" if details else "")


def available() -> list[str]:
    """Return the names of the packs that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str) -> Pack:
    """Parse and check a pack. Raises `PackError` naming file, section and entry."""
    path = FOLDER / f"{name}.toml"
    if name not in available():
        raise PackError(f"there is no pack named {name!r}; known: {', '.join(available())}")
    raw = path.read_bytes()
    try:
        data = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(f"{path.name}: {error}") from error
    pack = Pack(name, hashlib.sha256(raw).hexdigest(), data)
    _check(pack, path.name)
    return pack


@transaction.atomic
def load(pack: Pack, *, apply: bool) -> list[Change]:
    """Return what differs between pack and database; with `apply`, make the database so.

    Nothing is deleted: an agency, responsibility or target that a pack no longer names is reported and left.
    Raises `PackError` if the database holds an agency of the same name under another code.
    """
    changes: list[Change] = []
    place = pack.place
    values: dict[str, Any] = {
        "code": place["code"],
        "name": place["name"],
        "office_name": place["office_name"],
        "site_name": place["site_name"],
        "phone": place.get("phone", ""),
        "pack": pack.name,
        "pack_version": place["version"],
        "pack_digest": pack.digest,
        "parameters": {
            **{name: rule["value"] for name, rule in pack.data.get("parameters", {}).items()},
            "targets": [target["code"] for target in pack.data.get("targets", [])],
        },
    }
    jurisdiction = Jurisdiction.objects.filter(code=place["code"]).first() or Jurisdiction(
        id=int(place["code"])
    )
    wanted_targets = values["parameters"]["targets"]
    dropped = [code for code in jurisdiction.parameters.get("targets", []) if code not in wanted_targets]
    changes += update_row(jurisdiction, values, apply=apply)
    changes += [Change(_LEFT, f"target {code}") for code in dropped]
    agencies = {a.code: a for a in Agency.objects.filter(jurisdiction_id=jurisdiction.pk)}
    changes += _load_agencies(jurisdiction, agencies, pack, apply=apply)
    changes += _load_responsibilities(jurisdiction, agencies, pack.data["responsibilities"], apply=apply)
    return changes


def _load_agencies(
    jurisdiction: Jurisdiction, agencies: dict[str, Agency], pack: Pack, *, apply: bool
) -> list[Change]:
    changes: list[Change] = []
    left = dict(agencies)
    for entry in pack.data["agencies"]:
        code = entry["code"]
        left.pop(code, None)
        agency = agencies.setdefault(code, Agency(jurisdiction_id=jurisdiction.pk, code=code))
        wanted = {
            "department": entry.get("department", code),
            "name": entry["name"],
            "clause": entry["clause"],
        }
        try:
            changes += update_row(agency, wanted, apply=apply)
        except IntegrityError as error:
            raise PackError(
                f"{pack.name}.toml: [agencies] {code}: another agency of the place is named {entry['name']!r}"
            ) from error
    return changes + [Change(_LEFT, f"agency {row}") for row in left.values()]


def _load_responsibilities(
    jurisdiction: Jurisdiction, agencies: Mapping[str, Agency], entries: Iterable[Any], *, apply: bool
) -> list[Change]:
    changes: list[Change] = []
    rows = Responsibility.objects.filter(jurisdiction_id=jurisdiction.pk).select_related("agency")
    known = {(row.occupation, row.agency.code): row for row in rows}
    for entry in entries:
        key = (entry["occupation"], entry["agency"])
        row = known.pop(key, None) or Responsibility(
            jurisdiction_id=jurisdiction.pk, agency=agencies[entry["agency"]], occupation=entry["occupation"]
        )
        wanted = {
            "position": entry["position"],
            "label": entry["label"],
            "clause": entry["clause"],
            "undecided": entry.get("undecided", False),
            "sections": entry.get("sections", []),
            "kinds": entry.get("kinds", []),
            "lead": entry.get("lead", True),
        }
        changes += update_row(row, wanted, apply=apply)
    changes += [Change(_LEFT, str(row)) for row in known.values()]
    return changes


def update_row(row: Model, wanted: Mapping[str, Any], *, apply: bool) -> list[Change]:
    """Return how a row differs from what a pack wants; with `apply`, save it so."""
    adding = row._state.adding
    fields = {
        name: (None if adding else getattr(row, name), value)
        for name, value in wanted.items()
        if adding or getattr(row, name) != value
    }
    if not fields:
        return []
    for name, value in wanted.items():
        setattr(row, name, value)
    if apply:
        row.save()
    what = f"{row._meta.model_name} {wanted.get('name') or wanted.get('label')}"
    return [Change("new" if adding else "changed", what, {} if adding else fields)]


def _check(pack: Pack, file: str) -> None:
    for section in ("place", "agencies", "responsibilities"):
        if section not in pack.data:
            raise PackError(f"{file}: section [{section}] is missing")
    _check_place(pack, file)
    _check_parameters(pack.data.get("parameters", {}), file)
    for section in ("targets", "agencies", "responsibilities"):
        _check_entries(pack.data.get(section, []), file, section)
    for entry in pack.data["agencies"]:
        if entry.get("department", entry["code"]) not in DEPARTMENTS:
            raise PackError(f"{file}: [agencies] {entry['code']}: unknown department")
    _check_once(pack.data["agencies"], file, "agencies", ("code",))
    _check_once(pack.data["agencies"], file, "agencies", ("name",))
    codes = {entry["code"] for entry in pack.data["agencies"]}
    for entry in pack.data["responsibilities"]:
        if entry["agency"] not in codes:
            raise PackError(
                f"{file}: [responsibilities] {entry['label']}: unknown agency {entry['agency']!r}"
            )
    _check_once(pack.data.get("targets", []), file, "targets", ("code",))
    _check_once(pack.data["responsibilities"], file, "responsibilities", ("occupation", "agency"))
    for fault in writer_faults(pack.data["responsibilities"]):
        raise PackError(f"{file}: [responsibilities] {fault}")


def _check_place(pack: Pack, file: str) -> None:
    if not isinstance(pack.place, Mapping):
        raise PackError(f"{file}: [place] is not one table")
    _check_keys(pack.place, file, "place")
    if not _PLACE_CODE.fullmatch(pack.place["code"]):
        # Its number is the county's key; 0 is the platform's.
        raise PackError(f"{file}: [place] code {pack.place['code']!r}: not a number such as 410522")


def _check_parameters(parameters: Any, file: str) -> None:
    if not isinstance(parameters, Mapping):
        raise PackError(f"{file}: [parameters] is not one table")
    for name, rule in parameters.items():
        if not isinstance(rule, Mapping) or "value" not in rule:
            raise PackError(f"{file}: [parameters] {name}: lacks value, as in {{ value = 1, clause = … }}")
    if "year_closes" in parameters and not _is_day(parameters["year_closes"]["value"]):
        raise PackError(f'{file}: [parameters] year_closes: not a month and day such as "03-31"')


def _is_day(value: Any) -> bool:
    """Tell whether this is a month and day that every year has."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(f"2001-{value}")
    except ValueError:
        return False
    return True


def _check_entries(entries: Any, file: str, section: str) -> None:
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise PackError(f"{file}: [{section}] is not a list of tables, [[{section}]]")
    for entry in entries:
        _check_keys(entry, file, section)
        if not _CLAUSE.fullmatch(entry["clause"]):
            raise PackError(f"{file}: [{section}] {entry}: names no clause such as AY-09")


def _check_keys(entry: Mapping[str, Any], file: str, section: str) -> None:
    """Check that the keys are there, of their type and no longer than their column."""
    if missing := [name for name in _KEYS[section] if name not in entry]:
        raise PackError(f"{file}: [{section}] {entry}: lacks {', '.join(missing)}")
    for name in _KEYS[section]:
        value = entry[name]
        if name in _NUMBERS:
            if type(value) is not int or not 0 < value < 1000:
                raise PackError(f"{file}: [{section}] {entry}: {name} is not a number from 1 to 999")
            continue
        if not isinstance(value, str):
            raise PackError(f"{file}: [{section}] {entry}: {name} is not a text in quotes")
        if len(value) > _longest(section, name):
            raise PackError(f"{file}: [{section}] {entry}: {name} is too long")
    for name, (kind, told) in _OPTIONAL.items():
        if not isinstance(entry.get(name, kind()), kind):
            raise PackError(f"{file}: [{section}] {entry}: {name} is not {told}")


def _longest(section: str, name: str) -> int:
    column = {("place", "version"): "pack_version", ("responsibilities", "agency"): "label"}.get(
        (section, name), name
    )
    longest: int = getattr((_LONGEST.get(section) or Agency)._meta.get_field(column), "max_length", 0)
    return longest


def _check_once(entries: Sequence[Any], file: str, section: str, names: tuple[str, ...]) -> None:
    seen = set()
    for entry in entries:
        key = tuple(entry[name] for name in names)
        if key in seen:
            raise PackError(f"{file}: [{section}] {' of '.join(key)}: named twice")
        seen.add(key)
