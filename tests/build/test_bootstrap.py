"""What scripts/bootstrap does about missing packages, with stand-ins for python, id and apt-get."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LINE = "apt-get update && apt-get install -y --no-install-recommends "


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the script and the lock files, and a folder `bin` for stand-ins."""
    root = tmp_path / "a checkout"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(CHECKOUT / "scripts" / "bootstrap", root / "scripts")
    shutil.copytree(CHECKOUT / "requirements", root / "requirements")
    (root / "bin").mkdir()
    return root


def stand_in(checkout: Path, name: str, script: str) -> None:
    file = checkout / "bin" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def python_without(checkout: Path, *words: str) -> None:
    """A Python that fails whenever its arguments mention one of `words`."""
    cases = "|".join(f'*"{word}"*' for word in words)
    stand_in(checkout, "python3.11", f'case "$*" in {cases}) exit 1 ;; esac\nexec "{sys.executable}" "$@"')


def bootstrap(checkout: Path, name: str = "base") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["scripts/bootstrap", name],
        cwd=checkout,
        env={**os.environ, "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_user_is_told_the_one_line_for_root(checkout: Path) -> None:
    stand_in(checkout, "id", "echo 1000")
    stand_in(checkout, "apt-get", "touch apt-was-called")
    python_without(checkout, "ensurepip", "libpangoft2-1.0.so.0")
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"{LINE}python3-venv libpangoft2-1.0-0"
    assert not (checkout / "apt-was-called").exists()
    assert not (checkout / ".venv").exists()


def test_root_installs_what_is_missing_and_nothing_else(checkout: Path) -> None:
    stand_in(checkout, "id", "echo 0")
    stand_in(checkout, "apt-get", 'echo "$DEBIAN_FRONTEND $*" >>apt-was-called')
    python_without(checkout, "libharfbuzz-subset")
    done = bootstrap(checkout)
    update, install = (checkout / "apt-was-called").read_text().splitlines()
    assert update.startswith("noninteractive ")
    assert update.endswith(" update")
    assert install.endswith(" install -y --no-install-recommends libharfbuzz-subset0")
    assert done.returncode == 1  # the stand-in brought nothing
    assert "not found: libharfbuzz-subset0" in done.stderr


def test_a_finished_environment_is_left_alone(checkout: Path) -> None:
    stand_in(checkout, "apt-get", "touch apt-was-called")
    stand_in(checkout, "pip", "touch pip-was-called")
    python_without(checkout, "-m venv")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(checkout / "bin" / "python3.11")
    assert bootstrap(checkout).returncode == 1  # made by nobody knows whom: it wants a new one
    version = subprocess.run(
        [sys.executable, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True
    ).stdout.replace("\n", " ")
    lock = checkout / "requirements" / "dev.txt"
    digest = subprocess.run(
        ["sha256sum"], stdin=lock.open(), capture_output=True, text=True, check=True
    ).stdout
    (checkout / ".venv" / ".made-for-dev").write_text(f"{version}{checkout}\n{digest}")
    for name in ("dev", "base"):
        done = bootstrap(checkout, name)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    lock.write_text(lock.read_text() + "# changed\n")
    assert bootstrap(checkout, "dev").returncode == 1


def test_an_environment_behind_a_link_is_not_emptied(checkout: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "kept").write_text("")
    (checkout / ".venv").symlink_to(other)
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert ".venv is a link to another checkout's environment" in done.stderr
    assert (other / "bin" / "kept").exists()


def test_usage(checkout: Path) -> None:
    done = bootstrap(checkout, "everything")
    assert done.returncode == 2
    assert done.stderr == "usage: scripts/bootstrap base|dev\n"
