"""填报表格: asking for workbooks to be filled in outside the system."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Role
from archives.forms import WorkbookForm
from archives.services.workbooks import queue_workbook
from audit.lifecycle import Refused
from credit_platform.web.access import access


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def workbook_out(request: Any) -> HttpResponse:
    """Choose group, year and employer; POST queues the workbook and leads to its progress."""
    form = WorkbookForm(request.POST or None, actor=request.actor, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            job = queue_workbook(**form.chosen(), actor=request.actor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("job", job.pk)
    return render(request, "archives/workbook_out.html", {"form": form}, status=422 if form.errors else 200)
