"""The `identity_services` section of a pack: which service checks identities in a place, by which clause."""

from __future__ import annotations

from django.db import transaction

from agencies.packcheck import place_key
from agencies.packloader import EVERYBODY, Change, Pack, update_row
from archives.models import IdentityService


@transaction.atomic
def load_identity_services(pack: Pack, *, apply: bool) -> list[Change]:
    """Return what differs between a pack's service and the database; with `apply`, make it so.

    A service that the pack no longer names is switched off: without a clause nobody is asked about.
    """
    jurisdiction_id = place_key(pack.place["code"])
    known = {one.code: one for one in IdentityService.objects.filter(jurisdiction_id=jurisdiction_id)}
    wanted = {entry["code"]: entry for entry in pack.data["identity_services"]}
    changes: list[Change] = []
    for code in known.keys() - wanted.keys():
        changes += update_row(known[code], {"active": False}, apply=apply, concerns=EVERYBODY)
    for code, entry in wanted.items():
        row = known.get(code) or IdentityService(jurisdiction_id=jurisdiction_id, code=code)
        values = {"name": entry["name"], "clause": entry["clause"], "active": True}
        if "per_second" in entry:
            values["per_second"] = entry["per_second"]
        changes += update_row(row, values, apply=apply, concerns=EVERYBODY)
    return changes
