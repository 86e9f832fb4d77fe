"""待核身份: facts whose document names somebody without the number that says who it is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.items import InTime, Item
from archives.states import WaitingStatus
from credit_platform.actors import Actor
from credit_platform.tenancy.models import (
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
    tenant_manager,
)


class WaitingFactQuerySet(TenantQuerySet["WaitingFact"]):
    """Queries over facts that wait for an identity."""

    def visible_to(self, actor: Actor) -> WaitingFactQuerySet:
        """The unit that wrote it down, as far as the member handles the group; nobody else, the office included."""
        if actor.kind == "job":
            return self
        if actor.kind not in ("agency", "employer"):
            return self.none()
        handled = self.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        return handled if actor.kind == "agency" else handled.filter(employer_id=actor.own_employer)


class WaitingFact(TenantModel):
    """One adverse fact with a name and no number. It belongs to no archive and no person, is in no count and never
    leaves; `item` is what it became once the number was found in the evidence. Whoever wrote it (`writers`, ids of
    accounts) is one of the item's writers then, and does not confirm it.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("条目种类", max_length=60)
    basis = models.CharField("依据", max_length=300)
    name = models.CharField("文书上的姓名", max_length=50)
    document_no = models.CharField("文书文号", max_length=100, blank=True)
    values: Any = models.JSONField("内容", default=dict)
    shown_until = models.DateField("展示截止", null=True)
    status = models.CharField(
        "状态", max_length=10, choices=WaitingStatus.choices, default=WaitingStatus.WAITING
    )
    writers: Any = models.JSONField("填写账号", default=list)
    saved_by = models.CharField("录入人", max_length=50)
    saved_at = models.DateTimeField("录入时间", default=timezone.now)
    settled_by = models.CharField("办理人", max_length=50, blank=True)
    settled_at = models.DateTimeField("办理时间", null=True)
    reason = models.CharField("作废原因", max_length=500, blank=True)
    item = TenantForeignKey(Item, models.PROTECT, within=("agency",), related_name="+", null=True, blank=True)

    objects: ClassVar[TenantManager[WaitingFact]] = InTime.from_queryset(WaitingFactQuerySet)()
    of_all_time: ClassVar[TenantManager[WaitingFact]] = tenant_manager(WaitingFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "待核身份信息"
        base_manager_name = "of_all_time"
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "status", "saved_at", "id"], name="waiting_queue"),
        ]

    def __str__(self) -> str:
        return f"待核身份信息（{self.year} 年度）"
