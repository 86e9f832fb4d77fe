"""Sending the mails that are due. What is due stands in the table; a worker killed at any moment loses none.

Steps, each committed before the next: claim → hand over to the server → note it. One killed in between leaves a claim
that is taken up again after `CLAIM_LASTS`; its mail has the same Message-ID, so that it is the same mail.
"""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from agencies.models import Membership
from credit_platform.tenancy.context import acting
from notices.channels import MAIL, Channel
from notices.models import MailState, Notice

logger = logging.getLogger(__name__)

CLAIM_LASTS = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 5
MOST_AT_ONCE = 200


def send_due_mails(*, jurisdiction_id: int, channel: Channel = MAIL) -> int:
    """Send what is due in one county; return how many were handed over. Safe to repeat, to kill, to run twice."""
    sent = 0
    for _ in range(MOST_AT_ONCE):
        claimed = _claim(jurisdiction_id)
        if claimed is None:
            break
        sent += _send(claimed, channel)
    return sent


def _claim(jurisdiction_id: int) -> Notice | None:
    now = timezone.now()
    with acting(jurisdiction_id, "job"):
        # The bounds in one pass over the partial index: what is due, and claims whose worker is gone.
        due = Q(mail=MailState.DUE, mail_at__lte=now) | Q(
            mail=MailState.SENDING, mail_at__lte=now - CLAIM_LASTS
        )
        rows = Notice.objects.select_for_update(of=("self",), skip_locked=True).filter(due)
        notice = rows.order_by("mail_at", "id").first()
        if notice is None:
            return None
        notice.mail, notice.mail_at = MailState.SENDING, now
        notice.mail_attempts += 1
        notice.save(update_fields=["mail", "mail_at", "mail_attempts"])
    return notice


def _send(notice: Notice, channel: Channel) -> bool:
    members = Membership.objects.current().select_related("user", "jurisdiction")
    member = members.filter(pk=notice.membership_id).first()
    if notice.read_at is not None or member is None or not channel.wanted_by(member.user):
        _note(notice, MailState.NONE)
        return False
    try:
        channel.send(notice, member)
    except OSError as error:
        # Neither address nor text: the server's words may repeat both.
        logger.warning("mail %s not sent: %s", notice.pk, type(error).__name__)
        last = notice.mail_attempts >= MOST_ATTEMPTS
        pause = dt.timedelta(minutes=2**notice.mail_attempts)
        _note(notice, MailState.GIVEN_UP if last else MailState.DUE, timezone.now() + pause)
        return False
    _note(notice, MailState.SENT)
    return True


def _note(notice: Notice, state: MailState, at: dt.datetime | None = None) -> None:
    """Write what came of it, unless another worker has taken the claim over meanwhile."""
    with acting(notice.jurisdiction_id, "job"):
        mine = Notice.objects.filter(id=UUID(str(notice.pk)), mail=MailState.SENDING)
        mine.filter(mail_attempts=notice.mail_attempts).update(mail=state, mail_at=at or timezone.now())
