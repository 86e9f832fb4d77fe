"""A version may wait for a platform that has ceased to take its kind."""

from django.db import migrations, models

CHOICES = [
    ("pending", "待报送"),
    ("sent", "已报送"),
    ("accepted", "平台已接收"),
    ("rejected", "平台退回"),
    ("untaken", "平台不收"),
]


def _delivery() -> models.CharField:
    return models.CharField(blank=True, choices=CHOICES, max_length=10, verbose_name="报送状态")


class Migration(migrations.Migration):
    dependencies = [("archives", "0021_identity_checks")]
    operations = [
        migrations.AlterField("item", "delivery", _delivery()),
        migrations.AlterField("recordpart", "delivery", _delivery()),
        migrations.AlterField(
            "outbox",
            "state",
            models.CharField(choices=CHOICES, default="pending", max_length=10, verbose_name="状态"),
        ),
    ]
