"""What is to be done beside the records themselves: identities, procedures, nil returns, people without archive."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from agencies.models import Jurisdiction, Responsibility, Role
from archives.coverage import entries_of
from archives.identity_state import with_state
from archives.models import Archive, IdentityRequest, NilReturn, Proceeding, Transfer
from archives.nil_periods import owed_of, periods_over
from archives.services.nil_returns import SECOND_PERSON
from archives.services.years import default_year
from archives.states import CheckOutcome, NilStatus, ProceedingStatus, RequestStatus, TransferStatus
from audit import journal
from credit_platform.actors import Actor
from credit_platform.tenancy.plans import joining_wholes

MOST_PROCEEDINGS = 20
Line = dict[str, str]


def lines_of(actor: Actor, place: Jurisdiction, *, today: dt.date) -> dict[str, Any] | None:
    """Return the block for `home/queue.html`, or None where there is nothing."""
    lines = [
        *_mismatched(actor),
        *_proceedings(actor, today),
        *_owed(actor, place, today),
        *_to_confirm(actor, place),
        *_transfers(actor, today),
        *_identities(actor),
        *_missing(actor, place, today),
    ]
    if not lines:
        return None
    return {"title": "还要办的事", "tag": "", "count": len(lines), "url": "", "items": lines}


def _mismatched(actor: Actor) -> list[Line]:
    """People whose name and number the population database has not so: nothing of them is confirmed until then."""
    found = Archive.objects.visible_to(actor).filter(with_state(CheckOutcome.MISMATCH))
    count = found.filter(left_on__isnull=True).count()
    line = {
        "url": f"{reverse('archive-list')}?{urlencode({'check': str(CheckOutcome.MISMATCH)})}",
        "name": "身份核验不一致",
        "detail": f"{count:,} 人的姓名、证件号码与人口库不一致，核实前不能审核确认",
        "when": "",
    }
    return [line] if count else []


def _proceedings(actor: Actor, today: dt.date) -> list[Line]:
    """Procedures whose next step is this person's, the oldest first."""
    if actor.role == Role.CLERK:
        over = Q(status=ProceedingStatus.NOTIFIED, statement_until__lt=today)
        mine = over | Q(status__in=(ProceedingStatus.OPEN, ProceedingStatus.DECIDED))
    elif actor.role == Role.REVIEWER:
        mine = Q(status=ProceedingStatus.HEARD)
    else:
        return []
    found = Proceeding.objects.visible_to(actor).filter(mine)
    rows = list(found.order_by("opened_at", "id")[:MOST_PROCEEDINGS])
    if rows:
        ids = [str(row.part_id) for row in rows]
        label = f"工作台：认定程序（{len(ids)} 人）"
        journal.look("record.listed", actor=actor, subject_label=label, data={"ids": ids})
    return [
        {
            "url": reverse("proceeding", args=[row.pk]),
            "name": row.name,
            "detail": f"认定程序：{row.get_status_display()}",
            "when": f"{row.year} 年度",
        }
        for row in rows
    ]


def _owed(actor: Actor, place: Jurisdiction, today: dt.date) -> list[Line]:
    """The groups without facts or nil return for the last period, and how many are left from before."""
    if actor.role != Role.CLERK:
        return []
    every = owed_of(actor, today=today)
    last = [one.start for one in periods_over(place, today=today, most=1)]
    owed = [one for one in every if one.period.start in last]
    lines = [
        {
            "url": reverse("nil-return-sign", args=[one.group.occupation, one.period.start.isoformat()]),
            "name": "零报告",
            "detail": f"{one.group.label}　{one.period.label}没有条目，请签报或补报条目",
            "when": f"{one.due:%m-%d} 前" if not one.late(today) else f"已过 {(today - one.due).days} 天",
        }
        for one in owed
    ]
    if older := [one for one in every if one.period.start not in last]:
        first = min(one.due for one in older)
        detail = f"以前各期还有 {len(older):,} 份没有签报"
        when = f"最早一份已过 {(today - first).days:,} 天"
        lines.append({"url": reverse("nil-return-list"), "name": "零报告", "detail": detail, "when": when})
    return lines


def _to_confirm(actor: Actor, place: Jurisdiction) -> list[Line]:
    """Nil returns that wait for a second person, where the place asks for one."""
    if actor.kind != "agency" or not place.parameters.get(SECOND_PERSON, False):
        return []
    waiting = NilReturn.objects.visible_to(actor).filter(status=NilStatus.SIGNED)
    count = waiting.exclude(signer_id=actor.user_id or 0).count()
    detail = f"{count:,} 份等您复核"
    line = {"url": reverse("nil-return-list"), "name": "零报告", "detail": detail, "when": ""}
    return [line] if count else []


def _transfers(actor: Actor, today: dt.date) -> list[Line]:
    """People on their way here that nobody has received, for the clerk; on their way out, for the reviewer."""
    if actor.role == Role.CLERK:
        count = Transfer.objects.arriving(actor).waiting(today).count()
        side, detail = "in", f"{count:,} 件转入等待核对、接收"
    elif actor.role == Role.REVIEWER:
        proposed = Transfer.objects.leaving(actor).filter(status=TransferStatus.PROPOSED)
        count = proposed.exclude(proposer_id=actor.user_id or 0).count()
        side, detail = "out", f"{count:,} 件转出等您审核"
    else:
        return []
    line = {
        "url": f"{reverse('transfer-list')}?side={side}",
        "name": "转出转入",
        "detail": detail,
        "when": "",
    }
    return [line] if count else []


def _identities(actor: Actor) -> list[Line]:
    """Requests about identities that wait for this reviewer, or corrections that the office asks this clerk for."""
    if actor.role == Role.REVIEWER:
        mine = Q(status=RequestStatus.PROPOSED) & ~Q(proposer_id=actor.user_id)
    elif actor.role == Role.CLERK:
        mine = Q(status=RequestStatus.ASKED)
    else:
        return []
    count = IdentityRequest.objects.visible_to(actor).filter(mine).count()
    detail = f"{count:,} 件等您审核" if actor.role == Role.REVIEWER else f"{count:,} 份档案的身份要更正"
    line = {"url": reverse("identity-list"), "name": "身份事项", "detail": detail, "when": ""}
    return [line] if count else []


def _missing(actor: Actor, place: Jurisdiction, today: dt.date) -> list[Line]:
    """People on the roster of the year that is worked on who have no record of it."""
    if actor.role not in (Role.FILLER, Role.CLERK):
        return []
    year = default_year(place, today=today)
    own = Responsibility.objects.visible_to(actor).filter(agency_id=actor.own_agency)
    owed = own.open_in(year).values("occupation")
    with joining_wholes():
        count = entries_of(actor, year).filter(built=False, occupation__in=owed).count()
    query = urlencode({"year": year, "built": "0"})
    line = {
        "url": f"{reverse('roster-list')}?{query}",
        "name": "应建未建",
        "detail": f"{year} 年度名册上还有 {count:,} 人没有档案",
        "when": "",
    }
    return [line] if count else []
