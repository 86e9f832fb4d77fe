"""认定程序: what must happen before 存在警示行为 or 存在严重失信行为 may be sealed (AY-N1 to AY-N3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.deadlines import STATEMENT_DAYS
from archives.models.people import AgencyFactQuerySet, Person
from archives.models.records import RecordPart
from archives.states import Ending, ProceedingStatus, Service
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager


class Proceeding(TenantModel):
    """事前告知 → 陈述申辩 → 决定 → 送达 for one adverse determination of one part.

    `grounds` is what the person was told: determination, behaviour, document, listing, exactly as the draft had them
    when the notice was made; a seal that differs from it is refused. `noticed_at` is when it was made (or made anew),
    `statement_days` the days that it gives. What the person said (`statement`) is encrypted.
    A part has at most one proceeding that is not closed. `ending` says how one ended without a determination, with
    who, when, why, and the number of the letter that tells the person.
    """

    part = TenantForeignKey(RecordPart, models.PROTECT, within=("agency",), related_name="proceedings")
    person = TenantForeignKey(Person, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    name = models.CharField("姓名", max_length=50)
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField(
        "状态", max_length=10, choices=ProceedingStatus.choices, default=ProceedingStatus.OPEN
    )
    revision = models.PositiveIntegerField(default=1)
    grounds: Any = models.JSONField("拟认定内容", default=dict)
    opener_id = models.IntegerField("发起账号", null=True)
    opened_by = models.CharField("发起人", max_length=50)
    opened_at = models.DateTimeField("发起时间", default=timezone.now)
    notice_no = models.CharField("告知书编号", max_length=60, blank=True)
    noticed_at = models.DateTimeField("告知书制作时间", default=timezone.now)
    statement_days = models.PositiveSmallIntegerField("陈述申辩天数", default=STATEMENT_DAYS)
    notified_on = models.DateField("告知书送达日期", null=True)
    notified_how = models.CharField("告知书送达方式", max_length=20, choices=Service.choices, blank=True)
    notified_by = models.CharField("告知人", max_length=50, blank=True)
    statement_until = models.DateField("陈述申辩截止", null=True)
    statement = models.TextField("陈述申辩（加密）", blank=True)
    statement_on = models.DateField("陈述申辩日期", null=True)
    heard_by = models.CharField("记录人", max_length=50, blank=True)
    review = models.CharField("复核意见", max_length=1000, blank=True)
    decision_no = models.CharField("决定书编号", max_length=60, blank=True)
    decided_by = models.CharField("决定人", max_length=50, blank=True)
    decider_id = models.IntegerField("决定账号", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    served_on = models.DateField("决定书送达日期", null=True)
    served_how = models.CharField("决定书送达方式", max_length=20, choices=Service.choices, blank=True)
    served_by = models.CharField("送达人", max_length=50, blank=True)
    sealed_at = models.DateTimeField("认定确认时间", null=True)
    ending = models.CharField("终结方式", max_length=10, choices=Ending.choices, blank=True)
    ending_no = models.CharField("不予认定通知书编号", max_length=60, blank=True)
    ending_reason = models.CharField("终结原因", max_length=500, blank=True)
    ended_by = models.CharField("终结人", max_length=50, blank=True)
    ended_at = models.DateTimeField("终结时间", null=True)

    objects: ClassVar[TenantManager[Proceeding]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "认定程序"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "part"],
                condition=~models.Q(status__in=["dropped", "sealed"]),
                name="proceeding_running_once",
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "status", "opened_at"], name="proceeding_queue")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year} 年度认定程序"
