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
    """Where the sealed version stands on its way to the municipal platform."""

    PENDING = "pending", "待报送"
    SENT = "sent", "已报送"
    ACCEPTED = "accepted", "平台已接收"
    REJECTED = "rejected", "平台退回"


class FilingStatus(models.TextChoices):
    """Filing with the credit office (AY-31)."""

    SUBMITTED = "submitted", "待备案"
    FILED = "filed", "已备案"
    RETURNED = "returned", "退回补正"
