"""The envelope in which people go from one agency to another, and who reads which end of it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
from credit_platform.tenancy.policies import Policies, RowLevelSecurity

# Each end is one agency in one county. The offices, employers and jobs have no part in it, but that a job of the old
# unit's county keeps the copies true; the new unit reads a page by the exact key alone, which name and number make.
_FROM = "from_jurisdiction_id = app.j() AND app.kind() = 'agency' AND from_agency_id = app.agency()"
_FROM_OR_JOB = f"({_FROM}) OR (from_jurisdiction_id = app.j() AND app.kind() = 'job')"
_TO = "to_jurisdiction_id = app.j() AND app.kind() = 'agency' AND to_agency_id = app.agency()"
TRANSFER = Policies(
    select=f"({_FROM}) OR ({_TO} AND sent_at IS NOT NULL)",
    insert=f"{_FROM} AND status = 'proposed'",
    update=f"({_FROM}) OR ({_TO} AND sent_at IS NOT NULL)",
)
SHEET = Policies(
    select=f"({_FROM_OR_JOB}) OR ({_TO} AND match_key = app.key() AND match_key <> '')",
    insert=_FROM_OR_JOB,
    update=_FROM_OR_JOB,
)
_ARCHIVE = """
ALTER TABLE archives_transfer ADD CONSTRAINT {name}
FOREIGN KEY ({end}_jurisdiction_id, {end}_agency_id, {column}) REFERENCES archives_archive (jurisdiction_id, agency_id, id)
"""


def _held_to(name: str, end: str, column: str) -> migrations.RunSQL:
    """An archive that a transfer names is one of the very unit at that end."""
    return migrations.RunSQL(
        _ARCHIVE.format(name=name, end=end, column=column),
        f"ALTER TABLE archives_transfer DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0004_contents_of_groups"),
        ("archives", "0015_documents_of_items"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
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
                ("from_occupation", models.CharField(max_length=40, verbose_name="转出人群代码")),
                ("archive_id", models.UUIDField(verbose_name="转出档案")),
                ("to_occupation", models.CharField(max_length=40, verbose_name="转入人群代码")),
                ("document_no", models.CharField(max_length=100, verbose_name="调令或文书文号")),
                ("body", models.TextField(blank=True, verbose_name="移交说明（加密）")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "待审核"),
                            ("sent", "待接收"),
                            ("received", "已接收"),
                            ("refused", "已退回"),
                            ("blocked", "核对不符，已停办"),
                            ("withdrawn", "已撤回"),
                            ("lapsed", "逾期失效"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("proposer_id", models.IntegerField(verbose_name="转出经办账号")),
                ("proposed_by", models.CharField(max_length=50, verbose_name="转出经办人")),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间"),
                ),
                ("confirmer_id", models.IntegerField(null=True, verbose_name="转出审核账号")),
                ("confirmed_by", models.CharField(blank=True, max_length=50, verbose_name="转出审核人")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="转出时间")),
                ("lapses_on", models.DateField(null=True, verbose_name="接收期限")),
                ("key_digest", models.CharField(blank=True, max_length=64)),
                ("key", models.CharField(blank=True, max_length=64)),
                ("identity", models.TextField(blank=True, verbose_name="核对的身份（加密）")),
                ("guesses", models.PositiveSmallIntegerField(default=0, verbose_name="核对不符次数")),
                ("checked_by", models.CharField(blank=True, max_length=50, verbose_name="核对人")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                ("receipt_no", models.CharField(blank=True, max_length=100, verbose_name="回执编号")),
                ("received_on", models.DateField(null=True, verbose_name="接收日期")),
                ("received_by", models.CharField(blank=True, max_length=50, verbose_name="接收人")),
                ("received_archive_id", models.UUIDField(null=True, verbose_name="转入档案")),
                ("ended_reason", models.CharField(blank=True, max_length=500, verbose_name="退回或撤回原因")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                (
                    "from_agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "from_jurisdiction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
                (
                    "to_agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "to_jurisdiction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
            ],
            options={
                "verbose_name": "转出转入",
            },
        ),
        migrations.CreateModel(
            name="TransferSheet",
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
                ("match_key", models.CharField(blank=True, max_length=64)),
                ("head_id", models.UUIDField(verbose_name="记录或条目")),
                ("number", models.PositiveIntegerField(verbose_name="版本号")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("label", models.CharField(max_length=60, verbose_name="内容类别")),
                ("approver_name", models.CharField(max_length=50, verbose_name="审核人")),
                ("sealed_at", models.DateTimeField(verbose_name="确认时间")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="更正原因")),
                ("body", models.TextField(blank=True, verbose_name="内容（加密）")),
                ("shown_until", models.DateField(null=True, verbose_name="展示截止")),
                (
                    "state",
                    models.CharField(
                        choices=[("current", "有效"), ("corrected", "已更正"), ("withdrawn", "已撤回")],
                        default="current",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="状态时间"),
                ),
                (
                    "from_agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "from_jurisdiction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
                (
                    "to_agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                    ),
                ),
                (
                    "to_jurisdiction",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.jurisdiction",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="archives.transfer",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交内容",
            },
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["from_jurisdiction", "from_agency", "proposed_at", "id"], name="transfer_out_list"
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                fields=["to_jurisdiction", "to_agency", "sent_at", "id"], name="transfer_in_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("proposed", "sent"))),
                fields=("from_jurisdiction", "archive_id"),
                name="transfer_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmer_id", None),
                    models.Q(("confirmer_id", models.F("proposer_id")), _negated=True),
                    _connector="OR",
                ),
                name="transfer_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("sent", "received", "refused", "blocked")), _negated=True),
                    models.Q(("confirmer_id__isnull", False), ("sent_at__isnull", False)),
                    _connector="OR",
                ),
                name="transfer_sent_by_second",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "received"), _negated=True),
                    models.Q(
                        ("received_archive_id__isnull", False),
                        ("received_on__isnull", False),
                        models.Q(("receipt_no", ""), _negated=True),
                        models.Q(("key", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="transfer_received_with_receipt",
            ),
        ),
        migrations.AddIndex(
            model_name="transfersheet",
            index=models.Index(fields=["from_jurisdiction", "head_id"], name="sheet_by_head"),
        ),
        migrations.AddConstraint(
            model_name="transfersheet",
            constraint=models.UniqueConstraint(fields=("transfer", "head_id", "number"), name="sheet_once"),
        ),
        _held_to("transfer_archive_of_sender", "from", "archive_id"),
        _held_to("transfer_archive_of_addressee", "to", "received_archive_id"),
        RowLevelSecurity("transfer", TRANSFER),
        RowLevelSecurity("transfersheet", SHEET),
    ]
