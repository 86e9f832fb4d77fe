"""What somebody is told whose session has ended: nothing typed gets lost without a word."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.services import SEEN
from credit_platform.web.redirects import FORM_PAGES
from tests.access.matrix import patterns
from tests.factories import County

LOST = "刚才提交的内容没有保存"
RECORD = "/records/6f1c1d0e-0000-4000-8000-000000000000/"


@pytest.fixture(params=["signed out", "idle"])
def gone(request: pytest.FixtureRequest, county: County, client_as: Any) -> Client:
    """A browser that is not signed in, or not any more."""
    if request.param == "signed out":
        return Client()
    browser: Client = client_as(county.education.clerk)
    session = browser.session
    session[SEEN] = timezone.now().timestamp() - configured.IDLE_SECONDS - 1
    session.save()
    return browser


@pytest.mark.parametrize(
    ("path", "back"),
    [
        (RECORD, RECORD.replace("/", "%2F")),
        ("/archives/open/", "%2Farchives%2Fopen%2F"),
        ("/filings/submit/", "%2F"),
    ],
)
def test_a_lost_form_is_told_and_leads_back(gone: Client, path: str, back: str) -> None:
    answer = gone.post(path, {"name": "x"})
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={back}")
    page = gone.get(answer["Location"]).content.decode()
    assert LOST in page
    assert LOST not in gone.get("/sign-in/").content.decode(), "told once"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_fragment_leaves_the_page_as_it_is(gone: Client, method: str) -> None:
    answer = getattr(gone, method)(f"{RECORD}validate/?field=name", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.has_header("HX-Redirect")) == (401, False)


def test_nothing_is_lost_by_a_click(gone: Client) -> None:
    answer = gone.post("/keep-alive/")
    assert answer["Location"] in ("/sign-in/", "/sign-in/?expired=1")
    assert LOST not in gone.get("/sign-in/").content.decode()


def test_form_pages_are_those_that_show_what_they_take() -> None:
    request = RequestFactory().options("/")
    allowed = {
        str(pattern.name): pattern.callback(request).headers.get("Allow", "").split(", ")
        for pattern in patterns()
    }
    assert {name for name, methods in allowed.items() if {"GET", "POST"} <= set(methods)} == FORM_PAGES
