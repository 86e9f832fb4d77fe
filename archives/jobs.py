"""Kinds of background work: who declares one registers what does it. The rows are `archives.models.Job`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archives.models import Job
from credit_platform.actors import Actor

Report = Callable[[int, int], None]
"""`report(done, total)`: notes progress and life. Raises `Cancelled`; call it at least every half minute."""
Result = tuple[bytes | Iterable[bytes], str] | tuple[bytes | Iterable[bytes], str, str]
"""The content of the file that comes of it, the name under which it is handed out, and, where the file is not all that
matters, what the page says of it in a sentence without personal data."""
UNTIL = "until"
"""In a job's parameters, noted by what does the work: the last day on which its result may be handed out, where
something in it may be shown no longer than that."""
Run = Callable[[Job, Actor, Report], Result]
"""Does the work for its requester. It opens short transactions of its own, `with as_context(actor.context)`, and may
raise `Refused`, whose words the requester reads. It is repeated from the start when its worker was killed."""

_KINDS: dict[str, Run] = {}


class Cancelled(Exception):
    """The requester cancelled the job, or somebody else has taken it up: stop, and leave nothing behind."""


def register(kind: str, run: Run) -> None:
    """Declare a kind of job. Raises ValueError when another one has this name.

    Call it where a module is loaded that `archives.tasks` imports, so that workers know it too.
    """
    if _KINDS.setdefault(kind, run) is not run:
        raise ValueError(f"two kinds of job are called {kind!r}")


def runner(kind: str) -> Run | None:
    """Return what does the work of a kind; None: this release doesn't know it."""
    return _KINDS.get(kind)
