"""Whatever a proxy writes into X-Forwarded-For, what is kept and counted is an IP address."""

from ipaddress import ip_address
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import UNKNOWN, client_address
from agencies.models import Jurisdiction
from credit_platform.tenancy.context import PLATFORM
from tests.archives.flow import events

PEER = "10.0.0.9"


def asked(forwarded: str | None, *, peer: str | None = PEER) -> str:
    request = RequestFactory().get("/")
    request.META["REMOTE_ADDR"] = peer
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(request)


@pytest.fixture
def behind_one(settings: Any) -> None:
    settings.PROXIES = 1


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4:5678", "1.2.3.4"),
        ("[::1]:80", "::1"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", PEER),
        ("_hidden:80", PEER),
        ("1.2.3.4:", PEER),
        ("1.2.3.4:http", PEER),
        ("1.2.3.400", PEER),
        ("[]:80", PEER),
        ("[::1", PEER),
        ("1.2.3.4, unknown", PEER),
        (" , ", PEER),
        (None, PEER),
    ],
)
def test_forwarded(behind_one: None, forwarded: str | None, expected: str) -> None:
    assert asked(forwarded) == expected


@pytest.mark.parametrize("peer", ["", None, "unix:", "localhost"])
def test_a_peer_without_an_address(behind_one: None, peer: str | None) -> None:
    assert asked(None, peer=peer) == UNKNOWN
    assert asked("unknown", peer=peer) == UNKNOWN
    assert asked("1.2.3.4:5678", peer=peer) == "1.2.3.4"


def test_without_proxies_the_header_is_the_callers_own_invention() -> None:
    assert asked("1.2.3.4") == PEER


@given(forwarded=st.text(max_size=60), peer=st.text(max_size=20))
def test_always_an_address(forwarded: str, peer: str) -> None:
    assert ip_address(asked(forwarded, peer=peer))


@pytest.mark.parametrize(
    ("forwarded", "kept"), [("1.2.3.4:5678", "1.2.3.4"), ("[::1]:80", "::1"), ("unknown", UNKNOWN)]
)
def test_a_refused_sign_in_is_counted_under_it(
    behind_one: None, platform: Jurisdiction, forwarded: str, kept: str
) -> None:
    answer = Client().post(
        "/sign-in/",
        {"username": "nobody", "password": "Wrong-Horse-2026"},
        REMOTE_ADDR="",
        HTTP_X_FORWARDED_FOR=forwarded,
    )
    assert answer.status_code == 422
    assert AccessFailureLog.objects.get().ip_address == kept
    (event,) = events(PLATFORM, verb="account.sign_in_failed")
    assert event.address == kept
