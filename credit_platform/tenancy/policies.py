"""Row-level security: the second wall between tenants, kept by PostgreSQL itself.

Policies are permissive, one per command, and call the `app.…()` functions directly: a distributed database drops the
word RESTRICTIVE, and `setting unset OR equal` costs twenty times as much as this form. FORCE makes them hold for the
owner of the tables too.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation

COUNTY = "jurisdiction_id = app.j()"
OFFICE_OR_JOB = "app.kind() IN ('office', 'job')"
OWN_AGENCY = "app.kind() = 'agency' AND agency_id = app.agency()"
OWN_EMPLOYER = "app.kind() = 'employer' AND agency_id = app.agency() AND employer_id = app.employer()"
OWN_SEALED = "app.kind() = 'person' AND person_id = app.person() AND sealed_at IS NOT NULL"


@dataclasses.dataclass(frozen=True)
class Policies:
    """One condition per SQL command; None means that nobody may."""

    select: str
    insert: str | None = None
    update: str | None = None
    delete: str | None = None

    def by_command(self) -> dict[str, str]:
        """Return the conditions that exist, by SQL command."""
        conditions = dataclasses.asdict(self)
        return {command.upper(): text for command, text in conditions.items() if text is not None}


def agency_facts(*, person: bool = True, employer: bool = True) -> Policies:
    """Rows that an agency (and below it an employer) fills in and that office, jobs and the person read.

    The table has `agency_id`, `employer_id` and `person_id` of its own, and `sealed_at`: a person sees own rows only
    once they are sealed. Nobody deletes.
    """
    own = [OWN_AGENCY] + ([OWN_EMPLOYER] if employer else [])
    write = f"{COUNTY} AND (app.kind() = 'job' OR {' OR '.join(own)})"
    read = [OFFICE_OR_JOB, *own] + ([OWN_SEALED] if person else [])
    return Policies(select=f"{COUNTY} AND ({' OR '.join(read)})", insert=write, update=write)


def sealed_facts(*, person: bool = True, update: str | None = None) -> Policies:
    """Rows that come into being when an agency seals: read like `agency_facts()`, written by agency or job alone.

    An employer fills in and never seals. Without `update` rows are never changed.
    """
    write = f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY})"
    return dataclasses.replace(agency_facts(person=person), insert=write, update=update)


def county_facts(*, write: str = OFFICE_OR_JOB) -> Policies:
    """Rows of the county's office and jobs only."""
    condition = f"{COUNTY} AND ({write})"
    return Policies(select=f"{COUNTY} AND ({OFFICE_OR_JOB})", insert=condition, update=condition)


class RowLevelSecurity(Operation):
    """Migration operation: enable and force row-level security on a model's table and set its policies.

    A command without a policy is refused to everybody, and the site role loses the right to it as well, so that the
    attempt raises an error instead of touching no row.
    """

    reversible = True

    def __init__(self, model_name: str, policies: Policies) -> None:
        self.model_name = model_name
        self.policies = policies

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what a migration writer needs."""
        return self.__class__.__name__, [self.model_name, self.policies], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Policies are not part of Django's model state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Enable, force, and create the policies."""
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        secure_table(schema_editor, table, self.policies)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the policies and the protection."""
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        for command in self.policies.by_command():
            schema_editor.execute(f'DROP POLICY "{command.lower()}" ON "{table}"')
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        """Return a line for `migrate`."""
        return f"Row-level security on {self.model_name}"


def secure_table(schema_editor: Any, table: str, policies: Policies) -> None:
    """Enable and force row-level security on `table` and create its policies."""
    schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    conditions = policies.by_command()
    for command, condition in conditions.items():
        clause = {
            "SELECT": f"USING ({condition})",
            "DELETE": f"USING ({condition})",
            "INSERT": f"WITH CHECK ({condition})",
            "UPDATE": f"USING ({condition}) WITH CHECK ({condition})",
        }[command]
        schema_editor.execute(f'CREATE POLICY "{command.lower()}" ON "{table}" FOR {command} {clause}')
    refused = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"} - conditions.keys()
    schema_editor.execute(
        f'REVOKE {", ".join(sorted(refused))} ON "{table}" FROM "{settings.DATABASE_SITE_ROLE}"'
    )
