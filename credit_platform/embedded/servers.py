"""Asking a PostgreSQL server whether it is one we can work with."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg2

from .errors import ServiceUnavailable

OLDEST = 15


def check_server(url: str) -> None:
    """Raise ServiceUnavailable unless the PostgreSQL at `url` answers and is version 15 or later.

    15 is the first version in which nobody but the owner may create objects in schema public.
    """
    where = _without_password(url)
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.Error as error:
        raise ServiceUnavailable(
            f"No PostgreSQL answers at {where}: {reason_of(error)}. Start it or correct DATABASE_URL."
        ) from error
    version = connection.server_version
    connection.close()
    if version < OLDEST * 10000:
        found = f"{version // 10000}.{version % 10000}"
        raise ServiceUnavailable(
            f"The PostgreSQL at {where} is version {found}; {OLDEST} or later is needed: upgrade it or let "
            "DATABASE_URL name another server."
        )


def reason_of(error: psycopg2.Error) -> str:
    """The server's words in one line."""
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip()).rstrip(".")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or 'the local host'}:{parts.port or 5432}{parts.path}"
