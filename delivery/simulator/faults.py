"""Faults that a test or a demonstration switches on: slowness, lost answers, failures, refused records."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from delivery.simulator.shape import Record, is_uuid

_LONGEST_DELAY_MS = 600_000
_FORCED_CODE = "R501"


class NoSuchFault(ValueError):
    """A fault that doesn't exist or a value it can't have."""


@dataclass(frozen=True, slots=True)
class FaultSettings:
    """Delays in milliseconds; `fail_with_5xx` and `drop_reply_after_commit` count the next requests.

    Delays and failures meet deliveries and questions alike, dropped replies only deliveries.
    `reject_every` turns away every n-th record judged, `reject_records` these records.
    """

    delay_before_ms: int = 0
    delay_after_commit_ms: int = 0
    drop_reply_after_commit: int = 0
    fail_with_5xx: int = 0
    reject_every: int = 0
    reject_records: tuple[str, ...] = ()

    def changed(self, wishes: Mapping[str, object]) -> "FaultSettings":
        known = {field.name for field in fields(self)}
        if foreign := sorted(wishes.keys() - known):
            raise NoSuchFault(f"no such fault: {', '.join(foreign)}; there are {', '.join(sorted(known))}")
        values: dict[str, Any] = {name: _value(name, wish) for name, wish in wishes.items()}
        return replace(self, **values)


def parse_wishes(pairs: Sequence[str]) -> dict[str, object]:
    """`name=value` as given on the command line or in the environment; lists are separated by a plus."""
    wishes: dict[str, object] = {}
    for pair in pairs:
        name, _, value = pair.strip().partition("=")
        if name == "reject_records":
            wishes[name] = [part for part in value.split("+") if part]
        else:
            wishes[name] = int(value) if value.isascii() and value.isdigit() else value
    return wishes


class Faults:
    """The faults in force; shared by all requests."""

    def __init__(self, settings: FaultSettings) -> None:
        self._settings = settings
        self._judged = 0
        self._lock = threading.Lock()

    def change(self, wishes: Mapping[str, object]) -> None:
        with self._lock:
            self._settings = self._settings.changed(wishes)

    def as_json(self) -> str:
        return json.dumps(asdict(self._settings))

    @property
    def settings(self) -> FaultSettings:
        """The faults in force at this moment."""
        return self._settings

    @property
    def delay_before(self) -> float:
        return self._settings.delay_before_ms / 1000

    @property
    def delay_after_commit(self) -> float:
        return self._settings.delay_after_commit_ms / 1000

    def fails_now(self) -> bool:
        return self._count_down("fail_with_5xx")

    def drops_now(self) -> bool:
        return self._count_down("drop_reply_after_commit")

    def reject_code(self, record: Record) -> str | None:
        """The code with which a record is turned away for no reason of its own."""
        with self._lock:
            self._judged += 1
            settings = self._settings
            nth = settings.reject_every > 0 and self._judged % settings.reject_every == 0
            return _FORCED_CODE if nth or record.record_id in settings.reject_records else None

    def _count_down(self, name: str) -> bool:
        with self._lock:
            left = int(getattr(self._settings, name))
            if left:
                self._settings = self._settings.changed({name: left - 1})
            return left > 0


def _value(name: str, wish: object) -> Any:
    if name == "reject_records":
        if isinstance(wish, list) and all(isinstance(part, str) and is_uuid(part) for part in wish):
            return tuple(wish)
        raise NoSuchFault("reject_records takes record ids")
    if isinstance(wish, int) and not isinstance(wish, bool) and 0 <= wish <= _LONGEST_DELAY_MS:
        return wish
    raise NoSuchFault(f"{name} takes a whole number from 0 to {_LONGEST_DELAY_MS}")
