"""Life cycles: the one way in which a status changes, and writes its event.

Each app describes its own table (`archives/lifecycle.py`); the buttons on its pages come from the same table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models, transaction

from audit import journal
from credit_platform.actors import Actor

M = TypeVar("M", bound=models.Model)
Guard = Callable[[Any, Actor], str | None]
"""Takes the locked object and the actor; returns None, or in Chinese why it cannot be done and what would help."""


class Refused(Exception):
    """The act is not allowed now; `str()` is the message for the person who tried, `code` is stable."""

    def __init__(self, message: str, *, code: str = "refused") -> None:
        super().__init__(message)
        self.code = code


class AlreadyDone(Refused):
    """The object already is where the act would bring it: a double click, or the back button after success."""


class Stale(Refused):
    """Somebody changed the object since the actor last saw it."""


@dataclasses.dataclass(frozen=True)
class Transition:
    """One arrow of a life cycle.

    `permitted(object, actor)` says whether the button is shown at all; `guards` run on the locked row and explain.
    """

    name: str
    label: str
    verb: str
    sources: frozenset[str]
    target: str
    permitted: Callable[[Any, Actor], bool]
    guards: Sequence[Guard] = ()
    needs_reason: bool = False
    primary: bool = False
    icon: str = ""
    confirm: str = ""


class Lifecycle:
    """The table of transitions of one model's status field.

    `then` is told of every row that moved, in the same transaction: for what has to follow each change of status.
    """

    def __init__(
        self, *transitions: Transition, field: str = "status", then: Callable[[Any], None] | None = None
    ) -> None:
        self.field = field
        self.then = then
        self.by_name: Mapping[str, Transition] = {t.name: t for t in transitions}

    def available(self, instance: Any, actor: Actor) -> list[Transition]:
        """Return the transitions that this actor may try from the present status, in table order."""
        status = getattr(instance, self.field)
        return [t for t in self.by_name.values() if status in t.sources and t.permitted(instance, actor)]


def clean_reason(text: str) -> str:
    """Return a reason as columns can hold it; the page asks for no more than 500 characters."""
    return text.replace("\x00", "").strip()[:500]


def lock(instance: M) -> M:
    """Return the same row, freshly read and locked until the transaction ends.

    A model may name what may be worked on by a manager `workable`; else it is what its first manager has. Raises
    `Refused` where the row is not among it, or row-level security does not let this member write it.
    """
    manager: Any = getattr(type(instance), "workable", type(instance)._default_manager)
    locked: M | None = manager.select_for_update(of=("self",)).filter(pk=instance.pk).first()
    if locked is None:
        raise Refused("没有找到要办理的内容，或者不由您办理。请刷新页面查看。", code="missing")
    return locked


@transaction.atomic
def advance(
    instance: M,
    name: str,
    *,
    lifecycle: Lifecycle,
    actor: Actor,
    reason: str = "",
    revision: int | None = None,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    owners: Mapping[str, Any] | None = None,
) -> M:
    """Change the status of `instance` along transition `name`, journal it, and return the updated row.

    `revision`: what the actor last saw, checked against the row if given. `changes`: further columns to set in the
    same UPDATE. `owners`: whose journal the event stands in (`agency_id`, `occupation` …) where the row belongs to
    several. Raises `AlreadyDone`, `Stale` or `Refused`; then, as after any error, nothing has changed.
    """
    transition = lifecycle.by_name[name]
    row: Any = lock(instance)
    before = getattr(row, lifecycle.field)
    if before not in transition.sources:
        if before == transition.target:
            raise AlreadyDone(f"“{transition.label}”已经办理过，不需要再次办理。", code="already_done")
        raise Refused(f"现在的状态不能“{transition.label}”。请刷新页面查看最新状态。", code="wrong_status")
    if not transition.permitted(row, actor):
        raise Refused(f"您没有“{transition.label}”的权限。", code="not_permitted")
    if revision is not None and row.revision != revision:
        raise Stale("这份记录刚被他人改动，请查看最新内容后再办理。", code="stale")
    reason = clean_reason(reason)
    if transition.needs_reason and not reason:
        raise Refused(f"“{transition.label}”须写明原因。", code="reason_required")
    for guard in transition.guards:
        if message := guard(row, actor):
            raise Refused(message, code="guard")
    values = {lifecycle.field: transition.target, **(changes or {})}
    for column, value in values.items():
        setattr(row, column, value)
    if hasattr(row, "revision"):
        row.revision += 1
        values["revision"] = row.revision
    row.save(update_fields=list(values))
    if lifecycle.then is not None:
        lifecycle.then(row)
    moved = {"from": before, "to": transition.target, **(data or {})}
    journal.write(transition.verb, actor=actor, subject=row, reason=reason, data=moved, **(owners or {}))
    return row  # type: ignore[no-any-return]
