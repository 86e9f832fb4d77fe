"""The journal has a partition for every month of the coming two years, and nothing falls beside them."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from audit import journal
from audit.models import Event
from audit.partitions import AHEAD, ensure_partitions, partition_name
from credit_platform.actors import job
from credit_platform.tenancy.context import acting
from tests.factories import County
from tests.roles import as_owner

pytestmark = pytest.mark.django_db


def partitions(cursor: Any) -> set[str]:
    cursor.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_event'::regclass"
    )
    return {name for (name,) in cursor.fetchall()}


def months_from(day: dt.date, number: int) -> set[str]:
    first = day.year * 12 + day.month - 1
    return {f"audit_event_{month // 12}{month % 12 + 1:02}" for month in range(first, first + number)}


def test_migration_makes_two_years_and_a_default() -> None:
    with connection.cursor() as cursor:
        found = partitions(cursor)
    assert AHEAD == 24
    assert found >= {"audit_event_default", *months_from(timezone.now().date(), 24)}


def test_missing_months_are_made_once(owner_connection: Any) -> None:
    day = dt.date(2061, 12, 31)
    with owner_connection.cursor() as cursor:
        made = ensure_partitions(cursor, today=day)
        assert set(made) == months_from(day, AHEAD + 1)
        assert made[:2] == ["audit_event_206112", "audit_event_206201"]
        assert set(made) <= partitions(cursor)
        assert ensure_partitions(cursor, today=day) == []
        assert ensure_partitions(cursor, today=dt.date(2062, 1, 1)) == ["audit_event_206401"]


def test_new_partition_is_closed_to_the_site_role(owner_connection: Any, settings: Any) -> None:
    with owner_connection.cursor() as cursor:
        (name,) = ensure_partitions(cursor, today=dt.date(2071, 5, 1), ahead=0)
        cursor.execute(
            "SELECT bool_or(has_table_privilege(%s, %s, p)) FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE']) p",
            [settings.DATABASE_SITE_ROLE, name],
        )
        assert cursor.fetchone() == (False,)


def test_gap_in_the_past_is_not_filled_and_order_does_not_matter(owner_connection: Any) -> None:
    with owner_connection.cursor() as cursor:
        assert ensure_partitions(cursor, today=dt.date(2081, 3, 9), ahead=0) == ["audit_event_208103"]
        assert ensure_partitions(cursor, today=dt.date(2081, 1, 9), ahead=2) == [
            "audit_event_208101",
            "audit_event_208102",
        ]


def test_event_falls_into_the_month_of_its_time(county: County) -> None:
    with acting(county.id, "job"), connection.cursor() as cursor:
        for at in (None, dt.datetime(1999, 1, 1, tzinfo=dt.UTC)):
            event = journal.write("x", actor=job(county.id, "任务"), **({"at": at} if at else {}))
            cursor.execute(
                "SELECT tableoid::regclass::text FROM audit_event WHERE jurisdiction_id = %s AND id = %s",
                [county.id, event.pk],
            )
            expected = "audit_event_default" if at else partition_name(event.at.astimezone(dt.UTC).date())
            assert cursor.fetchone() == (expected,)


def test_indexes_and_key_are_on_every_partition() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.inhrelid::regclass::text, count(*) FROM pg_inherits i JOIN pg_index x"
            " ON x.indrelid = i.inhrelid WHERE i.inhparent = 'audit_event'::regclass GROUP BY 1"
        )
        assert {number for _, number in cursor.fetchall()} == {4}


@pytest.mark.django_db(transaction=True)
def test_command_is_the_owners_and_repeatable() -> None:
    said = StringIO()
    with as_owner(connection):
        call_command("partitions", stdout=said)
        call_command("partitions", stdout=said)
    assert said.getvalue().splitlines()[-1] == "0 partitions made"


@pytest.mark.django_db(transaction=True)
def test_ordinary_work_leaves_the_default_partition_empty(county: County) -> None:
    with acting(county.id, "job"):
        journal.write("x", actor=job(county.id, "任务"))
        assert Event.objects.filter(verb="x").count() == 1
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM audit_event WHERE jurisdiction_id = %s"
                " AND tableoid = 'audit_event_default'::regclass",
                [county.id],
            )
            assert cursor.fetchone() == (0,)
