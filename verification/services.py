"""Asking the population database's service about everybody who is due, one after the other, at its pace (ZD-08).

Each question is three steps: taken and journalled → asked → answer written. A worker killed in between leaves somebody
who is due again in two minutes. After questions without an answer the service is left alone for a while, longer each
time; how long is read from the table of checks, so no memory is lost with a worker.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.utils import timezone

from archives.models import IdentityService
from archives.services.identity_checks import (
    Question,
    next_question,
    note_answer,
    note_silence,
    silent_for,
)
from archives.states import CheckOutcome
from credit_platform.tenancy.context import acting
from delivery.client import Refused, Unknown
from delivery.exclusive import exclusive
from verification.client import IdentityClient
from verification.contract import INVALID_CHECK
from verification.words import situation

logger = logging.getLogger(__name__)

RUN_SECONDS = 8.0
"""How long one run goes on; the next ring continues, and other work gets its turn."""
_FIRST_REST, _LONGEST_REST = 10, 300


def check_due(
    *,
    service: IdentityService,
    client: IdentityClient,
    seconds: float = RUN_SECONDS,
    pace: Callable[[float], None] = time.sleep,
    clock: Callable[[], dt.datetime] = timezone.now,
) -> int:
    """Ask about those who are due, for `seconds` at most; return how many were asked about. Safe to repeat and to kill.

    Ends at the first question without an answer: the others would wait as long. One worker asks one service at a time,
    and waits `1 / per_second` between two questions (`pace`).
    """
    asked, end = 0, time.monotonic() + seconds
    with exclusive(service.jurisdiction_id, f"identity:{service.code}") as mine:
        if not mine or rests_until(service) > clock():
            return 0
        while time.monotonic() < end:
            question = next_question(service=service, now=clock())
            if question is None:
                break
            asked += 1
            if not _ask(question, service, client, clock):
                break
            pace(1 / max(service.per_second, 1))
    return asked


def rests_until(service: IdentityService) -> dt.datetime:
    """Return until when the service is left alone after questions without an answer; a moment long past if it isn't."""
    with acting(service.jurisdiction_id, "job"):
        count, last = silent_for(service)
    if last is None:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return last + dt.timedelta(seconds=min(_FIRST_REST * 2 ** (count - 1), _LONGEST_REST))


def _ask(
    question: Question, service: IdentityService, client: IdentityClient, clock: Callable[[], dt.datetime]
) -> bool:
    """Ask one question and write what came of it; tell whether the service does its work."""
    outcome = client.check(
        check_id=question.check_id,
        name=question.name,
        document_type=question.document_type,
        number=question.number,
    )
    now = clock()
    if isinstance(outcome, Refused) and outcome.code == INVALID_CHECK:
        note_silence(question, situation(outcome), service=service, now=now, refused=True)
        return True
    if isinstance(outcome, (Refused, Unknown)):
        logger.warning("the identity service %s gives no answer", service.code)
        note_silence(question, situation(outcome), service=service, now=now)
        return False
    note_answer(question, CheckOutcome(outcome), service=service, now=now)
    return True
