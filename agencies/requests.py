"""What a request is for those who read its actor: typed, as `agencies.middleware` leaves it."""

from __future__ import annotations

from django.http import HttpRequest

from credit_platform.actors import Actor


class ActingRequest(HttpRequest):
    """A request of somebody in a role: a view with `@access(…)` gets no other."""

    actor: Actor
