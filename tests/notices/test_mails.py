"""Mails about notices, through a real SMTP server in a process of its own."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from agencies.models import Membership
from archives.services.records import send_back
from credit_platform.embedded.ports import free_port
from credit_platform.tenancy.context import acting
from notices.channels import MAIL, Mail
from notices.mailing import CLAIM_LASTS, MOST_ATTEMPTS, send_due_mails
from notices.models import Notice
from notices.services import notify
from tests.archives.flow import acting_as, opened, rows_of, submitted
from tests.factories import County


class Server:
    """`demo.mailbox` as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.smtp, self.web = folder, free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "demo.mailbox", "--smtp", str(self.smtp), "--web", str(self.web)]
        self.process = subprocess.Popen([*command, "--folder", str(self.folder)], cwd=settings.BASE_DIR)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.page()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the mail server did not start")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/", timeout=5) as answer:
            return str(answer.read().decode())

    def mails(self) -> list[EmailMessage]:
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[Server]:
    one = Server(tmp_path)
    # The test runner puts another in place.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.smtp, 5
    settings.MAIL_DELAY_SECONDS = 0
    one.start()
    yield one
    one.stop()


def wants(member: Membership, address: str = "clerk@example.cn") -> Membership:
    member.user.mail_address, member.user.mail_wanted = address, True
    member.user.save()
    return member


def mail_of(member: Membership) -> list[tuple[str, int]]:
    found = rows_of(Notice, member.jurisdiction_id, membership=member)
    return [(row.mail, row.mail_attempts) for row in found]


def turn_back(county: County, by: dt.timedelta) -> None:
    with acting(county.id, "job"):
        Notice.objects.exclude(mail="").update(mail_at=timezone.now() - by)


def test_a_mail_says_what_the_notice_says_and_nothing_more(county: County, server: Server) -> None:
    unit = county.education
    wants(unit.filler, "filler@example.cn")
    part = submitted(unit, part=opened(unit, name="钱一一"))
    with acting_as(unit.clerk) as who:
        send_back(part=part, reason="钱一一的电话有误", revision=None, actor=who)
    notify([unit.clerk], "job_done", url="/jobs/")  # wants none
    assert send_due_mails(jurisdiction_id=county.id) == 1
    (mail,) = server.mails()
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert mail["To"] == "filler@example.cn"
    assert mail["Subject"].strip() == "【安阳县重点人群信用档案系统】您有一条新通知"
    assert "您有 1 份教师档案被退回，请修改后重新提交。" in text
    for personal in ("钱一一", "电话有误", str(part.pk), "http"):
        assert personal not in mail.as_string() + text
    assert "您有 1 份教师档案被退回" in server.page()
    assert send_due_mails(jurisdiction_id=county.id) == 0
    assert mail_of(unit.filler) == [("sent", 1)]


def test_a_worker_that_dies_between_sending_and_noting_sends_the_same_mail(
    county: County, server: Server
) -> None:
    class Killed(BaseException):
        """What no handler catches."""

    class Dying(Mail):
        def send(self, notice: Notice, member: Membership) -> None:
            super().send(notice, member)
            raise Killed

    clerk = wants(county.education.clerk)
    notify([clerk], "job_done", url="/jobs/")
    with pytest.raises(Killed):
        send_due_mails(jurisdiction_id=county.id, channel=Dying())
    assert mail_of(clerk) == [("sending", 1)]
    assert send_due_mails(jurisdiction_id=county.id) == 0, "somebody may still be at it"
    turn_back(county, CLAIM_LASTS)
    assert send_due_mails(jurisdiction_id=county.id) == 1
    assert mail_of(clerk) == [("sent", 2)]
    assert len(server.mails()) == 1, "the same Message-ID"


def test_a_server_that_is_away_is_tried_again_and_at_last_given_up(county: County, server: Server) -> None:
    first, second = wants(county.education.clerk), wants(county.health.clerk, "second@example.cn")
    server.stop()
    notify([first], "job_done", url="/jobs/")
    assert send_due_mails(jurisdiction_id=county.id) == 0
    assert mail_of(first) == [("due", 1)]
    assert send_due_mails(jurisdiction_id=county.id) == 0
    assert mail_of(first) == [("due", 1)], "not before its time"
    for _ in range(MOST_ATTEMPTS):
        turn_back(county, dt.timedelta(hours=1))
        send_due_mails(jurisdiction_id=county.id)
    assert mail_of(first) == [("given_up", MOST_ATTEMPTS)]
    server.start()
    notify([second], "job_done", url="/jobs/")
    assert send_due_mails(jurisdiction_id=county.id) == 1
    assert [mail["To"] for mail in server.mails()] == ["second@example.cn"]


@pytest.mark.parametrize("why", ["read", "left", "changed mind"])
def test_no_mail_to_whom_it_no_longer_concerns(
    county: County, server: Server, client_as: Callable[..., Any], why: str
) -> None:
    clerk = wants(county.education.clerk)
    notify([clerk], "job_done", url="/jobs/")
    if why == "read":
        client_as(clerk).post("/notices/read/")
    elif why == "left":
        clerk.ended_at = timezone.now()
        clerk.save()
    else:
        client_as(clerk).post("/notices/mail/", {"address": "clerk@example.cn"})
    assert send_due_mails(jurisdiction_id=county.id) == 0
    assert server.mails() == []
    assert mail_of(clerk)[0][0] == ""


def test_choosing_mails(county: County, client_as: Callable[..., Any], settings: Any) -> None:
    clerk = county.education.clerk
    browser = client_as(clerk)
    wrong = browser.post("/notices/mail/", {"address": "张敏", "wanted": "on"})
    assert (wrong.status_code, wrong.context["form"].errors["address"]) == (
        422,
        ["电子邮箱不正确，例：zhangmin@example.cn。"],
    )
    assert browser.post("/notices/mail/", {"wanted": "on"}).status_code == 422
    assert browser.post("/notices/mail/", {"address": "z@example.cn", "wanted": "on"}).status_code == 302
    clerk.user.refresh_from_db()
    assert (clerk.user.mail_address, clerk.user.mail_wanted) == ("z@example.cn", True)
    settings.EMAIL_HOST = ""
    assert not MAIL.wanted_by(clerk.user), "no server, no mails"
