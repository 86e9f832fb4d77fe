"""Models of tenant data: a UUIDv7 `id` for Django, keys that begin with the jurisdiction in the database.

The schema editor of `credit_platform.tenancy.backend` turns these declarations into `PRIMARY KEY (jurisdiction_id,
id)` and composite foreign keys, so the database itself refuses a reference into another county.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND

from credit_platform.identity import uuid7
from credit_platform.tenancy.context import NoContext, jurisdiction_id
from credit_platform.tenancy.fields import JurisdictionField, TenantForeignKey, is_tenant

_M = TypeVar("_M", bound=models.Model, covariant=True)

__all__ = [
    "CurrentJurisdiction",
    "TenantForeignKey",
    "TenantManager",
    "TenantModel",
    "TenantQuerySet",
    "tenant_manager",
]


class CurrentJurisdiction(models.Expression):
    """The acting county's id, resolved when SQL is compiled, so that querysets may be built at import time."""

    output_field = models.IntegerField()
    contains_aggregate = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[str | int] | tuple[str | int, ...] | tuple[()]]:
        """Return a placeholder and the id. Raises `NoContext` without context or outside a transaction."""
        if not connection.in_atomic_block:
            raise NoContext("tenant query outside a transaction")
        return "%s", [jurisdiction_id()]


class TenantUpdateQuery(sql.UpdateQuery):
    """Names the jurisdiction also where Django replaces the conditions of an UPDATE by `id IN (…)`: over a join."""

    def clear_where(self) -> None:
        """Forget all conditions but the acting county."""
        super().clear_where()
        _restrict(self, self.model, self.get_initial_alias())


class TenantQuery(sql.Query):
    """Names the jurisdiction in the sub-queries that Django makes of its own accord for `exclude()`."""

    def chain(self, klass: Any = None) -> Any:
        """Do what Django does; an UPDATE names the jurisdiction as well."""
        return super().chain(TenantUpdateQuery if klass is sql.UpdateQuery else klass)

    def trim_start(self, names_with_path: Any) -> Any:
        """Do what Django does, then restrict the trimmed sub-query to the acting county."""
        result = super().trim_start(names_with_path)
        column: Any = self.select[0]
        if is_tenant(column.target.model):
            _restrict(self, column.target.model, column.alias)
        return result


def _restrict(query: sql.Query, model: Any, alias: str) -> None:
    field: Any = model._meta.get_field("jurisdiction")
    exact = field.get_lookup("exact")
    query.where.add(exact(field.get_col(alias), CurrentJurisdiction()), AND)


class TenantQuerySet(models.QuerySet[_M]):
    """A queryset over tenant rows. Every model says in `visible_to()` what an actor may see of it."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model, query or TenantQuery(model), using, hints)

    def visible_to(self, actor: Any) -> TenantQuerySet[_M]:
        """Return only what this actor may see: the first wall; row-level security is the second."""
        raise NotImplementedError(f"{self.model.__name__} does not say who may see it")


class TenantManager(models.Manager[_M]):
    """Restricts every query to the acting county, and names it in the SQL."""

    names_jurisdiction = True

    def get_queryset(self) -> models.QuerySet[_M]:
        """Return the rows of the acting county."""
        return super().get_queryset().filter(jurisdiction_id=CurrentJurisdiction())

    def visible_to(self, actor: Any) -> TenantQuerySet[_M]:
        """Return only what this actor may see; see `TenantQuerySet.visible_to`."""
        queryset: Any = self.get_queryset()
        visible: TenantQuerySet[_M] = queryset.visible_to(actor)
        return visible


def tenant_manager(queryset: type[models.QuerySet[Any]]) -> Any:
    """Return a tenant manager with the methods of `queryset`, for `objects = tenant_manager(…)`."""
    return TenantManager.from_queryset(queryset)()


class TenantModel(models.Model):
    """Base of everything that belongs to a county."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    jurisdiction = JurisdictionField("agencies.Jurisdiction", models.PROTECT)

    objects: ClassVar[Any] = tenant_manager(TenantQuerySet)

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, update_fields: Any, forced_update: Any
    ) -> bool:
        # The tenant never changes, and an UPDATE names it.
        values = [value for value in values if value[0].name != "jurisdiction"]
        own = base_qs.filter(jurisdiction_id=self.jurisdiction_id)
        return super()._do_update(own, using, pk_val, values, update_fields, forced_update)
