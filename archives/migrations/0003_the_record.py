import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_several_writers"),
        ("archives", "0002_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
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
                ("adverse", models.BooleanField(default=False, verbose_name="不利信息")),
                ("occurred_on", models.DateField(null=True, verbose_name="发生日期")),
                ("document_no", models.CharField(blank=True, max_length=100, verbose_name="文书文号")),
                ("name", models.CharField(max_length=50, verbose_name="姓名")),
                ("number_mask", models.CharField(max_length=20, verbose_name="证件号码（掩码）")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待经办"),
                            ("in_review", "待审核"),
                            ("returned", "退回"),
                            ("sealed", "已确认"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("values", models.JSONField(default=dict, verbose_name="草稿")),
                ("typed", models.JSONField(default=dict, verbose_name="待更正的填写内容（加密）")),
                ("writers", models.JSONField(default=list)),
                ("saved_by", models.CharField(blank=True, max_length=50, verbose_name="最近保存人")),
                (
                    "saved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="最近保存时间"),
                ),
                ("return_reason", models.CharField(blank=True, max_length=500, verbose_name="退回原因")),
                ("correction_reason", models.CharField(blank=True, max_length=500, verbose_name="更正原因")),
                ("notified_on", models.DateField(null=True, verbose_name="告知本人日期")),
                ("notified_how", models.CharField(blank=True, max_length=20, verbose_name="告知方式")),
                ("notified_by", models.CharField(blank=True, max_length=50, verbose_name="告知人")),
                ("current_version", models.PositiveIntegerField(default=0, verbose_name="当前版本")),
                ("sealed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                (
                    "delivery",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "待报送"),
                            ("sent", "已报送"),
                            ("accepted", "平台已接收"),
                            ("rejected", "平台退回"),
                        ],
                        max_length=10,
                        verbose_name="报送状态",
                    ),
                ),
                ("shown_until", models.DateField(null=True, verbose_name="展示截止")),
                ("kept_until", models.DateField(null=True, verbose_name="保存截止")),
                ("disputed", models.BooleanField(default=False, verbose_name="异议中")),
                ("revoked", models.BooleanField(default=False, verbose_name="已撤销")),
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
                        related_name="items",
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
                    "person",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="archives.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "信用信息条目",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["jurisdiction", "archive", "year", "occurred_on"], name="item_of_archive"
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                fields=["jurisdiction", "agency", "status", "saved_at", "id"], name="item_queue"
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["jurisdiction", "person", "kind"], name="item_of_person"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "agency", "id"), name="item_within_agency"
            ),
        ),
        migrations.CreateModel(
            name="Evidence",
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
                ("name", models.CharField(max_length=120, verbose_name="文件名")),
                ("media_type", models.CharField(max_length=80, verbose_name="类型")),
                ("size", models.PositiveIntegerField(verbose_name="字节数")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("uploader_id", models.IntegerField(null=True, verbose_name="上传账号")),
                ("uploaded_by", models.CharField(max_length=50, verbose_name="上传人")),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间"),
                ),
                ("removed_at", models.DateTimeField(null=True, verbose_name="移除时间")),
                ("removed_by", models.CharField(blank=True, max_length=50, verbose_name="移除人")),
                ("sealed_at", models.DateTimeField(null=True, verbose_name="首次引用时间")),
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
                    "part",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="archives.recordpart",
                        within=("agency",),
                    ),
                ),
                (
                    "person",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.person"
                    ),
                ),
                (
                    "item",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="archives.item",
                        within=("agency",),
                    ),
                ),
            ],
            options={
                "verbose_name": "证明材料",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["jurisdiction", "part"], name="evidence_of_part"),
        ),
        migrations.AddIndex(
            model_name="evidence",
            index=models.Index(fields=["jurisdiction", "item"], name="evidence_of_item"),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__isnull", True), ("item__isnull", True), _connector="XOR"),
                name="evidence_of_one_head",
            ),
        ),
        migrations.CreateModel(
            name="Proceeding",
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
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "拟告知"),
                            ("notified", "已告知，待陈述申辩"),
                            ("heard", "陈述申辩已结束，待决定"),
                            ("decided", "已决定，待送达"),
                            ("served", "已送达，待审核确认"),
                            ("sealed", "已认定"),
                            ("dropped", "不予认定"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("grounds", models.JSONField(default=dict, verbose_name="拟认定内容")),
                ("opener_id", models.IntegerField(null=True, verbose_name="发起账号")),
                ("opened_by", models.CharField(max_length=50, verbose_name="发起人")),
                (
                    "opened_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="发起时间"),
                ),
                ("notice_no", models.CharField(blank=True, max_length=60, verbose_name="告知书编号")),
                ("notified_on", models.DateField(null=True, verbose_name="告知书送达日期")),
                ("notified_how", models.CharField(blank=True, max_length=20, verbose_name="告知书送达方式")),
                ("notified_by", models.CharField(blank=True, max_length=50, verbose_name="告知人")),
                ("statement_until", models.DateField(null=True, verbose_name="陈述申辩截止")),
                ("statement", models.TextField(blank=True, verbose_name="陈述申辩（加密）")),
                ("statement_on", models.DateField(null=True, verbose_name="陈述申辩日期")),
                ("review", models.CharField(blank=True, max_length=1000, verbose_name="复核意见")),
                ("decision_no", models.CharField(blank=True, max_length=60, verbose_name="决定书编号")),
                ("decided_by", models.CharField(blank=True, max_length=50, verbose_name="决定人")),
                ("decider_id", models.IntegerField(null=True, verbose_name="决定账号")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                ("served_on", models.DateField(null=True, verbose_name="决定书送达日期")),
                ("served_how", models.CharField(blank=True, max_length=20, verbose_name="决定书送达方式")),
                ("served_by", models.CharField(blank=True, max_length=50, verbose_name="送达人")),
                ("sealed_at", models.DateTimeField(null=True, verbose_name="认定确认时间")),
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
                    "part",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proceedings",
                        to="archives.recordpart",
                        within=("agency",),
                    ),
                ),
                (
                    "person",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="archives.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "认定程序",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="proceeding",
            index=models.Index(
                fields=["jurisdiction", "agency", "status", "opened_at"], name="proceeding_queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="proceeding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["dropped", "sealed"]), _negated=True),
                fields=("jurisdiction", "part"),
                name="proceeding_running_once",
            ),
        ),
        migrations.CreateModel(
            name="Job",
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
                ("kind", models.CharField(max_length=40, verbose_name="任务")),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("parameters", models.JSONField(default=dict, verbose_name="参数")),
                ("requester_id", models.IntegerField(verbose_name="发起账号")),
                ("requester", models.CharField(max_length=50, verbose_name="发起人")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "等待中"),
                            ("running", "进行中"),
                            ("done", "已完成"),
                            ("failed", "未完成"),
                            ("cancelled", "已取消"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已完成")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="共计")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("result", models.CharField(blank=True, max_length=80, verbose_name="结果文件")),
                ("result_name", models.CharField(blank=True, max_length=120, verbose_name="结果文件名")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="尝试次数")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="发起时间"),
                ),
                ("started_at", models.DateTimeField(null=True, verbose_name="开始时间")),
                ("beat_at", models.DateTimeField(null=True, verbose_name="最近进展")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                (
                    "agency",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
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
                "verbose_name": "后台任务",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["jurisdiction", "state", "created_at"], name="job_due"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["jurisdiction", "requester_id", "created_at", "id"], name="job_list"),
        ),
        migrations.CreateModel(
            name="WriterState",
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
                ("key", models.CharField(max_length=64)),
                ("occupation", models.CharField(max_length=40, verbose_name="人群代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("sections", models.JSONField(default=list, verbose_name="栏目")),
                ("lead", models.BooleanField(default=False, verbose_name="牵头")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待经办"),
                            ("in_review", "待审核"),
                            ("returned", "退回"),
                            ("sealed", "已确认"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("current_version", models.PositiveIntegerField(default=0, verbose_name="当前版本")),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="更新时间"),
                ),
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
                "verbose_name": "分栏填报进度",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="writerstate",
            constraint=models.UniqueConstraint(fields=("jurisdiction", "key", "agency"), name="writer_once"),
        ),
        migrations.AddField(
            model_name="outbox",
            name="occupation",
            field=models.CharField(default="", max_length=40, verbose_name="人群代码"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="recordpart",
            name="backfilled",
            field=models.BooleanField(default=False, verbose_name="补录"),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="return_notes",
            field=models.JSONField(default=dict, verbose_name="退回意见（按栏目）"),
        ),
        migrations.AddField(
            model_name="version",
            name="check_code",
            field=models.CharField(blank=True, max_length=16, verbose_name="查验码"),
        ),
        migrations.AddField(
            model_name="version",
            name="cites",
            field=models.JSONField(default=dict, verbose_name="引用"),
        ),
        migrations.AddField(
            model_name="version",
            name="occupation",
            field=models.CharField(default="", max_length=40, verbose_name="人群代码"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="versionbody",
            name="occupation",
            field=models.CharField(default="", max_length=40, verbose_name="人群代码"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="outbox",
            name="part",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="outbox",
                to="archives.recordpart",
                within=("agency",),
            ),
        ),
        migrations.AlterField(
            model_name="version",
            name="part",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="archives.recordpart",
                within=("agency",),
            ),
        ),
        migrations.AddField(
            model_name="outbox",
            name="item",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="outbox",
                to="archives.item",
                within=("agency",),
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="item",
            field=credit_platform.tenancy.fields.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="archives.item",
                within=("agency",),
            ),
        ),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["jurisdiction", "check_code"], name="version_check_code"),
        ),
        migrations.AddConstraint(
            model_name="outbox",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__isnull", True), ("item__isnull", True), _connector="XOR"),
                name="outbox_of_one_head",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "item", "number"), name="version_of_item"
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__isnull", True), ("item__isnull", True), _connector="XOR"),
                name="version_of_one_head",
            ),
        ),
        migrations.CreateModel(
            name="StampedRoster",
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
                ("code", models.CharField(max_length=24, verbose_name="名册编号")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("printed", "已打印，待盖章"),
                            ("scanned", "已扫描，待核对"),
                            ("stamped", "已盖章"),
                            ("void", "已作废"),
                        ],
                        default="printed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("size", models.PositiveIntegerField(verbose_name="人数")),
                ("digest", models.CharField(max_length=64, verbose_name="名册摘要")),
                ("printed_by", models.CharField(max_length=50, verbose_name="打印人")),
                (
                    "printed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="打印时间"),
                ),
                ("scan", models.CharField(blank=True, max_length=80, verbose_name="扫描件")),
                ("scan_type", models.CharField(blank=True, max_length=80, verbose_name="扫描件类型")),
                ("scan_sha256", models.CharField(blank=True, max_length=64, verbose_name="扫描件 SHA-256")),
                ("stamped_on", models.DateField(null=True, verbose_name="盖章日期")),
                ("scanner_id", models.IntegerField(null=True, verbose_name="扫描账号")),
                ("scanned_by", models.CharField(blank=True, max_length=50, verbose_name="扫描人")),
                ("scanned_at", models.DateTimeField(null=True, verbose_name="扫描时间")),
                ("confirmed_by", models.CharField(blank=True, max_length=50, verbose_name="核对人")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="核对时间")),
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
                "verbose_name": "盖章名册",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="stampedroster",
            index=models.Index(fields=["jurisdiction", "agency", "printed_at", "id"], name="roster_list"),
        ),
        migrations.AddConstraint(
            model_name="stampedroster",
            constraint=models.UniqueConstraint(fields=("jurisdiction", "code"), name="roster_code"),
        ),
        migrations.AddConstraint(
            model_name="stampedroster",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "agency", "id"), name="roster_within_agency"
            ),
        ),
        migrations.CreateModel(
            name="StampLine",
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
                ("position", models.PositiveIntegerField(verbose_name="序号")),
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
                    "roster",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="archives.stampedroster",
                        within=("agency",),
                    ),
                ),
                (
                    "version",
                    credit_platform.tenancy.fields.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stamp_lines",
                        to="archives.version",
                        within=("agency",),
                    ),
                ),
            ],
            options={
                "verbose_name": "名册明细",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="stampline",
            index=models.Index(fields=["jurisdiction", "version"], name="stamp_of_version"),
        ),
        migrations.AddConstraint(
            model_name="stampline",
            constraint=models.UniqueConstraint(
                fields=("jurisdiction", "roster", "position"), name="stamp_position"
            ),
        ),
    ]
