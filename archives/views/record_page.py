"""What the page of a record shows, gathered for its template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.context import menu_label
from agencies.models import Role
from agencies.requests import ActingRequest
from archives.awards import award_lines
from archives.content import Draft, draft_of, flat, sentence_of
from archives.lifecycle import PART
from archives.models import RecordPart, VersionBody
from archives.rejections import Rejection, mark_rejected, rejection_of
from archives.schema.determination import Determination
from archives.schema.fields import Field
from archives.schema.forms import RecordForm
from archives.schema.occupations import Occupation
from archives.schema.sections import COLUMNS
from archives.schema.standing import is_adverse
from archives.selectors import (
    filing_number,
    neighbours,
    prefetch_proceedings,
    previous_year,
)
from archives.services.changes import doubts_of
from archives.services.conflicts import marks_of
from archives.services.versions import sealed_record
from archives.states import Status
from archives.views.actions import actions_of
from archives.views.panels import panels_of
from archives.views.panels.items import adding_url, year_items
from archives.views.record_rail import rail_of, shown_status
from audit import journal
from credit_platform.actors import Actor

RETURNS = ("return", "return_to_filler")
"""Actions that take remarks on single cells along."""

_ADVERSE = (Determination.WARNING, Determination.SERIOUS)
_DETAILS = (
    ((), ("ground",)),
    (_ADVERSE, ("behaviour",)),
    (_ADVERSE, ("acted_on", "basis_document_no")),
    (_ADVERSE, ("issued_by", "basis_document_date")),
    ((Determination.SERIOUS,), ("listing", "listing_no")),
)
"""Rows within the cell of the determination, with the outcomes they are for (none: all)."""


def record_context(
    request: ActingRequest,
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
    actor = request.actor
    office = actor.kind == "office"
    # Who is at work on a correction is the unit's affair.
    named = not office or part.status == Status.SEALED
    journal.look("record.read", actor=actor, subject=part)
    prefetch_proceedings(part, actor)
    draft = draft_of(part, occupation)
    shown, values = _shown(part, occupation, actor, draft)
    last = previous_year(actor, part)
    last_values = version_values(last, last.current_version, occupation) if last else {}
    corrects = bool(part.current_version) and part.status != Status.SEALED and not office
    before_values = version_values(part, part.current_version, occupation) if corrects else last_values
    actions = actions_of(PART, part, actor, fills=form is not None)
    returns = next((one["name"] for one in actions if one["name"] in RETURNS), "")
    before, after = neighbours(actor, part)
    waits = actor.role == Role.REVIEWER and part.status == Status.IN_REVIEW
    came_from = "review" if waits else "archive-list"
    if form is not None:
        _prepare(form, reverse("record-validate", args=[part.id]))
    return {
        "record": _heading(part, occupation, actor),
        "form": form,
        "changed_against": f"第 {part.current_version} 版" if corrects else "上年",
        "remarks_form": f"form-{returns}" if returns else "",
        "panels": panels_of(request, part, occupation),
        "editable": form is not None,
        "revision": part.revision,
        "base": marks_of(draft, occupation) if form else "",
        "autosave_url": reverse("record-autosave", args=[part.id]) if form and conflict is None else "",
        "actions": actions,
        "problems": problems or (form.summary() if form else []),
        "warnings": _warnings(part, occupation, form, draft, waits),
        "return_reason": part.return_reason if part.status == Status.RETURNED and not office else "",
        "return_notes": [] if office else _note_list(part, occupation, form),
        "conflict": conflict,
        "statement": sentence_of(part.name, values),
        "statements": _statements(part.name, values) if form else [],
        "prev_url": reverse("record", args=[before]) if before else "",
        "next_url": reverse("record", args=[after]) if after else "",
        "saved_text": f"已保存 {timezone.localtime(part.saved_at):%H:%M}" if form and not conflict else "",
        "filled_by": part.saved_by if named else "",
        "filled_on": timezone.localtime(part.saved_at) if named else None,
        "list_url": reverse(came_from),
        "list_label": menu_label(actor.role, came_from),
        **_rows(request, part, shown, form, values, before_values),
        **rail_of(part, occupation, draft, values, last, last_values, actor=actor, editable=form is not None),
    }


def _warnings(
    part: RecordPart, occupation: type[Occupation], form: RecordForm | None, draft: Draft, waits: bool
) -> Sequence[str]:
    """What is unusual: for who fills the record in, and for who is to confirm it."""
    if form is not None:
        return [problem.message for found in form.warnings.values() for problem in found]
    return doubts_of(draft, occupation, part.year, timezone.localdate()) if waits else ()


def _rows(
    request: ActingRequest,
    part: RecordPart,
    occupation: type[Occupation],
    form: RecordForm | None,
    values: dict[str, Any],
    before: dict[str, Any],
) -> dict[str, Any]:
    """The rows of the form, and what the platform said when it turned the record away, at the boxes it speaks of."""
    labels = {name: field.label for name, field in occupation.fields().items()}
    rejection = rejection_of(part, labels, request.actor)
    notes = {} if request.actor.kind == "office" else _notes(part)
    rows = record_rows(occupation, part.year, form, values, before, notes)
    mark_rejected(with_awards(rows, request, part), rejection)
    return {
        "rows": rows,
        "rejection": rejection,
        "rejected_boxes": rejected_boxes(rejection, labels, form),
    }


def _heading(part: RecordPart, occupation: type[Occupation], actor: Actor) -> dict[str, Any]:
    return {
        "person_name": part.name,
        "year": part.year,
        "backfilled": part.backfilled,
        "occupation_label": occupation.label,
        "status": shown_status(part, actor),
        "delivery_status": part.delivery,
        "filed_no": filing_number(part),
    }


def _shown(
    part: RecordPart, occupation: type[Occupation], actor: Actor, draft: Draft
) -> tuple[type[Occupation], dict[str, Any]]:
    """Boxes and flat values to show: the draft for those who work on it, the version as sealed for the office."""
    if actor.kind == "office":
        return _version(part, part.current_version, occupation)
    return occupation, flat(draft.record)


def version_values(part: RecordPart, number: int, occupation: type[Occupation]) -> dict[str, Any]:
    """Return the flat values of one sealed version; one statement."""
    return _version(part, number, occupation)[1]


def _version(
    part: RecordPart, number: int, occupation: type[Occupation]
) -> tuple[type[Occupation], dict[str, Any]]:
    bodies = VersionBody.objects.select_related("version__part")
    body = bodies.get(version__part=part, version__number=number)
    sealed, record = sealed_record(body.version, occupation, body.content)
    return sealed, flat(record)


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
    rows = (
        [
            _cell(occupation, known[name], span, form, values, last, notes or {})
            for name, span in row
            if known[name].applies_in(year)
        ]
        for row in occupation.layout()
    )
    return [row for row in rows if row]


def with_awards(
    rows: list[list[dict[str, Any]]],
    request: ActingRequest,
    part: RecordPart,
    *,
    as_of: dt.datetime | None = None,
) -> list[list[dict[str, Any]]]:
    """Return the rows with 奖惩情况 told from the year's items; the present page shows the unit its drafts as well, and
    where to add.
    """
    actor = request.actor
    drafts = as_of is None and actor.kind != "office"
    for cell in (cell for row in rows for cell in row if cell["kind"] == "readonly_items"):
        lines = award_lines(year_items(request, part), as_of=as_of, drafts=drafts)
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


def rejected_boxes(
    rejection: Rejection | None, labels: Mapping[str, str], form: Any
) -> list[tuple[str, str]]:
    """Return (anchor, label) of the boxes that the platform's words speak of."""
    return [
        (form[name].id_for_label if form is not None and name in form.fields else "", labels[name])
        for name in (rejection.fields if rejection else ())
    ]


def notes_of(request: ActingRequest) -> dict[str, str]:
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


def _statements(name: str, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """One sentence for each outcome, and its template, so that it follows what is typed without a request."""
    if "determination" not in values:
        return []
    return [
        {
            "value": code,
            "text": sentence_of(name, values, code),
            "template": f"{template.replace('{name}', name)}。",
        }
        for code, template in Determination.STATEMENTS.items()
    ]


def revision_of(request: ActingRequest) -> int:
    """Return the revision that the posting page showed, 0 for anything that is none."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
