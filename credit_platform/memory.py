"""When Python looks for cycles of dead objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_by_hand() -> Iterator[None]:
    """Let the caller say, by `gc.collect()`, when cycles are collected.

    Pages that are laid out, rows that are judged, are hundreds of thousands of objects, all alive until they are
    written; walking them over and over takes a sixth of the time.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
