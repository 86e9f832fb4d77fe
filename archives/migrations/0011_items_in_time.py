"""Django's own look-ups of an item find it after its time as well; `objects` does not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archives", "0010_upload_rows_keep_drafts")]

    operations = [
        migrations.AlterModelOptions(
            name="item", options={"base_manager_name": "of_all_time", "verbose_name": "信用信息条目"}
        ),
        migrations.AlterModelManagers(
            name="item",
            managers=[("objects", models.Manager()), ("of_all_time", models.Manager())],
        ),
    ]
