"""Notices: who is told what, whether it was read, and whether a mail went out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agencies.models import Agency, Employer, Membership
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager
from notices.kinds import KINDS


class MailState(models.TextChoices):
    """Where the mail about a notice stands; empty: none is wanted."""

    NONE = "", "不发送"
    DUE = "due", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    GIVEN_UP = "given_up", "未能发送"


class NoticeQuerySet(TenantQuerySet["Notice"]):
    """Queries over notices."""

    def visible_to(self, actor: Actor) -> NoticeQuerySet:
        """The member who is told, working in that very membership; jobs see all."""
        if actor.kind == "job":
            return self
        if actor.membership_id is None:
            return self.none()
        return self.filter(membership_id=actor.membership_id)

    def unread(self) -> NoticeQuerySet:
        """Return those that nobody has opened yet."""
        return self.filter(read_at=None)


class Notice(TenantModel):
    """One thing that one member is told. As long as it is unread, more of the same (`kind`, `key`) adds to `count`.

    No free text: the sentence comes from `kind`, `count` and `subject`, the label of a group. `url` leads to the
    list where it can be finished. `agency` and `employer` are those of the membership, for row-level security.
    """

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    kind = models.CharField("类别", max_length=20)
    key = models.CharField(max_length=80, blank=True)
    subject = models.CharField("对象", max_length=60, blank=True)
    count = models.PositiveIntegerField("数量", default=1)
    url = models.CharField("办理地址", max_length=200)
    created_at = models.DateTimeField("通知时间", default=timezone.now)
    changed_at = models.DateTimeField("最近时间", default=timezone.now)
    read_at = models.DateTimeField("阅读时间", null=True)
    mail = models.CharField("邮件", max_length=10, choices=MailState.choices, blank=True)
    mail_at = models.DateTimeField("邮件时间", null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[TenantManager[Notice]] = tenant_manager(NoticeQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "通知"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "membership", "kind", "key"],
                condition=Q(read_at=None),
                name="notice_unread_once",
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "membership", "created_at", "id"], name="notice_list"),
            models.Index(
                fields=["jurisdiction", "mail", "mail_at", "id"],
                condition=Q(mail__in=["due", "sending"]),
                name="notice_mail_due",
            ),
        ]

    def __str__(self) -> str:
        return KINDS[self.kind].text(count=self.count, subject=self.subject)
