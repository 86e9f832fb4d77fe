"""The demonstration, a browser and the people in front of it. All of it is gone when these tests are over."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.sealer import Sealer
from tests.e2e.stack import Stack, running_stack
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, Visitor

Visit = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


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


@pytest.fixture
def visit(stack: Stack, browser: Browser) -> Iterator[Visit]:
    """Return a browser of one's own, signed in as the account if one is named. Complaints fail the test at its end."""
    visitors: list[Visitor] = []

    def new(username: str = "", **options: Any) -> Visitor:
        visitor = Visitor(browser, options.pop("site", stack.site), **options)
        visitors.append(visitor)
        if username:
            visitor.sign_in(username, stack.passwords[username])
        return visitor

    yield new
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for visitor in visitors:
        visitor.close()
    assert complaints == []


@pytest.fixture(scope="package")
def sealer(stack: Stack) -> Iterator[Sealer]:
    with Sealer() as process:
        yield process
