import threading
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, connections

from tests.probes.models import Archive, Person
from tests.tenancy import query_guard
from tests.tenancy.query_guard import UnnamedJurisdiction, not_guarded, unnamed

TABLES = {"person", "archive", "entry"}

NAMED = [
    'SELECT "person"."id" FROM "person" WHERE "person"."jurisdiction_id" = %s',
    "SELECT * FROM person WHERE jurisdiction_id = 7 AND name = 'x OR 1=1'",
    'SELECT * FROM "person" p WHERE (p."jurisdiction_id" = (%s) AND NOT (p."name" = %s))',
    'SELECT * FROM "person" WHERE "person"."jurisdiction_id" = app.j() ORDER BY "person"."id" LIMIT 5',
    'SELECT * FROM "person" WHERE %(county)s::int = "person"."jurisdiction_id"',
    'SELECT * FROM "archive" INNER JOIN "person" ON ("archive"."jurisdiction_id" = "person"."jurisdiction_id"'
    ' AND "archive"."person_id" = "person"."id") WHERE "archive"."jurisdiction_id" = %s',
    'SELECT * FROM "person" LEFT OUTER JOIN "archive" T3 ON (T3."jurisdiction_id" = "person"."jurisdiction_id")'
    ' WHERE "person"."jurisdiction_id" = %s FOR UPDATE OF "person" SKIP LOCKED',
    "SELECT * FROM archive a, person p WHERE a.jurisdiction_id = p.jurisdiction_id AND p.jurisdiction_id = 1",
    'SELECT * FROM "person" WHERE ("person"."jurisdiction_id" = %s AND EXISTS(SELECT 1 AS "a" FROM "archive" U0'
    ' WHERE (U0."jurisdiction_id" = ("person"."jurisdiction_id") AND U0."person_id" = ("person"."id")) LIMIT 1))',
    'SELECT * FROM "person" WHERE "person"."jurisdiction_id" = %s AND "person"."id" IN'
    ' (SELECT U0."person_id" FROM "archive" U0 WHERE U0."jurisdiction_id" = %s)',
    'SELECT * FROM "person" WHERE ("jurisdiction_id" = 1 AND "name" = %s) OR ("jurisdiction_id" = 1 AND "id" = %s)',
    '(SELECT "id" FROM "person" WHERE "jurisdiction_id" = 1) UNION (SELECT "id" FROM "person" WHERE'
    ' "person"."jurisdiction_id" = 1) ORDER BY 1',
    "SELECT id FROM person WHERE jurisdiction_id = 1 UNION ALL SELECT id FROM person WHERE jurisdiction_id = 1",
    "WITH known AS (SELECT id FROM person WHERE jurisdiction_id = %s) SELECT * FROM known",
    'SELECT COUNT(*) FROM (SELECT "person"."id" AS "c" FROM "person" WHERE "person"."jurisdiction_id" = %s) subquery',
    'INSERT INTO "person" ("id", "jurisdiction_id", "name") VALUES (%s, %s, %s)',
    'INSERT INTO "person" ("id", "jurisdiction_id") SELECT * FROM UNNEST((%s)::uuid[], (%s)::integer[])',
    'INSERT INTO "person" ("id", "jurisdiction_id") VALUES (%s, %s) ON CONFLICT("jurisdiction_id", "id") DO UPDATE SET'
    ' "name" = EXCLUDED."name"',
    "INSERT INTO person (id, jurisdiction_id) SELECT id, jurisdiction_id FROM archive WHERE jurisdiction_id = 1",
    'UPDATE "person" SET "name" = %s WHERE ("person"."jurisdiction_id" = %s AND "person"."id" = %s)',
    "UPDATE person SET name = a.status FROM archive a WHERE a.jurisdiction_id = person.jurisdiction_id"
    " AND person.jurisdiction_id = 1",
    'DELETE FROM "person" WHERE "person"."jurisdiction_id" = %s',
    "EXPLAIN SELECT 1 FROM person WHERE jurisdiction_id = 1",
    'SELECT * FROM "auth_permission"',
    "SET LOCAL app.jurisdiction = '1'",
    "TRUNCATE person, archive",
    'SAVEPOINT "person"',
]
UNNAMED = [
    ('SELECT * FROM "person"', ["person person"]),
    ("SELECT * FROM person WHERE name = 'jurisdiction_id = 1'", ["person person"]),
    ("SELECT * FROM person -- WHERE jurisdiction_id = 1", ["person person"]),
    ("SELECT * FROM person /* WHERE */ ORDER BY jurisdiction_id", ["person person"]),
    ('SELECT "person"."jurisdiction_id" = 1 FROM "person" WHERE "id" = %s', ["person person"]),
    ("SELECT * FROM person WHERE NOT (jurisdiction_id = 1)", ["person person"]),
    ("SELECT * FROM person WHERE NOT jurisdiction_id = 1", ["person person"]),
    ("SELECT * FROM person WHERE jurisdiction_id <> 1", ["person person"]),
    ("SELECT * FROM person WHERE jurisdiction_id = jurisdiction_id", ["person person"]),
    ("SELECT * FROM person WHERE jurisdiction_id = 1 OR name = %s", ["person person"]),
    ("SELECT * FROM person WHERE (jurisdiction_id = 1 AND a = 2) OR (name = %s)", ["person person"]),
    (
        'SELECT * FROM "archive" INNER JOIN "person" ON ("archive"."person_id" = "person"."id")'
        ' WHERE "archive"."jurisdiction_id" = %s',
        ["person person"],
    ),
    (
        'SELECT * FROM "archive" INNER JOIN "person" ON ("archive"."jurisdiction_id" = "person"."jurisdiction_id")',
        ["archive archive", "person person"],
    ),
    (
        'SELECT * FROM "person" LEFT JOIN "person" T2 ON (T2."name" = "person"."name")'
        ' WHERE "person"."jurisdiction_id" = 1',
        ["person t2"],
    ),
    (
        'SELECT * FROM "person" WHERE "person"."jurisdiction_id" = %s AND EXISTS(SELECT 1 FROM "archive" U0'
        ' WHERE U0."person_id" = ("person"."id"))',
        ["archive u0"],
    ),
    (
        'SELECT * FROM "person" WHERE "person"."jurisdiction_id" = %s AND NOT ("person"."id" IN'
        ' (SELECT "person_id" FROM "archive" WHERE "status" = %s))',
        ["archive archive"],
    ),
    ("SELECT (SELECT max(id) FROM archive) FROM person WHERE jurisdiction_id = 1", ["archive archive"]),
    ("SELECT id FROM person WHERE jurisdiction_id = 1 UNION SELECT id FROM archive", ["archive archive"]),
    ("WITH known AS (SELECT id FROM person) SELECT * FROM known", ["person person"]),
    ('INSERT INTO "person" ("id", "name") VALUES (%s, %s)', ["person (columns)"]),
    (
        'INSERT INTO "person" ("id", "jurisdiction_id") VALUES (%s, %s) ON CONFLICT ("id") DO NOTHING',
        ["person (ON CONFLICT)"],
    ),
    ("INSERT INTO person (id, jurisdiction_id) SELECT id, jurisdiction_id FROM archive", ["archive archive"]),
    ('UPDATE "person" SET "jurisdiction_id" = 1', ["person person"]),
    ('UPDATE "person" SET "name" = %s WHERE "person"."id" IN (%s)', ["person person"]),
    ('DELETE FROM "person" WHERE "person"."id" IN (%s)', ["person person"]),
    ("EXPLAIN SELECT 1 FROM person", ["person person"]),
]


@pytest.mark.parametrize("statement", NAMED)
def test_statement_that_names_the_county_passes(statement: str) -> None:
    assert unnamed(statement, TABLES) == []


@pytest.mark.parametrize(("statement", "occurrences"), UNNAMED)
def test_statement_that_does_not_name_the_county_is_found(statement: str, occurrences: list[str]) -> None:
    assert unnamed(statement, TABLES) == occurrences


def test_all_tenant_tables_are_guarded() -> None:
    tables = query_guard.tenant_tables()
    assert {"archives_recordpart", "audit_event", "delivery_batch", "probes_person"} <= tables
    assert "agencies_agency" not in tables


@pytest.mark.django_db
def test_guard_stops_a_statement_and_the_test() -> None:
    with pytest.raises(UnnamedJurisdiction, match="probes_person"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM probes_person")
    assert len(query_guard.found) == 1
    query_guard.found.clear()


@pytest.mark.django_db
def test_guard_lets_shared_tables_and_excused_statements_pass() -> None:
    Permission.objects.count()
    with not_guarded("to see that it can be excused"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM probes_person")
        assert cursor.fetchone() == (0,)
    with pytest.raises(ValueError, match="why"), not_guarded(""):
        raise AssertionError("unreachable")


@pytest.mark.django_db(transaction=True)
def test_guard_holds_in_other_threads() -> None:
    caught: list[Any] = []

    def ask() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM probes_archive")
        except UnnamedJurisdiction as error:
            caught.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(caught) == 1
    query_guard.found.clear()


@pytest.mark.django_db
def test_what_django_makes_of_a_deletion_is_found() -> None:
    """Django's collector deletes by id alone; the product never deletes tenant rows (they are PROTECTed)."""
    assert unnamed(f'DELETE FROM "{Archive._meta.db_table}" WHERE "id" IN (%s)', query_guard.tenant_tables())
    assert unnamed(f'DELETE FROM "{Person._meta.db_table}" WHERE "id" IN (%s)', query_guard.tenant_tables())
