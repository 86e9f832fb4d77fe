"""Packs 地方规则: one place's rules as data. Loading shows the difference first and is idempotent (architecture §4).

Each app reads its own section; this module reads `place`, `parameters`, `agencies` and `responsibilities`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from agencies.departments import DEPARTMENTS
from agencies.models import Agency, Jurisdiction, Responsibility

FOLDER = Path(__file__).parent / "packs"
_KEYS = {
    "place": ("code", "name", "office_name", "site_name", "version"),
    "agencies": ("code", "name", "clause"),
    "responsibilities": ("position", "occupation", "label", "agency", "clause"),
    "targets": ("code", "name", "clause"),
}
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

    Nothing is deleted: an agency or responsibility that a pack no longer names is reported and left.
    """
    changes: list[Change] = []
    place = pack.place
    values = {
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
    changes += update_row(jurisdiction, values, apply=apply)
    agencies = {a.code: a for a in Agency.objects.filter(jurisdiction_id=jurisdiction.pk)}
    for entry in pack.data["agencies"]:
        agency = agencies.setdefault(
            entry["code"], Agency(jurisdiction_id=jurisdiction.pk, code=entry["code"])
        )
        wanted = {
            "department": entry.get("department", entry["code"]),
            "name": entry["name"],
            "clause": entry["clause"],
        }
        changes += update_row(agency, wanted, apply=apply)
    changes += _load_responsibilities(jurisdiction, agencies, pack.data["responsibilities"], apply=apply)
    return changes


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
        }
        changes += update_row(row, wanted, apply=apply)
    changes += [Change("no longer in the pack, left as it is:", str(row)) for row in known.values()]
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
    _check_keys(pack.place, file, "place")
    for entry in pack.data.get("targets", []):
        _check_clause(entry, file, "targets")
    codes = set()
    for entry in pack.data["agencies"]:
        _check_clause(entry, file, "agencies")
        if entry.get("department", entry["code"]) not in DEPARTMENTS:
            raise PackError(f"{file}: [agencies] {entry['code']}: unknown department")
        codes.add(entry["code"])
    for entry in pack.data["responsibilities"]:
        _check_clause(entry, file, "responsibilities")
        if entry["agency"] not in codes:
            raise PackError(
                f"{file}: [responsibilities] {entry['label']}: unknown agency {entry['agency']!r}"
            )


def _check_keys(entry: Mapping[str, Any], file: str, section: str) -> None:
    if missing := [name for name in _KEYS[section] if name not in entry]:
        raise PackError(f"{file}: [{section}] {entry}: lacks {', '.join(missing)}")


def _check_clause(entry: Mapping[str, Any], file: str, section: str) -> None:
    _check_keys(entry, file, section)
    if not _CLAUSE.fullmatch(str(entry.get("clause", ""))):
        raise PackError(f"{file}: [{section}] {entry}: names no clause such as AY-09")
