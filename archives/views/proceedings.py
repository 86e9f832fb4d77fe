"""Pages of a determination's procedure: begin it, take its steps, read and print its letters (AY-N1 to AY-N3)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agencies.models import Role
from archives.models import Proceeding
from archives.printing.letters import letter_context, letter_pdf, letters_of, name_of
from archives.proceeding_forms import FORMS, StepForm
from archives.selectors import part_or_404, prefetch_proceedings, proceeding_or_404
from archives.services import proceedings
from archives.services.people import NotReadable
from archives.services.records import occupation_for
from archives.views.panels.proceeding import WORKERS, proceeding_panel
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access

DONE = {
    "renew": "告知书已按现在的草稿重新制作，请重新打印。",
    "notify": "已登记告知。期限届满或本人陈述申辩后，再登记陈述申辩。",
    "hear": "已登记陈述申辩，等待审核人决定。",
    "uphold": "已决定认定。请打印认定决定书，送达本人后登记。",
    "drop": "已决定不予认定，草稿已改回“守信”。请打印不予认定通知书送达本人。",
    "serve": "已登记送达，审核人可以审核确认。",
    "withdraw": "已撤回认定程序。草稿没有改动。",
    "revoke": "已撤销认定决定。草稿没有改动。",
}


@access(Role.CLERK)
@require_POST
def record_proceeding(request: Any, part_id: UUID) -> HttpResponse:
    """Begin the procedure of what the draft says about a person."""
    part = part_or_404(request.actor, part_id)
    try:
        proceedings.open_proceeding(part=part, actor=request.actor, today=timezone.localdate())
    except AlreadyDone as done:
        messages.info(request, str(done))
    except NotReadable as wrong:
        messages.error(request, "还不能启动认定程序：" + "".join(one.message for one in wrong.problems))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已启动认定程序。请打印告知书，送达本人后登记。")
    return _back(part.id)


@access(*WORKERS)
@require_http_methods(["GET", "POST"])
def proceeding(request: Any, proceeding_id: UUID) -> HttpResponse:
    """Show one procedure (journalled), or take a step; what was typed comes back when it is refused."""
    found = proceeding_or_404(request.actor, proceeding_id)
    if request.method == "POST":
        return _act(request, found)
    return _page(request, found)


def _act(request: Any, found: Proceeding) -> HttpResponse:
    name, today = request.POST.get("action", ""), timezone.localdate()
    kind = FORMS.get(name)
    if kind is None and name != "renew":
        messages.error(request, "没有这样的操作，请用页面上的按钮办理。")
        return _back(found.part_id)
    form = (kind or StepForm)(request.POST, today=today)
    if form.is_valid():
        try:
            _take(name, found, form.cleaned_data, revision_of(request), request.actor, today)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return _back(found.part_id)
        except NotReadable as wrong:
            form.add_error(None, [problem.message for problem in wrong.problems])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, DONE[name])
            return _back(found.part_id)
    return _page(request, proceeding_or_404(request.actor, found.pk), form=form, step=name)


def _take(
    name: str, found: Proceeding, values: dict[str, Any], revision: int, actor: Actor, today: dt.date
) -> None:
    common: dict[str, Any] = {"proceeding": found, "revision": revision, "actor": actor}
    match name:
        case "renew":
            proceedings.renew_notice(proceeding=found, actor=actor, today=today)
        case "notify":
            proceedings.notify(on=values["on"], how=values["how"], today=today, **common)
        case "hear":
            proceedings.hear(text=values["text"], on=values["on"], today=today, **common)
        case "uphold":
            proceedings.uphold(review=values["review"], today=today, **common)
        case "drop":
            proceedings.drop(reason=values["review"], **common)
        case "serve":
            proceedings.serve(on=values["on"], how=values["how"], today=today, **common)
        case "withdraw":
            proceedings.withdraw(reason=values["reason"], **common)
        case "revoke":
            proceedings.revoke(reason=values["reason"], **common)


def _page(request: Any, found: Proceeding, *, form: StepForm | None = None, step: str = "") -> HttpResponse:
    journal.look("proceeding.read", actor=request.actor, subject=found)
    part = found.part
    prefetch_proceedings(part, request.actor)
    occupation = occupation_for(part)
    context = {
        "panel": proceeding_panel(request, part, occupation, found, form, step),
        "form": form,
        "part": part,
        "occupation_label": occupation.label,
        "record_url": reverse("record", args=[part.pk]),
    }
    return render(request, "archives/proceeding.html", context, status=422 if form is not None else 200)


@access(*WORKERS)
@require_GET
def letter(request: Any, proceeding_id: UUID, code: str) -> HttpResponse:
    """Show a letter as it will be printed (journalled)."""
    found, context = _letter(request, proceeding_id, code)
    context |= {
        "name": name_of(context["letter"]),
        "record_url": reverse("record", args=[found.part_id]),
        "pdf_url": reverse("letter-pdf", args=[found.pk, code]),
    }
    return render(request, "archives/letter.html", context)


@access(*WORKERS)
@require_GET
def letter_as_pdf(request: Any, proceeding_id: UUID, code: str) -> HttpResponse:
    """Hand out a letter as a PDF (journalled). The name of the file says nothing about the person."""
    _, context = _letter(request, proceeding_id, code)
    answer = HttpResponse(letter_pdf(context), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{code}.pdf"'
    return answer


def _letter(request: Any, proceeding_id: UUID, code: str) -> tuple[Proceeding, dict[str, Any]]:
    found = proceeding_or_404(request.actor, proceeding_id)
    if code not in letters_of(found):
        raise Http404
    journal.look("letter.read", actor=request.actor, subject=found, data={"letter": code})
    return found, letter_context(found, code, occupation=occupation_for(found.part))


def _back(part_id: UUID) -> HttpResponse:
    return redirect(f"{reverse('record', args=[part_id])}#proceeding")
