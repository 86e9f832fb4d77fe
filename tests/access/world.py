"""Two counties with everything that has an address, and the people who try each other's addresses."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from agencies.models import Agency, Employer, Membership, Responsibility, Role
from archives.models import (
    AnnualRecord,
    Archive,
    Counter,
    Evidence,
    Filing,
    IdentityCheck,
    IdentityRequest,
    Item,
    Job,
    MemberConsent,
    NilReturn,
    Outbox,
    Person,
    PersonDocument,
    PersonPair,
    Proceeding,
    RecordPart,
    RosterEntry,
    RosterImport,
    StampedRoster,
    StampLine,
    Transfer,
    TransferSheet,
    Upload,
    UploadRow,
    Version,
    VersionBody,
    WaitingFact,
)
from archives.periods import Period
from archives.services.filings import submit_filing
from archives.services.identity_requests import propose_request
from archives.services.roster import enrol
from archives.services.stamped_rosters import print_roster
from archives.states import JobState, RequestKind
from audit import journal
from audit.models import Event
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from delivery.models import Batch, BatchLine
from delivery.services import make_batch
from notices.models import Notice
from notices.services import notify
from oversight.models import Reminder
from tests.archives.flow import acting_as, attached, fresh, opened, sealed, submitted
from tests.archives.item_flow import item_sealed, put_apart, written
from tests.archives.transfer_flow import sent
from tests.factories import (
    AgencyFactory,
    County,
    ResponsibilityFactory,
    Unit,
    UserFactory,
    actor,
    id_number,
)

_TENANT = (
    Person,
    PersonDocument,
    PersonPair,
    IdentityRequest,
    Proceeding,
    Archive,
    AnnualRecord,
    RecordPart,
    Version,
    VersionBody,
    Outbox,
    Filing,
    Counter,
    Evidence,
    Item,
    Job,
    MemberConsent,
    NilReturn,
    StampedRoster,
    StampLine,
    Upload,
    UploadRow,
    WaitingFact,
    IdentityCheck,
    Batch,
    BatchLine,
    Notice,
    Reminder,
)


@dataclasses.dataclass(frozen=True)
class Objects:
    """One of each kind that belongs to a unit, with names that stand nowhere else."""

    unit: Unit
    draft: RecordPart
    submitted: RecordPart
    sealed: RecordPart
    filing: Filing
    batch: Batch
    member: Membership
    evidence: tuple[Evidence, Evidence]
    """Of the draft and of the sealed record."""
    items: tuple[Item, Item]
    """Of the draft and of the sealed record, a draft and a confirmed one."""
    waiting: WaitingFact
    """A penalty without a number, of the filler."""
    request: IdentityRequest
    """The clerk asks for a passport of the person of the sealed record."""
    pair: PersonPair
    """The people of the draft and of the sealed record, before the office."""
    job: Job
    """Of the unit's clerk, with a result."""
    roster: StampedRoster
    """With the sealed record on it."""
    entry: RosterEntry
    """Of the unit's first employer."""
    roster_import: RosterImport
    """Uploaded by the clerk, to be accepted."""
    upload: Upload
    """Of the clerk, to be accepted."""
    proceeding: Proceeding
    """About the person of the draft."""
    handover: Event
    """From the clerk to the fourth member."""
    transfer: Transfer
    """Of the person of the sealed record, on the way to a third unit."""
    consent: MemberConsent
    """Recorded by the clerk, in force."""
    nil_return: NilReturn
    """Of the last month, signed by the clerk."""
    notice: Notice
    """Told to the fourth member."""
    reminder: Reminder
    """Of the unit's group."""

    @property
    def check_code(self) -> str:
        """Of the sealed record."""
        with acting(self.unit.agency.jurisdiction_id, "job"):
            return str(Version.objects.get(part=self.sealed).check_code)

    @property
    def words(self) -> tuple[str, ...]:
        """What a page must not show to strangers."""
        ids = (self.draft.id, self.submitted.id, self.sealed.id, self.filing.id, self.batch.id)
        ids += (self.handover.pk, self.proceeding.pk, self.job.pk, self.roster.pk)
        ids += (self.entry.pk, self.roster_import.pk, self.upload.pk, self.nil_return.pk)
        ids += (self.notice.pk, self.reminder.pk, self.transfer.pk, self.consent.pk)
        ids += tuple(one.pk for one in (*self.evidence, *self.items, self.waiting, self.request, self.pair))
        names = (self.draft.name, self.submitted.name, self.sealed.name, self.member.user.display_name)
        return (*map(str, ids), *names)


def fill(unit: Unit, names: tuple[str, str, str, str]) -> Objects:
    """Give a unit a draft, a submitted and a sealed record, a filing, a batch and one more member."""
    Responsibility.objects.filter(pk=unit.responsibility.pk).update(local=True)  # the office may change it
    draft = opened(unit, name=names[0])
    handed_on = submitted(unit, part=opened(unit, name=names[1]))
    proven = opened(unit, name=names[2])
    evidence = attached(draft, by=unit.filler), attached(proven, by=unit.filler)
    items = written(draft, by=unit.filler), item_sealed(proven, unit=unit)
    confirmed = fresh(sealed(unit, part=proven).part)
    with acting_as(unit.clerk) as who:
        filing = submit_filing(responsibility=unit.responsibility, year=timezone.localdate().year, actor=who)
    assert make_batch(jurisdiction_id=unit.agency.jurisdiction_id, target="county") == 2
    with acting(unit.agency.jurisdiction_id, "job"):
        batch = Batch.objects.order_by("-created_at", "-id")[:1].get()
    user = UserFactory(username=f"fourth.{unit.agency.pk}", display_name=names[3])
    member = Membership.objects.create(
        user=user, jurisdiction=unit.agency.jurisdiction, agency=unit.agency, role=Role.REVIEWER
    )
    return Objects(
        unit=unit,
        draft=draft,
        submitted=handed_on,
        sealed=confirmed,
        filing=filing,
        batch=batch,
        member=member,
        evidence=evidence,
        items=items,
        waiting=put_apart(draft, by=unit.filler),
        request=asked(unit, confirmed),
        pair=alike(draft, confirmed),
        job=job_of(unit.clerk),
        roster=roster_of(unit),
        entry=entry_of(unit, names[0]),
        roster_import=import_of(unit),
        upload=upload_of(unit),
        proceeding=intended_against(draft),
        handover=handed_over(unit, member, draft),
        transfer=sent(confirmed, third_unit(unit), unit=unit),
        consent=consent_of(unit, names[2]),
        nil_return=nil_return_of(unit),
        notice=told(member),
        reminder=reminded(unit),
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


class World:
    """Education and health of one county, education of another."""

    def __init__(self, county: County, other_county: County, operator: User) -> None:
        self.county, self.other_county = county, other_county
        unit = county.education
        self.nobody: User = UserFactory(username="nobody", display_name="无任职")
        self.people: dict[str, User | Membership | None] = {
            "filler": unit.filler,
            "filler of another employer": unit.second_filler,
            "clerk": unit.clerk,
            "reviewer": unit.reviewer,
            "agency_admin": unit.admin,
            "officer": county.officer,
            "clerk of another agency": county.health.clerk,
            "admin of another agency": county.health.admin,
            "clerk of another county": other_county.education.clerk,
            "office of another county": other_county.officer,
            "operator": operator,
            "member of no unit": self.nobody,
            "signed out": None,
        }
        self.education = fill(unit, ("褚一心", "褚二心", "褚三心", "褚四心"))
        self.health = fill(county.health, ("卫一心", "卫二心", "卫三心", "卫四心"))
        self.elsewhere = fill(other_county.education, ("蒋一心", "蒋二心", "蒋三心", "蒋四心"))

    def foreign_to(self, name: str) -> list[Objects]:
        """The objects of tenants to which this person does not belong."""
        if name in ("filler", "clerk", "reviewer", "agency_admin"):
            return [self.health, self.elsewhere]
        if name == "officer":
            return [self.elsewhere]
        if name == "office of another county":
            return [self.education, self.health]
        if name in ("clerk of another agency", "admin of another agency"):
            return [self.education, self.elsewhere]
        return [self.education]

    def snapshot(self) -> dict[str, Any]:
        """Every row of both counties, to be compared before and after."""
        rows: dict[str, Any] = {}
        for place in (self.county, self.other_county):
            with acting(place.id, "job"):
                for model in _TENANT:
                    rows[f"{model.__name__} {place.id}"] = list(model.objects.order_by("id").values())
        for unit in (self.county.education, self.county.health, self.other_county.education):
            with unit.acting():
                for between in (Transfer, TransferSheet):
                    key = f"{between.__name__} {unit.agency.pk}"
                    rows[key] = list(between.objects.order_by("id").values())
        for model in (Agency, Employer, Responsibility, Membership):
            rows[model.__name__] = list(model.objects.order_by("id").values())
        rows["User"] = list(User.objects.order_by("id").values("id", "password", "is_active", "display_name"))
        return rows
