"""Reads of notices, and of who is to be told."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from guardian.shortcuts import get_users_with_perms

from agencies.models import Membership, Responsibility
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
