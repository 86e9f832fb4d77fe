"""Starting server processes that die with their parent, and finding what is left of them."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """The user under whom the servers run when we are root."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """`nobody` for root, None (ourselves) for anyone else: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def dies_with_parent(death_signal: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `death_signal` to the child when the parent's thread ends.

    Runs after the change of user (which would clear the setting). Only for parents that start their children
    from a thread that lives as long as they do.
    """
    parent = os.getpid()

    def arm() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return arm


def spawn(
    argv: Sequence[str | Path],
    *,
    account: Account | None,
    log: IO[bytes],
    cwd: Path,
    death_signal: int,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a server as `account`, with a clean environment, its words going to `log`."""
    return subprocess.Popen(  # noqa: S603 - argv is made by us
        [str(part) for part in argv],
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=clean_environment(),
        preexec_fn=dies_with_parent(death_signal),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def clean_environment() -> Mapping[str, str]:
    """No PG* variables of the caller, and messages in a language we can recognise."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def processes_of(marker: str, account: Account | None) -> list[int]:
    """Ids of the PostgreSQL and Valkey processes that carry `marker` in their title and run as `account`.

    PostgreSQL's backends lead process groups of their own and outlive a killed postmaster, so neither group
    nor parent finds them; their title does (cluster_name), and /proc shows it to everyone.
    """
    uid = account.uid if account else os.geteuid()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            if folder.stat().st_uid == uid and _is_ours((folder / "cmdline").read_bytes(), marker):
                found.append(int(folder.name))
    return found


def _is_ours(cmdline: bytes, marker: str) -> bool:
    title = cmdline.decode(errors="replace")
    if title.startswith((f"postgres: {marker}: ", f"valkey-server {marker} ")):
        return True
    arguments = title.split("\0")
    return arguments[0].endswith("/postgres") and f"cluster_name={marker}" in arguments


def kill_all(marker: str, account: Account | None, *, grace: float) -> bool:
    """Give what carries `marker` `grace` seconds to end, then kill it; False if some cannot be killed."""
    deadline = time.monotonic() + grace
    while processes_of(marker, account):
        if time.monotonic() > deadline:
            for pid in processes_of(marker, account):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline + 10:
            return False
        time.sleep(0.02)
    return True
