"""A folder of packs that a test may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from agencies import packfile
from agencies.models import Jurisdiction


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: Jurisdiction) -> Path:
    """A folder with the packs, to be changed."""
    for path in packfile.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(packfile, "FOLDER", tmp_path)
    return tmp_path
