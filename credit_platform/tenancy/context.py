"""On whose behalf the program works: the first wall between tenants.

A `Context` is entered with `acting()`. While it lasts, every transaction begins by telling PostgreSQL the same
(`SET LOCAL app.…`), where the row-level security policies read it. Without a context tenant queries raise
`NoContext` in the program and yield nothing in SQL.
"""

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, get_args
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Kind = Literal["agency", "employer", "office", "city", "person", "job", "lookup"]
KINDS: frozenset[str] = frozenset(get_args(Kind))
PLATFORM = 0
"""Jurisdiction id under which is journalled what belongs to no county (failed sign-ins, the operator's acts)."""

_KEY = re.compile(r"[0-9A-Za-z:._-]{0,128}")


class NoContext(RuntimeError):
    """Tenant data was asked for outside `acting()` or outside a transaction."""


@dataclasses.dataclass(frozen=True)
class Context:
    """Who acts, in which county. Exactly the values that the policies read; see `policies.py`."""

    jurisdiction: int
    kind: Kind
    agency: int | None = None
    employer: int | None = None
    person: UUID | None = None
    key: str = ""

    def __post_init__(self) -> None:
        # The values end up as literals in SET LOCAL, so only checked types and a checked alphabet may pass.
        numbers = (self.jurisdiction, self.agency, self.employer)
        if any(isinstance(n, bool) or not isinstance(n, int | None) for n in numbers):
            raise TypeError("jurisdiction, agency and employer are integers")
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of actor: {self.kind!r}")
        if self.person is not None and not isinstance(self.person, UUID):
            raise TypeError("person is a UUID")
        if not _KEY.fullmatch(self.key):
            raise ValueError("key holds a character that is not allowed")
        needs = {"agency": self.agency, "employer": self.employer and self.agency, "person": self.person}
        if self.kind in needs and not needs[self.kind]:
            raise ValueError(f"a context of kind {self.kind!r} needs its key")

    def settings(self) -> dict[str, str]:
        """Return the PostgreSQL settings for this context, all of them, empty where they do not apply."""
        return {
            "app.jurisdiction": str(self.jurisdiction),
            "app.kind": self.kind,
            "app.agency": "" if self.agency is None else str(self.agency),
            "app.employer": "" if self.employer is None else str(self.employer),
            "app.person": "" if self.person is None else str(self.person),
            "app.key": self.key,
        }

    def to_header(self) -> dict[str, Any]:
        """Return a JSON-able form for a Celery message header."""
        values = dataclasses.asdict(self)
        values["person"] = None if self.person is None else str(self.person)
        return values

    @classmethod
    def from_header(cls, header: dict[str, Any]) -> "Context":
        """Rebuild from `to_header()`. Raises ValueError or TypeError on anything malformed."""
        values = dict(header)
        if values.get("person") is not None:
            values["person"] = UUID(values["person"])
        return cls(**values)


_NOBODY = dict.fromkeys(Context(PLATFORM, "job").settings(), "")

current: ContextVar[Context | None] = ContextVar("acting", default=None)


def apply(connection: BaseDatabaseWrapper) -> None:
    """Tell PostgreSQL the current context until the transaction ends.

    One statement each and literal values: shards of a distributed database receive exactly these statements, while
    `set_config()` would not reach them.
    """
    context = current.get()
    with connection.cursor() as cursor:
        for name, value in (_NOBODY if context is None else context.settings()).items():
            cursor.execute(f"SET LOCAL {name} = '{value}'")


@contextmanager
def acting(
    jurisdiction: int,
    kind: Kind,
    *,
    agency: int | None = None,
    employer: int | None = None,
    person: UUID | None = None,
    key: str = "",
    using: str = "default",
) -> Iterator[Context]:
    """Work in one transaction on behalf of somebody; nested use changes the actor and changes back.

    Raises `ValueError`/`TypeError` when the context is incomplete or malformed.
    """
    context = Context(jurisdiction, kind, agency, employer, person, key)
    with as_context(context, using=using):
        yield context


@contextmanager
def as_context(context: Context, *, using: str = "default") -> Iterator[Context]:
    """Like `acting()`, with a ready context."""
    token = current.set(context)
    connection = connections[using]
    outer = connection.in_atomic_block
    try:
        with transaction.atomic(using=using):
            if outer:
                apply(connection)
            yield context
    finally:
        current.reset(token)
        if outer and connection.in_atomic_block and not connection.needs_rollback:
            apply(connection)


@contextmanager
def looking_up(key: str) -> Iterator[None]:
    """Keep the actor but add an exact key: the only way an agency reaches a row it does not hold itself."""
    context = current.get()
    if context is None:
        raise NoContext("looking_up() needs a surrounding acting()")
    with as_context(dataclasses.replace(context, key=key)):
        yield


def jurisdiction_id() -> int:
    """Return the acting county's id. Raises `NoContext` outside `acting()`."""
    context = current.get()
    if context is None:
        raise NoContext("tenant data was used outside acting()")
    return context.jurisdiction
