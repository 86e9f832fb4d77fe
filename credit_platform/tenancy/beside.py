"""One thread beside the caller's, so that the database works on one thing while the program prepares the next.

PostgreSQL and the program have a processor each; one after the other they would leave one idle. The thread has a
connection of its own and no context: what it does opens its own transaction, as whoever it acts for. Within a
transaction of the caller nothing runs beside: another connection would not see what is not committed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

from django.db import connection


class Beside:
    """Does one thing at a time beside the caller. What it raises is raised at the next call, or when the block ends.

    `given_up` is set when the caller's block has failed: what goes on for long beside it asks for that, and stops.
    """

    def __init__(self) -> None:
        self.given_up = Event()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._pending: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def do(self, act: Callable[[], object]) -> None:
        """Wait until the one before is done, then let this be done. Raises what the one before raised."""
        self._wait()
        if connection.in_atomic_block:
            act()
        else:
            self._pending = self._pool.submit(act)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all is done. Raises what it raised, unless the block itself failed."""
        if kind is not None:
            self.given_up.set()
        try:
            if kind is None:
                self._wait()
        finally:
            self._pool.submit(_close)
            self._pool.shutdown()

    def _wait(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()


def _close() -> None:
    connection.close()  # the one of the thread that calls this
