"""States of records and deliveries, with the words that pages print (design brief §5)."""

from django.db import models


class Status(models.TextChoices):
    """Where a part stands on its way to the seal."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待经办"
    IN_REVIEW = "in_review", "待审核"
    RETURNED = "returned", "退回"
    SEALED = "sealed", "已确认"


class Delivery(models.TextChoices):
    """Where the sealed version stands on its way to the municipal platform. UNTAKEN: it waited for a platform whose
    catalogue has ceased to take its kind, and is not sent."""

    PENDING = "pending", "待报送"
    SENT = "sent", "已报送"
    ACCEPTED = "accepted", "平台已接收"
    REJECTED = "rejected", "平台退回"
    UNTAKEN = "untaken", "平台不收"


class FilingStatus(models.TextChoices):
    """Filing with the credit office (AY-31)."""

    SUBMITTED = "submitted", "待备案"
    FILED = "filed", "已备案"
    RETURNED = "returned", "退回补正"


class ProceedingStatus(models.TextChoices):
    """Where the procedure before an adverse determination stands (AY-N2, AY-N3)."""

    OPEN = "open", "拟告知"
    NOTIFIED = "notified", "已告知，待陈述申辩"
    HEARD = "heard", "陈述申辩已结束，待决定"
    DECIDED = "decided", "已决定，待送达"
    SERVED = "served", "已送达，待审核确认"
    SEALED = "sealed", "已认定"
    DROPPED = "dropped", "不予认定"


RUNNING = (
    ProceedingStatus.OPEN,
    ProceedingStatus.NOTIFIED,
    ProceedingStatus.HEARD,
    ProceedingStatus.DECIDED,
    ProceedingStatus.SERVED,
)
"""A proceeding that is neither sealed nor ended; a part has at most one."""


class Ending(models.TextChoices):
    """How a proceeding ended that led to no determination."""

    DROPPED = "dropped", "不予认定"
    WITHDRAWN = "withdrawn", "经办人撤回"
    REVOKED = "revoked", "决定撤销"


class Service(models.TextChoices):
    """How a letter reached the person."""

    IN_PERSON = "in_person", "直接送达"
    LEFT = "left", "留置送达"
    POST = "post", "邮寄送达"
    ELECTRONIC = "electronic", "电子送达（经本人同意）"
    PUBLIC_NOTICE = "notice", "公告送达"


class JobState(models.TextChoices):
    """Where a background job stands."""

    QUEUED = "queued", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


class RosterStatus(models.TextChoices):
    """Where a roster stands that is to be stamped on paper (AY-N4)."""

    PRINTED = "printed", "已打印，待盖章"
    SCANNED = "scanned", "已扫描，待核对"
    STAMPED = "stamped", "已盖章"
    VOID = "void", "已作废"


class RosterSource(models.TextChoices):
    """How somebody came onto the roster of those who should have an archive."""

    ENTRY = "entry", "逐人登记"
    IMPORT = "import", "表格导入"


class RosterImportState(models.TextChoices):
    """Where an uploaded roster stands."""

    READING = "reading", "正在核对"
    READY = "ready", "待确认导入"
    APPLYING = "applying", "正在导入"
    DONE = "done", "已导入"
    CANCELLED = "cancelled", "已放弃"
    FAILED = "failed", "不能导入"


class UploadState(models.TextChoices):
    """Where an uploaded workbook stands."""

    READING = "reading", "正在核对"
    READY = "ready", "待确认"
    APPLYING = "applying", "正在写入"
    DONE = "done", "已写入"
    CANCELLED = "cancelled", "已放弃"
    FAILED = "failed", "不能导入"


class RowOutcome(models.TextChoices):
    """What becomes of a row of an uploaded workbook."""

    NEW = "new", "新建"
    CHANGED = "changed", "变更"
    SAME = "same", "没有变化"
    REFUSED = "refused", "需更正"


class WaitingStatus(models.TextChoices):
    """Where a fact stands whose document names somebody without a number."""

    WAITING = "waiting", "待核身份"
    ATTACHED = "attached", "已记入档案"
    DROPPED = "dropped", "已作废"


class NilStatus(models.TextChoices):
    """Where a nil return stands."""

    SIGNED = "signed", "待复核"
    CONFIRMED = "confirmed", "已签报"
    VOID = "void", "已失效"
