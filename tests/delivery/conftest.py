"""Municipal platforms as processes of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.processes import Simulator


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A platform with an empty store, whose faults may be switched."""
    platform = Simulator(tmp_path, "--allow-faults", "--read-timeout", "2").start()
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def standing_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One platform for all tests of a module that neither break it nor look at its whole store."""
    platform = Simulator(tmp_path_factory.mktemp("platform")).start()
    yield platform
    platform.stop()
