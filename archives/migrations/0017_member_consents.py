"""会员同意书: archives of members rest on a consent, say nothing official against them, and can be recalled."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from credit_platform.tenancy.policies import COUNTY, OWN_AGENCY, OWN_EMPLOYER, Policies, RowLevelSecurity

# The paper is between the association and its member: neither the office nor anybody else reads it.
_OWN = f"{COUNTY} AND (app.kind() = 'job' OR {OWN_AGENCY} OR {OWN_EMPLOYER})"
CONSENT = Policies(select=_OWN, insert=_OWN, update=_OWN)


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0006_associations"),
        ("archives", "0016_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberConsent",
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
                ("name", models.CharField(max_length=50, verbose_name="姓名")),
                ("document_type", models.CharField(max_length=3, verbose_name="证件类型")),
                ("number_index", models.CharField(max_length=64)),
                ("number_mask", models.CharField(max_length=20, verbose_name="证件号码（掩码）")),
                ("signed_on", models.DateField(verbose_name="签署日期")),
                ("delivers", models.BooleanField(default=False, verbose_name="同意报送")),
                ("scan", models.CharField(max_length=80, verbose_name="同意书文件")),
                ("scan_type", models.CharField(max_length=60, verbose_name="文件类型")),
                ("scan_sha256", models.CharField(max_length=64, verbose_name="文件 SHA-256")),
                ("recorded_by", models.CharField(max_length=50, verbose_name="登记人")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                ("withdrawn_on", models.DateField(null=True, verbose_name="撤回日期")),
                ("withdrawn_reason", models.CharField(blank=True, max_length=500, verbose_name="撤回说明")),
                ("withdrawn_by", models.CharField(blank=True, max_length=50, verbose_name="撤回登记人")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回登记时间")),
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
                "verbose_name": "会员同意书",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="memberconsent",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "agency", "id"), name="consent_of_agency"
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="recalled_at",
            field=models.DateTimeField(null=True, verbose_name="随同意撤回"),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="recalled_at",
            field=models.DateTimeField(null=True, verbose_name="随同意撤回"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("occupation", "association_member"), _negated=True),
                    (
                        "kind__in",
                        (
                            "training",
                            "award",
                            "honour",
                            "good_record",
                            "association_discipline",
                            "public_welfare",
                        ),
                    ),
                    _connector="OR",
                ),
                name="item_of_member_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("occupation", "association_member"), _negated=True),
                    ("determination__in", ["", "trustworthy"]),
                    _connector="OR",
                ),
                name="part_of_member_determines_nothing",
            ),
        ),
        migrations.AddField(
            model_name="archive",
            name="consent",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="archives",
                to="archives.memberconsent",
                within=("agency",),
            ),
        ),
        migrations.AddConstraint(
            model_name="archive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("occupation", "association_member"), _negated=True),
                    ("consent__isnull", False),
                    _connector="OR",
                ),
                name="archive_of_member_consented",
            ),
        ),
        migrations.AddIndex(
            model_name="memberconsent",
            index=models.Index(fields=["jurisdiction", "agency", "recorded_at", "id"], name="consent_list"),
        ),
        migrations.AddConstraint(
            model_name="memberconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_on", None)),
                fields=("jurisdiction", "agency", "occupation", "number_index"),
                name="consent_in_force_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_on", None), ("withdrawn_on__gte", models.F("signed_on")), _connector="OR"
                ),
                name="consent_signed_before_withdrawn",
            ),
        ),
        RowLevelSecurity("memberconsent", CONSENT),
    ]
