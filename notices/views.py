"""The list of notices, opening one, marking all as read, and whether mails come."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from agencies.models import Role
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from notices.forms import MailForm
from notices.kinds import KINDS
from notices.models import Notice
from notices.services import choose_mail, mark_all_read, mark_read

MEMBERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.AGENCY_ADMIN, Role.OFFICER)


@access(*MEMBERS)
@require_GET
def notice_list(request: Any) -> HttpResponse:
    """List what this member was told, the newest first."""
    page = keyset_page(request, Notice.objects.visible_to(request.actor), order="created_at", descending=True)
    rows = [
        {"notice": row, "kind": KINDS[row.kind], "at": timezone.localtime(row.changed_at)}
        for row in page.rows
    ]
    context = {"rows": rows, "pager": page, "mails": bool(settings.EMAIL_HOST)}
    return render(request, "notices/list.html", context)


@access(*MEMBERS)
@require_POST
def notice_open(request: Any, notice_id: UUID) -> HttpResponse:
    """Mark a notice as read and go where it can be finished."""
    notice = mark_read(notice_id=notice_id, actor=request.actor)
    if notice is None:
        raise Http404
    return redirect(notice.url)


@access(*MEMBERS)
@require_POST
def notice_all_read(request: Any) -> HttpResponse:
    """Mark all as read."""
    count = mark_all_read(actor=request.actor)
    messages.success(request, f"{count:,} 条通知已标为已读。" if count else "没有未读通知。")
    return redirect("notice-list")


@access(*MEMBERS)
@require_http_methods(["GET", "POST"])
def notice_mail(request: Any) -> HttpResponse:
    """Ask for an address and whether mails are wanted."""
    user = cast(User, request.user)
    initial = {"address": user.mail_address, "wanted": user.mail_wanted}
    form = MailForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        choose_mail(user=user, **form.cleaned_data, actor=request.actor)
        messages.success(request, "已开启邮件提醒。" if user.mail_wanted else "已关闭邮件提醒。")
        return redirect("notice-list")
    context = {"form": form, "mails": bool(settings.EMAIL_HOST)}
    return render(request, "notices/mail.html", context, status=422 if form.errors else 200)
