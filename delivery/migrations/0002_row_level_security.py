"""Row-level security on batches: the county's office and its jobs."""

from django.db import migrations

from credit_platform.tenancy.policies import RowLevelSecurity, county_facts


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("tenancy", "0001_functions")]
    operations = [
        RowLevelSecurity("batch", county_facts(write="app.kind() = 'job'")),
        RowLevelSecurity("batchline", county_facts(write="app.kind() = 'job'")),
    ]
