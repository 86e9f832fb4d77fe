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
    catalogue has ceased to take its kind, and is not sent. SUPERSEDED: it waited under a name or number that turned out
    to be wrong; the next version goes in its place."""

    PENDING = "pending", "待报送"
    SENT = "sent", "已报送"
    ACCEPTED = "accepted", "平台已接收"
    REJECTED = "rejected", "平台退回"
    UNTAKEN = "untaken", "平台不收"
    SUPERSEDED = "superseded", "身份已更正，不报送"


NOT_SENT = (Delivery.UNTAKEN, Delivery.SUPERSEDED)
"""What waited and is not sent."""


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
    STOPPED = "stopped", "已中止"
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


class TransferStatus(models.TextChoices):
    """Where the hand-over of a person to another agency or county stands."""

    PROPOSED = "proposed", "待审核"
    SENT = "sent", "待接收"
    RECEIVED = "received", "已接收"
    REFUSED = "refused", "已退回"
    BLOCKED = "blocked", "核对不符，已停办"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "逾期失效"


class SheetState(models.TextChoices):
    """Whether a page that was handed over still says what its unit says."""

    CURRENT = "current", "有效"
    CORRECTED = "corrected", "已更正"
    WITHDRAWN = "withdrawn", "已撤回"


class RequestKind(models.TextChoices):
    """What about an identity is asked for."""

    DOCUMENT = "document", "登记另一证件"
    CORRECTION = "correction", "更正身份"
    REMOVAL = "removal", "注销登记有误的证件"
    CLAIM = "claim", "号码登记为他人姓名，提请核实"
    ASKED = "asked", "信用工作机构要求更正"


class RequestStatus(models.TextChoices):
    """Where a request about an identity stands."""

    PROPOSED = "proposed", "待审核确认"
    OFFICE = "office", "待信用工作机构核实"
    DECIDED = "decided", "已提出处理意见，待复核"
    ASKED = "asked", "待本单位更正"
    DONE = "done", "已办结"
    REFUSED = "refused", "未予办理"
    WITHDRAWN = "withdrawn", "已撤回"


RUNNING_REQUESTS = (RequestStatus.PROPOSED, RequestStatus.OFFICE, RequestStatus.DECIDED)
"""A request that is neither settled nor taken back; an archive has at most one."""


class Finding(models.TextChoices):
    """Whose name the office finds to be right for a number."""

    CLAIM = "claim", "申报的姓名无误，原登记有误"
    REGISTERED = "registered", "原登记无误，申报的有误"


class PairStatus(models.TextChoices):
    """What the office has found about two people who may be one."""

    OPEN = "open", "待判断"
    PROPOSED = "proposed", "拟合并，待另一人复核"
    MERGED = "merged", "已合并"
    APART = "apart", "确认为不同的人"


class CheckOutcome(models.TextChoices):
    """What was heard when an identity was checked. `unknown`: the population database has no such document."""

    MATCH = "match", "核验一致"
    MISMATCH = "mismatch", "核验不一致"
    UNKNOWN = "unknown", "服务没有此人记录"
    UNAVAILABLE = "unavailable", "没有得到答复"
    REFUSED = "refused", "服务不受理"
    ACCEPTED = "accepted", "人工核实一致"
