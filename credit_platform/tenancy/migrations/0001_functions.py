"""Schema `app` with the functions that policies call, and what the site role may do with tables to come."""

from django.conf import settings
from django.db import migrations

FUNCTIONS = """
CREATE SCHEMA IF NOT EXISTS app;
CREATE FUNCTION app.j() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.jurisdiction', true), '')::int $$;
CREATE FUNCTION app.kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.kind', true), '') $$;
CREATE FUNCTION app.agency() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.agency', true), '')::int $$;
CREATE FUNCTION app.employer() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.employer', true), '')::int $$;
CREATE FUNCTION app.person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.person', true), '')::uuid $$;
CREATE FUNCTION app.key() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.key', true), '') $$;
"""


def forwards(apps, schema_editor):
    site = settings.DATABASE_SITE_ROLE
    schema_editor.execute(FUNCTIONS)
    for statement in (
        f'GRANT USAGE ON SCHEMA app TO "{site}"',
        f'GRANT USAGE ON SCHEMA public TO "{site}"',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{site}"',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{site}"',
        f'GRANT SELECT ON django_migrations TO "{site}"',
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    # Before every other table is made, so that the default privileges cover them all.
    run_before = [("contenttypes", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
