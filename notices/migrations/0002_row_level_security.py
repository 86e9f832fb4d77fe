"""Row-level security on notices: written by jobs alone, read and marked as read by the unit that is told."""

from django.db import migrations

from credit_platform.tenancy.policies import COUNTY, OWN_EMPLOYER, Policies, RowLevelSecurity

READER = (
    "app.kind() = 'job'"
    " OR (app.kind() = 'office' AND agency_id IS NULL)"
    " OR (app.kind() = 'agency' AND agency_id = app.agency() AND employer_id IS NULL)"
    f" OR ({OWN_EMPLOYER})"
)
NOTICE = Policies(
    select=f"{COUNTY} AND ({READER})",
    insert=f"{COUNTY} AND app.kind() = 'job'",
    update=f"{COUNTY} AND ({READER})",
)


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("tenancy", "0001_functions")]
    operations = [RowLevelSecurity("notice", NOTICE)]
