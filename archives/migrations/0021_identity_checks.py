"""身份核验: what the population database's service says of an archive's identity, and which service a place has."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from credit_platform.tenancy.policies import COUNTY, OWN_AGENCY, OWN_EMPLOYER, Policies, RowLevelSecurity

# Heard by jobs, read by the unit alone: neither the office nor another unit sees whose identity does not match. Members
# only add that a reviewer settled it, which is never taken back here.
CHECK = Policies(
    select=f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} OR {OWN_EMPLOYER})",
    insert=f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} AND outcome = 'accepted')",
)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0004_contents_of_groups"),
        ("archives", "0020_identity_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="archive",
            name="check_after",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="下次核验"),
        ),
        migrations.AddField(
            model_name="archive",
            name="check_asked",
            field=models.BooleanField(default=False, verbose_name="要求重新核验"),
        ),
        migrations.AddField(
            model_name="archive",
            name="check_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("match", "核验一致"),
                    ("mismatch", "核验不一致"),
                    ("unknown", "服务没有此人记录"),
                    ("unavailable", "没有得到答复"),
                    ("refused", "服务不受理"),
                    ("accepted", "人工核实一致"),
                ],
                max_length=12,
                verbose_name="核验状态",
            ),
        ),
        migrations.AddField(
            model_name="archive",
            name="check_tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="archive",
            name="checked_as",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="archive",
            name="checked_at",
            field=models.DateTimeField(null=True, verbose_name="核验时间"),
        ),
        migrations.AddField(
            model_name="archive",
            name="checked_by",
            field=models.CharField(blank=True, max_length=60, verbose_name="核验服务"),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(
                condition=models.Q(
                    models.Q(
                        (
                            "checked_as",
                            django.db.models.functions.text.Concat(
                                models.F("document_type"),
                                models.Value(":"),
                                models.F("number_index"),
                                models.Value(":"),
                                models.F("name"),
                            ),
                        ),
                        _negated=True,
                    ),
                    ("check_asked", True),
                    _connector="OR",
                ),
                fields=["jurisdiction", "check_after", "id"],
                name="archive_check_due",
            ),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(
                condition=models.Q(("check_state", "mismatch")),
                fields=["jurisdiction", "agency", "occupation"],
                name="archive_mismatched",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "agency", "id"), name="evidence_within_agency"
            ),
        ),
        migrations.CreateModel(
            name="IdentityService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("clause", models.CharField(max_length=60, verbose_name="依据条款")),
                ("per_second", models.PositiveSmallIntegerField(default=5, verbose_name="每秒最多")),
                ("active", models.BooleanField(default=True, verbose_name="启用")),
                (
                    "jurisdiction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_services",
                        to="agencies.jurisdiction",
                    ),
                ),
            ],
            options={
                "verbose_name": "身份核验服务",
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
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
                    "outcome",
                    models.CharField(
                        choices=[
                            ("match", "核验一致"),
                            ("mismatch", "核验不一致"),
                            ("unknown", "服务没有此人记录"),
                            ("unavailable", "没有得到答复"),
                            ("refused", "服务不受理"),
                            ("accepted", "人工核实一致"),
                        ],
                        max_length=12,
                        verbose_name="结果",
                    ),
                ),
                ("checked_as", models.CharField(max_length=160)),
                ("service", models.CharField(blank=True, max_length=40, verbose_name="服务代码")),
                ("service_name", models.CharField(blank=True, max_length=60, verbose_name="核验服务")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("by_id", models.IntegerField(null=True, verbose_name="账号")),
                ("by", models.CharField(max_length=50, verbose_name="办理人")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="说明")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_checks",
                        to="archives.archive",
                        within=("agency",),
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
                    "evidence",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_checks",
                        to="archives.evidence",
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
                "verbose_name": "身份核验记录",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="identitycheck",
            index=models.Index(fields=["jurisdiction", "archive", "at"], name="identity_check_story"),
        ),
        migrations.AddIndex(
            model_name="identitycheck",
            index=models.Index(fields=["jurisdiction", "service", "at"], name="identity_check_service"),
        ),
        migrations.AddConstraint(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "accepted"), _negated=True),
                    models.Q(
                        ("evidence__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                        ("by_id__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="identity_check_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="identityservice",
            constraint=models.UniqueConstraint(fields=("jurisdiction", "code"), name="identity_service_code"),
        ),
        migrations.AddConstraint(
            model_name="identityservice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("active", True)), fields=("jurisdiction",), name="identity_service_one"
            ),
        ),
        RowLevelSecurity("identitycheck", CHECK),
    ]
