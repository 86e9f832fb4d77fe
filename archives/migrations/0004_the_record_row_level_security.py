"""Row-level security on the tables that 0003 brought, and the group of versions that were sealed before it."""

from django.db import migrations

from credit_platform.tenancy.policies import (
    COUNTY,
    OFFICE_OR_JOB,
    OWN_AGENCY,
    OWN_EMPLOYER,
    Policies,
    RowLevelSecurity,
    agency_facts,
)

OWN = f"{OWN_AGENCY} OR {OWN_EMPLOYER}"
JOB = Policies(
    # The results hold people's data: the office sees its own jobs, not those of the agencies.
    select=f"{COUNTY} AND (app.kind() = 'job' OR app.kind() = 'office' AND agency_id IS NULL OR {OWN})",
    insert=f"{COUNTY} AND (app.kind() = 'office' AND agency_id IS NULL OR {OWN})",
    update=f"{COUNTY} AND (app.kind() = 'job' OR app.kind() = 'office' AND agency_id IS NULL OR {OWN})",
)
ROSTER = Policies(
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR {OWN})",
    insert=f"{COUNTY} AND (app.kind() = 'job' OR {OWN})",
    update=f"{COUNTY} AND (app.kind() = 'job' OR {OWN})",
)
STAMP_LINE = Policies(select=ROSTER.select, insert=ROSTER.insert)
WRITER = Policies(
    # An agency reads it by the exact key alone, which only who holds the person can make; it writes its own.
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR app.kind() IN ('agency', 'employer') AND key = app.key())",
    insert=f"{COUNTY} AND (app.kind() = 'job' OR app.kind() IN ('agency', 'employer') AND agency_id = app.agency())",
    update=f"{COUNTY} AND (app.kind() = 'job' OR app.kind() IN ('agency', 'employer') AND agency_id = app.agency())",
)
# The owner too sees nothing under FORCE; lifted for this one statement, which copies within the same county.
_NAME_GROUP = """
ALTER TABLE {source} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
UPDATE {table} AS row SET occupation = part.occupation FROM {source} AS part
 WHERE row.occupation = '' AND part.jurisdiction_id = row.jurisdiction_id AND {join};
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
ALTER TABLE {source} FORCE ROW LEVEL SECURITY;
"""


def _name_group(table: str, source: str, join: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        _NAME_GROUP.format(table=table, source=source, join=join), migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("archives", "0003_the_record")]
    operations = [
        RowLevelSecurity("item", agency_facts()),
        RowLevelSecurity("evidence", agency_facts()),
        RowLevelSecurity("proceeding", agency_facts()),
        RowLevelSecurity("job", JOB),
        RowLevelSecurity("stampedroster", ROSTER),
        RowLevelSecurity("stampline", STAMP_LINE),
        RowLevelSecurity("writerstate", WRITER),
        _name_group("archives_version", "archives_recordpart", "part.id = row.part_id"),
        _name_group("archives_outbox", "archives_recordpart", "part.id = row.part_id"),
        _name_group(
            "archives_versionbody",
            "archives_version",
            "part.id = row.version_id",
        ),
    ]
