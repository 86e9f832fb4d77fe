"""File locks: the kernel gives them back when their last holder is gone, however it went.

`flock` belongs to the open file description: a forked child shares its parent's lock, an executed program
does not (Python opens files close-on-exec).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(handle: int) -> bool:
    """Take the lock if nobody else holds it. A shared lock of the same handle is lost when this fails."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Wait for the lock and hold it."""
    handle = open_lock(file)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_held(file: Path) -> bool:
    """Whether some process holds `file` exclusively."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def same_file(handle: int, file: Path) -> bool:
    """Whether `handle` is open on what `file` names now: not after the file was deleted or made anew."""
    try:
        ours, there = os.fstat(handle), file.stat()
    except OSError:
        return False
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


class Lease:
    """A shared lock for the life of this process and of the children it forks."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.handle = open_lock(file)
        fcntl.flock(self.handle, fcntl.LOCK_SH)

    def valid(self) -> bool:
        """False when a daemonising parent closed our handle, or when the file was replaced."""
        return same_file(self.handle, self.file)

    def only_user(self) -> bool:
        """Whether no other process holds it. Call under the start lock: for a moment we hold nothing."""
        alone = try_exclusive(self.handle)
        fcntl.flock(self.handle, fcntl.LOCK_SH)
        return alone
