"""Opening an archive: who it is about, and where the person is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agencies.models import Employer, Jurisdiction, Responsibility
from archives.lifecycle import may_write
from archives.models import AnnualRecord, Archive, MemberConsent, RecordPart
from archives.names import keys_of
from archives.occupations import occupation_of
from archives.protection import protect
from archives.schema.identifiers import mask
from archives.schema.members import MEMBERS
from archives.schema.occupations import Occupation, Record
from archives.schema.problems import Problem
from archives.schema.sections import Section
from archives.services.consent_rules import check_consented, consent_for, renew
from archives.services.hub import Identity, document_of, family_of, find_or_register
from archives.services.writers import note_state
from archives.services.years import is_closed
from archives.states import Status
from audit import journal
from audit.lifecycle import Refused, clean_reason
from credit_platform import crypto
from credit_platform.actors import Actor

_IN_ARCHIVE = "archive.number"


class NotReadable(Exception):
    """What was filled in has problems; nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def archive_index(number: str) -> str:
    """Return what finds the archives and roster entries of a number (as the schema normalised it)."""
    return crypto.blind_index(number, purpose="archive.number")


def years_open(jurisdiction: Jurisdiction, *, today: dt.date) -> range:
    """Return the years for which records may be kept: from the pack's first year to this year."""
    return range(int(jurisdiction.parameters.get("first_year", today.year)), today.year + 1)


def years_of(responsibility: Responsibility, *, today: dt.date) -> range:
    """Return the years of a group: of its place, but none before the group was opened (AY-01, PD-40), and none from
    that on in which its duty moved: those are the successor's. A group that is only closed, by nobody taken over, keeps
    its years until that day."""
    years = years_open(responsibility.jurisdiction, today=today)
    opens, ended = responsibility.opens_on, responsibility.ended_on
    start = years.start if opens is None else max(years.start, opens.year)
    if ended is not None and responsibility.successor_id is None and ended > today:
        ended = None
    return range(start, years.stop if ended is None else min(years.stop, ended.year))


def check_open(responsibility: Responsibility, *, today: dt.date) -> None:
    """Raise `Refused` unless archives of this group are opened today: it is decided, its turn in the roll-out has
    come, and the duty has not moved to another agency before this year; whose duty moved this year opens those of the
    years before (`years_of`)."""
    label = responsibility.label
    if responsibility.undecided:
        raise Refused(f"“{label}”的建档对象尚未确定，暂不能建档。", code="undecided")
    ended = responsibility.ended_on
    if ended is not None and ended.year < today.year:
        raise Refused(f"{_moved(responsibility)}，本单位不再新建档案。", code="ended")
    if ended is None and not responsibility.is_open(today):
        day = responsibility.opens_on
        when = "由信用工作机构确定开放日期" if day is None else f"{day:%Y-%m-%d} 起开放"
        raise Refused(f"“{label}”尚未开放建档（{when}）。", code="not_open")


def _moved(responsibility: Responsibility) -> str:
    successor = responsibility.successor
    to = f"，由{successor.name}承接" if successor else ""
    if successor is None and responsibility.local:
        return f"“{responsibility.label}”已于 {responsibility.ended_on:%Y-%m-%d} 停用"
    return f"“{responsibility.label}”的建档职责已于 {responsibility.ended_on:%Y-%m-%d} 调整{to}"


def read_identity(
    responsibility: Responsibility, raw: Mapping[str, Any], *, year: int, today: dt.date
) -> tuple[Identity, list[Problem]]:
    """Read name, document type and number. Raises `NotReadable`; returns warnings beside the identity."""
    section = occupation_of(responsibility).sections["identity"]
    return identity_in(section, raw, year=year, today=today)


def identity_in(
    section: type[Section], raw: Mapping[str, Any], *, year: int, today: dt.date
) -> tuple[Identity, list[Problem]]:
    """As `read_identity`, for many people of one group."""
    names = ("name", "document_type", "document_number")
    values, problems = section.parse(
        {name: raw.get(name) for name in names}, stage="draft", year=year, today=today
    )
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise NotReadable(errors)
    identity = Identity(values["name"], values["document_type"], values["document_number"])
    return identity, [problem for problem in problems if problem.severity != "error"]


@transaction.atomic
def open_archive(
    *,
    responsibility: Responsibility,
    employer: Employer | None,
    raw: Mapping[str, Any],
    year: int,
    actor: Actor,
    today: dt.date,
    backfill_reason: str = "",
) -> RecordPart:
    """Open the archive of a person in a group for a year (AY-F02, AY-30) and return the draft to fill in.

    A year that the place has closed is opened with a reason and marked for good (补录).

    Raises `NotReadable` for a faulty name or number, `Refused` for a group that is not the actor's or not decided yet,
    an employer of somebody else or one that is closed, a year that is not open, or is closed and has no reason, a
    number registered under another name, or an archive that exists already (the message names what to do).
    """
    check_opening(responsibility, employer, year, actor=actor, today=today)
    reason = clean_reason(backfill_reason)
    closed = is_closed(responsibility.jurisdiction, year, today=today)
    if closed and not reason:
        raise Refused(f"{year} 年度已截止，现在建立属于补录，请写明补录原因。", code="backfill_reason")
    identity, _ = read_identity(responsibility, raw, year=year, today=today)
    # First of all: who has not agreed is looked for nowhere.
    consent = consent_for(responsibility, identity.name, archive_index(identity.number), hold=True)
    person_id = find_or_register(identity, actor=actor)
    archive = _archive(person_id, identity, responsibility, employer, actor=actor, consent=consent)
    # A double click waits here, then finds the year; whose identity was put right meanwhile is read as it is now.
    archive = Archive.objects.select_for_update(of=("self",)).select_related("employer").get(id=archive.pk)
    if archive.person_id not in family_of(person_id):
        raise Refused("这份档案的身份刚刚更正，请刷新页面后重新办理。", code="busy")
    if RecordPart.objects.filter(record__archive=archive, year=year, recalled_at=None).exists():
        raise Refused(f"{identity.name} 的 {year} 年度记录已经建立，请在列表中查找。", code="exists")
    return start_record(
        archive=archive,
        year=year,
        actor=actor,
        backfilled=closed,
        reason=reason if closed else "",
        opened_with=None if person_id == archive.person_id else document_of(person_id, [identity]),
    )


def start_record(
    *,
    archive: Archive,
    year: int,
    actor: Actor,
    backfilled: bool = False,
    reason: str = "",
    opened_with: UUID | None = None,
) -> RecordPart:
    """Begin the record of a year with one part for the archive's agency, empty but for the identity. `opened_with`: the
    document of a row merged with the archive's that led here.

    Raises `Refused` for a year after the one in which the person left.
    """
    if archive.left_on is not None and archive.left_on.year < year:
        raise Refused(
            f"{archive.name} 已于 {archive.left_on:%Y-%m-%d} 登记离岗，不再建立 {year} 年度记录。"
            "已返岗的，请经办人先登记返岗。",
            code="left",
        )
    check_consented(archive)
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=archive.jurisdiction_id, agency_id=archive.agency_id, occupation=archive.occupation
    )
    occupation = occupation_of(responsibility)
    record = _record_of(archive, year)
    identity = identity_of(archive)
    values = first_values(identity, archive.employer, occupation=occupation, year=year)
    part = new_part(
        record, archive, values, responsibility=responsibility, occupation=occupation, actor=actor
    )
    part.backfilled, part.opened_with = backfilled, opened_with
    part.save(force_insert=True)
    note_state(part)
    data = {"backfilled": True} if backfilled else {}
    journal.write("record.opened", actor=actor, subject=part, reason=reason, data=data)
    return part


def _record_of(archive: Archive, year: int) -> AnnualRecord:
    """Return a new record of a year, saved; of a member who has consented again the one whose part was recalled."""
    if archive.occupation == MEMBERS:
        known = AnnualRecord.objects.filter(archive=archive, year=year).first()
        if known is not None:
            return known
    record = new_record(archive, year)
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:  # it stays with the employer where it was written, who alone sees it
        raise Refused(
            f"此人 {year} 年度的记录由调动前的单位填报，已在本单位之外建立，不需要再建。", code="exists"
        ) from error
    return record


def identity_of(archive: Archive) -> Identity:
    """Return whose archive it is, with the whole number. Raises `crypto.Undecipherable`."""
    number = crypto.decrypt(archive.number, purpose=_IN_ARCHIVE)
    return Identity(archive.name, archive.document_type, number)


def new_record(archive: Archive, year: int) -> AnnualRecord:
    """Return the record of a year, which is not saved yet."""
    return AnnualRecord(archive=archive, year=year, **_owners(archive))


def new_part(
    record: AnnualRecord,
    archive: Archive,
    values: Record,
    *,
    responsibility: Responsibility,
    occupation: type[Occupation],
    actor: Actor,
) -> RecordPart:
    """Return a draft that holds `values`, which is not saved yet."""
    return RecordPart(
        record=record,
        name=archive.name,
        name_sort=archive.name_sort,
        initials=archive.initials,
        number_mask=archive.number_mask,
        sections=list(occupation.sections),
        lead=responsibility.lead,
        values=protect(occupation, occupation.dump(values)),
        status=Status.DRAFT,
        saved_by=actor.name,
        writers=[] if actor.user_id is None else [actor.user_id],  # name and number are the opener's
        year=record.year,
        **_owners(archive),
    )


def _owners(archive: Archive) -> dict[str, Any]:
    names = ("person_id", "agency_id", "employer_id", "occupation")
    return {name: getattr(archive, name) for name in names}


def new_archive(
    person_id: UUID, identity: Identity, responsibility: Responsibility, employer: Employer | None
) -> Archive:
    """Return an archive that is not saved yet."""
    sort, letters = keys_of(identity.name)
    return Archive(
        person_id=person_id,
        occupation=responsibility.occupation,
        agency_id=responsibility.agency_id,
        employer=employer,
        name=identity.name,
        name_sort=sort,
        initials=letters,
        document_type=identity.document_type,
        number=sealed_for_archive(identity.number),
        number_mask=mask(identity.number),
        number_index=archive_index(identity.number),
    )


def sealed_for_archive(number: str) -> str:
    """Return a number as `Archive` holds it."""
    return crypto.encrypt(number, purpose=_IN_ARCHIVE)


def first_values(
    identity: Identity, employer: Employer | None, *, occupation: type[Occupation], year: int
) -> Record:
    """Return what a record holds that was just begun: the identity, and where the person works."""
    known = {
        "name": identity.name,
        "document_type": identity.document_type,
        "document_number": identity.number,
    }
    begun = _begun(occupation, employer.name if employer else None, year)  # type: ignore[arg-type]  # hashable it is
    return {
        name: list(values) if isinstance(values, list) else values | (known if name == "identity" else {})
        for name, values in begun.items()
    }


@lru_cache(maxsize=256)
def _begun(occupation: type[Occupation], employer: str | None, year: int) -> Record:
    """The record of nobody yet at an employer."""
    raw = {"employment": {"employer": employer}} if "employment" in occupation.sections else {}
    values, _ = occupation.parse(raw, stage="draft", year=year)
    return values


def check_opening(
    responsibility: Responsibility, employer: Employer | None, year: int, *, actor: Actor, today: dt.date
) -> None:
    """Raise `Refused` unless this actor may open archives of this group, at this employer, for this year."""
    own = responsibility.agency_id == actor.agency_id and responsibility.occupation in actor.occupations
    if not own or not may_write(actor):
        raise Refused("这个人群不由您办理。", code="foreign")
    check_open(responsibility, today=today)
    if employer is not None and (employer.agency_id != responsibility.agency_id or not employer.active):
        raise Refused("所选所属单位不属于本单位，或者已经停用，请重新选择。", code="employer")
    if actor.kind == "employer" and (employer is None or employer.pk != actor.employer_id):
        raise Refused("只能为本单位人员建档。", code="employer")
    years = years_of(responsibility, today=today)
    if year not in years:
        open_years = f"年度应在 {years[0]} 至 {years[-1]} 之间。" if years else "还没有开放填报的年度。"
        if responsibility.ended_on is not None and not responsibility.is_open(today):
            open_years = (
                f"{_moved(responsibility)}，本单位只补建以前年度的档案。{open_years if years else ''}"
            )
        raise Refused(open_years, code="year")


def _archive(
    person_id: UUID,
    identity: Identity,
    responsibility: Responsibility,
    employer: Employer | None,
    *,
    actor: Actor,
    consent: MemberConsent | None,
) -> Archive:
    place: dict[str, Any] = {"occupation": responsibility.occupation, "agency_id": responsibility.agency_id}
    place["person_id__in"] = family_of(person_id)
    known = Archive.objects.filter(**place).select_related("employer").first()
    if known is None:
        try:
            with transaction.atomic():
                archive = new_archive(person_id, identity, responsibility, employer)
                archive.consent = consent
                archive.save(force_insert=True)
                return archive
        except IntegrityError as error:
            known = (
                Archive.objects.filter(**place).select_related("employer").first()
            )  # a colleague was quicker
            if known is None:
                # The row exists but this employer may not see it: a colleague of another employer.
                raise Refused(
                    "此人已由本部门另一所属单位建档。如已调入本单位，请联系经办人办理转入。",
                    code="other_employer",
                ) from error
    if employer is not None and known.employer_id != employer.pk:
        place_name = known.employer.name if known.employer else "责任单位直接管理"
        raise Refused(f"此人的档案在“{place_name}”，不能在另一所属单位重复建档。", code="other_employer")
    renew(known, consent)
    return known
