"""What the page of a record shows, gathered for its template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Role
from archives.content import IDENTITY, Draft, draft_of, flat
from archives.lifecycle import PART
from archives.models import RecordPart, Version
from archives.schema.fields import Determination, Field
from archives.schema.forms import RecordForm
from archives.schema.occupations import Occupation
from archives.schema.sections import COLUMNS
from archives.schema.standing import ADVERSE_FIELDS, is_adverse
from archives.selectors import (
    award_lines,
    filing_number,
    neighbours,
    prefetch_proceedings,
    previous_year,
    stamps_of,
)
from archives.services.conflicts import marks_of
from archives.services.versions import version_content
from archives.states import Delivery, Status
from archives.views.panels import panels_of
from archives.views.panels.items import adding_url, year_items
from audit import journal
from audit.models import Event
from credit_platform.actors import Actor

STORY = {
    "record.opened": ("建立年度记录", ""),
    "record.saved": ("保存草稿", ""),
    "record.submitted": ("提交，待经办", ""),
    "record.submitted_for_review": ("提交审核", ""),
    "record.passed_on": ("转审核", ""),
    "record.returned": ("退回", "bad"),
    "record.sealed": ("审核确认", "good"),
    "record.correction_started": ("开始更正", ""),
    "evidence.attached": ("上传证明材料", ""),
    "evidence.removed": ("移除证明材料", ""),
    "record.accepted": ("平台已接收", "good"),
    "record.rejected": ("平台退回", "bad"),
}
RETURNS = ("return", "return_to_filler")
"""Actions that take remarks on single cells along."""

PROCEEDING_STORY = {
    "proceeding.opened": ("启动认定程序", ""),
    "proceeding.renewed": ("重新制作告知书", ""),
    "proceeding.notified": ("事前告知", ""),
    "proceeding.heard": ("登记陈述申辩", ""),
    "proceeding.upheld": ("决定认定", ""),
    "proceeding.dropped": ("不予认定", ""),
    "proceeding.served": ("送达认定决定书", ""),
    "proceeding.withdrawn": ("撤回认定程序", ""),
    "proceeding.revoked": ("撤销认定决定", ""),
    "proceeding.sealed": ("认定经审核确认", "good"),
}
STORY |= PROCEEDING_STORY
_ADVERSE = (Determination.WARNING, Determination.SERIOUS)
_DETAILS = (
    ((), ("ground",)),
    (_ADVERSE, ("behaviour",)),
    (_ADVERSE, ("acted_on", "basis_document_no")),
    (_ADVERSE, ("issued_by", "basis_document_date")),
    ((Determination.SERIOUS,), ("listing", "listing_no")),
)
"""Rows within the cell of the determination, with the outcomes they are for (none: all)."""
_STEPS = ("草稿", "待审核", "已确认", "已报送")
_STORY_LENGTH = 20
_STORY_EVENTS = 200


def record_context(
    request: HttpRequest,
    part: RecordPart,
    occupation: type[Occupation],
    *,
    form: RecordForm | None,
    conflict: dict[str, Any] | None = None,
    problems: list[tuple[str, str, str]] | None = None,
) -> dict[str, Any]:
    """Return the context of `archives/record.html`; with a form the record can be written, else it is read.

    Showing a record is a look, whatever led to it, and is journalled here.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    journal.look("record.read", actor=actor, subject=part)
    prefetch_proceedings(part, actor)
    draft = draft_of(part, occupation)
    values = _values(part, occupation, actor, draft)
    last = previous_year(actor, part)
    last_values = version_values(last, last.current_version, occupation) if last else {}
    corrects = bool(part.current_version) and part.status != Status.SEALED and actor.kind != "office"
    before_values = version_values(part, part.current_version, occupation) if corrects else last_values
    actions = _actions(part, actor, form)
    returns = next((one["name"] for one in actions if one["name"] in RETURNS), "")
    before, after = neighbours(actor, part)
    if form is not None:
        _prepare(form, reverse("record-validate", args=[part.id]))
    return {
        "record": {
            "person_name": part.name,
            "year": part.year,
            "backfilled": part.backfilled,
            "occupation_label": occupation.label,
            "status": shown_status(part, actor),
            "delivery_status": part.delivery,
            "filed_no": filing_number(part),
        },
        "form": form,
        "rows": with_awards(
            record_rows(occupation, part.year, form, values, before_values, _notes(part)), request, part
        ),
        "changed_against": f"第 {part.current_version} 版" if corrects else "上年",
        "remarks_form": f"form-{returns}" if returns else "",
        "panels": panels_of(request, part, occupation),
        "editable": form is not None,
        "revision": part.revision,
        "base": marks_of(draft, occupation) if form else "",
        "autosave_url": reverse("record-autosave", args=[part.id]) if form and conflict is None else "",
        "actions": actions,
        "problems": problems or _problems(form),
        "warnings": [p.message for found in form.warnings.values() for p in found] if form else [],
        "return_reason": part.return_reason if part.status == Status.RETURNED else "",
        "return_notes": _note_list(part, occupation, form),
        "conflict": conflict,
        "statement": statement_of(part.name, values),
        "statements": _statements(part.name, values) if form else [],
        "steps": _steps(part, shown_status(part, actor)),
        "progress": progress_of(occupation, draft, part.year) if form else None,
        "previous_year": _kv(occupation, part.year, last_values, values) if last else None,
        "previous_year_url": reverse("record", args=[last.id]) if last else "",
        "reuse_url": reverse("record-reuse", args=[part.id]) if last and form else "",
        "transfer_url": reverse("record-transfer", args=[part.id]) if actor.role == Role.CLERK else "",
        "left_on": part.record.archive.left_on,
        "history": _history(part, actor),
        "versions": version_links(part, actor),
        "print_url": reverse("record-print", args=[part.id]) if actor.kind != "office" else "",
        "versions_url": reverse("record-versions", args=[part.id]) if part.current_version else "",
        "prev_url": reverse("record", args=[before]) if before else "",
        "next_url": reverse("record", args=[after]) if after else "",
        "saved_text": f"已保存 {timezone.localtime(part.saved_at):%H:%M}" if form and not conflict else "",
        "filled_by": part.saved_by,
        "filled_on": timezone.localtime(part.saved_at),
        "list_url": reverse("archive-list"),
        "list_label": "信用档案",
    }


def _values(part: RecordPart, occupation: type[Occupation], actor: Actor, draft: Draft) -> dict[str, Any]:
    """Flat values to show: the draft for those who work on it, the sealed version for the office."""
    if actor.kind == "office":
        return version_values(part, part.current_version, occupation)
    return flat(draft.record)


def version_values(part: RecordPart, number: int, occupation: type[Occupation]) -> dict[str, Any]:
    """Return the flat values of one sealed version."""
    version = Version.objects.select_related("part").get(part=part, number=number)
    return flat(occupation.load(version_content(version, occupation)))


def _prepare(form: RecordForm, url: str) -> None:
    for name, field in form.fields.items():
        if not field.disabled and not isinstance(field.record_field, Determination):  # type: ignore[attr-defined]
            field.widget.attrs.update(
                {
                    "hx-post": f"{url}?field={name}",
                    "hx-trigger": "change",
                    "hx-target": f"#msg-{name}",
                    "hx-swap": "outerHTML",
                    "hx-sync": "this:replace",
                }
            )


def record_rows(
    occupation: type[Occupation],
    year: int,
    form: RecordForm | None,
    values: dict[str, Any],
    last: dict[str, Any],
    notes: Mapping[str, str] | None = None,
) -> list[list[dict[str, Any]]]:
    """Return the rows of the paper form; cells that differ from `last` are marked, those with a remark carry it."""
    known = occupation.fields()
    return [
        [
            _cell(occupation, known[name], span, form, values, last, notes or {})
            for name, span in row
            if known[name].applies_in(year)
        ]
        for row in occupation.layout()
    ]


def with_awards(
    rows: list[list[dict[str, Any]]],
    request: HttpRequest,
    part: RecordPart,
    *,
    as_of: dt.datetime | None = None,
) -> list[list[dict[str, Any]]]:
    """Return the rows with 奖惩情况 told from the year's items; the present page shows the unit its drafts as well, and
    where to add.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    drafts = as_of is None and actor.kind != "office"
    for cell in (cell for row in rows for cell in row if cell["kind"] == "readonly_items"):
        lines = award_lines(part, items=year_items(request, part), as_of=as_of, drafts=drafts)
        cell["text"] = "\n".join(lines)
        cell["add_url"] = adding_url(part, actor) if as_of is None else ""
    return rows


def _notes(part: RecordPart) -> dict[str, str]:
    return dict(part.return_notes) if part.status == Status.RETURNED else {}


def _note_list(
    part: RecordPart, occupation: type[Occupation], form: RecordForm | None
) -> list[tuple[str, str, str]]:
    """Return (anchor, label, remark) for the list above the form."""
    known = occupation.fields()
    return [
        (form[name].id_for_label if form and name in form.fields else "", known[name].label, text)
        for name, text in _notes(part).items()
        if name in known
    ]


def notes_of(request: HttpRequest) -> dict[str, str]:
    """Return the posted remarks on single cells, by field name."""
    return {
        name.removeprefix("note-"): str(text)
        for name, text in request.POST.items()
        if name.startswith("note-")
    }


def _cell(
    occupation: type[Occupation],
    field: Field[Any],
    span: int,
    form: RecordForm | None,
    values: dict[str, Any],
    last: dict[str, Any],
    notes: Mapping[str, str],
) -> dict[str, Any]:
    value = values.get(field.name)
    text = field.masked(value) if value is not None else ""
    differs = bool(last) and last.get(field.name) != value and not field.computed
    changed = form is None and differs
    cell = {"kind": "static", "span": span, "label": field.label, "text": text, "changed": changed}
    cell |= {"name": field.name, "note": notes.get(field.name, "")}
    if differs:
        cell["previous"] = field.masked(last.get(field.name)) if last.get(field.name) is not None else "空"
    bound = form[field.name] if form is not None and field.name in form.fields else None
    if field.computed:
        cell["kind"] = "readonly_items"
    elif isinstance(field, Determination):
        cell |= {
            "kind": "determination",
            "bound": bound,
            "details": _details(occupation, form, values, last, notes),
        }
    elif bound is not None and not bound.field.disabled:
        cell |= {"kind": "field", "bound": bound}
    return cell


def _actions(part: RecordPart, actor: Actor, form: RecordForm | None) -> list[dict[str, Any]]:
    actions = [
        {
            "name": t.name,
            "label": t.label,
            "style": "pri" if t.primary else "",
            "icon": t.icon,
            "needs_reason": t.needs_reason,
            "confirm": t.confirm,
        }
        for t in PART.available(part, actor)
    ]
    if form is not None:
        actions.append({"name": "save", "label": "保存草稿", "style": "", "icon": "save"})
    return actions


def _problems(form: RecordForm | None) -> list[tuple[str, str, str]]:
    if form is None or not form.is_bound:
        return []
    return [
        (
            form[name].id_for_label if name in form.fields else "",
            str(form[name].label) if name in form.fields else "",
            str(error),
        )
        for name, errors in form.errors.items()
        for error in errors
    ]


def _details(
    occupation: type[Occupation],
    form: RecordForm | None,
    values: dict[str, Any],
    last: dict[str, Any],
    notes: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Rows of what a determination rests on, each with the outcomes it is for; read, only those that are filled."""
    known, adverse = occupation.fields(), is_adverse(values.get("determination"))
    rows = []
    for outcomes, names in _DETAILS:
        shown = names if form is not None else [n for n in names if adverse and values.get(n) is not None]
        span = COLUMNS // max(len(shown), 1)
        cells = [_cell(occupation, known[name], span, form, values, last, notes) for name in shown]
        if cells:
            rows.append({"outcomes": " ".join(outcomes), "cells": cells})
    return rows


def statement_of(name: str, values: Mapping[str, Any], outcome: str | None = None) -> str:
    """Return the sentence of the determination with behaviour and ground (AY-N1), of `outcome` where it is given;
    nothing for a part that has none (GZ-A02)."""
    if "determination" not in values:
        return ""
    chosen = outcome or values["determination"]
    behaviour, ground = values.get("behaviour"), values.get("ground")
    return f"{Determination.statement(chosen, name=name, behaviour=behaviour, ground=ground)}。"


def shown_status(part: RecordPart, actor: Actor) -> str:
    """Return the status as this reader may know it: for the office a record under correction is what was sealed."""
    return Status.SEALED if actor.kind == "office" else part.status


def _statements(name: str, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """One sentence for each outcome, and its template, so that it follows what is typed without a request."""
    if "determination" not in values:
        return []
    return [
        {
            "value": code,
            "text": statement_of(name, values, code),
            "template": f"{template.replace('{name}', name)}。",
        }
        for code, template in Determination.STATEMENTS.items()
    ]


def _steps(part: RecordPart, status: str) -> list[dict[str, str]]:
    reached = {
        Status.DRAFT: 0,
        Status.RETURNED: 0,
        Status.SUBMITTED: 0,
        Status.IN_REVIEW: 1,
        Status.SEALED: 2,
    }
    current = reached[Status(status)]
    sealed = status == Status.SEALED
    if sealed and part.delivery in (Delivery.SENT, Delivery.ACCEPTED, Delivery.REJECTED):
        current = 3
    done = sealed and part.delivery == Delivery.ACCEPTED
    details = [
        "" if current else Status(status).label,
        "",
        f"现行第 {part.current_version} 版" if part.current_version else "",
        part.get_delivery_display() if part.delivery else "",
    ]
    states = ["done" if i < current or done else "current" if i == current else "todo" for i in range(4)]
    return [
        {"label": label, "detail": detail, "state": state}
        for label, detail, state in zip(_STEPS, details, states, strict=True)
    ]


def progress_of(occupation: type[Occupation], draft: Draft, year: int) -> dict[str, int]:
    """Return how many boxes of the form are filled in and readable, of how many."""
    values = flat(draft.record)
    adverse = is_adverse(values.get("determination"))
    boxes = [
        field
        for field in occupation.fields().values()
        if not field.computed and field.applies_in(year) and (adverse or field.name not in ADVERSE_FIELDS)
    ]
    done = [
        field
        for field in boxes
        if field.name not in draft.typed and (values.get(field.name) or field.default) is not None
    ]
    return {"done": len(done), "total": len(boxes)}


def _kv(
    occupation: type[Occupation], year: int, last: dict[str, Any], now: dict[str, Any]
) -> list[dict[str, Any]]:
    """Last year's values of every box but the settled ones, in form order, with what has changed since."""
    known = occupation.fields()
    names = [name for row in occupation.layout() for name, _ in row]
    return [
        {
            "label": known[n].label,
            "text": known[n].masked(last.get(n)),
            "changed": last.get(n) != now.get(n),
        }
        for n in names
        if n not in IDENTITY and not known[n].computed and known[n].applies_in(year)
    ]


def _history(part: RecordPart, actor: Actor) -> list[dict[str, Any]]:
    subjects = [str(part.id), *(str(proceeding.pk) for proceeding in part.proceedings.all())]
    events = (
        Event.objects.visible_to(actor).filter(subject_id__in=subjects, verb__in=STORY).order_by("-at", "-id")
    )
    story: list[dict[str, Any]] = []
    for event in events[:_STORY_EVENTS]:
        by = " ".join(filter(None, (event.actor_unit, event.actor_name)))
        title = STORY[event.verb][0]
        if story and event.verb == "record.saved" and (story[-1]["title"], story[-1]["by"]) == (title, by):
            continue  # saved every few seconds by itself: the last of them is told
        at = timezone.localtime(event.at)
        story.append({"at": at, "title": title, "by": by, "text": event.reason, "tone": STORY[event.verb][1]})
    return story[:_STORY_LENGTH]


def version_links(part: RecordPart, actor: Actor) -> list[dict[str, Any]]:
    """Return the sealed versions, newest first, with the address of each."""
    if not part.current_version:
        return []
    versions = stamps_of(Version.objects.visible_to(actor).filter(part=part)).order_by("-number")
    return [
        {
            "number": version.number,
            "sealed_at": timezone.localtime(version.sealed_at),
            "author": version.author_name,
            "approver": version.approver_name,
            "url": reverse("record-version", args=[part.id, version.number]),
            "current": version.number == part.current_version,
            "stamp": version.stamp,  # type: ignore[attr-defined]  # annotated
        }
        for version in versions
    ]


def revision_of(request: HttpRequest) -> int:
    """Return the revision that the posting page showed, 0 for anything that is none."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
