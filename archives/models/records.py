"""The yearly record and its parts: what is filled in, reviewed and sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.people import AgencyFactQuerySet, Archive, Person, RecallableQuerySet
from archives.schema.members import MEMBERS
from archives.states import Delivery, Status
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager


class AnnualRecord(TenantModel):
    """年度信用信息记录表: the form of one archive for one year (AY-F02)."""

    archive = TenantForeignKey(
        Archive, models.PROTECT, within=("agency",), related_name="records", db_index=False
    )
    person = TenantForeignKey(Person, models.PROTECT, related_name="records")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    created_at = models.DateTimeField(default=timezone.now)
    sealed_at = models.DateTimeField("首次确认时间", null=True)

    objects: ClassVar[TenantManager[AnnualRecord]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "年度信用信息记录表"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "archive", "year"], name="record_of_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度"


class RecordPart(TenantModel):
    """What one agency fills in of a record: drafted, sealed, versioned, delivered and guarded on its own.

    The head of its versions: `current_version` counts them (0: never sealed); `values` is the draft as JSON with
    sensitive fields encrypted, `typed` keeps what was typed into fields that could not be read (encrypted);
    `revision` grows with every change and tells two tabs apart. `writers` are the ids of the accounts that wrote
    since the last seal: none of them may confirm (AY-N1, second person). `return_notes` are a reviewer's remarks by
    field name. `backfilled`: opened after the year was closed (补录). `recalled_at`: the member withdrew the
    consent; one who consents again gets a part anew. `opened_with`: the `PersonDocument` that led to the archive,
    where that is one of a row that the office merged with the archive's.
    """

    record = TenantForeignKey(AnnualRecord, models.PROTECT, related_name="parts")
    person = TenantForeignKey(Person, models.PROTECT, related_name="parts")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("姓名", max_length=50)
    name_sort = models.CharField("姓名排序", max_length=200)
    initials = models.CharField("姓名首字母", max_length=50, blank=True)
    number_mask = models.CharField("证件号码（掩码）", max_length=20)
    sections: Any = models.JSONField("栏目", default=list)
    lead = models.BooleanField("牵头（含认定）", default=True)

    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    values: Any = models.JSONField("草稿", default=dict)
    typed: Any = models.JSONField("待更正的填写内容（加密）", default=dict)
    writers: Any = models.JSONField(default=list)
    saved_by = models.CharField("最近保存人", max_length=50, blank=True)
    saved_at = models.DateTimeField("最近保存时间", default=timezone.now)
    return_reason = models.CharField("退回原因", max_length=500, blank=True)
    return_notes: Any = models.JSONField("退回意见（按栏目）", default=dict)
    opened_with = models.UUIDField("建立时所据的另一证件", null=True)
    backfilled = models.BooleanField("补录", default=False)
    correction_reason = models.CharField("更正原因", max_length=500, blank=True)
    current_version = models.PositiveIntegerField("当前版本", default=0)
    determination = models.CharField("信用状况", max_length=20, blank=True)
    sealed_at = models.DateTimeField("确认时间", null=True)
    delivery = models.CharField("报送状态", max_length=10, choices=Delivery.choices, blank=True)
    recalled_at = models.DateTimeField("随同意撤回", null=True)

    objects: ClassVar[TenantManager[RecordPart]] = tenant_manager(RecallableQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "年度记录"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "record", "agency"],
                condition=models.Q(recalled_at=None),
                name="part_of_agency",
            ),
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="part_within_agency"),
            models.CheckConstraint(
                name="part_of_member_determines_nothing",
                condition=~models.Q(occupation=MEMBERS) | models.Q(determination__in=["", "trustworthy"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["jurisdiction", "agency", "year", "occupation", "name_sort", "id"], name="part_list"
            ),
            models.Index(fields=["jurisdiction", "agency", "status", "saved_at", "id"], name="part_queue"),
            models.Index(
                fields=["jurisdiction", "agency", "initials"],
                opclasses=["", "", "varchar_pattern_ops"],
                name="part_by_initials",
            ),
            models.Index(
                fields=["jurisdiction", "agency", "name"],
                opclasses=["", "", "varchar_pattern_ops"],
                name="part_by_name",
            ),
            models.Index(fields=["jurisdiction", "year", "occupation", "status"], name="part_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year} 年度"
