"""Associations as smaller tenants, and groups that are encouraged and not owed (GZ-11)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0005_names_exchanged_and_settling"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="association",
            field=models.BooleanField(default=False, verbose_name="行业协会、商会"),
        ),
        migrations.AddField(
            model_name="responsibility",
            name="encouraged",
            field=models.BooleanField(default=False, verbose_name="鼓励建档"),
        ),
    ]
