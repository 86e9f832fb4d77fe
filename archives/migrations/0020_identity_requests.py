"""Requests about identities, and pairs of people who may be one."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from credit_platform.tenancy.policies import (
    COUNTY,
    OFFICE_OR_JOB,
    OWN_AGENCY,
    Policies,
    RowLevelSecurity,
    county_facts,
)

_OFFICE_OR_OWN = f"{COUNTY} AND ({OFFICE_OR_JOB} OR {OWN_AGENCY})"
REQUEST = Policies(
    select=_OFFICE_OR_OWN,
    insert=f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY})",
    update=_OFFICE_OR_OWN,
)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0004_contents_of_groups"),
        ("archives", "0019_documents_of_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityRequest",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("document", "登记另一证件"),
                            ("correction", "更正身份"),
                            ("claim", "号码登记为他人姓名，提请核实"),
                            ("asked", "信用工作机构要求更正"),
                        ],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待审核确认"),
                            ("office", "待信用工作机构核实"),
                            ("decided", "已提出处理意见，待复核"),
                            ("asked", "待本单位更正"),
                            ("done", "已办结"),
                            ("refused", "未予办理"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=50, verbose_name="姓名")),
                ("document_type", models.CharField(max_length=3, verbose_name="证件类型")),
                ("number", models.TextField(verbose_name="证件号码（加密）")),
                ("number_mask", models.CharField(max_length=20, verbose_name="证件号码（掩码）")),
                ("primary", models.BooleanField(default=False, verbose_name="作为主证件")),
                ("replaces", models.BooleanField(default=False, verbose_name="原证件已停用")),
                ("reason", models.CharField(max_length=500, verbose_name="原因")),
                ("evidence", models.CharField(max_length=500, verbose_name="依据的材料")),
                ("proposer_id", models.IntegerField(null=True, verbose_name="申请账号")),
                ("proposed_by", models.CharField(max_length=50, verbose_name="申请人")),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="申请时间"),
                ),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("claim", "申报的姓名无误，原登记有误"),
                            ("registered", "原登记无误，申报的有误"),
                        ],
                        max_length=10,
                        verbose_name="核实意见",
                    ),
                ),
                ("finding_reason", models.CharField(blank=True, max_length=500, verbose_name="核实情况")),
                ("finder_id", models.IntegerField(null=True, verbose_name="核实账号")),
                ("found_by", models.CharField(blank=True, max_length=50, verbose_name="核实人")),
                ("found_at", models.DateTimeField(null=True, verbose_name="核实时间")),
                ("settled_by", models.CharField(blank=True, max_length=50, verbose_name="办结人")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="答复")),
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
                    "archive",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="archives.archive",
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
                "verbose_name": "身份事项",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["jurisdiction", "agency", "status", "proposed_at"], name="identity_queue"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ("proposed", "office", "decided"))),
                        fields=("jurisdiction", "archive"),
                        name="identity_running_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonPair",
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
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "待判断"),
                            ("proposed", "拟合并，待另一人复核"),
                            ("merged", "已合并"),
                            ("apart", "确认为不同的人"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("reported", models.BooleanField(default=False, verbose_name="登记证件时发现")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="理由")),
                ("evidence", models.CharField(blank=True, max_length=500, verbose_name="依据的材料")),
                ("proposer_id", models.IntegerField(null=True, verbose_name="提出账号")),
                ("proposed_by", models.CharField(blank=True, max_length=50, verbose_name="提出人")),
                ("settled_by", models.CharField(blank=True, max_length=50, verbose_name="办理人")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="办理时间")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="发现时间"),
                ),
                (
                    "first",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.person"
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
                    "second",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "可能重复的人员",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["jurisdiction", "status", "created_at"], name="pair_list")],
                "constraints": [
                    models.UniqueConstraint(fields=("jurisdiction", "first", "second"), name="pair_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="pair_in_order"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="item",
            name="left_with",
            field=models.JSONField(null=True, verbose_name="档案更正身份以前的当事人（加密）"),
        ),
        RowLevelSecurity("identityrequest", REQUEST),
        RowLevelSecurity("personpair", county_facts()),
    ]
