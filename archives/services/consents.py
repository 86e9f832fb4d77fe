"""Recording a member's written consent, and its withdrawal with all that rests on it (GZ-11, LL-06, PD-14, ZD-17)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Employer, Responsibility
from archives.lifecycle import may_write
from archives.models import Item, MemberConsent, RecordPart
from archives.schema.identifiers import mask
from archives.schema.members import MEMBERS
from archives.services import prints, workbooks
from archives.services.evidence import LARGEST, too_large
from archives.services.jobs import discard_results_about
from archives.services.people import archive_index, read_identity
from archives.services.recalls import recall_item, recall_part
from archives.services.stamped_rosters import recall_rosters
from archives.services.waiting import drop_withdrawn
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, clean_reason, lock
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.media_types import NotTaken, media_type_of
from credit_platform.tenancy.context import acting

_MADE = (prints.KIND, workbooks.KIND)
"""Kinds of job whose results hold people."""
FIRST_DAY = dt.date(1949, 10, 1)


@transaction.atomic
def record_consent(
    *,
    responsibility: Responsibility,
    employer: Employer | None,
    raw: Mapping[str, Any],
    signed_on: dt.date,
    delivers: bool,
    scan: BinaryIO,
    actor: Actor,
    today: dt.date,
) -> MemberConsent:
    """Keep a consent with the scan of the signed paper.

    Raises `NotReadable` for a faulty name or number; `Refused` for a group that is not the actor's or needs none, an
    employer of somebody else, a day that can't be, or a file that is not taken; `AlreadyDone` while one is in force.
    """
    own = responsibility.agency_id == actor.agency_id and responsibility.occupation in actor.occupations
    if not own or not may_write(actor) or responsibility.occupation != MEMBERS:
        raise Refused("会员同意书由行业协会、商会会员档案的填报、经办人员登记。", code="foreign")
    if actor.kind == "employer" and (employer is None or employer.pk != actor.employer_id):
        raise Refused("只能登记本单位会员的同意书。", code="employer")
    if employer is not None and (employer.agency_id != responsibility.agency_id or not employer.active):
        raise Refused("所选所属单位不属于本单位，或者已经停用，请重新选择。", code="employer")
    if not FIRST_DAY <= signed_on <= today:
        raise Refused("签署日期应为今天或以前的日期，请核对。", code="signed_on")
    identity, _ = read_identity(responsibility, raw, year=today.year, today=today)
    content = scan.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise too_large()
    try:
        kind = media_type_of(content)
    except NotTaken as reason:
        raise Refused(str(reason), code=reason.code) from None
    consent = MemberConsent(
        agency_id=responsibility.agency_id,
        employer=employer,
        occupation=MEMBERS,
        name=identity.name,
        document_type=identity.document_type,
        number_index=archive_index(identity.number),
        number_mask=mask(identity.number),
        signed_on=signed_on,
        delivers=delivers,
        scan_type=kind.media_type,
        scan_sha256=hashlib.sha256(content).hexdigest(),
        recorded_by=actor.name,
    )
    consent.scan = f"{consent.pk}.{kind.extension}"
    try:
        with transaction.atomic():
            consent.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyDone("此人的同意书已经登记，现行有效，不需要再次登记。", code="already_done") from error
    private_files.store(consent.scan, [content])
    data = {"signed_on": signed_on.isoformat(), "delivers": delivers, "sha256": consent.scan_sha256}
    journal.write("consent.recorded", actor=actor, subject=consent, data=data)
    return consent


@transaction.atomic
def withdraw_consent(
    *, consent: MemberConsent, on: dt.date, reason: str, actor: Actor, today: dt.date
) -> MemberConsent:
    """The member has withdrawn: nothing more is filled in or delivered, and what rests on it is withdrawn everywhere.

    Needs no second person: nobody's agreement is asked for. Raises `Refused` for somebody else's or a day that can't
    be, `AlreadyDone` when it was withdrawn, and as `recall_item()`.
    """
    row = lock(consent)
    if row.agency_id != actor.agency_id or row.occupation not in actor.occupations or not may_write(actor):
        raise Refused("这份同意书不由您办理。", code="foreign")
    if row.withdrawn_on is not None:
        raise AlreadyDone("这份同意书已经登记撤回。", code="already_done")
    if not row.signed_on <= on <= today:
        raise Refused("撤回日期应在签署日期之后、今天或以前，请核对。", code="withdrawn_on")
    why = clean_reason(reason) or "会员撤回同意"
    row.withdrawn_on, row.withdrawn_reason = on, why
    row.withdrawn_by, row.withdrawn_at = actor.name, timezone.now()
    row.save(update_fields=["withdrawn_on", "withdrawn_reason", "withdrawn_by", "withdrawn_at"])
    with acting(row.jurisdiction_id, "job"):  # all that rests on it, also what lies with another employer
        items, parts = _resting_on(row)
        for item in items:
            recall_item(item, reason=why, actor=actor, today=today)
        for part in parts:
            recall_part(part, reason=why, actor=actor)
        recall_rosters(row, reason=why)
        drop_withdrawn(row, reason=why, actor=actor)
        discard_results_about(row.occupation, agency_id=row.agency_id, kinds=_MADE)
    data = {"on": on.isoformat(), "records": len(parts), "items": len(items)}
    journal.write("consent.withdrawn", actor=actor, subject=row, reason=why, data=data)
    return row


def _resting_on(consent: MemberConsent) -> tuple[list[Item], list[RecordPart]]:
    """What is to be recalled; always in one order, as two may be at it."""
    items = Item.of_all_time.filter(archive__consent_id=consent.pk, recalled_at=None, emptied_at=None)
    parts = RecordPart.objects.filter(record__archive__consent_id=consent.pk, recalled_at=None)
    return list(items.order_by("id")), list(parts.order_by("id"))
