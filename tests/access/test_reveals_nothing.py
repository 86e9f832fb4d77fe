"""What is foreign looks like what does not exist: pages, lists, counts, filters, keyset links; and denials are kept."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from credit_platform.tenancy.context import PLATFORM
from tests.access.world import World
from tests.archives.flow import events, opened
from tests.factories import County

MISSING_UUID, MISSING_NUMBER = uuid.UUID("01900000-0000-7000-8000-000000000000"), 2**31 - 5


def page(answer: Any, *ids: object) -> str:
    """The page without what differs each time: tokens, and the ids that were asked for."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for one in ids:
        text = text.replace(str(one), "ID")
    return text


# --- denials are journalled -------------------------------------------------------------------------------------


@pytest.mark.req("AY-18", "GZ-13", "GZ-14")
def test_a_denial_is_journalled(county: County, client_as: Callable[..., Client]) -> None:
    unit = county.education
    assert client_as(unit.filler).get("/members/").status_code == 403
    (event,) = events(county.id, verb="access.denied")
    assert (event.success, event.actor_id, event.agency_id) == (False, unit.filler.user_id, unit.agency.pk)
    assert event.data["path"] == "/members/"
    journal = client_as(unit.admin).get("/journal/").content.decode()
    assert "越权访问被拒绝" in journal


@pytest.mark.req("GZ-13")
def test_a_denial_of_the_operator_is_journalled_with_the_platform(
    operator: Any, client_as: Callable[..., Client]
) -> None:
    assert client_as(operator).get("/archives/").status_code == 403
    (event,) = events(PLATFORM, verb="access.denied")
    assert (event.actor_name, event.success) == (operator.display_name, False)


def test_a_denied_post_is_journalled_as_well(county: County, client_as: Callable[..., Client]) -> None:
    browser = client_as(county.officer)
    assert browser.post("/archives/open/", {"name": "王小明"}).status_code == 403
    (event,) = events(county.id, verb="access.denied")
    assert "王小明" not in str(event.data)


# --- missing and foreign ----------------------------------------------------------------------------------------


@pytest.mark.req("AY-18")
@pytest.mark.parametrize("place", ["health", "elsewhere"])
def test_foreign_and_missing_records_look_the_same(
    world: World, client_as: Callable[..., Client], place: str
) -> None:
    browser = client_as(world.county.education.clerk)
    theirs = getattr(world, place)
    for part in (theirs.draft, theirs.sealed):
        for name, method in (
            ("record", browser.get),
            ("record", browser.post),
            ("record-validate", browser.post),
        ):
            foreign = method(reverse(name, args=[part.id]))
            missing = method(reverse(name, args=[MISSING_UUID]))
            assert foreign.status_code == missing.status_code == 404
            assert page(foreign, part.id) == page(missing, MISSING_UUID)
            assert foreign.headers == missing.headers


def test_foreign_and_missing_members_look_the_same(world: World, client_as: Callable[..., Client]) -> None:
    browser = client_as(world.county.education.admin)
    for name in ("member-end", "member-reset", "member-groups"):
        foreign = browser.post(reverse(name, args=[world.health.member.pk]))
        missing = browser.post(reverse(name, args=[MISSING_NUMBER]))
        assert foreign.status_code == missing.status_code == 404
        assert page(foreign, world.health.member.pk) == page(missing, MISSING_NUMBER)


def test_foreign_and_missing_batches_and_filings_look_the_same(
    world: World, client_as: Callable[..., Client]
) -> None:
    browser = client_as(world.county.officer)
    foreign = browser.get(reverse("batch", args=[world.elsewhere.batch.id]))
    missing = browser.get(reverse("batch", args=[MISSING_UUID]))
    assert foreign.status_code == missing.status_code == 404
    assert page(foreign, world.elsewhere.batch.id) == page(missing, MISSING_UUID)
    for action in ("file", "send_back"):
        foreign = browser.post(reverse("filing", args=[world.elsewhere.filing.id]), {"action": action})
        missing = browser.post(reverse("filing", args=[MISSING_UUID]), {"action": action})
        assert foreign.status_code == missing.status_code == 404
        assert page(foreign, world.elsewhere.filing.id) == page(missing, MISSING_UUID)


# --- lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["filler", "clerk", "reviewer"])
@pytest.mark.parametrize("word", ["after", "before"])
def test_a_foreign_row_gives_the_same_page_as_none(
    world: World, client_as: Callable[..., Client], role: str, word: str
) -> None:
    browser = client_as(getattr(world.county.education, role))
    missing = page(browser.get("/archives/", {word: str(MISSING_UUID)}), MISSING_UUID)
    for theirs in (world.health, world.elsewhere):
        for part in (theirs.draft, theirs.submitted, theirs.sealed):
            assert page(browser.get("/archives/", {word: str(part.id)}), part.id) == missing


@pytest.mark.parametrize("address", ["/filings/", "/delivery/", "/journal/"])
def test_other_lists_know_no_foreign_rows_either(
    world: World, client_as: Callable[..., Client], address: str
) -> None:
    browser = client_as(world.county.education.clerk)
    theirs = world.health
    for one in (
        theirs.filing.id,
        theirs.batch.id,
        events(world.county.id, agency_id=theirs.unit.agency.pk)[0].id,
    ):
        shown = browser.get(address, {"after": str(one)})
        assert page(shown, one) == page(browser.get(address, {"after": str(MISSING_UUID)}), MISSING_UUID)


@pytest.mark.parametrize("role", ["clerk", "reviewer"])
def test_a_foreign_employer_filters_like_a_missing_one(
    world: World, client_as: Callable[..., Client], role: str
) -> None:
    browser = client_as(getattr(world.county.education, role))

    def filtered(employer: int) -> str:
        return page(browser.get("/archives/", {"employer": employer}), f"employer={employer}")

    for theirs in (world.health, world.elsewhere):
        assert filtered(theirs.unit.employer.pk) == filtered(MISSING_NUMBER)
    assert world.health.unit.employer.name not in filtered(world.health.unit.employer.pk)


def test_a_filler_cannot_filter_by_another_employer(world: World, client_as: Callable[..., Client]) -> None:
    unit = world.county.education
    other = opened(unit, by=unit.second_filler, name="邻校一人", employer=unit.second_employer)
    text = client_as(unit.filler).get("/archives/", {"employer": unit.second_employer.pk}).content.decode()
    assert other.name not in text
    assert str(other.id) not in text


def test_counts_are_the_own_ones(world: World, client_as: Callable[..., Client]) -> None:
    unit = world.county.education
    for member, count in (
        (unit.filler, 3),
        (unit.clerk, 3),
        (unit.second_filler, 0),
        (world.county.officer, 2),
    ):
        assert client_as(member).get("/archives/").context["total"] == count
    worklist = client_as(unit.clerk).get("/").context["queues"]
    assert sum(queue["count"] for queue in worklist) == 3, "a draft, a submitted record, a drafted item"
    office = client_as(world.county.officer).get("/").context
    figures = {kpi["label"]: kpi["value"] for kpi in office["kpis"]}
    assert (figures["已建档"], figures["已确认"]) == (6, 2)
    assert figures["应建档"] == 8, "both units' three records, and one more on each roster"


def test_choices_of_forms_are_the_own_ones(world: World, client_as: Callable[..., Client]) -> None:
    admin = client_as(world.county.education.admin).get("/members/").content.decode()
    clerk = client_as(world.county.education.clerk)
    pages = admin, clerk.get("/archives/open/").content.decode(), clerk.get("/archives/").content.decode()
    for text in pages:
        assert "第一小学" in text
        assert "县人民医院" not in text
        assert "医师" not in text


def test_a_group_that_is_not_handled_is_not_listed(world: World, client_as: Callable[..., Client]) -> None:
    """A clerk of the same agency without this group's permission."""
    text = client_as(world.education.member).get("/archives/").content.decode()
    for part in (world.education.draft, world.education.submitted, world.education.sealed):
        assert part.name not in text
    browser = client_as(world.education.member)
    assert browser.get(reverse("record", args=[world.education.draft.id])).status_code == 404
