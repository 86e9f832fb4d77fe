"""System checks: a faulty occupation stops the program with a hint, not with a traceback in front of a
clerk."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error

from archives.schema.registry import Registry, registry

DEPARTMENT_DIFFERS = "archives.E007"


def check_occupations(
    app_configs: Sequence[AppConfig] | None, *, occupations: Registry = registry, **options: Any
) -> list[CheckMessage]:
    """Faults kept by the registry, and occupations that stand in another department's app."""
    messages: list[CheckMessage] = [
        Error(fault.message, hint=fault.hint, obj=fault.occupation, id=fault.id)
        for fault in occupations.faults
    ]
    for occupation in occupations:
        app = apps.get_containing_app_config(occupation.__module__)
        department = getattr(app, "department", occupation.department)
        if department != occupation.department:
            messages.append(
                Error(
                    f"{occupation.__qualname__} names the department {occupation.department!r}, "
                    f"but its app belongs to {department!r}.",
                    hint="Move the class into its own department's app, or correct `department`.",
                    obj=occupation,
                    id=DEPARTMENT_DIFFERS,
                )
            )
    return messages
