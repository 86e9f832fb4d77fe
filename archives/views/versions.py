"""Sealed versions: one of them, all of them, any two beside each other, and the one that was valid on a day (PD-21)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from archives.content import sentence_of
from archives.models import RecordPart
from archives.schema.occupations import Occupation
from archives.selectors import part_or_404
from archives.services.history import Sealed, cited_items, fields_of, origins, sealed_versions, valid_on
from archives.services.records import occupation_for
from archives.states import Status
from archives.views.record import READERS
from archives.views.record_page import record_rows, with_awards
from archives.views.record_rail import version_links
from audit import journal
from credit_platform.actors import Actor
from credit_platform.web.access import access


@access(*READERS)
@require_GET
def version(request: Any, part_id: UUID, number: int) -> HttpResponse:
    """Show what was sealed as version `number`; what differs from the version before is marked."""
    part, occupation, sealed = _sealed(request, part_id)
    return _show(request, part, occupation, sealed, _numbered(sealed, number))


@access(*READERS)
@require_GET
def version_list(request: Any, part_id: UUID) -> HttpResponse:
    """List the versions, to be compared; with `on`, a day, show the one that was valid then."""
    part, occupation, sealed = _sealed(request, part_id)
    asked = request.GET.get("on", "")
    if asked:
        day = _day(asked)
        found = valid_on(sealed, day) if day else None
        if day is None:
            messages.error(request, "日期应写成 2026-03-01 的样子，且不能晚于今天。请重新填写。")
        elif found is None:
            messages.info(request, f"{day:%Y-%m-%d} 还没有已确认的内容。")
        else:
            notice = f"{day:%Y-%m-%d} 当日有效的是第 {found.number} 版。"
            end = timezone.make_aware(dt.datetime.combine(day, dt.time.max))
            return _show(request, part, occupation, sealed, found, notice=notice, as_of=end)
        return redirect("record-versions", part.id)
    journal.look("record.read", actor=request.actor, subject=part, data={"version": "all"})
    context = {
        "part": part,
        "occupation": occupation,
        "versions": [
            {
                "sealed": one.version,
                "at": timezone.localtime(one.version.sealed_at),
                "current": one.number == part.current_version,
                "url": reverse("record-version", args=[part.id, one.number]),
            }
            for one in reversed(sealed)
        ],
        "today": timezone.localdate(),
        "back": reverse("record", args=[part.id]),
    }
    return render(request, "archives/versions.html", context)


@access(*READERS)
@require_GET
def version_compare(request: Any, part_id: UUID) -> HttpResponse:
    """Show what differs between any two versions `a` and `b`, with who entered and who approved each value of `b`."""
    part, _, sealed = _sealed(request, part_id)
    chosen = [_number(request.GET.get(name, "")) for name in ("a", "b")]
    if None in chosen or chosen[0] == chosen[1]:
        messages.info(request, "请选两个不同的版本来比较。")
        return redirect("record-versions", part.id)
    first, second = (_numbered(sealed, number) for number in sorted(n for n in chosen if n is not None))
    journal.look(
        "record.read", actor=request.actor, subject=part, data={"version": [first.number, second.number]}
    )
    traced = {o.field.name: o for o in origins(part, sealed, second.number, request.actor)}
    fields = [field for one in (first, second) for field in fields_of(one.occupation, part.year)]
    rows = [
        {
            "label": field.label,
            "before": field.masked(first.values.get(field.name)),
            "now": field.masked(second.values.get(field.name)),
            "origin": traced.get(field.name),
        }
        for field in dict.fromkeys(fields)
        if first.values.get(field.name) != second.values.get(field.name)
    ]
    context = {
        "part": part,
        "first": first.version,
        "second": second.version,
        "rows": rows,
        "back": reverse("record-versions", args=[part.id]),
    }
    return render(request, "archives/version_compare.html", context)


def _show(
    request: Any,
    part: RecordPart,
    occupation: type[Occupation],
    sealed: list[Sealed],
    found: Sealed,
    *,
    notice: str = "",
    as_of: dt.datetime | None = None,
) -> HttpResponse:
    """Show a version. `as_of`: the moment whose awards and penalties stand on it; as a rule that of its seal."""
    actor: Actor = request.actor
    number, values = found.number, found.values
    journal.look("record.read", actor=actor, subject=part, data={"version": number})
    before = next((one.values for one in sealed if one.number == number - 1), {})
    current = number == part.current_version
    rows = record_rows(found.occupation, part.year, None, dict(values), dict(before))
    reason = f"更正原因：{found.version.reason}" if found.version.reason else ""
    context = {
        "record": {
            "person_name": part.name,
            "year": part.year,
            "backfilled": part.backfilled,
            "occupation_label": occupation.label_at(found.version.sealed_at),
            "status": Status.SEALED,
            "delivery_status": part.delivery if current else "",
        },
        "deadline_text": f"第 {number} 版" + ("（现行）" if current else "（已被新版替代）"),
        "rows": with_awards(rows, request, part, as_of=as_of or found.version.sealed_at),
        "changed_against": f"第 {number - 1} 版",
        "actions": [],
        "panels": _panels(part, sealed, found, actor),
        "statement": sentence_of(part.name, values),
        "versions": version_links(part, actor),
        "versions_url": reverse("record-versions", args=[part.id]),
        "print_url": reverse("version-print", args=[part.id, number])
        if actor.kind != "office" and as_of is None
        else "",
        "return_reason": "",
        "notice": "　".join(filter(None, (notice, reason))),
        "filled_by": found.version.author_name,
        "filled_on": timezone.localtime(found.version.sealed_at),
        "list_url": reverse("record", args=[part.id]),
        "list_label": "现行档案",
    }
    return render(request, "archives/record.html", context)


def _panels(part: RecordPart, sealed: list[Sealed], found: Sealed, actor: Actor) -> list[dict[str, Any]]:
    """What stands below a version: the facts it shows, and where each of its values comes from."""
    items, withheld = cited_items(found.version, actor)
    panels: list[dict[str, Any]] = []
    if items or withheld:
        panels.append({"template": "archives/panels/cited_items.html", "items": items, "withheld": withheld})
    traced = origins(part, sealed, found.number, actor)
    panels.append({"template": "archives/panels/origins.html", "origins": traced})
    return panels


def _sealed(request: Any, part_id: UUID) -> tuple[RecordPart, type[Occupation], list[Sealed]]:
    part = part_or_404(request.actor, part_id)
    occupation = occupation_for(part)
    sealed = sealed_versions(part, occupation, request.actor)
    if not sealed:
        raise Http404
    return part, occupation, sealed


def _numbered(sealed: list[Sealed], number: int) -> Sealed:
    for one in sealed:
        if one.number == number:
            return one
    raise Http404


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> dt.date | None:
    """Read a day that has come."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and day <= timezone.localdate() else None
