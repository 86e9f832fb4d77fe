"""A line says whether it takes a fact back: it may leave when the fact's time is over, the others may not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_orders_row_level_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="batchline",
            name="withdrawal",
            field=models.BooleanField(default=False, verbose_name="撤下"),
        ),
    ]
