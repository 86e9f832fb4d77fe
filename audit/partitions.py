"""Monthly partitions of the journal, made by the owner of the tables."""

import datetime as dt
from typing import Any

from django.conf import settings

AHEAD = 24
"""Months that always exist in advance."""


def ensure_partitions(cursor: Any, *, today: dt.date, ahead: int = AHEAD) -> list[str]:
    """Create the missing partitions from the month of `today` to `ahead` months later; return their names.

    The site role gets no right on a partition: only the parent table carries the policies.
    """
    made = []
    for offset in range(ahead + 1):
        first, following = _month(today, offset), _month(today, offset + 1)
        name = partition_name(first)
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute(
                f'CREATE TABLE "{name}" PARTITION OF audit_event'
                f" FOR VALUES FROM ('{first.isoformat()} 00:00:00+00') TO ('{following.isoformat()} 00:00:00+00')"
            )
            cursor.execute(f'REVOKE ALL ON "{name}" FROM "{settings.DATABASE_SITE_ROLE}"')
            made.append(name)
    return made


def partition_name(month: dt.date) -> str:
    """Return the table that holds the events of a month."""
    return f"audit_event_{month:%Y%m}"


def _month(day: dt.date, offset: int) -> dt.date:
    months = day.year * 12 + day.month - 1 + offset
    return dt.date(months // 12, months % 12 + 1, 1)
