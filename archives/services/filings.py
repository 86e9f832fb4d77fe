"""备案: filing the archives of a group and year with the credit office (AY-31). A plain step beside delivery."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility, Role
from archives.lifecycle import FILING
from archives.models import Counter, Filing
from archives.schema.members import MEMBERS
from archives.services.filed import list_digest, parts_of_group
from archives.states import FilingStatus
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance, clean_reason
from credit_platform.actors import Actor


@transaction.atomic
def submit_filing(*, responsibility: Responsibility, year: int, actor: Actor) -> Filing:
    """File a group's archives of a year, again after a return, or when something was sealed since it was filed.

    Raises `Refused` when nothing is sealed yet or the group is not the actor's or that of members, `AlreadyDone` when
    filed before.
    """
    handled = responsibility.occupation in actor.occupations and responsibility.agency_id == actor.agency_id
    if not handled or actor.role not in (Role.CLERK, Role.REVIEWER):
        raise Refused("这个人群不由您办理。", code="foreign")
    if responsibility.occupation == MEMBERS:
        raise Refused("会员档案只在协会、商会和会员之间，不报备案。", code="members")
    group = (responsibility.agency_id, responsibility.occupation, year)
    # Whoever seals holds the row: with all rows held, no version can appear later that is older than this moment.
    held = list(
        parts_of_group(*group).select_for_update(no_key=True).order_by("id").values_list("current_version")
    )
    now = timezone.now()
    total, sealed = len(held), sum(version > 0 for (version,) in held)
    if not sealed:
        raise Refused(f"{year} 年度还没有已确认的记录，确认后再报备案。", code="nothing_sealed")
    counts = {"sealed_count": sealed, "total_count": total}
    content = {
        **counts,
        "submitted_by": actor.name,
        "submitted_at": now,
        "list_digest": list_digest(*group, now),
    }
    known = Filing.objects.filter(
        agency_id=responsibility.agency_id, occupation=responsibility.occupation, year=year
    ).first()
    if (
        known is not None
        and known.status == FilingStatus.FILED
        and known.list_digest == content["list_digest"]
    ):
        raise AlreadyDone(
            f"{year} 年度已经备案，备案号 {known.number}，之后没有新确认或更正的记录。", code="already_done"
        )
    if known is not None and known.status == FilingStatus.SUBMITTED:
        raise AlreadyDone(f"{year} 年度已经报备案，正在等待办理，不需要再报。", code="already_done")
    if known is not None:
        again = {**content, "reason": "", "submission": known.submission + 1}
        told = {**counts, "submission": known.submission + 1, "list": content["list_digest"]}
        return advance(known, "resubmit", lifecycle=FILING, actor=actor, changes=again, data=told)
    try:
        with transaction.atomic():
            filing = Filing.objects.create(
                agency_id=responsibility.agency_id,
                occupation=responsibility.occupation,
                year=year,
                **content,
            )
    except IntegrityError as error:
        raise AlreadyDone("这个人群该年度已经报备案，不需要再次办理。", code="already_done") from error
    told = {**counts, "submission": 1, "list": filing.list_digest}
    journal.write("filing.submitted", actor=actor, subject=filing, data=told)
    return filing


@transaction.atomic
def accept_filing(*, filing: Filing, actor: Actor) -> Filing:
    """予以备案: give the filing its number. Form is checked, not content. Raises as `advance()`."""
    jurisdiction = Jurisdiction.objects.get(id=filing.jurisdiction_id)
    prefix = jurisdiction.parameters.get("filing_prefix", f"{jurisdiction.name}信用备")
    year = timezone.localdate().year
    accepted = advance(
        filing,
        "file",
        lifecycle=FILING,
        actor=actor,
        changes={"decided_by": actor.name, "decided_at": timezone.now(), "reason": ""},
    )
    if not accepted.number:
        accepted.number = f"{prefix}〔{year}〕{next_number(f'filing.{year}')} 号"
        accepted.save(update_fields=["number"])
    return accepted


@transaction.atomic
def send_back_filing(*, filing: Filing, reason: str, actor: Actor) -> Filing:
    """退回补正 with a reason. Raises as `advance()`."""
    changes = {"decided_by": actor.name, "decided_at": timezone.now(), "reason": clean_reason(reason)}
    return advance(filing, "send_back", lifecycle=FILING, actor=actor, reason=reason, changes=changes)


def next_number(series: str) -> int:
    """Return the next number of a series of the acting county; concurrent callers wait for each other."""
    Counter.objects.bulk_create([Counter(series=series)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(series=series)
    Counter.objects.filter(id=counter.pk).update(value=F("value") + 1)
    return counter.value + 1
