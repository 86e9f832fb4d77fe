"""The bell in the header."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest

from credit_platform.actors import Actor
from notices.selectors import unread_count


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `unread` is asked for when a page shows it, once. Fragments cost nothing."""
    actor: Actor | None = getattr(request, "actor", None)
    return {"unread": _counter(actor) if actor is not None and actor.membership_id is not None else None}


def _counter(actor: Actor) -> Callable[[], int | None]:
    @functools.cache
    def count() -> int | None:
        # An error page is made outside the request's transaction, or in a broken one: there the bell has no number.
        usable = connection.in_atomic_block and not connection.needs_rollback
        return unread_count(actor) if usable else 0

    return count
