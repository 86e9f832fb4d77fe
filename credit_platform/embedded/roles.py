"""The three PostgreSQL roles and the database of the product, on any server.

* `credit_owner` owns the database and runs migrations. Neither superuser nor BYPASSRLS: row-level security
  binds it as well (FORCE). CREATEDB so that the tests can make their own database.
* `credit_site` is what the programs run as. It owns nothing and creates nothing but temporary tables (bulk
  imports COPY into those); migrations grant it what it needs table by table.
* `credit_backup` reads everything, past row-level security, for pg_dump; it writes nothing.

`python -m credit_platform.embedded.roles --admin-url URL` does this on a real server and prints the addresses
to put into the environment. Running it again is harmless, but sets the passwords anew.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as PgConnection  # noqa: N812 - a class with a module's name
from psycopg2.extensions import cursor as PgCursor  # noqa: N812
from psycopg2.extensions import encrypt_password

from .errors import ServiceUnavailable
from .place import BACKUP, DATABASE, OWNER, SITE
from .servers import check_server, reason_of

_ATTRIBUTES = {
    OWNER: "LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB NOCREATEROLE NOREPLICATION",
    SITE: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION",
    BACKUP: "LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION",
}
# What a server's administrator who is not superuser may neither grant nor name.
_ATTRIBUTES_MANAGED = {
    OWNER: "LOGIN CREATEDB",
    SITE: "LOGIN",
    BACKUP: "LOGIN BYPASSRLS",
}
_VARIABLES = {SITE: "DATABASE_URL", OWNER: "DATABASE_OWNER_URL", BACKUP: "DATABASE_BACKUP_URL"}
_PASSWORD_VARIABLES = {
    SITE: "CREDIT_SITE_PASSWORD",
    OWNER: "CREDIT_OWNER_PASSWORD",
    BACKUP: "CREDIT_BACKUP_PASSWORD",
}


def ensure_roles(admin_url: str, passwords: Mapping[str, str], database: str) -> None:
    """Create or correct the three roles, set their `passwords`, and create `database`.

    `admin_url` names a superuser, or on a managed server a role that may create roles and databases and
    itself has BYPASSRLS. Raises ServiceUnavailable with the server's own words if it may not.
    """
    check_server(admin_url)
    try:
        with _connected(admin_url) as connection, connection.cursor() as cursor:
            for role, password in passwords.items():
                _ensure_role(cursor, role, encrypt_password(password, role, connection, "scram-sha-256"))
            cursor.execute(sql.SQL("GRANT pg_read_all_data TO {}").format(sql.Identifier(BACKUP)))
            _ensure_database(cursor, database)
        with _connected(_with_database(admin_url, database)) as connection, connection.cursor() as cursor:
            cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            cursor.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(SITE)))
    except psycopg2.Error as error:
        raise ServiceUnavailable(
            f"The roles of the database cannot be set up: {reason_of(error)}. "
            "Give an --admin-url whose role may create roles and databases and has BYPASSRLS."
        ) from error


@contextmanager
def _connected(url: str) -> Iterator[PgConnection]:
    connection = psycopg2.connect(url, connect_timeout=10)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def _ensure_role(cursor: PgCursor, role: str, verifier: str) -> None:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    (superuser,) = cursor.fetchone() or (False,)
    attributes = (_ATTRIBUTES if superuser else _ATTRIBUTES_MANAGED)[role]
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    cursor.execute(
        sql.SQL("{} ROLE {} {} PASSWORD %s").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(attributes)),
        [verifier],
    )


def _ensure_database(cursor: PgCursor, database: str) -> None:
    name, owner, site = sql.Identifier(database), sql.Identifier(OWNER), sql.Identifier(SITE)
    # On PostgreSQL 16 and later whoever creates a role may grant it, but not yet act as it.
    privilege = "SET" if cursor.connection.server_version >= 160000 else "MEMBER"
    cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [OWNER, privilege])
    if cursor.fetchone() == (False,):
        cursor.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if not cursor.fetchone():
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(name, owner)
        )
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, site))
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(BACKUP)))


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


def role_url(admin_url: str, role: str, password: str, database: str) -> str:
    """The address under which `role` reaches `database` on the server of `admin_url`."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return _with_database(urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{host}")), database)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m credit_platform.embedded.roles", description=__doc__)
    parser.add_argument("--admin-url", required=True, help="postgresql://… of an administrator of the server")
    parser.add_argument("--database", default=DATABASE, help="name of the database (default: %(default)s)")
    arguments = parser.parse_args()
    passwords = {
        role: os.environ.get(variable) or secrets.token_urlsafe(24)
        for role, variable in _PASSWORD_VARIABLES.items()
    }
    try:
        ensure_roles(arguments.admin_url, passwords, arguments.database)
    except ServiceUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for role, variable in _VARIABLES.items():
        url = role_url(arguments.admin_url, role, passwords[role], arguments.database)
        sys.stdout.write(f"{variable}={url}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
