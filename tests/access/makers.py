"""One thing of each kind that belongs to a unit, for addresses that others try."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from agencies.models import Membership, Responsibility
from archives.models import (
    IdentityRequest,
    Job,
    MemberConsent,
    NilReturn,
    PersonPair,
    Proceeding,
    RecordPart,
    RosterEntry,
    RosterImport,
    StampedRoster,
    Upload,
    UploadRow,
)
from archives.periods import Period
from archives.services.identity_requests import propose_request
from archives.services.roster import enrol
from archives.services.stamped_rosters import print_roster
from archives.states import JobState, RequestKind
from audit import journal
from audit.models import Event
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from notices.models import Notice
from notices.services import notify
from oversight.models import Reminder
from tests.archives.flow import acting_as
from tests.factories import (
    AgencyFactory,
    ResponsibilityFactory,
    Unit,
    actor,
    id_number,
)


def third_unit(unit: Unit) -> Responsibility:
    """A group of an agency of the same county in which none of the people serves."""
    place = unit.agency.jurisdiction
    known = Responsibility.objects.filter(jurisdiction=place, agency__code="archivists").first()
    if known is not None:
        return known
    agency = AgencyFactory(jurisdiction=place, code="archivists", name="县档案馆")
    return ResponsibilityFactory(agency=agency, position=9, occupation="accountant", label="会计")


def consent_of(unit: Unit, name: str) -> MemberConsent:
    """A paper of the unit, whatever its group, with a scan."""
    with acting_as(unit.clerk) as who:
        row = MemberConsent.objects.create(
            agency=unit.agency,
            occupation=unit.responsibility.occupation,
            name=name,
            document_type="111",
            number_index="0" * 64,
            number_mask="410522********000*",
            signed_on=timezone.localdate(),
            scan=f"{uuid4()}.pdf",
            scan_type="application/pdf",
            scan_sha256="0" * 64,
            recorded_by=who.name,
        )
    private_files.store(row.scan, [b"%PDF-1.7"])
    return row


def asked(unit: Unit, part: RecordPart) -> IdentityRequest:
    """A passport that the clerk wants registered."""
    with acting_as(unit.clerk) as who:
        return propose_request(
            archive=part.record.archive,
            kind=RequestKind.DOCUMENT,
            raw={"name": part.name, "document_type": "414", "document_number": f"E{unit.agency.pk:08d}"},
            reason="另有护照",
            evidence="护照原件",
            actor=who,
            today=timezone.localdate(),
        )


def alike(one: RecordPart, other: RecordPart) -> PersonPair:
    """Two people of one county, to be judged."""
    first, second = sorted((one.person_id, other.person_id))
    with acting(one.jurisdiction_id, "job"):
        return PersonPair.objects.create(first_id=first, second_id=second)


def told(member: Membership) -> Notice:
    """A notice that this member has not read."""
    notify([member], "job_done", url="/jobs/")
    with acting(member.jurisdiction_id, "job"):
        return Notice.objects.get(membership=member)


def reminded(unit: Unit) -> Reminder:
    """A reminder by the county's office."""
    day = timezone.localdate()
    with acting(unit.agency.jurisdiction_id, "job"):
        return Reminder.objects.create(
            agency=unit.agency,
            occupation=unit.responsibility.occupation,
            label=unit.responsibility.label,
            what="delivery",
            month=day.replace(day=1),
            since=day,
            count=1,
            whole=1,
            day=day,
            sent_by="钱信用",
        )


def roster_of(unit: Unit) -> StampedRoster:
    """The unit's confirmed records of this year, printed by the clerk."""
    with acting_as(unit.clerk) as who:
        year = timezone.localdate().year
        return print_roster(responsibility=unit.responsibility, year=year, employer=None, actor=who)


def entry_of(unit: Unit, name: str) -> RosterEntry:
    """Somebody on the unit's roster."""
    today = timezone.localdate()
    raw = {"name": name, "document_number": id_number()}
    with acting_as(unit.clerk) as who:
        return enrol(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw=raw,
            joined_on=today,
            actor=who,
            today=today,
        )


def nil_return_of(unit: Unit) -> NilReturn:
    """The clerk's statement about last month."""
    period = Period.containing("monthly", timezone.localdate()).previous
    with acting_as(unit.clerk) as who:
        return NilReturn.objects.create(
            agency=unit.agency,
            occupation=unit.responsibility.occupation,
            kind=period.kind,
            start=period.start,
            end=period.end,
            status="confirmed",
            signer_id=who.user_id or 0,
            signed_by=who.name,
        )


def import_of(unit: Unit) -> RosterImport:
    """An import of the clerk that was read."""
    with acting_as(unit.clerk) as who:
        assert who.user_id is not None
        return RosterImport.objects.create(
            agency=unit.agency,
            occupation=unit.responsibility.occupation,
            joined_on=timezone.localdate(),
            file_name="名册.xlsx",
            sha256="0" * 64,
            state="ready",
            counts={"new": 1, "changed": 0, "same": 0, "refused": 0},
            requester_id=who.user_id,
            requester=who.name,
        )


def upload_of(unit: Unit) -> Upload:
    """A workbook of the clerk that was read, with both answers and one refused row."""
    with acting_as(unit.clerk) as who:
        assert who.user_id is not None
        row = Upload.objects.create(
            agency=unit.agency,
            occupation=unit.responsibility.occupation,
            year=timezone.localdate().year,
            file_name="表格.xlsx",
            sha256="0" * 64,
            answer=f"{uuid4()}.xlsx",
            remainder=f"{uuid4()}.xlsx",
            state="ready",
            counts={"new": 1, "changed": 0, "same": 0, "refused": 1},
            requester_id=who.user_id,
            requester=who.name,
        )
        UploadRow.objects.create(
            upload=row, agency=unit.agency, position=1, sheet="教师", row=4, outcome="refused"
        )
    for name in (row.answer, row.remainder):
        private_files.store(name, [b"PK"])
    return row


def job_of(member: Membership) -> Job:
    """A job of this member that is done, with its result."""
    with acting_as(member) as who:
        job = Job(
            kind="test", title="任务", requester_id=who.user_id, requester=who.name, agency_id=who.agency_id
        )
        job.state, job.result, job.result_name = JobState.DONE, f"{job.pk}-1.pdf", "结果.pdf"
        job.save(force_insert=True)
    private_files.store(job.result, [b"%PDF-1.7"])
    return job


def handed_over(unit: Unit, to: Membership, draft: RecordPart) -> Event:
    """A hand-over in the journal; nobody's groups have changed."""
    people = {"from": unit.clerk, "to": to}
    data: dict[str, Any] = {
        key: {"user": member.user_id, "name": member.user.display_name} for key, member in people.items()
    }
    data |= {
        "unit": unit.agency.name,
        "role": "经办人",
        "ended": False,
        "warnings": [],
        "parts": [str(draft.id)],
    }
    data |= {"groups": [{"occupation": draft.occupation, "label": unit.responsibility.label, "people": 3}]}
    with acting(unit.agency.jurisdiction_id, "job"):
        return journal.write("handover.done", actor=actor(unit.admin), subject=unit.clerk, data=data)


def intended_against(part: RecordPart) -> Proceeding:
    """A procedure whose notice was not served yet, whatever the draft says now."""
    grounds = {"determination": "warning", "ground": "法律法规", "behaviour": "有偿补课"}
    dates = {"acted_on": "2026-03-05", "basis_document_date": "2026-04-01"}
    document = {"basis_document_no": "安县教罚〔2026〕3号", "issued_by": "县教育局"}
    with acting(part.jurisdiction_id, "job"):
        return Proceeding.objects.create(
            part=part,
            person_id=part.person_id,
            agency_id=part.agency_id,
            employer_id=part.employer_id,
            occupation=part.occupation,
            name=part.name,
            year=part.year,
            grounds={**grounds, **dates, **document, "listing": None, "listing_no": None},
            opened_by="王经办",
            notice_no="测信告〔2026〕1 号",
        )
