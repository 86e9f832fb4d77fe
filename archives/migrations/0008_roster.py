"""Roster, nil returns, and the keys by which people are found: initials and the blind index of the number."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import credit_platform.identity
import credit_platform.tenancy.fields
from archives.names import initials, sort_key
from credit_platform import crypto
from credit_platform.tenancy.policies import (
    COUNTY,
    OFFICE_OR_JOB,
    OWN_AGENCY,
    Policies,
    RowLevelSecurity,
    agency_facts,
)

_OWN = f"app.kind() = 'job' OR {OWN_AGENCY}"
NIL_RETURN = Policies(
    select=f"{COUNTY} AND ({OFFICE_OR_JOB} OR {OWN_AGENCY})",
    insert=f"{COUNTY} AND ({_OWN})",
    update=f"{COUNTY} AND ({_OWN})",
)

_TABLES = ("archives_archive", "archives_annualrecord", "archives_recordpart")
_BATCH = 1000
_READ = "SELECT id::text, name, number FROM archives_archive WHERE jurisdiction_id = %s ORDER BY id"
_UPDATE = """
UPDATE archives_archive AS kept SET name_sort = made.sort, initials = made.initials, number_index = made.number
  FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS made(id, sort, initials, number)
 WHERE kept.jurisdiction_id = %s AND kept.id = made.id"""
_COPY = """
UPDATE archives_recordpart AS part SET name_sort = archive.name_sort, initials = archive.initials
  FROM archives_annualrecord AS record
  JOIN archives_archive AS archive ON archive.jurisdiction_id = record.jurisdiction_id
   AND archive.id = record.archive_id
 WHERE part.jurisdiction_id = %s AND record.jurisdiction_id = part.jurisdiction_id AND record.id = part.record_id"""


def fill_keys(apps: Any, schema_editor: Any) -> None:
    """Fill the new columns of archives and parts that are there: surnames read as surnames, initials, blind indexes.

    The owner too sees nothing under FORCE, so it is lifted meanwhile.
    """
    places = apps.get_model("agencies", "Jurisdiction").objects.order_by("id").values_list("id", flat=True)
    with schema_editor.connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        for place in places:
            _fill_county(cursor, place)
        for table in _TABLES:
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def _fill_county(cursor: Any, place: int) -> None:
    cursor.execute(_READ, [place])
    rows = cursor.fetchall()
    for start in range(0, len(rows), _BATCH):
        made = [
            (pk, sort_key(name), initials(name), _index(number))
            for pk, name, number in rows[start : start + _BATCH]
        ]
        cursor.execute(_UPDATE, [*(list(column) for column in zip(*made, strict=True)), place])
    if rows:
        cursor.execute(_COPY, [place])


def _index(number: str) -> str:
    return crypto.blind_index(crypto.decrypt(number, purpose="archive.number"), purpose="archive.number")


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0002_several_writers"),
        ("archives", "0007_writers_filing_and_leaving"),
    ]

    operations = [
        migrations.CreateModel(
            name="NilReturn",
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
                ("kind", models.CharField(max_length=10, verbose_name="周期")),
                ("start", models.DateField(verbose_name="起始日期")),
                ("end", models.DateField(verbose_name="截止日期")),
                (
                    "status",
                    models.CharField(
                        choices=[("signed", "待复核"), ("confirmed", "已签报"), ("void", "已失效")],
                        default="signed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("signer_id", models.IntegerField(verbose_name="签报账号")),
                ("signed_by", models.CharField(max_length=50, verbose_name="签报人")),
                (
                    "signed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="签报时间"),
                ),
                ("confirmed_by", models.CharField(blank=True, max_length=50, verbose_name="复核人")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                ("void_reason", models.CharField(blank=True, max_length=200, verbose_name="失效原因")),
                ("voided_at", models.DateTimeField(null=True, verbose_name="失效时间")),
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
                "verbose_name": "零报告",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RosterEntry",
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
                ("name_sort", models.CharField(max_length=200, verbose_name="姓名排序")),
                ("initials", models.CharField(blank=True, max_length=50, verbose_name="姓名首字母")),
                ("document_type", models.CharField(max_length=3, verbose_name="证件类型")),
                ("number", models.TextField(verbose_name="证件号码（加密）")),
                ("number_mask", models.CharField(max_length=20, verbose_name="证件号码（掩码）")),
                ("number_index", models.CharField(max_length=64)),
                ("joined_on", models.DateField(verbose_name="列入日期")),
                ("left_on", models.DateField(blank=True, null=True, verbose_name="移出日期")),
                ("left_reason", models.CharField(blank=True, max_length=200, verbose_name="移出原因")),
                (
                    "source",
                    models.CharField(
                        choices=[("entry", "逐人登记"), ("import", "表格导入")],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("brought_by", models.UUIDField(null=True, verbose_name="导入")),
                ("created_by", models.CharField(max_length=50, verbose_name="登记人")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
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
                "verbose_name": "应建档人员",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RosterImport",
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
                ("joined_on", models.DateField(verbose_name="列入日期")),
                ("file", models.CharField(blank=True, max_length=80, verbose_name="文件")),
                ("file_name", models.CharField(max_length=120, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="文件 SHA-256")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "正在核对"),
                            ("ready", "待确认导入"),
                            ("applying", "正在导入"),
                            ("done", "已导入"),
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
                ("problems", models.JSONField(default=list, verbose_name="问题")),
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
                "verbose_name": "名册导入",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="archive",
            name="initials",
            field=models.CharField(blank=True, max_length=50, verbose_name="姓名首字母"),
        ),
        migrations.AddField(
            model_name="archive",
            name="number_index",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="recordpart",
            name="initials",
            field=models.CharField(blank=True, max_length=50, verbose_name="姓名首字母"),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(fields=["jurisdiction", "number_index"], name="archive_by_number"),
        ),
        migrations.AddIndex(
            model_name="recordpart",
            index=models.Index(
                fields=["jurisdiction", "agency", "initials"],
                name="part_by_initials",
                opclasses=["", "", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="recordpart",
            index=models.Index(
                fields=["jurisdiction", "agency", "name"],
                name="part_by_name",
                opclasses=["", "", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="nilreturn",
            index=models.Index(fields=["jurisdiction", "agency", "signed_at", "id"], name="nil_return_list"),
        ),
        migrations.AddConstraint(
            model_name="nilreturn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "void"), _negated=True),
                fields=("jurisdiction", "agency", "occupation", "kind", "start"),
                name="nil_return_once",
            ),
        ),
        migrations.AddIndex(
            model_name="rosterentry",
            index=models.Index(
                fields=["jurisdiction", "agency", "occupation", "name_sort", "id"], name="roster_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="rosterentry",
            index=models.Index(
                fields=["jurisdiction", "agency", "occupation", "number_index"], name="roster_by_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_on", None)),
                fields=("jurisdiction", "agency", "occupation", "number_index"),
                name="roster_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_on", None), ("left_on__gte", models.F("joined_on")), _connector="OR"
                ),
                name="roster_days_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="rosterimport",
            index=models.Index(
                fields=["jurisdiction", "agency", "created_at", "id"], name="roster_import_list"
            ),
        ),
        RowLevelSecurity("rosterentry", agency_facts(person=False)),
        RowLevelSecurity("rosterimport", agency_facts(person=False)),
        RowLevelSecurity("nilreturn", NIL_RETURN),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
