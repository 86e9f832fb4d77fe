"""应建档人员名册: who should have an archive, the denominator of 建档率; and the files that brought people onto it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.states import RosterImportState, RosterSource
from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager


class RosterQuerySet(TenantQuerySet["RosterEntry"]):
    """Queries over the roster."""

    def visible_to(self, actor: Actor) -> RosterQuerySet:
        """Office and jobs: the county; an agency: the groups that this member handles; an employer: its own people."""
        if actor.kind in ("office", "job"):
            return self
        if actor.kind not in ("agency", "employer"):
            return self.none()
        handled = self.filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        return handled if actor.kind == "agency" else handled.filter(employer_id=actor.own_employer)

    def in_year(self, year: int) -> RosterQuerySet:
        """Return who was on the roster on some day of the year: those count as 应建."""
        begun = self.filter(joined_on__lte=f"{year}-12-31")
        return begun.filter(Q(left_on=None) | Q(left_on__gte=f"{year}-01-01"))


class RosterEntry(TenantModel):
    """One person's time on the roster of a group. Who leaves and comes back has two; at most one is open.

    Nobody is registered in the county for standing here: person and archive come into being when the archive is
    opened. `brought_by` is the import that brought the row. `number_index` finds the archive of the same number
    (`Archive.number_index`).
    """

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
    number_index = models.CharField(max_length=64)
    joined_on = models.DateField("列入日期")
    left_on = models.DateField("移出日期", null=True, blank=True)
    left_reason = models.CharField("移出原因", max_length=200, blank=True)
    source = models.CharField("来源", max_length=10, choices=RosterSource.choices)
    brought_by = models.UUIDField("导入", null=True)
    created_by = models.CharField("登记人", max_length=50)
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects: ClassVar[TenantManager[RosterEntry]] = tenant_manager(RosterQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "应建档人员"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "agency", "occupation", "number_index"],
                condition=Q(left_on=None),
                name="roster_open_once",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=models.F("joined_on")), name="roster_days_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["jurisdiction", "agency", "occupation", "name_sort", "id"], name="roster_by_name"
            ),
            models.Index(
                fields=["jurisdiction", "agency", "occupation", "number_index"], name="roster_by_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RosterImportQuerySet(TenantQuerySet["RosterImport"]):
    """Queries over imports."""

    def visible_to(self, actor: Actor) -> RosterImportQuerySet:
        """Whoever uploaded the file, in the unit for which it was uploaded; jobs see all."""
        if actor.kind == "job":
            return self
        if actor.user_id is None or actor.kind not in ("agency", "employer"):
            return self.none()
        unit: dict[str, Any] = {"agency_id": actor.agency_id, "employer_id": actor.employer_id}
        return self.filter(requester_id=actor.user_id, **unit)


class RosterImport(TenantModel):
    """A workbook with people for the roster: read, looked at, then accepted or not.

    `file` names it in the private store until the import has ended. `counts` and `problems` say what would happen;
    problems carry row, column and a masked value, never a number.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    joined_on = models.DateField("列入日期")
    file = models.CharField("文件", max_length=80, blank=True)
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("文件 SHA-256", max_length=64)
    state = models.CharField(
        "状态", max_length=10, choices=RosterImportState.choices, default=RosterImportState.READING
    )
    revision = models.PositiveIntegerField(default=1)
    counts: Any = models.JSONField("人数", default=dict)
    problems: Any = models.JSONField("问题", default=list)
    message = models.CharField("说明", max_length=500, blank=True)
    job_id = models.UUIDField("任务", null=True)
    requester_id = models.IntegerField("上传账号")
    requester = models.CharField("上传人", max_length=50)
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    finished_at = models.DateTimeField("结束时间", null=True)

    objects: ClassVar[TenantManager[RosterImport]] = tenant_manager(RosterImportQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "名册导入"
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "created_at", "id"], name="roster_import_list"),
        ]

    def __str__(self) -> str:
        return self.file_name
