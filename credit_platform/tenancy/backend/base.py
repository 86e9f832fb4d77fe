"""Database engine `credit_platform.tenancy.backend`: PostgreSQL with tenant keys and tenant context."""

from __future__ import annotations

from typing import Any

from django.db.backends.ddl_references import Columns, Statement
from django.db.backends.postgresql import base, features, schema

from credit_platform.tenancy import context
from credit_platform.tenancy.fields import is_tenant


class TenantSchemaEditor(schema.DatabaseSchemaEditor):
    """Gives tenant tables `PRIMARY KEY (jurisdiction_id, id)`, composite foreign keys and composite indexes."""

    sql_create_column_inline_fk = None  # type: ignore[assignment]  # None is what the schema editor asks for

    def table_sql(self, model: Any) -> Any:
        """Return CREATE TABLE with the composite primary key."""
        statement, parameters = super().table_sql(model)
        if is_tenant(model):
            plain = f'"{model._meta.pk.column}" uuid NOT NULL PRIMARY KEY'
            if plain not in statement:
                raise ValueError(f"{model._meta.label}: a tenant table has a UUID primary key named id")
            statement = statement.replace(plain, plain.removesuffix(" PRIMARY KEY"), 1)
            head, tail = statement.rsplit(")", 1)
            statement = f'{head}, PRIMARY KEY ("jurisdiction_id", "{model._meta.pk.column}")){tail}'
        return statement, parameters

    def _create_fk_sql(self, model: Any, field: Any, suffix: str) -> Statement:
        statement: Any = super()._create_fk_sql(model, field, suffix)  # type: ignore[misc]  # not in the stubs
        if getattr(field, "tenant_foreign_key", False):
            shared = ["jurisdiction_id", *(model._meta.get_field(name).column for name in field.within)]
            parent = field.target_field.model._meta.db_table
            statement.parts["column"] = Columns(
                model._meta.db_table, [*shared, field.column], self.quote_name
            )
            statement.parts["to_column"] = Columns(
                parent, [*shared, field.target_field.column], self.quote_name
            )
            statement.parts["deferrable"] = ""
        return statement  # type: ignore[no-any-return]

    def _create_index_sql(self, model: Any, *, fields: Any = None, **options: Any) -> Any:
        if fields and len(fields) == 1 and getattr(fields[0], "tenant_foreign_key", False):
            fields = [model._meta.get_field("jurisdiction"), fields[0]]
        return super()._create_index_sql(model, fields=fields, **options)  # type: ignore[misc]  # not in the stubs


class TenantFeatures(features.DatabaseFeatures):
    """What differs from PostgreSQL with single-column keys."""

    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        """`GROUP BY id` alone does not determine the other columns of a tenant table."""
        return super().allows_group_by_selected_pks_on_model(model) and not is_tenant(model)


class DatabaseWrapper(base.DatabaseWrapper):
    """Applies the acting context whenever an outermost transaction opens."""

    SchemaEditorClass = TenantSchemaEditor
    features_class = TenantFeatures

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """Open or close a transaction; on opening, tell PostgreSQL who acts."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit and context.current.get() is not None:
            context.apply(self)
