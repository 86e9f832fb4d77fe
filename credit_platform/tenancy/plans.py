"""How PostgreSQL plans statements that count a whole county."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def joining_wholes() -> Iterator[None]:
    """Within it, tables are joined as wholes, not row by row. Call it inside a transaction.

    The planner cannot see how many rows row-level security leaves: it expects a few hundred, and would look up each of
    50,000 people by itself, which takes three times as long; of a table that has just been filled it expects one.
    What asks for a page of rows does not belong in here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    # After an error the transaction is over, and the setting with it.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")
