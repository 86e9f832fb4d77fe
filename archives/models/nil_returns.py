"""零报告: the signed statement that a group has nothing to report for a period (AY-14)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agencies.models import Agency
from archives.periods import Period, PeriodKind
from archives.states import NilStatus
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class NilReturnQuerySet(TenantQuerySet["NilReturn"]):
    """Queries over nil returns."""

    def visible_to(self, actor: Actor) -> NilReturnQuerySet:
        """Office and jobs: the county; an agency: the groups that this member handles."""
        if actor.kind in ("office", "job"):
            return self
        if actor.kind == "agency":
            return self.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        return self.none()


class NilReturn(TenantModel):
    """One statement for a group of an agency and a period. A fact of that period that is confirmed later voids it."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    occupation = models.CharField("人群代码", max_length=40)
    kind = models.CharField("周期", max_length=10)
    start = models.DateField("起始日期")
    end = models.DateField("截止日期")
    status = models.CharField("状态", max_length=10, choices=NilStatus.choices, default=NilStatus.SIGNED)
    revision = models.PositiveIntegerField(default=1)
    signer_id = models.IntegerField("签报账号")
    signed_by = models.CharField("签报人", max_length=50)
    signed_at = models.DateTimeField("签报时间", default=timezone.now)
    confirmed_by = models.CharField("复核人", max_length=50, blank=True)
    confirmed_at = models.DateTimeField("复核时间", null=True)
    void_reason = models.CharField("失效原因", max_length=200, blank=True)
    voided_at = models.DateTimeField("失效时间", null=True)

    objects: ClassVar[TenantManager[NilReturn]] = tenant_manager(NilReturnQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "零报告"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "agency", "occupation", "kind", "start"],
                condition=~Q(status="void"),
                name="nil_return_once",
            )
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "signed_at", "id"], name="nil_return_list"),
        ]

    @property
    def period(self) -> Period:
        """The period that it is about."""
        return Period(PeriodKind(self.kind), self.start, self.end)

    def __str__(self) -> str:
        return f"{self.period.label}零报告"
