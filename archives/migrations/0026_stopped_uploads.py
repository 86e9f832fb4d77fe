"""An upload that was accepted ends as written or as stopped, never as given up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("archives", "0025_identity_rests")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "正在核对"),
                    ("ready", "待确认"),
                    ("applying", "正在写入"),
                    ("done", "已写入"),
                    ("stopped", "已中止"),
                    ("cancelled", "已放弃"),
                    ("failed", "不能导入"),
                ],
                default="reading",
                max_length=10,
                verbose_name="状态",
            ),
        ),
    ]
