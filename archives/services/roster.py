"""应建档人员名册: who should have an archive. Joiners, leavers, and people who move between employers.

The roster and the archives are two things: who leaves the roster keeps the archive, and who stands on it may have none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agencies.models import Employer, Responsibility, Role
from archives.models import Archive, RosterEntry
from archives.names import initials, sort_key
from archives.schema.identifiers import mask
from archives.services.hub import Identity
from archives.services.people import archive_index, read_identity
from archives.states import RosterSource
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, clean_reason, lock
from credit_platform import crypto
from credit_platform.actors import Actor

KEEPERS = (Role.FILLER, Role.CLERK)
"""Who keeps the roster: the clerk that of the group, a filler that of the own employer."""
PURPOSE = "roster.number"
FIRST_DAY = dt.date(1949, 10, 1)
_LONGEST_REASON = 200


@transaction.atomic
def enrol(
    *,
    responsibility: Responsibility,
    employer: Employer | None,
    raw: Mapping[str, Any],
    joined_on: dt.date,
    actor: Actor,
    today: dt.date,
) -> RosterEntry:
    """Put one person on the roster from `joined_on` on.

    Raises `NotReadable` for a faulty name or number; `AlreadyDone` when the person stands on it at this employer;
    `Refused` for a group or employer that is not the actor's, a day that can't be, a number that stands there under
    another name or at another employer, or days that overlap with an earlier time on the roster.
    """
    check_place(responsibility, employer, actor=actor)
    check_day(joined_on, today=today)
    identity, _ = read_identity(responsibility, raw, year=today.year, today=today)
    entry = new_entry(
        identity, responsibility, employer, joined_on=joined_on, source=RosterSource.ENTRY, actor=actor
    )
    known = RosterEntry.objects.filter(
        agency_id=entry.agency_id, occupation=entry.occupation, number_index=entry.number_index
    ).order_by("-joined_on")
    for other in known:
        _refuse_overlap(other, entry)
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            "此人已在本部门另一所属单位的名册上。如已调入本单位，请联系经办人办理调动。",
            code="other_employer",
        ) from error
    data = {"occupation": entry.occupation, "joined_on": joined_on.isoformat()}
    journal.write("roster_entry.joined", actor=actor, subject=entry, data=data)
    return entry


@transaction.atomic
def leave_roster(
    *, entry: RosterEntry, on: dt.date, reason: str, actor: Actor, today: dt.date
) -> RosterEntry:
    """Take a person off the roster: `on` is the last day that counts. The archive and all its years stay.

    Raises `AlreadyDone` when that was done, `Refused` for somebody else's entry, a day that can't be, or no reason.
    """
    row = lock(entry)
    _check_keeper(row, actor)
    if row.left_on is not None:
        raise AlreadyDone(
            f"{row.name} 已于 {row.left_on:%Y-%m-%d} 移出名册，不需要再次办理。", code="already_done"
        )
    why = clean_reason(reason)[:_LONGEST_REASON]
    if not why:
        raise Refused("移出名册须写明原因，例如“调往外县”。", code="reason_required")
    check_day(on, today=today)
    if on < row.joined_on:
        raise Refused(f"移出日期不能早于列入日期 {row.joined_on:%Y-%m-%d}，请核对。", code="day")
    _close(row, on, why)
    journal.write("roster_entry.left", actor=actor, subject=row, reason=why, data={"on": on.isoformat()})
    return row


def follow_transfer(archive: Archive, *, actor: Actor) -> None:
    """The open entry of a person goes with the archive to another employer. Call it in the transferring transaction."""
    entry = _open_entry(archive)
    if entry is not None and entry.employer_id != archive.employer_id:
        before, entry.employer_id = entry.employer_id, archive.employer_id
        entry.save(update_fields=["employer_id"])
        data = {"from": before, "to": archive.employer_id}
        journal.write("roster_entry.moved", actor=actor, subject=entry, data=data)


def follow_leaving(archive: Archive, *, on: dt.date, reason: str, actor: Actor) -> None:
    """Who no longer works in the group leaves the roster as well. Call it in the same transaction."""
    entry = _open_entry(archive)
    if entry is not None:
        _close(entry, max(on, entry.joined_on), reason[:_LONGEST_REASON])
        journal.write("roster_entry.left", actor=actor, subject=entry, data={"on": on.isoformat()})


def follow_correction(archive: Archive, now_is: Identity, *, actor: Actor, today: dt.date) -> None:
    """The open entry under the wrong name or number gets the right one, or ends where the right one stands already.

    Call it in the correcting transaction, before the archive changes.
    """
    entry = _open_entry(archive)
    if entry is None:
        return
    index = archive_index(now_is.number)
    same = RosterEntry.objects.filter(
        agency_id=archive.agency_id, occupation=archive.occupation, number_index=index, left_on=None
    )
    if same.exclude(id=entry.pk).exists():
        on = max(today, entry.joined_on)
        _close(entry, on, "身份更正，此人已另有一行")
        journal.write("roster_entry.left", actor=actor, subject=entry, data={"on": on.isoformat()})
        return
    entry.name, entry.document_type, entry.number_index = now_is.name, now_is.document_type, index
    entry.name_sort, entry.initials = sort_key(now_is.name), initials(now_is.name)
    entry.number = crypto.encrypt(now_is.number, purpose=PURPOSE)
    entry.number_mask = mask(now_is.number)
    entry.save()
    journal.write("roster_entry.corrected", actor=actor, subject=entry)


def new_entry(
    identity: Identity,
    responsibility: Responsibility,
    employer: Employer | None,
    *,
    joined_on: dt.date,
    source: RosterSource,
    actor: Actor,
    brought_by: UUID | None = None,
) -> RosterEntry:
    """Return an entry that is not saved yet."""
    return RosterEntry(
        agency_id=responsibility.agency_id,
        employer=employer,
        occupation=responsibility.occupation,
        name=identity.name,
        name_sort=sort_key(identity.name),
        initials=initials(identity.name),
        document_type=identity.document_type,
        number=crypto.encrypt(identity.number, purpose=PURPOSE),
        number_mask=mask(identity.number),
        number_index=archive_index(identity.number),
        joined_on=joined_on,
        source=source,
        brought_by=brought_by,
        created_by=actor.name,
    )


def number_of(entry: RosterEntry) -> str:
    """Return the whole number. Raises `crypto.Undecipherable`."""
    return crypto.decrypt(entry.number, purpose=PURPOSE)


def check_place(responsibility: Responsibility, employer: Employer | None, *, actor: Actor) -> None:
    """Raise `Refused` unless this actor keeps the roster of this group at this employer."""
    own = responsibility.agency_id == actor.agency_id and responsibility.occupation in actor.occupations
    if not own or actor.role not in KEEPERS:
        raise Refused("这个人群的名册不由您办理。", code="foreign")
    if responsibility.undecided:
        raise Refused(f"“{responsibility.label}”的建档对象尚未确定，还没有名册。", code="undecided")
    if responsibility.encouraged:
        raise Refused(f"“{responsibility.label}”是鼓励建档的人群，没有应建档名册。", code="encouraged")
    if employer is not None and (employer.agency_id != responsibility.agency_id or not employer.active):
        raise Refused("所选所属单位不属于本单位，或者已经停用，请重新选择。", code="employer")
    if actor.kind == "employer" and (employer is None or employer.pk != actor.employer_id):
        raise Refused("只能登记本单位的人员。", code="employer")


def check_day(day: dt.date, *, today: dt.date) -> None:
    """Raise `Refused` for a day before 1949-10-01 or after today."""
    if not FIRST_DAY <= day <= today:
        raise Refused("日期应为今天或以前的日期，请核对。", code="day")


def _check_keeper(entry: RosterEntry, actor: Actor) -> None:
    own = entry.agency_id == actor.agency_id and entry.occupation in actor.occupations
    at_place = actor.kind == "agency" or entry.employer_id == actor.employer_id
    if not (own and at_place and actor.role in KEEPERS):
        raise Refused("这个人群的名册不由您办理。", code="foreign")


def _refuse_overlap(known: RosterEntry, entry: RosterEntry) -> None:
    if known.name != entry.name:
        raise Refused("名册中这个证件号码登记的是另一姓名。请对照证件核对姓名和号码。", code="name_differs")
    if known.left_on is None and known.employer_id == entry.employer_id:
        raise AlreadyDone(f"{known.name} 已在名册上，不需要再次登记。", code="already_done")
    if known.left_on is None:
        raise Refused(
            "此人已在另一所属单位的名册上。已有档案的请办理调动；没有档案的，请先从原单位移出。",
            code="other_employer",
        )
    if known.left_on >= entry.joined_on:
        raise Refused(
            f"{known.name} 此前在名册上到 {known.left_on:%Y-%m-%d} 为止，列入日期应晚于这一天。", code="day"
        )


def _open_entry(archive: Archive) -> RosterEntry | None:
    open_ones = RosterEntry.objects.select_for_update(of=("self",)).filter(left_on=None)
    return open_ones.filter(
        agency_id=archive.agency_id, occupation=archive.occupation, number_index=archive.number_index
    ).first()


def _close(entry: RosterEntry, on: dt.date, reason: str) -> None:
    entry.left_on, entry.left_reason = on, reason
    entry.save(update_fields=["left_on", "left_reason"])
