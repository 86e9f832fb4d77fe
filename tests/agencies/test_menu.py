"""The menu shows where one is, also on pages that have no entry of their own, and pages bear its names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.archives.flow import opened
from tests.factories import County

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="page">')


def current(page: str) -> list[str]:
    return CURRENT.findall(page.partition("</nav>")[0])


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/", "/"),
        ("/archives/", "/archives/"),
        ("/roster/", "/roster/"),
        ("/workbooks/in/", "/archives/"),
        ("/jobs/", "/archives/"),
        ("/nil-returns/", "/items/"),
        ("/notices/", None),
    ],
)
def test_the_menu_shows_where_one_is(
    county: County, client_as: Callable[..., Client], path: str, entry: str | None
) -> None:
    page = client_as(county.education.clerk).get(path).content.decode()
    assert current(page) == ([entry] if entry else [])


def test_a_record_leads_back_under_the_name_that_the_menu_has(
    county: County, client_as: Callable[..., Client]
) -> None:
    path = f"/records/{opened(county.education).pk}/"
    for member, label in ((county.education.clerk, "档案填报"), (county.education.reviewer, "信用档案")):
        page = client_as(member).get(path).content.decode()
        assert f'<a href="/archives/">{label}</a>' in page
        assert current(page) == ["/archives/"]
