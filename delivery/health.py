"""How each municipal platform does: what waits for it, what became of the last attempts (AY-14, AY-15)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from archives.models import Outbox
from archives.models.items import in_time
from archives.services.outbox import IN_HAND, may_leave
from archives.states import Delivery
from credit_platform.actors import Actor
from delivery.models import Batch, BatchStatus, Order, Target

OVERDUE_AFTER = dt.timedelta(minutes=10)
"""What is due for longer than this, without an answer, is told as a backlog."""
_CURRENT = Q(version__number=F("part__current_version")) | Q(version__number=F("item__current_version"))


@dataclasses.dataclass(frozen=True)
class TargetHealth:
    """One platform as the office sees it; counts are of versions, times are local.

    `due` should be on its way now, `in_hand` waits for an answer, `waiting` for its day, `rejected` for its next
    version. `oldest` is the due time of what has been due longest, `next_due` when something waiting becomes due.
    """

    code: str
    name: str
    configured: bool
    due: int
    in_hand: int
    waiting: int
    rejected: int
    oldest: dt.datetime | None
    next_due: dt.datetime | None
    last_success: dt.datetime | None
    last_receipt: str
    trouble: str
    trouble_at: dt.datetime | None
    troubled: bool
    orders: int

    @property
    def state(self) -> str:
        """The state in a word or two."""
        if not self.configured:
            return "没有配置"
        if self.troubled:
            return "正在核实"
        if self.oldest and timezone.now() - self.oldest > OVERDUE_AFTER:
            return "积压"
        return "正在报送" if self.moving else "正常"

    @property
    def good(self) -> bool:
        """Whether nobody has to look into it."""
        return self.state in ("正常", "正在报送")

    @property
    def moving(self) -> bool:
        """Whether the picture will change by itself within moments."""
        return bool(self.due or self.in_hand or self.orders)


def target_health(actor: Actor) -> list[TargetHealth]:
    """Return the platforms that the actor's county reports to, in the order of their codes."""
    targets = Target.objects.filter(jurisdiction_id=actor.jurisdiction_id, active=True).order_by("code")
    counts = _outbox_counts(actor)
    orders = Order.objects.visible_to(actor).filter(done_at=None).values_list("target").annotate(Count("id"))
    open_orders = dict(orders.order_by())
    return [_health(actor, target, counts.get(target.code, {}), open_orders) for target in targets]


def is_configured(code: str) -> bool:
    """Tell whether this installation knows address and key of a platform."""
    return code in settings.PLATFORM_URLS and code in settings.CREDIT_KEYS.platform


def _outbox_counts(actor: Actor) -> dict[str, dict[str, Any]]:
    """Count what is not accepted yet, by target: a small part of the outbox, found by its state."""
    now = timezone.now()
    pending = Q(state=Delivery.PENDING)
    seen = Outbox.objects.visible_to(actor).filter(in_time("item__"))
    unsent = Outbox.objects.visible_to(actor).filter(may_leave(), state__in=(Delivery.PENDING, Delivery.SENT))
    rows = unsent.order_by().values("target")
    found = rows.annotate(
        unanswered=Count("id", filter=Q(state=Delivery.SENT) | pending & Q(due_at__lte=now)),
        waiting=Count("id", filter=pending & Q(due_at__gt=now)),
        oldest=Min("due_at", filter=Q(due_at__lte=now)),
        next_due=Min("due_at", filter=pending & Q(due_at__gt=now)),
    )
    counts: dict[str, dict[str, Any]] = {row["target"]: dict(row) for row in found}
    turned_away = seen.filter(_CURRENT, state=Delivery.REJECTED).order_by()
    for target, number in turned_away.values_list("target").annotate(Count("id")):
        counts.setdefault(target, {})["rejected"] = number
    return counts


def _health(
    actor: Actor, target: Target, counts: dict[str, Any], open_orders: dict[str, int]
) -> TargetHealth:
    batches = Batch.objects.visible_to(actor).filter(target=target.code)
    success = batches.filter(status=BatchStatus.ANSWERED).order_by("-answered_at").first()
    trouble = batches.filter(trouble_at__isnull=False).order_by("-trouble_at").first()
    under_way = list(batches.filter(status__in=IN_HAND).values_list("size", "status"))
    in_hand = sum(size for size, _ in under_way)
    return TargetHealth(
        code=target.code,
        name=target.name,
        configured=is_configured(target.code),
        due=max(counts.get("unanswered", 0) - in_hand, 0),
        in_hand=in_hand,
        waiting=counts.get("waiting", 0),
        rejected=counts.get("rejected", 0),
        oldest=_local(counts.get("oldest")),
        next_due=_local(counts.get("next_due")),
        last_success=_local(success.answered_at) if success else None,
        last_receipt=success.receipt_no if success else "",
        trouble=trouble.trouble if trouble else "",
        trouble_at=_local(trouble.trouble_at) if trouble else None,
        troubled=any(status == BatchStatus.UNKNOWN for _, status in under_way),
        orders=open_orders.get(target.code, 0),
    )


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return timezone.localtime(moment) if moment else None
