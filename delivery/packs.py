"""The `targets` section of a pack: the municipal platforms that a place reports to."""

from __future__ import annotations

from django.db import transaction

from agencies.packcheck import place_key
from agencies.packloader import EVERYBODY, Change, Pack, update_row
from delivery.models import Target


@transaction.atomic
def load_targets(pack: Pack, *, apply: bool) -> list[Change]:
    """Return what differs between a pack's targets and the database; with `apply`, make it so."""
    jurisdiction_id = place_key(pack.place["code"])
    known = {t.code: t for t in Target.objects.filter(jurisdiction_id=jurisdiction_id)}
    changes: list[Change] = []
    for entry in pack.data["targets"]:
        row = known.get(entry["code"]) or Target(jurisdiction_id=jurisdiction_id, code=entry["code"])
        changes += update_row(
            row, {"name": entry["name"], "clause": entry["clause"]}, apply=apply, concerns=EVERYBODY
        )
    return changes
