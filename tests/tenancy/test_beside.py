"""What runs beside the caller, on a connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from credit_platform.tenancy.beside import Beside


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _is_gone(backend: int) -> bool:
    """Tell whether the server has let a connection go; it may take a moment."""
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [backend])
            if cursor.fetchone() == (0,):
                return True
            time.sleep(0.05)
    return False


@pytest.mark.django_db(transaction=True)
def test_it_runs_beside_on_a_connection_of_its_own_one_after_the_other() -> None:
    seen: list[tuple[int, int]] = []
    goes_on = threading.Event()

    def waits() -> None:
        assert goes_on.wait(10)
        seen.append((threading.get_ident(), _backend()))

    with Beside() as beside:
        beside.do(waits)
        assert seen == []  # the caller went on
        goes_on.set()
        beside.do(waits)
        assert len(seen) == 1  # it waited for the first
    assert len(seen) == 2 == len([one for one in seen if one == seen[0]])
    assert seen[0][0] != threading.get_ident()
    assert seen[0][1] != _backend()
    assert _is_gone(seen[0][1])  # its connection is closed


@pytest.mark.django_db(transaction=True)
def test_what_it_raises_reaches_the_caller() -> None:
    done: list[str] = []

    def fails() -> None:
        raise ValueError("full")

    def twice() -> None:
        with Beside() as beside:
            beside.do(fails)
            beside.do(lambda: done.append("later"))

    def itself() -> None:
        with Beside() as beside:
            beside.do(fails)
            raise KeyError("the caller's own comes first")

    with pytest.raises(ValueError, match="full"):
        _beside(fails)
    with pytest.raises(ValueError, match="full"):
        twice()
    with pytest.raises(KeyError):
        itself()
    assert done == []


def _beside(act: Callable[[], None]) -> None:
    with Beside() as beside:
        beside.do(act)


@pytest.mark.django_db(transaction=True)
def test_what_goes_on_for_long_learns_that_the_caller_gave_up() -> None:
    stopped: list[bool] = []

    def gives_up() -> None:
        with Beside() as beside:
            beside.do(lambda: stopped.append(beside.given_up.wait(20)))
            raise KeyError("cancelled")

    with pytest.raises(KeyError):
        gives_up()
    assert stopped == [True]


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_nothing_runs_beside() -> None:
    seen: list[int] = []
    with transaction.atomic(), Beside() as beside:
        beside.do(lambda: seen.append(threading.get_ident()))
        assert seen == [threading.get_ident()]
