"""A backup holds every county's rows, and a site runs on what is restored from it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client

from credit_platform.embedded.binaries import installed
from tests.factories import County
from tests.roles import connection_as, sign_in
from tests.tenancy.test_requests import EDUCATION
from tests.tenancy.world import make_world

BACKUP, OWNER, SITE = settings.BACKUP_DATABASE, settings.OWNER_DATABASE, settings.SITE_DATABASE
TABLES = sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed)


def postgres(program: str, *arguments: str, role: SplitResult, database: str) -> str:
    """Run a program of PostgreSQL against a database as a role."""
    known = connection.settings_dict
    environment = {
        "PGHOST": str(known["HOST"]),
        "PGPORT": str(known["PORT"]),
        "PGUSER": unquote(role.username or ""),
        "PGPASSWORD": unquote(role.password or ""),
        "PGDATABASE": database,
    }
    done = subprocess.run(
        [str(installed().postgres / program), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counts(role: SplitResult, database: str) -> dict[str, int]:
    """Return how many rows a role sees in each table."""
    known = connection.settings_dict
    reached = psycopg2.connect(
        host=known["HOST"],
        port=known["PORT"],
        user=unquote(role.username or ""),
        password=unquote(role.password or ""),
        dbname=database,
    )
    found = {}
    with closing(reached), reached.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def policies(database: str) -> list[Any]:
    second = connection_as(connection, OWNER)
    second.settings_dict["NAME"] = database
    with closing(second), second.cursor() as cursor:
        cursor.execute(
            "SELECT p.tablename, p.cmd, p.qual, p.with_check, c.relrowsecurity, c.relforcerowsecurity,"
            " c.relacl::text FROM pg_policies p JOIN pg_class c ON c.oid = p.tablename::regclass"
            " UNION ALL SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid), '', true, true, ''"
            " FROM pg_constraint WHERE contype IN ('p', 'f', 'u') ORDER BY 1, 2, 3"
        )
        return list(cursor.fetchall())


@pytest.fixture
def empty_database() -> Iterator[str]:
    """A second database of the same owner, dropped afterwards."""
    name = f"{connection.settings_dict['NAME']}_restored"
    postgres("dropdb", "--if-exists", "--force", name, role=OWNER, database="postgres")
    postgres("createdb", "--template=template0", name, role=OWNER, database="postgres")
    yield name
    postgres("dropdb", "--force", name, role=OWNER, database="postgres")


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.tenancy.urls")
def test_backup_is_whole_and_a_site_runs_on_it(
    county: County,
    other_county: County,
    client_as: Callable[..., Client],
    empty_database: str,
    tmp_path: Path,
) -> None:
    make_world(county, other_county)
    clerk, original = county.education.clerk, connection.settings_dict["NAME"]
    file = tmp_path / "backup"
    postgres("pg_dump", "--format=custom", f"--file={file}", role=BACKUP, database=original)
    postgres(
        "pg_restore",
        "--exit-on-error",
        f"--dbname={empty_database}",
        str(file),
        role=OWNER,
        database=original,
    )

    whole = counts(BACKUP, original)
    assert whole["archives_recordpart"] == 5
    assert whole["audit_event"] >= 3
    assert counts(BACKUP, empty_database) == whole
    assert policies(empty_database) == policies(original)
    assert counts(SITE, empty_database)["archives_recordpart"] == 0
    assert counts(OWNER, empty_database)["archives_recordpart"] == 0
    try:
        connection.settings_dict["NAME"] = empty_database
        sign_in(connection, SITE)
        assert client_as(clerk).get("/names/").json()["names"] == EDUCATION
        assert client_as(clerk).get("/write/200/").status_code == 200
    finally:
        connection.settings_dict["NAME"] = original
        sign_in(connection, SITE)


@pytest.mark.django_db(transaction=True)
def test_other_roles_cannot_make_a_backup_by_mistake(tmp_path: Path) -> None:
    """pg_dump of owner or site role stops with an error instead of leaving out rows."""
    for role in (OWNER, SITE):
        with pytest.raises(AssertionError, match=r"row-level security|permission denied"):
            postgres(
                "pg_dump", f"--file={tmp_path / 'x'}", role=role, database=connection.settings_dict["NAME"]
            )
