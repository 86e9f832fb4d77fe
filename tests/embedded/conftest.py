"""A checkout of its own for every test: launcher, folder and id all hang on the checkout's path."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from credit_platform.embedded.place import Place, locate, read_connection, write_connection
from credit_platform.embedded.ports import free_port
from credit_platform.embedded.processes import processes_of, server_account

CHECKOUT = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from credit_platform.embedded import services
found = services(sys.argv[1])
print(found.database_url, found.owner_url, found.backup_url, found.redis_url, flush=True)
for line in sys.stdin:
    found = services(sys.argv[1])
    print(found.database_url, found.owner_url, found.backup_url, found.redis_url, flush=True)
time.sleep(600)
"""


def eventually(condition: Callable[[], bool], within: float) -> bool:
    """Whether `condition` comes true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass
class User:
    """A process that uses the servers until it is killed."""

    process: "subprocess.Popen[str]"
    site: str
    owner: str
    backup: str
    redis: str

    def ask_again(self) -> list[str]:
        """Let the process call services() once more, and return the addresses it got."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


@dataclass
class Checkout:
    root: Path
    prepared: Place | None = None  # whose data its instances start with
    users: list[User] = field(default_factory=list)
    _seeded: set[str] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A Python of this checkout, to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def command(self, *arguments: str, instance: str = "test") -> "subprocess.CompletedProcess[str]":
        self.place(instance)
        return self.run("-m", "credit_platform.embedded", "--instance", instance, *arguments)

    def use(self, instance: str = "test") -> User:
        self.place(instance)
        process = subprocess.Popen(
            [sys.executable, "-c", USER, instance],
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        words = process.stdout.readline().split()
        assert len(words) == 4, "services() failed in the process, see its words above"
        user = User(process, *words)
        self.users.append(user)
        return user

    def place(self, instance: str = "test") -> Place:
        found = locate(instance, self.root)
        if self.prepared and instance not in self._seeded:
            self._seeded.add(instance)
            connection = read_connection(self.prepared)
            assert connection
            subprocess.run(["cp", "-a", self.prepared.data, found.data], check=True)
            write_connection(found, replace(connection, postgres_port=free_port(), valkey_port=free_port()))
        return found

    def servers(self, instance: str = "test") -> list[int]:
        return processes_of(self.place(instance).marker, server_account())

    def end(self) -> None:
        for user in self.users:
            user.kill()
        folder = locate("test", self.root).directory.parent
        for instance in ("test", "main"):
            marker = locate(instance, self.root).marker
            assert eventually(lambda marker=marker: not processes_of(marker, server_account()), 10)
        shutil.rmtree(folder, ignore_errors=True)


def new_checkout(root: Path) -> Checkout:
    """A checkout with nothing but the package under test."""
    source, target = CHECKOUT / "credit_platform", root / "credit_platform"
    target.mkdir(parents=True)
    (target / "__init__.py").touch()
    shutil.copytree(source / "embedded", target / "embedded", ignore=shutil.ignore_patterns("__pycache__"))
    return Checkout(root)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A finished data folder. Copying it saves every test the seconds in which another would be made."""
    made = new_checkout(tmp_path_factory.mktemp("prepared") / "checkout")
    assert made.command("urls").returncode == 0
    made.command("stop")
    yield made.place()
    made.end()


def seeded_checkout(root: Path, prepared: Place) -> Checkout:
    made = new_checkout(root)
    made.prepared = prepared
    return made


@pytest.fixture
def checkout(tmp_path: Path, prepared: Place) -> Iterator[Checkout]:
    made = seeded_checkout(tmp_path / "checkout", prepared)
    yield made
    made.end()


@pytest.fixture
def neighbour(tmp_path: Path, prepared: Place) -> Iterator[Checkout]:
    made = seeded_checkout(tmp_path / "neighbour", prepared)
    yield made
    made.end()


def signal_to(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
