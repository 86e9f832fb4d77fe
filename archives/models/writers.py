"""Several writers of one record: where each agency's part stands, for the other writers (GZ-A02, GZ-A08)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency
from archives.states import Status
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class WriterStateQuerySet(TenantQuerySet["WriterState"]):
    """Queries over the writers of one record."""

    def visible_to(self, actor: Actor) -> WriterStateQuerySet:
        """Office and jobs: the county; an agency: by exact key only (inside `looking_up`), never as a list."""
        return self if actor.kind in ("office", "job", "agency", "employer") else self.none()


class WriterState(TenantModel):
    """That an agency keeps a part about a person, group and year, and how far it is; none of its content.

    `key` is a blind index over the person's document, name, group and year: only an agency that holds this person in
    this group itself can make it, and row-level security shows nothing without it.
    """

    key = models.CharField(max_length=64)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    sections: Any = models.JSONField("栏目", default=list)
    lead = models.BooleanField("牵头", default=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    current_version = models.PositiveIntegerField("当前版本", default=0)
    changed_at = models.DateTimeField("更新时间", default=timezone.now)

    objects: ClassVar[TenantManager[WriterState]] = tenant_manager(WriterStateQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "分栏填报进度"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "key", "agency"], name="writer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.year}"
