"""Loading a pack: every app reads its own section, all in one transaction."""

from __future__ import annotations

from django.db import transaction

from agencies import packloader
from agencies.packloader import Change
from archives.cadence import PARAMETER, problem_of
from delivery.packs import load_targets


@transaction.atomic
def load_pack(name: str, *, apply: bool) -> list[Change]:
    """Return how pack `name` differs from the database; with `apply`, load it and keep what was loaded.

    Raises `packloader.PackError`.
    """
    pack = packloader.read(name)
    rule = pack.data["parameters"].get(PARAMETER)
    if rule is not None and (problem := problem_of(rule["value"])):
        raise pack.fault("parameters", PARAMETER, f"{PARAMETER}: {problem}", key=PARAMETER)
    changes = [*packloader.load(pack, apply=apply), *load_targets(pack, apply=apply)]
    if apply:
        packloader.note(pack, changes)
    return changes
