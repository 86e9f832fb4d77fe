"""Row-level security on every table of the record (architecture §5)."""

from django.db import migrations

from credit_platform.tenancy.policies import (
    COUNTY,
    OFFICE_OR_JOB,
    OWN_AGENCY,
    Policies,
    RowLevelSecurity,
    agency_facts,
    sealed_facts,
)

FILLS_IN = "app.kind() IN ('agency', 'employer', 'job')"
PERSON = Policies(
    # An agency reaches a person only by number and name together, never as a list.
    select=(
        f"{COUNTY} AND ({OFFICE_OR_JOB} OR app.kind() = 'person' AND id = app.person()"
        f" OR {FILLS_IN} AND number_name_index = app.key())"
    ),
    insert=f"{COUNTY} AND {FILLS_IN}",
    update=f"{COUNTY} AND app.kind() = 'job'",
)
LOCATOR = Policies(
    select=f"app.kind() = 'lookup' AND number_index = app.key() OR {COUNTY} AND {OFFICE_OR_JOB}",
    insert=f"{COUNTY} AND {FILLS_IN}",
)
FILING = Policies(
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR {OWN_AGENCY})",
    insert=f"{COUNTY} AND {OWN_AGENCY}",
    update=f"{COUNTY} AND (app.kind() = 'office' OR {OWN_AGENCY})",
)
COUNTER = Policies(
    select=f"{COUNTY} AND app.kind() IN ('office', 'job', 'agency')",
    insert=f"{COUNTY} AND app.kind() IN ('office', 'job', 'agency')",
    update=f"{COUNTY} AND app.kind() IN ('office', 'job', 'agency')",
)


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial"), ("tenancy", "0001_functions")]
    operations = [
        RowLevelSecurity("person", PERSON),
        RowLevelSecurity("personlocator", LOCATOR),
        RowLevelSecurity("archive", agency_facts()),
        RowLevelSecurity("annualrecord", agency_facts()),
        RowLevelSecurity("recordpart", agency_facts()),
        RowLevelSecurity("version", sealed_facts()),
        RowLevelSecurity("versionbody", sealed_facts()),
        RowLevelSecurity("outbox", sealed_facts(person=False, update=f"{COUNTY} AND app.kind() = 'job'")),
        RowLevelSecurity("filing", FILING),
        RowLevelSecurity("counter", COUNTER),
    ]
