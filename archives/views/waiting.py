"""待核身份: the facts of a unit whose document has no number, and what becomes of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from archives.models import WaitingFact
from archives.protection import reveal_fact
from archives.schema.kinds import kinds
from archives.services.people import NotReadable
from archives.services.waiting import attach_waiting, drop_waiting
from archives.states import WaitingStatus
from archives.views.items_page import item_rows
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page


class NumberForm(forms.Form):
    """The number that was found in the evidence."""

    number = forms.CharField(
        label="证明材料上的证件号码",
        max_length=60,
        widget=forms.TextInput(attrs={"class": "num", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "请照证明材料填写证件号码。",
            "max_length": "证件号码过长，请核对。",
            "null_characters_not_allowed": "证件号码含有不应出现的字符，请核对。",
        },
    )


@access(Role.FILLER, Role.CLERK)
@require_GET
def waiting_list(request: Any) -> HttpResponse:
    """List what waits, the latest first; the look is journalled."""
    actor = request.actor
    rows = WaitingFact.objects.visible_to(actor).filter(status=WaitingStatus.WAITING)
    page = keyset_page(request, rows, order="saved_at", descending=True)
    if page.rows:
        data = {"ids": [str(row.pk) for row in page.rows]}
        label = f"待核身份信息（{len(page.rows)} 条）"
        journal.look("waiting.listed", actor=actor, subject_label=label, data=data)
    shown = [
        {"row": row, "label": kinds.get(row.kind).label, "url": reverse("waiting", args=[row.pk])}
        for row in page.rows
    ]
    return render(request, "archives/waiting_list.html", {"rows": shown, "pager": page})


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def waiting(request: Any, waiting_id: UUID) -> HttpResponse:
    """Show one and settle it: with the number from the evidence, or by giving it up."""
    actor = request.actor
    found = get_object_or_404(WaitingFact.objects.visible_to(actor), id=waiting_id)
    form = NumberForm(request.POST if request.POST.get("action") == "attach" else None)
    if request.method == "POST":
        answer = _act(request, found, form)
        if answer is not None:
            return answer
    journal.look("waiting.read", actor=actor, subject=found)
    kind = kinds.get(found.kind)
    values = kind.load(reveal_fact(kind.section, found.values)) if found.values else {}
    context = {
        "waiting": found,
        "title": f"{found.name} · {kind.label}" if found.name else kind.label,
        "rows": item_rows(kind, found.year, None, values, found.basis),
        "form": form,
        "open": found.status == WaitingStatus.WAITING,
    }
    return render(request, "archives/waiting.html", context, status=422 if form.errors else 200)


def _act(request: Any, found: WaitingFact, form: NumberForm) -> HttpResponse | None:
    """Do what the button says; None where the page has to be shown again."""
    try:
        if request.POST.get("action") == "drop":
            drop_waiting(waiting=found, reason=request.POST.get("reason", ""), actor=request.actor)
            messages.success(request, "已作废。")
            return redirect("waiting-list")
        if request.POST.get("action") != "attach":
            messages.error(request, "没有这样的操作，请用页面上的按钮办理。")
            return redirect("waiting", found.pk)
        if not form.is_valid():
            return None
        number, today = form.cleaned_data["number"], timezone.localdate()
        item = attach_waiting(waiting=found, number=number, actor=request.actor, today=today)
    except AlreadyDone as done:
        messages.info(request, str(done))
        return redirect("waiting-list")
    except NotReadable as wrong:
        for problem in wrong.problems:
            form.add_error("number", problem.message)
        return None
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("waiting", found.pk)
    messages.success(request, "身份已核对，条目已记入本人档案，存为草稿。请上传证明材料后提交。")
    return redirect("item", item.pk)
