"""By which document a fact or a record came to an archive, and which one the office had before it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0022_untaken"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="identified_with",
            field=models.UUIDField(null=True, verbose_name="身份核对所据的另一证件"),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="opened_with",
            field=models.UUIDField(null=True, verbose_name="建立时所据的另一证件"),
        ),
        migrations.AddField(
            model_name="identityrequest",
            name="found_document",
            field=models.UUIDField(null=True, verbose_name="核实时的登记"),
        ),
    ]
