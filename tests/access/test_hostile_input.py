"""Nothing that can be typed into an address or posted into a form is an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.hostile import BRIEF, BY, FIELDS, HOSTILE, OTHERS, own_objects
from tests.access.matrix import MATRIX
from tests.access.world import World


def test_every_url_is_fed() -> None:
    assert FIELDS.keys() == MATRIX.keys()


@contextmanager
def undone(browser: Client) -> Iterator[None]:
    cookies = browser.cookies.copy()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    browser.cookies = cookies


@pytest.fixture
def ask(world: World, client_as: Callable[..., Client]) -> Callable[..., str]:
    """Send one request to an endpoint with the own things; say what is wrong with the answer."""
    unit, browsers = world.county.education, {}
    members = {
        "admin": unit.admin,
        "officer": world.county.officer,
        "reviewer": unit.reviewer,
        "operator": world.people["operator"],
    }
    objects = own_objects(world.education)

    def send(name: str, query: dict[str, Any], body: dict[str, Any], only: str = "") -> str:
        who = BY.get(name, "clerk")
        if who not in browsers:
            browsers[who] = client_as(members.get(who, unit.clerk))
            browsers[who].raise_request_exception = False
        browser = browsers[who]
        key = objects.get(name, ())
        address = reverse(name, args=key if isinstance(key, tuple) else [key])
        faults = []
        for method in [only] if only else sorted(MATRIX[name].methods):
            with undone(browser):
                try:
                    answer = (
                        browser.get(address, query | body, headers={"referer": str(query)})
                        if (method == "GET")
                        else browser.post(address, body, query_params=query)
                    )
                except UnicodeEncodeError:
                    continue  # cannot be put into an address
                if answer.status_code >= 500:
                    faults.append(f"{method} {answer.status_code}")
                if "<script>alert(1)" in answer.content.decode(errors="replace"):
                    faults.append(f"{method} echoes markup")
                if answer.headers.get("Location", "/").startswith(("//", "http")):
                    faults.append(f"{method} leads away to {answer.headers['Location'][:40]}")
        return ", ".join(faults)

    return send


PAPERS = frozenset(
    name
    for name in FIELDS
    if name
    in ("letter-pdf", "item-notice", "filing-receipt", "filing-roster", "handover-list", "transfer-receipt")
    or (name.endswith("-print") and MATRIX[name].methods == {"GET"})
)
"""PDFs, laid out at each request, which read nothing of what is asked: a few values are enough."""
PAPER_KINDS = ("NUL", "markup")


TOGETHER = 2
"""Addresses that share a world: making one takes as long as asking one of them everything."""
GROUPS = [sorted(FIELDS)[start : start + TOGETHER] for start in range(0, len(FIELDS), TOGETHER)]


@pytest.mark.parametrize("names", GROUPS, ids="-".join)
def test_hostile_values(ask: Callable[..., str], names: list[str]) -> None:
    assert not [fault for name in names for fault in _faults(ask, name)]


def _faults(ask: Callable[..., str], name: str) -> list[str]:
    """Each field by itself where it is judged, all at once in the other place."""
    faults = []
    posts = "POST" in MATRIX[name].methods
    for kind in PAPER_KINDS if name in PAPERS else HOSTILE:
        value = HOSTILE[kind]
        everywhere = dict.fromkeys(FIELDS[name], value)
        if found := ask(name, everywhere, {}) or ask(name, {}, everywhere):
            faults.append(f"{name}: all = {kind}: {found}")
        if name not in PAPERS and (kind in BRIEF or name != "record"):
            for field in FIELDS[name]:
                others = OTHERS.get(name, {})
                query, body = ({}, others | {field: value}) if posts else ({field: value}, {})
                if found := ask(name, query, body, only="POST" if posts else "GET"):
                    faults.append(f"{name}: {field} = {kind}: {found}")
    return faults


def test_hostile_reasons_and_revisions(world: World, client_as: Callable[..., Client]) -> None:
    """Where the action itself goes through: the reason is stored and journalled."""
    clerk, officer = client_as(world.county.education.clerk), client_as(world.county.officer)
    part, filing = world.education.submitted, world.education.filing
    faults = []

    def send(browser: Client, address: str, body: dict[str, Any]) -> None:
        browser.raise_request_exception = False
        with undone(browser):
            if browser.post(address, body).status_code >= 500:
                faults.append(f"{address} {body}")

    for value in HOSTILE.values():
        for action in ("pass_on", "return", "return_to_filler", "seal", "submit"):
            for revision in (str(part.revision), value):
                body = {"action": action, "reason": value, "revision": revision}
                send(clerk, f"/records/{part.id}/", body)
        send(officer, f"/filings/{filing.id}/", {"action": "send_back", "reason": value})
    assert faults == []


NUMBERS = ["0", "9" * 9, "9" * 19, "9" * 40]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", ["end", "reset"])
def test_numbers_in_addresses(county: Any, client_as: Callable[..., Client], step: str, number: str) -> None:
    assert client_as(county.education.admin).post(f"/members/{number}/{step}/").status_code == 404


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_versions(world: World, client_as: Callable[..., Client], number: str) -> None:
    address = f"/records/{world.education.sealed.id}/versions/{number}/"
    assert client_as(world.county.education.clerk).get(address).status_code == 404


@pytest.mark.parametrize(
    "path", ["/records/x/", "/records/%00/", "/delivery/1/", "/filings/../", "/%ff", "/a" * 3000]
)
def test_addresses_that_are_none(county: Any, client_as: Callable[..., Client], path: str) -> None:
    assert client_as(county.education.clerk).get(path).status_code == 404


@settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["record", "archive-open", "archive-list", "members", "journal", "filing-submit"]),
    data=st.data(),
)
def test_random_forms(ask: Callable[..., str], name: str, data: st.DataObject) -> None:
    text = st.one_of(st.text(max_size=60), st.sampled_from([str(v) for v in HOSTILE.values()]))
    body = data.draw(st.dictionaries(st.sampled_from(FIELDS[name]), text, max_size=8))
    assert (
        ask(name, {}, {key: value.encode("utf-8", "replace").decode() for key, value in body.items()}) == ""
    )
