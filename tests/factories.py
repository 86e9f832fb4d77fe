"""Made-up counties, members and records. Nobody is real: sequence 000 of an ID number is never issued."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from agencies.actors import actor_of_membership
from agencies.models import Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from agencies.services import add_member
from archives.models import (
    AnnualRecord,
    Archive,
    Outbox,
    Person,
    PersonLocator,
    RecordPart,
    Version,
    VersionBody,
)
from archives.services.hub import Identity, new_document
from archives.services.people import archive_index
from archives.states import Delivery, Status
from credit_platform.actors import Actor
from credit_platform.tenancy.context import PLATFORM, acting

PASSWORD = "Correct-Horse-2026"
"""Of every account made here."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = itertools.count()


def id_number(nth: int | None = None, *, area: str = "410522") -> str:
    """Return a citizen's number with a valid check digit that no one can have; the next one without `nth`."""
    birthday = dt.date(1970, 1, 1) + dt.timedelta(days=(next(_numbers) if nth is None else nth) % 12000)
    first_17 = f"{area}{birthday:%Y%m%d}000"
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + "10X98765432"[total % 11]


class JurisdictionFactory(DjangoModelFactory):
    class Meta:
        model = Jurisdiction

    id = factory.LazyAttribute(lambda county: int(county.code))
    site_name = factory.LazyAttribute(lambda county: f"{county.name}重点人群信用档案系统")
    pack_version = "test"
    parameters = factory.LazyFunction(
        lambda: {"first_year": 2022, "filing_prefix": "测试备", "targets": ["county"]}
    )


class PlatformFactory(JurisdictionFactory):
    class Meta:
        django_get_or_create = ("id",)

    id = PLATFORM
    code, name, office_name = "0", "平台", "平台运维"


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency

    department = factory.SelfAttribute("code")
    clause = "AY-09"


class EmployerFactory(DjangoModelFactory):
    class Meta:
        model = Employer

    jurisdiction = factory.SelfAttribute("agency.jurisdiction")


class ResponsibilityFactory(DjangoModelFactory):
    class Meta:
        model = Responsibility

    jurisdiction = factory.SelfAttribute("agency.jurisdiction")
    clause = "AY-09"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **values: Any) -> User:
        return model_class.objects.create_user(
            values.pop("username"), values.pop("password", PASSWORD), **values
        )


class Unit:
    """A responsible agency with two employers, one group and, made when first asked for, its members."""

    def __init__(
        self,
        jurisdiction: Jurisdiction,
        code: str,
        name: str,
        employers: Iterable[str],
        group: tuple[int, str, str],
    ) -> None:
        position, occupation, label = group
        self.agency: Agency = AgencyFactory(jurisdiction=jurisdiction, code=code, name=name)
        self.employer, self.second_employer = (
            EmployerFactory(agency=self.agency, name=one) for one in employers
        )
        self.responsibility: Responsibility = ResponsibilityFactory(
            agency=self.agency, position=position, occupation=occupation, label=label
        )

    @cached_property
    def admin(self) -> Membership:
        """单位管理员."""
        user = UserFactory(username=self._username(Role.AGENCY_ADMIN), display_name="赵管理")
        return Membership.objects.create(
            user=user, jurisdiction=self.agency.jurisdiction, agency=self.agency, role=Role.AGENCY_ADMIN
        )

    @cached_property
    def clerk(self) -> Membership:
        """经办人."""
        return self.member(Role.CLERK, "王经办")

    @cached_property
    def reviewer(self) -> Membership:
        """审核人."""
        return self.member(Role.REVIEWER, "李审核")

    @cached_property
    def filler(self) -> Membership:
        """填报员 of the first employer."""
        return self.member(Role.FILLER, "孙填报", self.employer)

    @cached_property
    def second_filler(self) -> Membership:
        """填报员 of the second employer."""
        return self.member(Role.FILLER, "周填报", self.second_employer)

    def acting(self) -> AbstractContextManager[Any]:
        """Act as this agency."""
        return acting(self.agency.jurisdiction_id, "agency", agency=self.agency.pk)

    def member(self, role: Role, display_name: str, employer: Employer | None = None) -> Membership:
        """Add a member as the administrator would; with the password of all, and no need to change it."""
        with self.acting():
            membership, _ = add_member(
                username=self._username(role, employer),
                display_name=display_name,
                role=role,
                agency=self.agency,
                employer=employer,
                responsibilities=[self.responsibility],
                actor=actor(self.admin),
            )
        membership.user.set_password(PASSWORD)
        membership.user.must_change_password = False
        membership.user.save()
        return membership

    def _username(self, role: Role, employer: Employer | None = None) -> str:
        return ".".join([role, str(self.agency.pk), *([str(employer.pk)] if employer else [])])


@dataclasses.dataclass
class County:
    """A county with two units; each knows its members."""

    jurisdiction: Jurisdiction
    education: Unit
    health: Unit

    @property
    def id(self) -> int:
        return self.jurisdiction.pk

    @cached_property
    def officer(self) -> Membership:
        """The credit office's 信用工作人员."""
        user = UserFactory(username=f"officer.{self.id}", display_name="钱信用")
        return Membership.objects.create(user=user, jurisdiction=self.jurisdiction, role=Role.OFFICER)


def make_county(code: str, name: str, office_name: str) -> County:
    """Return a county with 县教育局 (teachers) and 县卫健委 (doctors)."""
    place = JurisdictionFactory(code=code, name=name, office_name=office_name)
    return County(
        place,
        education=Unit(place, "education", "县教育局", ("第一小学", "第二小学"), (5, "teacher", "教师")),
        health=Unit(place, "health", "县卫健委", ("县人民医院", "县中医院"), (6, "doctor", "医师")),
    )


def actor(membership: Membership) -> Actor:
    """Return the actor of a membership, with the groups that the member handles."""
    return actor_of_membership(membership, user=membership.user, address="127.0.0.1", session="session1")


@dataclasses.dataclass
class Chain:
    """Everything that stands in the database about one person at one agency, from the hub to the outbox."""

    identity: Identity
    person: Person
    archive: Archive
    record: AnnualRecord
    part: RecordPart
    version: Version | None = None
    body: VersionBody | None = None
    outbox: Outbox | None = None


def make_chain(
    unit: Unit,
    *,
    name: str,
    sealed: bool = True,
    employer: Employer | None = None,
    at: dt.datetime | None = None,
) -> Chain:
    """Write a person's rows directly, as a job of the county; the contents are opaque, not a readable record.

    `at`: when it was sealed and due; now unless named.
    """
    identity = Identity(name, "111", id_number())
    place = unit.agency.jurisdiction_id
    owners = {"agency": unit.agency, "employer": employer or unit.employer}
    group = {"occupation": unit.responsibility.occupation}
    sealed_at = (at or timezone.now()) if sealed else None
    with acting(place, "job"):
        person = Person.objects.create()
        document = new_document(person.pk, identity, primary=True)
        document.save(force_insert=True)
        PersonLocator.objects.create(number_index=identity.number_index, person_id=person.pk)
        shown = {"name": name, "name_sort": name, "number_mask": "410522********000*"}
        archive = Archive.objects.create(
            person=person,
            number=document.number,
            document_type="111",
            number_index=archive_index(identity.number),
            sealed_at=sealed_at,
            **shown,
            **owners,
            **group,
        )
        owners["person"] = person
        record = AnnualRecord.objects.create(
            archive=archive, year=2026, sealed_at=sealed_at, **owners, **group
        )
        part = RecordPart.objects.create(
            record=record,
            year=2026,
            status=Status.SEALED if sealed else Status.DRAFT,
            current_version=int(sealed),
            sealed_at=sealed_at,
            **shown,
            **owners,
            **group,
        )
        chain = Chain(identity, person, archive, record, part)
        if sealed:
            _add_version(chain, owners, sealed_at)
    return chain


def _add_version(chain: Chain, owners: dict[str, Any], sealed_at: Any) -> None:
    chain.version = Version.objects.create(
        part=chain.part,
        occupation=chain.part.occupation,
        number=1,
        digest="0" * 64,
        schema_digest="0" * 64,
        sealed_at=sealed_at,
        **owners,
    )
    chain.body = VersionBody.objects.create(
        version=chain.version, occupation=chain.part.occupation, content={}, sealed_at=sealed_at, **owners
    )
    chain.outbox = Outbox.objects.create(
        version=chain.version,
        part=chain.part,
        occupation=chain.part.occupation,
        target="county",
        due_at=sealed_at,
        changed_at=sealed_at,
        state=Delivery.PENDING,
        **owners,
    )
