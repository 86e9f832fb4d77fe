"""The demonstration, a browser and the people in front of it. All of it is gone when these tests are over."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.maker import Maker
from tests.e2e.stack import Stack, running_stack
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, Visitor

Visit = Callable[..., Visitor]


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.e2e)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What leaves tens of thousands of people behind comes last: the others look at the demonstration as it is."""
    items.sort(key=lambda item: item.path.name == "test_import_kills.py")


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


# Package scope: Playwright keeps an event loop in the thread, which Django's ORM refuses to work beside.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """Cookies of who has signed in already: signing in is slow on purpose (argon2)."""
    return {}


@pytest.fixture
def visit(stack: Stack, browser: Browser, sessions: dict[str, Any]) -> Iterator[Visit]:
    """Return a browser of one's own, in which that account is signed in, if one is named, and stands on its first page.

    A test that signs out, locks or waits for the end of its session says `fresh=True`. What the browser complained of
    fails the test at its end.
    """
    visitors: list[Visitor] = []

    def new(username: str = "", *, site: str = stack.site, fresh: bool = False, **options: Any) -> Visitor:
        known = None if fresh else sessions.get(username)
        visitor = Visitor(browser, site, storage_state=known, **options)
        visitors.append(visitor)
        if known:
            visitor.open("/")
        elif username:
            visitor.sign_in(username, stack.passwords[username])
            if not fresh:
                sessions[username] = visitor.context.storage_state()
        return visitor

    yield new
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.close()
    assert complaints == []


@pytest.fixture(scope="package")
def maker(stack: Stack) -> Iterator[Maker]:
    with Maker() as process:
        yield process
