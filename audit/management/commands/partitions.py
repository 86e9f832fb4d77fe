"""`manage.py partitions`: make the monthly partitions of the journal in advance."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from audit.partitions import ensure_partitions


class Command(BaseCommand):
    """Run monthly, as the owner of the tables; running it again does nothing."""

    help = "Create the journal's partitions for the coming two years."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing and print it."""
        with transaction.atomic(), connection.cursor() as cursor:
            made = ensure_partitions(cursor, today=timezone.localdate())
        self.stdout.write(f"{len(made)} partitions made")
