"""From a session to an `Actor`: which membership the person works in just now."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from guardian.shortcuts import get_objects_for_user

from accounts import services as accounts
from accounts.addresses import client_address
from accounts.models import User
from agencies.models import AGENCY_ROLES, Membership, Responsibility, Role
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM, Kind

KIND_OF_ROLE: dict[str, Kind] = {
    Role.FILLER: "employer",
    Role.OFFICER: "office",
    **dict.fromkeys(AGENCY_ROLES, "agency"),
}


def memberships_of(user: User) -> list[Membership]:
    """Return the user's current memberships with their units, oldest first."""
    rows = user.memberships.current()  # which gives them the user they are of
    return list(rows.select_related("jurisdiction", "agency", "employer").order_by("id"))


def actor_of_membership(membership: Membership, *, user: User, address: str = "", session: str = "") -> Actor:
    """Return the actor for one membership of a user."""
    return Actor(
        jurisdiction_id=membership.jurisdiction_id,
        kind=KIND_OF_ROLE[membership.role],
        name=user.display_name,
        role=membership.role,
        unit_name=membership.unit_name,
        user_id=user.pk,
        membership_id=membership.pk,
        agency_id=membership.agency_id,
        employer_id=membership.employer_id,
        occupations=_occupations(membership, user),
        address=address,
        session=session,
    )


def operator_actor(user: User, *, address: str = "", session: str = "") -> Actor:
    """Return the actor of the platform operator: no tenant context at all."""
    return Actor(
        jurisdiction_id=PLATFORM,
        kind=None,
        name=user.display_name,
        role=Role.OPERATOR,
        unit_name="平台运维",
        user_id=user.pk,
        address=address,
        session=session,
    )


def resolve_actor(request: HttpRequest) -> tuple[Actor | None, list[Membership]]:
    """Return the actor of a request and all memberships to choose from.

    The chosen membership is in the session; one that ended meanwhile no longer counts, from this very request on.
    """
    user = cast(User, request.user)
    address = client_address(request)
    session = (request.session.session_key or "")[:8]
    if user.is_operator:
        return operator_actor(user, address=address, session=session), []
    memberships = memberships_of(user)
    if not memberships:
        return None, []
    chosen = request.session.get(accounts.MEMBERSHIP)
    membership = next((m for m in memberships if m.pk == chosen), memberships[0])
    if membership.pk != chosen:
        request.session[accounts.MEMBERSHIP] = membership.pk
    return actor_of_membership(membership, user=user, address=address, session=session), memberships


def groups_held(membership: Membership) -> list[Responsibility]:
    """Return the groups that a member may handle, in the order of the notice, opened or not."""
    permitted = get_objects_for_user(
        membership.user, "agencies.handle_responsibility", klass=Responsibility, accept_global_perms=False
    )
    own = permitted.filter(jurisdiction_id=membership.jurisdiction_id, agency_id=membership.agency_id or 0)
    return list(own.filter(undecided=False).select_related("agency").order_by("position"))


def _occupations(membership: Membership, user: User) -> frozenset[str]:
    if membership.agency_id is None or membership.role == Role.AGENCY_ADMIN:
        return frozenset()
    begun = Responsibility.objects.begun(timezone.localdate())
    permitted = get_objects_for_user(
        user, "agencies.handle_responsibility", klass=begun, accept_global_perms=False
    )
    own = permitted.filter(jurisdiction_id=membership.jurisdiction_id, agency_id=membership.agency_id)
    return frozenset(own.values_list("occupation", flat=True))
