"""`manage.py account`: the first accounts of a real server, made by the administrator at the machine."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from agencies.models import Agency, Membership, Role
from agencies.services import ADMINISTRATOR
from credit_platform.tenancy.context import PLATFORM
from tests.archives.flow import events
from tests.factories import County, UserFactory

SignedIn = Callable[..., Client]
NEW = "Another-Horse-2027"
OFFICER = ("--role", "officer", "--county", "410522")
ADMIN = ("--role", "agency_admin", "--county", "410522", "--agency", "education")
OPERATOR = ("--role", "operator")


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("account", *arguments, stdout=out)
    return out.getvalue()


def add(username: str, *place: str, name: str = "陈立") -> str:
    """Add and return the password printed, or an empty text."""
    found = re.search(
        r"一次性密码：([\w-]+)", told("add", "--username", username, "--name", name, *place), re.ASCII
    )
    return found.group(1) if found else ""


def signed_in(username: str, password: str) -> Client:
    """Sign in with a one-time password, changing it as one has to."""
    browser = Client()
    assert browser.post("/sign-in/", {"username": username, "password": password}).status_code == 302
    assert browser.get("/")["Location"] == "/password/"
    changed = browser.post("/password/", {"old": password, "new": NEW, "again": NEW})
    assert changed["Location"] == "/"
    return browser


@pytest.mark.parametrize(
    ("place", "role", "unit"),
    [
        (OFFICER, Role.OFFICER, "县信用办"),
        (ADMIN, Role.AGENCY_ADMIN, "县教育局"),
        (OPERATOR, Role.OPERATOR, "平台运维"),
    ],
)
def test_the_first_account_signs_in_and_works(
    county: County, place: tuple[str, ...], role: Role, unit: str
) -> None:
    password = add("First.One", *place)
    shown = signed_in("first.one", password).get("/", follow=True).context["actor"]
    assert (shown.role, shown.unit_name, shown.user.display_name) == (role, unit, "陈立")


def test_it_is_journalled_in_the_county_without_the_password(county: County) -> None:
    password = add("xinyong", *OFFICER)
    (event,) = events(county.id, verb="membership.started", data__user="xinyong")
    assert (event.actor_name, event.actor_id, event.data["role"]) == (ADMINISTRATOR, None, "officer")
    assert password not in str(vars(event))
    assert not events(PLATFORM, data__user="xinyong")


def test_an_operator_is_journalled_under_the_platform(county: County) -> None:
    add("yunwei", *OPERATOR)
    told("end", "--username", "yunwei", *OPERATOR)
    found = {event.verb: event.actor_name for event in events(PLATFORM, data__user="yunwei")}
    assert found == {"account.operator_started": ADMINISTRATOR, "account.operator_ended": ADMINISTRATOR}
    assert not events(county.id, data__user="yunwei")


@pytest.mark.parametrize("place", [OFFICER, ADMIN, OPERATOR])
def test_ending_works_at_the_next_request_and_can_begin_again(county: County, place: tuple[str, ...]) -> None:
    browser = signed_in("first.one", add("first.one", *place))
    assert browser.get("/", follow=True).context["actor"] is not None
    told("end", "--username", "first.one", *place)
    assert browser.get("/")["Location"] == "/switch/"
    with pytest.raises(CommandError, match=r"没有这项任职|不是平台运维"):
        told("end", "--username", "first.one", *place)
    assert add("first.one", *place) == ""
    assert browser.get("/", follow=True).context["actor"] is not None


def test_ending_an_officer_is_journalled_and_leaves_other_places(county: County) -> None:
    add("both", *OFFICER)
    assert add("both", *ADMIN) == ""
    told("end", "--username", "both", *OFFICER)
    (event,) = events(county.id, verb="membership.ended", data__user="both")
    assert event.actor_name == ADMINISTRATOR
    assert [row.role for row in Membership.objects.current().filter(user__username="both")] == [
        "agency_admin"
    ]


def test_a_reset_password_ends_sessions_and_is_journalled_where_the_person_serves(county: County) -> None:
    browser = signed_in("xinyong", add("xinyong", *OFFICER))
    answer = told("reset", "--username", "XinYong")
    assert browser.get("/")["Location"].startswith("/sign-in/")
    user = User.objects.get(username="xinyong")
    assert user.must_change_password
    assert user.check_password(answer.split("一次性密码：")[1].split("（")[0])
    (event,) = events(county.id, verb="account.password_reset")
    assert (event.actor_name, event.subject_type) == (ADMINISTRATOR, "membership")
    assert not events(PLATFORM, verb="account.password_reset")


def test_resetting_an_operator_is_journalled_under_the_platform(county: County) -> None:
    add("yunwei", *OPERATOR)
    told("reset", "--username", "yunwei")
    (event,) = events(PLATFORM, verb="account.password_reset")
    assert (event.actor_name, event.subject_type, event.data) == (ADMINISTRATOR, "user", {"user": "yunwei"})


def test_the_list(county: County) -> None:
    add("xinyong", *OFFICER)
    add("guanli", *ADMIN, name="王芳")
    add("yunwei", *OPERATOR, name="运维值班")
    add("gone", *OFFICER, name="已离任")
    told("end", "--username", "gone", *OFFICER)
    assert told("list").splitlines() == [
        "yunwei 运维值班 operator 平台运维",
        "xinyong 陈立 officer 410522 县信用办",
        "guanli 王芳 agency_admin 410522 education 县教育局",
    ]
    assert county.education.clerk.user.username not in told("list")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("--role", "officer", "--county", "999999"), "没有代码为“999999”的县"),
        (("--role", "officer", "--county", "0"), "没有代码为“0”的县"),
        (("--role", "officer"), "角色与单位不符"),
        (("--role", "officer", "--county", "410522", "--agency", "education"), "角色与单位不符"),
        (("--role", "operator", "--county", "410522"), "角色与单位不符"),
        (("--role", "agency_admin", "--county", "410522"), "角色与单位不符"),
        (("--role", "agency_admin", "--agency", "education"), "角色与单位不符"),
        (
            ("--role", "agency_admin", "--county", "410522", "--agency", "magic"),
            "没有代码为“magic”的责任单位",
        ),
        (("--role", "clerk", "--county", "410522"), "clerk"),
    ],
)
def test_what_cannot_be_is_refused(county: County, place: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        add("first.one", *place)
    assert not User.objects.filter(username="first.one").exists()


def test_a_closed_agency_gets_no_administrator(county: County) -> None:
    Agency.objects.filter(pk=county.education.agency.pk).update(active=False)
    with pytest.raises(CommandError, match="已经停用"):
        add("first.one", *ADMIN)


@pytest.mark.parametrize(
    ("username", "name"), [("no", "陈立"), ("陈立", "陈立"), ("chenli", " "), ("chenli", "长" * 51)]
)
def test_names_that_do_not_do(county: County, username: str, name: str) -> None:
    with pytest.raises(CommandError, match=r"用户名应为|请填写姓名"):
        add(username, *OFFICER, name=name)


@pytest.mark.parametrize("place", [OFFICER, ADMIN, OPERATOR])
def test_the_same_twice(county: County, place: tuple[str, ...]) -> None:
    add("first.one", *place)
    with pytest.raises(CommandError, match=r"不需要再次添加|不能再次添加"):
        add("first.one", *place)


def test_a_user_name_of_somebody_else(county: County) -> None:
    UserFactory(username="chenli", display_name="陈丽")
    with pytest.raises(CommandError, match="这个用户名已被使用"):
        add("chenli", *OFFICER)


@pytest.mark.parametrize(("first", "second"), [(OPERATOR, OFFICER), (OFFICER, OPERATOR)])
def test_an_operator_has_no_other_role(county: County, first: Any, second: Any) -> None:
    add("first.one", *first)
    with pytest.raises(CommandError, match=r"不能再次添加|须用单独的账号"):
        add("first.one", *second)


@pytest.mark.parametrize("action", [("reset",), ("end", *OFFICER), ("end", *OPERATOR)])
def test_an_unknown_account(county: County, action: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="没有用户名为“nobody”的账号"):
        told(*action, "--username", "nobody")
