"""Progress as a picture: shades of the heat-map, the ranking of agencies, the line of punctuality. Pure."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

from oversight.progress import MONTHS, GroupProgress, Progress, percent

TARGET = 95
"""Per cent of deliveries on time that the line is compared with."""
_SHADES = ((98, 4), (90, 3), (80, 2), (60, 1))
_LEFT, _STEP, _TOP, _HEIGHT = 34, 24, 16, 80


@dataclasses.dataclass(frozen=True)
class Cell:
    """`percent` confirmed by the end of the month; None: the month has not begun, or there is nobody."""

    month: int
    percent: int | None
    shade: int = 0
    overdue: int = 0


@dataclasses.dataclass(frozen=True)
class Place:
    """An agency in the ranking; without anybody to keep records of it has no rank."""

    rank: int | None
    name: str
    sealed: int
    people: int
    percent: int | None


def shade(value: int) -> int:
    """Return which of the five shades a percentage has."""
    return next((number for bound, number in _SHADES if value >= bound), 0)


def cells_of(group: GroupProgress, progress: Progress) -> list[Cell]:
    """Return the twelve cells of a group's row."""
    cells = []
    for month in MONTHS:
        value = percent(group.sealed_by(month), group.people) if month <= progress.shown else None
        overdue = group.months[month].overdue
        cells.append(Cell(month, value, shade(value or 0), overdue))
    return cells


def ranking(progress: Progress) -> list[Place]:
    """Return the agencies by the share of confirmed records; equal shares share a rank."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in progress.groups:
        count = sums[group.responsibility.agency.name]
        count[0] += group.sealed
        count[1] += group.people
    ordered = sorted(sums.items(), key=lambda one: (-(one[1][0] / one[1][1]) if one[1][1] else 1, one[0]))
    places: list[Place] = []
    for position, (name, (sealed, people)) in enumerate(ordered, 1):
        share = percent(sealed, people)
        above = places[-1] if places else None
        rank = above.rank if above and above.percent == share else position
        places.append(Place(rank if people else None, name, sealed, people, share))
    return places


def punctuality(progress: Progress) -> dict[str, Any]:
    """Return the line of deliveries on time: a point for each month in which something was due, and its axes."""
    points = []
    for month in MONTHS:
        due = sum(group.months[month].due for group in progress.groups)
        on_time = sum(group.months[month].on_time for group in progress.groups)
        value = percent(on_time, due)
        if value is not None:
            points.append(
                {
                    "month": month,
                    "percent": value,
                    "due": due,
                    "on_time": on_time,
                    "x": _x(month),
                    "y": _y(value),
                }
            )
    return {
        "points": points,
        "path": " ".join(f"{point['x']},{point['y']}" for point in points),
        "ticks": [{"percent": one, "y": _y(one)} for one in (0, 25, 50, 75, 100)],
        "months": [{"month": month, "x": _x(month)} for month in MONTHS],
        "target": TARGET,
        "target_y": _y(TARGET),
    }


def _x(month: int) -> int:
    return _LEFT + (month - 1) * _STEP


def _y(value: int) -> float:
    return _TOP + _HEIGHT - value * _HEIGHT / 100
