"""Background work of identity checks. Beat rings; who is due is computed from the database."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from archives.models import IdentityService
from verification import services
from verification.client import IdentityClient
from verification.health import is_configured

logger = logging.getLogger(__name__)


@shared_task
def ring() -> None:
    """Start a run for the service of every place that has one."""
    for service_id in IdentityService.objects.filter(active=True).values_list("id", flat=True):
        check.delay(service_id)


@shared_task
def check(service_id: int) -> None:
    """Check who is due in one place. Safe to repeat."""
    service = IdentityService.objects.filter(id=service_id, active=True).first()
    if service is None:
        return
    if not is_configured(service.code):
        logger.error("service %s has no address or key (CREDIT_CHECK_URLS, CREDIT_CHECK_KEYS)", service.code)
        return
    client = IdentityClient(
        settings.CHECK_URLS[service.code],
        service.code,
        bytes.fromhex(settings.CREDIT_KEYS.checks[service.code]),
        timeout=settings.CHECK_TIMEOUT,
        allow_plain_http=settings.PLATFORM_PLAIN_HTTP,
    )
    services.check_due(service=service, client=client)
