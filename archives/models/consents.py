"""会员同意书: the written consent on which an association keeps an archive of a member (GZ-11, LL-06, PD-14, ZD-17)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.people import AgencyFactQuerySet
from credit_platform.tenancy.models import TenantManager, TenantModel, tenant_manager


class MemberConsent(TenantModel):
    """One signed paper: by whom, when, for what; with its scan. `delivers`: also for reporting to the platform.

    Withdrawn, it stands there as the proof that it held until then; what rested on it is recalled.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    name = models.CharField("姓名", max_length=50)
    document_type = models.CharField("证件类型", max_length=3)
    number_index = models.CharField(max_length=64)
    number_mask = models.CharField("证件号码（掩码）", max_length=20)
    signed_on = models.DateField("签署日期")
    delivers = models.BooleanField("同意报送", default=False)
    scan = models.CharField("同意书文件", max_length=80)
    scan_type = models.CharField("文件类型", max_length=60)
    scan_sha256 = models.CharField("文件 SHA-256", max_length=64)
    recorded_by = models.CharField("登记人", max_length=50)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回说明", max_length=500, blank=True)
    withdrawn_by = models.CharField("撤回登记人", max_length=50, blank=True)
    withdrawn_at = models.DateTimeField("撤回登记时间", null=True)

    objects: ClassVar[TenantManager[MemberConsent]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "会员同意书"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="consent_of_agency"),
            models.UniqueConstraint(
                fields=["jurisdiction", "agency", "occupation", "number_index"],
                condition=Q(withdrawn_on=None),
                name="consent_in_force_once",
            ),
            models.CheckConstraint(
                name="consent_signed_before_withdrawn",
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("signed_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "recorded_at", "id"], name="consent_list"),
        ]

    def __str__(self) -> str:
        return f"{self.name} 会员同意书"
