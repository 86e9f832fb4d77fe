"""Every page of every role: no accessibility fault that axe finds, no complaint of the browser, nothing sticks out."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import URLPattern, URLResolver, get_resolver

from tests.e2e.conftest import Visit
from tests.e2e.maker import Maker
from tests.e2e.stack import Stack
from tests.e2e.tour import NO_PAGE, NOT_TOURED, ROLES, Places, file_once, make_places
from tests.e2e.visitor import DESK, LAPTOP, PHONE, Visitor

VIEWS = [(size, large) for size in (LAPTOP, PHONE, DESK) for large in (False, True)]
QUICK = {(LAPTOP, False), (PHONE, True)}
SHOTS = os.environ.get("CREDIT_SHOTS", "")
"""A folder for pictures of every page, to be looked at by people; none are made when it isn't set."""

axe = Axe()


def view_name(size: tuple[int, int], large: bool) -> str:
    return f"{size[0]}x{size[1]}{'-large' if large else ''}"


def views() -> list[object]:
    return [
        pytest.param(
            size, large, id=view_name(size, large), marks=() if (size, large) in QUICK else pytest.mark.slow
        )
        for size, large in VIEWS
    ]


@pytest.fixture(scope="package")
def places(stack: Stack, maker: Maker) -> Places:
    return make_places(stack, maker)


@pytest.fixture(scope="module")
def filed() -> list[str]:
    """Empty until the clerk has filed."""
    return []


def test_every_page_of_the_site_is_on_the_tour() -> None:
    known = {stop.url for role in ROLES.values() for stop in role.stops}
    assert names_of(get_resolver().url_patterns) == known | NO_PAGE | NOT_TOURED
    assert known & (NO_PAGE | NOT_TOURED) == set()


def test_what_is_wrong_is_found(visit: Visit) -> None:
    """The measures below are worth something only if they can fail."""
    visitor = visit(size=PHONE)
    visitor.open("/sign-in/")
    assert faults_of(visitor, narrow=True) == []
    visitor.page.evaluate(
        """() => {
            const picture = document.body.appendChild(document.createElement("img"));
            picture.width = 600;
        }"""
    )
    found = faults_of(visitor, narrow=True)
    assert any(fault.startswith("axe image-alt") for fault in found)
    assert any("px wider" in fault for fault in found)
    visitor.page.evaluate("document.body.setAttribute('onclick', 'alert(1)')")
    visitor.page.locator("body").click()
    assert any("Content Security Policy" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def names_of(patterns: list[URLPattern | URLResolver]) -> set[str]:
    names: set[str] = set()
    for pattern in patterns:
        names |= names_of(pattern.url_patterns) if isinstance(pattern, URLResolver) else {str(pattern.name)}
    return names


@pytest.mark.parametrize(("size", "large"), views())
@pytest.mark.parametrize("role", list(ROLES))
def test_every_page_is_in_order(
    visit: Visit, places: Places, filed: list[str], role: str, size: tuple[int, int], large: bool
) -> None:
    if not filed:
        file_once(visit("jingban"))
        filed.append("teacher")
    username = ROLES[role].username
    visitor = visit(username, size=size, fresh=role == "operator")
    choose_size(visitor, large=large)
    found = {}
    for stop in ROLES[role].stops:
        stop.reach(visitor, places)
        take_picture(visitor, f"{role}-{stop.name}-{view_name(size, large)}")
        if faults := faults_of(visitor, narrow=size == PHONE):
            found[stop.name] = faults
    assert found == {}


def choose_size(visitor: Visitor, *, large: bool) -> None:
    """By the button that everybody has; a session shared with an earlier view may be large already."""
    if visitor.page.url == "about:blank":
        visitor.open("/sign-in/")
    wish = visitor.button("大字版" if large else "标准版")
    if wish.count():
        visitor.press(wish)
    assert (visitor.page.locator("html").get_attribute("data-size") == "large") is large


def faults_of(visitor: Visitor, *, narrow: bool) -> list[str]:
    faults = [
        f"axe {violation['id']}: {', '.join(str(node['target']) for node in violation['nodes'])}"
        for violation in axe.run(visitor.page).response["violations"]
    ]
    if (
        narrow
        and (over := visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")) > 0
    ):
        faults.append(f"{over} px wider than the window")
    return faults


def take_picture(visitor: Visitor, name: str) -> None:
    if SHOTS:
        visitor.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_on_a_phone_the_list_comes_first(visit: Visit) -> None:
    """What is looked for and done with many is one touch away; on a wide window it is all there."""
    for size, folded in ((PHONE, True), (LAPTOP, False)):
        visitor = visit("jingban", size=size)
        visitor.open("/archives/")
        find = visitor.page.get_by_role("textbox", name="查找人员")
        assert find.is_visible() is not folded
        if folded:
            top = visitor.page.locator("tbody tr").first.bounding_box()
            assert top is not None
            assert top["y"] < size[1]
            visitor.page.locator("summary", has_text="查找和筛选").click()
            assert find.is_visible()
        else:
            assert not visitor.page.locator("summary", has_text="查找和筛选").is_visible()
