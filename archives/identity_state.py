"""核验状态 as lists and pages tell it. Reads only.

What an archive says of its check holds for the name and number it was asked about, so every question here compares
them with those of today.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Archive, IdentityService
from archives.models.checked import checked_as_it_is
from archives.states import CheckOutcome

UNCHECKED = "none"
STATES = (
    (CheckOutcome.MATCH, "核验一致"),
    (CheckOutcome.MISMATCH, "核验不一致"),
    (CheckOutcome.ACCEPTED, "不一致，已人工核实"),
    (UNCHECKED, "未核验"),
)
"""核验状态. Each archive has exactly one; whom the service does not know is unchecked."""
_DECIDED = (CheckOutcome.MATCH, CheckOutcome.MISMATCH, CheckOutcome.ACCEPTED)
_LABELS: dict[str, str] = {str(state): label for state, label in STATES}


def with_state(state: str, prefix: str = "") -> Q:
    """Return the condition for archives in a state of `STATES`; `prefix` leads to the archive."""
    current = checked_as_it_is(prefix)
    if state == UNCHECKED:
        return ~current | ~Q(**{f"{prefix}check_state__in": _DECIDED})
    return current & Q(**{f"{prefix}check_state": state})


def due(now: dt.datetime) -> Q:
    """Return the condition for archives whose identity should be asked about now: nothing is known of it and the person
    works here, or somebody wants it. Nothing is asked about a member who has withdrawn the consent."""
    nothing_known = ~checked_as_it_is() & Q(left_on__isnull=True)
    consented = Q(consent=None) | Q(consent__withdrawn_on=None)
    return (nothing_known | Q(check_asked=True)) & Q(check_after__lte=now) & consented


def state_of(archive: Archive) -> str:
    """Return the state, one of `STATES`."""
    return archive.identity_state if archive.identity_state in _DECIDED else UNCHECKED


def label_of(archive: Archive) -> str:
    """Return the state in words."""
    return _LABELS[state_of(archive)]


def told(archive: Archive) -> dict[str, Any]:
    """Return what the page of a record shows: the state, its words, since when and by whom."""
    state = state_of(archive)
    at = archive.checked_at if archive.identity_state else None
    return {
        "state": state,
        "label": label_of(archive),
        "at": timezone.localtime(at) if at else None,
        "by": archive.checked_by if archive.identity_state else "",
        "asked": archive.check_asked,
        "unknown": archive.identity_state == CheckOutcome.UNKNOWN,
    }


def service_of(place: Jurisdiction | int) -> IdentityService | None:
    """Return the service of a place, or None where its rules name none."""
    key = place if isinstance(place, int) else place.pk
    return IdentityService.objects.filter(jurisdiction_id=key, active=True).first()
