"""盖章: the physical stamp on a printed roster, recorded when two people have seen it; never drawn by us (AY-N4)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.people import AgencyFactQuerySet
from archives.models.versions import Version
from archives.states import RosterStatus
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager


class StampedRoster(TenantModel):
    """名册: a printed list of sealed versions with a QR code, to be stamped on paper, scanned, and confirmed.

    The scan is kept in the private store under `scan`; the second account that confirms it is never the first.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    code = models.CharField("名册编号", max_length=24)
    status = models.CharField(
        "状态", max_length=10, choices=RosterStatus.choices, default=RosterStatus.PRINTED
    )
    revision = models.PositiveIntegerField(default=1)
    size = models.PositiveIntegerField("人数")
    digest = models.CharField("名册摘要", max_length=64)
    printed_by = models.CharField("打印人", max_length=50)
    printed_at = models.DateTimeField("打印时间", default=timezone.now)
    scan = models.CharField("扫描件", max_length=80, blank=True)
    scan_type = models.CharField("扫描件类型", max_length=80, blank=True)
    scan_sha256 = models.CharField("扫描件 SHA-256", max_length=64, blank=True)
    stamped_on = models.DateField("盖章日期", null=True)
    scanner_id = models.IntegerField("扫描账号", null=True)
    scanned_by = models.CharField("扫描人", max_length=50, blank=True)
    scanned_at = models.DateTimeField("扫描时间", null=True)
    confirmed_by = models.CharField("核对人", max_length=50, blank=True)
    confirmed_at = models.DateTimeField("核对时间", null=True)

    objects: ClassVar[TenantManager[StampedRoster]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "盖章名册"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="roster_code"),
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="roster_within_agency"),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "printed_at", "id"], name="roster_list"),
        ]

    def __str__(self) -> str:
        return f"名册 {self.code}"


class StampLine(TenantModel):
    """One sealed version on a roster, as printed. Append-only."""

    roster = TenantForeignKey(StampedRoster, models.PROTECT, within=("agency",), related_name="lines")
    version = TenantForeignKey(Version, models.PROTECT, within=("agency",), related_name="stamp_lines")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    position = models.PositiveIntegerField("序号")

    objects: ClassVar[TenantManager[StampLine]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "名册明细"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "roster", "position"], name="stamp_position"),
        ]
        indexes = [models.Index(fields=["jurisdiction", "version"], name="stamp_of_version")]

    def __str__(self) -> str:
        return f"{self.roster_id} {self.position}"
