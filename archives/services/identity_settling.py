"""Checking identities, the people's side: a mismatch stops the seal, a clerk asks again, a reviewer settles it.

The population database may be wrong, and nobody must be without a record because of that: whoever has seen the document
confirms it, with the evidence and a reason, and the seal is free again.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.models import Role
from archives.identity_state import service_of, state_of
from archives.models import Archive, Evidence, IdentityCheck, RecordPart
from archives.selectors import evidence_visible_to
from archives.services.consent_rules import check_consented
from archives.states import CheckOutcome
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, clean_reason, lock
from credit_platform.actors import Actor

LEAST_REASON = 4
MISMATCH = (
    "身份核验不一致：人口库中没有“这个姓名、这个证件号码”的人，暂不能审核确认。请对照证件核对："
    "姓名或号码填错的，办理身份更正；与证件一致的，由经办人上传证件复印件，审核人在“身份核验”页面核实后再确认。"
)


def check_identity(archive: Archive) -> None:
    """Raise `Refused` (code `identity_mismatch`) while the identity does not match and nobody settled it.

    Who was not checked yet, or cannot be, is not held up.
    """
    if state_of(archive) == CheckOutcome.MISMATCH:
        raise Refused(MISMATCH, code="identity_mismatch")


@transaction.atomic
def ask_again(*, archive: Archive, actor: Actor) -> Archive:
    """立即核验: have the identity checked as soon as a worker is free. Nothing is sent from here.

    Raises `Refused` for others than clerk and reviewer of the group, where the place has no service, and for a member
    who has withdrawn the consent; `AlreadyDone` while it is asked for already.
    """
    row = lock(archive)
    _check_role(row, actor, Role.CLERK, Role.REVIEWER)
    if service_of(row.jurisdiction_id) is None:
        raise Refused("本辖区没有接入身份核验服务，不能核验。未核验不影响填报和确认。", code="no_service")
    check_consented(row)
    if row.check_asked:
        raise AlreadyDone("已经安排核验，正在等待结果。", code="already_done")
    row.check_asked, row.check_after, row.check_tries = True, timezone.now(), 0
    row.save(update_fields=["check_asked", "check_after", "check_tries"])
    journal.write("check.asked", actor=actor, subject=row)
    return row


@transaction.atomic
def settle_identity(*, archive: Archive, evidence: Evidence | None, reason: str, actor: Actor) -> Archive:
    """人工核实: a reviewer who has seen the document confirms name and number against the service's answer.

    Raises `Refused` for anybody but a reviewer of the group, without a reason (`reason_required`) or evidence
    (`evidence_missing`), and for evidence that the same person uploaded or a record that the same person wrote
    (`guard`); `AlreadyDone` when nothing is to be settled.
    """
    row = lock(archive)
    _check_role(row, actor, Role.REVIEWER)
    if state_of(row) != CheckOutcome.MISMATCH:
        raise AlreadyDone("现在没有需要核实的不一致。", code="already_done")
    reason = clean_reason(reason)
    if len(reason) < LEAST_REASON:
        raise Refused("请写明凭什么确认身份无误，例如“与身份证原件核对一致”。", code="reason_required")
    if evidence is None or not offered(row, actor).filter(id=evidence.pk).exists():
        raise Refused(
            "请选择证明身份的材料。还没有的，请经办人先在年度记录中上传证件复印件。", code="evidence_missing"
        )
    if evidence.uploader_id == actor.user_id or _wrote(row, actor):
        raise Refused("您填写过这份档案或上传了这份材料，须由另一位审核人核实。", code="guard")
    now = timezone.now()
    IdentityCheck.objects.create(
        archive=row,
        agency_id=row.agency_id,
        employer_id=row.employer_id,
        occupation=row.occupation,
        outcome=CheckOutcome.ACCEPTED,
        checked_as=row.identity_key,
        at=now,
        by_id=actor.user_id,
        by=actor.name,
        reason=reason,
        evidence=evidence,
    )
    row.check_state, row.checked_at, row.checked_by = CheckOutcome.ACCEPTED, now, actor.name
    row.save(update_fields=["check_state", "checked_at", "checked_by"])
    journal.write(
        "check.settled", actor=actor, subject=row, reason=reason, data={"evidence": str(evidence.pk)}
    )
    return row


def offered(archive: Archive, actor: Actor) -> QuerySet[Evidence]:
    """Return the files attached to the archive's records and facts, from which a reviewer chooses what proves the
    identity."""
    theirs = Q(part__record__archive_id=archive.pk) | Q(item__archive_id=archive.pk, item__recalled_at=None)
    return evidence_visible_to(actor).filter(theirs).order_by("-uploaded_at", "-id")


def _check_role(archive: Archive, actor: Actor, *roles: Role) -> None:
    own = archive.agency_id == actor.agency_id and archive.occupation in actor.occupations
    if actor.kind != "agency" or actor.role not in roles or not own:
        who = "审核人" if roles == (Role.REVIEWER,) else "经办人和审核人"
        raise Refused(f"只有办理这个人群的{who}可以这样做。", code="not_permitted")


def _wrote(archive: Archive, actor: Actor) -> bool:
    parts = RecordPart.objects.filter(record__archive_id=archive.pk)
    return parts.filter(writers__contains=[actor.user_id]).exists()
