from collections.abc import Iterator

import pytest

from credit_platform.actors import Actor
from tests.factories import Chain, County, actor, make_chain


@pytest.fixture
def chain(county: County) -> Chain:
    """A teacher's draft."""
    return make_chain(county.education, name="李草稿", sealed=False)


@pytest.fixture
def clerk(county: County) -> Actor:
    return actor(county.education.clerk)


@pytest.fixture
def reviewer(county: County) -> Actor:
    return actor(county.education.reviewer)


@pytest.fixture
def as_agency(county: County) -> Iterator[None]:
    """Act as the education agency."""
    with county.education.acting():
        yield
