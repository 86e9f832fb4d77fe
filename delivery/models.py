"""Batches that leave for a municipal platform, and what became of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Jurisdiction
from archives.models import Outbox
from credit_platform.actors import Actor
from credit_platform.tenancy.models import (
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
    tenant_manager,
)


class Target(models.Model):
    """A municipal platform that a jurisdiction reports to (AY-15, GZ-09, ZD-10). Its address and key are settings."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="targets")
    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("依据条款", max_length=60)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "报送对象"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="target_code")]

    def __str__(self) -> str:
        return self.name


class CountyQuerySet(TenantQuerySet[models.Model]):
    """Rows of the county's office and its jobs."""

    def visible_to(self, actor: Actor) -> CountyQuerySet:
        """Office and jobs only; an agency follows its own records through the outbox."""
        return self if actor.kind in ("office", "job") else self.none()


class BatchStatus(models.TextChoices):
    """Where a batch stands. `open`: to be sent, or to be asked about if an attempt was made before."""

    OPEN = "open", "待发送"
    UNKNOWN = "unknown", "等待核实"
    ANSWERED = "answered", "已回执"
    REFUSED = "refused", "整批退回"


class Batch(TenantModel):
    """Records that travel together. Its id is known to the platform, so an unknown outcome can be asked about."""

    target = models.CharField("报送对象", max_length=40)
    status = models.CharField("状态", max_length=10, choices=BatchStatus.choices, default=BatchStatus.OPEN)
    created_at = models.DateTimeField("组批时间", default=timezone.now)
    size = models.PositiveIntegerField("条数")
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    next_attempt_at = models.DateTimeField("下次尝试", default=timezone.now)
    body = models.TextField("正文（加密，回执后清除）", blank=True)
    body_digest = models.CharField("正文摘要", max_length=64, blank=True)
    last_error = models.CharField("最近一次情况", max_length=300, blank=True)
    trouble = models.CharField("最近一次异常", max_length=300, blank=True)
    trouble_at = models.DateTimeField("最近一次异常时间", null=True)
    receipt_no = models.CharField("回执号", max_length=64, blank=True)
    receipt = models.TextField("回执原文", blank=True)
    answered_at = models.DateTimeField("回执时间", null=True)
    accepted = models.PositiveIntegerField("接收", default=0)
    rejected = models.PositiveIntegerField("退回", default=0)

    objects: ClassVar[TenantManager[Batch]] = tenant_manager(CountyQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "报送批次"
        indexes = [
            models.Index(fields=["jurisdiction", "target", "status", "next_attempt_at"], name="batch_due"),
            models.Index(fields=["jurisdiction", "created_at", "id"], name="batch_list"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.created_at):%Y-%m-%d %H:%M} 批次（{self.size} 条）"


class Order(TenantModel):
    """指令: the office wants something sent now. The site role writes it, a job carries it out (AY-15).

    `now` sends to `target` what waits for its day and was confirmed before `created_at`; `again` asks about a batch
    that has no answer, or queues once more what the platform turned away of it. Nothing of it names a person.
    """

    class Kind(models.TextChoices):
        """What is wanted."""

        NOW = "now", "立即报送"
        AGAIN = "again", "再次报送"

    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    target = models.CharField("报送对象", max_length=40)
    batch = TenantForeignKey(Batch, models.PROTECT, related_name="orders", null=True, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    ordered_by_id = models.IntegerField("发起账号", null=True)
    ordered_by = models.CharField("发起人", max_length=50)
    created_at = models.DateTimeField("发起时间", default=timezone.now)
    done_at = models.DateTimeField("执行时间", null=True)
    count = models.PositiveIntegerField("条数", default=0)

    objects: ClassVar[TenantManager[Order]] = tenant_manager(CountyQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "报送指令"
        indexes = [
            models.Index(fields=["jurisdiction", "target", "done_at"], name="order_open"),
            models.Index(fields=["jurisdiction", "created_at", "id"], name="order_list"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class BatchLine(TenantModel):
    """One sealed version in a batch, and the platform's answer to it. `withdrawal`: as it was built, it takes a fact
    back, and may leave though the fact's time is over.
    """

    batch = TenantForeignKey(Batch, models.PROTECT, related_name="lines")
    outbox = TenantForeignKey(Outbox, models.PROTECT, related_name="lines")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField()
    record_id = models.UUIDField()
    version = models.PositiveIntegerField()
    withdrawal = models.BooleanField("撤下", default=False)
    accepted: Any = models.BooleanField(null=True)
    code = models.CharField("代码", max_length=40, blank=True)
    message = models.CharField("说明", max_length=500, blank=True)

    objects: ClassVar[TenantManager[BatchLine]] = tenant_manager(CountyQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "批次明细"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "batch", "position"], name="line_position"),
            models.UniqueConstraint(fields=["jurisdiction", "batch", "outbox"], name="line_of_outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} 第 {self.version} 版"
