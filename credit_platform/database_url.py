"""`postgresql://role:password@host:port/name?sslmode=verify-full` as Django wants it, read as libpq reads it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

ALLOWED = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslpassword",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)
"""libpq's parameters that an address may carry. `options` is not among them: it belongs to us."""


class DatabaseUrlRefused(ValueError):
    """The address cannot be used. The message is one line naming the variable; it never repeats the address."""


def read(url: str, *, variable: str, name: str = "") -> dict[str, Any]:
    """Return NAME, USER, PASSWORD, HOST, PORT and OPTIONS of a database of Django.

    `variable` is where `url` comes from; `name` replaces the database's name in it. Raises `DatabaseUrlRefused`
    rather than connect with less than the address demands (an unknown parameter, TLS above all).
    """
    if not url:
        raise DatabaseUrlRefused(
            f"{variable} is empty: write postgresql://role:password@host/name into it, or unset it"
        )
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:  # its words repeat what may be a password
        raise DatabaseUrlRefused(
            f"{variable} cannot be read: host or port is malformed (in a password write : / ? # @ [ ] as %3A %2F …)"
        ) from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise DatabaseUrlRefused(f"{variable} does not begin with postgresql://")
    if parts.fragment:
        raise DatabaseUrlRefused(f"{variable} contains a #: write it as %23")
    found = {
        "NAME": name or unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": _host(parts),
        "PORT": port,
    }
    for key, what in (("HOST", "host"), ("NAME", "database"), ("USER", "role")):
        if not found[key]:
            raise DatabaseUrlRefused(f"{variable} names no {what}: postgresql://role:password@host/name")
    return {**found, "OPTIONS": dict(_parameters(parts.query, variable))}


def _host(parts: SplitResult) -> str:
    """The host as written: `SplitResult.hostname` is in lower case, which breaks folders of sockets."""
    written = parts.netloc.rpartition("@")[2]
    if written.startswith("["):
        return written[1:].partition("]")[0]
    return unquote(written.partition(":")[0])


def _parameters(query: str, variable: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for pair in query.split("&") if query else ():
        written, _, value = pair.partition("=")
        name = unquote(written)
        if name not in ALLOWED:
            raise DatabaseUrlRefused(
                f"{variable} has the unknown parameter {name!r}; known are {', '.join(sorted(ALLOWED))}"
            )
        if not value:
            raise DatabaseUrlRefused(f"{variable} has the parameter {name} without a value")
        if name in seen:
            raise DatabaseUrlRefused(f"{variable} has the parameter {name} twice")
        seen.add(name)
        yield name, unquote(value)  # a + stays a +, as in libpq
