"""How many statements a page takes, whatever the number of rows; the numbers stand in `tests/query_baselines.json`."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.archives.flow import FILLED, fresh, in_review, opened, sealed, submitted, with_reason
from tests.factories import County

BASELINES = Path(__file__).parents[1] / "query_baselines.json"
LIMIT = 12
"""Statements of its own that a list or a form may take."""

_FRAME = re.compile(r"SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK|BEGIN|COMMIT|SET LOCAL|SET CONSTRAINTS")
_PERSON = re.compile(
    r'(?:FROM|UPDATE|INTO) "(?:django_session|accounts_user|agencies_membership|guardian_\w+|auth_\w+|'
    r'django_content_type)"|guardian_userobjectpermission'
)
Page = Callable[[Client], Any]


def own(statements: list[str]) -> list[str]:
    """What the page itself asks: not who the person is, not the frame of a transaction."""
    return [sql for sql in statements if not _FRAME.match(sql) and not _PERSON.search(sql)]


def measure(browser: Client, page: Page) -> dict[str, int]:
    with CaptureQueriesContext(connection) as captured:
        answer = page(browser)
    assert answer.status_code in (200, 302), answer.status_code
    statements = [query["sql"] for query in captured.captured_queries]
    return {"own": len(own(statements)), "total": len(statements)}


@pytest.fixture
def pages(county: County, client_as: Any) -> dict[str, tuple[Client, Page]]:
    """Every page that counts, with a handful of rows on it."""
    unit, year = county.education, timezone.localdate().year
    for number in range(6):
        opened(unit, name="李" + "一二三四五六"[number])
    submitted(unit, part=opened(unit, name="赵七"))
    draft = opened(unit, name="孙九")
    done = fresh(sealed(unit, part=opened(unit, name="周十")).part)
    filler, clerk = client_as(unit.filler), client_as(unit.clerk)
    officer = with_reason(client_as(county.officer), done)
    reviewer = client_as(unit.reviewer)
    in_review(unit, part=opened(unit, name="冯八"))

    def get(address: str) -> Page:
        return lambda browser: browser.get(address)

    revisions = itertools.count(draft.revision)

    def save(browser: Client) -> Any:
        revision = next(revisions)
        body = FILLED | {"action": "save", "revision": revision, "title": f"第 {revision} 次"}
        return browser.post(f"/records/{draft.id}/", body)

    return {
        "list": (clerk, get("/archives/")),
        "list, filtered": (clerk, get(f"/archives/?year={year}&status=draft&employer={unit.employer.pk}")),
        "record, to be filled in": (filler, get(f"/records/{draft.id}/")),
        "record, sealed": (clerk, get(f"/records/{done.id}/")),
        "record, read by the office": (officer, get(f"/records/{done.id}/")),
        "save": (filler, save),
        "review": (reviewer, get("/review/")),
        "confirm together": (reviewer, get("/review/confirm/")),
        "reuse": (clerk, get("/archives/reuse/")),
        "versions": (clerk, get(f"/records/{done.id}/versions/")),
        "version": (clerk, get(f"/records/{done.id}/versions/1/")),
        "worklist": (clerk, get("/")),
        "office home": (officer, get("/")),
        "journal": (officer, get("/journal/")),
        "filings": (clerk, get("/filings/")),
        "delivery": (clerk, get("/delivery/")),
    }


def numbers(pages: dict[str, tuple[Client, Page]]) -> dict[str, dict[str, int]]:
    for browser, page in pages.values():
        page(browser)  # fills what a process keeps: content types, compiled templates
    return {name: measure(browser, page) for name, (browser, page) in pages.items()}


def test_no_page_takes_more_statements_than_before(pages: dict[str, tuple[Client, Page]]) -> None:
    baselines = json.loads(BASELINES.read_text("utf-8"))
    found = numbers(pages)
    assert found.keys() == baselines.keys()
    more = {
        name: f"{found[name]}, was {baselines[name]}"
        for name in found
        if any(found[name][kind] > baselines[name][kind] for kind in ("own", "total"))
    }
    assert not more, f"mend the page, or say why and change {BASELINES.name}: {more}"


@pytest.mark.parametrize(
    "name", ["list", "list, filtered", "record, to be filled in", "review", "confirm together"]
)
def test_list_and_form_stay_below_the_limit(pages: dict[str, tuple[Client, Page]], name: str) -> None:
    browser, page = pages[name]
    page(browser)
    assert measure(browser, page)["own"] < LIMIT


def test_more_rows_take_no_more_statements(county: County, pages: dict[str, tuple[Client, Page]]) -> None:
    before = numbers(pages)
    for number in range(6):
        sealed(county.education, part=opened(county.education, name="吴" + "一二三四五六"[number]))
        in_review(county.education, part=opened(county.education, name="郑" + "一二三四五六"[number]))
    after = numbers(pages)
    assert {name: count["own"] for name, count in after.items()} == {
        name: count["own"] for name, count in before.items()
    }
