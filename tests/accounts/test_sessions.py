"""The session: idle time-out, lock, switching, leaving, passwords."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.passwords import generate_password
from accounts.services import MEMBERSHIP, SEEN
from agencies.models import Agency, Employer, Membership, Role
from agencies.services import end_membership
from credit_platform.tenancy.context import PLATFORM
from tests.archives.flow import acting_as, events
from tests.factories import PASSWORD, County, UserFactory

NEW = "Another-Horse-2027"
SignedIn = Callable[..., Client]


def idle(browser: Client, seconds: float) -> None:
    session = browser.session
    session[SEEN] = timezone.now().timestamp() - seconds
    session.save()


# --- idle -------------------------------------------------------------------------------------------------------


def test_an_idle_session_ends(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    idle(browser, configured.IDLE_SECONDS - 5)
    assert browser.get("/").status_code == 200
    idle(browser, configured.IDLE_SECONDS + 1)
    answer = browser.get("/archives/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?expired=1")
    assert "已自动退出" in browser.get(answer["Location"]).content.decode()
    assert browser.get("/archives/")["Location"].startswith("/sign-in/")
    assert events(PLATFORM, verb="account.signed_out")[0].reason == "长时间未操作"


def test_the_time_out_is_30_minutes_with_a_warning_2_minutes_before() -> None:
    assert (configured.IDLE_SECONDS, configured.IDLE_WARNING_SECONDS) == (1800, 120)


def test_work_keeps_the_session_and_polling_does_not(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    idle(browser, 900)
    before = browser.session[SEEN]
    browser.get("/", HTTP_X_BACKGROUND="1")
    assert browser.session[SEEN] == before
    browser.get("/")
    assert browser.session[SEEN] > before


def test_keep_alive(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    idle(browser, 1750)
    answer = browser.post("/keep-alive/")
    assert answer.json() == {"seconds": configured.IDLE_SECONDS}
    assert timezone.now().timestamp() - browser.session[SEEN] < 5


def test_a_session_without_time_is_no_session(county: County) -> None:
    browser = Client()
    browser.force_login(county.education.clerk.user)
    assert browser.get("/")["Location"] == "/sign-in/?expired=1"


# --- lock -------------------------------------------------------------------------------------------------------


def test_locked_until_the_password_is_given(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    assert browser.post("/lock/", {"next": "/archives/"})["Location"] == "/lock/"
    for address in ("/", "/archives/", "/journal/", "/switch/", "/password/"):
        assert browser.get(address)["Location"] == "/lock/"
    assert browser.post("/keep-alive/")["Location"] == "/lock/"
    assert browser.post("/lock/", {"password": "wrong"}).status_code == 422
    assert browser.get("/archives/")["Location"] == "/lock/"
    assert browser.post("/lock/", {"password": PASSWORD})["Location"] == "/archives/"
    assert browser.get("/archives/").status_code == 200
    assert events(PLATFORM, verb="account.unlock_failed")


def test_the_locked_page_shows_no_unit_and_no_menu(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    browser.post("/lock/")
    text = browser.get("/lock/").content.decode()
    assert "王经办" in text
    assert "县教育局" not in text
    assert "/journal/" not in text


def test_five_failures_to_unlock_sign_out(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    browser.post("/lock/")
    for _ in range(4):
        assert browser.post("/lock/", {"password": "wrong"}).status_code == 422
    assert browser.post("/lock/", {"password": "wrong"})["Location"] == "/sign-in/"
    assert browser.get("/")["Location"].startswith("/sign-in/")
    again = browser.post(
        "/sign-in/", {"username": county.education.clerk.user.username, "password": PASSWORD}
    )
    assert "已暂停登录" in again.content.decode()


def test_another_person_signs_in_instead(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    browser.post("/lock/")
    assert browser.post("/sign-out/")["Location"] == "/sign-in/"
    browser.post("/sign-in/", {"username": county.education.reviewer.user.username, "password": PASSWORD})
    assert browser.get("/").context["actor"].user == county.education.reviewer.user


def test_a_locked_idle_session_ends(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    browser.post("/lock/")
    idle(browser, configured.IDLE_SECONDS + 1)
    assert browser.post("/lock/", {"password": PASSWORD})["Location"] == "/sign-in/?expired=1"


# --- several memberships, and leaving ---------------------------------------------------------------------------


@pytest.fixture
def both(county: County) -> tuple[Membership, Membership]:
    """Clerk of the education authority, and of the health authority as well."""
    first = county.education.clerk
    second = Membership.objects.create(
        user=first.user, jurisdiction=county.jurisdiction, agency=county.health.agency, role=Role.CLERK
    )
    return first, second


def test_switching(both: tuple[Membership, Membership], client_as: SignedIn) -> None:
    first, second = both
    browser = client_as(first)
    assert browser.get("/").context["actor"].unit_name == "县教育局"
    text = browser.get("/switch/").content.decode()
    assert "县教育局" in text
    assert "县卫健委" in text
    assert browser.post("/switch/", {"membership": second.pk})["Location"] == "/"
    assert browser.get("/").context["actor"].unit_name == "县卫健委"


def test_permissions_of_one_unit_do_not_reach_into_the_other(
    both: tuple[Membership, Membership], client_as: SignedIn
) -> None:
    browser = client_as(both[0])
    browser.post("/switch/", {"membership": both[1].pk})
    assert "教师" not in browser.get("/archives/open/").content.decode()


@pytest.mark.parametrize("wanted", ["0", "999999", "x", ""])
def test_a_membership_that_is_not_ones_own(
    both: tuple[Membership, Membership], county: County, client_as: SignedIn, wanted: str
) -> None:
    browser = client_as(both[0])
    for one in (wanted, str(county.education.reviewer.pk), str(county.officer.pk)):
        assert browser.post("/switch/", {"membership": one})["Location"] == "/switch/"
        assert browser.session[MEMBERSHIP] == both[0].pk


def test_leaving_revokes_at_the_next_request(county: County, client_as: SignedIn) -> None:
    unit = county.education
    browser = client_as(unit.clerk)
    assert browser.get("/archives/").status_code == 200
    with acting_as(unit.admin) as who:
        end_membership(membership=unit.clerk, actor=who)
    assert browser.get("/archives/")["Location"] == "/switch/"
    assert browser.get("/")["Location"] == "/switch/"
    assert "县教育局" not in browser.get("/switch/").content.decode()


def test_leaving_one_unit_falls_back_to_the_other(
    both: tuple[Membership, Membership], county: County, client_as: SignedIn
) -> None:
    browser = client_as(both[0])
    with acting_as(county.education.admin) as who:
        end_membership(membership=both[0], actor=who)
    assert browser.get("/").context["actor"].unit_name == "县卫健委"


@pytest.mark.parametrize("model", [Agency, User])
def test_a_closed_agency_or_account_revokes_as_well(county: County, client_as: SignedIn, model: Any) -> None:
    member = county.education.clerk
    browser = client_as(member)
    if model is Agency:
        Agency.objects.filter(pk=member.agency_id).update(active=False)
        assert browser.get("/archives/")["Location"] == "/switch/"
    else:
        User.objects.filter(pk=member.user_id).update(is_active=False)
        assert browser.get("/archives/")["Location"].startswith("/sign-in/")


def test_a_closed_employer_revokes_its_filler(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.filler)
    Employer.objects.filter(pk=county.education.employer.pk).update(active=False)
    assert browser.get("/archives/")["Location"] == "/switch/"


def test_a_reset_password_ends_the_sessions(county: County, client_as: SignedIn) -> None:
    unit = county.education
    browser, admin = client_as(unit.clerk), client_as(unit.admin)
    answer = admin.post(f"/members/{unit.clerk.pk}/reset/")
    assert answer.status_code == 200
    assert browser.get("/archives/")["Location"].startswith("/sign-in/")
    password = answer.context["new"]["password"]
    assert password in answer.content.decode()
    assert password not in admin.get("/members/").content.decode()
    fresh = Client()
    form = {"username": unit.clerk.user.username, "password": password}
    assert fresh.post("/sign-in/", form).status_code == 302
    assert fresh.get("/")["Location"] == "/password/"


# --- passwords --------------------------------------------------------------------------------------------------


def change(browser: Client, **changes: str) -> Any:
    return browser.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW} | changes)


def test_changing_the_password_ends_other_sessions(county: County, client_as: SignedIn) -> None:
    here, there = client_as(county.education.clerk), client_as(county.education.clerk)
    assert change(here)["Location"] == "/"
    assert here.get("/").status_code == 200
    assert there.get("/")["Location"].startswith("/sign-in/")
    name = county.education.clerk.user.username
    assert Client().post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 422
    assert Client().post("/sign-in/", {"username": name, "password": NEW}).status_code == 302
    assert events(PLATFORM, verb="account.password_changed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old": "wrong"}, "old"),
        ({"again": "Another-Horse-2028"}, "again"),
        ({"new": PASSWORD, "again": PASSWORD}, "new"),
        ({"new": "Short-1", "again": "Short-1"}, "new"),
        ({"new": "onlyletters", "again": "onlyletters"}, "new"),
        ({"new": "12345678901", "again": "12345678901"}, "new"),
        ({"new": "1234567890", "again": "1234567890"}, "new"),
        ({"new": "", "again": ""}, "new"),
    ],
)
def test_what_a_new_password_must_be(
    county: County, client_as: SignedIn, changes: dict[str, str], field: str
) -> None:
    answer = change(client_as(county.education.clerk), **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    for word in changes.values():
        assert not word or word not in answer.content.decode()


def test_five_wrong_old_passwords_sign_out_and_lock(county: County, client_as: SignedIn) -> None:
    browser = client_as(county.education.clerk)
    for _ in range(4):
        assert change(browser, old="wrong").status_code == 422
    assert change(browser, old="wrong")["Location"] == "/sign-in/"
    assert browser.get("/")["Location"].startswith("/sign-in/")
    form = {"username": county.education.clerk.user.username, "password": PASSWORD}
    assert "已暂停登录" in browser.post("/sign-in/", form).content.decode()
    assert len(events(PLATFORM, verb="account.password_failed")) == 4
    assert events(PLATFORM, verb="account.signed_out")[0].reason == "修改密码时密码不正确次数过多"


def test_failures_to_change_the_password_count_as_failed_sign_ins(
    county: County, client_as: SignedIn
) -> None:
    browser = client_as(county.education.clerk)
    for _ in range(4):
        change(browser, old="wrong")
    form = {"username": county.education.clerk.user.username, "password": "wrong"}
    assert "已暂停登录" in Client().post("/sign-in/", form).content.decode()


def test_the_platform_journal_names_account_and_session(county: County) -> None:
    user = county.education.clerk.user
    browser = Client()
    form = {"username": user.username, "password": PASSWORD}
    browser.post("/sign-in/", form)
    first = browser.session.session_key
    browser.post("/lock/")
    browser.post("/lock/", {"password": "wrong"})
    browser.post("/lock/", {"password": PASSWORD})
    change(browser, old="wrong")
    change(browser)
    second = browser.session.session_key
    browser.post("/sign-out/")
    assert first
    assert second
    told = {event.verb: (event.actor_id, event.session) for event in events(PLATFORM)}
    assert told == {
        "account.signed_in": (user.pk, first[:8]),
        "account.unlock_failed": (user.pk, first[:8]),
        "account.password_failed": (user.pk, first[:8]),
        "account.password_changed": (user.pk, second[:8]),
        "account.signed_out": (user.pk, second[:8]),
    }


def test_signing_in_over_another_session_names_the_new_one(county: County, client_as: SignedIn) -> None:
    browser, other = client_as(county.education.clerk), county.education.reviewer.user
    browser.post("/sign-in/", {"username": other.username, "password": PASSWORD})
    (event,) = events(PLATFORM, verb="account.signed_in", actor_id=other.pk)
    assert event.session == (browser.session.session_key or "")[:8] != ""
    assert browser.get("/").context["actor"].user == other


def test_a_failed_sign_in_names_no_account(county: County) -> None:
    Client().post("/sign-in/", {"username": county.education.clerk.user.username, "password": "wrong"})
    (event,) = events(PLATFORM, verb="account.sign_in_failed")
    assert (event.actor_id, event.session) == (None, "")


def test_a_password_like_the_user_name_is_refused(county: County, client_as: SignedIn) -> None:
    name = f"{county.education.clerk.user.username}-A1"
    answer = change(client_as(county.education.clerk), new=name, again=name)
    assert "new" in answer.context["form"].errors


def test_nothing_else_until_a_due_password_is_changed(county: County, client_as: SignedIn) -> None:
    clerk = county.education.clerk
    User.objects.filter(pk=clerk.user_id).update(must_change_password=True)
    browser = client_as(clerk)
    for address in ("/", "/archives/", "/switch/", "/journal/"):
        assert browser.get(address)["Location"] == "/password/"
    assert browser.post("/archives/open/", {})["Location"] == "/password/"
    assert browser.get("/password/").status_code == 200
    assert change(browser, new=PASSWORD, again=PASSWORD).status_code == 422
    assert change(browser)["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_generated_passwords_satisfy_the_rules(county: County, client_as: SignedIn) -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    browser = client_as(county.education.clerk)
    word = made.pop()
    assert change(browser, new=word, again=word).status_code == 302


def test_nobody_works_without_a_unit(platform: Any, client_as: SignedIn) -> None:
    browser = client_as(UserFactory(username="nobody", display_name="无任职"))
    assert browser.get("/")["Location"] == "/switch/"
    assert browser.get("/switch/").status_code == 200
    assert browser.get("/password/").status_code == 200
