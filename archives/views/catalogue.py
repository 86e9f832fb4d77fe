"""公共信用信息目录, open to everybody: what is collected about the groups of a place, on what basis (LL-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agencies.clauses import citation
from agencies.models import Jurisdiction, Responsibility
from archives.cadence import PARAMETER, cadence_of
from archives.catalogue import Entry, disabled, entries, fields_of, never
from archives.occupations import occupation_of
from archives.schema.kinds import ItemKind
from credit_platform.tenancy.context import PLATFORM
from credit_platform.web.access import PUBLIC, access

CADENCES = {"monthly": "每月", "quarterly": "每季度", "annual": "每年"}
DISCLOSURES = {
    "self": "只供本单位和本人查看",
    "authorised": "授权查询",
    "shared": "政务共享，授权查询",
}
POLARITIES = {"positive": "守信", "neutral": "中性", "negative": "失信"}


@access(PUBLIC)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the entries that the groups of a place may hold and that have a basis there, what is switched off and why,
    and what is never collected; with `kind` show one of them with its boxes and their names at the platform."""
    places = list(Jurisdiction.objects.exclude(id=PLATFORM).order_by("id"))
    place = _chosen(request, places)
    code = "" if place is None else place.code
    if "kind" in request.GET:
        return _one(request, request.GET["kind"], place)
    held = _kinds_of(place)
    context = {
        "places": places,
        "place": place,
        "rows": [_row(entry, place) for one, entry in entries().items() if one in held],
        "fields": list(fields_of(code).values()),
        "disabled": [(one, citation(one.clause)) for one in disabled()],
        "never": never(),
        "version": next(iter(entries().values())).version,
    }
    return render(request, "archives/catalogue.html", context)


def _one(request: HttpRequest, code: str, place: Jurisdiction | None) -> HttpResponse:
    """One entry; what has no basis in the place is not there."""
    entry = entries().get(code)
    if entry is None or code not in _kinds_of(place):
        raise Http404
    push = dict(entry.push)
    boxes = [(box.label, push.get(box.label, "")) for box in entry.kind.section.fields.values()]
    context = {"entry": entry, "place": place, "row": _row(entry, place), "boxes": boxes}
    return render(request, "archives/catalogue_entry.html", context)


def _kinds_of(place: Jurisdiction | None) -> set[str]:
    """The kinds of fact that some group of the place holds and that have a basis in it; without places those that have
    one anywhere."""
    based = {code for code, entry in entries().items() if entry.bases("" if place is None else place.code)}
    if place is None:
        return based
    groups = Responsibility.objects.filter(jurisdiction=place, undecided=False).select_related("agency")
    return based & {kind for group in groups for kind in occupation_of(group).kinds}


def _chosen(request: HttpRequest, places: list[Jurisdiction]) -> Jurisdiction | None:
    """The place that was asked for, else the reader's own, else the first."""
    actor = getattr(request, "actor", None)
    asked, own = request.GET.get("place", ""), None if actor is None else actor.jurisdiction_id
    chosen = (one for one in places if (one.code == asked if asked else one.pk == own))
    return next(chosen, places[0] if places else None)


def _cadence(rule: Mapping[str, Any] | None, kind: ItemKind) -> str:
    """How often facts of a kind are sent; a place whose documents set no period sends what is confirmed at once."""
    if not rule:
        return "确认后即时报送（文件未规定周期）"
    usual = cadence_of(rule, kind=kind.code, usual=kind.cadence)
    groups = {
        cadence_of(rule, kind=kind.code, usual=kind.cadence, group=one) for one in rule.get("groups", {})
    }
    others = "（部分人群另有规定）" if groups - {usual} else ""
    return f"{CADENCES[usual]}{others}"


def _row(entry: Entry, place: Jurisdiction | None) -> dict[str, Any]:
    code, kind = ("", entry.kind) if place is None else (place.code, entry.kind)
    rule = place.parameters.get(PARAMETER) if place else None
    return {
        "code": kind.code,
        "label": kind.label,
        "category": kind.category.label,
        "fields": "全部重点领域"
        if entry.everywhere
        else "、".join(entry.fields_in(code)) or "不属于重点领域",
        "bases": [str(one) for one in entry.bases(code)],
        "heading": entry.heading or "未对应",
        "polarity": "按认定结果"
        if kind.polarity == "neutral" and kind.may_be_adverse
        else POLARITIES[kind.polarity],
        "provider": entry.provider,
        "source": kind.source.label,
        "cadence": _cadence(rule, kind),
        "disclosure": DISCLOSURES[kind.disclosure],
        "published": "公示" if entry.publishable else "不公示",
        "delivered": "报送" if entry.delivered else "不报送",
        "retention": kind.retention,
        "sensitive": "是" if entry.sensitive else "否",
        "valid": f"{entry.valid_from:%Y-%m-%d} 起"
        + (f"至 {entry.valid_to:%Y-%m-%d}" if entry.valid_to else ""),
        "in_force": entry.in_force(timezone.localdate()),
    }
