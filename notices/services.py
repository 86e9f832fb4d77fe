"""Telling members, marking as read, choosing whether mails come.

`notify()` is called by the service in which something happened, in its transaction: both happen, or neither does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from agencies.models import Membership
from audit import journal
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting
from notices.channels import wants_mail
from notices.kinds import KINDS
from notices.models import MailState, Notice


@transaction.atomic
def notify(
    members: Iterable[Membership],
    kind: str,
    *,
    url: str,
    subject: str = "",
    key: str = "",
    count: int = 1,
    once: bool = False,
) -> int:
    """Tell members of one county something; return how many were told. They come with `user`.

    Who has not yet read the same (`kind`, `key`) finds a larger count instead of a second notice. With `once`, who was
    told before, read or not, isn't told again. Written as a job of the county: a clerk can't read a filler's notices.
    Raises ValueError for an unknown kind, or an address that is not one of ours.
    """
    told = sorted({member.pk: member for member in members}.values(), key=lambda member: member.pk)
    if kind not in KINDS or not url.startswith("/") or url.startswith("//"):
        raise ValueError(f"no notice {kind!r} leading to {url!r}")
    if not told:
        return 0
    with acting(told[0].jurisdiction_id, "job"):
        ids = [member.pk for member in told]
        # Two events at once must not both find nothing to add to.
        list(Membership.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
        same = Notice.objects.filter(membership_id__in=ids, kind=kind, key=key)
        known = set((same if once else same.filter(read_at=None)).values_list("membership_id", flat=True))
        now = timezone.now()
        if known and not once:
            same.filter(read_at=None).update(count=F("count") + count, changed_at=now, url=url)
        new = [member for member in told if member.pk not in known]
        Notice.objects.bulk_create(
            Notice(
                membership=member,
                agency_id=member.agency_id,
                employer_id=member.employer_id,
                kind=kind,
                key=key,
                subject=subject,
                count=count,
                url=url,
                created_at=now,
                changed_at=now,
                **_mail(member.user, now),
            )
            for member in new
        )
    return len(new) if once else len(told)


def mark_read(*, notice_id: UUID, actor: Actor) -> Notice | None:
    """Mark one of the actor's own notices as read and return it; None if there is no such one."""
    own = Notice.objects.visible_to(actor).filter(id=notice_id)
    own.filter(read_at=None).update(read_at=timezone.now())
    return own.first()


def mark_seen(*, url: str, actor: Actor) -> int:
    """Mark the actor's own notices that lead to an address as read: what they tell of has just been shown. Return how
    many were unread."""
    own = Notice.objects.visible_to(actor).filter(read_at=None, url=url)
    return own.update(read_at=timezone.now())


def mark_all_read(*, actor: Actor) -> int:
    """Mark all of the actor's own notices as read; return how many were unread."""
    return Notice.objects.visible_to(actor).filter(read_at=None).update(read_at=timezone.now())


@transaction.atomic
def choose_mail(*, user: User, address: str, wanted: bool, actor: Actor) -> None:
    """Keep where a person's mails go and whether any are wanted. The journal knows that, never the address."""
    user.mail_address, user.mail_wanted = address, wanted and bool(address)
    user.save(update_fields=["mail_address", "mail_wanted"])
    journal.write("notice.mail_chosen", actor=actor, data={"wanted": user.mail_wanted})


def _mail(user: User, now: dt.datetime) -> dict[str, object]:
    if not wants_mail(user):
        return {}
    # Not at once: what comes together is told together, and who reads it on the page needs no mail.
    return {"mail": MailState.DUE, "mail_at": now + dt.timedelta(seconds=settings.MAIL_DELAY_SECONDS)}
