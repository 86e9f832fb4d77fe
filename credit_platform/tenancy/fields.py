"""Fields of tenant models: the jurisdiction itself, and references that name it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.db import models

from credit_platform.tenancy.context import jurisdiction_id

_M = TypeVar("_M", bound=models.Model, covariant=True)


class JurisdictionField(models.ForeignKey[Any, Any]):
    """The first column of every key of a tenant table. Its presence makes a table a tenant table."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("to", settings.TENANT_JURISDICTION_MODEL)
        options.setdefault("on_delete", models.PROTECT)
        options.update(editable=False, db_index=False, related_name="+")
        options.setdefault("default", jurisdiction_id)
        super().__init__(*args, **options)


class TenantForeignKey(models.ForeignKey[_M, _M]):
    """A reference within the county: joins, look-ups and the constraint all name the jurisdiction.

    `within` names further columns that parent and child must share, e.g. `("agency",)`: row-level security does not
    see foreign-key checks, so the database itself guards that a child belongs to its parent's agency.
    """

    tenant_foreign_key = True

    def __init__(self, to: Any, on_delete: Any = None, *, within: Iterable[str] = (), **options: Any) -> None:
        self.within = tuple(within)
        super().__init__(to, on_delete, **options)

    def deconstruct(self) -> Any:
        """Return what migrations need, with `within`."""
        name, path, args, options = super().deconstruct()
        if self.within:
            options["within"] = self.within
        return name, path, args, options

    def get_joining_fields(self, reverse_join: bool = False) -> Any:
        """Return the pairs of fields of a join, the jurisdiction first."""
        own = (
            self.model._meta.get_field("jurisdiction"),
            self.related_model._meta.get_field("jurisdiction"),  # type: ignore[union-attr]
        )
        pairs = (own, *self.related_fields)
        return tuple((right, left) for left, right in pairs) if reverse_join else pairs

    def get_reverse_joining_fields(self) -> Any:
        """Return the pairs of a join from the parent."""
        return self.get_joining_fields(reverse_join=True)

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, Any]:
        """Name the jurisdiction also when following the reference from an instance."""
        return {"jurisdiction_id": instance.jurisdiction_id}


def is_tenant(model: Any) -> bool:
    """Tell whether a model (also a historical one in a migration) is a tenant table."""
    return any(isinstance(field, JurisdictionField) for field in model._meta.local_fields)
