"""Background work of notices. Beat rings; what is due is read from the database."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from agencies.models import Jurisdiction
from credit_platform.tenancy.context import PLATFORM
from notices.mailing import send_due_mails


@shared_task
def ring() -> None:
    """Start the mailing of every county, where a mail server is set."""
    if not settings.EMAIL_HOST:
        return
    for jurisdiction_id in Jurisdiction.objects.exclude(id=PLATFORM).values_list("id", flat=True):
        mail.delay(jurisdiction_id)


@shared_task
def mail(jurisdiction_id: int) -> None:
    """Send what is due in one county. Safe to repeat."""
    send_due_mails(jurisdiction_id=jurisdiction_id)
