"""Loading a pack: every app reads its own section, all in one transaction."""

from __future__ import annotations

from django.db import transaction

from agencies import packloader
from agencies.packloader import Change, PackError
from archives.cadence import PARAMETER, problem_of
from delivery.packs import load_targets


@transaction.atomic
def load_pack(name: str, *, apply: bool) -> list[Change]:
    """Return how pack `name` differs from the database; with `apply`, load it. Raises `packloader.PackError`."""
    pack = packloader.read(name)
    rule = pack.data.get("parameters", {}).get(PARAMETER)
    if rule is not None and (problem := problem_of(rule["value"])):
        raise PackError(f"{name}.toml: [parameters] {PARAMETER}: {problem}")
    return [*packloader.load(pack, apply=apply), *load_targets(pack, apply=apply)]
