"""Finds the occupations that the installed departments' apps declare."""

from collections.abc import Iterable

from django.utils.module_loading import autodiscover_modules

from archives.schema.registry import Registry, registry


def discover(known_departments: Iterable[str], *, into: Registry = registry) -> None:
    """Import `occupations` of every installed app, which registers them, and hold them to the known
    departments.

    To be called once from an `AppConfig.ready`. The departments are handed over because this package knows
    none.
    """
    into.know_departments(known_departments)
    autodiscover_modules("occupations")
