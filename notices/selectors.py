"""Reads of notices, and of who is to be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q
from guardian.models import UserObjectPermission
from guardian.shortcuts import get_users_with_perms

from agencies.models import Membership, Responsibility, Role
from credit_platform.actors import Actor
from notices.models import Notice

MOST_COUNTED = 100
"""Nobody needs to know how many more than 99 there are; counting stops there."""


def unread_count(actor: Actor) -> int:
    """Return how many notices wait for this member, at most `MOST_COUNTED`: one indexed statement."""
    return Notice.objects.visible_to(actor).filter(read_at=None).order_by()[:MOST_COUNTED].count()


def handlers_of(
    *, agency_id: int, occupation: str, roles: Collection[str], employer_id: int | None = None
) -> list[Membership]:
    """Return the current members in these roles who handle a group; fillers only those of this employer."""
    responsibility = Responsibility.objects.filter(agency_id=agency_id, occupation=occupation).first()
    if responsibility is None:
        return []
    able = get_users_with_perms(responsibility, only_with_perms_in=["handle_responsibility"])
    members = Membership.objects.current().filter(agency_id=agency_id, role__in=roles, user__in=able)
    at_place = Q(employer=None) if employer_id is None else Q(employer=None) | Q(employer=employer_id)
    return list(members.filter(at_place).select_related("user").order_by("id"))


def named_persons(groups: Iterable[Responsibility]) -> dict[int, list[Membership]]:
    """Return who answers for each group, by its id: its clerks, else the administrators of the agency. Two statements,
    however many groups."""
    wanted = {group.pk: group for group in groups}
    agencies = {group.agency_id for group in wanted.values()}
    members = Membership.objects.current().filter(
        agency__in=agencies, role__in=[Role.CLERK, Role.AGENCY_ADMIN]
    )
    clerks: dict[tuple[int, int], Membership] = {}
    admins: dict[int, list[Membership]] = defaultdict(list)
    for member in members.select_related("user").order_by("id"):
        agency_id = member.agency_id or 0
        if member.role == Role.CLERK:
            clerks[agency_id, member.user_id] = member
        else:
            admins[agency_id].append(member)
    able = UserObjectPermission.objects.filter(
        permission__codename="handle_responsibility",
        permission__content_type__app_label="agencies",
        object_pk__in=[str(pk) for pk in wanted],
    )
    found: dict[int, list[Membership]] = {pk: [] for pk in wanted}
    for object_pk, user_id in able.order_by("user_id").values_list("object_pk", "user_id"):
        group = wanted[int(object_pk)]
        if clerk := clerks.get((group.agency_id, user_id)):
            found[group.pk].append(clerk)
    return {pk: who or admins[wanted[pk].agency_id] for pk, who in found.items()}
