"""Row-level security on the product's own tables, asked in raw SQL as the restricted role by every kind of actor."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from archives.models import Archive, Filing, Person, RecordPart, Version
from audit.models import Event
from credit_platform.tenancy.context import Context, NoContext, as_context, looking_up
from delivery.models import Batch
from tests.tenancy.world import FACT_TABLES, World, people_in, rows, run

pytestmark = pytest.mark.django_db

OWN_COUNTY = {"sealed teacher", "drafted teacher", "teacher elsewhere", "doctor"}
SEALED = {"sealed teacher", "teacher elsewhere", "doctor", "foreign teacher"}
SEEN: dict[str, set[str]] = {
    "agency": {"sealed teacher", "drafted teacher", "teacher elsewhere"},
    "employer": {"sealed teacher", "drafted teacher"},
    "office": OWN_COUNTY,
    "job": OWN_COUNTY,
    "person": {"sealed teacher"},
    "person without a seal": set(),
    "city": set(),
    "lookup": set(),
    "agency in the wrong county": set(),
    "person in the wrong county": set(),
    "employer of another agency": set(),
    "office of the other county": {"foreign teacher"},
}
NOBODY_ELSE = sorted(SEEN.keys() - {"agency", "employer", "office", "job", "person"})


# --- seeing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", SEEN)
def test_facts_seen(world: World, who: str) -> None:
    with world.acting(who):
        for table in FACT_TABLES:
            expected = SEEN[who] & (SEALED if "version" in table or table == "archives_outbox" else SEEN[who])
            if table == "archives_outbox" and who.startswith("person"):
                expected = set()
            assert people_in(world, table) == expected, table


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("agency", set()),
        ("employer", set()),
        ("office", OWN_COUNTY),
        ("job", OWN_COUNTY),
        ("person", {"sealed teacher"}),
        ("person without a seal", {"drafted teacher"}),
        ("city", set()),
        ("lookup", set()),
        ("person in the wrong county", set()),
        ("office of the other county", {"foreign teacher"}),
    ],
)
def test_persons_are_never_a_list_for_an_agency(world: World, who: str, seen: set[str]) -> None:
    with world.acting(who):
        assert people_in(world, "archives_person") == seen
        assert people_in(world, "archives_persondocument") == seen


@pytest.mark.parametrize("who", ["agency", "employer"])
def test_person_is_found_by_number_and_name_together_only(world: World, who: str) -> None:
    identity = world.chains["doctor"].identity
    with world.acting(who):
        for key, seen in (
            (identity.number_name_index, {"doctor"}),
            (identity.number_index, set()),
            (world.chains["foreign teacher"].identity.number_name_index, set()),
            ("", set()),
        ):
            with looking_up(key):
                assert people_in(world, "archives_persondocument") == seen
                assert people_in(world, "archives_person") == set()
        assert people_in(world, "archives_persondocument") == set()


def test_looking_up_needs_somebody_who_looks() -> None:
    with pytest.raises(NoContext), looking_up("0" * 64):
        raise AssertionError("unreachable")


def test_locator_answers_to_the_exact_key_across_counties(world: World) -> None:
    with world.acting("lookup"):
        assert people_in(world, "archives_personlocator") == {"sealed teacher"}
    number_index = world.chains["foreign teacher"].identity.number_index
    with as_context(Context(world.county.id, "lookup", key=number_index)):
        assert people_in(world, "archives_personlocator") == {"foreign teacher"}
    for who in ("agency", "employer", "person", "city"):
        with world.acting(who), looking_up(number_index):
            assert people_in(world, "archives_personlocator") == set()


@pytest.mark.parametrize(
    ("table", "seen"),
    [
        ("archives_filing", {"agency": 1, "employer": 0, "office": 2, "job": 2, "person": 0}),
        ("archives_counter", {"agency": 2, "employer": 0, "office": 2, "job": 2, "person": 0}),
        ("delivery_batch", {"agency": 0, "employer": 0, "office": 2, "job": 2, "person": 0}),
        ("delivery_batchline", {"agency": 0, "employer": 0, "office": 2, "job": 2, "person": 0}),
    ],
)
def test_rows_of_the_office(world: World, table: str, seen: dict[str, int]) -> None:
    for who in SEEN:
        expected = 1 if who == "office of the other county" else seen.get(who, 0)
        if (table, who) == ("archives_counter", "agency in the wrong county"):
            expected = 1  # a series and its last number: nothing about persons
        with world.acting(who):
            assert rows(f"SELECT count(*) FROM {table}") == [(expected,)], who


def test_events_seen(world: World) -> None:
    sealed = "SELECT person_id FROM audit_event WHERE verb = 'record.sealed'"
    teacher, doctor = (world.chains[name].person.pk for name in ("sealed teacher", "doctor"))
    seen = {"agency": {teacher}, "employer": {teacher}, "office": {teacher, doctor}, "person": {teacher}}
    for who in SEEN.keys() - {"job", "office of the other county"}:
        with world.acting(who):
            assert {row[0] for row in rows(sealed)} == seen.get(who, set()), who


# --- nobody, and somebody's tricks ----------------------------------------------------------------------------------


ALL_TABLES = (*FACT_TABLES, "archives_person", "archives_persondocument", "archives_personlocator",
              "archives_filing", "archives_counter", "delivery_batch", "delivery_batchline", "audit_event")  # fmt: skip


def test_without_context_raw_sql_yields_nothing(world: World) -> None:
    for table in ALL_TABLES:
        assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_without_context_the_orm_raises(world: World) -> None:
    for model in (Person, Archive, RecordPart, Version, Filing, Batch, Event):
        with pytest.raises(NoContext):
            model.objects.count()
        with pytest.raises(NoContext):
            model()


@pytest.mark.parametrize(
    "statement", ["UPDATE archives_archive SET name = 'x'", "UPDATE archives_filing SET year = 1"]
)
def test_without_context_raw_sql_changes_nothing(world: World, statement: str) -> None:
    assert run(statement) == 0


@pytest.mark.parametrize("half", ["app.jurisdiction", "app.kind", "app.agency"])
def test_half_a_context_yields_nothing(world: World, half: str) -> None:
    with world.acting("agency"), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {half} = ''")
        for table in FACT_TABLES:
            assert rows(f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize(
    "trick",
    [
        "x'; SET LOCAL app.agency = '1'; --",
        "x'; RESET app.kind; SELECT '",
        "'; SELECT set_config('app.kind', 'office', true); --",
        "%s'); COMMIT; --",
        "\\'; SET app.kind = 'office'; --",
    ],
)
def test_parameters_cannot_change_the_context(world: World, trick: str) -> None:
    state = "SELECT current_setting('app.kind'), current_setting('app.agency'), current_setting('app.jurisdiction')"
    with world.acting("agency"):
        before = rows(state)
        assert not Archive.objects.filter(name=trick).exists()
        assert not RecordPart.objects.filter(values__contains={trick: trick}).exists()
        assert Archive.objects.filter(name="张封存").update(name=trick[:50]) == 1
        assert list(Archive.objects.filter(name__startswith=trick[:50]).values_list("name", flat=True)) == [
            trick[:50]
        ]
        assert rows(state) == before


def test_attackers_union_and_subqueries_stay_within_the_walls(world: World) -> None:
    with world.acting("employer"):
        stolen = rows(
            "SELECT name FROM archives_archive WHERE false UNION ALL SELECT name FROM archives_recordpart"
            " UNION ALL SELECT (SELECT string_agg(a.name, ',') FROM archives_archive a)"
        )
    assert not {"王二小", "赵医师", "钱外县"} & set(",".join(row[0] for row in stolen).split(","))


# --- writing ---------------------------------------------------------------------------------------------------------


def archive_values(world: World, chain: str) -> dict[str, Any]:
    other = world.chains[chain].archive
    return {
        "person_id": other.person_id,
        "agency_id": other.agency_id,
        "employer_id": other.employer_id,
        "jurisdiction_id": other.jurisdiction_id,
        "occupation": "new",
        "name": "新",
        "name_sort": "xin",
        "document_type": "111",
        "number": "x",
        "number_mask": "x",
    }


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("agency", {"sealed teacher", "teacher elsewhere"}),
        ("employer", {"sealed teacher"}),
        ("job", {"sealed teacher", "teacher elsewhere", "doctor"}),
        *((who, set()) for who in ("office", "person", *NOBODY_ELSE)),
    ],
)
def test_inserting_archives(world: World, who: str, allowed: set[str]) -> None:
    for chain in ("sealed teacher", "teacher elsewhere", "doctor", "foreign teacher"):
        values = archive_values(world, chain)
        with world.acting(who):
            if chain in allowed:
                assert Archive.objects.create(**values).pk
                continue
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Archive.objects.create(**values)


@pytest.mark.parametrize(
    ("who", "changed"),
    [("agency", 3), ("employer", 2), ("job", 4), *((who, 0) for who in ("office", "person", *NOBODY_ELSE))],
)
def test_updating_facts(world: World, who: str, changed: int) -> None:
    with world.acting(who):
        for table in ("archives_archive", "archives_annualrecord", "archives_recordpart"):
            assert run(f"UPDATE {table} SET occupation = 'x'") == changed, table


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("agency_id", lambda world: world.county.health.agency.pk),
        ("employer_id", lambda world: world.county.education.second_employer.pk),
        ("jurisdiction_id", lambda world: world.other.id),
    ],
)
def test_employer_cannot_hand_a_row_to_another(world: World, column: str, value: Any) -> None:
    with world.acting("employer"), pytest.raises(ProgrammingError, match="row-level security"):
        run(f"UPDATE archives_archive SET {column} = %s", value(world))


def test_foreign_rows_cannot_be_updated_by_id(world: World) -> None:
    for chain in ("doctor", "foreign teacher"):
        with world.acting("agency"):
            assert (
                run("UPDATE archives_recordpart SET name = 'x' WHERE id = %s", world.chains[chain].part.pk)
                == 0
            )
            assert RecordPart.objects.filter(id=world.chains[chain].part.pk).update(name="x") == 0


@pytest.mark.parametrize("who", ["agency", "employer", "office", "job", "person"])
def test_nobody_deletes_or_truncates(world: World, who: str) -> None:
    for table in ALL_TABLES:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            if statement == "DELETE FROM archives_versionbody":
                with world.acting(who):
                    assert run(statement) == 0  # only of facts that may be kept no longer, and only by jobs
                continue
            with world.acting(who), pytest.raises(ProgrammingError, match="permission denied"):
                run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE archives_version SET digest = 'x'",
        "UPDATE archives_versionbody SET content = '{}'",
        "UPDATE audit_event SET actor_name = 'x'",
        "INSERT INTO archives_version SELECT * FROM archives_version ON CONFLICT (jurisdiction_id, id)"
        " DO UPDATE SET digest = 'x'",
    ],
)
@pytest.mark.parametrize("who", ["agency", "job"])
def test_sealed_versions_and_the_journal_cannot_be_changed(world: World, who: str, statement: str) -> None:
    with world.acting(who), pytest.raises(ProgrammingError, match="permission denied"):
        run(statement)


def test_person_is_changed_by_jobs_only(world: World) -> None:
    for who in ("agency", "employer", "office", "person", *NOBODY_ELSE):
        with world.acting(who):
            assert run("UPDATE archives_persondocument SET document_type = '999'") == 0
            assert run("UPDATE archives_person SET merged_into_id = NULL") == 0
            assert run("UPDATE archives_personlocator SET person_id = NULL") == 0
    with world.acting("job"):
        assert run("UPDATE archives_person SET merged_into_id = NULL") == 4
        assert run("UPDATE archives_personlocator SET person_id = NULL") == 4
        assert run("UPDATE archives_persondocument SET document_type = '999'") == 4


def test_filing_is_made_by_its_agency_and_decided_by_the_office(world: World) -> None:
    values = {"occupation": "y", "year": 2026, "sealed_count": 0, "total_count": 0, "submitted_by": "x"}
    health = world.county.health.agency
    for who in ("agency", "employer", "office", "person", "city"):
        with (
            world.acting(who),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            Filing.objects.create(agency=health, **values)
    with world.acting("agency"):
        assert run("UPDATE archives_filing SET number = 'x'") == 1
    with world.acting("office"):
        assert run("UPDATE archives_filing SET number = 'x'") == 2


def test_batches_are_made_and_changed_by_jobs_only(world: World) -> None:
    for who in ("agency", "employer", "office", "person", "city"):
        with world.acting(who):
            assert run("UPDATE delivery_batch SET attempts = 9") == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Batch.objects.create(target="county", size=1)


def test_events_are_written_into_the_own_county_by_somebody(world: World) -> None:
    foreign = Context(world.other.id, "job")
    with as_context(foreign):
        event = Event(verb="x", actor_name="", actor_role="", actor_unit="", address="", session="")
    with (
        world.acting("job"),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        event.save(force_insert=True)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        event.save(force_insert=True)
