"""Checking identities, the job's side: what is asked next, and what was heard (LL-01, LL-02, PD-08, ZD-07, ZD-08).

What is due is computed from the archives, so nothing has to be remembered: a worker that is killed, a broker that was
emptied and days without service are caught up by the next ring. Every question is a look at a person and is journalled
before it leaves the house.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from uuid import UUID

from django.db.models import QuerySet

from archives.identity_state import due
from archives.models import Archive, IdentityCheck, IdentityService
from archives.states import CheckOutcome
from audit import journal
from audit.lifecycle import lock
from credit_platform import crypto
from credit_platform.actors import job
from credit_platform.identity import uuid7
from credit_platform.tenancy.context import acting

logger = logging.getLogger(__name__)

WORKER = "身份核验"
ANSWERS = (CheckOutcome.MATCH, CheckOutcome.MISMATCH, CheckOutcome.UNKNOWN)
_FIRST_PAUSE, _LONGEST_PAUSE = 120, 6 * 3600
"""Seconds until an archive is asked about again that got no answer; the first also covers a worker that was killed."""
_REFUSED_PAUSE = dt.timedelta(days=1)
_HEARD = ("check_asked", "check_tries", "check_state", "checked_as", "checked_at", "checked_by")
_UNREADABLE = "本系统不能读出证件号码，没有核验。请联系平台运维。"


@dataclasses.dataclass(frozen=True, repr=False)
class Question:
    """What is asked of the service: name, kind and number of the document, nothing else about the person."""

    check_id: UUID
    archive_id: UUID
    name: str
    document_type: str
    number: str
    checked_as: str


def next_question(*, service: IdentityService, now: dt.datetime) -> Question | None:
    """Take the archive that is due first, journal the look and put it off, so that nobody else asks. One transaction.

    Who was asked for by a clerk comes before the others. None: nobody is due.
    """
    with acting(service.jurisdiction_id, "job"):
        archive, number = _readable(service, now)
        if archive is None:
            return None
        question = Question(
            check_id=uuid7(),
            archive_id=archive.pk,
            name=archive.name,
            document_type=archive.document_type,
            number=number,
            checked_as=archive.identity_key,
        )
        archive.check_tries = min(archive.check_tries + 1, 1000)
        archive.check_after = now + pause(archive.check_tries)
        archive.save(update_fields=["check_tries", "check_after"])
        journal.write(
            "check.sent",
            actor=job(service.jurisdiction_id, WORKER),
            subject=archive,
            data={"service": service.code, "check": str(question.check_id)},
        )
        return question


def pause(tries: int) -> dt.timedelta:
    """Return how long an archive rests after so many questions without an answer."""
    return dt.timedelta(seconds=min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), _LONGEST_PAUSE))


def note_answer(
    question: Question, outcome: CheckOutcome, *, service: IdentityService, now: dt.datetime
) -> None:
    """Write an answer and what follows from it, in one transaction. It counts only while name and number are still
    those that were asked about; a reviewer's settlement outlasts the answer that it contradicts."""
    with acting(service.jurisdiction_id, "job"):
        archive = lock(Archive.objects.get(id=question.archive_id))
        _add(archive, question.checked_as, outcome, service=service, now=now)
        journal.write(
            "check.answered",
            actor=job(service.jurisdiction_id, WORKER),
            subject=archive,
            data={"service": service.code, "check": str(question.check_id), "outcome": str(outcome)},
        )
        if question.checked_as != archive.identity_key:
            return
        archive.check_asked, archive.check_tries = False, 0
        if not (archive.identity_state == CheckOutcome.ACCEPTED and outcome != CheckOutcome.MATCH):
            archive.check_state, archive.checked_as = outcome, question.checked_as
            archive.checked_at, archive.checked_by = now, service.name
        archive.save(update_fields=_HEARD)


def note_silence(
    question: Question, reason: str, *, service: IdentityService, now: dt.datetime, refused: bool = False
) -> None:
    """Write that no answer came, or that the service refused this very question: it is not asked again but for another
    identity, or for whoever wants it.

    What was known before stays known; who was never answered stays 未核验.
    """
    with acting(service.jurisdiction_id, "job"):
        archive = lock(Archive.objects.get(id=question.archive_id))
        outcome = CheckOutcome.REFUSED if refused else CheckOutcome.UNAVAILABLE
        _add(archive, question.checked_as, outcome, service=service, now=now, reason=reason)
        if not refused or question.checked_as != archive.identity_key:
            return
        archive.check_asked, archive.check_tries = False, 0
        archive.check_after = now + _REFUSED_PAUSE
        if not archive.identity_state:
            archive.check_state, archive.checked_as = outcome, question.checked_as
            archive.checked_at, archive.checked_by = now, service.name
        archive.save(update_fields=[*_HEARD, "check_after"])


def silent_for(service: IdentityService, *, most: int = 12) -> tuple[int, dt.datetime | None]:
    """Return how many of the last questions in a row got no answer (at most `most`), and when the last of them was."""
    rows = IdentityCheck.objects.filter(service=service.code).order_by("-at", "-id")
    count, last = 0, None
    for outcome, at in rows.values_list("outcome", "at")[:most]:
        if outcome != CheckOutcome.UNAVAILABLE:
            break
        count, last = count + 1, last or at
    return count, last


def _readable(service: IdentityService, now: dt.datetime) -> tuple[Archive | None, str]:
    """Return the first archive that is due, with its number. One whose number cannot be read is put off for a day, and
    says so: it never holds up the others."""
    while True:
        waiting = Archive.objects.filter(due(now))
        archive = _first(waiting.filter(check_asked=True)) or _first(waiting)
        if archive is None:
            return None, ""
        try:
            return archive, crypto.decrypt(archive.number, purpose="archive.number")
        except crypto.Undecipherable as error:
            logger.error("the number of archive %s cannot be read: %s", archive.pk, error)
        _add(
            archive, archive.identity_key, CheckOutcome.REFUSED, service=service, now=now, reason=_UNREADABLE
        )
        archive.check_after = now + _REFUSED_PAUSE
        archive.save(update_fields=["check_after"])


def _first(rows: QuerySet[Archive]) -> Archive | None:
    return rows.order_by("check_after", "id").select_for_update(of=("self",), skip_locked=True).first()


def _add(
    archive: Archive,
    checked_as: str,
    outcome: CheckOutcome,
    *,
    service: IdentityService,
    now: dt.datetime,
    reason: str = "",
) -> None:
    IdentityCheck.objects.create(
        archive=archive,
        agency_id=archive.agency_id,
        employer_id=archive.employer_id,
        occupation=archive.occupation,
        outcome=outcome,
        checked_as=checked_as,
        service=service.code,
        service_name=service.name,
        at=now,
        by=WORKER,
        reason=reason[:500],
    )
