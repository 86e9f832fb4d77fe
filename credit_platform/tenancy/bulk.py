"""Many rows with one statement: what is said of each in SQL, the model's defaults for the rest.

For work over thousands of rows, where a model instance for each costs more than PostgreSQL does. The statements are
written out by whoever calls; row-level security, keys and checks hold as for any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg2 import sql

Parameters = dict[str, Any]
"""Values by the name with which a statement mentions them: `%(name)s`."""


def insert_from(
    model: type[models.Model],
    source: sql.Composable,
    columns: Mapping[str, str],
    parameters: Parameters,
    *,
    then: str = "",
) -> sql.Composed:
    """Return `INSERT INTO … SELECT … FROM source`, and add the values it needs to `parameters`.

    `columns` gives SQL by the name of the column; `source` is what stands after FROM, `then` what follows it (`ON
    CONFLICT …`). A column that is not named gets the model's default, the same for all rows; the jurisdiction is the
    acting county. All this is SQL of the program, never input. Raises `KeyError` for a column that the model lacks.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    if unknown := columns.keys() - fields.keys():
        raise KeyError(f"{model.__name__} has no column {sorted(unknown)}")
    values: list[sql.Composable] = []
    for column, field in fields.items():
        if column in columns:
            values.append(sql.SQL(columns[column]))
        else:
            key = f"{model._meta.model_name}_{column}"
            parameters[key] = field.get_db_prep_save(field.get_default(), connection)
            values.append(sql.Placeholder(key))
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} {}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(column) for column in fields),
        sql.SQL(", ").join(values),
        source,
        sql.SQL(then),
    )


def record_set(name: str, model: type[models.Model], columns: Sequence[str]) -> sql.Composed:
    """Return what stands after FROM for rows `given` that come as one JSON parameter `name`, an array of objects."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    typed = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(str(fields[column].db_type(connection))))
        for column in columns
    ]
    return sql.SQL("jsonb_to_recordset({}) AS given({})").format(
        sql.Placeholder(name), sql.SQL(", ").join(typed)
    )


def run(statement: sql.Composable, parameters: Parameters) -> int:
    """Run a statement in the transaction of the caller; return how many rows its last part touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.cursor), parameters)
        return int(cursor.rowcount)
