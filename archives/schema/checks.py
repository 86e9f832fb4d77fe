"""System checks: a faulty occupation stops the program with a hint, not with a traceback in front of a
clerk."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error

from archives.schema.kinds.registry import KindRegistry
from archives.schema.kinds.registry import kinds as known_kinds
from archives.schema.occupations import Occupation
from archives.schema.registry import Registry, registry

DEPARTMENT_DIFFERS = "archives.E007"
UNKNOWN_KIND = "archives.E015"


def check_occupations(
    app_configs: Sequence[AppConfig] | None,
    *,
    occupations: Registry = registry,
    kinds: KindRegistry = known_kinds,
    **options: Any,
) -> list[CheckMessage]:
    """Faults kept by the registries, occupations in another department's app or with unknown kinds."""
    messages: list[CheckMessage] = [
        Error(fault.message, hint=fault.hint, obj=fault.occupation, id=fault.id)
        for fault in occupations.faults
    ]
    messages += [Error(fault.message, hint=fault.hint, obj=fault.kind, id=fault.id) for fault in kinds.faults]
    for occupation in occupations:
        messages += _unknown_kinds(occupation, kinds)
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


def _unknown_kinds(occupation: type[Occupation], kinds: KindRegistry) -> list[CheckMessage]:
    """Kinds and sections that `contents` and `must_record` name and nobody declares."""
    unknown = [code for code in occupation.kinds if code not in kinds]
    unknown += [code for code in occupation.must_record if code not in occupation.kinds]
    unknown += [
        name
        for content in occupation.contents
        for name in content.sections
        if name not in occupation.sections
    ]
    if not unknown:
        return []
    message = f"{occupation.__qualname__} names what nobody declares: {', '.join(unknown)}."
    hint = "Declare the kind with register_kind, the section in the class, or correct the name in `contents`."
    return [Error(message, hint=hint, obj=occupation, id=UNKNOWN_KIND)]
