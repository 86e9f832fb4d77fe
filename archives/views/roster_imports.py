"""Bringing a roster as a workbook: template, upload, what would happen, accept or give up."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Employer, Responsibility
from archives.models import Job, RosterImport
from archives.occupations import occupations_of
from archives.roster_forms import UploadForm
from archives.services.jobs import may_fetch
from archives.services.roster import KEEPERS
from archives.services.roster_imports import (
    LARGEST_FILE,
    accept_import,
    cancel_import,
    has_stopped,
    resume_import,
    upload_roster,
)
from archives.services.roster_rows import roster_columns, roster_mark
from archives.states import RosterImportState
from archives.views.jobs import mark_job_seen
from archives.views.record_page import revision_of
from archives.workbooks.template import write_template
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from credit_platform.web.uploads import oversized, takes_files

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access(*KEEPERS)
@require_GET
def roster_template(request: Any, occupation: str) -> HttpResponse:
    """The workbook to be filled in, with the employers that this member may name."""
    actor = request.actor
    handled = Responsibility.objects.handled_by(actor).select_related("agency")
    found = handled.filter(occupation=occupation).first()
    if found is None:
        raise Http404
    units = list(Employer.objects.visible_to(actor).filter(active=True).values_list("name", flat=True))
    columns = roster_columns(found, timezone.localdate().year)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        heading = f"{found.label}应建档人员名册"
        write_template(path, heading=heading, columns=columns, mark=roster_mark(found), units=units)
        answer = HttpResponse(path.read_bytes(), content_type=_XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, f"{heading}.xlsx") or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@access(*KEEPERS)
@takes_files(LARGEST_FILE)
@require_http_methods(["GET", "POST"])
def roster_import_list(request: Any) -> HttpResponse:
    """The imports of this person, the newest first; POST uploads a workbook."""
    actor, today = request.actor, timezone.localdate()
    form = UploadForm(request.POST or None, actor=actor, today=today)
    if request.method == "POST" and form.is_valid():
        file = request.FILES.get("file")
        if file is None:
            limit = LARGEST_FILE // 1024 // 1024
            form.add_error(
                None,
                f"文件超过 {limit} MB，请分成几个文件上传。"
                if oversized(request)
                else "请选择要上传的表格。",
            )
        else:
            try:
                row = upload_roster(
                    **form.cleaned_data, file=file, name=file.name or "", actor=actor, today=today
                )
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("roster-import", row.pk)
    page = keyset_page(request, RosterImport.objects.visible_to(actor), order="created_at", descending=True)
    rows = [{"row": one, "url": reverse("roster-import", args=[one.pk])} for one in page.rows]
    groups = Responsibility.objects.handled_by(actor)
    context = {"form": form, "rows": rows, "pager": page, "groups": groups}
    return render(request, "archives/roster_imports.html", context, status=422 if form.errors else 200)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def roster_import(request: Any, import_id: UUID) -> HttpResponse:
    """What would happen, or has happened; POST accepts or gives up. htmx gets the state alone."""
    actor = request.actor
    row = get_object_or_404(RosterImport.objects.visible_to(actor), id=import_id)
    if request.method == "POST":
        try:
            if request.POST.get("action") == "accept":
                accept_import(row=row, revision=revision_of(request), actor=actor)
            elif request.POST.get("action") == "cancel":
                cancel_import(row=row, actor=actor)
                messages.success(request, "已放弃导入，名册没有变化，上传的文件已清除。")
            elif request.POST.get("action") == "resume":
                resume_import(row=row, actor=actor)
        except AlreadyDone as done:
            messages.info(request, str(done))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("roster-import", row.pk)
    running = row.state in (RosterImportState.READING, RosterImportState.APPLYING)
    if not running:
        journal.look("roster_import.read_result", actor=actor, subject=row)
    job = Job.objects.visible_to(actor).filter(id=row.job_id).first() if row.job_id else None
    mark_job_seen(request, job)
    context = {
        "row": row,
        "job": job,
        "notes": [one for one in row.problems if one.get("note")],
        "problems": [one for one in row.problems if not one.get("note")],
        "ready": row.state == RosterImportState.READY,
        "writable": bool(row.counts.get("new") or row.counts.get("changed")),
        "stopped": has_stopped(row, actor),
        "cancellable": row.state in (RosterImportState.READING, RosterImportState.READY),
        "running": running,
        "result_url": _list_of_problems(row, job, actor),
        "group": occupations_of(actor.jurisdiction_id)[row.agency_id, row.occupation].label,
    }
    template = "archives/roster_import_state.html" if request.htmx else "archives/roster_import.html"
    return render(request, template, context)


def _list_of_problems(row: RosterImport, job: Job | None, actor: Actor) -> str:
    """Return the address of the file that names every refused row; "" where none was refused, or it is gone."""
    refused = row.counts.get("done", row.counts).get("refused")
    return reverse("job-result", args=[job.pk]) if refused and job and may_fetch(job, actor) else ""
