"""A duty has moved to another agency: its roster moves with it, its archives stay where they were sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Agency, Employer, Responsibility, Role
from agencies.settling import LONGEST_CHAIN
from archives.models import RosterEntry
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

MOST_PEOPLE = 20_000
_TOGETHER = 500


def successor_group(ended: Responsibility, *, today: dt.date, below: int = 0) -> Responsibility:
    """Return the line by which the successor answers for the group, or the successor's own successor (`below`: how many
    were passed). Raises `Refused` where there is none yet."""
    if ended.ended_on is None or ended.successor_id is None:
        raise Refused(f"“{ended.label}”的职责没有调整，不需要移交名册。", code="not_ended")
    rows = Responsibility.objects.filter(
        jurisdiction_id=ended.jurisdiction_id, agency_id=ended.successor_id, occupation=ended.occupation
    ).select_related("agency")
    found = rows.first()
    if found is not None and found.ended_on is not None and found.successor_id and below < LONGEST_CHAIN:
        return successor_group(found, today=today, below=below + 1)
    if found is None or not found.is_open(today):
        raise Refused("承接单位的这一人群还没有开放，请先载入新的地方规则。", code="successor")
    return found


def waiting_entries(ended: Responsibility) -> int:
    """Return how many people still stand on the roster of the agency that had the duty; for jobs and the office."""
    return _open_entries(ended).count()


@transaction.atomic
def hand_over_roster(*, ended: Responsibility, actor: Actor, today: dt.date) -> int:
    """Put everybody who stands on the roster of a moved duty onto that of its successor; return how many are new there.

    Employers come along by name and code. The old entries end on the day on which the duty moved. Archives stay: the
    successor opens its own, by the roster. Safe to repeat: who stands there already is not put there again.

    Raises `Refused` for anybody but the office, a duty that has not moved, a successor without the group, more than
    `MOST_PEOPLE`.
    """
    if actor.role != Role.OFFICER or ended.jurisdiction_id != actor.jurisdiction_id:
        raise Refused("名册移交由信用工作机构办理。", code="foreign")
    new = successor_group(ended, today=today)
    assert ended.ended_on is not None  # `successor_group` has looked
    with acting(ended.jurisdiction_id, "job"):
        entries = list(_open_entries(ended).select_for_update(of=("self",)).select_related("employer"))
        if len(entries) > MOST_PEOPLE:
            raise Refused(f"名册超过 {MOST_PEOPLE:,} 人，一次不能移交。请联系平台运维办理。", code="too_many")
        try:
            with transaction.atomic():
                employers = _employers(entries, new.agency)
                moved = list(_copies(entries, new, employers, since=ended.ended_on, by=actor.name))
                RosterEntry.objects.bulk_create(moved, batch_size=_TOGETHER)
        except IntegrityError as error:
            raise Refused(
                "承接单位刚刚登记了其中的人员或所属单位，没有移交。请再试一次。", code="busy"
            ) from error
        _close(entries, on=ended.ended_on, why=f"职责调整，由{new.agency.name}承接")
    data = {"occupation": ended.occupation, "to": new.agency.code, "people": len(moved), "left": len(entries)}
    journal.write("roster.handed_over", actor=actor, subject=ended, data=data)
    return len(moved)


def _open_entries(ended: Responsibility) -> QuerySet[RosterEntry]:
    entries = RosterEntry.objects.filter(
        jurisdiction_id=ended.jurisdiction_id, agency_id=ended.agency_id, occupation=ended.occupation
    )
    return entries.filter(left_on=None)


def _employers(entries: Iterable[RosterEntry], agency: Agency) -> dict[int, Employer]:
    """The successor's employers, by the ids of the old ones; made where they are missing.

    One of the same name counts as the same only with the same code, and only while it is active: else its fillers
    would see people of another unit. Raises `Refused` naming those that have to be settled first.
    """
    old = {entry.employer.pk: entry.employer for entry in entries if entry.employer is not None}
    there = {row.name: row for row in Employer.objects.filter(agency=agency)}
    unclear = sorted(one.name for one in old.values() if not _same(there.get(one.name, one), one))
    if unclear:
        raise Refused(
            f"承接单位已有同名的所属单位，但统一社会信用代码不同、没有登记或者已停用：{'、'.join(unclear[:5])}"
            + (f" 等 {len(unclear)} 个" if len(unclear) > 5 else "")
            + "。请先由承接单位核对后再移交。",
            code="employers",
        )
    missing = [
        Employer(
            jurisdiction_id=agency.jurisdiction_id,
            agency=agency,
            name=one.name,
            credit_code=one.credit_code,
        )
        for one in old.values()
        if one.name not in there
    ]
    made = {row.name: row for row in Employer.objects.bulk_create(missing)}
    return {key: (there | made)[one.name] for key, one in old.items()}


def _same(known: Employer, employer: Employer) -> bool:
    """Whether the successor's employer is the very unit, or there is none of the name yet."""
    if known is employer:
        return True
    return known.active and bool(known.credit_code) and known.credit_code == employer.credit_code


def _copies(
    entries: Iterable[RosterEntry],
    new: Responsibility,
    employers: dict[int, Employer],
    *,
    since: dt.date,
    by: str,
) -> Iterable[RosterEntry]:
    there = RosterEntry.objects.filter(
        jurisdiction_id=new.jurisdiction_id, agency_id=new.agency_id, occupation=new.occupation, left_on=None
    )
    known = set(there.values_list("number_index", flat=True))
    names = (
        *("name", "name_sort", "initials", "document_type"),
        *("number", "number_mask", "number_index", "source"),
    )
    for entry in entries:
        if entry.number_index in known:
            continue
        yield RosterEntry(
            agency_id=new.agency_id,
            employer=employers[entry.employer_id] if entry.employer_id else None,
            occupation=new.occupation,
            joined_on=max(entry.joined_on, since),
            created_by=by,
            created_at=timezone.now(),
            **{name: getattr(entry, name) for name in names},
        )


def _close(entries: Iterable[RosterEntry], *, on: dt.date, why: str) -> None:
    closed = list(entries)
    for entry in closed:
        entry.left_on, entry.left_reason = max(on, entry.joined_on), why[:200]
    RosterEntry.objects.bulk_update(closed, ["left_on", "left_reason"], batch_size=_TOGETHER)
