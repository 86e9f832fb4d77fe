"""The world in which people try each other's addresses."""

import pytest

from accounts.models import User
from tests.access.world import World
from tests.factories import County


@pytest.fixture
def world(county: County, other_county: County, operator: User) -> World:
    """Two counties full of objects."""
    return World(county, other_county, operator)
