"""The one exception of the embedded servers, and the sentences it carries.

Every message is one line: what is wrong, then what to do about it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

_DISK_FULL = ("No space left on device", "Disk quota exceeded")
_TELLING = ("PANIC:", "FATAL:", "initdb: error:", "ERROR:")


class ServiceUnavailable(RuntimeError):
    """A database or broker cannot be had. `str()` is one line for an engineer: the cause and the cure."""


def start_over(instance: str) -> str:
    """The command that throws away the data of `instance` and begins anew."""
    if instance == "main":
        return "`make demo RESET=1` starts over"
    return f"`python -m credit_platform.embedded --instance {instance} wipe` starts over"


def disk_full(directory: Path) -> ServiceUnavailable:
    return ServiceUnavailable(f"The disk with {directory} is full: free some space there and start again.")


def has_no_room(directory: Path) -> bool:
    """Less than a megabyte left: too little even to write down what went wrong."""
    return shutil.disk_usage(directory).free < 1 << 20


def not_startable(data: Path, instance: str, log: str) -> ServiceUnavailable:
    """Explain from what PostgreSQL wrote (`log`) why it did not start from `data`."""
    if any(text in log for text in _DISK_FULL) or has_no_room(data.parent):
        return disk_full(data)
    reason = telling_line(log) or "it ended without a word"
    return ServiceUnavailable(
        f"PostgreSQL cannot start from the data folder {data}: {reason}. {start_over(instance)}."
    )


def telling_line(log: str) -> str:
    """The first line of a log that names an error, without time stamp and process id."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for mark in _TELLING:
        for line in lines:
            if mark in line:
                return line[line.index(mark) :].rstrip(".")
    return lines[-1].rstrip(".") if lines else ""
