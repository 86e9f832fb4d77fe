"""转出: a unit hands a person over to another agency of the county, or to another county.

The old archive stays where it is: read and corrected by its own people, and marked as left once the new unit has given
its receipt. What goes is a copy of what is sealed (`services/handed_over.py`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility, Role
from archives.items import kind_of
from archives.lifecycle import TRANSFER
from archives.models import Archive, Item, Proceeding, RecordPart, Transfer, TransferSheet, Version
from archives.occupations import occupation_of
from archives.schema.members import MEMBERS
from archives.services.handed_over import (
    last_day,
    may_be_handed_over,
    new_sheet,
    owners,
    seal_text,
    take_back,
    tell,
)
from archives.services.hub import Identity
from archives.services.people import identity_of
from archives.services.versions import item_version_content, version_content
from archives.states import RUNNING, Status, TransferStatus
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance, clean_reason, lock
from credit_platform import crypto
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import acting

DAYS = 30
"""Within which the new unit gives its receipt, unless the pack sets `transfer_days`; no document does."""
PARAMETER = "transfer_days"
IN_BODY = "transfer.body"
WORKER = "转出到期"
_UNDER_WAY = (Status.SUBMITTED, Status.IN_REVIEW)


def match_key(transfer: Transfer, identity: Identity) -> str:
    """Return what opens the pages of one transfer: only who knows the person's document and name can make it."""
    return crypto.blind_index(
        str(transfer.pk), identity.document_type, identity.number, identity.name, purpose="transfer.person"
    )


def key_digest(key: str) -> str:
    """Return what tells a right key from a wrong one without being one."""
    return crypto.fingerprint(key.encode())


@transaction.atomic
def propose_transfer(
    *, archive: Archive, to: Responsibility, document_no: str, reason: str, actor: Actor, today: dt.date
) -> Transfer:
    """Propose to hand a person over to the agency that answers for `to`, in whichever county.

    Raises `Refused` when the group is not the actor's, the addressee is the same unit or not open, document or reason
    are missing or name the person, nothing is sealed yet, or something is under way; `AlreadyDone` when the person is
    on the way already.
    """
    row = lock(archive)
    if (
        actor.role != Role.CLERK
        or row.agency_id != actor.agency_id
        or row.occupation not in actor.occupations
    ):
        raise Refused("转出由责任单位经办人办理。", code="not_permitted")
    number, why = clean_reason(document_no)[:100], clean_reason(reason)
    if not number or not why:
        raise Refused("请填写调令（文书）文号和转出原因。", code="reason_required")
    if row.name in number:
        raise Refused("文号在核对以前就会给接收单位看到，请只写文号，不要写姓名。", code="name")
    _check_addressee(row, to, today)
    _check_nothing_under_way(row)
    _close_lapsed(row, actor, today)
    transfer = Transfer(
        from_jurisdiction_id=row.jurisdiction_id,
        from_agency_id=row.agency_id,
        from_occupation=row.occupation,
        archive_id=row.pk,
        to_jurisdiction_id=to.jurisdiction_id,
        to_agency_id=to.agency_id,
        to_occupation=to.occupation,
        document_no=number,
        body=seal_text({"name": row.name, "mask": row.number_mask, "reason": why}, purpose=IN_BODY),
        proposer_id=actor.user_id or 0,
        proposed_by=actor.name,
    )
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyDone(f"{row.name} 的转出已经提出，不需要再次办理。", code="already_done") from error
    _journal("transfer.proposed", transfer, row, actor, reason=why)
    return transfer


@transaction.atomic
def confirm_transfer(*, transfer: Transfer, revision: int | None, actor: Actor, today: dt.date) -> Transfer:
    """审核确认 of a transfer: what is sealed now is copied and the new unit told. Raises as `advance()`, or `Refused`
    when something is under way by now."""
    row = lock(transfer)
    if TRANSFER.by_name["confirm"] not in TRANSFER.available(
        row, actor
    ):  # e.g. the addressee, who has no such archive
        return advance(
            row, "confirm", lifecycle=TRANSFER, actor=actor, revision=revision
        )  # says what is wrong
    archive = _archive_of(row)
    _check_nothing_under_way(archive)
    key = match_key(row, identity_of(archive))
    place = Jurisdiction.objects.get(id=row.from_jurisdiction_id)
    days = int(place.parameters.get(PARAMETER, DAYS))
    sent = advance(
        row,
        "confirm",
        lifecycle=TRANSFER,
        actor=actor,
        revision=revision,
        changes={
            "confirmer_id": actor.user_id,
            "confirmed_by": actor.name,
            "sent_at": timezone.now(),
            "lapses_on": last_day(today, days),
            "key_digest": key_digest(key),
        },
        owners=owners(row, "from") | {"person_id": archive.person_id},
    )
    TransferSheet.objects.bulk_create(_sheets(sent, archive, key))
    tell(sent, "transfer.arrived", end="to", kind="transfer_in")
    return sent


@transaction.atomic
def return_transfer(*, transfer: Transfer, reason: str, revision: int | None, actor: Actor) -> Transfer:
    """The reviewer does not agree to a transfer. Raises as `advance()`."""
    row = _end(transfer, "return", reason, revision, actor)
    tell(row, "transfer.ended", end="from", kind="transfer_ended", reason=clean_reason(reason))
    return row


@transaction.atomic
def withdraw_transfer(*, transfer: Transfer, reason: str, revision: int | None, actor: Actor) -> Transfer:
    """Take a transfer back as long as nobody has received it. Raises as `advance()`."""
    row = _end(transfer, "withdraw", reason, revision, actor)
    if row.sent_at is not None:
        tell(row, "transfer.taken_back", end="to", kind="transfer_ended")
    return row


def _end(transfer: Transfer, name: str, reason: str, revision: int | None, actor: Actor) -> Transfer:
    changes = {"ended_reason": clean_reason(reason), "ended_at": timezone.now(), "key": "", "identity": ""}
    row = advance(
        transfer,
        name,
        lifecycle=TRANSFER,
        actor=actor,
        reason=reason,
        revision=revision,
        changes=changes,
        owners=owners(transfer, "from"),
    )
    take_back(row)
    return row


def _check_addressee(archive: Archive, to: Responsibility, today: dt.date) -> None:
    if MEMBERS in (archive.occupation, to.occupation):
        raise Refused("会员档案须有会员对本协会、商会的书面同意，不办理转出、转入。", code="members")
    if (to.jurisdiction_id, to.agency_id) == (archive.jurisdiction_id, archive.agency_id):
        raise Refused("本单位内部的调动请办理“调往另一所属单位”。", code="same_unit")
    if not to.is_open(today) or not to.agency.active:
        raise Refused(f"{to.agency.name}的“{to.label}”现在不建档，不能接收。请重新选择。", code="addressee")


def _check_nothing_under_way(archive: Archive) -> None:
    parts = list(RecordPart.objects.filter(record__archive_id=archive.pk))
    items = list(Item.objects.filter(archive_id=archive.pk))
    if not any(part.current_version for part in parts):
        raise Refused(
            f"{archive.name} 还没有审核确认过的年度记录，没有可以移交的内容。请登记离岗。",
            code="nothing_sealed",
        )
    heads: list[RecordPart | Item] = [*parts, *items]
    if any(head.status in _UNDER_WAY for head in heads):
        raise Refused(
            f"{archive.name} 有年度记录或条目正在办理。请先审核确认或退回，再办理转出。", code="under_way"
        )
    if any(head.status != Status.SEALED and head.current_version for head in heads):
        raise Refused(
            f"{archive.name} 有已确认的内容正在更正。请先完成更正并审核确认，或放弃更正，再办理转出。",
            code="correcting",
        )
    ids = [part.pk for part in parts]
    if Proceeding.objects.filter(part_id__in=ids, status__in=RUNNING).exists():
        raise Refused(f"{archive.name} 有认定程序正在进行，办结后才能转出。", code="proceeding_running")


def _close_lapsed(archive: Archive, actor: Actor, today: dt.date) -> None:
    rows = Transfer.objects.filter(
        from_jurisdiction_id=archive.jurisdiction_id,
        archive_id=archive.pk,
        status=TransferStatus.SENT,
        lapses_on__lt=today,
    )
    for row in rows:
        _lapse(row, actor)


def _lapse(row: Transfer, actor: Actor) -> None:
    ended = {"ended_at": timezone.now(), "key": "", "identity": ""}
    advance(row, "lapse", lifecycle=TRANSFER, actor=actor, changes=ended, owners=owners(row, "from"))
    take_back(row)


def end_lapsed(*, jurisdiction_id: int) -> int:
    """End the transfers out of a county that nobody received in time, and empty what was handed over; return how many.

    Jobs see pages and no transfers (ADR 16), so each unit that has handed somebody over is looked after in its own
    name. Safe to repeat and to kill.
    """
    by, ended = job(jurisdiction_id, WORKER), 0
    with acting(jurisdiction_id, "job"):
        given = TransferSheet.objects.filter(from_jurisdiction_id=jurisdiction_id).exclude(match_key="")
        agencies = list(given.order_by().values_list("from_agency_id", flat=True).distinct())
    for agency in agencies:
        with acting(jurisdiction_id, "agency", agency=agency):
            rows = Transfer.objects.filter(
                from_jurisdiction_id=jurisdiction_id,
                from_agency_id=agency,
                status=TransferStatus.SENT,
                lapses_on__lt=timezone.localdate(),
            )
            for row in rows:
                _lapse(row, by)
                ended += 1
    return ended


def _archive_of(transfer: Transfer) -> Archive:
    archive: Archive = Archive.objects.select_for_update(of=("self",)).get(id=transfer.archive_id)
    return archive


def _sheets(transfer: Transfer, archive: Archive, key: str) -> list[TransferSheet]:
    """Every sealed year as it is in force, and every confirmed fact that may leave. No drafts, no evidence."""
    mine = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=archive.jurisdiction_id, agency_id=archive.agency_id, occupation=archive.occupation
    )
    occupation = occupation_of(mine)
    found = []
    for part in RecordPart.objects.filter(record__archive_id=archive.pk, current_version__gt=0):
        version = _in_force(part_id=part.pk, number=part.current_version)
        found.append(new_sheet(transfer, part, version, version_content(version, occupation), match_key=key))
    for item in Item.objects.filter(archive_id=archive.pk, current_version__gt=0):
        version = _in_force(item_id=item.pk, number=item.current_version)
        content = item_version_content(version, kind_of(item))
        if may_be_handed_over(item, content):
            found.append(new_sheet(transfer, item, version, content, match_key=key))
    return found


def _in_force(**of: Any) -> Version:
    rows = Version.objects.select_related("part", "item").prefetch_related("bodies")
    version: Version = rows.get(**of)
    return version


def _journal(verb: str, transfer: Transfer, archive: Archive, actor: Actor, *, reason: str) -> None:
    more = owners(transfer, "from") | {"person_id": archive.person_id}
    journal.write(verb, actor=actor, subject=transfer, reason=reason, **more)
