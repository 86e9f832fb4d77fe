"""Persons and their archives."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.checked import Checked, check_indexes
from archives.schema.members import MEMBERS
from credit_platform.actors import Actor
from credit_platform.tenancy.context import jurisdiction_id
from credit_platform.tenancy.models import (
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
    tenant_manager,
)

_M = TypeVar("_M", bound=models.Model, covariant=True)


class PersonQuerySet(TenantQuerySet["Person"]):
    """Queries over the identity hub."""

    def visible_to(self, actor: Actor) -> PersonQuerySet:
        """Office and jobs: the county; the person: the own row; agencies never list it (exact look-up only)."""
        if actor.kind in ("office", "job"):
            return self
        if actor.person_id is not None:
            return self.filter(id=actor.person_id)
        return self.none()


class Person(TenantModel):
    """The county's identity hub: who is one and the same human, nothing else (architecture §3).

    Numbers stand in `PersonDocument` alone, names and masks on the archives. `merged_into`: the office found that two
    rows are one human. It is an alias that readers follow (`services/hub.family_of`); no other row moves, so that
    taking a merge back is exact.
    """

    created_at = models.DateTimeField(default=timezone.now)
    merged_into = TenantForeignKey(
        "self", models.PROTECT, related_name="merged", null=True, blank=True, verbose_name="并入"
    )

    objects: ClassVar[TenantManager[Person]] = tenant_manager(PersonQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "人员"

    def __str__(self) -> str:
        return str(self.id)


class PersonDocumentQuerySet(TenantQuerySet["PersonDocument"]):
    """Queries over the documents of people."""

    def visible_to(self, actor: Actor) -> PersonDocumentQuerySet:
        """Office and jobs: the county; the person: the own ones; agencies never list them (exact look-up only)."""
        if actor.kind in ("office", "job"):
            return self
        if actor.person_id is not None:
            return self.filter(person_id=actor.person_id)
        return self.none()


class PersonDocument(TenantModel):
    """One identity document of a person: the only place that says whose a number is. Kept for good.

    `number_index` finds by document type and number, `number_name_index` by number and name together: only who knows
    both reaches the row. Who has a number and another name is refused, and learns no more than that; each such
    attempt is journalled. `namesake_index`: equal for two people with one name and one birth date, blank where the
    number tells none. A document that is no longer valid (`ended_on`) goes on naming its person, as older papers have
    it; one that was registered by mistake (`mistaken`) names nobody and leaves its number free.
    """

    person = TenantForeignKey(Person, models.PROTECT, related_name="documents")
    document_type = models.CharField("证件类型", max_length=3)
    number = models.TextField("证件号码（加密）")
    number_index = models.CharField(max_length=64)
    number_name_index = models.CharField(max_length=64)
    namesake_index = models.CharField(max_length=64, blank=True)
    primary = models.BooleanField("主证件", default=True)
    evidence = models.CharField("登记依据", max_length=500, blank=True)
    added_by = models.CharField("登记人", max_length=50, blank=True)
    added_at = models.DateTimeField("登记时间", default=timezone.now)
    ended_on = models.DateField("停用日期", null=True)
    mistaken = models.BooleanField("登记有误", default=False)
    end_reason = models.CharField("停用原因", max_length=500, blank=True)
    ended_by = models.CharField("办理人", max_length=50, blank=True)
    ended_at = models.DateTimeField("办理时间", null=True)

    objects: ClassVar[TenantManager[PersonDocument]] = tenant_manager(PersonDocumentQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "人员证件"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "number_index"],
                condition=models.Q(mistaken=False),
                name="document_number",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "person"],
                condition=models.Q(primary=True, mistaken=False),
                name="document_primary",
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "number_name_index"], name="document_number_name"),
            models.Index(
                fields=["jurisdiction", "namesake_index"],
                condition=~models.Q(namesake_index=""),
                name="document_namesakes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PersonLocator(models.Model):
    """In which counties a person is known; readable only by the exact key (scale rule 8).

    Sharded by the key, not by county: one look-up at sign-in of an individual, then one routed query per county.
    Nobody (`person_id` is null) once the number turned out to be registered there by mistake.
    """

    pk = models.CompositePrimaryKey("number_index", "jurisdiction_id")
    number_index = models.CharField(max_length=64)
    jurisdiction_id = models.IntegerField(default=jurisdiction_id)
    person_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = "人员定位"

    def __str__(self) -> str:
        return f"{self.jurisdiction_id}:{self.person_id}"


class AgencyFactQuerySet(TenantQuerySet[_M]):
    """Rows that carry `agency_id`, `employer_id`, `person_id` and `occupation` themselves."""

    def visible_to(self, actor: Actor) -> AgencyFactQuerySet[_M]:
        """Office and jobs: the county; a person: own sealed rows; an agency: rows of the groups that this member
        handles; an employer: of these only its own people.
        """
        if actor.kind in ("office", "job"):
            return self
        if actor.kind == "person":
            return self.filter(person_id=actor.person_id, sealed_at__isnull=False)
        if actor.kind not in ("agency", "employer"):
            return self.none()
        handled = self.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        return handled if actor.kind == "agency" else handled.filter(employer_id=actor.own_employer)


class RecallableQuerySet(AgencyFactQuerySet[_M]):
    """Facts that may have been recalled because the member withdrew the consent on which they rested."""

    def visible_to(self, actor: Actor) -> RecallableQuerySet[_M]:
        """What was recalled is nobody's to see; jobs carry it to its end at the platform."""
        seen: Any = super().visible_to(actor)
        found: RecallableQuerySet[_M] = seen if actor.kind == "job" else seen.filter(recalled_at=None)
        return found


class Archive(Checked, TenantModel):
    """信用档案: one per person, occupation and agency. Name and masks stand here, not on `Person`.

    `number_index` finds the archives of a number within what the reader may see. `left_on`: the person no longer works
    in this group here; no further years are begun, what there is stays.
    """

    person = TenantForeignKey(Person, models.PROTECT, related_name="archives", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    name = models.CharField("姓名", max_length=50)
    name_sort = models.CharField("姓名排序", max_length=200)
    initials = models.CharField("姓名首字母", max_length=50, blank=True)
    document_type = models.CharField("证件类型", max_length=3)
    number = models.TextField("证件号码（加密）")
    number_mask = models.CharField("证件号码（掩码）", max_length=20)
    number_index = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField("建档时间", default=timezone.now)
    left_on = models.DateField("离岗日期", null=True, blank=True)
    sealed_at = models.DateTimeField("首次确认时间", null=True)
    consent = TenantForeignKey(
        "archives.MemberConsent",
        models.PROTECT,
        within=("agency",),
        related_name="archives",
        null=True,
        blank=True,
    )

    objects: ClassVar[TenantManager[Archive]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "信用档案"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "person", "occupation", "agency"], name="archive_once"
            ),
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="archive_of_agency"),
            models.CheckConstraint(
                name="archive_of_member_consented",
                condition=~models.Q(occupation=MEMBERS) | models.Q(consent__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["jurisdiction", "agency", "occupation", "name_sort", "id"], name="archive_list"
            ),
            models.Index(fields=["jurisdiction", "number_index"], name="archive_by_number"),
            *check_indexes(),
        ]

    def __str__(self) -> str:
        return self.name
