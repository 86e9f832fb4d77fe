"""Writing to the journal: changes inside their own transaction, looks after the request, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from audit.models import Event, new_event
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM, acting

_looks: ContextVar[list[Event] | None] = ContextVar("looks", default=None)


def write(verb: str, *, actor: Actor, subject: Any = None, **more: Any) -> Event:
    """Journal a change, inside the caller's transaction: both happen or neither does."""
    event = new_event(verb, actor=actor, subject=subject, **more)
    event.save(force_insert=True)
    return event


def look(verb: str, *, actor: Actor, subject: Any = None, **more: Any) -> None:
    """Journal a read, a denial or an export. Kept until the request ends, then written even if it rolls back.

    Outside a request it is written at once, in the caller's transaction.
    """
    event = new_event(verb, actor=actor, subject=subject, **{"reason": actor.purpose, **more})
    buffer = _looks.get()
    if buffer is None:
        event.save(force_insert=True)
    else:
        buffer.append(event)


@contextmanager
def collecting() -> Iterator[list[Event]]:
    """Collect the looks of one request; the caller writes them with `write_looks()`."""
    buffer: list[Event] = []
    token = _looks.set(buffer)
    try:
        yield buffer
    finally:
        _looks.reset(token)


def write_looks(events: list[Event]) -> None:
    """Write collected looks, in a transaction of their own for each county concerned."""
    for jurisdiction in {event.jurisdiction_id for event in events}:
        with acting(jurisdiction, "job"):
            Event.objects.bulk_create([e for e in events if e.jurisdiction_id == jurisdiction])


def write_platform(
    verb: str,
    *,
    name: str,
    address: str,
    success: bool,
    user_id: int | None = None,
    session: str = "",
    **more: Any,
) -> None:
    """Journal what belongs to no county, under the reserved platform jurisdiction.

    `user_id` and `session` where the acting account is known, not merely claimed.
    """
    actor = Actor(
        jurisdiction_id=PLATFORM,
        kind=None,
        name=name,
        role="",
        user_id=user_id,
        address=address,
        session=session,
    )
    with acting(PLATFORM, "job"):
        write(verb, actor=actor, success=success, **more)
