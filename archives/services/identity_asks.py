"""A request about an identity as it is kept, and the office asking a unit to look at an archive again."""

from __future__ import annotations

from archives.models import Archive, IdentityRequest
from archives.schema.identifiers import mask
from archives.services.hub import Identity
from archives.services.people import identity_of
from archives.states import RequestKind, RequestStatus
from audit import journal
from credit_platform import crypto
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

_PURPOSE = "identity.number"
ASKING = "信用工作机构核实：这份档案登记的证件号码属于另一姓名的人。请对照证件更正身份。"
DOCUMENT_OFF = (
    "核实：这份档案所涉的一个证件曾登记在另一人名下，登记已更正。请对照证件和材料逐项核对，按那个证件记入而不是本人的"
    "内容请更正或撤销；核对无误的，由审核人写明核对情况后办结。"
)
MERGE_UNDONE = (
    "信用工作机构查明：这份档案曾与另一人的登记合并，{years} 年度记录是在合并期间按那人的证件建立的。"
    "请对照证件和材料逐项核对，不是本人的内容请更正；核对无误的，由审核人写明核对情况后办结。"
)


def claimed(request: IdentityRequest) -> Identity:
    """Return name and document that are claimed, with the whole number. Raises `crypto.Undecipherable`."""
    number = crypto.decrypt(request.number, purpose=_PURPOSE)
    return Identity(request.name, request.document_type, number)


def new_request(
    *,
    agency_id: int,
    occupation: str,
    kind: RequestKind,
    identity: Identity,
    reason: str,
    evidence: str,
    by: str,
) -> IdentityRequest:
    """Return a request that is not saved yet."""
    return IdentityRequest(
        agency_id=agency_id,
        occupation=occupation,
        kind=kind,
        name=identity.name,
        document_type=identity.document_type,
        number=crypto.encrypt(identity.number, purpose=_PURPOSE),
        number_mask=mask(identity.number),
        reason=reason,
        evidence=evidence,
        proposed_by=by,
    )


def ask(archive: Archive, reason: str, *, actor: Actor) -> None:
    """Tell a unit that an archive of theirs may have somebody else's number or facts; whose, it is not told.

    `actor` is a member of the office, or the system where another unit's work has shown it: that one is not named.
    """
    office = actor.kind == "office"
    with acting(archive.jurisdiction_id, "job"):
        asked = new_request(
            agency_id=archive.agency_id,
            occupation=archive.occupation,
            kind=RequestKind.ASKED,
            identity=identity_of(archive),
            reason=reason,
            evidence="信用工作机构核实意见" if office else "证件登记更正记录",
            by=actor.unit_name or "信用工作机构",
        )
        asked.archive, asked.status = archive, RequestStatus.ASKED
        asked.save(force_insert=True)
    journal.write("identity.asked", actor=actor, subject=asked)
