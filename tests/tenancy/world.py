"""Two counties full of rows, and everybody who may ask for them: for the tests of the policies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.db import connection, transaction

from archives.models import Counter, Filing
from audit import journal
from credit_platform.actors import job
from credit_platform.tenancy.context import Context, acting, as_context
from delivery.models import Batch, BatchLine
from tests.factories import Chain, County, Unit, make_chain
from tests.tenancy.query_guard import not_guarded

FACT_TABLES = ("archives_archive", "archives_annualrecord", "archives_recordpart", "archives_version",
               "archives_versionbody", "archives_outbox")  # fmt: skip


@dataclasses.dataclass
class World:
    """Rows by the name of the one they are about."""

    county: County
    other: County
    chains: dict[str, Chain]

    def context(self, who: str) -> Context:
        """Return the context of one of the kinds of actor that the tests try."""
        school, here, there = self.county.education, self.county.id, self.other.id
        agency, employer = school.agency.pk, school.employer.pk
        return {
            "agency": Context(here, "agency", agency=agency),
            "employer": Context(here, "employer", agency=agency, employer=employer),
            "office": Context(here, "office"),
            "job": Context(here, "job"),
            "person": Context(here, "person", person=self.chains["sealed teacher"].person.pk),
            "person without a seal": Context(here, "person", person=self.chains["drafted teacher"].person.pk),
            "city": Context(here, "city"),
            "lookup": Context(here, "lookup", key=self.chains["sealed teacher"].identity.number_index),
            "agency in the wrong county": Context(there, "agency", agency=agency),
            "person in the wrong county": Context(
                there, "person", person=self.chains["sealed teacher"].person.pk
            ),
            "employer of another agency": Context(
                here, "employer", agency=self.county.health.agency.pk, employer=employer
            ),
            "office of the other county": Context(there, "office"),
        }[who]

    def acting(self, who: str) -> AbstractContextManager[Any]:
        """Act as one of them."""
        return as_context(self.context(who))


def make_world(county: County, other: County) -> World:
    """Write rows of every table into both counties."""
    school = county.education
    chains = {
        "sealed teacher": make_chain(school, name="张封存"),
        "drafted teacher": make_chain(school, name="李草稿", sealed=False),
        "teacher elsewhere": make_chain(school, name="王二小", employer=school.second_employer),
        "doctor": make_chain(county.health, name="赵医师"),
        "foreign teacher": make_chain(other.education, name="钱外县"),
    }
    for name, unit in (
        ("doctor", county.health),
        ("sealed teacher", school),
        ("foreign teacher", other.education),
    ):
        _make_office_rows(unit, chains[name])
    return World(county, other, chains)


def _make_office_rows(unit: Unit, chain: Chain) -> None:
    place = unit.agency.jurisdiction_id
    with acting(place, "agency", agency=unit.agency.pk):
        Filing.objects.create(
            agency=unit.agency, occupation="x", year=2026, sealed_count=1, total_count=1, submitted_by="经办"
        )
    with acting(place, "job"):
        Counter.objects.create(series=f"series {unit.agency.pk}")
        batch = Batch.objects.create(target="county", size=1)
        BatchLine.objects.create(
            batch=batch,
            outbox=chain.outbox,
            agency=unit.agency,
            position=1,
            record_id=chain.part.pk,
            version=1,
        )
        journal.write("record.sealed", actor=job(place, "任务"), subject=chain.part)


@contextmanager
def refused_statement() -> Iterator[None]:
    """Keep the transaction usable after a statement that fails, and let it be raw."""
    with not_guarded("an attacker's SQL names what it likes"), transaction.atomic():
        yield


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run an attacker's SELECT."""
    with not_guarded("an attacker's SQL names what it likes"), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def run(statement: str, *parameters: Any) -> int:
    """Run an attacker's statement in a savepoint and return how many rows it touched."""
    with refused_statement(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def people_in(world: World, table: str) -> set[str]:
    """Return whose rows the present actor sees in a table, by the names of `make_world`."""
    names = {chain.person.pk: name for name, chain in world.chains.items()}
    column = "id" if table == "archives_person" else "person_id"
    return {names[row[0]] for row in rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")}
