"""零报告: signing that a group has nothing to report for a period; voided by a fact that turns up later (AY-14)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility, Role
from archives.lifecycle import NIL_RETURN
from archives.models import Item, NilReturn
from archives.periods import Period, PeriodKind
from archives.states import NilStatus, Status
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance, clean_reason
from credit_platform.actors import Actor

SECOND_PERSON = "nil_return_second_person"
"""Parameter of the pack: true where another member has to confirm a nil return."""
CADENCE = "nil_return_period"
"""Parameter of the pack: the kind of period that is reported; monthly where the pack names none."""
_LONGEST_REASON = 200


def facts_in(agency_id: int, occupation: str, period: Period) -> QuerySet[Item]:
    """Return the facts of a group that happened in a period, whatever their state; revoked ones don't count."""
    within = {"occurred_on__gte": period.start, "occurred_on__lte": period.end}
    revoked = Q(revoked=True, status=Status.SEALED)
    return Item.objects.filter(agency_id=agency_id, occupation=occupation, **within).exclude(revoked)


def period_kind(jurisdiction: Jurisdiction) -> PeriodKind:
    """Return how often a place reports."""
    named = jurisdiction.parameters.get(CADENCE, PeriodKind.MONTHLY)
    return PeriodKind(named) if named in set(PeriodKind) else PeriodKind.MONTHLY


@transaction.atomic
def sign_nil_return(
    *, responsibility: Responsibility, period: Period, actor: Actor, today: dt.date
) -> NilReturn:
    """Sign that nothing is to be reported. Where the place asks for it, a second person confirms.

    Raises `Refused` when the group is not the clerk's, the period has not ended, or there are facts in it (drafts
    too); `AlreadyDone` when it was signed before.
    """
    handled = responsibility.occupation in actor.occupations and responsibility.agency_id == actor.agency_id
    if actor.role != Role.CLERK or not handled or actor.user_id is None:
        raise Refused("这个人群的零报告不由您签报。", code="foreign")
    if not responsibility.owes(period.start, period.end):
        why = "的建档对象尚未确定" if responsibility.undecided else "在这一期没有开放"
        code = "undecided" if responsibility.undecided else "not_open"
        raise Refused(f"“{responsibility.label}”{why}，不需要报告。", code=code)
    place = responsibility.jurisdiction
    if period.end >= today:
        raise Refused(f"{period.label}还没有结束，{period.end:%Y-%m-%d} 以后才能签报。", code="period")
    if period.start.year < int(place.parameters.get("first_year", today.year)):
        raise Refused("这一期早于本系统开始归集的年度，不需要报告。", code="period")
    group = (responsibility.agency_id, responsibility.occupation)
    if count := facts_in(*group, period).count():
        raise Refused(
            f"{period.label}有 {count} 条信用信息（含草稿），不能签报零报告。请到“信用信息条目”办理这些条目。",
            code="facts",
        )
    second = bool(place.parameters.get(SECOND_PERSON, False))
    try:
        with transaction.atomic():
            row = NilReturn.objects.create(
                agency_id=responsibility.agency_id,
                occupation=responsibility.occupation,
                kind=period.kind,
                start=period.start,
                end=period.end,
                status=NilStatus.SIGNED if second else NilStatus.CONFIRMED,
                signer_id=actor.user_id,
                signed_by=actor.name,
            )
    except IntegrityError as error:
        raise AlreadyDone(f"{period.label}已经签报过零报告，不需要再次办理。", code="already_done") from error
    data = {"occupation": row.occupation, "period": period.label}
    journal.write("nil_return.signed", actor=actor, subject=row, data=data)
    return row


@transaction.atomic
def confirm_nil_return(*, row: NilReturn, revision: int, actor: Actor) -> NilReturn:
    """A second person confirms. Raises as `advance()`, and `Refused` when facts have turned up since."""
    if facts_in(row.agency_id, row.occupation, row.period).exists():
        raise Refused(
            "这一期签报后又有了信用信息（含草稿），不能确认。请撤回零报告，办理条目。", code="facts"
        )
    changes = {"confirmed_by": actor.name, "confirmed_at": timezone.now()}
    return advance(row, "confirm", lifecycle=NIL_RETURN, actor=actor, revision=revision, changes=changes)


@transaction.atomic
def withdraw_nil_return(*, row: NilReturn, reason: str, revision: int, actor: Actor) -> NilReturn:
    """The clerk takes it back with a reason. Raises as `advance()`."""
    changes = {"void_reason": clean_reason(reason)[:_LONGEST_REASON], "voided_at": timezone.now()}
    return advance(
        row, "withdraw", lifecycle=NIL_RETURN, actor=actor, reason=reason, revision=revision, changes=changes
    )


def void_by_fact(item: Item, *, actor: Actor) -> int:
    """Void the nil returns of periods in which a fact happened that is confirmed now; return how many.

    Call it in the sealing transaction.
    """
    if item.occurred_on is None or item.revoked:
        return 0
    rows = NilReturn.objects.filter(
        agency_id=item.agency_id,
        occupation=item.occupation,
        start__lte=item.occurred_on,
        end__gte=item.occurred_on,
    ).exclude(status=NilStatus.VOID)
    found = list(rows)
    for row in found:
        why = f"{item.occurred_on:%Y-%m-%d} 的信用信息已确认，这一期不再是零报告。"
        changes = {"void_reason": why, "voided_at": timezone.now()}
        advance(row, "void", lifecycle=NIL_RETURN, actor=actor, changes=changes, data={"item": str(item.pk)})
    return len(found)


def groups_owing(jurisdiction_id: int, *, today: dt.date) -> list[tuple[Responsibility, Period]]:
    """Return the groups of a county for whose last period there is neither a fact nor a nil return. For jobs."""
    rows = Responsibility.objects.filter(jurisdiction_id=jurisdiction_id).open_on(today)
    groups = list(rows.select_related("jurisdiction"))
    if not groups:
        return []
    period = Period.containing(period_kind(groups[0].jurisdiction), today).previous
    groups = [group for group in groups if group.owes(period.start, period.end)]
    if not groups or period.start.year < int(groups[0].jurisdiction.parameters.get("first_year", today.year)):
        return []
    signed = NilReturn.objects.filter(kind=period.kind, start=period.start).exclude(status=NilStatus.VOID)
    done = set(signed.order_by().values_list("agency_id", "occupation"))
    facts = Item.objects.filter(occurred_on__gte=period.start, occurred_on__lte=period.end)
    facts = facts.exclude(Q(revoked=True, status=Status.SEALED)).order_by()
    done |= set(facts.values_list("agency_id", "occupation").distinct())
    return [(group, period) for group in groups if (group.agency_id, group.occupation) not in done]


def periods_owed(actor: Actor, *, today: dt.date) -> list[tuple[Responsibility, Period]]:
    """Return the groups of this clerk for whose last period there is neither a fact nor a nil return: two statements
    beside the groups'."""
    groups = list(Responsibility.objects.handled_by(actor).select_related("jurisdiction"))
    if not groups:
        return []
    period = Period.containing(period_kind(groups[0].jurisdiction), today).previous
    groups = [group for group in groups if group.owes(period.start, period.end)]
    if not groups or period.start.year < int(groups[0].jurisdiction.parameters.get("first_year", today.year)):
        return []
    signed = NilReturn.objects.visible_to(actor).filter(kind=period.kind, start=period.start)
    done = set(signed.exclude(status=NilStatus.VOID).values_list("occupation", flat=True))
    facts = Item.objects.visible_to(actor).filter(occurred_on__gte=period.start, occurred_on__lte=period.end)
    facts = facts.exclude(Q(revoked=True, status=Status.SEALED)).order_by()
    done |= set(facts.values_list("occupation", flat=True).distinct())
    return [(group, period) for group in groups if group.occupation not in done]
