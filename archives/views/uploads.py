"""填报表格 back: upload, what would happen, accept or give up, the answered workbook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from archives.forms import FilingForm
from archives.models import Job, Upload, UploadRow
from archives.occupations import occupations_of
from archives.services.upload_ends import told_written, written_of
from archives.services.uploads import (
    FILLERS,
    KEPT_FOR,
    LARGEST_FILE,
    accept_upload,
    cancel_upload,
    end_upload,
    has_stopped,
    resume_upload,
    upload_workbook,
)
from archives.states import RowOutcome, UploadState
from archives.views.jobs import mark_job_seen, shown_job
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from credit_platform.web.uploads import MOST_FILES, oversized, takes_files

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = (RowOutcome.REFUSED, RowOutcome.CHANGED, RowOutcome.NEW)
_RUNNING = (UploadState.READING, UploadState.APPLYING)


@access(*FILLERS)
@takes_files(LARGEST_FILE)
@require_http_methods(["GET", "POST"])
def upload_list(request: Any) -> HttpResponse:
    """The workbooks that this person uploaded, the newest first; POST uploads some."""
    actor, today = request.actor, timezone.localdate()
    form = FilingForm(request.POST or None, actor=actor, today=today)
    if request.method == "POST" and form.is_valid():
        taken = _take(request, form)
        if taken and not form.errors:
            return redirect("upload", taken[0].pk) if len(taken) == 1 else redirect("upload-list")
    page = keyset_page(request, Upload.objects.visible_to(actor), order="created_at", descending=True)
    labels = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "row": one,
            "url": reverse("upload", args=[one.pk]),
            "group": labels[one.agency_id, one.occupation].label,
            "created": timezone.localtime(one.created_at),
        }
        for one in page.rows
    ]
    context = {"form": form, "rows": rows, "pager": page, "most": MOST_FILES, "limit": _megabytes()}
    return render(request, "archives/uploads.html", context, status=422 if form.errors else 200)


@access(*FILLERS)
@require_http_methods(["GET", "POST"])
def upload(request: Any, upload_id: UUID) -> HttpResponse:
    """What would happen, or has happened; POST accepts, gives up, resumes or ends. htmx gets the state alone."""
    actor = request.actor
    row = get_object_or_404(Upload.objects.visible_to(actor), id=upload_id)
    if request.method == "POST":
        _act(request, row, actor)
        return redirect("upload", row.pk)
    running = row.state in _RUNNING
    context = {"row": row, "running": running, **_standing(request, row)}
    if not running:
        context |= _result(request, row)
    template = "archives/upload_state.html" if request.htmx else "archives/upload.html"
    label = occupations_of(actor.jurisdiction_id)[row.agency_id, row.occupation].label
    return render(request, template, {**context, "group": label, "days": KEPT_FOR.days})


@access(*FILLERS)
@require_GET
def upload_answer(request: Any, upload_id: UUID) -> HttpResponse:
    """The clerk's own workbook with the wrong cells coloured and commented."""
    row = get_object_or_404(Upload.objects.visible_to(request.actor), id=upload_id)
    return _file(request, row, row.answer, "已标注")


@access(*FILLERS)
@require_GET
def upload_remainder(request: Any, upload_id: UUID) -> HttpResponse:
    """The refused rows as a workbook to be mended and uploaded again."""
    row = get_object_or_404(Upload.objects.visible_to(request.actor), id=upload_id)
    return _file(request, row, row.remainder, "需更正的行")


def _take(request: Any, form: FilingForm) -> list[Upload]:
    """Keep each file; what could not be kept is said in the form."""
    files = request.FILES.getlist("files")
    for name in oversized(request):
        form.add_error(None, f"“{name[-60:]}”超过 {_megabytes()} MB，没有上传。请分成几个文件。")
    if not files and not form.errors:
        form.add_error(None, "请选择要上传的表格。")
    if len(files) > MOST_FILES:
        form.add_error(None, f"一次最多上传 {MOST_FILES} 个文件，请分次上传。")
        return []
    taken = []
    for file in files:
        try:
            taken.append(
                upload_workbook(
                    **form.cleaned_data,
                    file=file,
                    name=file.name or "",
                    actor=request.actor,
                    today=timezone.localdate(),
                )
            )
        except Refused as refusal:
            form.add_error(None, f"“{(file.name or '')[-60:]}”没有上传：{refusal}")
    return taken


def _act(request: Any, row: Upload, actor: Actor) -> None:
    action = request.POST.get("action")
    try:
        if action == "accept":
            accept_upload(row=row, revision=revision_of(request), actor=actor)
        elif action == "cancel":
            cancel_upload(row=row, actor=actor)
            messages.success(request, "已放弃导入，档案没有变化，上传的文件已清除。")
        elif action == "resume":
            resume_upload(row=row, actor=actor)
        elif action == "stop":
            end_upload(row=row, actor=actor)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))


def _standing(request: Any, row: Upload) -> dict[str, Any]:
    actor = request.actor
    job = Job.objects.visible_to(actor).filter(id=row.job_id).first() if row.job_id else None
    mark_job_seen(request, job)
    stopped = has_stopped(row, actor)
    half_way = stopped and row.state == UploadState.APPLYING
    written = written_of(row) if half_way else {}
    return {
        "shown": shown_job(job, actor) if job else None,
        "stopped": stopped,
        "so_far": told_written(written) if half_way else "",
        "left": written.get("left"),
        "cancellable": row.state in (UploadState.READING, UploadState.READY),
        "ready": row.state == UploadState.READY,
        "writable": bool(row.counts.get("new") or row.counts.get("changed")),
        "done": row.counts.get("done"),
    }


def _result(request: Any, row: Upload) -> dict[str, Any]:
    """The rows of the chosen outcome, a page of them; looking at them is journalled."""
    rows = UploadRow.objects.filter(upload_id=row.pk)
    counts = dict(rows.values_list("outcome").annotate(Count("id")).order_by())
    there = [one for one in _SHOWN if counts.get(one)]
    asked = request.GET.get("outcome")
    chosen = asked if asked in there else there[0] if there else ""
    page = keyset_page(request, rows.filter(outcome=chosen), order="position")
    if page.rows:
        journal.look("upload.read_result", actor=request.actor, subject=row, data={"outcome": chosen})
    tabs = [
        {"value": one.value, "label": one.label, "count": counts[one], "chosen": one == chosen}
        for one in there
    ]
    return {"rows": page.rows, "pager": page, "tabs": tabs, "chosen": chosen}


def _file(request: Any, row: Upload, stored: str, what: str) -> HttpResponse:
    if not stored:
        raise Http404
    journal.look("upload.fetched", actor=request.actor, subject=row, data={"file": what})
    try:
        content = private_files.read_all(stored)
    except (private_files.Missing, Undecipherable):
        messages.error(request, "文件已清除或损坏，不能下载。请重新上传原表格。")
        return redirect("upload", row.pk)
    stem = row.file_name.rsplit(".", 1)[0][:80]
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, f"{stem}（{what}）.xlsx") or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _megabytes() -> int:
    return LARGEST_FILE // 1024 // 1024
