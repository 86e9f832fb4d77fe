"""Django empties the tables with this command after a transactional test."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from tests.roles import as_owner


class Command(flush.Command):
    """The same, as the owner of the tables: the site role may not TRUNCATE, in tests as little as elsewhere."""

    def handle(self, **options: Any) -> None:
        with as_owner(connections[options["database"]]):
            super().handle(**options)
