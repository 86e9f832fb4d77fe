"""催报: reminding the named persons of an agency of what is overdue; at most once a day for each line."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from agencies.models import Role
from audit import journal
from audit.lifecycle import Refused, clean_reason
from credit_platform.actors import Actor
from notices.selectors import named_persons
from notices.services import notify
from oversight.models import Reminder
from oversight.progress import Line, progress_of

LONGEST_TEXT = 300
_LIKE_A_NUMBER = re.compile(r"\d(?:[\s-]?[\dXx]){10,}")
"""As long as a phone number or longer: a reminder is about groups, never about somebody."""


@dataclasses.dataclass(frozen=True)
class Reminded:
    """What came of it: reminders written, lines reminded of before on this day, lines for whom nobody answers."""

    sent: int
    again: int
    nobody: list[str]


@transaction.atomic
def remind(*, keys: Collection[str], year: int, text: str, actor: Actor, today: dt.date) -> Reminded:
    """Remind of the lines that `keys` name and that are overdue now. Raises `Refused`: not the office, nothing
    chosen, none of it overdue any more, or a text that holds a number of a person."""
    if actor.role != Role.OFFICER or actor.kind != "office":
        raise Refused("催报由信用工作机构办理。", code="not_permitted")
    words = clean_reason(text)[:LONGEST_TEXT]
    if _LIKE_A_NUMBER.search(words):
        raise Refused("催报内容中有类似证件号码、电话号码的数字，请删去后再发送。", code="personal")
    if not keys:
        raise Refused("请先勾选要催报的事项。", code="nothing_chosen")
    lines = [line for line in progress_of(actor, year, today=today).lines if line.key in keys]
    if not lines:
        raise Refused("所选事项已经办理，不需要催报。请刷新页面查看最新情况。", code="nothing_overdue")
    persons = named_persons(line.responsibility for line in lines)
    sent, again, nobody = 0, 0, []
    for line in lines:
        members = persons[line.responsibility.pk]
        if not members:
            nobody.append(line.responsibility.label)
            continue
        row = _write(line, words, [member.user.display_name for member in members], actor, today)
        if row is None:
            again += 1
            continue
        url = reverse("reminder", args=[row.pk])
        notify(members, "reminder", url=url, subject=row.label, key=str(row.pk))
        sent += 1
    return Reminded(sent, again, nobody)


def last_reminded(actor: Actor) -> dict[str, dt.datetime]:
    """Return when each line was last reminded of, by its key."""
    rows = Reminder.objects.visible_to(actor).order_by()
    grouped = rows.values_list("agency_id", "occupation", "what", "month").annotate(Max("at"))
    return {f"{agency}:{group}:{what}:{month:%Y-%m}": at for agency, group, what, month, at in grouped}


def _write(line: Line, text: str, told: list[str], actor: Actor, today: dt.date) -> Reminder | None:
    """Write the row, or return None where this line has its reminder of the day."""
    try:
        with transaction.atomic():
            row = Reminder.objects.create(
                agency_id=line.responsibility.agency_id,
                occupation=line.responsibility.occupation,
                label=line.responsibility.label,
                what=line.what,
                month=line.month,
                since=line.since,
                count=line.count,
                whole=line.whole,
                text=text,
                told=told,
                day=today,
                sent_by=actor.name,
            )
    except IntegrityError:
        return None
    data = {"what": line.what, "month": f"{line.month:%Y-%m}", "count": line.count}
    journal.write("reminder.sent", actor=actor, subject=row, data=data)
    return row
