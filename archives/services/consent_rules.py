"""Whether a member's written consent is in force: asked before anything is written or leaves (GZ-11, ZD-17)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from agencies.models import Responsibility
from archives.models import Archive, Item, MemberConsent, RecordPart
from archives.schema.members import MEMBERS
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting

_FIRST = "会员档案须有本人书面同意。请先登记会员同意书（签署日期、范围和扫描件），再建档和填报。"


def consent_for(
    responsibility: Responsibility, name: str, number_index: str, *, hold: bool = False
) -> MemberConsent | None:
    """Return the consent on which an archive of this person may be kept; None for a group that needs none.

    With `hold` it can't be withdrawn before the transaction ends. Raises `Refused` for a member without one that is in
    force.
    """
    if responsibility.occupation != MEMBERS:
        return None
    rows = MemberConsent.objects.filter(
        agency_id=responsibility.agency_id,
        occupation=MEMBERS,
        number_index=number_index,
        name=name,
        withdrawn_on=None,
    )
    found = (_held(rows) if hold else rows).first()
    if found is None:
        raise Refused(_FIRST, code="consent")
    return found


def check_name_consented(part: RecordPart, name: str) -> None:
    """Raise `Refused` when a fact about a member of this name, whose number is not known yet, may not be kept: nobody
    of the name has a consent in force at the association."""
    if part.occupation != MEMBERS:
        return
    if not somebody_consented(part.jurisdiction_id, part.agency_id, name):
        raise Refused(f"没有名为“{name}”的会员同意建档。{_FIRST}", code="consent")


def somebody_consented(jurisdiction_id: int, agency_id: int, name: str) -> bool:
    """Tell whether anybody of a name has a consent in force at an association."""
    with acting(jurisdiction_id, "job"):  # the paper may have been recorded for another employer
        rows = MemberConsent.objects.filter(
            agency_id=agency_id, occupation=MEMBERS, name=name, withdrawn_on=None
        )
        return rows.exists()


def check_consented(of: Archive | RecordPart | Item) -> None:
    """Raise `Refused` unless the archive, or the one to which a record or fact belongs, may go on: a member's consent
    has not been withdrawn, nor can it be before the transaction ends. Call it before record or fact are locked, as the
    withdrawal locks the consent first.
    """
    if of.occupation != MEMBERS:
        return
    with acting(of.jurisdiction_id, "job"):  # the paper may have been recorded for another employer
        if hold_consent(_archive_of(of)) is None:
            raise Refused(f"{of.name} 已撤回同意，不再为其建档和填报。{_FIRST}", code="consent")


def hold_consent(archive_id: UUID) -> MemberConsent | None:
    """Return the consent on which an archive rests, if it is in force, held until the transaction ends."""
    return _held(MemberConsent.objects.filter(archives=archive_id, withdrawn_on=None)).first()


def consent_withdrawn() -> Q:
    """Return the condition on archives that the member has withdrawn the consent: nothing is owed of them."""
    return Q(consent__withdrawn_on__isnull=False)


def _held(rows: QuerySet[MemberConsent]) -> QuerySet[MemberConsent]:
    """Whoever withdraws waits; archives may refer to the row meanwhile."""
    return rows.select_for_update(of=("self",), no_key=True)


def _archive_of(of: Archive | RecordPart | Item) -> UUID:
    found: UUID = (
        of.pk if isinstance(of, Archive) else of.archive_id if isinstance(of, Item) else of.record.archive_id
    )
    return found


def renew(archive: Archive, consent: MemberConsent | None) -> None:
    """Let an archive rest on the consent that is in force now; the one before it was withdrawn."""
    if consent is not None and archive.consent_id != consent.pk:
        archive.consent = consent
        archive.save(update_fields=["consent"])


def may_deliver(item: Item) -> bool:
    """Tell whether a fact may leave for the platform: of a member, if the consent says so."""
    if item.occupation != MEMBERS:
        return True
    return MemberConsent.objects.filter(archives=item.archive_id, delivers=True, withdrawn_on=None).exists()


def yearly_record_leaves(part: RecordPart) -> bool:
    """Tell whether the yearly form goes to the platform. A member's does not: the platform knows a withdrawal of facts
    alone, and what rests on a consent has to be withdrawable."""
    return part.occupation != MEMBERS
