"""The world in which people try each other's addresses."""

from typing import Any

import pytest

from accounts.models import User
from tests.access.world import World
from tests.factories import County


@pytest.fixture
def world(county: County, other_county: County, operator: User, settings: Any) -> World:
    """Two counties full of objects."""
    return World(county, other_county, operator)
