"""The private store: what goes in comes out, nothing readable lies on disk, and damage is noticed."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_platform import private_files
from credit_platform.crypto import Undecipherable


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: object) -> Path:
    settings.PRIVATE_FILES = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@given(st.lists(st.binary(max_size=70_000), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
def test_what_goes_in_comes_out(chunks: list[bytes]) -> None:
    name = str(uuid4())
    private_files.store(name, chunks)
    assert private_files.read_all(name) == b"".join(chunks)


def test_nothing_readable_on_disk(store: Path) -> None:
    name = f"{uuid4()}.pdf"
    private_files.store(name, [b"410522198501010011" * 10])
    (file,) = [path for path in store.rglob("*") if path.is_file()]
    assert b"410522" not in file.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "flipped", "swapped", "emptied"])
def test_damage_is_noticed(damage: str) -> None:
    name = str(uuid4())
    private_files.store(name, [bytes(200_000)])
    path = private_files.path_of(name)
    raw = path.read_bytes()
    first = len(b"credit-private/1\n")
    length = 4 + int.from_bytes(raw[first : first + 4], "big")
    changed = {
        "cut": raw[: first + length],
        "flipped": raw[:-1] + bytes([raw[-1] ^ 1]),
        "swapped": raw[:first] + raw[first + length : first + 2 * length] + raw[first : first + length],
        "emptied": raw[:first],
    }[damage]
    path.write_bytes(changed)
    with pytest.raises(Undecipherable):
        private_files.read_all(name)


def test_a_file_cannot_pass_for_another() -> None:
    one, two = str(uuid4()), str(uuid4())
    private_files.store(one, [b"one"])
    private_files.path_of(two).parent.mkdir(parents=True, exist_ok=True)
    private_files.path_of(one).rename(private_files.path_of(two))
    with pytest.raises(Undecipherable):
        private_files.read_all(two)
    with pytest.raises(private_files.Missing):
        private_files.read_all(one)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b", "x" * 20, "....", "0" * 100])
def test_only_names_of_ours(name: str) -> None:
    with pytest.raises(ValueError):
        private_files.path_of(name)
