"""证明材料 below a form: what is attached, and where to add."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.requests import ActingRequest
from archives.lifecycle import Head, may_attach, may_fill
from archives.models import Item, RecordPart
from archives.schema.occupations import Occupation
from archives.selectors import evidence_visible_to
from archives.services.evidence import MOST_FILES, told_of
from credit_platform.media_types import ACCEPT, TAKEN


def panel(request: ActingRequest, part: RecordPart, occupation: type[Occupation]) -> dict[str, Any] | None:
    """Return the evidence of a record, or None where there is none and none may be added."""
    found = evidence_panel(request, part)
    return found if found["files"] or found["upload_url"] else None


def evidence_panel(request: ActingRequest, head: Head, *, needed: bool = False) -> dict[str, Any]:
    """Return the context of `archives/panels/evidence.html` for a part or item."""
    actor = request.actor
    mine: dict[str, Any] = {"item": head} if isinstance(head, Item) else {"part": head}
    files = evidence_visible_to(actor).filter(**mine).order_by("uploaded_at", "id")
    if isinstance(head, Item):
        for one in files:
            one.item = head
    address = "item-evidence" if isinstance(head, Item) else "record-evidence"
    writable = may_fill(head, actor)
    return {
        "template": "archives/panels/evidence.html",
        "files": [
            {
                "url": reverse("evidence", args=[one.pk]),
                "name": one.name,
                "size": one.size,
                "sha256": one.sha256,
                "by": one.uploaded_by,
                "at": timezone.localtime(one.uploaded_at),
                "sealed": one.sealed_at is not None,
                "remove_url": reverse("evidence-remove", args=[one.pk])
                if writable and one.sealed_at is None and not told_of(one)
                else "",
            }
            for one in files
        ],
        "upload_url": reverse(address, args=[head.pk]) if may_attach(head, actor) else "",
        "accept": ACCEPT,
        "taken": TAKEN,
        "most": MOST_FILES,
        "needed": needed,
    }
