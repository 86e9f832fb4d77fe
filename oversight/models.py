"""Reminders (催报) of the credit office to an agency."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class ReminderQuerySet(TenantQuerySet["Reminder"]):
    """Queries over reminders."""

    def visible_to(self, actor: Actor) -> ReminderQuerySet:
        """Office and jobs: the county; an agency: its own of the groups that this member handles, its administrator
        all of them."""
        if actor.kind in ("office", "job"):
            return self
        if actor.kind != "agency":
            return self.none()
        own = self.filter(agency_id=actor.own_agency)
        return own if actor.role == "agency_admin" else own.filter(occupation__in=actor.occupations)


class Reminder(TenantModel):
    """One line that was overdue on a day, and who was reminded of it: at most once a day. Append-only.

    `what` and `month` name the line (`oversight.progress.Line`); `told` are the names of the members.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    occupation = models.CharField("人群代码", max_length=40)
    label = models.CharField("重点人群", max_length=40)
    what = models.CharField("事项", max_length=10, choices=[("delivery", "报送"), ("record", "建档确认")])
    month = models.DateField("应报月份")
    since = models.DateField("应报日期")
    count = models.PositiveIntegerField("未报数量")
    whole = models.PositiveIntegerField("应报数量")
    text = models.CharField("催报内容", max_length=300, blank=True)
    told: Any = models.JSONField("接收人", default=list)
    day = models.DateField("催报日期")
    at = models.DateTimeField("催报时间", default=timezone.now)
    sent_by = models.CharField("催报人", max_length=50)

    objects: ClassVar[TenantManager[Reminder]] = tenant_manager(ReminderQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "催报"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "agency", "occupation", "what", "month", "day"],
                name="reminder_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.month:%Y-%m} {self.get_what_display()}"
