"""Every address × every kind of person × GET and POST, with the ids of somebody else's things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from agencies.models import Membership
from tests.access.matrix import MATRIX, Endpoint, addresses
from tests.access.world import Objects, World
from tests.tenancy import query_guard

PEOPLE = (
    "filler",
    "filler of another employer",
    "clerk",
    "reviewer",
    "agency_admin",
    "officer",
    "clerk of another agency",
    "admin of another agency",
    "clerk of another county",
    "office of another county",
    "operator",
    "member of no unit",
    "signed out",
)
AWAY = ("/sign-in/", "/switch/")
OWN_OBJECTS_ONLY = {"lock", "password", "keep-alive", "sign-in", "sign-out", "set-size", "health"}
"""They know no ids; what they do is tested with the accounts."""


_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


@contextmanager
def undone(browser: Client) -> Iterator[None]:
    """Take back what a request did, also to the session."""
    cookies = browser.cookies.copy()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    browser.cookies = cookies


@pytest.fixture
def browser_of(world: World, client_as: Callable[..., Client]) -> Callable[[str], Client]:
    def browser(name: str) -> Client:
        who = world.people[name]
        client = Client() if who is None else client_as(who)
        client.raise_request_exception = False
        return client

    return browser


def role_of(world: World, name: str) -> str | None:
    who = world.people[name]
    if isinstance(who, Membership):
        return who.role
    return {"operator": "operator", "member of no unit": "none"}.get(name)


def asked(endpoint: Endpoint, role: str | None, theirs: Objects) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions of the matrix; whoever is not let in at all asks only the first of each kind."""
    most = None if endpoint.allows(role) else 1
    for query in endpoint.get(theirs)[:most]:
        yield "GET", query
    for query in endpoint.post(theirs)[:most]:
        yield "POST", query


def send(browser: Client, method: str, address: str, query: dict[str, Any]) -> Any:
    return browser.get(address, query) if method == "GET" else browser.post(address, query)


@contextmanager
def written() -> Iterator[set[str]]:
    """Collect the tables into which statements write, but for sessions and the journal."""
    tables: set[str] = set()

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if found := _WRITES.match(str(sql)):
            tables.add(found[1])
            tables.difference_update(("django_session", "audit_event"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    return "".join(f" changed {table}" for table in before if before[table] != after[table])


def fault(
    answer: Any, endpoint: Endpoint, method: str, role: str | None, theirs: Objects, question: str
) -> str:
    """What is wrong with an answer to a stranger, or nothing."""
    status, text = answer.status_code, answer.content.decode(errors="replace")
    if status >= 500:
        return f"{status}"
    if shown := [word for word in theirs.words if word in text and word not in question]:
        return f"{status} and shows {shown}"
    away = status == 302 and answer["Location"].startswith(AWAY)
    if status in (403, 404, 405) or away:
        return ""
    if endpoint.has_object or not endpoint.allows(role):
        return f"{status} {answer.headers.get('Location', '')}"
    return ""


@pytest.mark.req("AY-18", "GZ-12", "GZ-13", "PD-02")
@pytest.mark.parametrize("name", PEOPLE)
def test_nobody_reaches_what_belongs_to_others(
    world: World, browser_of: Callable[[str], Client], name: str
) -> None:
    browser, role = browser_of(name), role_of(world, name)
    before, faults = world.snapshot(), []
    for url_name, endpoint in MATRIX.items():
        for theirs in world.foreign_to(name):
            for address in addresses(url_name, endpoint, theirs):
                for method, query in asked(endpoint, role, theirs):
                    with undone(browser), written() as tables:
                        answer = send(browser, method, address, query)
                        found = fault(answer, endpoint, method, role, theirs, f"{address} {query}")
                        if tables and url_name not in OWN_OBJECTS_ONLY:
                            found += changed(before, world.snapshot())
                    if found:
                        faults.append(f"{method} {address} {query}: {found}")
    assert not faults, "\n".join(faults)
    assert query_guard.found == []


@pytest.mark.parametrize("name", ["filler", "clerk", "reviewer", "agency_admin", "officer", "operator"])
def test_own_roles_get_in_and_others_do_not(
    world: World, browser_of: Callable[[str], Client], name: str
) -> None:
    """With the own things: whoever the matrix names is let in, everybody else is not."""
    browser, role = browser_of(name), role_of(world, name)
    faults = []
    for url_name, endpoint in MATRIX.items():
        address = addresses(url_name, endpoint, world.education)[0]
        for method in sorted(endpoint.methods):
            with undone(browser):
                status = send(browser, method, address, {}).status_code
            if endpoint.allows(role) == (status == 403) or status >= 500:
                faults.append(f"{method} {address}: {status}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ["clerk", "officer", "member of no unit", "signed out"])
def test_other_methods_are_refused(world: World, browser_of: Callable[[str], Client], name: str) -> None:
    browser = browser_of(name)
    faults = []
    for url_name, endpoint in MATRIX.items():
        address = addresses(url_name, endpoint, world.education)[0]
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - endpoint.methods:
            with undone(browser):
                answer = browser.generic(method, address)
            away = answer.status_code == 302 and answer["Location"].startswith(AWAY)
            if answer.status_code not in (403, 404, 405) and not away:
                faults.append(f"{method} {address}: {answer.status_code}")
    assert not faults, "\n".join(faults)
