"""What an agency that was merged away has left unsettled: members of its successor see to it (AY-21, AY-29).

Its archives stay with it and its own people no longer get in. A wrong record must still be corrected and recalled, so
the successor's administrator lets people of the successor work in the old agency's place: they correct, revoke, confirm
and answer what platforms turn away, under the old agency's name. New archives are opened by the successor itself.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from agencies.models import Agency, Membership, Responsibility, Role
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor

SETTLERS = (Role.CLERK, Role.REVIEWER)
LONGEST_CHAIN = 5
"""So many successors of successors are followed."""
_PERMISSION = "agencies.handle_responsibility"


def predecessors_of(actor: Actor) -> list[Agency]:
    """Return the agencies of the place that have ended and whose successor, or its own, is the actor's."""
    found: list[Agency] = []
    last = [actor.own_agency]
    for _ in range(LONGEST_CHAIN):
        rows = Agency.objects.filter(
            jurisdiction_id=actor.jurisdiction_id, active=False, successor_id__in=last
        ).exclude(pk__in=[*(one.pk for one in found), actor.own_agency])
        found += (new := list(rows))
        last = [one.pk for one in new]
    return found


def settlers_of(actor: Actor) -> list[Membership]:
    """Return who works in the place of a predecessor of the actor's agency, by agency and name."""
    rows = Membership.objects.current().filter(agency__in=predecessors_of(actor), settling=True)
    return list(
        rows.select_related("user", "agency", "jurisdiction").order_by("agency", "user__display_name")
    )


@transaction.atomic
def appoint_settler(*, member: Membership, predecessor: Agency, actor: Actor) -> Membership:
    """Let a clerk or reviewer of the actor's agency do the same work in the place of a predecessor, for all its groups.

    Raises `Refused` for anybody but the agency's administrator, an agency that is no predecessor, somebody who is not
    a current clerk or reviewer of the actor's agency; `AlreadyDone` for who has this place.
    """
    _check(predecessor, actor)
    own = Membership.objects.current().filter(agency_id=actor.own_agency, role__in=SETTLERS)
    row = own.select_related("user").filter(pk=member.pk).first()
    if row is None:
        raise Refused("请从本单位在任的经办人、审核人中选择。", code="member")
    place = {
        "user": row.user,
        "jurisdiction_id": actor.jurisdiction_id,
        "agency": predecessor,
        "role": row.role,
    }
    # Who served there before has a membership that ended with the agency.
    settler = Membership.objects.select_for_update(of=("self",)).filter(**place, ended_at=None).first()
    if settler is not None and settler.settling:
        raise AlreadyDone(
            f"{row.user.display_name} 已经在办理{predecessor.name}的事务。", code="already_done"
        )
    if settler is None:
        settler = Membership(**place)
    settler.settling = True
    settler.save()
    for responsibility in Responsibility.objects.filter(agency=predecessor, undecided=False):
        assign_perm(_PERMISSION, row.user, responsibility)
    data = {"user": row.user.username, "role": row.role, "agency": predecessor.code}
    journal.write("membership.settling", actor=actor, subject=settler, agency_id=actor.agency_id, data=data)
    return settler


@transaction.atomic
def dismiss_settler(*, settler: Membership, actor: Actor) -> None:
    """End the work of a member in the place of a predecessor. Raises `Refused`."""
    if settler.agency is None or not settler.settling:
        raise Refused("这项任职不由责任单位管理。", code="foreign")
    _check(settler.agency, actor)
    row = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=settler.pk)
    if row.ended_at is not None:
        raise AlreadyDone("这项任职已经结束。", code="already_done")
    _end(row, actor)


def end_settling(*, user: User, role: str, actor: Actor) -> None:
    """Who no longer does this work in the actor's agency does it in the place of no predecessor of it either."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    theirs = rows.filter(
        agency__in=predecessors_of(actor), user=user, role=role, settling=True, ended_at=None
    )
    for row in theirs.order_by("pk"):
        _end(row, actor)


def _end(row: Membership, actor: Actor) -> None:
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    still = Membership.objects.current().filter(user=row.user_id, agency=row.agency_id)
    if not still.exists():
        for responsibility in Responsibility.objects.filter(agency=row.agency_id):
            remove_perm(_PERMISSION, row.user, responsibility)
    data = {"user": row.user.username}
    journal.write("membership.ended", actor=actor, subject=row, agency_id=actor.agency_id, data=data)


def _check(predecessor: Agency, actor: Actor) -> None:
    if actor.role != Role.AGENCY_ADMIN or predecessor.pk not in {one.pk for one in predecessors_of(actor)}:
        raise Refused("只能办理已并入本单位的单位的事务。", code="foreign")
