"""转出、转入: the envelope in which a person's sealed years go to another agency, in this county or another.

The two tables stand outside the counties, as `PersonLocator` does: a row has two ends, and row-level security shows it
to these two agencies alone. No number of a document is ever in it. What was handed over is read by an exact key, which
only who knows name and number of the person can make.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agencies.models import Agency, Jurisdiction
from archives.states import SheetState, TransferStatus
from credit_platform.actors import Actor
from credit_platform.identity import uuid7

OPEN = (TransferStatus.PROPOSED, TransferStatus.SENT)
ARRIVED = (TransferStatus.SENT, TransferStatus.RECEIVED, TransferStatus.REFUSED, TransferStatus.BLOCKED)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Queries over transfers. Each end has a condition of its own, so that each has its index."""

    def leaving(self, actor: Actor) -> TransferQuerySet:
        """Return those out of the groups that this member of the old unit handles."""
        return self._of(actor, "from")

    def arriving(self, actor: Actor) -> TransferQuerySet:
        """Return those into the groups that this member of the new unit handles, once they were sent."""
        return self._of(actor, "to").filter(sent_at__isnull=False)

    def visible_to(self, actor: Actor) -> TransferQuerySet:
        """Return what a clerk or reviewer of either unit may see; nobody else, the offices included."""
        return self.leaving(actor) | self.arriving(actor)

    def waiting(self, day: dt.date) -> TransferQuerySet:
        """Return those that may still be received on a day."""
        return self.filter(status=TransferStatus.SENT, lapses_on__gte=day)

    def _of(self, actor: Actor, end: str) -> TransferQuerySet:
        if actor.kind != "agency":
            return self.none()
        ends = {
            f"{end}_jurisdiction_id": actor.jurisdiction_id,
            f"{end}_agency_id": actor.own_agency,
            f"{end}_occupation__in": actor.occupations,
        }
        return self.filter(**ends)


class Transfer(models.Model):
    """One person's way from one agency to another: proposed, confirmed by a second person, received or refused.

    `archive_id` is the old unit's archive (the database holds it to that unit), `received_archive_id` the new one's.
    `body`: what the new unit is told after its check, encrypted. `key_digest` tells whether somebody knows name and
    number; `key`, which opens the pages, stands here once somebody did, with the `identity` that was typed until the
    archive is opened. `guesses` counts the wrong ones. Nothing of this names the person to whoever looks at the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    from_jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="+", db_index=False)
    from_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    from_occupation = models.CharField("转出人群代码", max_length=40)
    archive_id = models.UUIDField("转出档案")
    to_jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="+", db_index=False)
    to_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    to_occupation = models.CharField("转入人群代码", max_length=40)
    document_no = models.CharField("调令或文书文号", max_length=100)
    body = models.TextField("移交说明（加密）", blank=True)

    status = models.CharField(
        "状态", max_length=10, choices=TransferStatus.choices, default=TransferStatus.PROPOSED
    )
    revision = models.PositiveIntegerField(default=1)
    proposer_id = models.IntegerField("转出经办账号")
    proposed_by = models.CharField("转出经办人", max_length=50)
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    confirmer_id = models.IntegerField("转出审核账号", null=True)
    confirmed_by = models.CharField("转出审核人", max_length=50, blank=True)
    sent_at = models.DateTimeField("转出时间", null=True)
    lapses_on = models.DateField("接收期限", null=True)

    key_digest = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=64, blank=True)
    identity = models.TextField("核对的身份（加密）", blank=True)
    guesses = models.PositiveSmallIntegerField("核对不符次数", default=0)
    checked_by = models.CharField("核对人", max_length=50, blank=True)
    checked_at = models.DateTimeField("核对时间", null=True)

    receipt_no = models.CharField("回执编号", max_length=100, blank=True)
    received_on = models.DateField("接收日期", null=True)
    received_by = models.CharField("接收人", max_length=50, blank=True)
    received_archive_id = models.UUIDField("转入档案", null=True)
    ended_reason = models.CharField("退回或撤回原因", max_length=500, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = "转出转入"
        constraints = [
            models.UniqueConstraint(
                fields=["from_jurisdiction", "archive_id"],
                condition=Q(status__in=OPEN),
                name="transfer_open_once",
            ),
            models.CheckConstraint(
                name="transfer_second_person",
                condition=Q(confirmer_id=None) | ~Q(confirmer_id=F("proposer_id")),
            ),
            models.CheckConstraint(
                name="transfer_sent_by_second",
                condition=~Q(status__in=ARRIVED) | Q(confirmer_id__isnull=False, sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="transfer_seen_once_confirmed",
                condition=Q(sent_at=None) | Q(confirmer_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["id", "from_jurisdiction", "from_agency", "to_jurisdiction", "to_agency"],
                name="transfer_with_ends",
            ),
            models.CheckConstraint(
                name="transfer_received_with_receipt",
                condition=~Q(status=TransferStatus.RECEIVED)
                | (
                    Q(received_archive_id__isnull=False, received_on__isnull=False)
                    & ~Q(receipt_no="")
                    & ~Q(key="")
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_jurisdiction", "from_agency", "proposed_at", "id"], name="transfer_out_list"
            ),
            models.Index(fields=["to_jurisdiction", "to_agency", "sent_at", "id"], name="transfer_in_list"),
        ]

    def __str__(self) -> str:
        return f"{self.from_agency.name}转往{self.to_agency.name}"

    def has_lapsed(self, day: dt.date) -> bool:
        """Tell whether nobody received it in time; worked out, no job is needed for it."""
        return self.status == TransferStatus.SENT and self.lapses_on is not None and self.lapses_on < day

    def arrives_at(self, actor: Actor) -> bool:
        """Tell whether the actor belongs to the unit that receives."""
        return (self.to_jurisdiction_id, self.to_agency_id) == (actor.jurisdiction_id, actor.agency_id)


class TransferSheet(models.Model):
    """One sealed version as it was handed over: what it says, for reading alone, with number and digest of the version.

    A correction of the old unit closes the sheet, empties it, and adds the next; a withdrawal closes it for good. The
    new unit reads it by `match_key` only. `shown_until`: from the midnight after it the fact is shown to nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="sheets")
    from_jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="+", db_index=False)
    from_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    to_jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="+", db_index=False)
    to_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    match_key = models.CharField(max_length=64, blank=True)
    head_id = models.UUIDField("记录或条目")
    number = models.PositiveIntegerField("版本号")
    digest = models.CharField("摘要", max_length=64)
    year = models.PositiveSmallIntegerField("年度")
    label = models.CharField("内容类别", max_length=60)
    approver_name = models.CharField("审核人", max_length=50)
    sealed_at = models.DateTimeField("确认时间")
    reason = models.CharField("更正原因", max_length=500, blank=True)
    body = models.TextField("内容（加密）", blank=True)
    shown_until = models.DateField("展示截止", null=True)
    state = models.CharField("状态", max_length=10, choices=SheetState.choices, default=SheetState.CURRENT)
    changed_at = models.DateTimeField("状态时间", default=timezone.now)

    class Meta:
        verbose_name = "移交内容"
        constraints = [
            models.UniqueConstraint(fields=["transfer", "head_id", "number"], name="sheet_once"),
        ]
        indexes = [models.Index(fields=["from_jurisdiction", "head_id"], name="sheet_by_head")]

    def __str__(self) -> str:
        return f"{self.year} 年度 {self.label}"
