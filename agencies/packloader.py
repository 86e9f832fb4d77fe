"""Packs 地方规则: one place's rules as data. Loading shows the difference first, and for whom; it is idempotent.

Each app reads its own section; this module writes `place`, `parameters`, `waves`, `agencies` and `responsibilities`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from agencies.models import Agency, Jurisdiction, LoadedPack, Responsibility
from agencies.names import renamed
from agencies.packcheck import check_file, check_whole, day_of, place_key
from agencies.packfile import PackError, available
from agencies.packparents import Entry, Pack, merged
from agencies.packrules import rules_of
from agencies.packtargets import changed_platforms, platforms_of
from agencies.services import ADMINISTRATOR
from audit import journal
from credit_platform.actors import job
from credit_platform.tenancy.context import acting

__all__ = ["Change", "Pack", "PackError", "available", "load", "note", "read", "update_row"]
_LEFT = "no longer in the pack, left as it is:"
EVERYBODY = ("every agency and group of the place",)


@dataclasses.dataclass(frozen=True)
class Change:
    """One difference between a pack and the database, and whom it concerns: agencies and groups by name."""

    kind: str
    what: str
    fields: Mapping[str, tuple[Any, Any]] = dataclasses.field(default_factory=dict)
    concerns: tuple[str, ...] = ()

    def __str__(self) -> str:
        details = "; ".join(
            f"{name}: {_shown(old)} → {_shown(new)}" for name, (old, new) in self.fields.items()
        )
        whom = f" — concerns {', '.join(self.concerns)}" if self.concerns else ""
        return f"{self.kind} {self.what}" + (f" ({details})" if details else "") + whom


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, dt.date | Model) else repr(value)


def read(name: str) -> Pack:
    """Read and check a pack with what it takes over from its parent. Raises `PackError` naming file, line, entry."""
    pack = merged(name, check_file)
    check_whole(pack)
    return pack


@transaction.atomic
def load(pack: Pack, *, apply: bool) -> list[Change]:
    """Return what differs between pack and database; with `apply`, make the database so.

    Nothing is deleted: an agency, responsibility or target that a pack no longer names is reported and left. Nothing
    that is sealed changes: a name that changes stays on what was sealed under it.
    Raises `PackError` if the database holds an agency of the same name that the pack no longer knows.
    """
    place = pack.place
    key = place_key(place["code"])
    jurisdiction = Jurisdiction.objects.filter(pk=key).first() or Jurisdiction(id=key, parameters={})
    changes = _load_place(jurisdiction, pack, apply=apply)
    agencies = {a.code: a for a in Agency.objects.filter(jurisdiction_id=key)}
    groups = _groups_of(pack)
    changes += _load_agencies(jurisdiction, agencies, pack, groups, apply=apply)
    changes += _load_responsibilities(jurisdiction, agencies, pack, apply=apply)
    return changes


def note(pack: Pack, changes: Sequence[Change]) -> None:
    """Keep what was loaded, if it changed anything: version, digest, the rules and the changes; and journal it."""
    if all(change.kind == _LEFT for change in changes):
        return
    key = place_key(pack.place["code"])
    loaded = LoadedPack.objects.create(
        jurisdiction_id=key,
        pack=pack.name,
        version=pack.place["version"],
        digest=pack.digest,
        rules=rules_of(pack),
        changes=[str(change) for change in changes],
    )
    data = {"version": loaded.version, "digest": loaded.digest, "changes": len(changes)}
    with acting(key, "job"):
        journal.write("pack.loaded", actor=job(key, ADMINISTRATOR), subject=loaded, data=data)


def _groups_of(pack: Pack) -> dict[str, tuple[str, ...]]:
    """The groups of each agency, by its code."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in pack.data["responsibilities"]:
        found[entry["agency"]] = (*found.get(entry["agency"], ()), entry["label"])
    return found


def _load_place(jurisdiction: Jurisdiction, pack: Pack, *, apply: bool) -> list[Change]:
    place, known = pack.place, dict(jurisdiction.parameters)
    parameters = {
        **{name: rule["value"] for name, rule in pack.data["parameters"].items()},
        "targets": [target["code"] for target in pack.data["targets"]],
        **platforms_of(pack),
    }
    values: dict[str, Any] = {
        "code": place["code"],
        "name": place["name"],
        "office_name": place["office_name"],
        "site_name": place["site_name"],
        "phone": place.get("phone", ""),
        "pack": pack.name,
        "pack_version": place["version"],
        "pack_digest": pack.digest,
    }
    fresh = jurisdiction._state.adding
    changes = [] if fresh else list(_changed_parameters(known, parameters, pack))
    dropped = [code for code in known.get("targets", []) if code not in parameters["targets"]]
    jurisdiction.parameters = parameters
    rows = update_row(jurisdiction, values, apply=apply, concerns=EVERYBODY)
    if apply and changes and not rows:
        jurisdiction.save()
    return [*rows, *changes, *(Change(_LEFT, f"target {code}") for code in dropped)]


def _changed_parameters(known: Mapping[str, Any], wanted: Mapping[str, Any], pack: Pack) -> Iterable[Change]:
    for name in [*wanted, *(known.keys() - wanted.keys())]:
        old, new = known.get(name), wanted.get(name)
        if name == "platforms":
            for platform, fields in changed_platforms(old or {}, new or {}):
                yield Change("changed", f"catalogue of {platform}", fields, EVERYBODY)
        elif old != new:
            concerns = _concerned(name, old, new, pack)
            yield Change("changed", f"parameter {name}", {"value": (old, new)}, concerns)


def _concerned(name: str, old: Any, new: Any, pack: Pack) -> tuple[str, ...]:
    """Whom a parameter concerns: the groups that a cadence names, where nothing else in it differs; else everybody."""
    if name != "cadence" or not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return EVERYBODY
    if any(old.get(one) != new.get(one) for one in (old.keys() | new.keys()) - {"groups"}):
        return EVERYBODY
    before, after = old.get("groups", {}), new.get("groups", {})
    codes = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    named = (entry["label"] for entry in pack.data["responsibilities"] if entry["occupation"] in codes)
    return tuple(dict.fromkeys(named))


def _load_agencies(
    jurisdiction: Jurisdiction,
    agencies: dict[str, Agency],
    pack: Pack,
    groups: Mapping[str, tuple[str, ...]],
    *,
    apply: bool,
) -> list[Change]:
    changes: list[Change] = []
    left = dict(agencies)
    for entry in pack.data["agencies"]:
        code = entry["code"]
        left.pop(code, None)
        agency = agencies.setdefault(code, Agency(jurisdiction_id=jurisdiction.pk, code=code))
        ended = day_of(entry.get("ended"))
        wanted = {
            "department": entry.get("department", code),
            "name": entry["name"],
            "clause": entry["clause"],
            "active": ended is None,
            "ended_on": ended,
        }
        _keep_name(agency, "name", "former_names", entry["name"])
        changes += update_row(agency, wanted, apply=apply, concerns=groups.get(code, ()))
    _check_names(left.values(), pack)
    changes += _load_successors(agencies, pack, apply=apply)
    return changes + [Change(_LEFT, f"agency {row}") for row in left.values() if not row.association]


def _check_names(left: Iterable[Agency], pack: Pack) -> None:
    """No agency gets the name of one that the pack no longer knows. Those of a pack differ from each other already, and
    may exchange names: the database looks when all are written."""
    taken = {agency.name: agency.code for agency in left}
    for index, entry in enumerate(pack.data["agencies"]):
        if entry["name"] in taken:
            told = f"{entry['code']}: agency {taken[entry['name']]} of the place is named {entry['name']!r}"
            raise pack.fault("agencies", index, told, key="name")


def _load_successors(agencies: Mapping[str, Agency], pack: Pack, *, apply: bool) -> list[Change]:
    """Only now, as a successor may stand below who it succeeds."""
    changes: list[Change] = []
    for entry in pack.data["agencies"]:
        agency, successor = agencies[entry["code"]], agencies.get(entry.get("successor", ""))
        old = agency.successor
        if old != successor:
            fields = {"successor": (str(old) if old else None, str(successor) if successor else None)}
            changes.append(Change("changed", f"agency {agency.name}", fields, (agency.name,)))
            agency.successor = successor
            if apply:
                agency.save(update_fields=["successor"])
    return changes


def _load_responsibilities(
    jurisdiction: Jurisdiction, agencies: Mapping[str, Agency], pack: Pack, *, apply: bool
) -> list[Change]:
    changes: list[Change] = []
    waves = {wave["number"]: wave for wave in pack.data["waves"]}
    rows = Responsibility.objects.filter(jurisdiction_id=jurisdiction.pk).select_related(
        "agency", "successor"
    )
    known = {(row.occupation, row.agency.code): row for row in rows}
    for entry in pack.data["responsibilities"]:
        agency = agencies[entry["agency"]]
        row = known.pop((entry["occupation"], entry["agency"]), None) or Responsibility(
            jurisdiction_id=jurisdiction.pk, agency=agency, occupation=entry["occupation"]
        )
        ended, successor = _end_of(entry, agency, agencies)
        wanted = {
            "position": entry["position"],
            "label": entry["label"],
            "clause": entry["clause"],
            "undecided": entry.get("undecided", False),
            "sections": entry.get("sections", []),
            "kinds": entry.get("kinds", []),
            "lead": entry.get("lead", True),
            "contents": entry.get("contents", []),
            "encouraged": entry.get("encouraged", False),
            "ended_on": ended,
            "successor": successor,
            **_opening(row, entry, waves),
        }
        _keep_name(row, "label", "former_labels", entry["label"])
        changes += update_row(row, wanted, apply=apply, concerns=(agency.name,))
    changes += [Change(_LEFT, str(row)) for row in known.values() if not row.local]
    return changes + _end_local(agencies, [row for row in known.values() if row.local], apply=apply)


def _end_of(
    entry: Entry, agency: Agency, agencies: Mapping[str, Agency]
) -> tuple[dt.date | None, Agency | None]:
    """When a duty has ended and who took it over: as its line says, else with its agency."""
    if entry.get("ended"):
        return day_of(entry["ended"]), agencies.get(entry.get("successor", ""))
    return agency.ended_on, agency.successor if agency.ended_on else None


def _end_local(
    agencies: Mapping[str, Agency], rows: Iterable[Responsibility], *, apply: bool
) -> list[Change]:
    """Groups that the office put together end with their agency, as no line of the pack can say so."""
    changes: list[Change] = []
    for row in rows:
        agency = agencies[row.agency.code]
        if agency.ended_on is not None and row.ended_on is None:
            wanted = {"ended_on": agency.ended_on, "successor": agency.successor, "label": row.label}
            changes += update_row(row, wanted, apply=apply, concerns=(agency.name,))
    return changes


def _opening(row: Responsibility, entry: Entry, waves: Mapping[int, Entry]) -> dict[str, Any]:
    """When a group opens. A wave without a day waits for the office, and what the office has set by now stays."""
    wave = waves.get(entry.get("wave", 0))
    opens: dt.date | None = day_of(entry.get("opens") if wave is None else wave.get("opens"))
    found: dict[str, Any] = {"wave": None if wave is None else wave["number"]}
    if wave is not None and opens is None:
        return found if row.pk else {**found, "opens_on": None, "awaits": True}
    return {**found, "opens_on": opens, "awaits": False}


def _keep_name(row: Model, name: str, former: str, wanted: str) -> None:
    """Remember what a row was called, if it gets another name; `update_row` saves it."""
    current = getattr(row, name)
    if not row._state.adding and current != wanted:
        setattr(row, former, renamed(current, getattr(row, former), at=timezone.now()))


def update_row(
    row: Model, wanted: Mapping[str, Any], *, apply: bool, concerns: tuple[str, ...] = ()
) -> list[Change]:
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
    return [Change("new" if adding else "changed", what, {} if adding else fields, concerns)]
