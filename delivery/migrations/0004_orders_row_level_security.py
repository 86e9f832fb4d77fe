"""Row-level security on orders: the office writes them, jobs carry them out, nobody else sees them."""

from django.db import migrations

from credit_platform.tenancy.policies import COUNTY, OFFICE_OR_JOB, Policies, RowLevelSecurity

ORDER = Policies(
    select=f"{COUNTY} AND {OFFICE_OR_JOB}",
    insert=f"{COUNTY} AND app.kind() = 'office'",
    update=f"{COUNTY} AND app.kind() = 'job'",
)


class Migration(migrations.Migration):
    dependencies = [("delivery", "0003_orders"), ("tenancy", "0001_functions")]
    operations = [RowLevelSecurity("order", ORDER)]
