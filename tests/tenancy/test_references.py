"""References that policies do not see: foreign-key checks look past row-level security."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from archives.models import AnnualRecord, Archive, Outbox, Version, VersionBody
from audit import journal
from credit_platform.actors import Actor
from credit_platform.identity import uuid7
from credit_platform.tenancy.context import acting
from tests.tenancy.world import World

pytestmark = pytest.mark.django_db
BROKEN_KEY = (IntegrityError, "foreign key")


def owners(world: World, chain: str) -> dict[str, Any]:
    archive = world.chains[chain].archive
    return {
        "agency_id": archive.agency_id,
        "employer_id": archive.employer_id,
        "person_id": archive.person_id,
    }


@pytest.mark.parametrize("parent", ["doctor", "foreign teacher"])
def test_child_of_another_agencys_or_countys_row_is_refused(world: World, parent: str) -> None:
    """Foreign-key checks see past row-level security: the keys themselves hold agency and county."""
    own, other, now = owners(world, "sealed teacher"), world.chains[parent], timezone.now()
    sealed = {"digest": "x", "schema_digest": "x", "sealed_at": now}
    with acting(other.part.jurisdiction_id, "job"):
        bare = Version.objects.create(part=other.part, number=2, **owners(world, parent), **sealed)
    attempts: list[tuple[type[Any], dict[str, Any]]] = [
        (AnnualRecord, {"archive_id": other.archive.pk, "year": 2025, "occupation": "x"}),
        (Version, {"part_id": other.part.pk, "number": 9, **sealed}),
        (VersionBody, {"version_id": bare.pk, "content": {}, "sealed_at": now}),
        (
            Outbox,
            {
                "version_id": bare.pk,
                "part_id": other.part.pk,
                "target": "z",
                "due_at": now,
                "changed_at": now,
            },
        ),
    ]
    for who in ("agency", "employer", "job"):
        for model, values in attempts:
            # An employer never seals, so its policy refuses before any key is looked at.
            seals = model is not AnnualRecord
            error = (ProgrammingError, "row-level security") if who == "employer" and seals else BROKEN_KEY
            with world.acting(who), pytest.raises(error[0], match=error[1]), transaction.atomic():
                model.objects.create(**own, **values)


@pytest.mark.req("AY-N1")
def test_employer_cannot_write_a_sealed_version_of_its_own_people(world: World) -> None:
    """Fillers fill in; without the second person's agency nothing becomes a version, not even in SQL."""
    part, now = world.chains["sealed teacher"].part, timezone.now()
    own = owners(world, "sealed teacher") | {
        "number": 2,
        "digest": "x",
        "schema_digest": "x",
        "sealed_at": now,
    }
    with world.acting("agency"), transaction.atomic():
        Version.objects.create(part=part, **own)
        transaction.set_rollback(True)
    with (
        world.acting("employer"),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Version.objects.create(part=part, **own)


@pytest.mark.req("AY-18")
def test_nobody_writes_into_another_units_story(world: World) -> None:
    other = world.chains["doctor"].part
    actor = Actor(jurisdiction_id=other.jurisdiction_id, kind="agency", name="冒名", role="clerk")
    for who in ("agency", "employer"):
        with (
            world.acting(who),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            journal.write("record.sealed", actor=actor, subject=other)


def test_person_of_another_county_is_refused(world: World) -> None:
    own = owners(world, "sealed teacher") | {"person_id": world.chains["foreign teacher"].person.pk}
    with world.acting("agency"), pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        Archive.objects.create(**own, occupation="x", name="x", name_sort="x", number="x", number_mask="x")


def test_unknown_parent_and_foreign_parent_look_the_same(world: World) -> None:
    """Otherwise the error would tell whether an id exists elsewhere."""
    codes = set()
    for archive_id in (
        uuid7(),
        world.chains["doctor"].archive.pk,
        world.chains["foreign teacher"].archive.pk,
    ):
        with world.acting("agency"), pytest.raises(IntegrityError) as caught, transaction.atomic():
            AnnualRecord.objects.create(
                **owners(world, "sealed teacher"), archive_id=archive_id, year=2025, occupation="x"
            )
        codes.add(caught.value.__cause__.pgcode)  # type: ignore[union-attr]
    assert codes == {"23503"}
