"""Opening a group whose turn in the roll-out waits for the office (AY-01, GZ-05, PD-40)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from agencies.models import Responsibility, Role
from audit import journal
from audit.lifecycle import Refused, clean_reason
from credit_platform.actors import Actor

FURTHEST = dt.timedelta(days=730)


@transaction.atomic
def open_group(
    *, responsibility: Responsibility, opens_on: dt.date, reason: str, actor: Actor, today: dt.date
) -> Responsibility:
    """Set the day from which archives of a waiting group are opened and its reports owed; every writer of it at once.

    Raises `Refused` for anybody but the office, a group that does not wait or is not decided, a day before the place's
    first year or more than two years ahead, no reason.
    """
    if actor.role != Role.OFFICER or responsibility.jurisdiction_id != actor.jurisdiction_id:
        raise Refused("开放日期由信用工作机构确定。", code="foreign")
    reason = clean_reason(reason)
    if not reason:
        raise Refused("请写明开放这一人群的依据或原因。", code="reason")
    of_group = Responsibility.objects.filter(
        jurisdiction_id=responsibility.jurisdiction_id, occupation=responsibility.occupation
    )
    rows = list(of_group.select_for_update(of=("self",)).select_related("jurisdiction").order_by("pk"))
    waiting = [row for row in rows if row.awaits and not row.undecided and row.ended_on is None]
    if not waiting:
        raise Refused(f"“{responsibility.label}”已经开放，或者建档对象尚未确定。", code="already_done")
    first = dt.date(int(waiting[0].jurisdiction.parameters.get("first_year", today.year)), 1, 1)
    if not first <= opens_on <= today + FURTHEST:
        last = today + FURTHEST
        raise Refused(f"开放日期应在 {first:%Y-%m-%d} 至 {last:%Y-%m-%d} 之间。", code="day")
    for row in waiting:
        row.awaits, row.opens_on = False, opens_on
        row.save(update_fields=["awaits", "opens_on"])
    journal.write(
        "group.opened",
        actor=actor,
        subject=waiting[0],
        reason=reason,
        data={"occupation": responsibility.occupation, "opens_on": opens_on.isoformat()},
    )
    responsibility.refresh_from_db()
    return responsibility
