"""System checks: the rules that tenant models must keep so that the data can be sharded by county later."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import models

from credit_platform.tenancy.fields import TenantForeignKey, is_tenant


def check_tenant_models(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """Return an error for each broken rule of a tenant model."""
    found: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if is_tenant(model):
            found += [*_check_fields(model), *_check_keys(model), *_check_managers(model)]
        found += _check_many_to_many(model)
    return found


def _check_fields(model: type[models.Model]) -> Iterator[CheckMessage]:
    fields: list[Any] = list(model._meta.local_fields)
    for field in fields:
        if field.primary_key or field.name == "jurisdiction":
            continue
        is_reference = isinstance(field, models.ForeignKey)
        if field.unique or (field.db_index and not is_reference):
            yield _error(model, field.name, "E001", "index and uniqueness begin with the jurisdiction")
        if is_reference and is_tenant(field.related_model) and not isinstance(field, TenantForeignKey):
            yield _error(model, field.name, "E002", "a reference to tenant data is a TenantForeignKey")
        if is_reference and not is_tenant(field.related_model) and field.db_index:
            yield _error(model, field.name, "E003", "an index begins with the jurisdiction: db_index=False")
        if is_reference and _is_djangos_own(field.related_model) and field.db_constraint:
            yield _error(model, field.name, "E004", "no constraint to Django's own tables")


def _check_keys(model: type[models.Model]) -> Iterator[CheckMessage]:
    for index in model._meta.indexes:
        if not index.fields or index.fields[0] != "jurisdiction":
            yield _error(model, index.name, "E005", "an index begins with the jurisdiction")
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and (
            not constraint.fields or constraint.fields[0] != "jurisdiction"
        ):
            yield _error(model, constraint.name, "E006", "uniqueness begins with the jurisdiction")
    for names in model._meta.unique_together:
        if names[0] != "jurisdiction":
            yield _error(model, "unique_together", "E006", "uniqueness begins with the jurisdiction")


def _check_managers(model: type[models.Model]) -> Iterator[CheckMessage]:
    for manager in (model._default_manager, model._base_manager):
        if not getattr(manager, "names_jurisdiction", False):
            yield _error(
                model, manager.name, "E008", "every manager that Django uses by itself is a TenantManager"
            )


def _check_many_to_many(model: type[models.Model]) -> Iterator[CheckMessage]:
    for field in model._meta.local_many_to_many:
        through: Any = field.remote_field.through
        if through._meta.auto_created and (is_tenant(model) or is_tenant(field.related_model)):
            yield _error(model, field.name, "E007", "no automatic many-to-many with tenant tables")


def _is_djangos_own(model: Any) -> bool:
    return bool(model._meta.app_config.name.startswith("django."))


def _error(model: type[models.Model], part: str, code: str, rule: str) -> CheckMessage:
    return Error(f"{model._meta.label}.{part}: {rule}", obj=model, id=f"tenancy.{code}")
