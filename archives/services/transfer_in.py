"""转入: the new unit checks who was addressed to it, gives its receipt and opens an archive of its own, or refuses.

Before name and number were entered as they are, nothing says who it is: that somebody has an archive elsewhere is
nobody's business until the old unit says so to this very unit.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Employer, Responsibility
from archives.lifecycle import TRANSFER
from archives.models import Archive, Transfer
from archives.services.filings import next_number
from archives.services.handed_over import open_text, owners, seal_text, take_back, tell
from archives.services.hub import Identity
from archives.services.people import archive_index, open_archive, read_identity
from archives.services.roster import follow_leaving
from archives.services.transfer_out import key_digest, match_key
from archives.services.years import default_year
from archives.states import TransferStatus
from audit import journal
from audit.lifecycle import Refused, advance, clean_reason, lock
from credit_platform.actors import Actor, job
from credit_platform.tenancy.context import acting

MOST_GUESSES = 5
"""Wrong ones, whoever of the unit made them; after that the transfer is stopped and the old unit told."""
_TYPED = "transfer.identity"


@transaction.atomic
def check_person(*, transfer: Transfer, raw: Mapping[str, Any], actor: Actor, today: dt.date) -> bool:
    """Tell whether name and document typed by the new unit are those of the person; the right ones open the pages.

    A wrong pair is counted and journalled, the last one stops the transfer. It is told by the result and not by an
    exception, so that the count stays. Raises `NotReadable` for what can be no name or number, `Refused` when the
    transfer is not waiting for this unit.
    """
    row = lock(transfer)
    if TRANSFER.by_name["receive"] not in TRANSFER.available(row, actor):
        raise Refused("这件转入现在不能核对。请刷新页面查看最新状态。", code="wrong_status")
    if row.has_lapsed(today):
        raise Refused("接收期限已过，请联系转出单位重新办理。", code="lapsed")
    if row.key:
        return True
    identity, _ = read_identity(_own_group(row), raw, year=today.year, today=today)
    key = match_key(row, identity)
    if not hmac.compare_digest(key_digest(key), row.key_digest):
        _count_wrong(row, actor)
        return False
    typed = [identity.name, identity.document_type, identity.number]
    row.key, row.identity = key, seal_text(typed, purpose=_TYPED)
    row.checked_by, row.checked_at = actor.name, timezone.now()
    row.revision += 1
    row.save(update_fields=["key", "identity", "checked_by", "checked_at", "revision"])
    journal.write("transfer.checked", actor=actor, subject=row, **owners(row, "to"))
    return True


@transaction.atomic
def receive_transfer(
    *, transfer: Transfer, employer: Employer | None, revision: int | None, actor: Actor, today: dt.date
) -> Transfer:
    """Give the receipt: the unit's own archive is opened by its own responsibility, and the old one marked as left.

    Raises as `advance()` and `open_archive()`; then nothing has changed. Applied once: a second press finds it done.
    """
    row = lock(transfer)
    way = TRANSFER.by_name["receive"]
    ready = way in TRANSFER.available(row, actor) and not any(guard(row, actor) for guard in way.guards)
    archive = (
        _own_archive(row, employer, actor, today) if ready else None
    )  # else `advance` says what is wrong
    received = advance(
        row,
        "receive",
        lifecycle=TRANSFER,
        actor=actor,
        revision=revision,
        changes={
            "receipt_no": _receipt_number(row, today) if ready else "",
            "received_on": today,
            "received_by": actor.name,
            "received_archive_id": archive.pk if archive else None,
            "identity": "",
            "ended_at": timezone.now(),
        },
        owners=owners(row, "to") | {"person_id": archive.person_id if archive else None},
    )
    _mark_left(received)
    tell(received, "transfer.receipt", end="from", kind="transfer_receipt", data={"no": received.receipt_no})
    return received


@transaction.atomic
def refuse_transfer(*, transfer: Transfer, reason: str, revision: int | None, actor: Actor) -> Transfer:
    """Send it back with a reason. Raises as `advance()`."""
    return _stop(transfer, "refuse", actor, reason=reason, revision=revision)


def _own_group(transfer: Transfer) -> Responsibility:
    """Return the responsibility by which the new unit keeps the archive."""
    rows = Responsibility.objects.select_related("agency", "jurisdiction", "successor")
    return rows.get(
        jurisdiction_id=transfer.to_jurisdiction_id,
        agency_id=transfer.to_agency_id,
        occupation=transfer.to_occupation,
    )


def _count_wrong(row: Transfer, actor: Actor) -> None:
    row.guesses += 1
    row.save(update_fields=["guesses"])
    data = {"wrong": row.guesses}
    journal.write("transfer.differs", actor=actor, subject=row, success=False, data=data, **owners(row, "to"))
    if row.guesses >= MOST_GUESSES:
        _stop(row, "block", actor, reason=f"姓名、证件号码核对不符已达 {MOST_GUESSES} 次")


def _stop(
    transfer: Transfer, name: str, actor: Actor, *, reason: str, revision: int | None = None
) -> Transfer:
    changes = {"ended_reason": clean_reason(reason), "ended_at": timezone.now(), "key": "", "identity": ""}
    row = advance(
        transfer,
        name,
        lifecycle=TRANSFER,
        actor=actor,
        reason=reason,
        revision=revision,
        changes=changes,
        owners=owners(transfer, "to"),
    )
    with acting(row.from_jurisdiction_id, "job"):
        take_back(row)
    tell(row, "transfer.ended", end="from", kind="transfer_ended", reason=clean_reason(reason))
    return row


def _own_archive(row: Transfer, employer: Employer | None, actor: Actor, today: dt.date) -> Archive:
    """The unit's archive of the person: the one it has, taken up again, or a new one with this year's draft."""
    name, document_type, number = open_text(row.identity, purpose=_TYPED)
    identity = Identity(name, document_type, number)
    group = _own_group(row)
    mine = Archive.objects.filter(agency_id=group.agency_id, occupation=group.occupation)
    known = mine.filter(number_index=archive_index(identity.number)).select_for_update(of=("self",)).first()
    if known is not None and known.left_on is not None:
        known.left_on = None
        known.save(update_fields=["left_on"])
        journal.write("archive.back", actor=actor, subject=known, reason=row.document_no)
    raw = {"name": name, "document_type": document_type, "document_number": number}
    try:
        with transaction.atomic():
            part = open_archive(
                responsibility=group,
                employer=employer,
                raw=raw,
                year=default_year(group.jurisdiction, today=today),
                actor=actor,
                today=today,
            )
    except Refused as refusal:
        if refusal.code != "exists" or known is None:
            raise
        return known
    archive: Archive = part.record.archive
    return archive


def _receipt_number(row: Transfer, today: dt.date) -> str:
    number = next_number(f"transfer.{row.to_agency_id}.{today.year}")
    return f"{row.to_agency.name}转回〔{today.year}〕{number} 号"


def _mark_left(row: Transfer) -> None:
    """The old archive is marked as left, as a job of its county and this one archive alone; all that it holds stays."""
    place, on = row.from_jurisdiction_id, row.received_on
    assert on is not None  # set by the receipt
    with acting(place, "job"):
        archive = Archive.objects.select_for_update(of=("self",)).get(id=row.archive_id)
        if archive.left_on is not None:
            return
        archive.left_on = on
        archive.save(update_fields=["left_on"])
        by, why = job(place, "转出回执"), f"转出：{row.receipt_no}"
        data = {"on": on.isoformat(), "transfer": str(row.pk)}
        journal.write("archive.left", actor=by, subject=archive, reason=why, data=data)
        follow_leaving(archive, on=on, reason=why, actor=by)


def is_waiting(transfer: Transfer, today: dt.date) -> bool:
    """Tell whether the new unit may still answer."""
    return transfer.status == TransferStatus.SENT and not transfer.has_lapsed(today)
