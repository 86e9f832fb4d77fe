"""调动 and 离岗: a person moves between employers of one agency, or no longer works in the group."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from agencies.models import Employer, Role
from archives.models import AnnualRecord, Archive, Evidence, Item, MemberConsent, Proceeding, RecordPart
from archives.services.consent_rules import hold_consent
from archives.services.roster import follow_leaving, follow_transfer
from archives.states import ProceedingStatus, Status
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, clean_reason, lock
from credit_platform.actors import Actor

_OPEN = (Status.DRAFT, Status.RETURNED)
_UNDER_WAY = (Status.SUBMITTED, Status.IN_REVIEW)
DIRECT = "责任单位直接管理"


@transaction.atomic
def transfer_person(
    *, archive: Archive, employer: Employer | None, reason: str, actor: Actor, today: dt.date
) -> Archive:
    """Move a person to another employer of the agency, or to none (kept by the agency itself).

    With the archive go this year's record, as long as nothing of it is sealed, and the unsealed facts of the year with
    their evidence and procedure. Sealed versions stay with the employer under which they were sealed, and so do the
    drafts of other years: the new filler sees the person, this year's form and a member's consent.

    Raises `Refused` when the group is not the actor's, the employer is another agency's or closed, a reason is missing,
    or something of this year is on its way to the seal; `AlreadyDone` when the person is there.
    """
    # Before the rest: that is the withdrawal's order.
    consent = hold_consent(archive.pk) if archive.consent_id else None
    row = lock(archive)
    _check_clerk(row, actor)
    why = _reason(reason, "调动")
    if employer is not None and (employer.agency_id != row.agency_id or not employer.active):
        raise Refused("所选所属单位不属于本单位，或者已经停用，请重新选择。", code="employer")
    to = None if employer is None else employer.pk
    if row.employer_id == to:
        raise AlreadyDone(f"{row.name} 已在这个单位，不需要调动。", code="already_done")
    parts, items = _of_year(row, today.year)
    _check_nothing_under_way(row, parts, items)
    before, row.employer_id, row.left_on = row.employer_id, to, None
    row.save(update_fields=["employer_id", "left_on"])
    if consent is not None:
        MemberConsent.objects.filter(id=consent.pk).update(employer_id=to)
    moved = [part for part in parts if part.status in _OPEN]
    for part in moved:
        _move_part(part, before, employer)
    drafts = [item.pk for item in items if item.status in _OPEN]
    Item.objects.filter(id__in=drafts).update(employer_id=to)
    ids = [part.pk for part in moved]
    AnnualRecord.objects.filter(id__in=[part.record_id for part in moved]).update(employer_id=to)
    Evidence.objects.filter(part_id__in=ids).update(employer_id=to)
    Evidence.objects.filter(item_id__in=drafts).update(employer_id=to)
    closed = (ProceedingStatus.SEALED, ProceedingStatus.DROPPED)
    Proceeding.objects.filter(part_id__in=ids).exclude(status__in=closed).update(employer_id=to)
    data = {"from": before, "to": to, "records": len(ids), "items": len(drafts)}
    journal.write("archive.transferred", actor=actor, subject=row, reason=why, data=data)
    follow_transfer(row, actor=actor)
    return row


@transaction.atomic
def mark_left(*, archive: Archive, left_on: dt.date, reason: str, actor: Actor, today: dt.date) -> Archive:
    """Note that a person no longer works in this group here: no further year is begun; all there is stays.

    Raises `Refused` when the group is not the actor's, a reason is missing, or the day lies ahead or before 1949.
    """
    row = lock(archive)
    _check_clerk(row, actor)
    why = _reason(reason, "离岗")
    if not dt.date(1949, 10, 1) <= left_on <= today:
        raise Refused("离岗日期应为今天或以前的日期，请核对。", code="left_on")
    row.left_on = left_on
    row.save(update_fields=["left_on"])
    journal.write("archive.left", actor=actor, subject=row, reason=why, data={"on": left_on.isoformat()})
    follow_leaving(row, on=left_on, reason=why, actor=actor)
    return row


@transaction.atomic
def mark_back(*, archive: Archive, reason: str, actor: Actor) -> Archive:
    """Take back that a person left. Raises `Refused`, or `AlreadyDone` when the person is there."""
    row = lock(archive)
    _check_clerk(row, actor)
    if row.left_on is None:
        raise AlreadyDone(f"{row.name} 没有登记离岗。", code="already_done")
    why = _reason(reason, "返岗")
    row.left_on = None
    row.save(update_fields=["left_on"])
    journal.write("archive.back", actor=actor, subject=row, reason=why)
    return row


def _check_clerk(archive: Archive, actor: Actor) -> None:
    own = archive.agency_id == actor.agency_id and archive.occupation in actor.occupations
    if actor.role != Role.CLERK or not own:
        raise Refused("人员调动、离岗由责任单位经办人办理。", code="not_permitted")


def _reason(text: str, what: str) -> str:
    reason = clean_reason(text)
    if not reason:
        raise Refused(f"办理{what}须写明原因，例如调令文号。", code="reason_required")
    return reason


def _of_year(archive: Archive, year: int) -> tuple[list[RecordPart], list[Item]]:
    """Return this year's record and facts, held until the end of the transaction."""
    parts = RecordPart.objects.select_for_update(of=("self",)).filter(
        record__archive_id=archive.pk, year=year, recalled_at=None
    )
    items = Item.objects.select_for_update(of=("self",)).filter(
        archive_id=archive.pk, year=year, current_version=0, recalled_at=None
    )
    return list(parts.order_by("id")), list(items.order_by("id"))


def _check_nothing_under_way(archive: Archive, parts: list[RecordPart], items: list[Item]) -> None:
    for part in parts:
        if part.status in _UNDER_WAY:
            raise Refused(
                f"{archive.name} 的 {part.year} 年度记录现在是“{part.get_status_display()}”。"
                "请先审核确认，或退回填报人，再办理调动。",
                code="under_way",
            )
        if part.status in _OPEN and part.current_version:
            raise Refused(
                f"{archive.name} 的 {part.year} 年度记录正在更正。请先完成更正并审核确认，或放弃更正，再办理调动。",
                code="correcting",
            )
    if any(item.status in _UNDER_WAY for item in items):
        raise Refused(
            f"{archive.name} 有信用信息条目正在办理。请先确认或退回，再办理调动。", code="under_way"
        )


def _move_part(part: RecordPart, before: int | None, employer: Employer | None) -> None:
    """The draft goes along; 工作单位 follows if it still is the old employer's name."""
    old = None if before is None else Employer.objects.get(agency_id=part.agency_id, id=before)
    employment: dict[str, Any] = part.values.get("employment") or {}
    if employer is not None and old is not None and employment.get("employer") == old.name:
        part.values = {**part.values, "employment": {**employment, "employer": employer.name}}
    part.employer_id = None if employer is None else employer.pk
    part.revision += 1
    part.save(update_fields=["employer_id", "values", "revision"])
