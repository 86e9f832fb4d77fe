"""Names that change: what a unit or a group was called at a moment. What was sealed shows the name of its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any


def name_at(current: str, former: Sequence[Any], moment: dt.datetime | None) -> str:
    """Return the name at a moment (None: now). `former`: `{"name": …, "until": ISO instant}`, the oldest first."""
    if moment is not None:
        for entry in former:
            if moment < dt.datetime.fromisoformat(entry["until"]):
                return str(entry["name"])
    return current


def renamed(current: str, former: Sequence[Any], *, at: dt.datetime) -> list[Any]:
    """Return the former names of something that bears `current` and gets another name at that moment."""
    return [*former, {"name": current, "until": at.isoformat()}]
