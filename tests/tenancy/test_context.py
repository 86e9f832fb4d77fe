"""Entering, nesting and leaving a context; what a context may consist of; what goes into a message."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from agencies.models import Jurisdiction
from credit_platform.actors import Actor, job
from credit_platform.celery import HEADER, forget_context, receive_context, send_context
from credit_platform.tenancy import context
from credit_platform.tenancy.context import (
    Context,
    NoContext,
    acting,
    as_context,
    jurisdiction_id,
    looking_up,
)
from tests.probes.models import Person
from tests.tenancy.conftest import Rows, make_rows

PERSON = UUID("01890000-0000-7000-8000-000000000001")
NAMES = ("app.jurisdiction", "app.kind", "app.agency", "app.employer", "app.person", "app.key")


def told() -> list[str]:
    """What PostgreSQL has been told just now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in NAMES)
        )
        return list(cursor.fetchone())


def write_and_fail() -> None:
    Person.objects.create(name="lost", id_hash="lost")
    raise ZeroDivisionError


# --- what a context may hold ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((1, "nobody"), ValueError),
        ((1, "agency'; --", 2), ValueError),
        (("1; --", "office"), TypeError),
        ((True, "office"), TypeError),
        ((1, "agency", "2"), TypeError),
        ((1, "agency"), ValueError),
        ((1, "agency", 0), ValueError),
        ((1, "employer", 2), ValueError),
        ((1, "employer", None, 3), ValueError),
        ((1, "person"), ValueError),
        ((1, "person", None, None, str(PERSON)), TypeError),
        ((1, "lookup", None, None, None, "x' OR '1'='1"), ValueError),
        ((1, "lookup", None, None, None, "x\n"), ValueError),
        ((1, "lookup", None, None, None, "x" * 129), ValueError),
    ],
)
def test_malformed_context_is_refused(values: tuple[Any, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        Context(*values)


@pytest.mark.parametrize(
    "value",
    [
        Context(1, "agency", agency=2),
        Context(1, "employer", agency=2, employer=3),
        Context(1, "person", person=PERSON),
        Context(1, "lookup", key="a" * 64),
    ],
)
def test_header_round_trip(value: Context) -> None:
    assert Context.from_header(value.to_header()) == value


@pytest.mark.parametrize(
    "header",
    [{}, {"jurisdiction": 1}, {"jurisdiction": 1, "kind": "root"}, {"jurisdiction": 1, "kind": "job", "x": 1},
     {"jurisdiction": 1, "kind": "person", "person": "not a uuid"}],
)  # fmt: skip
def test_malformed_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Context.from_header(header)


def test_actor_gives_its_context() -> None:
    clerk = Actor(jurisdiction_id=1, kind="agency", name="王", role="clerk", agency_id=2)
    assert clerk.context == Context(1, "agency", agency=2)
    assert job(1, "deliver").context == Context(1, "job")
    assert Actor(jurisdiction_id=0, kind=None, name="运维", role="operator").context is None


# --- entering and leaving ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_postgresql_is_told_and_forgets(here: Jurisdiction) -> None:
    assert told() == [""] * 6
    with acting(here.pk, "employer", agency=2, employer=3):
        assert told() == [str(here.pk), "employer", "2", "3", "", ""]
    assert told() == [""] * 6


@pytest.mark.django_db
def test_nested_context_changes_the_actor_and_changes_back(
    own: Rows, foreign: Rows, there: Jurisdiction
) -> None:
    outside = told()
    assert list(Person.objects.all()) == [own.person]
    with acting(there.pk, "job"):
        assert list(Person.objects.all()) == [foreign.person]
        with looking_up("k1"):
            assert told() == [str(there.pk), "job", "", "", "", "k1"]
        assert told()[5] == ""
    assert told() == outside
    assert list(Person.objects.all()) == [own.person]


@pytest.mark.django_db
def test_context_is_restored_after_an_exception_and_its_work_undone(own: Rows, there: Jurisdiction) -> None:
    outside = told()
    with pytest.raises(ZeroDivisionError), acting(there.pk, "job"):
        write_and_fail()
    assert told() == outside
    with acting(there.pk, "job"):
        assert not Person.objects.filter(name="lost").exists()


@pytest.mark.django_db
def test_context_is_restored_after_a_database_error(own: Rows, there: Jurisdiction) -> None:
    outside = told()
    with pytest.raises(ProgrammingError), acting(there.pk, "job"), connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")
    assert told() == outside
    assert list(Person.objects.all()) == [own.person]


@pytest.mark.django_db
def test_context_survives_a_savepoint_that_rolls_back(own: Rows) -> None:
    inside = told()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert told() == inside
    assert Person.objects.count() == 1


def test_nothing_is_known_outside() -> None:
    for ask in (jurisdiction_id, Person):
        with pytest.raises(NoContext):
            ask()
    assert context.current.get() is None


@pytest.mark.django_db(transaction=True)
def test_each_transaction_begins_with_the_context_and_ends_without(here: Jurisdiction) -> None:
    make_rows(here)
    assert told() == [""] * 6
    with acting(here.pk, "office"):
        assert told()[:2] == [str(here.pk), "office"]
    with transaction.atomic():
        assert told() == [""] * 6
    token = context.current.set(Context(here.pk, "office"))
    try:
        with pytest.raises(NoContext, match="outside a transaction"):
            Person.objects.count()
        with transaction.atomic():
            assert Person.objects.count() == 1
    finally:
        context.current.reset(token)


@pytest.mark.django_db(transaction=True)
def test_committed_work_of_one_context_and_rollback_of_another(here: Jurisdiction) -> None:
    with acting(here.pk, "office"):
        Person.objects.create(name="kept", id_hash="1")
    with pytest.raises(ZeroDivisionError), acting(here.pk, "office"):
        write_and_fail()
    with acting(here.pk, "office"):
        assert [person.name for person in Person.objects.all()] == ["kept"]


@pytest.mark.django_db(transaction=True)
def test_context_does_not_leak_between_threads(here: Jurisdiction, there: Jurisdiction) -> None:
    for place in (here, there):
        make_rows(place, place.name)
    seen: dict[str, Any] = {}
    both_inside = threading.Barrier(2, timeout=20)

    def work(place: Jurisdiction) -> None:
        try:
            seen[f"before {place.pk}"] = context.current.get()
            with acting(place.pk, "office"):
                both_inside.wait()
                seen[place.name] = [person.name for person in Person.objects.all()]
                both_inside.wait()
        finally:
            connections.close_all()

    with acting(here.pk, "office"):
        threads = [threading.Thread(target=work, args=(place,)) for place in (here, there)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [person.name for person in Person.objects.all()] == [here.name]
    assert seen == {
        f"before {here.pk}": None,
        f"before {there.pk}": None,
        here.name: [here.name],
        there.name: [there.name],
    }


# --- Celery's messages -----------------------------------------------------------------------------------------------


def task_with(headers: dict[str, Any] | None) -> Any:
    """A task as a worker sees it: message headers are attributes of the request, or in `headers`."""
    return SimpleNamespace(request=SimpleNamespace(headers=headers))


def test_message_without_sender_carries_no_context() -> None:
    headers: dict[str, Any] = {}
    send_context(headers=headers)
    assert headers == {}


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["attribute", "headers"])
def test_worker_acts_as_the_sender_and_forgets(here: Jurisdiction, place: str) -> None:
    headers: dict[str, Any] = {}
    with acting(here.pk, "job"):
        send_context(headers=headers)
    task = task_with(headers if place == "headers" else None)
    if place == "attribute":
        setattr(task.request, HEADER, headers[HEADER])
    receive_context(task=task)
    assert context.current.get() == Context(here.pk, "job")
    forget_context(task=task)
    assert context.current.get() is None


def test_task_without_context_does_not_inherit_the_workers() -> None:
    token = context.current.set(Context(1, "job"))
    try:
        task = task_with(None)
        receive_context(task=task)
        assert context.current.get() is None
        forget_context(task=task)
        assert context.current.get() == Context(1, "job")
    finally:
        context.current.reset(token)


@pytest.mark.parametrize(
    "header", [{"jurisdiction": 1, "kind": "root"}, {"jurisdiction": "1", "kind": "job"}]
)
def test_task_with_a_forged_header_does_not_start(header: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        receive_context(task=task_with({HEADER: header}))
    assert context.current.get() is None


def test_task_that_never_began_leaves_nothing_to_forget() -> None:
    forget_context(task=task_with(None))
    assert context.current.get() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "enter", [lambda place: acting(place, "office"), lambda place: as_context(Context(place, "office"))]
)
def test_both_ways_in_are_one(here: Jurisdiction, enter: Callable[[int], Any]) -> None:
    with enter(here.pk):
        assert context.current.get() == Context(here.pk, "office")
        assert told()[:2] == [str(here.pk), "office"]
