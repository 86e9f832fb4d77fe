import dataclasses
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.models import Jurisdiction
from credit_platform.identity import uuid7
from credit_platform.tenancy.context import acting
from tests.factories import County, JurisdictionFactory
from tests.probes.models import Archive, Entry, Person
from tests.tenancy.world import World, make_world


@dataclasses.dataclass
class Rows:
    """One person with an archive and an entry."""

    person: Person
    archive: Archive
    entry: Entry


def make_rows(jurisdiction: Jurisdiction, name: str = "张三") -> Rows:
    """Write a chain of probes into a county."""
    with acting(jurisdiction.pk, "office"):
        person = Person.objects.create(name=name, id_hash=str(uuid7()))
        archive = Archive.objects.create(person=person)
        return Rows(person, archive, Entry.objects.create(archive=archive))


@pytest.fixture
def here(db: None) -> Jurisdiction:
    return JurisdictionFactory(code="1", name="甲县")


@pytest.fixture
def there(db: None) -> Jurisdiction:
    return JurisdictionFactory(code="2", name="乙县")


@pytest.fixture
def own(here: Jurisdiction, there: Jurisdiction) -> Iterator[Rows]:
    """Rows of the county in which the test then acts."""
    rows = make_rows(here)
    with acting(here.pk, "office"):
        yield rows


@pytest.fixture
def foreign(there: Jurisdiction) -> Rows:
    """Rows of the other county."""
    return make_rows(there, "李四")


@pytest.fixture
def queries() -> Callable[[], AbstractContextManager[Any]]:
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def world(county: County, other_county: County) -> World:
    """Rows of every table in two counties."""
    return make_world(county, other_county)
