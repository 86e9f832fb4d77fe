"""What a pack says of its platforms beyond their names: the kinds and fields that a platform's own catalogue takes.

[[targets]]
code = "zibo"
name = "淄博市公共信用信息平台"
clause = "ZD-10"
kinds = ["award", "administrative_penalty"]     # without: every kind that may leave
fields = ["XB", "GZDW", "JLMC"]                 # without: everything that has a push name
catalogue_clause = "ZD-28"                      # where the catalogue stands; needed with either
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agencies.clauses import is_clause
from agencies.packparents import Entry, Pack
from archives.schema.kinds import kinds
from archives.schema.pushed import push_labels

LISTS = ("kinds", "fields")


def check_target(pack: Pack, index: int, entry: Entry) -> None:
    """Check what a platform's own catalogue names. Raises `PackError` with file and line."""

    def refuse(message: str, key: str, value: str = "") -> None:
        told = f"{entry['code']}: {message}"
        raise pack.fault("targets", index, told, key=key, value=value)

    own = [name for name in LISTS if name in entry]
    if own and not is_clause(entry.get("catalogue_clause")):
        refuse("a platform with kinds or fields of its own names their catalogue_clause", own[0])
    if not own and "catalogue_clause" in entry:
        refuse("catalogue_clause without kinds or fields", "catalogue_clause")
    known, leaving = push_labels(), {kind.code for kind in kinds if kind.deliverable}
    for code in map(str, entry.get("kinds", ())):
        if code not in leaving:
            word = "never leaves" if code in kinds else "is no kind"
            refuse(f"{code!r} {word}", "kinds", code)
    for name in map(str, entry.get("fields", ())):
        if name not in known:
            refuse(f"nothing leaves under the name {name!r}", "fields", name)


def platforms_of(pack: Pack) -> dict[str, Any]:
    """Return the parameter that tells the platforms apart; empty for a place whose one platform takes all."""
    targets = pack.data["targets"]
    if len(targets) < 2 and not any(name in entry for entry in targets for name in LISTS):
        return {}
    return {"platforms": {entry["code"]: _platform(entry) for entry in targets}}


def changed_platforms(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what differs in the platforms' catalogues: name of the platform, and old and new of each list."""
    for code in [*new, *(old.keys() - new.keys())]:
        before, after = old.get(code, {}), new.get(code, {})
        fields = {
            name: (before.get(name), after.get(name))
            for name in (*LISTS, "clause")
            if before.get(name) != after.get(name)
        }
        if fields:
            yield (after or before)["name"], fields


def catalogue_words(entry: Entry) -> str:
    """Return the platform's own catalogue in words, or nothing."""
    parts = []
    if "kinds" in entry:
        parts.append(f"接收条目：{'、'.join(kinds.get(code).label for code in entry['kinds']) or '无'}")
    if "fields" in entry:
        labels = push_labels()
        fields = (f"{labels[name]}（{name}）" for name in entry["fields"])
        parts.append(f"接收字段：{'、'.join(fields) or '只有必填项'}")
    return "；".join([*parts, f"目录依据 {entry['catalogue_clause']}"]) if parts else ""


def _platform(entry: Entry) -> dict[str, Any]:
    lists = {name: list(entry[name]) for name in LISTS if name in entry}
    clause = {"clause": entry["catalogue_clause"]} if lists else {}
    return {"name": entry["name"], **lists, **clause}
