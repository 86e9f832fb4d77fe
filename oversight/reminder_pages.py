"""The pages of reminders: sending them, and reading one with the way to the lists in which the work is done (AY-12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agencies.models import Role
from audit.lifecycle import Refused
from credit_platform.web.access import access
from oversight.forms import ReminderForm, YearForm
from oversight.models import Reminder
from oversight.reminders import remind


@access(Role.OFFICER)
@require_POST
def reminder_send(request: Any) -> HttpResponse:
    """Remind of the ticked lines."""
    actor, today = request.actor, timezone.localdate()
    years, form = YearForm(request.POST, actor=actor, today=today), ReminderForm(request.POST)
    back = redirect(
        f"{reverse('home')}?{urlencode({'year': years.chosen})}"
    )  # to the top: the answer stands there
    if not form.is_valid():
        messages.error(request, str(form.errors["text"][0]))
        return back
    keys = set(request.POST.getlist("line"))
    try:
        done = remind(keys=keys, year=years.chosen, text=form.cleaned_data["text"], actor=actor, today=today)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return back
    if done.sent:
        messages.success(request, f"已催报 {done.sent} 项。")
    if done.again:
        messages.info(request, f"{done.again} 项今天已经催报过，没有重复发送。")
    if done.nobody:
        groups = "、".join(dict.fromkeys(done.nobody))
        messages.warning(request, f"{groups}没有经办人和单位管理员，没有发送。请联系责任单位安排人员。")
    return back


@access(Role.CLERK, Role.REVIEWER, Role.AGENCY_ADMIN, Role.OFFICER)
@require_GET
def reminder(request: Any, reminder_id: UUID) -> HttpResponse:
    """One reminder, as the agency reads it, with the way to the list."""
    rows = Reminder.objects.visible_to(request.actor).select_related("agency")
    row = get_object_or_404(rows, id=reminder_id)
    handles = request.actor.role in (Role.CLERK, Role.REVIEWER)
    context = {
        "row": row,
        "at": timezone.localtime(row.at),
        "year": row.month.year - 1,
        "links": _where_to_finish(row) if handles else [],
    }
    return render(request, "oversight/reminder.html", context)


def _where_to_finish(row: Reminder) -> list[tuple[str, str]]:
    """Words and address of each list in which the work is done."""
    group = {"occupation": row.occupation}
    archives, roster = reverse("archive-list"), reverse("roster-list")
    if row.what == "delivery":
        return [("打开平台退回的档案", f"{archives}?{urlencode({**group, 'delivery': 'rejected'})}")]
    year = {**group, "year": row.month.year - 1}  # the year closed in that month of the next
    return [
        ("查看没有建档的人员", f"{roster}?{urlencode({**year, 'built': '0'})}"),
        ("查看已建的档案", f"{archives}?{urlencode(year)}"),
    ]
