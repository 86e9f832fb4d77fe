"""Sealed versions and the outbox. Append-only: a sealed fact is never edited, it gets a next version."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from agencies.models import Agency, Employer
from archives.models.items import Item
from archives.models.people import AgencyFactQuerySet, Person
from archives.models.records import RecordPart
from archives.states import Delivery
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager

ONE_HEAD = models.Q(part__isnull=True) ^ models.Q(item__isnull=True)


class Version(TenantModel):
    """One seal of a part or an item: who wrote, who confirmed, when, and the keyed digest of the body (PD-21, GZ-14).

    The site role can insert and read, nothing else. The body is a row of its own, so that it can be destroyed when
    the law says so while the proof that it was remains. `cites` names what the seal rests on and shows, all of it
    covered by the digest: `evidence` (id, sha256), `items` (id, version), `proceeding` (id). `check_code` is the
    查验码 that is printed beside the blank place of the stamp.
    """

    part = TenantForeignKey(
        RecordPart, models.PROTECT, within=("agency",), related_name="versions", null=True, blank=True
    )
    item = TenantForeignKey(
        Item, models.PROTECT, within=("agency",), related_name="versions", null=True, blank=True
    )
    person = TenantForeignKey(Person, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    number = models.PositiveIntegerField("版本号")
    digest = models.CharField("摘要", max_length=64)
    schema_digest = models.CharField("栏目摘要", max_length=64)
    cites: Any = models.JSONField("引用", default=dict)
    check_code = models.CharField("查验码", max_length=16, blank=True)
    reason = models.CharField("更正原因", max_length=500, blank=True)
    author_id = models.IntegerField("填报账号", null=True)
    author_name = models.CharField("填报人", max_length=50)
    approver_id = models.IntegerField("审核账号", null=True)
    approver_name = models.CharField("审核人", max_length=50)
    sealed_at = models.DateTimeField("确认时间")

    objects: ClassVar[TenantManager[Version]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "版本"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "part", "number"], name="version_number"),
            models.UniqueConstraint(fields=["jurisdiction", "item", "number"], name="version_of_item"),
            models.CheckConstraint(name="version_of_one_head", condition=ONE_HEAD),
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="version_within_agency"),
        ]
        indexes = [models.Index(fields=["jurisdiction", "check_code"], name="version_check_code")]

    def __str__(self) -> str:
        return f"第 {self.number} 版"

    @property
    def head(self) -> RecordPart | Item:
        """The part or item of which this is a version."""
        head = self.part or self.item
        assert head is not None  # the database keeps `version_of_one_head`
        return head


class VersionBody(TenantModel):
    """The sealed content: canonical JSON, sensitive values encrypted. Digest over the plain form is on `Version`.

    Never changed. PostgreSQL lets a job destroy that of a fact that may be kept no longer, or of a recalled record, and
    nothing else.
    """

    version = TenantForeignKey(Version, models.PROTECT, within=("agency",), related_name="bodies")
    person = TenantForeignKey(Person, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    content: Any = models.JSONField("内容")
    sealed_at = models.DateTimeField("确认时间")

    objects: ClassVar[TenantManager[VersionBody]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "版本内容"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "version"], name="body_of_version")]

    def __str__(self) -> str:
        return str(self.version_id)


class Outbox(TenantModel):
    """One sealed version for one target, written in the sealing transaction; `delivery` only drains it."""

    version = TenantForeignKey(Version, models.PROTECT, within=("agency",), related_name="outbox")
    part = TenantForeignKey(
        RecordPart, models.PROTECT, within=("agency",), related_name="outbox", null=True, blank=True
    )
    item = TenantForeignKey(
        Item, models.PROTECT, within=("agency",), related_name="outbox", null=True, blank=True
    )
    person = TenantForeignKey(Person, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    target = models.CharField("报送对象", max_length=40)
    due_at = models.DateTimeField("应报送时间")
    state = models.CharField("状态", max_length=10, choices=Delivery.choices, default=Delivery.PENDING)
    code = models.CharField("退回代码", max_length=20, blank=True)
    message = models.CharField("退回原因", max_length=500, blank=True)
    changed_at = models.DateTimeField("状态时间")

    objects: ClassVar[TenantManager[Outbox]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "待报送"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "version", "target"], name="outbox_once"),
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="outbox_within_agency"),
            models.CheckConstraint(name="outbox_of_one_head", condition=ONE_HEAD),
        ]
        indexes = [models.Index(fields=["jurisdiction", "state", "due_at", "id"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.version_id} → {self.target}"

    @property
    def head(self) -> RecordPart | Item:
        """The part or item whose version waits here."""
        head = self.part or self.item
        assert head is not None  # the database keeps `outbox_of_one_head`
        return head
