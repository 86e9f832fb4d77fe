"""A duty has moved to another agency: its roster moves with it, its archives stay where they were sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from agencies.models import Agency, Employer, Responsibility, Role
from archives.models import RosterEntry
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

MOST_PEOPLE = 20_000
_TOGETHER = 500


def successor_group(ended: Responsibility, *, today: dt.date) -> Responsibility:
    """Return the line by which the successor answers for the group. Raises `Refused` where there is none yet."""
    if ended.ended_on is None or ended.successor_id is None:
        raise Refused(f"“{ended.label}”的职责没有调整，不需要移交名册。", code="not_ended")
    rows = Responsibility.objects.filter(
        jurisdiction_id=ended.jurisdiction_id, agency_id=ended.successor_id, occupation=ended.occupation
    ).select_related("agency")
    found = rows.first()
    if found is None or not found.is_open(today):
        raise Refused("承接单位的这一人群还没有开放，请先载入新的地方规则。", code="successor")
    return found


def waiting_entries(ended: Responsibility) -> int:
    """Return how many people still stand on the roster of the agency that had the duty; for jobs and the office."""
    return _open_entries(ended).count()


@transaction.atomic
def hand_over_roster(*, ended: Responsibility, actor: Actor, today: dt.date) -> int:
    """Put everybody who stands on the roster of a moved duty onto that of its successor; return how many are new there.

    Employers come along by name. The old entries end on the day on which the duty moved. Archives don't move: the
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
        employers = _employers(entries, new.agency)
        moved = list(_copies(entries, new, employers, since=ended.ended_on, by=actor.name))
        RosterEntry.objects.bulk_create(moved, batch_size=_TOGETHER)
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
    """The successor's employers of the same names, by the ids of the old ones; made where they are missing."""
    old = {entry.employer.pk: entry.employer for entry in entries if entry.employer is not None}
    found = {}
    for key, employer in old.items():
        found[key], _ = Employer.objects.get_or_create(
            agency=agency,
            name=employer.name,
            defaults={"jurisdiction_id": agency.jurisdiction_id, "credit_code": employer.credit_code},
        )
    return found


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
