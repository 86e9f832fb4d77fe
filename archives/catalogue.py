"""公共信用信息目录 (LL-08, ZD-28, PD-19): each kind of fact with all that decides whether it may be kept and may leave.

A kind says what it is (`archives/schema/kinds`), `catalogue.toml` where it belongs. What is in neither is not
collected; what the places' documents name and no law carries is listed as disabled, with the reason.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from archives.schema.kinds import Basis, ItemKind, UnknownKind, kinds

_FILE = Path(__file__).with_name("catalogue.toml")
SUPPLEMENT = "地方补充"
ALL_FIELDS = "all"
CATALOGUE_FAULT = "archives.E016"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One kind in the catalogue. `heading` is that of the national catalogue or 地方补充, blank for what never leaves;
    `fields` are codes of 重点领域, none for what belongs to a group and to no field."""

    kind: ItemKind
    heading: str
    fields: tuple[str, ...]
    provider: str
    version: str
    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def delivered(self) -> bool:
        """Whether facts of this kind may leave for a platform: what is mapped to nothing may not."""
        return self.kind.deliverable and bool(self.heading)

    @property
    def publishable(self) -> bool:
        """Whether it may be published: nothing about a natural person is (山东省社会信用条例 20; AY-19, AY-20)."""
        return False

    @property
    def sensitive(self) -> bool:
        """Whether it is handled as sensitive personal information: what tells against somebody, or holds a number."""
        return self.kind.may_be_adverse or any(f.sensitive for f in self.kind.section.fields.values())

    @property
    def push(self) -> list[tuple[str, str]]:
        """Boxes that a platform gets, with their names there."""
        boxes = self.kind.section.fields.values()
        return [(box.label, box.push) for box in boxes if box.push] if self.delivered else []

    def in_force(self, today: dt.date) -> bool:
        """Tell whether the entry holds on this day."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)

    def bases(self, place: str) -> list[Basis]:
        """Return the documents on which the place may keep such a fact."""
        return self.kind.bases_in(place)

    @property
    def everywhere(self) -> bool:
        """Whether it belongs to all 重点领域."""
        return set(self.fields) == set(_data()["fields"])

    def fields_in(self, place: str) -> list[str]:
        """Return the fields in the words of the place."""
        words = fields_of(place)
        return [words[code] for code in self.fields]


@dataclasses.dataclass(frozen=True)
class Disabled:
    """What a document of some place names and is not switched on."""

    code: str
    label: str
    clause: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Never:
    """What is not collected, whatever a document says."""

    label: str
    reason: str


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Return the entries of all known kinds by code, in the order of the kinds."""
    found = {code: raw for raw in _data()["entries"] for code in raw["kinds"]}
    return {kind.code: _entry(kind, found[kind.code]) for kind in kinds if kind.code in found}


def disabled() -> tuple[Disabled, ...]:
    """Return what is loaded and not switched on."""
    return tuple(Disabled(**raw) for raw in _data()["disabled"])


def never() -> tuple[Never, ...]:
    """Return what is never collected."""
    return tuple(Never(**raw) for raw in _data()["never"])


def fields_of(place: str) -> dict[str, str]:
    """Return the sixteen 重点领域 by code, in the words of the place."""
    return {**_data()["fields"], **_data()["words"].get(place, {})}


def refusal(code: str, *, place: str, today: dt.date) -> str:
    """Return why a fact of this kind may not be collected in a place, or nothing."""
    for one in disabled():
        if one.code == code:
            return f"“{one.label}”没有启用，不得归集：{one.reason}"
    entry = entries().get(code)
    if entry is None:
        return "没有这种条目，请从目录中选择。目录外的信息不得归集。"
    if not entry.in_force(today):
        return f"“{entry.kind.label}”不在目录的有效期内，不得归集。"
    if not entry.bases(place):
        return f"“{entry.kind.label}”在本地没有依据，不得归集。"
    return ""


def may_leave(kind: ItemKind) -> bool:
    """Tell whether facts of this kind may leave for a platform at all."""
    entry = entries().get(kind.code)
    return entry is not None and entry.delivered


def check_catalogue(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """System check: every kind stands in the catalogue once, and the catalogue names nothing that nobody declares."""
    data = _data()
    named = [code for raw in data["entries"] for code in raw["kinds"]]
    wrong = [f"{kind.code} is in no entry" for kind in kinds if kind.code not in named]
    wrong += [f"{code} is named twice" for code in sorted(set(named)) if named.count(code) > 1]
    for raw in data["entries"]:
        for code in raw["kinds"]:
            try:
                kinds.get(code)
            except UnknownKind:
                wrong.append(f"{code} is no kind")
        fields = raw.get("fields")
        if fields is None:
            wrong.append(f"{', '.join(raw['kinds'])}: no word on its fields")
        elif fields != ALL_FIELDS:
            wrong += [f"{one} is no field" for one in fields if one not in data["fields"]]
        if raw.get("national", "") not in ("", *data["national"]):
            wrong.append(f"{raw['national']} is no heading")
    wrong += [f"{one['code']} is switched off and a kind" for one in data["disabled"] if one["code"] in kinds]
    hint = "Put every kind into one entry of archives/catalogue.toml."
    return [Error(f"catalogue.toml: {text}.", hint=hint, id=CATALOGUE_FAULT) for text in wrong]


def _entry(kind: ItemKind, raw: Mapping[str, Any]) -> Entry:
    data = _data()
    national = data["national"].get(raw.get("national", ""), "")
    until = raw.get("valid_to", data.get("valid_to"))
    return Entry(
        kind=kind,
        heading=national or (SUPPLEMENT if raw.get("supplement") else ""),
        fields=tuple(data["fields"] if raw["fields"] == ALL_FIELDS else raw["fields"]),
        provider=raw["provider"],
        version=data["version"],
        valid_from=dt.date.fromisoformat(raw.get("valid_from", data["valid_from"])),
        valid_to=None if until is None else dt.date.fromisoformat(until),
    )
