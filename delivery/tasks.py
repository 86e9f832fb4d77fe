"""Background work of delivery. Beat rings; what is due is computed from the database."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from delivery import services
from delivery.client import MunicipalClient
from delivery.models import Target

logger = logging.getLogger(__name__)


@shared_task
def ring() -> None:
    """Start a delivery for every target of every jurisdiction."""
    for jurisdiction_id, code in Target.objects.filter(active=True).values_list("jurisdiction_id", "code"):
        deliver.delay(jurisdiction_id, code)


@shared_task
def deliver(jurisdiction_id: int, target: str) -> None:
    """Deliver what is due in one county to one target. Safe to repeat."""
    url, secret = settings.PLATFORM_URLS.get(target), settings.CREDIT_KEYS.platform.get(target)
    if not url or not secret:
        logger.error("target %s has no address or key (CREDIT_PLATFORM_URLS, CREDIT_PLATFORM_KEYS)", target)
        return
    client = MunicipalClient(
        url,
        target,
        bytes.fromhex(secret),
        timeout=settings.PLATFORM_TIMEOUT,
        allow_plain_http=settings.PLATFORM_PLAIN_HTTP,
    )
    services.deliver(jurisdiction_id=jurisdiction_id, target=target, client=client)
