"""身份核验: what the population database's service says of name and document number (LL-01, LL-02, PD-08, ZD-08)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer, Jurisdiction
from archives.models.evidence import Evidence
from archives.models.people import AgencyFactQuerySet, Archive
from archives.states import CheckOutcome
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager


class IdentityService(models.Model):
    """The service that a place has for checking identities, by a clause of its pack. Address and key are settings.

    A place without one checks nobody: its archives stay 未核验.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="identity_services")
    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("依据条款", max_length=60)
    per_second = models.PositiveSmallIntegerField("每秒最多", default=5)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "身份核验服务"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="identity_service_code"),
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=models.Q(active=True), name="identity_service_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IdentityCheckQuerySet(AgencyFactQuerySet["IdentityCheck"]):
    """Queries over checks."""

    def visible_to(self, actor: Actor) -> IdentityCheckQuerySet:
        """The unit that keeps the archive, as far as the member handles the group, and jobs: nobody else."""
        if actor.kind in ("job", "agency", "employer"):
            seen: Any = super().visible_to(actor)
            found: IdentityCheckQuerySet = seen
            return found
        return self.none()


class IdentityCheck(TenantModel):
    """One thing that was heard about an identity: an answer, that none came, that a reviewer settled it. Append-only.

    `checked_as` is the identity that it is about (`archives.models.checked.identity_key`), so that it says nothing of a
    name or number that came later. `reason`: why there was no answer, or why the reviewer is sure; `evidence` is what
    the reviewer saw.
    """

    archive = TenantForeignKey(Archive, models.PROTECT, within=("agency",), related_name="identity_checks")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    outcome = models.CharField("结果", max_length=12, choices=CheckOutcome.choices)
    checked_as = models.CharField(max_length=160)
    service = models.CharField("服务代码", max_length=40, blank=True)
    service_name = models.CharField("核验服务", max_length=60, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)
    by_id = models.IntegerField("账号", null=True)
    by = models.CharField("办理人", max_length=50)
    reason = models.CharField("说明", max_length=500, blank=True)
    evidence = TenantForeignKey(
        Evidence, models.PROTECT, within=("agency",), related_name="identity_checks", null=True, blank=True
    )

    objects: ClassVar[TenantManager[IdentityCheck]] = tenant_manager(IdentityCheckQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "身份核验记录"
        constraints = [
            models.CheckConstraint(
                name="identity_check_settled",
                condition=~models.Q(outcome=CheckOutcome.ACCEPTED)
                | (models.Q(evidence__isnull=False) & ~models.Q(reason="") & models.Q(by_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "archive", "at"], name="identity_check_story"),
            models.Index(fields=["jurisdiction", "service", "at"], name="identity_check_service"),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def at_local(self) -> dt.datetime:
        """When, in local time."""
        return timezone.localtime(self.at)
