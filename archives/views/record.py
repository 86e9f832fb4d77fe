"""The page of one record: fill in, submit, pass on, return, confirm."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agencies.models import Role
from archives.content import IDENTITY, Draft, draft_of, flat, posted_record, read_posted
from archives.lifecycle import may_fill
from archives.models import RecordPart
from archives.schema.forms import RecordForm
from archives.schema.occupations import Occupation
from archives.selectors import next_to_review, part_or_404
from archives.services.conflicts import differences, settle
from archives.services.giving_up import give_up_correction
from archives.services.people import NotReadable
from archives.services.records import (
    occupation_for,
    pass_on,
    save_draft,
    seal,
    send_back,
    start_correction,
    submit,
)
from archives.views.record_page import notes_of, record_context, revision_of
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform.web.access import access

READERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)
OFFICE_READS = "信用工作机构可以查看，不能代单位办理。请由责任单位的人员办理。"
DONE = {
    "submit": "已提交，等待经办人办理。",
    "submit_for_review": "已提交审核。",
    "pass_on": "已转审核。",
    "return_to_filler": "已退回填报员。",
    "return": "已退回经办人。",
    "seal": "已审核确认，将自动报送。",
    "correct": "可以更正了。现行版本继续有效，直到更正内容经审核确认。",
    "give_up": "已放弃更正，现行版本照旧有效。",
}


@access(*READERS)
@require_http_methods(["GET", "POST"])
def record(request: Any, part_id: UUID) -> HttpResponse:
    """Show a record (journalled) or do what its buttons say."""
    actor = request.actor
    part = part_or_404(actor, part_id)
    if request.method == "POST":
        return _act(request, part)
    occupation = occupation_for(part)
    form = _form(part, occupation) if may_fill(part, actor) else None
    return render(request, "archives/record.html", record_context(request, part, occupation, form=form))


@access(Role.FILLER, Role.CLERK)
@require_POST
def record_validate(request: Any, part_id: UUID) -> HttpResponse:
    """Judge one field of the form as it stands, for the message below it; nothing is saved."""
    part = part_or_404(request.actor, part_id)
    occupation = occupation_for(part)
    form = _form(part, occupation, posted=request.POST)
    name = request.GET.get("field", "")
    if name not in form.fields:
        return HttpResponse(status=404)
    form.is_valid()
    return render(request, "ds/field_msg.html", {"field": form[name], "live": True})


def _form(
    part: RecordPart, occupation: type[Occupation], posted: Any = None, stage: Any = "draft"
) -> RecordForm:
    draft = draft_of(part, occupation)
    initial = draft.raw()
    return RecordForm(
        posted,
        occupation=occupation,
        year=part.year,
        stage=stage,
        initial=initial,
        today=timezone.localdate(),
        readonly=IDENTITY,
    )


def _act(request: Any, part: RecordPart) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    action = request.POST.get("action", "save")
    revision = revision_of(request)
    if actor.kind == "office":  # who reads a row and may not change it cannot even lock it
        messages.error(request, OFFICE_READS)
        return redirect("record", part.id)
    try:
        if action in ("save", "submit", "submit_for_review"):
            return _save(request, part, revision, then_submit=action != "save")
        if action == "pass_on":
            pass_on(part=part, revision=revision, actor=actor, today=today)
        elif action in ("return", "return_to_filler"):
            reason, notes = request.POST.get("reason", ""), notes_of(request)
            send_back(part=part, reason=reason, notes=notes, revision=revision, actor=actor)
        elif action in ("correct", "give_up"):
            _correct(request, part, revision, begin=action == "correct")
        elif action == "seal":
            seal(part=part, revision=revision, actor=actor, today=today)
        else:
            messages.error(request, "没有这样的操作，请用页面上的按钮办理。")
            return redirect("record", part.id)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except NotReadable as wrong:
        return _show_problems(request, part, wrong)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("record", part.id)
    else:
        if actor.role == Role.REVIEWER:
            return _go_on(request, part, DONE[action])
        messages.success(request, DONE[action])
    return redirect("record", part.id)


def _correct(request: Any, part: RecordPart, revision: int | None, *, begin: bool) -> None:
    """Begin a correction, or give it up."""
    if begin:
        reason = request.POST.get("reason", "")
        start_correction(part=part, reason=reason, revision=revision, actor=request.actor)
    else:
        give_up_correction(part=part, revision=revision, actor=request.actor)


def _go_on(request: Any, part: RecordPart, done: str) -> HttpResponse:
    """Lead a reviewer to the next record that waits, or to the empty queue."""
    messages.success(request, f"{part.name} {part.year} 年度：{done}")
    following = next_to_review(request.actor, part)
    return redirect("record", following) if following else redirect("review")


def _save(request: Any, part: RecordPart, revision: int, *, then_submit: bool) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    occupation = occupation_for(part)
    if not may_fill(part, actor):
        messages.info(request, f"这份记录现在是“{part.get_status_display()}”，没有再次提交，也不能修改。")
        return redirect("record", part.id)
    posted = posted_record(occupation, part.year, request.POST)
    settled, open_names = _settled(request, posted, draft_of(part, occupation))
    if open_names:
        return _show_conflict(request, part, occupation, posted, open_names=open_names)
    try:
        saved = save_draft(part=part, posted=settled, revision=revision, actor=actor, today=today)
    except Stale:
        return _show_conflict(request, part, occupation, posted)
    bound = request.POST if settled == posted else None
    if then_submit:
        try:
            submit(part=saved.part, revision=None, actor=actor, today=today)
        except NotReadable:
            messages.warning(request, "内容已保存为草稿，还不能提交：请更正下面列出的各处。")
            return _show_saved(request, saved.part, occupation, bound, stage="submit")
        messages.success(request, DONE["submit" if actor.kind == "employer" else "submit_for_review"])
        return redirect("record", part.id)
    if any(problem.severity == "error" for problem in saved.problems):
        messages.warning(request, "已保存草稿。标红的几处还不能识别，提交前请更正。")
        return _show_saved(request, saved.part, occupation, bound)
    messages.success(request, "已保存草稿。")
    return redirect("record", part.id)


def _show_saved(
    request: Any, part: RecordPart, occupation: type[Occupation], posted: Any, stage: Any = "draft"
) -> HttpResponse:
    """Show what was saved with its problems: as it was posted, or as it stands when a conflict was settled."""
    form = _form(part, occupation, posted=posted or flat(draft_of(part, occupation).raw()), stage=stage)
    form.is_valid()
    context = record_context(request, part, occupation, form=form)
    return render(request, "archives/record.html", context, status=422)


def _settled(request: Any, posted: dict[str, Any], theirs: Draft) -> tuple[dict[str, Any], list[str]]:
    """Return the posted content with the other side's values where they were chosen, and the names of the fields that
    were in conflict and have no choice yet."""
    asked = [name for name in request.POST.getlist("conflict") if f"pick-{name}" not in request.POST]
    known = {name for values in posted.values() for name in values}
    taken = {name for name in known if request.POST.get(f"pick-{name}") == "theirs"}
    return (settle(posted, theirs, taken) if taken else posted), [name for name in asked if name in known]


def _show_conflict(
    request: Any,
    part: RecordPart,
    occupation: type[Occupation],
    posted: Any,
    open_names: Collection[str] = (),
) -> HttpResponse:
    """Somebody saved meanwhile: show both sides value by value, overwrite nothing; the next save is deliberate."""
    fresh = part_or_404(request.actor, part.id)
    theirs = draft_of(fresh, occupation)
    mine, _ = read_posted(occupation, posted, theirs, year=part.year, today=timezone.localdate())
    conflict = {
        "who": fresh.saved_by,
        "when": timezone.localtime(fresh.saved_at).strftime("%Y-%m-%d %H:%M"),
        "differences": differences(
            occupation, mine, theirs, base=request.POST.get("base", ""), year=part.year
        ),
        "open": len(open_names),
        "picked": {name: request.POST.get(f"pick-{name}", "") for name in flat(mine.record)},
    }
    form = _form(fresh, occupation, posted=request.POST)
    form.is_valid()
    context = record_context(request, fresh, occupation, form=form, conflict=conflict)
    return render(request, "archives/record.html", context, status=409)


def _show_problems(request: Any, part: RecordPart, wrong: NotReadable) -> HttpResponse:
    messages.error(request, "还不能办理：记录中有需要更正的地方，请退回填报人更正。")
    occupation = occupation_for(part)
    problems = [("", "", problem.message) for problem in wrong.problems]
    context = record_context(request, part, occupation, form=None, problems=problems)
    return render(request, "archives/record.html", context, status=422)
