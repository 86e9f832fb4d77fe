"""Signing in: limits, lock-out, what a refusal gives away, and where one is sent."""

import datetime as dt
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client
from django.utils import timezone

from accounts.models import User
from agencies.models import Jurisdiction
from credit_platform import settings as site
from credit_platform.tenancy.context import PLATFORM
from tests.archives.flow import events
from tests.factories import PASSWORD, County, UserFactory

LOCKED = "已暂停登录 30 分钟"
WRONG = "用户名或密码不正确"
LIMITED = "登录失败次数过多"


@pytest.fixture
def teacher(platform: Jurisdiction) -> User:
    user: User = UserFactory(username="wang.li", display_name="王丽")
    return user


def try_in(username: str, password: str = PASSWORD, *, address: str = "10.0.0.1", browser: Any = None) -> Any:
    return (browser or Client()).post(
        "/sign-in/", {"username": username, "password": password}, REMOTE_ADDR=address
    )


def fail(username: str, times: int, **more: Any) -> Any:
    for _ in range(times):
        answer = try_in(username, "Wrong-Horse-2026", **more)
    return answer


def age(model: Any, **how_long: float) -> None:
    """Let what happened have happened earlier."""
    for row in model.objects.all():
        model.objects.filter(pk=row.pk).update(attempt_time=row.attempt_time - dt.timedelta(**how_long))


def test_right_name_and_password(teacher: User) -> None:
    answer = try_in("wang.li")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    (event,) = events(PLATFORM, verb="account.signed_in")
    assert (event.actor_name, event.address, event.success) == ("wang.li", "10.0.0.1", True)


@pytest.mark.parametrize("typed", ["WANG.LI", " Wang.Li ", "wang.LI"])
def test_case_and_blanks_of_the_name_do_not_matter(teacher: User, typed: str) -> None:
    assert try_in(typed).status_code == 302


def test_names_that_differ_in_case_only_are_one_name(teacher: User) -> None:
    fail("WANG.LI", 3)
    answer = fail("wang.li", 2)
    assert LOCKED in answer.content.decode()


def test_the_case_of_the_password_matters(teacher: User) -> None:
    assert try_in("wang.li", PASSWORD.lower()).status_code == 422


def test_a_refusal_does_not_tell_whether_the_name_exists(teacher: User) -> None:
    def text(username: str) -> str:
        answer = try_in(username, "Wrong-Horse-2026")
        assert answer.status_code == 422
        return str(answer.context["form"].errors.as_text())

    UserFactory(username="left", display_name="离职", is_active=False)
    names = ("wang.li", "nobody.here", "left")
    answers = [[text(name) for name in names] for _ in range(6)]
    assert all(len(set(texts)) == 1 for texts in answers), "the same words at every try"
    assert WRONG in answers[0][0]
    assert LOCKED in answers[5][0]


def test_an_inactive_account_does_not_get_in(teacher: User) -> None:
    User.objects.filter(pk=teacher.pk).update(is_active=False)
    assert WRONG in try_in("wang.li").content.decode()


def test_an_account_without_password_does_not_get_in(platform: Jurisdiction) -> None:
    User.objects.create_user("individual", None, display_name="个人")
    for password in ("!", "None", PASSWORD):
        assert try_in("individual", password).status_code == 422


# --- five failures from one address -----------------------------------------------------------------------------


def test_the_fifth_failure_locks(teacher: User) -> None:
    assert LOCKED not in fail("wang.li", 4).content.decode()
    assert LOCKED in fail("wang.li", 1).content.decode()
    assert LOCKED in try_in("wang.li").content.decode(), "the right password does not help now"
    verbs = [event.verb for event in events(PLATFORM)]
    assert verbs.count("account.sign_in_failed") == 4
    assert verbs.count("account.locked_out") == 2


def test_a_success_before_the_fifth_begins_anew(teacher: User) -> None:
    fail("wang.li", 4)
    assert try_in("wang.li").status_code == 302
    fail("wang.li", 4)
    assert try_in("wang.li").status_code == 302


def test_the_lock_ends_after_30_minutes(teacher: User) -> None:
    fail("wang.li", 5)
    age(AccessAttempt, minutes=29)
    assert LOCKED in try_in("wang.li").content.decode()
    age(AccessAttempt, minutes=1.5)
    assert try_in("wang.li").status_code == 302


def test_tries_during_the_lock_do_not_prolong_it(teacher: User) -> None:
    fail("wang.li", 5)
    age(AccessAttempt, minutes=20)
    fail("wang.li", 3)
    age(AccessAttempt, minutes=11)
    assert try_in("wang.li").status_code == 302


def test_another_address_is_not_locked(teacher: User) -> None:
    """Otherwise anybody could lock a colleague out with five guesses."""
    fail("wang.li", 5)
    assert try_in("wang.li", address="10.0.0.2").status_code == 302
    assert LOCKED in try_in("wang.li").content.decode()


def test_another_account_from_the_same_address_is_not_locked(teacher: User) -> None:
    UserFactory(username="li.na", display_name="李娜")
    fail("wang.li", 5)
    assert try_in("li.na").status_code == 302


def test_a_forged_forwarding_header_does_not_help(teacher: User) -> None:
    for number in range(5):
        Client().post(
            "/sign-in/",
            {"username": "wang.li", "password": "x"},
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR=f"192.0.2.{number}",
        )
    assert LOCKED in try_in("wang.li").content.decode()


# --- the slow limits --------------------------------------------------------------------------------------------


def note_failures(count: int, **values: Any) -> None:
    common = {"username": "somebody", "ip_address": "192.0.2.7", "attempt_time": timezone.now()} | values
    AccessFailureLog.objects.bulk_create(AccessFailureLog(**common) for _ in range(count))


def test_an_account_is_limited_from_any_address(teacher: User) -> None:
    note_failures(49, username="wang.li")
    assert try_in("wang.li", address="10.9.9.9").status_code == 302
    note_failures(1, username="wang.li")
    assert LIMITED in try_in("wang.li", address="10.9.9.8").content.decode()
    age(AccessFailureLog, hours=24.1)
    assert try_in("wang.li", address="10.9.9.8").status_code == 302


def test_an_address_is_limited_with_any_account(teacher: User) -> None:
    note_failures(200, ip_address="10.0.0.1")
    assert LIMITED in try_in("wang.li").content.decode()
    assert try_in("wang.li", address="10.0.0.2").status_code == 302
    age(AccessFailureLog, hours=1.1)
    assert try_in("wang.li").status_code == 302


def test_real_failures_count_towards_the_slow_limit(teacher: User) -> None:
    for number in range(10):
        fail("WANG.li", 5, address=f"10.1.0.{number}")
    assert LIMITED in try_in("wang.li", address="10.2.0.1").content.decode()
    assert events(PLATFORM, verb="account.sign_in_limited")


# --- where one is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/journal/?verb=record.read", "/archives/", "/records/x/"])
def test_next_within_the_site(teacher: User, target: str) -> None:
    answer = Client().post("/sign-in/", {"username": "wang.li", "password": PASSWORD, "next": target})
    assert answer["Location"] == target


AWAY = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    " //evil.example",
    "/\t/evil.example",
    "evil",
    "-1",
    "home",
]


@pytest.mark.parametrize("target", AWAY)
def test_next_never_leaves_the_site(teacher: User, target: str) -> None:
    form = {"username": "wang.li", "password": PASSWORD, "next": target}
    answer = Client().post("/sign-in/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    browser = Client()
    browser.post("/sign-in/", form | {"next": ""})
    assert browser.get("/sign-in/", {"next": target})["Location"] == "/"
    browser.post("/lock/", {"next": target})
    assert browser.post("/lock/", {"password": PASSWORD})["Location"] == "/"


def test_a_page_asked_for_comes_after_signing_in(county: County) -> None:
    answer = Client().get("/archives/?year=2026")
    assert answer["Location"] == "/sign-in/?next=%2Farchives%2F%3Fyear%3D2026"


def test_a_fragment_does_not_take_the_page_away(county: County) -> None:
    answer = Client().get("/archives/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.has_header("HX-Redirect")) == (401, False)


def test_a_new_session_key_at_sign_in(teacher: User) -> None:
    browser = Client()
    browser.get("/sign-in/")
    session = browser.session
    session["planted"] = "1"
    session.save()
    planted = session.session_key
    try_in("wang.li", browser=browser)
    assert browser.session.session_key != planted


def test_a_form_without_token_is_refused(teacher: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/sign-in/", {"username": "wang.li", "password": PASSWORD})
    assert answer.status_code == 403
    assert browser.get("/")["Location"].startswith("/sign-in/")


def test_passwords_are_hashed_with_argon2(settings: Any) -> None:
    """The tests use a quicker hasher; the site does not."""
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS
    encoded = make_password(PASSWORD)
    assert encoded.startswith("argon2$argon2id$")
    assert identify_hasher(encoded).algorithm == "argon2"


def test_an_older_hash_is_renewed_at_sign_in(teacher: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS
    User.objects.filter(pk=teacher.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert try_in("wang.li").status_code == 302
    assert User.objects.get(pk=teacher.pk).password.startswith("argon2$")
