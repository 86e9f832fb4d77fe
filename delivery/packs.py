"""The `targets` section of a pack: the municipal platforms that a place reports to."""

from __future__ import annotations

from django.db import transaction

from agencies.packloader import Change, Pack, update_row
from delivery.models import Target


@transaction.atomic
def load_targets(pack: Pack, *, apply: bool) -> list[Change]:
    """Return what differs between a pack's targets and the database; with `apply`, make it so."""
    jurisdiction_id = int(pack.place["code"])
    known = {t.code: t for t in Target.objects.filter(jurisdiction_id=jurisdiction_id)}
    changes: list[Change] = []
    for entry in pack.data.get("targets", []):
        row = known.get(entry["code"]) or Target(jurisdiction_id=jurisdiction_id, code=entry["code"])
        changes += update_row(row, {"name": entry["name"], "clause": entry["clause"]}, apply=apply)
    return changes
