"""Printing one record, one version, everybody a filter finds, or the blank form of a group (AY-10, AY-N4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from agencies.models import Responsibility, Role
from archives.list_forms import ArchiveFilterForm
from archives.models import Version
from archives.occupations import occupation_of
from archives.printing.forms import CannotPrint, blank_form, draft_form, print_forms, version_form
from archives.selectors import part_or_404
from archives.services.prints import queue_print
from archives.services.records import occupation_for
from archives.services.writers import division_of
from archives.states import Status
from audit import journal
from audit.lifecycle import Refused
from credit_platform.web.access import access

PRINTERS = (Role.FILLER, Role.CLERK, Role.REVIEWER)


@access(*PRINTERS)
@require_GET
def record_print(request: Any, part_id: UUID) -> HttpResponse:
    """Print what the page of the record shows: the sealed version, or the draft, marked as such."""
    part = part_or_404(request.actor, part_id)
    if part.status == Status.SEALED:
        return version_print(request, part_id, part.current_version)
    occupation = occupation_for(part)
    journal.look("record.printed", actor=request.actor, subject=part, data={"draft": True})
    writers = division_of(part, occupation)
    return _answer(request, part, lambda: draft_form(part, occupation, writers=writers), "草稿")


@access(*PRINTERS)
@require_GET
def version_print(request: Any, part_id: UUID, number: int) -> HttpResponse:
    """Print one sealed version, with its 查验码."""
    part = part_or_404(request.actor, part_id)
    versions = Version.objects.visible_to(request.actor).filter(part=part).select_related("part", "item")
    found = get_object_or_404(versions, number=number)
    occupation = occupation_for(part)
    journal.look("record.printed", actor=request.actor, subject=part, data={"version": number})
    return _answer(request, part, lambda: version_form(part, found, occupation), f"第{number}版")


@access(*PRINTERS)
@require_POST
def archive_print(request: Any) -> HttpResponse:
    """Queue the print of everybody whom the posted filters of the list find."""
    form = ArchiveFilterForm(request.POST, actor=request.actor, today=timezone.localdate())
    if not form.is_valid():
        messages.error(request, "筛选条件无法识别，没有打印。请在列表中重新筛选。")
        return redirect("archive-list")
    chosen = form.chosen()
    employer = chosen.pop("employer", None)
    if employer is not None:
        chosen["employer_id"] = employer.pk
    try:
        job = queue_print(filters=chosen, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
        asked = {name: request.POST[name] for name in form.fields if request.POST.get(name)}
        return redirect(f"{reverse('archive-list')}?{urlencode(asked)}")
    return redirect("job", job.pk)


@access(*PRINTERS)
@require_GET
def blank_print(request: Any, occupation: str) -> HttpResponse:
    """Print the empty form of a group that the actor handles, to be filled in by hand."""
    handled = Responsibility.objects.handled_by(request.actor).select_related("agency")
    found = handled.filter(occupation=occupation).first()
    if found is None:
        raise Http404
    form = blank_form(occupation_of(found), timezone.localdate().year)
    return _pdf(print_forms([form]), f"{found.label}信用档案（空白）.pdf")


def _answer(request: Any, part: Any, make: Any, what: str) -> HttpResponse:
    try:
        content = print_forms([make()])
    except CannotPrint as trouble:
        messages.error(request, str(trouble))
        return redirect("record", part.id)
    return _pdf(content, f"{part.name}{part.year}年度信用档案（{what}）.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
