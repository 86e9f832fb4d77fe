"""Row-level security on reminders: written by the office, read by the agency; never changed."""

from django.db import migrations

from credit_platform.tenancy.policies import COUNTY, OFFICE_OR_JOB, OWN_AGENCY, Policies, RowLevelSecurity

REMINDER = Policies(
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR ({OWN_AGENCY}))",
    insert=f"{COUNTY} AND ({OFFICE_OR_JOB})",
)


class Migration(migrations.Migration):
    dependencies = [("oversight", "0001_reminders"), ("tenancy", "0001_functions")]
    operations = [RowLevelSecurity("reminder", REMINDER)]
