"""Two counties with everything that has an address, and the people who try each other's addresses."""

from __future__ import annotations

import dataclasses
from typing import Any

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
from archives.services.filings import submit_filing
from audit.models import Event
from credit_platform.tenancy.context import acting
from delivery.models import Batch, BatchLine
from delivery.services import make_batch
from notices.models import Notice
from oversight.models import Reminder
from tests.access.makers import (
    alike,
    asked,
    consent_of,
    entry_of,
    handed_over,
    import_of,
    intended_against,
    job_of,
    nil_return_of,
    reminded,
    roster_of,
    third_unit,
    told,
    upload_of,
)
from tests.archives.flow import acting_as, attached, fresh, opened, sealed, submitted
from tests.archives.item_flow import item_sealed, put_apart, written
from tests.archives.transfer_flow import sent
from tests.factories import (
    County,
    Unit,
    UserFactory,
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
