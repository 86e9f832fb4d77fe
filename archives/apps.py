"""Application configuration of archives."""

from django.apps import AppConfig
from django.core.checks import register

from agencies.departments import DEPARTMENTS
from archives.catalogue import check_catalogue
from archives.schema.checks import check_occupations
from archives.schema.discovery import discover


class ArchivesConfig(AppConfig):
    """Persons, archives, yearly records and their sealed versions."""

    name = "archives"
    verbose_name = "信用档案"

    def ready(self) -> None:
        """Find what the departments' apps declare, and check it."""
        discover(DEPARTMENTS)
        register(check_occupations)
        register(check_catalogue)
