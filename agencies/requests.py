"""What a request is for those who read its actor: typed, as `agencies.middleware` leaves it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agencies.models import Jurisdiction
from credit_platform.actors import Actor


class ActingRequest(HttpRequest):
    """A request of somebody in a role: a view with `@access(…)` gets no other."""

    actor: Actor


def place_of(request: Any) -> Jurisdiction:
    """Return the county, as the middleware has read it with the membership."""
    current = next(one for one in request.memberships if one.pk == request.actor.membership_id)
    place: Jurisdiction = current.jurisdiction
    return place
