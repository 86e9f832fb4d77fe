"""Loading a pack: every app reads its own section, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from agencies import packloader
from agencies.models import Jurisdiction
from agencies.packloader import Change, Pack
from archives import cadence, validity
from archives.schema.kinds import kinds
from archives.services.jobs import discard_results
from archives.services.prints import KIND as PRINT
from archives.services.validity import recompute
from credit_platform.tenancy.context import acting
from delivery.packs import load_targets
from verification.packs import load_identity_services

_CHECKS: Mapping[str, Callable[[Any], str]] = {
    cadence.PARAMETER: cadence.problem_of,
    validity.PARAMETER: validity.problem_of,
}


def load_pack(name: str, *, apply: bool) -> list[Change]:
    """Return how pack `name` differs from the database; with `apply`, load it and keep what was loaded.

    How long facts may be shown is worked out anew with it, so that a rule holds for what is there already. All of it or
    nothing. Raises `packloader.PackError`.
    """
    pack = packloader.read(name)
    for parameter, problem_of in _CHECKS.items():
        rule = pack.data["parameters"].get(parameter)
        if rule is not None and (problem := problem_of(rule["value"])):
            raise pack.fault("parameters", parameter, f"{parameter}: {problem}", key=parameter)
    with transaction.atomic():
        changes = [
            *packloader.load(pack, apply=apply),
            *load_targets(pack, apply=apply),
            *load_identity_services(pack, apply=apply),
        ]
        changes += _new_terms(pack, apply=apply)
        if apply:
            packloader.note(pack, changes)
    return changes


def _new_terms(pack: Pack, *, apply: bool) -> list[Change]:
    """The facts whose last day changes with the rules of the pack, counted by kind."""
    place = Jurisdiction.objects.filter(code=pack.place["code"]).first()
    if place is None:
        return []
    rules = pack.data.get("parameters", {})
    place.parameters = {**place.parameters, **{name: rule["value"] for name, rule in rules.items()}}
    if validity.PARAMETER not in rules:
        place.parameters.pop(validity.PARAMETER, None)
    with acting(place.pk, "job"):
        changed = recompute(place, apply=apply)
        if apply and changed:
            discard_results(kind=PRINT)  # a result knows only the last days of when it was made
    return [
        Change("changed", f"last day of {count} facts of the kind {kinds.get(code).label}")
        for code, count in sorted(changed.items())
    ]
