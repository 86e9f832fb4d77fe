"""Opening the archive of one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Role
from archives.forms import OpenArchiveForm
from archives.services.people import NotReadable, open_archive
from audit.lifecycle import Refused
from credit_platform.web.access import access


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def archive_open(request: Any) -> HttpResponse:
    """Open an archive for a person: group, year, employer, name, document."""
    actor, today = request.actor, timezone.localdate()
    form = OpenArchiveForm(request.POST or None, actor=actor, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            part = open_archive(
                responsibility=form.cleaned_data["responsibility"],
                employer=form.cleaned_data["employer"],
                raw=form.raw_identity(),
                year=form.cleaned_data["year"],
                backfill_reason=form.cleaned_data["backfill_reason"],
                actor=actor,
                today=today,
            )
        except NotReadable as wrong:
            for problem in wrong.problems:
                form.add_error(problem.field if problem.field in form.fields else None, problem.message)
        except Refused as refusal:
            form.add_error("backfill_reason" if refusal.code == "backfill_reason" else None, str(refusal))
        else:
            messages.success(request, f"已为 {part.name} 建立 {part.year} 年度记录，请继续填写。")
            return redirect("record", part.id)
    return render(request, "archives/open.html", {"form": form}, status=422 if form.errors else 200)
