"""证明材料: sending files in, reading them back through the access check, taking them off a draft (AY-N3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from agencies.models import Role
from archives.lifecycle import Head
from archives.models import Evidence, Item
from archives.selectors import evidence_visible_to, item_or_404, part_or_404
from archives.services.evidence import LARGEST, attach_evidence, remove_evidence, store_name, too_large
from archives.views.panels.evidence import evidence_panel
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.crypto import Undecipherable
from credit_platform.web.access import access
from credit_platform.web.uploads import oversized, takes_files

READERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)
Note = tuple[str, str]
"""Level of a message and its words."""


@access(Role.FILLER, Role.CLERK)
@takes_files(LARGEST)
@require_POST
def record_evidence(request: Any, part_id: UUID) -> HttpResponse:
    """Attach one or more files to a record."""
    return take(request, part_or_404(request.actor, part_id))


@access(Role.FILLER, Role.CLERK)
@takes_files(LARGEST)
@require_POST
def item_evidence(request: Any, item_id: UUID) -> HttpResponse:
    """Attach one or more files to an item."""
    return take(request, item_or_404(request.actor, item_id))


@access(*READERS)
@require_GET
def evidence(request: Any, evidence_id: UUID) -> HttpResponse:
    """Hand out one file, whole and verified, never to be shown inside our pages; each look is journalled."""
    found = _evidence_or_404(request, evidence_id)
    journal.look("evidence.read", actor=request.actor, subject=found, data=_of_head(found))
    try:
        content = private_files.read_all(store_name(found))
    except (private_files.Missing, Undecipherable):
        messages.error(request, "这份材料的文件已损坏或找不到，不能打开。请联系管理员从备份中恢复。")
        return redirect(address_of(found.part or found.item))
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@access(Role.FILLER, Role.CLERK)
@require_POST
def evidence_remove(request: Any, evidence_id: UUID) -> HttpResponse:
    """Take a file off a draft."""
    found = _evidence_or_404(request, evidence_id)
    head = found.part or found.item
    try:
        remove_evidence(evidence=found, actor=request.actor)
        note = ("success", f"已移除 {found.name}。")
    except AlreadyDone as done:
        note = ("info", str(done))
    except Refused as refusal:
        note = ("error", str(refusal))
    return _answer(request, head, [note])


def take(request: Any, head: Head) -> HttpResponse:
    """Attach what was sent to a part or item; what can't be taken is told file by file, the others are kept."""
    notes: list[Note] = []
    for file in request.FILES.getlist("files"):
        try:
            kept = attach_evidence(head=head, file=file.file, name=file.name, actor=request.actor)
            notes.append(("success", f"已上传 {kept.name}。"))
        except AlreadyDone as done:
            notes.append(("info", f"{file.name}：{done}"))
        except Refused as refusal:
            notes.append(("error", f"{file.name}：{refusal}"))
    notes += [("error", f"{name}：{too_large()}") for name in oversized(request)]
    return _answer(request, head, notes or [("error", "没有选择文件。请先选择要上传的文件。")])


def address_of(head: Head | None) -> str:
    """Return the page of a part or item."""
    assert head is not None  # the database keeps `evidence_of_one_head`
    return reverse("item" if isinstance(head, Item) else "record", args=[head.pk])


def _answer(request: Any, head: Head | None, notes: list[Note]) -> HttpResponse:
    """The panel alone for htmx, so that an unsaved form stays as it is; else the page again."""
    if request.htmx and head is not None:
        panel = evidence_panel(request, head)
        return render(request, "archives/panels/evidence.html", {"panel": panel, "notes": notes})
    for level, words in notes:
        messages.add_message(request, getattr(messages, level.upper()), words)
    return redirect(address_of(head))


def _evidence_or_404(request: Any, evidence_id: UUID) -> Evidence:
    found = evidence_visible_to(request.actor).select_related("part", "item")
    return get_object_or_404(found, id=evidence_id)


def _of_head(found: Evidence) -> dict[str, str]:
    return {"record" if found.part_id else "item": str(found.part_id or found.item_id)}
