"""交接: one member's groups, drafts and open matters pass to a successor, in one act, with a list to sign."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from guardian.shortcuts import assign_perm, get_users_with_perms, remove_perm

from agencies.actors import groups_held
from agencies.models import Membership, Responsibility, Role
from agencies.services import end_membership
from archives.models import Archive, Item, Proceeding, RecordPart
from archives.services.tellings import tell_handed_over
from archives.states import Delivery, ProceedingStatus, Status
from audit import journal
from audit.lifecycle import Refused
from audit.models import Event
from credit_platform.actors import Actor

HANDLE = "agencies.handle_responsibility"
HANDLING = (Role.FILLER, Role.CLERK, Role.REVIEWER)
MOST_NAMED = 1000
"""Open matters that a hand-over keeps by id, for the printed list; all of them are counted."""
_CLOSED = (ProceedingStatus.SEALED, ProceedingStatus.DROPPED)


@dataclasses.dataclass(frozen=True)
class GroupMatters:
    """What one group holds for the member: people, and matters that are not finished."""

    occupation: str
    label: str
    people: int = 0
    drafts: int = 0
    own_drafts: int = 0
    returned: int = 0
    submitted: int = 0
    in_review: int = 0
    rejected: int = 0
    proceedings: int = 0
    items: int = 0


@dataclasses.dataclass(frozen=True)
class Handover:
    """What would pass from one member to another; `warnings` say what to see to, in Chinese."""

    leaver: Membership
    successor: Membership
    groups: list[GroupMatters]
    warnings: list[str]


def open_handover(*, leaver: Membership, successor: Membership, actor: Actor) -> Handover:
    """Return what would be handed over. Raises `Refused` as `hand_over()`."""
    _check(leaver, successor, actor)
    rows = groups_of(leaver)
    matters = [_matters(row, leaver) for row in rows]
    return Handover(leaver, successor, matters, list(_warnings(leaver, successor, rows)))


@transaction.atomic
def hand_over(*, leaver: Membership, successor: Membership, end: bool, actor: Actor) -> Event:
    """Give the successor the leaver's groups and take them from the leaver; with `end`, end the leaver's membership.

    Records belong to groups, not to people: with the permission pass the people, drafts and open matters, and nothing
    is left with nobody. Returns the journal's event, from which the list is printed.

    Raises `Refused`: not the agency's own members, not the same role and employer, a membership that has ended, the
    administrator's own matters in either direction, nothing to hand over, or a leaver who stays and has another role
    here, which would lose its groups.
    """
    list(Membership.objects.select_for_update().filter(pk__in=[leaver.pk, successor.pk]).order_by("pk"))
    found = open_handover(leaver=_fresh(leaver), successor=_fresh(successor), actor=actor)
    others = Membership.objects.current().filter(user=leaver.user_id, agency=actor.own_agency)
    others = others.exclude(pk=leaver.pk).exclude(role=Role.AGENCY_ADMIN)
    if others.exists() and not end:
        raise Refused(
            f"{leaver.user.display_name} 在本单位还有其他角色，人群权限由各角色共用。"
            "请同时结束这项任职，或者先结束其他角色。",
            code="other_role",
        )
    told = _told(found, end=end)  # before the groups pass
    for responsibility in groups_of(leaver):
        assign_perm(HANDLE, successor.user, responsibility)
        if not others.exists():
            remove_perm(HANDLE, leaver.user, responsibility)
    event = journal.write("handover.done", actor=actor, subject=leaver, data=told)
    if end:
        end_membership(membership=leaver, actor=actor)
    tell_handed_over(_fresh(successor), event.pk)
    return event


def groups_of(member: Membership) -> list[Responsibility]:
    """Return the groups that a member handles, in the order of the notice."""
    return groups_held(member)


def _check(leaver: Membership, successor: Membership, actor: Actor) -> None:
    if actor.role != Role.AGENCY_ADMIN or actor.kind != "agency":
        raise Refused("工作交接由单位管理员办理。", code="not_permitted")
    if {leaver.agency_id, successor.agency_id} != {actor.agency_id}:
        raise Refused("只能办理本单位人员的交接。", code="foreign")
    if leaver.ended_at is not None or successor.ended_at is not None or not successor.user.is_active:
        raise Refused("移交人或接收人的任职已经结束，请重新选择。", code="ended")
    if leaver.user_id == successor.user_id:
        raise Refused("移交人和接收人是同一个人，请重新选择。", code="same")
    if actor.user_id in (leaver.user_id, successor.user_id):
        raise Refused("自己的工作交接，请由另一位单位管理员办理。", code="own")
    if leaver.role not in HANDLING:
        raise Refused("单位管理员没有经办的人群，不需要交接。", code="nothing")
    if leaver.role != successor.role or leaver.employer_id != successor.employer_id:
        raise Refused(
            f"接收人须与移交人同一单位、同一角色（{leaver.unit_name} {leaver.role_label}）。"
            "请先在“人员与权限”中添加接收人的角色。",
            code="role",
        )
    if not groups_of(leaver):
        raise Refused(f"{leaver.user.display_name} 没有经办的人群，没有可以移交的。", code="nothing")


def _fresh(membership: Membership) -> Membership:
    rows = Membership.objects.select_related("user", "agency", "employer", "jurisdiction")
    return rows.get(pk=membership.pk)


def _scope(responsibility: Responsibility, member: Membership) -> dict[str, Any]:
    """The rows that a member answers for in a group. The administrator sees their number, never the rows."""
    scope = {"agency_id": responsibility.agency_id, "occupation": responsibility.occupation}
    return scope if member.employer_id is None else scope | {"employer_id": member.employer_id}


def _open_parts(scope: dict[str, Any]) -> QuerySet[RecordPart]:
    return RecordPart.objects.filter(**scope).filter(~Q(status=Status.SEALED) | Q(delivery=Delivery.REJECTED))


def _open_items(scope: dict[str, Any]) -> QuerySet[Item]:
    return Item.objects.filter(**scope).exclude(status=Status.SEALED)


def _open_proceedings(scope: dict[str, Any]) -> QuerySet[Proceeding]:
    return Proceeding.objects.filter(**scope).exclude(status__in=_CLOSED)


def _matters(responsibility: Responsibility, member: Membership) -> GroupMatters:
    scope = _scope(responsibility, member)
    draft = Q(status=Status.DRAFT)
    counts = _open_parts(scope).aggregate(
        drafts=Count("id", filter=draft),
        own_drafts=Count("id", filter=draft & Q(writers__0=member.user_id)),
        returned=Count("id", filter=Q(status=Status.RETURNED)),
        submitted=Count("id", filter=Q(status=Status.SUBMITTED)),
        in_review=Count("id", filter=Q(status=Status.IN_REVIEW)),
        rejected=Count("id", filter=Q(status=Status.SEALED, delivery=Delivery.REJECTED)),
    )
    return GroupMatters(
        occupation=responsibility.occupation,
        label=responsibility.label,
        people=Archive.objects.filter(**scope).count(),
        proceedings=_open_proceedings(scope).count(),
        items=_open_items(scope).count(),
        **counts,
    )


def _warnings(leaver: Membership, successor: Membership, rows: Iterable[Responsibility]) -> Iterable[str]:
    """What would be left without somebody responsible, and what the successor can't do alone."""
    staff = Membership.objects.current().filter(agency=leaver.agency).exclude(pk=leaver.pk)
    roles: dict[int, set[str]] = {}
    for user, role in staff.values_list("user_id", "role"):
        roles.setdefault(user, set()).add(role)
    for row in rows:
        permitted: Any = get_users_with_perms(row, only_with_perms_in=["handle_responsibility"])
        able = set(permitted.values_list("pk", flat=True)) | {successor.user_id}
        for role in (Role.CLERK, Role.REVIEWER):
            if not any(role in roles.get(user, ()) for user in able):
                yield f"交接后，“{row.label}”没有{role.label}。请在“人员与权限”中安排。"
        if leaver.role == Role.REVIEWER:
            waiting = _open_parts(_scope(row, leaver)).filter(status=Status.IN_REVIEW)
            if own := waiting.filter(writers__contains=successor.user_id).count():
                yield (
                    f"“{row.label}”有 {own} 份待审核记录由 {successor.user.display_name} 填写或经办过，"
                    "须由另一位审核人确认。"
                )


def _told(found: Handover, *, end: bool) -> dict[str, Any]:
    rows = groups_of(found.leaver)
    scopes = [_scope(row, found.leaver) for row in rows]
    return {
        "from": {"user": found.leaver.user_id, "name": found.leaver.user.display_name},
        "to": {"user": found.successor.user_id, "name": found.successor.user.display_name},
        "unit": found.leaver.unit_name,
        "role": found.leaver.role_label,
        "ended": end,
        "groups": [dataclasses.asdict(group) for group in found.groups],
        "warnings": found.warnings,
        "parts": _ids(_open_parts(scope) for scope in scopes),
        "items": _ids(_open_items(scope) for scope in scopes),
        "proceedings": _ids(_open_proceedings(scope) for scope in scopes),
    }


def _ids(rows: Iterable[QuerySet[Any]]) -> list[str]:
    found = [str(pk) for one in rows for pk in one.order_by("id").values_list("id", flat=True)[:MOST_NAMED]]
    return found[:MOST_NAMED]
