"""信用信息条目: dated facts, each confirmed, versioned and delivered on its own (AY-05 to AY-08, AY-13)."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.people import Archive, Person, RecallableQuerySet
from archives.schema.members import MEMBER_KINDS, MEMBERS
from archives.states import Delivery, Status
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager

_M = TypeVar("_M", bound=models.Model, covariant=True)


class LocalToday(models.Expression):
    """Today in the place, resolved when SQL is compiled: a queryset that was built yesterday knows of midnight."""

    output_field = models.DateField()
    contains_aggregate = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[str | int] | tuple[str | int, ...] | tuple[()]]:
        """Return a placeholder and the day."""
        return "%s::date", [timezone.localdate().isoformat()]


def in_time(item: str = "") -> Q:
    """Return the one condition under which a dated fact may be seen or used; `item` is the way to it (`item__`).

    From the midnight after its last day a fact is in no page, print, workbook, figure or delivery (LL-25).
    """
    return Q(**{f"{item}shown_until": None}) | Q(**{f"{item}shown_until__gte": LocalToday()})


def to_mend(item: str = "") -> Q:
    """Return the condition under which a fact whose time a correction ended may still be reached, to put that right."""
    return Q(**{f"{item}mendable_until__gte": LocalToday()}) & ~Q(
        **{f"{item}revoked": True, f"{item}status": Status.SEALED}
    )


def is_over(item: Item) -> bool:
    """Tell whether the time of a fact is over."""
    return item.shown_until is not None and item.shown_until < timezone.localdate()


class InTime(TenantManager[_M]):
    """The door to facts: whoever does not think of time gets none whose time is over."""

    def get_queryset(self) -> models.QuerySet[_M]:
        """Return the acting county's facts that may be seen today."""
        return super().get_queryset().filter(in_time())


class Workable(TenantManager[_M]):
    """What may be worked on: facts in their time, and those whose end may have been mistyped."""

    def get_queryset(self) -> models.QuerySet[_M]:
        """Return the acting county's facts that may be seen or put right today."""
        return super().get_queryset().filter(in_time() | to_mend())


class Item(TenantModel):
    """A dated fact of an archive: an award, a sanction, a complaint. The head of its versions, like `RecordPart`.

    What decides or filters has a column (`kind`, `adverse`, dates, document number); all boxes of the kind's section
    stand in `values` as JSON. `basis` is one of the kind's documents, chosen and never typed. `adverse` is the word of
    the kind about these values, never a person's choice. An adverse item needs name and number as the document
    has them (`identified_at`; else it is a `WaitingFact`), document, evidence, a second person, and that the person was
    told of the entry (`notified_on`) before its first seal, on or after the day on which it was last changed
    (`saved_at`). `identified_document` and `identified_issuer` say which document was held to name and number; if
    another takes its place, evidence of it is needed that was attached since (`evidence_from`). `identified_with`: the
    `PersonDocument` by which it names the person, where that is not the archive's own.

    `shown_until` and `kept_until` are worked out from the rules of its day and place (`archives/validity.py`), for a
    draft as well; `objects` has no fact whose time is over, `of_all_time` is for the books alone. `mendable_until`: a
    correction has ended the fact, and its unit may put that right until this day (`workable`). `disputed` is set
    while an objection runs; `revoked` is true in the version that withdraws the fact. `emptied_at`: nothing of its
    content is left, here or in its versions (`services/emptying.py`).
    """

    archive = TenantForeignKey(Archive, models.PROTECT, within=("agency",), related_name="items")
    person = TenantForeignKey(Person, models.PROTECT, related_name="items")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("条目种类", max_length=60)
    basis = models.CharField("依据", max_length=300, blank=True)
    adverse = models.BooleanField("不利信息", default=False)
    occurred_on = models.DateField("发生日期", null=True)
    document_no = models.CharField("文书文号", max_length=100, blank=True)
    name = models.CharField("姓名", max_length=50)
    number_mask = models.CharField("证件号码（掩码）", max_length=20)

    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    values: Any = models.JSONField("草稿", default=dict)
    typed: Any = models.JSONField("待更正的填写内容（加密）", default=dict)
    writers: Any = models.JSONField(default=list)
    saved_by = models.CharField("最近保存人", max_length=50, blank=True)
    saved_at = models.DateTimeField("最近保存时间", default=timezone.now)
    return_reason = models.CharField("退回原因", max_length=500, blank=True)
    correction_reason = models.CharField("更正原因", max_length=500, blank=True)
    identified_at = models.DateTimeField("身份核对时间", null=True)
    identified_by = models.CharField("身份核对人", max_length=50, blank=True)
    identified_document = models.CharField("身份核对所据文号", max_length=100, blank=True)
    identified_issuer = models.CharField("身份核对所据文书的作出单位", max_length=200, blank=True)
    identified_with = models.UUIDField("身份核对所据的另一证件", null=True)
    evidence_from = models.DateTimeField("改据另一文书时间", null=True)
    notified_on = models.DateField("告知本人日期", null=True)
    notified_how = models.CharField("告知方式", max_length=20, blank=True)
    notified_by = models.CharField("告知人", max_length=50, blank=True)
    current_version = models.PositiveIntegerField("当前版本", default=0)
    sealed_at = models.DateTimeField("确认时间", null=True)
    delivery = models.CharField("报送状态", max_length=10, choices=Delivery.choices, blank=True)
    shown_until = models.DateField("展示截止", null=True)
    kept_until = models.DateField("保存截止", null=True)
    mendable_until = models.DateField("期限可更正至", null=True)
    emptied_at = models.DateTimeField("清除时间", null=True)
    disputed = models.BooleanField("异议中", default=False)
    revoked = models.BooleanField("已撤销", default=False)
    recalled_at = models.DateTimeField("随同意撤回", null=True)
    left_with: Any = models.JSONField("档案更正身份以前的当事人（加密）", null=True)

    objects: ClassVar[TenantManager[Item]] = InTime.from_queryset(RecallableQuerySet)()
    of_all_time: ClassVar[TenantManager[Item]] = tenant_manager(RecallableQuerySet)
    workable: ClassVar[TenantManager[Item]] = Workable.from_queryset(RecallableQuerySet)()

    class Meta(TenantModel.Meta):
        verbose_name = "信用信息条目"
        base_manager_name = "of_all_time"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="item_within_agency"),
            models.CheckConstraint(
                name="item_adverse_identified", condition=Q(adverse=False) | Q(identified_at__isnull=False)
            ),
            models.CheckConstraint(
                name="item_adverse_told",
                condition=Q(adverse=False) | ~Q(status=Status.SEALED) | Q(notified_on__isnull=False),
            ),
            models.CheckConstraint(
                name="item_of_member_allowed", condition=~Q(occupation=MEMBERS) | Q(kind__in=MEMBER_KINDS)
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "archive", "year", "occurred_on"], name="item_of_archive"),
            models.Index(fields=["jurisdiction", "agency", "status", "saved_at", "id"], name="item_queue"),
            models.Index(fields=["jurisdiction", "person", "kind"], name="item_of_person"),
            models.Index(
                fields=["jurisdiction", "kept_until", "id"],
                name="item_to_empty",
                condition=Q(emptied_at=None, kept_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year} 年度条目"
