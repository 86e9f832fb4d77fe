"""填报表格 that came back: the file, what would happen to each row, what has happened."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from agencies.models import Agency, Employer
from archives.states import RowOutcome, UploadState
from credit_platform.actors import Actor
from credit_platform.tenancy.models import (
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
    tenant_manager,
)


class UploadQuerySet(TenantQuerySet["Upload"]):
    """Queries over uploaded workbooks."""

    def visible_to(self, actor: Actor) -> UploadQuerySet:
        """Whoever uploaded the file, in the unit for which it was uploaded, while the group is theirs; jobs see all."""
        if actor.kind == "job":
            return self
        if actor.user_id is None or actor.kind not in ("agency", "employer"):
            return self.none()
        unit: dict[str, Any] = {"agency_id": actor.agency_id, "employer_id": actor.employer_id}
        return self.filter(requester_id=actor.user_id, occupation__in=actor.occupations, **unit)


class Upload(TenantModel):
    """A workbook with yearly records of a group: read and judged, looked at, then accepted or not.

    `file` names it in the private store until the upload has ended; `answer` is the same workbook with the wrong cells
    marked, `remainder` the refused rows to be uploaded again. `counts` says how many rows are new, changed, same,
    refused and adverse, and under "done" what was written; `kinds` the problems by kind; `notes` what was left out.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    occupation = models.CharField("人群代码", max_length=40)
    year = models.PositiveSmallIntegerField("年度")
    file = models.CharField("文件", max_length=80, blank=True)
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("文件 SHA-256", max_length=64)
    answer = models.CharField("标注问题的表格", max_length=80, blank=True)
    remainder = models.CharField("需更正的行", max_length=80, blank=True)
    state = models.CharField("状态", max_length=10, choices=UploadState.choices, default=UploadState.READING)
    revision = models.PositiveIntegerField(default=1)
    counts: Any = models.JSONField("人数", default=dict)
    kinds: Any = models.JSONField("问题种类", default=list)
    notes: Any = models.JSONField("提示", default=list)
    message = models.CharField("说明", max_length=500, blank=True)
    job_id = models.UUIDField("任务", null=True)
    requester_id = models.IntegerField("上传账号")
    requester = models.CharField("上传人", max_length=50)
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    finished_at = models.DateTimeField("结束时间", null=True)
    cleared = models.BooleanField("已清除", default=False)

    objects: ClassVar[TenantManager[Upload]] = tenant_manager(UploadQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "表格导入"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "agency", "id"], name="upload_of_agency"),
        ]
        indexes = [
            models.Index(fields=["jurisdiction", "agency", "created_at", "id"], name="upload_list"),
        ]

    def __str__(self) -> str:
        return self.file_name


class UploadRowQuerySet(TenantQuerySet["UploadRow"]):
    """Queries over the rows of uploaded workbooks."""

    def visible_to(self, actor: Actor) -> UploadRowQuerySet:
        """The rows of what this actor uploaded; jobs see all."""
        return self if actor.kind == "job" else self.filter(upload__in=Upload.objects.visible_to(actor))


class UploadRow(TenantModel):
    """One row of an uploaded workbook that is not simply the same as what is there.

    `position` counts the rows of the file from 1, over all sheets; `sheet` and `row` are where the clerk finds it.
    `changes` are lists of label, old and new value, `problems` as `told` in `archives.services.upload_judged` makes
    them: both as a page may show them, sensitive values masked. `revision` is that of the record when the row was
    judged, so that what changed since is not overwritten. `draft` and `kept` are what is to be written, encrypted where
    it is sensitive: the values of the record, and what else writing needs (`archives.services.upload_kept`).
    `archive_id` is the archive that is there already. `written`: the row is in the draft `part_id`. Once it is, `kept`
    and `draft` are empty; once the upload is cleared, all rows are the same and hold nothing.
    """

    upload = TenantForeignKey(Upload, models.PROTECT, within=("agency",), related_name="rows", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    position = models.PositiveIntegerField("次序")
    sheet = models.CharField("工作表", max_length=100)
    row = models.PositiveIntegerField("行")
    outcome = models.CharField("结果", max_length=10, choices=RowOutcome.choices)
    name = models.CharField("姓名", max_length=50, blank=True)
    number_mask = models.CharField("证件号码（掩码）", max_length=40, blank=True)
    part_id = models.UUIDField("年度记录", null=True)
    revision = models.PositiveIntegerField(null=True)
    archive_id = models.UUIDField("信用档案", null=True)
    kept: Any = models.JSONField("待写入的身份等（加密）", default=dict)
    draft: Any = models.JSONField("待写入的内容（加密）", default=dict)
    changes: Any = models.JSONField("变更", default=list)
    problems: Any = models.JSONField("问题", default=list)
    adverse = models.BooleanField("不利认定", default=False)
    written = models.BooleanField("已写入", default=False)

    objects: ClassVar[TenantManager[UploadRow]] = tenant_manager(UploadRowQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "表格的行"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "upload", "position"], name="upload_row_once"),
        ]
        indexes = [
            models.Index(
                fields=["jurisdiction", "upload", "outcome", "position", "id"], name="upload_row_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}"
