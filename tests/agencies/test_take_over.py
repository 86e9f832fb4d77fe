"""An account opens the doors of one unit: whoever made it, or may reset it, gets no key to another one's."""

import pytest

from agencies.models import Membership, Role
from agencies.services import add_member, end_membership, reset_password
from audit.lifecycle import Refused
from tests.archives.flow import acting_as
from tests.factories import County, Unit

pytestmark = pytest.mark.django_db


def add(unit: Unit, username: str, name: str, role: str = Role.CLERK) -> tuple[Membership, str | None]:
    with acting_as(unit.admin) as who:
        return add_member(
            username=username,
            display_name=name,
            role=role,
            agency=unit.agency,
            employer=None,
            responsibilities=[unit.responsibility],
            actor=who,
        )


@pytest.mark.req("AY-18")
def test_an_account_made_elsewhere_is_not_taken_on(county: County, other_county: County) -> None:
    add(county.education, "wang.hong", "王红")
    for unit in (county.health, other_county.education):
        with pytest.raises(Refused, match="换一个"):
            add(unit, "wang.hong", "王红")
    assert Membership.objects.filter(user__username="wang.hong").count() == 1


@pytest.mark.req("AY-18")
def test_who_left_another_unit_is_not_taken_on_either(county: County) -> None:
    membership, _ = add(county.health, "liu.yang", "刘洋")
    with acting_as(county.health.admin) as who:
        end_membership(membership=membership, actor=who)
    with pytest.raises(Refused, match="换一个"):
        add(county.education, "liu.yang", "刘洋")


def test_a_further_role_in_the_same_unit_is_fine(county: County) -> None:
    add(county.education, "wang.hong", "王红")
    membership, password = add(county.education, "wang.hong", "王红", Role.REVIEWER)
    assert (membership.role, password) == (Role.REVIEWER, None)


def test_nobody_gives_himself_a_role(county: County) -> None:
    admin = county.education.admin.user
    with pytest.raises(Refused, match="自己"):
        add(county.education, admin.username, admin.display_name)


@pytest.mark.req("AY-18")
def test_an_account_with_a_past_elsewhere_is_not_reset_here(county: County) -> None:
    membership, _ = add(county.education, "wang.hong", "王红")
    Membership.objects.create(
        user=membership.user,
        jurisdiction=county.jurisdiction,
        agency=county.health.agency,
        role=Role.CLERK,
        ended_at=membership.started_at,
    )
    with acting_as(county.education.admin) as who, pytest.raises(Refused, match="平台运维"):
        reset_password(membership=membership, actor=who)
