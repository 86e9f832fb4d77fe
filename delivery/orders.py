"""What the office orders: send now what waits for its day, send again what failed (AY-15).

The page writes an order, and the next delivery carries it out before it looks for what is due: so only jobs change the
outbox and the batches, and an order whose worker is killed is found again.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from archives.models import Outbox
from archives.models.items import in_time
from archives.services.outbox import IN_HAND, hasten, may_leave, queue_again
from archives.states import Delivery
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import acting
from credit_platform.tenancy.models import TenantQuerySet
from delivery.models import Batch, BatchStatus, Order

LEAST_REASON, MOST_REASON = 4, 200


@transaction.atomic
def order_now(*, target: str, reason: str, actor: Actor) -> Order:
    """Order that what waits for its day is sent to `target` now. Raises `Refused` without a reason, or when nothing
    waits, `AlreadyDone` while such an order is open."""
    _check_office(actor)
    reason = " ".join(reason.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise Refused(
            f"请写明为什么不等到期就报送（{LEAST_REASON} 至 {MOST_REASON} 字）。", code="reason_needed"
        )
    if _open_orders(actor).filter(kind=Order.Kind.NOW, target=target).exists():
        raise AlreadyDone("已经安排立即报送，正在办理。")
    count = waiting(target=target, actor=actor)
    if not count:
        raise Refused("没有等待到期的记录，不需要立即报送。", code="nothing_waits")
    order = Order.objects.create(
        kind=Order.Kind.NOW,
        target=target,
        reason=reason,
        ordered_by_id=actor.user_id,
        ordered_by=actor.name,
    )
    data = {"target": target, "waiting": count}
    journal.write("delivery.ordered_now", actor=actor, subject=order, reason=reason, data=data)
    return order


@transaction.atomic
def order_again(*, batch: Batch, actor: Actor) -> Order:
    """Order that a batch without answer is tried at once, or that what the platform turned away of it is sent once
    more. Raises `Refused` when nothing of it can be sent again, `AlreadyDone` while such an order is open."""
    _check_office(actor)
    if not may_send_again(batch):
        raise Refused(
            "这一批没有可以再次报送的内容：已全部接收，或退回的记录已有新的版本。", code="nothing_left"
        )
    if _open_orders(actor).filter(batch=batch).exists():
        raise AlreadyDone("已经安排再次报送，正在办理。")
    order = Order.objects.create(
        kind=Order.Kind.AGAIN,
        target=batch.target,
        batch=batch,
        ordered_by_id=actor.user_id,
        ordered_by=actor.name,
    )
    journal.write("delivery.ordered_again", actor=actor, subject=batch, data={"target": batch.target})
    return order


def may_send_again(batch: Batch) -> bool:
    """Tell whether the batch still waits for an answer, or some of it was turned away and has no newer version."""
    if batch.status in IN_HAND:
        return batch.attempts > 0
    lines = batch.lines.filter(in_time("outbox__item__"), accepted=False, outbox__state=Delivery.REJECTED)
    rows = lines.select_related("outbox__version", "outbox__part", "outbox__item")
    return any(line.version == line.outbox.head.current_version for line in rows)


def waiting(*, target: str, actor: Actor) -> int:
    """Return how many versions wait for their day."""
    rows = Outbox.objects.visible_to(actor).filter(may_leave(), target=target, state=Delivery.PENDING)
    return rows.filter(due_at__gt=timezone.now()).count()


def carry_out(*, jurisdiction_id: int, target: str, worker: str) -> int:
    """Carry out the open orders for a target, each in a transaction; return how many. Safe to repeat and to kill."""
    done = 0
    while True:
        with acting(jurisdiction_id, "job"):
            orders = Order.objects.filter(target=target, done_at=None).select_related("batch")
            order = (
                orders.order_by("created_at", "id").select_for_update(of=("self",), skip_locked=True).first()
            )
            if order is None:
                return done
            order.count, order.done_at = _carry_out(order), timezone.now()
            order.save(update_fields=["count", "done_at"])
            journal.write(
                "delivery.order_done",
                actor=job(jurisdiction_id, worker),
                subject=order,
                data={"kind": order.kind, "count": order.count},
            )
        done += 1


def _carry_out(order: Order) -> int:
    now = timezone.now()
    if order.kind == Order.Kind.NOW:
        return hasten(target=order.target, until=order.created_at, now=now)
    assert order.batch_id is not None  # `order_again` names one
    batch = Batch.objects.select_for_update().get(id=order.batch_id)
    if batch.status in (BatchStatus.OPEN, BatchStatus.UNKNOWN):
        batch.next_attempt_at = now
        batch.save(update_fields=["next_attempt_at"])
        return batch.size
    turned_away = batch.lines.filter(accepted=False).values_list("outbox_id", flat=True)
    return queue_again(outbox_ids=list(turned_away), now=now)


def _open_orders(actor: Actor) -> TenantQuerySet[Order]:
    return Order.objects.visible_to(actor).filter(done_at=None)


def _check_office(actor: Actor) -> None:
    if actor.kind != "office":
        raise Refused("只有信用办可以安排报送。", code="not_permitted")
