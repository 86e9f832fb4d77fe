from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0006_associations"),
    ]

    operations = [
        migrations.AddField(
            model_name="responsibility",
            name="contents_since",
            field=models.JSONField(blank=True, default=dict, verbose_name="档案内容起始年度"),
        ),
    ]
