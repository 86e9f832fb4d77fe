"""后台任务: work that takes longer than a page may, with progress that a page can show."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.states import JobState
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class JobQuerySet(TenantQuerySet["Job"]):
    """Queries over background jobs."""

    def visible_to(self, actor: Actor) -> JobQuerySet:
        """Who asked for it, in the unit for which it was asked; system jobs see all."""
        if actor.kind == "job":
            return self
        if actor.user_id is None:
            return self.none()
        unit: dict[str, Any] = {"agency_id": actor.agency_id, "employer_id": actor.employer_id}
        return self.filter(requester_id=actor.user_id, **unit)


class Job(TenantModel):
    """One piece of background work, asked for by one person: printing a school, later reading a workbook.

    The row is the truth; a message to the worker only rings the bell. `beat_at` is touched while somebody works on it,
    so a job whose worker was killed is found and taken up again. `result` names a file in the private store.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    kind = models.CharField("任务", max_length=40)
    title = models.CharField("标题", max_length=120)
    parameters: Any = models.JSONField("参数", default=dict)
    requester_id = models.IntegerField("发起账号")
    requester = models.CharField("发起人", max_length=50)
    state = models.CharField("状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("共计", default=0)
    message = models.CharField("说明", max_length=500, blank=True)
    result = models.CharField("结果文件", max_length=80, blank=True)
    result_name = models.CharField("结果文件名", max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    created_at = models.DateTimeField("发起时间", default=timezone.now)
    started_at = models.DateTimeField("开始时间", null=True)
    beat_at = models.DateTimeField("最近进展", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    objects: ClassVar[TenantManager[Job]] = tenant_manager(JobQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "后台任务"
        indexes = [
            models.Index(fields=["jurisdiction", "state", "created_at"], name="job_due"),
            models.Index(fields=["jurisdiction", "requester_id", "created_at", "id"], name="job_list"),
        ]

    def __str__(self) -> str:
        return self.title
