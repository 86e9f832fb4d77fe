"""What stands in PostgreSQL's catalogue after the product's own migrations, run by the owner of the tables.

The tests grant the site role nothing (`tests/probes/management/commands/flush.py` empties the tables as the owner),
so what is found here is what an installation has.
"""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection

from archives.models import PersonLocator
from credit_platform.tenancy.fields import is_tenant
from tests.tenancy.world import rows

pytestmark = pytest.mark.django_db

TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if is_tenant(model) or model is PersonLocator
)
PRODUCT_TABLES = [table for table in TABLES if not table.startswith("probes_")]
APPEND_ONLY = {
    "archives_version",
    "archives_versionbody",
    "oversight_reminder",
    "archives_stampline",
    "archives_identitycheck",
    "audit_event",
}
BETWEEN = ["archives_transfer", "archives_transfersheet"]
"""What stands between two counties: each end has its own column, so the rules about keys do not fit."""
BY_COLUMN = {
    "archives_transfer": {
        "id",
        "archive_id",
        "document_no",
        "body",
        "proposer_id",
        "proposed_by",
        "proposed_at",
    }
    | {f"{end}_{what}" for end in ("from", "to") for what in ("jurisdiction_id", "agency_id", "occupation")}
}
"""What nobody changes of a table that is changed otherwise: where a transfer goes is settled when it is proposed."""
DESTROYED = {"archives_versionbody"}
"""By jobs, of facts that may be kept no longer alone (`tests/archives/test_emptying.py`)."""
SITE, OWNER = settings.DATABASE_SITE_ROLE, settings.OWNER_DATABASE.username


def one(statement: str, *parameters: Any) -> tuple[Any, ...]:
    (row,) = rows(statement, *parameters)
    return row


def may(table: str, privilege: str) -> bool:
    return bool(one("SELECT has_table_privilege(%s, %s, %s)", SITE, table, privilege)[0])


def test_tests_run_as_the_restricted_role() -> None:
    assert one("SELECT current_user, session_user") == (SITE, SITE)


@pytest.mark.parametrize("role", [SITE, OWNER])
def test_neither_site_nor_owner_stands_above_the_policies(role: str) -> None:
    rights = "rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication"
    assert one(f"SELECT {rights} FROM pg_roles WHERE rolname = %s", role) == (False,)
    inherited = rows(
        "SELECT r.rolname FROM pg_roles r WHERE pg_has_role(%s, r.oid, 'MEMBER') AND r.rolname <> %s",
        role,
        role,
    )
    assert {name for (name,) in inherited} <= {"pg_database_owner"}


def test_site_role_owns_nothing_and_creates_nothing() -> None:
    assert one("SELECT count(*) FROM pg_class WHERE relowner = %s::regrole", SITE) == (0,)
    assert one("SELECT count(*) FROM pg_proc WHERE proowner = %s::regrole", SITE) == (0,)
    for schema in ("public", "app"):
        assert one("SELECT has_schema_privilege(%s, %s, 'CREATE')", SITE, schema) == (False,)
    assert one("SELECT pg_has_role(%s, %s, 'MEMBER')", SITE, OWNER) == (False,)


@pytest.mark.parametrize("table", [*TABLES, *BETWEEN])
def test_row_level_security_is_on_for_the_owner_too(table: str) -> None:
    found = one(
        "SELECT relrowsecurity, relforcerowsecurity, relowner::regrole::text FROM pg_class WHERE oid = %s::regclass",
        table,
    )
    assert found == (True, True, OWNER)


@pytest.mark.parametrize("table", [*TABLES, *BETWEEN])
def test_policies_are_permissive_one_per_command_and_name_a_condition(table: str) -> None:
    policies = rows(
        "SELECT permissive, cmd, coalesce(qual, with_check) FROM pg_policies WHERE tablename = %s", table
    )
    commands = [command for _, command, _ in policies]
    assert {permissive for permissive, _, _ in policies} == {"PERMISSIVE"}
    assert len(commands) == len(set(commands))
    assert "ALL" not in commands
    assert all("app.j()" in condition for _, _, condition in policies)


@pytest.mark.parametrize("table", [*PRODUCT_TABLES, *BETWEEN])
def test_privileges_of_the_site_role(table: str) -> None:
    assert may(table, "SELECT")
    assert may(table, "INSERT")
    assert may(table, "UPDATE") == (table not in {*APPEND_ONLY, *BY_COLUMN})
    assert may(table, "DELETE") == (table in DESTROYED)
    for privilege in ("TRUNCATE", "REFERENCES", "TRIGGER"):
        assert not may(table, privilege), privilege


@pytest.mark.parametrize("table", BY_COLUMN)
def test_what_is_changed_of_a_table_column_by_column(table: str) -> None:
    columns = rows(
        "SELECT attname, has_column_privilege(%s, attrelid, attnum, 'UPDATE') FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        SITE,
        table,
    )
    assert {name for name, changes in columns if not changes} == BY_COLUMN[table]


def test_the_history_of_packs_is_only_added_to() -> None:
    allowed = [p for p in ("SELECT", "INSERT", "UPDATE", "DELETE") if may("agencies_loadedpack", p)]
    assert allowed == ["SELECT", "INSERT"]


def test_every_table_with_a_jurisdiction_is_a_tenant_table_or_shared_on_purpose() -> None:
    agencies = ("agency", "employer", "loadedpack", "membership", "responsibility")
    shared = {f"agencies_{name}" for name in agencies}
    with_column = rows(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE a.attname = 'jurisdiction_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    assert {name for (name,) in with_column} == {
        *TABLES,
        *shared,
        "delivery_target",
        "archives_identityservice",
    }


@pytest.mark.parametrize("table", PRODUCT_TABLES)
def test_keys_and_indexes_begin_with_the_county(table: str) -> None:
    leading = rows(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = %s::regclass",
        table,
    )
    expected = "number_index" if table == "archives_personlocator" else "jurisdiction_id"
    assert leading
    assert {column for _, column in leading} == {expected}


@pytest.mark.parametrize("table", [*TABLES, *BETWEEN])
def test_no_sequences_and_no_triggers_of_ours(table: str) -> None:
    assert one(
        "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", table
    ) == (0,)
    assert one(
        "SELECT count(*) FROM information_schema.columns WHERE table_name = %s AND column_default LIKE 'nextval%%'",
        table,
    ) == (0,)


def test_references_between_tenant_tables_name_the_county_and_are_immediate() -> None:
    constraints = rows(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid), condeferrable FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s) AND confrelid::regclass::text = ANY(%s)",
        PRODUCT_TABLES,
        PRODUCT_TABLES,
    )
    assert len(constraints) >= 10
    for table, definition, deferrable in constraints:
        assert definition.startswith("FOREIGN KEY (jurisdiction_id, "), (table, definition)
        assert not deferrable, (table, definition)


def test_partitions_of_the_journal_cannot_be_read_directly() -> None:
    partitions = rows(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_event'::regclass"
    )
    assert len(partitions) >= 26
    for (name,) in partitions:
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            assert not may(name, privilege), (name, privilege)
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event_default")


def test_owner_sees_nothing_without_a_context(owner_connection: Any) -> None:
    """FORCE: a data migration has to act for each county as well."""
    with owner_connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute("SELECT row_security_active(%s)", [table])
            assert cursor.fetchone() == (True,), table
