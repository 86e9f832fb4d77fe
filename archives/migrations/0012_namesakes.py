"""待核身份, and that an adverse fact is held to name and number of its document (namesakes)."""

import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from credit_platform.tenancy.policies import COUNTY, OWN_AGENCY, OWN_EMPLOYER, Policies, RowLevelSecurity

# Seen by the unit that wrote it down alone: it belongs to nobody yet, so neither the office nor a person reads it.
_OWN = f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} OR {OWN_EMPLOYER})"
WAITING = Policies(select=_OWN, insert=_OWN, update=_OWN)
# What was entered before had evidence and a second person, and says so instead of a check that nobody made.
_BEFORE = """
ALTER TABLE archives_item NO FORCE ROW LEVEL SECURITY;
UPDATE archives_item SET identified_at = saved_at, identified_by = '启用身份核对以前录入',
       identified_document = document_no WHERE adverse AND current_version > 0;
UPDATE archives_item SET identified_at = saved_at, identified_by = '', identified_document = ''
       WHERE adverse AND current_version = 0;
ALTER TABLE archives_item FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_several_writers"),
        ("archives", "0011_items_in_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingFact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=credit_platform.identity.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("occupation", models.CharField(max_length=40, verbose_name="人群代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("kind", models.CharField(max_length=60, verbose_name="条目种类")),
                ("basis", models.CharField(max_length=300, verbose_name="依据")),
                ("name", models.CharField(max_length=50, verbose_name="文书上的姓名")),
                ("document_no", models.CharField(blank=True, max_length=100, verbose_name="文书文号")),
                ("values", models.JSONField(default=dict, verbose_name="内容")),
                ("shown_until", models.DateField(null=True, verbose_name="展示截止")),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "待核身份"), ("attached", "已记入档案"), ("dropped", "已作废")],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("saved_by", models.CharField(max_length=50, verbose_name="录入人")),
                (
                    "saved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="录入时间"),
                ),
                ("settled_by", models.CharField(blank=True, max_length=50, verbose_name="办理人")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="办理时间")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="作废原因")),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.employer",
                    ),
                ),
                (
                    "item",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="archives.item",
                        within=("agency",),
                    ),
                ),
                (
                    "jurisdiction",
                    credit_platform.tenancy.fields.JurisdictionField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
            ],
            options={
                "verbose_name": "待核身份信息",
                "abstract": False,
                "base_manager_name": "of_all_time",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("of_all_time", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="item",
            name="identified_at",
            field=models.DateTimeField(null=True, verbose_name="身份核对时间"),
        ),
        migrations.AddField(
            model_name="item",
            name="identified_by",
            field=models.CharField(blank=True, max_length=50, verbose_name="身份核对人"),
        ),
        migrations.AddField(
            model_name="item",
            name="identified_document",
            field=models.CharField(blank=True, max_length=100, verbose_name="身份核对所据文号"),
        ),
        migrations.RunSQL(_BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("adverse", False), ("identified_at__isnull", False), _connector="OR"),
                name="item_adverse_identified",
            ),
        ),
        migrations.AddIndex(
            model_name="waitingfact",
            index=models.Index(
                fields=["jurisdiction", "agency", "status", "saved_at", "id"], name="waiting_queue"
            ),
        ),
        RowLevelSecurity("waitingfact", WAITING),
    ]
