"""The transaction of a request: on whose behalf, around what, and what becomes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from archives.models import Archive
from audit.models import Event
from credit_platform.tenancy import context
from credit_platform.tenancy.context import NoContext, acting
from tests.factories import actor
from tests.tenancy.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.tenancy.urls")]

EDUCATION = ["张封存", "李草稿", "王二小"]


@pytest.fixture
def clerk(world: World, client_as: Callable[..., Client]) -> Client:
    return client_as(world.county.education.clerk)


def kept(world: World) -> bool:
    """Whether the write of `/write/…` is still there."""
    with acting(world.county.id, "job"):
        return Archive.objects.filter(name="改名").exists()


def events(world: World, verb: str) -> list[Event]:
    with acting(world.county.id, "job"):
        return list(Event.objects.filter(verb=verb))


def test_each_membership_sees_its_own(world: World, client_as: Callable[..., Client]) -> None:
    school, health, other = world.county.education, world.county.health, world.other
    seen = {
        membership.role + membership.unit_name: client_as(membership).get("/names/").json()["names"]
        for membership in (
            school.clerk,
            school.filler,
            school.second_filler,
            health.clerk,
            world.county.officer,
        )
    }
    assert list(seen.values()) == [
        EDUCATION,
        EDUCATION[:2],
        EDUCATION[2:],
        ["赵医师"],
        [*EDUCATION, "赵医师"],
    ]
    assert client_as(other.officer).get("/names/").json()["names"] == ["钱外县"]


def test_foreign_ids_do_not_exist(world: World, clerk: Client) -> None:
    answers = {
        name: clerk.get(f"/archives/{chain.archive.pk}/").status_code for name, chain in world.chains.items()
    }
    assert answers == {
        "sealed teacher": 200,
        "drafted teacher": 200,
        "teacher elsewhere": 200,
        "doctor": 404,
        "foreign teacher": 404,
    }


def test_context_does_not_leak_between_requests(world: World, client_as: Callable[..., Client]) -> None:
    first, second = client_as(world.county.education.clerk), client_as(world.other.officer)
    for browser, names in ((first, EDUCATION), (second, ["钱外县"]), (first, EDUCATION)):
        assert browser.get("/names/").json()["names"] == names
        assert context.current.get() is None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('app.jurisdiction', true), current_setting('app.kind', true)"
            )
            assert cursor.fetchone() == ("", "")


def test_rendering_is_inside_the_transaction(clerk: Client) -> None:
    assert sorted(clerk.get("/lazy/").content.decode().split()) == EDUCATION


def test_a_good_answer_keeps_what_was_written(world: World, clerk: Client) -> None:
    assert clerk.get("/write/200/").status_code == 200
    assert kept(world)


@pytest.mark.parametrize("status", [302, 404, 422])
def test_a_refusal_is_the_views_own_business(world: World, clerk: Client, status: int) -> None:
    assert clerk.get(f"/write/{status}/").status_code == status
    assert kept(world)


@pytest.mark.parametrize("how", ["500", "503", "raises", "fails while rendering"])
def test_a_server_error_rolls_back_but_the_look_is_journalled(world: World, clerk: Client, how: str) -> None:
    clerk.raise_request_exception = False
    assert clerk.get(f"/write/{how}/").status_code >= 500
    assert not kept(world)
    (look,) = events(world, "archive.read")
    assert look.data == {"how": how}
    assert (look.actor_id, look.agency_id) == (
        world.county.education.clerk.user_id,
        world.county.education.agency.pk,
    )


def test_page_is_withheld_when_its_look_cannot_be_journalled(clerk: Client) -> None:
    answer = clerk.get("/unwritable/")
    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()


def test_rows_cannot_be_streamed_after_the_transaction(clerk: Client) -> None:
    answer: Any = clerk.get("/stream/")
    with pytest.raises(NoContext):
        list(answer.streaming_content)


@pytest.mark.parametrize("path", ["/names/", "/lazy/", "/write/200/", "/undeclared/"])
def test_operator_and_strangers_get_nothing(
    world: World, operator: Any, client_as: Callable[..., Client], path: str
) -> None:
    assert client_as(operator).get(path).status_code == 403
    assert Client().get(path).status_code in (302, 403)
    assert not kept(world)


def test_wrong_role_is_refused_and_journalled(world: World, client_as: Callable[..., Client]) -> None:
    assert client_as(world.county.education.admin).get("/names/").status_code == 403
    (denied,) = events(world, "access.denied")
    assert (denied.success, denied.actor_role, denied.data["path"]) == (False, "agency_admin", "/names/")


def test_ended_membership_stops_at_the_next_request(world: World, clerk: Client) -> None:
    assert clerk.get("/names/").status_code == 200
    membership = world.county.education.clerk
    membership.ended_at = membership.started_at
    membership.save()
    assert clerk.get("/names/").status_code == 302


def test_chosen_membership_decides(world: World, client_as: Callable[..., Client]) -> None:
    """One person in two counties: which one, the session says."""
    here, there = world.county.education.clerk, world.other.officer
    there.user = here.user
    there.save()
    assert client_as(here).get("/names/").json()["names"] == EDUCATION
    assert client_as(there).get("/names/").json()["names"] == ["钱外县"]
    assert actor(there).kind == "office"
