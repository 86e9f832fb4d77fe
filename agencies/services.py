"""Writes: members, their groups, employers; and the first accounts, by the administrator at the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

from axes.utils import reset as end_lock_out
from django.db import IntegrityError, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User
from accounts.passwords import generate_password
from agencies.models import AGENCY_ROLES, Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from agencies.settling import SETTLERS, end_settling
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import PLATFORM, acting

STAFF_ROLES = (Role.OFFICER, Role.OPERATOR, Role.AGENCY_ADMIN)
"""Roles that nobody gives on a page: the administrator at the machine does (`manage.py account`)."""
ADMINISTRATOR = "系统管理员（命令行）"
_USERNAME = re.compile(r"[a-z0-9._-]{3,50}")
_LONGEST_NAME = 50


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

    Returns the membership and, for a new account, its one-time password. Raises `Refused`: a user name that belongs
    to another person or ever served in another unit, oneself, a role that an agency does not give, an employer of
    another agency, or the same place twice. A person who serves in several units gets the further places at the
    machine (`manage.py account`): otherwise whoever made the account could open doors elsewhere with its password.
    """
    _check_own_agency(agency, actor)
    if role not in AGENCY_ROLES | {Role.FILLER}:
        raise Refused("这个角色不由责任单位分配，请选择列表中的角色。", code="role")
    if (role == Role.FILLER) != (employer is not None):
        raise Refused("填报员须选择所属单位，其他角色不选所属单位。", code="employer")
    if employer is not None and employer.agency_id != agency.pk:
        raise Refused("所选所属单位不属于本单位，请重新选择。", code="employer")
    user, password = _find_or_make_user(username, display_name)
    if password is None:
        _check_is_ours(user, agency, actor)
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
def give_groups(
    *, membership: Membership, responsibilities: Iterable[Responsibility], actor: Actor
) -> list[Responsibility]:
    """Let a member handle further groups of the agency, such as one that has been opened; return those that are new.

    Groups are taken away by a hand-over, so that the work goes with them. Raises `Refused`: somebody of another unit or
    oneself, a membership that has ended or handles no groups, a group of another agency or that is not decided.
    """
    _check_own_agency(membership.agency, actor)
    row = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if row.ended_at is not None or row.role == Role.AGENCY_ADMIN:
        raise Refused("这项任职已经结束，或者不办理档案，不能增加人群。", code="ended")
    if row.user_id == actor.user_id:
        raise Refused("不能给自己增加人群，请由另一位单位管理员办理。", code="own")
    wanted = list(responsibilities)
    if any(one.agency_id != row.agency_id or one.undecided or one.ended_on for one in wanted):
        raise Refused("所选人群不由本单位负责，或者还不能办理，请重新选择。", code="foreign")
    new = [one for one in wanted if not row.user.has_perm("agencies.handle_responsibility", one)]
    for responsibility in new:
        assign_perm("agencies.handle_responsibility", row.user, responsibility)
    if new:
        data = {"user": row.user.username, "groups": [one.occupation for one in new]}
        journal.write("membership.groups_given", actor=actor, subject=row, data=data)
    return new


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
    if row.role in SETTLERS and not still.filter(role=row.role).exists():
        end_settling(user=row.user, role=row.role, actor=actor)


@transaction.atomic
def reset_password(*, membership: Membership, actor: Actor) -> str:
    """Give a member of the actor's agency a new one-time password and return it. Raises `Refused`.

    An account that serves or ever served elsewhere is not the agency's to reset. A running lock-out ends.
    """
    if membership.agency_id is None:
        raise Refused("这个账号不由责任单位管理。", code="foreign")
    _check_own_agency(membership.agency, actor)
    elsewhere = Membership.objects.filter(user=membership.user_id).exclude(agency=actor.agency_id)
    if membership.user.is_operator or elsewhere.exists():
        raise Refused("这个账号也在其他单位任职（或任过职），请联系平台运维重置密码。", code="shared_account")
    password = generate_password()
    membership.user.set_password(password)
    membership.user.must_change_password = True
    membership.user.save(update_fields=["password", "must_change_password"])
    end_lock_out(username=membership.user.username)
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


@transaction.atomic
def add_staff(
    *, username: str, display_name: str, role: str, county: str = "", agency: str = ""
) -> str | None:
    """Make somebody officer or first administrator of a place, or operator; for the command line only.

    `county` and `agency` are codes. Returns the one-time password of a new account. Raises `Refused`: an unknown
    county or agency, a role it does not fit, a known user name with another name, the same place twice.
    """
    username, display_name = username.strip().lower(), display_name.strip()
    if not _USERNAME.fullmatch(username):
        raise Refused("用户名应为 3 至 50 个小写字母、数字或 . _ -。", code="username")
    if not display_name or len(display_name) > _LONGEST_NAME:
        raise Refused("请填写姓名，不超过 50 个字。", code="name")
    place, unit = _find_place(role, county, agency)
    if (
        role == Role.OPERATOR
        and Membership.objects.current().filter(user__username__iexact=username).exists()
    ):
        raise Refused("这个账号在单位任职，平台运维须用单独的账号，请换一个用户名。", code="duplicate")
    if User.objects.filter(username__iexact=username, is_operator=True).exists():
        raise Refused("这个账号是平台运维，不能再次添加，也不能兼任其他角色。", code="duplicate")
    user, password = _find_or_make_user(username, display_name)
    if place is None:
        user.is_operator = True
        user.save(update_fields=["is_operator"])
        _journal_operator("account.operator_started", user)
        return password
    with acting(place.pk, "job"):
        try:
            with transaction.atomic():
                membership = Membership.objects.create(user=user, jurisdiction=place, agency=unit, role=role)
        except IntegrityError as error:
            raise Refused("这个人已经有同样的任职，不需要再次添加。", code="duplicate") from error
        data = {"user": user.username, "role": role, "employer": None}
        journal.write("membership.started", actor=job(place.pk, ADMINISTRATOR), subject=membership, data=data)
    return password


@transaction.atomic
def end_staff(*, username: str, role: str, county: str = "", agency: str = "") -> None:
    """End what `add_staff` began; it stops working at the person's next request. Raises `Refused`."""
    place, unit = _find_place(role, county, agency, even_closed=True)
    user = _find_staff(username)
    if place is None:
        if not user.is_operator:
            raise Refused(f"“{username}”不是平台运维。", code="already_done")
        user.is_operator = False
        user.save(update_fields=["is_operator"])
        _journal_operator("account.operator_ended", user)
        return
    own = Membership.objects.select_for_update(of=("self",)).filter(user=user, ended_at=None, role=role)
    membership = own.filter(jurisdiction=place, agency=unit).first()
    if membership is None:
        raise Refused(f"“{username}”没有这项任职，或者任职已经结束。", code="already_done")
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    with acting(place.pk, "job"):
        journal.write(
            "membership.ended",
            actor=job(place.pk, ADMINISTRATOR),
            subject=membership,
            data={"user": user.username},
        )


@transaction.atomic
def reset_staff_password(*, username: str) -> str:
    """Give an account, wherever it serves, a new one-time password and return it. Raises `Refused`.

    Journalled in every county where the person serves, under the platform for operators and people without a place.
    """
    user = _find_staff(username)
    password = generate_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    memberships = list(Membership.objects.current().filter(user=user).order_by("id"))
    for membership in memberships:
        with acting(membership.jurisdiction_id, "job"):
            by = job(membership.jurisdiction_id, ADMINISTRATOR)
            journal.write("account.password_reset", actor=by, subject=membership)
    if user.is_operator or not memberships:
        _journal_operator("account.password_reset", user)
    return password


def _find_place(
    role: str, county: str, agency: str, *, even_closed: bool = False
) -> tuple[Jurisdiction | None, Agency | None]:
    """Return the county and agency that a role of `STAFF_ROLES` needs, None where it needs none."""
    if role not in STAFF_ROLES:
        raise Refused("这个角色不在命令行分配，请由单位管理员在“人员与权限”中添加。", code="role")
    if bool(county) != (role != Role.OPERATOR) or bool(agency) != (role == Role.AGENCY_ADMIN):
        raise Refused(
            "角色与单位不符：信用工作人员只填县，单位管理员填县和责任单位，平台运维都不填。", code="unit"
        )
    if not county:
        return None, None
    place = Jurisdiction.objects.exclude(pk=PLATFORM).filter(code=county).first()
    if place is None:
        raise Refused(f"没有代码为“{county}”的县，请先用 manage.py pack load 载入地方规则。", code="county")
    if not agency:
        return place, None
    unit = Agency.objects.filter(jurisdiction=place, code=agency).first()
    if unit is None or not (unit.active or even_closed):
        raise Refused(f"{place.name}没有代码为“{agency}”的责任单位，或者已经停用。", code="agency")
    return place, unit


def _find_staff(username: str) -> User:
    user = User.objects.select_for_update().filter(username__iexact=username, kind=User.Kind.STAFF).first()
    if user is None or not user.is_active:
        raise Refused(f"没有用户名为“{username}”的账号，或者已经停用。", code="username")
    return user


def _journal_operator(verb: str, user: User) -> None:
    journal.write_platform(
        verb, name=ADMINISTRATOR, address="", success=True, subject=user, data={"user": user.username}
    )


def _find_or_make_user(username: str, display_name: str) -> tuple[User, str | None]:
    known = User.objects.filter(username=username.lower()).first()
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


def _check_is_ours(user: User, agency: Agency, actor: Actor) -> None:
    places = Membership.objects.filter(user=user)
    if not places.exists() or places.exclude(agency=agency).exists():
        raise Refused("这个用户名已被使用，请换一个；在多个单位任职的，请联系平台运维办理。", code="username")
    if user.pk == actor.user_id:
        raise Refused("不能给自己增加角色，请由另一位单位管理员办理。", code="own")


def _check_own_agency(agency: Agency | None, actor: Actor) -> None:
    if agency is None or actor.kind != "agency" or agency.pk != actor.agency_id:
        raise Refused("只能管理本单位的人员和所属单位。", code="foreign")
