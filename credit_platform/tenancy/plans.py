"""How PostgreSQL plans statements that count a whole county, or fill an empty table."""

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


@contextmanager
def finding_by_index() -> Iterator[None]:
    """Within it, no table is gone through as a whole where an index leads to the row. Call it inside a transaction.

    For writing thousands of rows: what checks a foreign key is planned once for a connection, and for a table that was
    empty then, goes through all rows that have come in since, for each new one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = on")
