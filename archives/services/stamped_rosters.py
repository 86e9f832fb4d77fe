"""盖章名册: printing confirmed versions as a list, keeping the scan of the stamped paper, confirming it by a second
account. The stamp itself is on paper; nothing here draws one (AY-N4).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from agencies.models import Employer, Responsibility, Role
from archives.content import flat
from archives.lifecycle import ROSTER
from archives.models import MemberConsent, StampedRoster, StampLine, Version
from archives.occupations import occupation_of
from archives.protection import canonical
from archives.services.filings import next_number
from archives.services.upload_ends import discard_after_commit
from archives.services.versions import sealed_record
from archives.states import RosterStatus
from audit import journal
from audit.lifecycle import Refused, advance, lock
from audit.models import Event
from credit_platform import crypto, private_files
from credit_platform.actors import Actor, job
from credit_platform.media_types import JPEG, PDF, PNG, NotTaken, media_type_of

MOST_LINES = 300
LARGEST_SCAN = 20 * 1024 * 1024
SEEN = "roster.scan_read"
"""Verb of the journal: this account opened the scan."""
_NO_SCAN = "扫描件须为 PDF、JPG 或 PNG。请另存后重新上传。"
_PACKAGE = b"PK"


@dataclasses.dataclass(frozen=True)
class Line:
    """One printed line. `replaced`: a newer version of the record was confirmed since."""

    position: int
    version: Version
    name: str
    number_mask: str
    determination: str
    replaced: bool


@transaction.atomic
def print_roster(
    *, responsibility: Responsibility, year: int, employer: Employer | None, actor: Actor
) -> StampedRoster:
    """Put the current versions of a group and year that stand on no valid roster yet on a new one, 300 at most.

    Raises `Refused` when the group is not the actor's, or when there are none left.
    """
    handled = responsibility.occupation in actor.occupations and responsibility.agency_id == actor.agency_id
    if actor.role not in (Role.CLERK, Role.REVIEWER) or not handled:
        raise Refused("这个人群不由您办理。", code="foreign")
    if employer is not None and employer.agency_id != actor.agency_id:
        raise Refused("没有这个所属单位，请重新选择。", code="foreign")
    now = timezone.now()
    today = timezone.localdate(now)
    number = next_number(f"roster.{today.year}")  # whoever prints at the same time waits here
    versions = list(_unlisted(responsibility, year, employer, actor)[:MOST_LINES])
    if not versions:
        raise Refused(
            "没有可以打印的记录：没有已确认的，或都已列入其他名册。需要重打的，请先作废原名册。",
            code="nothing_sealed",
        )
    code = f"MC{today.year}-{number:06d}"
    content = {"roster": code, "versions": [[str(one.pk), one.digest] for one in versions]}
    roster = StampedRoster.objects.create(
        agency_id=responsibility.agency_id,
        employer=employer,
        occupation=responsibility.occupation,
        year=year,
        code=code,
        size=len(versions),
        digest=crypto.fingerprint(canonical(content)),
        printed_by=actor.name,
        printed_at=now,
    )
    StampLine.objects.bulk_create(
        StampLine(
            roster=roster,
            version=one,
            agency_id=one.agency_id,
            employer_id=one.employer_id,
            occupation=one.occupation,
            position=position,
        )
        for position, one in enumerate(versions, 1)
    )
    journal.write("roster.printed", actor=actor, subject=roster, data={"lines": len(versions)})
    return roster


def lines_of(roster: StampedRoster) -> list[Line]:
    """Return the lines as printed, each version checked against its digest; what was recalled since leaves a gap.

    Raises `crypto.Undecipherable`.
    """
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=roster.jurisdiction_id, agency_id=roster.agency_id, occupation=roster.occupation
    )
    occupation = occupation_of(responsibility)
    found = roster.lines.filter(version__part__recalled_at=None)
    found = found.select_related("version__part").prefetch_related("version__bodies")
    lines = []
    for line in found.order_by("position"):
        version, part = line.version, line.version.part
        assert part is not None  # only versions of parts are put on rosters
        sealed, record = sealed_record(version, occupation)
        values = flat(record)
        determination = values.get("determination")
        shown = sealed.fields()["determination"].text(determination) if determination else "—"
        replaced = part.current_version != version.number
        lines.append(Line(line.position, version, part.name, part.number_mask, shown, replaced))
    return lines


@transaction.atomic
def attach_scan(
    *, roster: StampedRoster, file: BinaryIO, stamped_on: dt.date, revision: int | None, actor: Actor
) -> StampedRoster:
    """Keep the scan of the stamped paper; one that was not confirmed yet is replaced.

    Raises `Refused` for a day or a file that can't be, else as `advance()`.
    """
    if stamped_on > timezone.localdate():
        raise Refused("盖章日期不能晚于今天。请核对后重新填写。", code="day")
    if stamped_on < timezone.localdate(roster.printed_at):
        raise Refused("盖章日期不能早于名册的打印日期。请核对后重新填写。", code="day")
    content, media_type, extension = _read(file)
    name = f"{roster.pk}-{roster.revision}.{extension}"
    changes = {
        "scan": name,
        "scan_type": media_type,
        "scan_sha256": hashlib.sha256(content).hexdigest(),
        "stamped_on": stamped_on,
        "scanner_id": actor.user_id,
        "scanned_by": actor.name,
        "scanned_at": timezone.now(),
    }
    before = roster.scan
    told = {"sha256": changes["scan_sha256"], "stamped_on": stamped_on.isoformat()}
    row = advance(
        roster, "scan", lifecycle=ROSTER, actor=actor, revision=revision, changes=changes, data=told
    )
    try:
        private_files.store(name, _pieces(content))
    except OSError:
        raise Refused("扫描件没有保存成功。请稍后重试，仍不行的请联系管理员。", code="storage") from None
    if before and before != name:
        transaction.on_commit(lambda: private_files.discard(before))
    return row


@transaction.atomic
def confirm_stamp(*, roster: StampedRoster, revision: int, actor: Actor) -> StampedRoster:
    """A second account, which has opened the scan, confirms that the stamp is on it. Raises as `advance()`."""
    looked = Event.objects.filter(
        jurisdiction_id=roster.jurisdiction_id,
        verb=SEEN,
        subject_id=str(roster.pk),
        actor_id=actor.user_id,
        at__gte=roster.scanned_at or roster.printed_at,
    )
    if actor.user_id != roster.scanner_id and roster.status == RosterStatus.SCANNED and not looked.exists():
        raise Refused("请先打开扫描件，与名册逐行核对后再确认。", code="not_seen")
    changes = {"confirmed_by": actor.name, "confirmed_at": timezone.now()}
    return advance(roster, "confirm", lifecycle=ROSTER, actor=actor, revision=revision, changes=changes)


@transaction.atomic
def void_roster(*, roster: StampedRoster, reason: str, actor: Actor) -> StampedRoster:
    """Void a roster with a reason; its versions may be printed again. Raises as `advance()`."""
    return advance(roster, "void", lifecycle=ROSTER, actor=actor, reason=reason)


def recall_rosters(consent: MemberConsent, *, reason: str) -> None:
    """Void the rosters on which a member stands who has withdrawn, and remove their scans: the others may be printed
    again. For jobs."""
    rows = StampedRoster.objects.filter(lines__version__part__record__archive__consent_id=consent.pk)
    for row in list(rows.distinct().order_by("pk")):
        roster = lock(row)
        if roster.scan:
            discard_after_commit(roster.scan)
            roster.scan = roster.scan_type = ""
            roster.save(update_fields=["scan", "scan_type"])
        if roster.status != RosterStatus.VOID:
            system = job(roster.jurisdiction_id, "会员同意书")
            advance(roster, "recall", lifecycle=ROSTER, actor=system, reason=reason)


def _unlisted(
    responsibility: Responsibility, year: int, employer: Employer | None, actor: Actor
) -> QuerySet[Version]:
    listed = StampLine.objects.filter(version=OuterRef("pk")).exclude(roster__status=RosterStatus.VOID)
    versions = (
        Version.objects.visible_to(actor)
        .filter(occupation=responsibility.occupation, part__year=year)
        .filter(number=F("part__current_version"), part__recalled_at=None)
    )
    if employer is not None:
        versions = versions.filter(part__employer=employer)
    return versions.exclude(Exists(listed)).order_by("part__name_sort", "part_id")


def _read(file: BinaryIO) -> tuple[bytes, str, str]:
    file.seek(0)
    content = file.read(LARGEST_SCAN + 1)
    if len(content) > LARGEST_SCAN:
        raise Refused("文件超过 20 MB。请降低扫描分辨率后重新上传。", code="file_too_large")
    try:
        kind = media_type_of(content)
    except NotTaken as reason:
        if reason.code == "file_type" or content.startswith(_PACKAGE):
            raise Refused(_NO_SCAN, code="file_type") from None
        raise Refused(str(reason), code=reason.code) from None
    if kind not in (PDF, JPEG, PNG):
        raise Refused(_NO_SCAN, code="file_type")
    return content, kind.media_type, kind.extension


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 256 * 1024):
        yield content[start : start + 256 * 1024]
