"""我的任务: what runs in the background for the person who looks, its progress, and the file that comes of it."""

from __future__ import annotations

import datetime as dt
import mimetypes
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from archives.models import Job
from archives.services.jobs import KEPT_FOR, OPEN, cancel_job, is_kept, may_fetch
from archives.states import JobState
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from notices.services import mark_seen

_PLACES = {"upload": "upload", "import": "roster-import"}
"""By the parameter that names it: the page of what a job is a step of."""
MEMBERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)


@access(*MEMBERS)
@require_GET
def job_list(request: Any) -> HttpResponse:
    """List the jobs that this person asked for in this unit, the newest first."""
    page = keyset_page(request, Job.objects.visible_to(request.actor), order="created_at", descending=True)
    rows = [{"url": reverse("job", args=[row.pk]), **shown_job(row, request.actor)} for row in page.rows]
    return render(request, "archives/jobs.html", {"rows": rows, "pager": page, "days": KEPT_FOR.days})


@access(*MEMBERS)
@require_http_methods(["GET", "POST"])
def job(request: Any, job_id: UUID) -> HttpResponse:
    """Show a job; its state alone for htmx, which asks again every second until it has ended. POST cancels it."""
    row = _job_or_404(request, job_id)
    if request.method == "POST":
        try:
            cancel_job(row=row, actor=request.actor)
        except AlreadyDone as done:
            messages.info(request, str(done))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "任务已取消。")
        return redirect("job", row.pk)
    mark_job_seen(request, row)
    template = "archives/job_state.html" if request.htmx else "archives/job.html"
    return render(request, template, {"shown": shown_job(row, request.actor), "days": KEPT_FOR.days})


@access(*MEMBERS)
@require_GET
def job_result(request: Any, job_id: UUID) -> HttpResponse:
    """Hand out the file, whole and verified, as a download; each look is journalled."""
    row = _job_or_404(request, job_id)
    if not may_fetch(row, request.actor):
        raise Http404
    journal.look("job.fetched", actor=request.actor, subject=row, data={"kind": row.kind})
    mark_job_seen(request, row)
    try:
        content = private_files.read_all(row.result)
    except (private_files.Missing, Undecipherable):
        messages.error(request, "结果文件已损坏或找不到，不能下载。请重新发起任务。")
        return redirect("job", row.pk)
    kind = mimetypes.guess_type(row.result_name)[0] or "application/octet-stream"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, row.result_name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _job_or_404(request: Any, job_id: UUID) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.actor), id=job_id)


def mark_job_seen(request: Any, row: Job | None) -> None:
    """Take what the notice of a job tells as read, once its requester has opened what came of it.

    That a page asks for itself is no sign of anybody.
    """
    if row is not None and row.state not in OPEN and not request.htmx:
        mark_seen(url=reverse("job", args=[row.pk]), actor=request.actor)


def shown_job(row: Job, actor: Actor) -> dict[str, Any]:
    """Return what `archives/job_state.html` shows of a job."""
    fetchable = may_fetch(row, actor)
    return {
        "job": row,
        "open": row.state in OPEN,
        "pace": _pace(row) if row.state == JobState.RUNNING else "",
        "created": timezone.localtime(row.created_at),
        "finished": timezone.localtime(row.finished_at) if row.finished_at else None,
        "result_url": reverse("job-result", args=[row.pk]) if fetchable else "",
        "place_url": _place(row),
        "expired": row.state == JobState.DONE and not is_kept(row),
    }


def _place(row: Job) -> str:
    """Where the work that a job is a step of goes on; "" where the job is all."""
    steps = (
        reverse(name, args=[row.parameters[key]]) for key, name in _PLACES.items() if key in row.parameters
    )
    return next(steps, "")


def _pace(row: Job) -> str:
    """How fast it goes and how long it will take, once that can be told."""
    if not (row.started_at and row.beat_at and 0 < row.done <= row.total):
        return ""
    seconds = (row.beat_at - row.started_at).total_seconds()
    if seconds < 1:
        return ""
    rate = row.done / seconds
    speed = f"每秒 {rate:.1f} 项" if rate >= 1 else f"每分钟 {rate * 60:.0f} 项"
    left = dt.timedelta(seconds=(row.total - row.done) / rate)
    return f"{speed}，约还需 {_duration(left)}"


def _duration(length: dt.timedelta) -> str:
    seconds = round(length.total_seconds())
    return f"{max(seconds, 1)} 秒" if seconds < 90 else f"{round(seconds / 60)} 分钟"
