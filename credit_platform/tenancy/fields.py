"""Fields of tenant models: the jurisdiction itself, and references that name it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models

from credit_platform.tenancy.context import jurisdiction_id

_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)


class JurisdictionField(models.ForeignKey[_ST, _GT]):
    """The first column of every key of a tenant table. Its presence makes a table a tenant table."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        options.update(editable=False, db_index=False, related_name="+")
        super().__init__(to, on_delete, **options)

    def get_default(self) -> int:
        """A new row belongs to the acting county. Raises `NoContext` outside `acting()`."""
        return jurisdiction_id()


class TenantForeignKey(models.ForeignKey[_ST, _GT]):
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
        parent: Any = self.related_model
        own = self.model._meta.get_field("jurisdiction"), parent._meta.get_field("jurisdiction")
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
