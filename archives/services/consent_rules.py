"""Whether a member's written consent is in force: asked before anything is written or leaves (GZ-11, ZD-17)."""

from __future__ import annotations

from agencies.models import Responsibility
from archives.models import Archive, Item, MemberConsent, RecordPart
from archives.schema.members import MEMBERS
from audit.lifecycle import Refused

_FIRST = "会员档案须有本人书面同意。请先登记会员同意书（签署日期、范围和扫描件），再建档和填报。"


def consent_for(responsibility: Responsibility, name: str, number_index: str) -> MemberConsent | None:
    """Return the consent on which an archive of this person may be kept; None for a group that needs none.

    Raises `Refused` for a member without one that is in force.
    """
    if responsibility.occupation != MEMBERS:
        return None
    found = MemberConsent.objects.filter(
        agency_id=responsibility.agency_id,
        occupation=MEMBERS,
        number_index=number_index,
        name=name,
        withdrawn_on=None,
    ).first()
    if found is None:
        raise Refused(_FIRST, code="consent")
    return found


def check_consented(archive: Archive) -> None:
    """Raise `Refused` unless the archive may go on: a member's consent has not been withdrawn."""
    if archive.occupation != MEMBERS:
        return
    if not MemberConsent.objects.filter(archives=archive.pk, withdrawn_on=None).exists():
        raise Refused(f"{archive.name} 已撤回同意，不再为其建档和填报。{_FIRST}", code="consent")


def renew(archive: Archive, consent: MemberConsent | None) -> None:
    """Let an archive rest on the consent that is in force now; the one before it was withdrawn."""
    if consent is not None and archive.consent_id != consent.pk:
        archive.consent = consent
        archive.save(update_fields=["consent"])


def may_deliver(item: Item) -> bool:
    """Tell whether a fact may leave for the platform: of a member, if the consent says so."""
    if item.occupation != MEMBERS:
        return True
    return MemberConsent.objects.filter(archives=item.archive_id, delivers=True).exists()


def yearly_record_leaves(part: RecordPart) -> bool:
    """Tell whether the yearly form goes to the platform. A member's does not: the platform knows a withdrawal of facts
    alone, and what rests on a consent has to be withdrawable."""
    return part.occupation != MEMBERS
