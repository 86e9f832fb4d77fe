"""认定结论 as lists tell it, and choosing records by it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from archives.identity_state import with_state
from archives.models import RecordPart
from archives.schema.determination import Determination
from archives.states import Status

OPEN, CORRECTING, ELSEWHERE = "none", "correcting", "elsewhere"
OUTCOMES = (
    (Determination.TRUSTWORTHY, "守信"),
    (Determination.WARNING, "存在警示行为"),
    (Determination.SERIOUS, "存在严重失信行为"),
    (OPEN, "未认定"),
    (CORRECTING, "更正中"),
    (ELSEWHERE, "由牵头单位认定"),
)
"""认定结论. Each record has exactly one: what a draft says is no determination yet, nor what a correction says."""
REGISTRATIONS = (("usual", "当年登记"), ("backfilled", "补录"))


def narrow(parts: QuerySet[RecordPart], chosen: Mapping[str, Any]) -> QuerySet[RecordPart]:
    """Return the parts that have what was chosen: columns of theirs, `outcome`, `registration`, `check` (核验状态)."""
    columns = dict(chosen)
    check = columns.pop("check", "")
    outcome, registration = columns.pop("outcome", ""), columns.pop("registration", "")
    parts = parts.filter(**columns)
    if check:
        parts = parts.filter(with_state(check, "record__archive__"))
    if registration:
        parts = parts.filter(backfilled=registration == "backfilled")
    if outcome == OPEN:
        return parts.filter(current_version=0)
    if outcome == CORRECTING:
        return parts.filter(current_version__gt=0).exclude(status=Status.SEALED)
    if outcome == ELSEWHERE:
        return parts.filter(status=Status.SEALED, determination="")
    return parts.filter(status=Status.SEALED, determination=outcome) if outcome else parts
