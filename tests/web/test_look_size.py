"""大字版: the cookie, and never a redirect to another site."""

import pytest
from django.test import RequestFactory

from credit_platform.web.context import shell
from credit_platform.web.size import set_size


def post(size, referrer="http://testserver/archives/?year=2025"):
    return set_size(RequestFactory().post("/size/", {"size": size}, headers={"referer": referrer}))


def test_large_is_remembered_for_a_year_out_of_reach_of_scripts():
    cookie = post("large").cookies["size"]
    assert cookie.value == "large"
    assert cookie["max-age"] == 31536000
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("size", ["", "huge", "<script>"])
def test_anything_else_is_the_standard_size(size):
    cookie = post(size).cookies["size"]
    assert cookie.value == ""
    assert cookie["max-age"] == 0


def test_it_returns_to_the_page_it_was_asked_on():
    assert post("large")["Location"] == "/archives/?year=2025"


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://evil.example/archives/",
        "//evil.example",
        "javascript:alert(1)",
        "http://testserver.evil.example/",
    ],
)
def test_it_never_leads_to_another_site(referrer):
    assert post("large", referrer)["Location"] == "/"


def test_a_doubled_slash_in_our_own_address_does_not_become_a_host():
    assert post("large", "http://testserver//evil.example/x")["Location"] == "/evil.example/x"


def test_it_is_only_switched_by_post():
    assert set_size(RequestFactory().get("/size/")).status_code == 405


def test_the_shell_knows_size_path_and_time_out(settings):
    settings.IDLE_SECONDS, settings.IDLE_WARNING_SECONDS = 600, 60
    request = RequestFactory().get("/archives/")
    assert shell(request) == {
        "large": False,
        "path": "/archives/",
        "idle_seconds": 600,
        "idle_warn_seconds": 60,
    }
    request.COOKIES["size"] = "large"
    assert shell(request)["large"] is True
