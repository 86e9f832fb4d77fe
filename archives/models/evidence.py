"""证明材料: files that a determination or an adverse item rests on (AY-N3)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.models.items import Item
from archives.models.people import AgencyFactQuerySet, Person
from archives.models.records import RecordPart
from credit_platform.tenancy.models import TenantForeignKey, TenantManager, TenantModel, tenant_manager


class Evidence(TenantModel):
    """One attached file. The row tells what it is; the bytes lie encrypted outside the web root, named by the id.

    Belongs to exactly one part or item. Never changed and never deleted: taking a file off a draft sets `removed_at`.
    `sealed_at`: first cited by a sealed version; from then on it stays.
    """

    part = TenantForeignKey(
        RecordPart, models.PROTECT, within=("agency",), related_name="evidence", null=True, blank=True
    )
    item = TenantForeignKey(
        Item, models.PROTECT, within=("agency",), related_name="evidence", null=True, blank=True
    )
    person = TenantForeignKey(Person, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    name = models.CharField("文件名", max_length=120)
    media_type = models.CharField("类型", max_length=80)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploader_id = models.IntegerField("上传账号", null=True)
    uploaded_by = models.CharField("上传人", max_length=50)
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True)
    removed_by = models.CharField("移除人", max_length=50, blank=True)
    sealed_at = models.DateTimeField("首次引用时间", null=True)

    objects: ClassVar[TenantManager[Evidence]] = tenant_manager(AgencyFactQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "证明材料"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="evidence_within_agency"),
            models.CheckConstraint(
                name="evidence_of_one_head",
                condition=models.Q(part__isnull=True) ^ models.Q(item__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "part"], name="evidence_of_part"),
            models.Index(fields=["jurisdiction", "item"], name="evidence_of_item"),
        ]

    def __str__(self) -> str:
        return "证明材料"  # what the journal says of it: a file's name may name people and deeds
