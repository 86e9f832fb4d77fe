"""Writes: members, their groups, employers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from accounts.passwords import generate_password
from agencies.models import AGENCY_ROLES, Agency, Employer, Membership, Responsibility, Role
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor


@transaction.atomic
def add_member(
    *,
    username: str,
    display_name: str,
    role: str,
    agency: Agency,
    employer: Employer | None,
    responsibilities: Iterable[Responsibility],
    actor: Actor,
) -> tuple[Membership, str | None]:
    """Give a person a place in the actor's agency, making the account if the user name is new.

    Returns the membership and, for a new account, its one-time password. Raises `Refused`: a known user name with
    another person's name, a role that an agency does not give, an employer of another agency, or the same place twice.
    """
    _check_own_agency(agency, actor)
    if role not in AGENCY_ROLES | {Role.FILLER}:
        raise Refused("这个角色不由责任单位分配，请选择列表中的角色。", code="role")
    if (role == Role.FILLER) != (employer is not None):
        raise Refused("填报员须选择所属单位，其他角色不选所属单位。", code="employer")
    if employer is not None and employer.agency_id != agency.pk:
        raise Refused("所选所属单位不属于本单位，请重新选择。", code="employer")
    user, password = _find_or_make_user(username, display_name)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user, jurisdiction_id=agency.jurisdiction_id, agency=agency, employer=employer, role=role
            )
    except IntegrityError as error:
        raise Refused("这个人在本单位已经有同样的任职，不需要再次添加。", code="duplicate") from error
    if role != Role.AGENCY_ADMIN:
        for responsibility in responsibilities:
            if responsibility.agency_id == agency.pk and not responsibility.undecided:
                assign_perm("agencies.handle_responsibility", user, responsibility)
    journal.write(
        "membership.started",
        actor=actor,
        subject=membership,
        data={"user": user.username, "role": role, "employer": employer.pk if employer else None},
    )
    return membership, password


@transaction.atomic
def end_membership(*, membership: Membership, actor: Actor) -> None:
    """End a membership; it stops working at the person's next request. Raises `Refused`."""
    if membership.agency_id is None:
        raise Refused("这项任职不由责任单位管理。", code="foreign")
    _check_own_agency(membership.agency, actor)
    row = Membership.objects.select_for_update().get(pk=membership.pk)
    if row.ended_at is not None:
        raise Refused("这项任职已经结束。", code="already_done")
    if row.user_id == actor.user_id:
        raise Refused("不能结束自己的任职，请由另一位单位管理员办理。", code="own")
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    still = Membership.objects.current().filter(user=row.user_id, agency=row.agency_id)
    if not still.exclude(role=Role.AGENCY_ADMIN).exists():
        for responsibility in Responsibility.objects.filter(agency=row.agency_id):
            remove_perm("agencies.handle_responsibility", row.user, responsibility)
    journal.write("membership.ended", actor=actor, subject=row, data={"user": row.user.username})


@transaction.atomic
def reset_password(*, membership: Membership, actor: Actor) -> str:
    """Give a member of the actor's agency a new one-time password and return it. Raises `Refused`.

    An account that also serves elsewhere is not the agency's to reset.
    """
    if membership.agency_id is None:
        raise Refused("这个账号不由责任单位管理。", code="foreign")
    _check_own_agency(membership.agency, actor)
    elsewhere = Membership.objects.current().filter(user=membership.user_id).exclude(agency=actor.agency_id)
    if membership.user.is_operator or elsewhere.exists():
        raise Refused("这个账号还在其他单位任职，请联系平台运维重置密码。", code="shared_account")
    password = generate_password()
    membership.user.set_password(password)
    membership.user.must_change_password = True
    membership.user.save(update_fields=["password", "must_change_password"])
    journal.write("account.password_reset", actor=actor, subject=membership)
    return password


@transaction.atomic
def add_employer(*, name: str, credit_code: str, agency: Agency, actor: Actor) -> Employer:
    """Add an employer below the actor's agency. Raises `Refused` if the name is taken."""
    _check_own_agency(agency, actor)
    try:
        with transaction.atomic():
            employer = Employer.objects.create(
                jurisdiction_id=agency.jurisdiction_id, agency=agency, name=name, credit_code=credit_code
            )
    except IntegrityError as error:
        raise Refused(f"已经有名为“{name}”的所属单位。", code="duplicate") from error
    journal.write("employer.added", actor=actor, subject=employer, data={"name": name})
    return employer


def _find_or_make_user(username: str, display_name: str) -> tuple[User, str | None]:
    known = User.objects.filter(username__iexact=username).first()
    if known is None:
        password = generate_password()
        user = User.objects.create_user(
            username.lower(), password, display_name=display_name, must_change_password=True
        )
        return user, password
    if known.display_name != display_name or not known.is_active or known.is_operator:
        # Whether the name belongs to somebody in another unit is not this unit's business.
        raise Refused("这个用户名已被使用，请换一个；确为本人的，请核对姓名。", code="username")
    return known, None


def _check_own_agency(agency: Agency | None, actor: Actor) -> None:
    if agency is None or actor.kind != "agency" or agency.pk != actor.agency_id:
        raise Refused("只能管理本单位的人员和所属单位。", code="foreign")
