"""Until when a dated fact may be shown and kept (LL-25, ZD-25). Pure: kind, values and rules in, two days out.

The rules of the law are data (`validity.toml`), chosen by the day of the decision and the province of the place. A
pack's parameter `validity` has more rules of the same form, which can only shorten:

    validity = { value = [{ since = "2026-04-01", months = 36, after = "delete" }], clause = "ZD-25" }

`months` is the longest time, `severity` that of each class as the authority decided it, `start` whether it runs from
the day on which the act `ended` (or was determined, where it hasn't) or was `determined`. `after`: `archive` keeps the
fact unseen with the archive, `delete` keeps it no longer than it is shown. `listed`: what stands on a list is shown
until it is taken off. The last day counts; from the midnight after it the fact is shown nowhere.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from archives.schema.calendar_text import months_later
from archives.schema.kinds import ItemKind
from archives.schema.kinds import kinds as known

PARAMETER = "validity"
SETTLED = frozenset({"unfounded", "unproven", "withdrawn", "settled"})
"""Outcomes of a complaint that came to nothing."""
LONG_TERM = dt.date(2099, 12, 31)
"""How the 双公示 forms write 长期."""
_FILE = Path(__file__).with_name("validity.toml")
_NAMES = frozenset(
    {"document", "article", "province", "since", "until", "kinds", "months", "severity", "start", "after", "listed"}
)  # fmt: skip
_CLASSES = frozenset({"minor", "general", "serious"})
_LONGEST = 60


@dataclasses.dataclass(frozen=True)
class Term:
    """Last days on which a fact may be shown and kept; None: no end."""

    shown_until: dt.date | None = None
    kept_until: dt.date | None = None

    def over(self, today: dt.date) -> bool:
        """Tell whether the fact may no longer be shown."""
        return self.shown_until is not None and self.shown_until < today


@dataclasses.dataclass(frozen=True)
class Rule:
    """One rule of `validity.toml` or of a pack."""

    province: str = ""
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max
    kinds: tuple[str, ...] = ()
    months: int | None = None
    severity: Mapping[str, int] = dataclasses.field(default_factory=dict)
    start: str = "ended"
    after: str = "archive"
    listed: bool = False

    def fits(self, place: str, kind: ItemKind, decided: dt.date) -> bool:
        """Tell whether the rule is that of this place, kind and day of decision."""
        here = place.startswith(self.province) and (not self.kinds or kind.code in self.kinds)
        return here and self.since <= decided <= self.until

    def end(self, values: Mapping[str, Any], decided: dt.date) -> dt.date | None:
        """Return the last day under this rule, None where it sets none for this class."""
        months = self.severity.get(values.get("severity") or "", self.months)
        if months is None:
            return None
        ended: dt.date | None = values.get("ended_on")
        return months_later(ended if self.start == "ended" and ended else decided, months)


def term_of(
    kind: ItemKind,
    values: Mapping[str, Any],
    *,
    place: str,
    parameters: Mapping[str, Any],
    closed_on: dt.date,
    confirmed: bool = True,
) -> Term:
    """Return how long a fact with these values may be shown and kept in a place.

    `place` is the code of the place, `parameters` its pack's, `closed_on` the day on which the fact was confirmed, or
    today for one that is not `confirmed`. A complaint that came to nothing ends with its confirmation. What tells
    nothing against anybody has no end but its own.
    """
    if values.get("outcome") in SETTLED:
        return Term(closed_on, closed_on) if confirmed else Term()
    own = kind.section.ends_on(dict(values))
    own = None if own == LONG_TERM else own
    if not kind.adverse(dict(values)):
        return Term(own, None)
    decided: dt.date = values.get("document_date") or values.get("occurred_on") or closed_on
    law = [rule for rule in national_rules() if rule.fits(place, kind, decided)]
    local = [rule for rule in rules_of(parameters.get(PARAMETER, ())) if rule.fits(place, kind, decided)]
    listed = kind.section.listed and own is None and any(rule.listed for rule in law)
    # What stands on a list is shown until it is taken off, unless the place itself says less.
    ends = [own, *(rule.end(values, decided) for rule in ([*local] if listed else [*law, *local]))]
    shown = min((end for end in ends if end is not None), default=None)
    deleted = any(rule.after == "delete" for rule in (*law, *local))
    return Term(shown, shown if deleted else None)


@lru_cache(maxsize=1)
def national_rules() -> tuple[Rule, ...]:
    """Return the rules of national and provincial law."""
    return rules_of(tomllib.loads(_FILE.read_text(encoding="utf-8"))["rules"])


def rules_of(raw: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return rules as they stand in a file or in a place's parameters. Raises ValueError or TypeError for others."""
    return tuple(_rule(one) for one in raw)


def problem_of(raw: Any) -> str:
    """Return what is wrong with a pack's `validity`, or nothing."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return "not a list of tables"
    for one in raw:
        if not isinstance(one, Mapping) or set(one) - _NAMES:
            return f"{one!r}: not a table of {', '.join(sorted(_NAMES))}"
        if "province" in one or "listed" in one:
            return "a place has neither province nor listed: its rules can only shorten"
        if problem := _shape(one):
            return problem
        try:
            rule = _rule(one)
        except (TypeError, ValueError) as error:
            return f"{dict(one)!r}: {error}"
        if problem := _fault(rule):
            return problem
    return ""


def _shape(raw: Mapping[str, Any]) -> str:
    chosen, severity = raw.get("kinds", []), raw.get("severity", {})
    if not isinstance(chosen, list) or not all(isinstance(code, str) and code in known for code in chosen):
        return "kinds: a list of kinds of the catalogue"
    if not isinstance(severity, Mapping):
        return "severity: a table of classes and months"
    return ""


def _fault(rule: Rule) -> str:
    if rule.since > rule.until:
        return "since must not be after until"
    spans = [*rule.severity.values(), *([] if rule.months is None else [rule.months])]
    if not spans or not all(type(months) is int and 0 <= months <= _LONGEST for months in spans):
        return f"months: whole numbers from 0 to {_LONGEST}"
    if set(rule.severity) - _CLASSES:
        return f"severity: only {', '.join(sorted(_CLASSES))}"
    if rule.start not in ("ended", "determined") or rule.after not in ("archive", "delete"):
        return "start is ended or determined, after is archive or delete"
    return ""


def _rule(raw: Mapping[str, Any]) -> Rule:
    values = {name: value for name, value in raw.items() if name not in ("document", "article")}
    for name in ("since", "until"):
        if name in values:
            values[name] = dt.date.fromisoformat(values[name])
    return Rule(**{**values, "kinds": tuple(values.get("kinds", ()))})
