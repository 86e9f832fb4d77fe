"""Saving by itself while the form is filled in: the same service as the button, answered in JSON for the script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from agencies.models import Role
from archives.content import draft_of, posted_record
from archives.selectors import part_or_404
from archives.services.conflicts import marks_of
from archives.services.records import occupation_for, save_draft
from archives.views.record_page import revision_of
from archives.views.record_rail import progress_of
from audit.lifecycle import Refused, Stale
from credit_platform.web.access import access


@access(Role.FILLER, Role.CLERK)
@require_POST
def record_autosave(request: Any, part_id: UUID) -> HttpResponse:
    """Keep the form as it stands. 200: saved, with the revision and base for the next save; 409: not saved, and why.

    Shows nothing of the record that was not posted, so it is no look.
    """
    part = part_or_404(request.actor, part_id)
    occupation = occupation_for(part)
    posted = posted_record(occupation, part.year, request.POST)
    try:
        saved = save_draft(
            part=part,
            posted=posted,
            revision=revision_of(request),
            actor=request.actor,
            today=timezone.localdate(),
        ).part
    except Stale as stale:
        return JsonResponse({"message": str(stale), "conflict": True}, status=409)
    except Refused as refusal:
        return JsonResponse({"message": str(refusal), "conflict": False}, status=409)
    draft = draft_of(saved, occupation)
    told = {
        "message": f"已保存 {timezone.localtime(saved.saved_at):%H:%M}",
        "revision": saved.revision,
        "base": marks_of(draft, occupation),
    }
    return JsonResponse(told | progress_of(occupation, draft, saved.year))
