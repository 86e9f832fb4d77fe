"""Requests about an identity, and pairs of people who may be one."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agencies.models import Agency
from archives.models.people import Archive, Person
from archives.states import RUNNING_REQUESTS, Finding, PairStatus, RequestKind, RequestStatus
from credit_platform.actors import Actor
from credit_platform.tenancy.models import (
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
    tenant_manager,
)

OFFICES = (
    Q(status__in=(RequestStatus.OFFICE, RequestStatus.DECIDED)) | Q(kind=RequestKind.ASKED) | ~Q(finding="")
)
"""What the office has to do with; the rest is between the members of a unit."""


class IdentityRequestQuerySet(TenantQuerySet["IdentityRequest"]):
    """Queries over requests about identities."""

    def visible_to(self, actor: Actor) -> IdentityRequestQuerySet:
        """Jobs: the county; the office: what was brought before it; an agency: those of the groups that this member
        handles."""
        if actor.kind == "job":
            return self
        if actor.kind == "office":
            return self.filter(OFFICES)
        if actor.kind != "agency":
            return self.none()
        return self.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)


class IdentityRequest(TenantModel):
    """身份事项: a further document, one that is not theirs, a correction, or a number registered under another name.

    The clerk proposes with reason and evidence, a second person confirms. `name`, `document_type` and `number` are
    what is claimed; `archive` is empty for somebody who has none yet. What runs into another registration goes to the
    office, which finds (two of its members) whose name is right; `finding` keeps that, `found_document` which
    `PersonDocument` had the number then. `asked` is the office telling a
    unit that an archive of theirs names somebody else. `replaces`: the document of the archive is no longer valid.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    occupation = models.CharField("人群代码", max_length=40)
    archive = TenantForeignKey(
        Archive, models.PROTECT, within=("agency",), related_name="requests", null=True, blank=True
    )
    kind = models.CharField("事项", max_length=10, choices=RequestKind.choices)
    status = models.CharField(
        "状态", max_length=10, choices=RequestStatus.choices, default=RequestStatus.PROPOSED
    )
    revision = models.PositiveIntegerField(default=1)
    name = models.CharField("姓名", max_length=50)
    document_type = models.CharField("证件类型", max_length=3)
    number = models.TextField("证件号码（加密）")
    number_mask = models.CharField("证件号码（掩码）", max_length=20)
    primary = models.BooleanField("作为主证件", default=False)
    replaces = models.BooleanField("原证件已停用", default=False)
    reason = models.CharField("原因", max_length=500)
    evidence = models.CharField("依据的材料", max_length=500)
    proposer_id = models.IntegerField("申请账号", null=True)
    proposed_by = models.CharField("申请人", max_length=50)
    proposed_at = models.DateTimeField("申请时间", default=timezone.now)
    finding = models.CharField("核实意见", max_length=10, choices=Finding.choices, blank=True)
    finding_reason = models.CharField("核实情况", max_length=500, blank=True)
    found_document = models.UUIDField("核实时的登记", null=True)
    finder_id = models.IntegerField("核实账号", null=True)
    found_by = models.CharField("核实人", max_length=50, blank=True)
    found_at = models.DateTimeField("核实时间", null=True)
    agreer_id = models.IntegerField("复核账号", null=True)
    settler_id = models.IntegerField("办结账号", null=True)
    settled_by = models.CharField("办结人", max_length=50, blank=True)
    settled_at = models.DateTimeField("办结时间", null=True)
    answer = models.CharField("答复", max_length=500, blank=True)

    objects: ClassVar[TenantManager[IdentityRequest]] = tenant_manager(IdentityRequestQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "身份事项"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "archive"],
                condition=Q(status__in=RUNNING_REQUESTS),
                name="identity_running_once",
            ),
            models.CheckConstraint(
                name="identity_second_person",
                condition=~Q(status=RequestStatus.DONE)
                | Q(kind__in=(RequestKind.CLAIM, RequestKind.ASKED))
                | (Q(settler_id__isnull=False, proposer_id__isnull=False) & ~Q(settler_id=F("proposer_id"))),
            ),
            models.CheckConstraint(
                name="identity_found_by_two",
                condition=Q(finding="")
                | Q(status=RequestStatus.DECIDED)
                | (Q(finder_id__isnull=False, agreer_id__isnull=False) & ~Q(agreer_id=F("finder_id"))),
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "status", "proposed_at"], name="identity_queue")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.get_kind_display()}"


class PersonPairQuerySet(TenantQuerySet["PersonPair"]):
    """Queries over pairs."""

    def visible_to(self, actor: Actor) -> PersonPairQuerySet:
        """Office and jobs: the county; nobody else."""
        return self if actor.kind in ("office", "job") else self.none()


class PersonPair(TenantModel):
    """Two rows of the hub that may be one human, and what the office has found: merged, or kept apart for good.

    `first` is the older row. A merge needs reason, evidence and a second member of the office; all can be taken back.
    """

    first = TenantForeignKey(Person, models.PROTECT, related_name="+")
    second = TenantForeignKey(Person, models.PROTECT, related_name="+")
    status = models.CharField("状态", max_length=10, choices=PairStatus.choices, default=PairStatus.OPEN)
    revision = models.PositiveIntegerField(default=1)
    reported = models.BooleanField("登记证件时发现", default=False)
    reason = models.CharField("理由", max_length=500, blank=True)
    evidence = models.CharField("依据的材料", max_length=500, blank=True)
    proposer_id = models.IntegerField("提出账号", null=True)
    proposed_by = models.CharField("提出人", max_length=50, blank=True)
    settler_id = models.IntegerField("办理账号", null=True)
    settled_by = models.CharField("办理人", max_length=50, blank=True)
    settled_at = models.DateTimeField("办理时间", null=True)
    created_at = models.DateTimeField("发现时间", default=timezone.now)

    objects: ClassVar[TenantManager[PersonPair]] = tenant_manager(PersonPairQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "可能重复的人员"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
            models.CheckConstraint(
                name="pair_merged_by_two",
                condition=~Q(status=PairStatus.MERGED)
                | (Q(proposer_id__isnull=False, settler_id__isnull=False) & ~Q(settler_id=F("proposer_id"))),
            ),
        ]
        indexes = [models.Index(fields=["jurisdiction", "status", "created_at"], name="pair_list")]

    def __str__(self) -> str:
        return str(self.id)
