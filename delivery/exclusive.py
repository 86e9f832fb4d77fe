"""At most one worker delivers to one platform at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection


@contextmanager
def exclusive(jurisdiction_id: int, target: str) -> Iterator[bool]:
    """Yield whether the session's advisory lock for this platform was free.

    The lock dies with the worker's connection, so a killed worker leaves nothing behind. It only saves work: were
    it lost, the batch id would still make every version take effect once.
    """
    key = zlib.crc32(f"delivery:{jurisdiction_id}:{target}".encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [jurisdiction_id, key])
        taken = bool(cursor.fetchone()[0])
    try:
        yield taken
    finally:
        if taken:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [jurisdiction_id, key])
            except Error:
                connection.close()  # the lock goes with the connection
