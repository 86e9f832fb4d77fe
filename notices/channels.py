"""Ways in which a notice reaches people. The row in the table is the one that always works; mail comes beside it.

A mail says what the notice says and nothing more; it holds neither a link nor anybody's data, because mails are read
on machines that are not ours.
"""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from accounts.models import User
from agencies.models import Membership
from notices.models import Notice

CLOSING = """请按平时的方式登录系统，在右上角“通知”中查看和办理。

本邮件由系统自动发送，请勿回复。不再需要的，可在“通知”页关闭邮件提醒。"""


class Channel(Protocol):
    """Something that carries a notice to its reader."""

    def wanted_by(self, user: User) -> bool:
        """Tell whether this person is reached by it."""

    def send(self, notice: Notice, member: Membership) -> None:
        """Carry it. Raises OSError (`smtplib`'s errors are such) when it could not be handed over."""


class InApplication:
    """The bell and the list: the row is there, nothing has to be carried."""

    def wanted_by(self, user: User) -> bool:
        """Everybody's."""
        return True

    def send(self, notice: Notice, member: Membership) -> None:
        """The row itself is the notice."""


class Mail:
    """By SMTP, through Django's backend."""

    def wanted_by(self, user: User) -> bool:
        """Who named an address and wants mails, where a mail server is set."""
        return bool(settings.EMAIL_HOST and user.mail_wanted and user.mail_address)

    def send(self, notice: Notice, member: Membership) -> None:
        """Hand one mail over. The Message-ID is the notice's: a mail that goes twice, because the worker died between
        the server's answer and our note of it, is known as the same."""
        place = member.jurisdiction
        message = EmailMessage(
            subject=f"【{place.site_name}】您有一条新通知",
            body=f"{notice}\n\n{CLOSING}\n\n{place.office_name}",
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[member.user.mail_address],
            headers={
                "Message-ID": f"<{notice.pk}@{settings.MAIL_DOMAIN}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=get_connection(timeout=settings.EMAIL_TIMEOUT),
        )
        message.send()


IN_APPLICATION: Channel = InApplication()
MAIL: Channel = Mail()


def wants_mail(user: User) -> bool:
    """Tell whether a notice to this person is also to go by mail."""
    return MAIL.wanted_by(user)
