"""Workbooks that came back: the files and their rows. Nobody but the unit that uploaded them, and jobs, sees any."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from credit_platform.tenancy.policies import COUNTY, OWN_AGENCY, OWN_EMPLOYER, Policies, RowLevelSecurity

_OWN = f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} OR {OWN_EMPLOYER})"
UPLOAD = Policies(select=_OWN, insert=_OWN, update=_OWN)
ROWS = Policies(select=_OWN, insert=_OWN, update=_OWN, delete=_OWN)
"""Rows hold what is of no use once the upload has ended: they are removed then."""


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_several_writers"),
        ("archives", "0008_roster"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
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
                ("file", models.CharField(blank=True, max_length=80, verbose_name="文件")),
                ("file_name", models.CharField(max_length=120, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="文件 SHA-256")),
                ("answer", models.CharField(blank=True, max_length=80, verbose_name="标注问题的表格")),
                ("remainder", models.CharField(blank=True, max_length=80, verbose_name="需更正的行")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "正在核对"),
                            ("ready", "待确认"),
                            ("applying", "正在写入"),
                            ("done", "已写入"),
                            ("cancelled", "已放弃"),
                            ("failed", "不能导入"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("counts", models.JSONField(default=dict, verbose_name="人数")),
                ("kinds", models.JSONField(default=list, verbose_name="问题种类")),
                ("notes", models.JSONField(default=list, verbose_name="提示")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("job_id", models.UUIDField(null=True, verbose_name="任务")),
                ("requester_id", models.IntegerField(verbose_name="上传账号")),
                ("requester", models.CharField(max_length=50, verbose_name="上传人")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间"),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束时间")),
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
                "verbose_name": "表格导入",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="UploadRow",
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
                ("position", models.PositiveIntegerField(verbose_name="次序")),
                ("sheet", models.CharField(max_length=100, verbose_name="工作表")),
                ("row", models.PositiveIntegerField(verbose_name="行")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("new", "新建"),
                            ("changed", "变更"),
                            ("same", "没有变化"),
                            ("refused", "需更正"),
                        ],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=50, verbose_name="姓名")),
                ("number_mask", models.CharField(blank=True, max_length=40, verbose_name="证件号码（掩码）")),
                ("part_id", models.UUIDField(null=True, verbose_name="年度记录")),
                ("revision", models.PositiveIntegerField(null=True)),
                ("changes", models.JSONField(default=list, verbose_name="变更")),
                ("problems", models.JSONField(default=list, verbose_name="问题")),
                ("adverse", models.BooleanField(default=False, verbose_name="不利认定")),
                ("written", models.BooleanField(default=False, verbose_name="已写入")),
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
                    "jurisdiction",
                    credit_platform.tenancy.fields.JurisdictionField(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
                (
                    "upload",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="archives.upload",
                        within=("agency",),
                    ),
                ),
            ],
            options={
                "verbose_name": "表格的行",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["jurisdiction", "agency", "created_at", "id"], name="upload_list"),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "agency", "id"), name="upload_of_agency"
            ),
        ),
        migrations.AddIndex(
            model_name="uploadrow",
            index=models.Index(
                fields=["jurisdiction", "upload", "outcome", "position", "id"], name="upload_row_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadrow",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "upload", "position"), name="upload_row_once"
            ),
        ),
        RowLevelSecurity("upload", UPLOAD),
        RowLevelSecurity("uploadrow", ROWS),
    ]
