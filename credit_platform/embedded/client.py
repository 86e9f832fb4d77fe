"""What the programs of the product call: get the servers, stop them, throw their data away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import locks
from .errors import ServiceUnavailable, disk_full, has_no_room, telling_line
from .place import BACKUP, CHECKOUT, OWNER, SITE, Place, locate, read_connection

_START_PATIENCE = 120.0
_leases: dict[Path, locks.Lease] = {}


@dataclass(frozen=True)
class Services:
    """Addresses of the running servers, and the folder with their data and logs."""

    database_url: str
    owner_url: str
    backup_url: str
    redis_url: str
    directory: Path


def services(instance: str = "main") -> Services:
    """The servers of `instance`: joined if they run, started if not, kept until their last user is gone.

    Safe to call again at any time, and the way to bring the servers back after their launcher was killed. The
    lease that keeps them lives as long as this process or a child forked from it. Raises ServiceUnavailable.
    """
    place = locate(instance)
    lease = _leases.get(place.directory)
    if lease is None or not lease.valid() or not _up(place):
        with locks.exclusive(place.start_lock):
            if lease is None or not lease.valid():
                _leases[place.directory] = locks.Lease(place.lease_lock)
            _ensure_up(place)
    return _addresses(place)


def _up(place: Place) -> bool:
    return place.running.exists() and locks.is_held(place.launcher_lock)


def _ensure_up(place: Place) -> None:
    """Wait for the servers, launching them if nobody does. The caller holds the start lock."""
    deadline = time.monotonic() + _START_PATIENCE
    launched = False
    while not _up(place):
        if not locks.is_held(place.launcher_lock):
            if launched:
                raise ServiceUnavailable(_why_it_failed(place))
            _launch(place)
            launched = True
        if time.monotonic() > deadline:
            raise ServiceUnavailable(
                f"The embedded servers do not answer within {_START_PATIENCE:.0f} s: "
                f"see the logs in {place.directory}."
            )
        time.sleep(0.02)


def _launch(place: Place) -> None:
    try:
        place.failure.unlink(missing_ok=True)
        place.running.unlink(missing_ok=True)
        with place.log("launcher").open("wb") as log:
            subprocess.run(  # noqa: S603 - argv is made by us
                [sys.executable, "-m", f"{__package__}.launcher", str(CHECKOUT), place.instance],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env=_launcher_environment(),
                check=False,
            )
    except OSError as error:
        raise ServiceUnavailable(f"The embedded servers cannot be started: {error}.") from error


def _launcher_environment() -> dict[str, str]:
    """Ours, less what would lead psycopg2 or Python elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "PYTHON"))}
    return kept | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}


def _why_it_failed(place: Place) -> str:
    with suppress(OSError):
        if said := place.failure.read_text():  # empty when the disk had no room for it
            return said
    if has_no_room(place.directory):
        return str(disk_full(place.directory))
    reason = telling_line(place.log("launcher").read_text()) or "it was killed"
    return f"The launcher of the embedded servers ended: {reason}. Its log is {place.log('launcher')}."


def _addresses(place: Place) -> Services:
    connection = read_connection(place)
    if connection is None:
        raise ServiceUnavailable(f"{place.connection_file} vanished: start again.")
    return Services(
        database_url=connection.database_url(SITE, connection.site_password),
        owner_url=connection.database_url(OWNER, connection.owner_password),
        backup_url=connection.database_url(BACKUP, connection.backup_password),
        redis_url=connection.redis_url,
        directory=place.directory,
    )


def status(instance: str = "main") -> dict[str, int] | None:
    """Process ids of launcher and servers, or None if they are not (all) up. Starts nothing."""
    place = locate(instance)
    if not _up(place):
        return None
    try:
        found: dict[str, int] = json.loads(place.running.read_text())
    except FileNotFoundError:
        return None
    return found


def stop(instance: str = "main") -> bool:
    """Stop the servers now, whoever uses them (the next `services()` starts them). False if none ran."""
    place = locate(instance)
    with locks.exclusive(place.start_lock):
        return _stop(place)


def _stop(place: Place) -> bool:
    """The caller holds the start lock, so nobody starts a new launcher meanwhile."""
    if not locks.is_held(place.launcher_lock):
        return False
    deadline = time.monotonic() + 30
    while locks.is_held(place.launcher_lock):
        with suppress(OSError, ValueError, KeyError):
            os.kill(json.loads(place.running.read_text())["launcher"], signal.SIGTERM)
        if time.monotonic() > deadline:
            raise ServiceUnavailable(f"The embedded servers do not stop: see the logs in {place.directory}.")
        time.sleep(0.05)
    return True


def wipe(instance: str = "main") -> None:
    """Stop the servers and delete their data. Addresses stay good for the next `services()`.

    Refuses with ServiceUnavailable while another process uses them. The caller may hold a lease itself.
    """
    place = locate(instance)
    with locks.exclusive(place.start_lock):
        lease = _leases.get(place.directory)
        held = lease if lease is not None and lease.valid() else locks.Lease(place.lease_lock)
        if not held.only_user():
            if held is not lease:
                os.close(held.handle)
            raise ServiceUnavailable(
                f"The servers of '{instance}' are in use by another process: stop it first "
                "(Ctrl-C where `make demo` runs), then try again."
            )
        _stop(place)
        for folder in (place.data, place.data.with_name("postgres.new")):
            shutil.rmtree(folder, ignore_errors=True)
        if held is not lease:
            os.close(held.handle)
        if place.data.exists():
            raise ServiceUnavailable(f"{place.data} cannot be deleted: delete it by hand.")
