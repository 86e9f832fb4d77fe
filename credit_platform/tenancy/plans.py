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


def plan_anew() -> None:
    """Let this connection plan its statements anew, those of foreign keys too. For work that fills tables quickly.

    A plan that was made when a table was empty may go through an index of the whole county for every key it checks,
    and stays until the table is analysed: in a county's first large import that took two thirds of the time.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
