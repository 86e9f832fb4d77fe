"""`python -m credit_platform.embedded [--instance X] status|stop|wipe|psql|urls`"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from . import ServiceUnavailable, services, status, stop, wipe
from .binaries import installed

_NOT_RUNNING = 3  # as `service X status` has it


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _status(instance: str) -> int:
    found = status(instance)
    if found is None:
        _say(f"{instance}: not running")
        return _NOT_RUNNING
    _say(f"{instance}: running (" + ", ".join(f"{name} {pid}" for name, pid in found.items()) + ")")
    return 0


def _stop(instance: str) -> int:
    _say(f"{instance}: stopped" if stop(instance) else f"{instance}: was not running")
    return 0


def _wipe(instance: str) -> int:
    wipe(instance)
    _say(f"{instance}: the data are gone")
    return 0


def _urls(instance: str) -> int:
    found = services(instance)
    _say(f"DATABASE_URL={found.database_url}")
    _say(f"DATABASE_OWNER_URL={found.owner_url}")
    _say(f"DATABASE_BACKUP_URL={found.backup_url}")
    _say(f"REDIS_URL={found.redis_url}")
    return 0


def _psql(instance: str) -> int:
    """A child instead of exec: this process holds the lease that keeps the servers up."""
    scheme, _, rest = services(instance).owner_url.partition("://")
    account, _, where = rest.partition("@")
    role, _, password = account.partition(":")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql
    return subprocess.call(  # noqa: S603 - argv is made by us
        [str(installed().postgres / "psql"), f"{scheme}://{role}@{where}"],
        env={**_environment(), "PGPASSWORD": password},
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


_COMMANDS = {"status": _status, "stop": _stop, "wipe": _wipe, "psql": _psql, "urls": _urls}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m credit_platform.embedded", description=__doc__)
    parser.add_argument("--instance", default="main", help="which servers (default: main; tests use test)")
    parser.add_argument("command", choices=sorted(_COMMANDS))
    arguments = parser.parse_args()
    try:
        return _COMMANDS[arguments.command](arguments.instance)
    except ServiceUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
