"""可能重复的人员: two side by side, for the office alone; each look is journalled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from agencies.models import Role
from archives.identity_forms import MergeForm
from archives.lifecycle import PAIR
from archives.models import Archive, PersonDocument, PersonPair
from archives.occupations import occupations_of
from archives.schema.identifiers import DocumentType
from archives.services.hub import history_of
from archives.services.person_pairs import (
    confirm_merge,
    decline_merge,
    keep_apart,
    look_for_pairs,
    looked_at,
    propose_merge,
    reconsider,
    side_of,
    undo_merge,
    why_not,
)
from archives.states import PairStatus
from archives.views.actions import actions_of
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

DONE = {
    "propose": "合并已提出，等另一人复核。",
    "merge": "已合并。可以随时撤销。",
    "decline": "没有合并，恢复为待判断。",
    "keep_apart": "已记为不同的人，今后不再提示。",
    "reconsider": "恢复为待判断。",
    "undo": "合并已撤销，恢复为两处登记。",
}
_WITH_REASON = {
    "decline": decline_merge,
    "keep_apart": keep_apart,
    "reconsider": reconsider,
    "undo": undo_merge,
}


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def pair_list(request: Any) -> HttpResponse:
    """List pairs, the latest first; POST looks for new ones."""
    actor = request.actor
    if request.method == "POST":
        found = look_for_pairs(actor)
        messages.success(request, f"新找到 {found} 对。" if found else "没有新的可能重复的人员。")
        return redirect("pair-list")
    page = keyset_page(request, PersonPair.objects.visible_to(actor), order="created_at", descending=True)
    rows = [_row(pair) for pair in page.rows]
    if rows:
        data = {"people": sorted({str(one) for row in page.rows for one in (row.first_id, row.second_id)})}
        label = f"可能重复的人员（{len(rows)} 对）"
        journal.look("pair.listed", actor=actor, subject_label=label, data=data)
    return render(request, "archives/pairs.html", {"rows": rows, "pager": page})


def _row(pair: PersonPair) -> dict[str, Any]:
    sides = [side_of(pair.first_id), side_of(pair.second_id)]
    names = "、".join(sorted(set().union(*(side.names for side in sides)))) or "（没有档案）"
    masks = [" / ".join(dict.fromkeys(one.number_mask for one in side.archives)) for side in sides]
    return {"pair": pair, "names": names, "masks": masks, "url": reverse("pair", args=[pair.pk])}


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def pair(request: Any, pair_id: UUID) -> HttpResponse:
    """Two people side by side; POST proposes, merges, keeps apart, or takes back."""
    actor = request.actor
    row = get_object_or_404(PersonPair.objects.visible_to(actor), id=pair_id)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    form = MergeForm(request.POST if action == "propose" else None)
    if request.method == "POST" and (action != "propose" or form.is_valid()):
        return _act(request, row, action, form)
    looked_at(row, actor)
    labels = occupations_of(actor.jurisdiction_id)
    context = {
        "row": row,
        "sides": [
            [_shown(one, labels) for one in side_of(person_id).archives]
            for person_id in (row.first_id, row.second_id)
        ],
        "documents": [
            [_document(one, number) for one, number in history_of(person_id)]
            for person_id in (row.first_id, row.second_id)
        ],
        "form": form,
        "open": row.status == PairStatus.OPEN,
        "hindrance": why_not(row) if row.status in (PairStatus.OPEN, PairStatus.PROPOSED) else "",
        "actions": [one for one in actions_of(PAIR, row, actor, fills=False) if one["name"] != "propose"],
        "revision": row.revision,
    }
    return render(request, "archives/pair.html", context, status=422 if form.errors else 200)


def _shown(archive: Archive, labels: Any) -> dict[str, Any]:
    return {
        "archive": archive,
        "document": DocumentType(archive.document_type).label,
        "group": labels[archive.agency_id, archive.occupation].label,
    }


def _document(document: PersonDocument, number: str) -> dict[str, Any]:
    if document.mistaken:
        state = "登记有误"
    elif document.ended_on:
        state = f"{document.ended_on} 停用"
    else:
        state = "主证件" if document.primary else "在用"
    label = DocumentType(document.document_type).label
    return {"document": document, "label": label, "number": number, "state": state}


def _act(request: Any, row: PersonPair, action: str, form: MergeForm) -> HttpResponse:
    given: dict[str, Any] = {"pair": row, "revision": revision_of(request), "actor": request.actor}
    reason = request.POST.get("reason", "")
    try:
        if action == "propose":
            propose_merge(**given, **form.cleaned_data)
        elif action == "merge":
            confirm_merge(**given)
        elif action in _WITH_REASON:
            _WITH_REASON[action](**given, reason=reason)
        else:
            raise Refused("没有这样的操作，请用页面上的按钮办理。", code="unknown")
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, DONE[action])
    return redirect("pair", row.pk)
