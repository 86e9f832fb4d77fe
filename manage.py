#!/usr/bin/env python3
"""Command line of the site. Commands that change tables run as their owner, all others as the restricted role."""

import os
import sys

OWNER_COMMANDS = frozenset(
    {"migrate", "makemigrations", "partitions", "prepare", "sqlmigrate", "showmigrations"}
)


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("CREDIT_DB_ROLE", "owner")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # settings must be chosen first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
