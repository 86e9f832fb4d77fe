"""Filing with the credit office, and counters that hand out numbers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency
from archives.states import FilingStatus
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class FilingQuerySet(TenantQuerySet["Filing"]):
    """Queries over filings."""

    def visible_to(self, actor: Actor) -> FilingQuerySet:
        """Office and jobs: the county; an agency: its own."""
        if actor.kind in ("office", "job"):
            return self
        if actor.kind == "agency":
            return self.filter(agency_id=actor.own_agency)
        return self.none()


class Filing(TenantModel):
    """备案: the archives of one agency, group and year filed with the credit office (AY-31). Never holds delivery.

    What was filed is not copied: it is, for each part, the version that was valid at `submitted_at`
    (`archives.services.filed`); `list_digest` proves that it still is what was submitted. `submission` counts how
    often it was submitted; the number stays.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField(
        "状态", max_length=10, choices=FilingStatus.choices, default=FilingStatus.SUBMITTED
    )
    revision = models.PositiveIntegerField(default=1)
    submission = models.PositiveSmallIntegerField("报备次数", default=1)
    list_digest = models.CharField("名单摘要", max_length=64, blank=True)
    number = models.CharField("备案号", max_length=40, blank=True)
    sealed_count = models.PositiveIntegerField("已确认人数")
    total_count = models.PositiveIntegerField("建档人数")
    submitted_by = models.CharField("报送人", max_length=50)
    submitted_at = models.DateTimeField("报送时间", default=timezone.now)
    decided_by = models.CharField("办理人", max_length=50, blank=True)
    decided_at = models.DateTimeField("办理时间", null=True)
    reason = models.CharField("补正要求", max_length=500, blank=True)

    objects: ClassVar[TenantManager[Filing]] = tenant_manager(FilingQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "备案"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "agency", "occupation", "year"], name="filing_once"
            )
        ]

    def __str__(self) -> str:
        return self.number or f"{self.year} 年度备案"


class Counter(TenantModel):
    """The last number handed out in a series, taken with a row lock (tenant tables have no sequences)."""

    series = models.CharField(max_length=60)
    value = models.PositiveIntegerField(default=0)

    objects: ClassVar[TenantManager[Counter]] = tenant_manager(TenantQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "编号"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "series"], name="counter_series")]

    def __str__(self) -> str:
        return f"{self.series} {self.value}"
