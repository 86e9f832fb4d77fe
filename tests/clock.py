"""A present that a test moves."""

from __future__ import annotations

import datetime as dt
from typing import Self
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

CHINA = ZoneInfo("Asia/Shanghai")


class Clock:
    """What the program takes for the present."""

    def __init__(self, day: dt.date) -> None:
        self.go(day, 8)

    def go(self, day: dt.date, hour: int = 9, minute: int = 0) -> None:
        self.at = dt.datetime.combine(day, dt.time(hour, minute), CHINA)


def moved_clock(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> Clock:
    """Put a clock in place of the machine's that shows eight o'clock of `day` until it is moved."""
    moved = Clock(day)

    class Moved(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(moved.at.timestamp(), tz)

    monkeypatch.setattr(timezone, "datetime", Moved)
    return moved
