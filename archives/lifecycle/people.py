"""Who may do what: the conditions that several life cycles share."""

from __future__ import annotations

from collections.abc import Callable

from agencies.models import Role
from archives.models import Item, Proceeding, RecordPart, StampedRoster
from archives.states import Status
from credit_platform.actors import Actor

Head = RecordPart | Item
"""What is drafted, confirmed and versioned on its own."""


def handles(head: Head | Proceeding | StampedRoster, actor: Actor) -> bool:
    """Tell whether this actor's unit and groups include the part or item, or what belongs to it."""
    if head.agency_id != actor.agency_id or head.occupation not in actor.occupations:
        return False
    if isinstance(head, Head) and head.recalled_at is not None:
        return False  # the member has withdrawn the consent on which it rested
    return actor.kind == "agency" or (actor.kind == "employer" and head.employer_id == actor.employer_id)


WRITABLE = (Status.DRAFT, Status.RETURNED)
"""What is written into stands here."""


def may_write(actor: Actor) -> bool:
    """Tell whether this actor writes at all, about whomever."""
    return actor.role in (Role.FILLER, Role.CLERK)


def may_fill(head: Head, actor: Actor) -> bool:
    """Tell whether this actor may write into the part or item now."""
    return head.status in WRITABLE and handles(head, actor) and may_write(actor)


def may_attach(head: Head, actor: Actor) -> bool:
    """Tell whether this actor may add evidence now: who may write, and the clerk until it is confirmed."""
    waiting = head.status in (Status.SUBMITTED, Status.IN_REVIEW)
    return may_fill(head, actor) or (waiting and actor.role == Role.CLERK and handles(head, actor))


def with_role(role: Role) -> Callable[[Head | Proceeding, Actor], bool]:
    """Return whether somebody in this role, of the unit and groups concerned, may do it."""

    def permitted(head: Head | Proceeding, actor: Actor) -> bool:
        return actor.role == role and handles(head, actor)

    return permitted


def corrects(head: Head, actor: Actor) -> bool:
    """Tell whether this clerk is correcting what was confirmed before."""
    return head.current_version > 0 and actor.role == Role.CLERK and handles(head, actor)


def second_person(head: Head, actor: Actor) -> str | None:
    """AY-N1: who filled in or passed on a record does not confirm it."""
    if actor.user_id in head.writers:
        return "您填写或经办过这份记录，须由另一位审核人确认。"
    return None
