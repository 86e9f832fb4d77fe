"""Whether the demonstration can start without preparing anything: what makes its second start quick."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit.partitions import AHEAD, partition_name
from demo import data


def is_ready() -> bool:
    """Tell whether tables, journal, static files and accounts are all as this version wants them."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return not pending and _journal_is_ready() and _static_files_are_ready() and data.has_data()
    except Error:
        return False
    finally:
        connection.close()


def _journal_is_ready() -> bool:
    months = timezone.localdate().month - 1 + AHEAD
    last = dt.date(timezone.localdate().year + months // 12, months % 12 + 1, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition_name(last)])
        return bool(cursor.fetchone()[0])


def _static_files_are_ready() -> bool:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return False
    made = manifest.stat().st_mtime
    own = [path for folder in settings.STATICFILES_DIRS for path in folder.rglob("*")]
    sources = [*own, settings.BASE_DIR / "requirements" / "base.txt"]  # libraries bring static files too
    return all(path.stat().st_mtime <= made for path in sources)
