"""The agency's people and employers: added, ended, reset, and only by the own administrator."""

from contextlib import suppress
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from agencies.actors import actor_of_membership
from agencies.forms import MemberForm
from agencies.models import Employer, Membership, Responsibility, Role
from agencies.services import add_employer, add_member, end_membership, give_groups, reset_password
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, events
from tests.factories import County, ResponsibilityFactory, Unit, UserFactory, actor


def added(unit: Unit, **changes: Any) -> tuple[Membership, str | None]:
    with acting_as(changes.pop("by", unit.admin)) as who:
        values = {
            "username": "new.one",
            "display_name": "新同事",
            "role": Role.CLERK,
            "agency": unit.agency,
            "employer": None,
            "responsibilities": [unit.responsibility],
        }
        return add_member(**values | changes, actor=who)


def ended(unit: Unit, membership: Membership, *, by: Membership | None = None) -> None:
    with acting_as(by or unit.admin) as who:
        end_membership(membership=membership, actor=who)


def reset(unit: Unit, membership: Membership) -> str:
    with acting_as(unit.admin) as who:
        return reset_password(membership=membership, actor=who)


# --- adding -----------------------------------------------------------------------------------------------------


def test_a_new_account_gets_a_password_once(county: County) -> None:
    membership, password = added(county.education, username="New.One")
    user = membership.user
    assert (user.username, user.must_change_password) == ("new.one", True)
    assert password is not None
    assert user.check_password(password)
    assert actor_of_membership(membership, user=user).occupations == frozenset({"teacher"})
    (event,) = events(county.id, verb="membership.started", data__user="new.one")
    assert password not in str(event.data)


def test_a_filler_belongs_to_an_employer(county: County) -> None:
    unit = county.education
    membership, _ = added(unit, role=Role.FILLER, employer=unit.employer)
    assert membership.unit_name == "第一小学"


def test_an_administrator_handles_no_records(county: County) -> None:
    membership, _ = added(county.education, role=Role.AGENCY_ADMIN)
    assert actor_of_membership(membership, user=membership.user).occupations == frozenset()


def test_the_same_place_twice_is_refused(county: County) -> None:
    added(county.education)
    with pytest.raises(Refused) as refusal:
        added(county.education)
    assert refusal.value.code == "duplicate"


def test_a_second_role_is_a_second_membership(county: County) -> None:
    first, _ = added(county.education)
    second, password = added(county.education, role=Role.REVIEWER)
    assert (first.user, password) == (second.user, None)


@pytest.mark.parametrize("username", ["new.one", "NEW.ONE", "New.one"])
def test_a_name_that_is_taken_by_somebody_else(county: County, username: str) -> None:
    UserFactory(username="new.one", display_name="另一人")
    with pytest.raises(Refused) as refusal:
        added(county.education, username=username)
    assert refusal.value.code == "username"
    assert "另一人" not in str(refusal.value)


def test_the_operator_and_closed_accounts_are_not_given_places(county: County) -> None:
    UserFactory(username="op", display_name="新同事", is_operator=True)
    UserFactory(username="closed", display_name="新同事", is_active=False)
    for username in ("op", "closed"):
        with pytest.raises(Refused):
            added(county.education, username=username)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OPERATOR, "superuser", ""])
def test_roles_that_an_agency_does_not_give(county: County, role: str) -> None:
    with pytest.raises(Refused) as refusal:
        added(county.education, role=role)
    assert refusal.value.code == "role"
    assert not User.objects.filter(username="new.one").exists()


def test_role_and_employer_have_to_fit(county: County) -> None:
    unit = county.education
    for changes in ({"role": Role.FILLER}, {"role": Role.CLERK, "employer": unit.employer}):
        with pytest.raises(Refused) as refusal:
            added(unit, **changes)
        assert refusal.value.code == "employer"


def test_an_employer_of_another_agency(county: County) -> None:
    with pytest.raises(Refused):
        added(county.education, role=Role.FILLER, employer=county.health.employer)


def test_groups_of_another_agency_are_not_given(county: County) -> None:
    membership, _ = added(county.education, responsibilities=[county.health.responsibility])
    assert actor_of_membership(membership, user=membership.user).occupations == frozenset()


def test_another_agencys_administrator_adds_nobody(county: County) -> None:
    with pytest.raises(Refused) as refusal:
        added(county.education, by=county.health.admin)
    assert refusal.value.code == "foreign"


# --- ending -----------------------------------------------------------------------------------------------------


def test_ending_takes_the_groups_away(county: County) -> None:
    membership, _ = added(county.education)
    ended(county.education, membership)
    membership.refresh_from_db()
    assert membership.ended_at is not None
    assert not Membership.objects.current().filter(pk=membership.pk).exists()
    user = User.objects.get(pk=membership.user_id)
    assert actor_of_membership(membership, user=user).occupations == frozenset()
    assert events(county.id, verb="membership.ended")


def test_the_groups_stay_while_another_role_needs_them(county: County) -> None:
    first, _ = added(county.education)
    second, _ = added(county.education, role=Role.REVIEWER)
    ended(county.education, first)
    user = User.objects.get(pk=second.user_id)
    assert actor_of_membership(second, user=user).occupations == frozenset({"teacher"})


def test_after_the_end_the_same_place_can_be_given_again(county: County) -> None:
    first, _ = added(county.education)
    ended(county.education, first)
    again, password = added(county.education)
    assert again.pk != first.pk
    assert password is None


def test_nobody_ends_the_own_membership(county: County) -> None:
    unit = county.education
    with pytest.raises(Refused):
        ended(unit, unit.admin)
    assert Membership.objects.current().filter(pk=unit.admin.pk).exists()


def test_a_second_end_changes_nothing(county: County) -> None:
    membership, _ = added(county.education)
    ended(county.education, membership)
    when = Membership.objects.get(pk=membership.pk).ended_at
    with suppress(Refused):
        ended(county.education, Membership.objects.get(pk=membership.pk))
    assert Membership.objects.get(pk=membership.pk).ended_at == when
    assert len(events(county.id, verb="membership.ended")) == 1


def test_members_of_others_are_not_ended(county: County) -> None:
    for stranger in (county.health.clerk, county.officer):
        with pytest.raises(Refused):
            ended(county.education, stranger)
        assert Membership.objects.current().filter(pk=stranger.pk).exists()


# --- passwords --------------------------------------------------------------------------------------------------


def test_a_reset_password_has_to_be_changed(county: County) -> None:
    unit = county.education
    password = reset(unit, unit.clerk)
    user = User.objects.get(pk=unit.clerk.user_id)
    assert user.check_password(password)
    assert user.must_change_password
    (event,) = events(county.id, verb="account.password_reset")
    assert password not in str(event.__dict__)


def test_an_account_that_also_serves_elsewhere_is_not_reset(county: County) -> None:
    unit = county.education
    Membership.objects.create(
        user=unit.clerk.user, jurisdiction=county.jurisdiction, agency=county.health.agency, role=Role.CLERK
    )
    with pytest.raises(Refused) as refusal:
        reset(unit, unit.clerk)
    assert refusal.value.code == "shared_account"


@pytest.mark.parametrize("who", ["health", "officer"])
def test_accounts_of_others_are_not_reset(county: County, who: str) -> None:
    stranger = county.officer if who == "officer" else county.health.clerk
    with pytest.raises(Refused):
        reset(county.education, stranger)


# --- employers --------------------------------------------------------------------------------------------------


def employer_added(unit: Unit, **changes: Any) -> Employer:
    with acting_as(changes.pop("by", unit.admin)) as who:
        return add_employer(
            **{"name": "第三小学", "credit_code": "", "agency": unit.agency} | changes, actor=who
        )


def test_an_employer_is_added(county: County) -> None:
    employer = employer_added(county.education)
    assert employer.jurisdiction_id == county.id
    assert events(county.id, verb="employer.added")[0].data == {"name": "第三小学"}


def test_a_name_twice_is_refused(county: County) -> None:
    with pytest.raises(Refused, match="第一小学"):
        employer_added(county.education, name="第一小学")
    assert employer_added(county.health, name="第一小学").pk, "another agency may have one of this name"


def test_another_agencys_administrator_adds_no_employer(county: County) -> None:
    with pytest.raises(Refused):
        employer_added(county.education, by=county.health.admin)


# --- further groups ---------------------------------------------------------------------------------------------


def further_group(unit: Unit) -> Responsibility:
    return ResponsibilityFactory(agency=unit.agency, position=9, occupation="adult_student", label="成年学生")


def test_a_member_gets_a_further_group_and_works_on_it(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.admin)
    group = further_group(unit)
    address = reverse("member-groups", args=[unit.clerk.pk])
    assert address in browser.get("/members/").content.decode()
    page = browser.get(address).content.decode()
    assert "现可办理：教师" in page
    assert browser.post(address, {}).status_code == 422
    taken = browser.post(address, {"responsibilities": [unit.responsibility.pk]})
    assert "已经可以办理" in taken.content.decode(), "what the member has is not offered"
    answer = browser.post(address, {"responsibilities": [group.pk]})
    assert (answer.status_code, answer["Location"]) == (302, "/members/")
    assert actor(unit.clerk).occupations == {"teacher", "adult_student"}
    (event,) = events(county.id, verb="membership.groups_given")
    assert event.data["groups"] == ["adult_student"]
    assert "都已经可以办理" in browser.get(address).content.decode()


def test_groups_are_given_by_another_administrator_of_the_same_agency(county: County) -> None:
    unit, group = county.education, further_group(county.education)
    for membership, by in ((unit.clerk, county.health.admin), (unit.admin, unit.admin)):
        with acting_as(by) as who, pytest.raises(Refused):
            give_groups(membership=membership, responsibilities=[group], actor=who)
    with acting_as(unit.admin) as who, pytest.raises(Refused, match="不由本单位负责"):
        give_groups(membership=unit.clerk, responsibilities=[county.health.responsibility], actor=who)
    assert actor(unit.clerk).occupations == {"teacher"}


# --- on the page ------------------------------------------------------------------------------------------------


def test_the_page_of_members(county: County, client_as: Any) -> None:
    unit = county.education
    browser = client_as(unit.admin)
    form = {"display_name": "新同事", "username": "new.one", "role": "clerk"}
    answer = browser.post("/members/", form)
    assert (answer.status_code, "responsibilities" in answer.context["form"].errors) == (422, True)
    answer = browser.post("/members/", form | {"responsibilities": [unit.responsibility.pk]})
    assert answer.status_code == 200
    assert answer.context["new"]["password"] in answer.content.decode()
    again = browser.post("/members/", form | {"responsibilities": [unit.responsibility.pk]})
    assert again.status_code == 422
    assert "同样的任职" in again.content.decode()
    membership = Membership.objects.get(user__username="new.one")
    assert browser.post(reverse("member-end", args=[membership.pk])).status_code == 302
    assert not Membership.objects.current().filter(pk=membership.pk).exists()
    browser.post(reverse("member-end", args=[unit.admin.pk]))
    assert browser.get("/members/").status_code == 200


@pytest.mark.parametrize("username", ["ab", "王丽", "a b c", "x" * 51, "wang/li", "wang.li\x00"])
def test_user_names_that_are_none(county: County, client_as: Any, username: str) -> None:
    unit = county.education
    form = {
        "display_name": "新同事",
        "username": username,
        "role": "clerk",
        "responsibilities": [unit.responsibility.pk],
    }
    browser = client_as(unit.admin)
    assert "username" in browser.post("/members/", form).context["form"].errors


@pytest.mark.parametrize("username", ["Wang.Li", " wang.li ", "ｗａｎｇ．ｌｉ"])
def test_user_names_are_brought_into_one_form(county: County, username: str) -> None:
    unit = county.education
    form = {
        "display_name": "新同事",
        "username": username,
        "role": "clerk",
        "responsibilities": [unit.responsibility.pk],
    }
    with acting_as(unit.admin) as who:
        bound = MemberForm(form, actor=who)
        assert bound.is_valid(), bound.errors
    assert bound.cleaned_data["username"] == "wang.li"


def test_role_and_employer_are_judged_at_their_fields(county: County) -> None:
    unit = county.education
    form = {"display_name": "新同事", "username": "new.one", "responsibilities": [unit.responsibility.pk]}
    with acting_as(unit.admin) as who:
        blank = MemberForm(actor=who)
        filler = MemberForm(form | {"role": "filler"}, actor=who).errors
        clerk = MemberForm(form | {"role": "clerk", "employer": unit.employer.pk}, actor=who).errors
        nothing = MemberForm(form | {"role": ""}, actor=who).errors
        assert '<option value="" selected>请选择</option>' in str(blank["role"])
    assert filler == {"employer": ["填报员须选择所属单位。"]}
    assert list(clerk) == ["employer"]
    assert nothing == {"role": ["请选择角色。"]}


def test_the_page_of_employers(county: County, client_as: Any) -> None:
    browser = client_as(county.education.admin)
    wrong = browser.post("/employers/", {"name": "第三小学", "credit_code": "123"})
    assert "credit_code" in wrong.context["form"].errors
    assert browser.post("/employers/", {"name": "第三小学"}).status_code == 302
    assert "第三小学" in browser.get("/employers/").content.decode()
    assert "已经有名为" in browser.post("/employers/", {"name": "第三小学"}).content.decode()


@pytest.mark.req("AY-09")
def test_the_division_of_responsibilities_names_group_and_unit(county: County, client_as: Any) -> None:
    text = client_as(county.education.clerk).get("/responsibilities/").content.decode()
    for word in ("教师", "医师", "县教育局", "县卫健委"):
        assert word in text
