"""The county is the whole condition; unlike the product's tables, these may be deleted from."""

from django.db import migrations

from credit_platform.tenancy.policies import COUNTY, Policies, RowLevelSecurity

WITHIN_COUNTY = Policies(select=COUNTY, insert=COUNTY, update=COUNTY, delete=COUNTY)


class Migration(migrations.Migration):
    dependencies = [("probes", "0001_initial"), ("tenancy", "0001_functions")]
    operations = [
        RowLevelSecurity("person", WITHIN_COUNTY),
        RowLevelSecurity("archive", WITHIN_COUNTY),
        RowLevelSecurity("entry", WITHIN_COUNTY),
    ]
