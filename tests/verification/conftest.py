"""The service as a process of its own, and a county that asks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archives.models import IdentityService
from tests.factories import County
from tests.verification.service import Population, service_in


@pytest.fixture
def population(tmp_path: Path) -> Iterator[Population]:
    """A service whose register is empty and whose faults may be switched."""
    service = Population(tmp_path).start()
    yield service
    service.stop()


@pytest.fixture
def service(county: County) -> IdentityService:
    """The service of the county, by its rules."""
    return service_in(county)
