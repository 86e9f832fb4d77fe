"""Which PostgreSQL role a connection signs in as."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import SplitResult, unquote

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


def sign_in(connection: BaseDatabaseWrapper, role: SplitResult) -> None:
    """Let the connection sign in as this role from its next query on."""
    connection.close()
    connection.settings_dict.update(USER=unquote(role.username or ""), PASSWORD=unquote(role.password or ""))


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Work as the owner of the tables, outside any transaction; afterwards as the site role again."""
    sign_in(connection, settings.OWNER_DATABASE)
    try:
        yield
    finally:
        sign_in(connection, settings.SITE_DATABASE)


def connection_as(connection: BaseDatabaseWrapper, role: SplitResult) -> BaseDatabaseWrapper:
    """Return a second connection to the same database as another role, which the caller closes."""
    second = connection.copy()
    sign_in(second, role)
    return second


def reserve_database(name: str, folder: Path) -> tuple[str, IO[bytes]]:
    """Return the first of `name`, `name_2` … that no other test run uses, and the lock that keeps it ours.

    Two runs in one checkout would otherwise drop each other's database.
    """
    folder.mkdir(exist_ok=True)
    for number in range(1, 100):
        candidate = name if number == 1 else f"{name}_{number}"
        lock = (folder / f"{candidate}.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return candidate, lock
    raise RuntimeError("a hundred test runs at once")
