"""What each platform of a place takes (AY-15, ZD-10). Pure: the place's parameters in, decisions out.

The loader of the pack writes the parameter for a place with several platforms, or with one that has a catalogue of its
own:

    platforms = { zibo = { name = "…", kinds = ["award", …], fields = ["JLMC", …], clause = "ZD-28" } }

Without `kinds` a platform takes every kind that may leave, without `fields` all that has a push name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from archives.schema.pushed import ON_DEMAND, REQUIRED

PARAMETER = "platforms"
TARGETS = "targets"


@dataclasses.dataclass(frozen=True)
class Platform:
    """One platform; `name` is blank where the place has no other, `kinds` and `fields` None where it takes all."""

    code: str
    name: str = ""
    kinds: frozenset[str] | None = None
    fields: frozenset[str] | None = None

    def takes(self, kind: str) -> bool:
        """Tell whether it takes facts of this kind."""
        return self.kinds is None or kind in self.kinds

    def only(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return of a payload what the platform's catalogue names, and what every platform needs."""
        if self.fields is None:
            return {name: value for name, value in payload.items() if name not in ON_DEMAND}
        wanted = self.fields | REQUIRED
        return {name: value for name, value in payload.items() if name in wanted}

    @property
    def demands(self) -> Mapping[str, tuple[str, str]]:
        """Names beyond the usual that its catalogue demands, with section and field."""
        return {name: place for name, place in ON_DEMAND.items() if name in (self.fields or ())}


def platform_of(parameters: Mapping[str, Any], code: str) -> Platform:
    """Return one platform of a place; one that the parameters say nothing of takes everything that may leave."""
    rule = parameters.get(PARAMETER, {}).get(code, {})
    kinds, fields = (None if rule.get(one) is None else frozenset(rule[one]) for one in ("kinds", "fields"))
    several = len(parameters.get(TARGETS, ())) > 1
    return Platform(code, rule.get("name", code) if several else "", kinds, fields)


def targets_for(parameters: Mapping[str, Any], kind: str, *, earlier: Iterable[str]) -> list[str]:
    """Return the platforms to which a version of a fact of this kind goes: who takes the kind, and who has had an
    `earlier` version and must learn what became of it."""
    had = set(earlier)
    codes: list[str] = parameters.get(TARGETS, [])
    return [code for code in codes if code in had or platform_of(parameters, code).takes(kind)]
