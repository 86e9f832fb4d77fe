"""Every kind of dated fact that may leave, at a platform: what was typed is held there, and goes when it is revoked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from archives.models import Item, RecordPart
from archives.schema.kinds import ItemKind, kinds
from archives.schema.registry import registry
from archives.services.items import open_item
from archives.states import Delivery
from delivery.models import Target
from delivery.services import deliver
from tests.archives.flow import acting_as, opened, rows_of
from tests.archives.item_flow import basis_of, named_in, revoked, through_review
from tests.clock import moved_clock
from tests.delivery.processes import Simulator
from tests.factories import County, Unit
from tests.schema.samples import a_fact

FORMS = {"administrative_penalty": ("CF", "CF_SJLY"), "administrative_licence": ("XK", "XK_LYDW")}
"""双公示: the beginning of the names that say whom it is about, and the name of the unit that the data come from."""
STANDING = """SELECT v.record_id, v.version, v.kind, v.payload
              FROM records r JOIN versions v USING (record_id, version)"""


@pytest.mark.req("AY-15", "AY-23")
def test_what_was_typed_of_every_kind_is_held_until_it_is_revoked(
    county: County, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_clock(monkeypatch, dt.date(2026, 5, 4))
    Target.objects.create(jurisdiction=county.jurisdiction, code="county", name="市信用平台", clause="AY-15")
    client = simulator.client(timeout=(2.0, 5.0))
    wanted: dict[str, tuple[int, str, dict[str, Any]]] = {}
    gone: dict[str, tuple[int, str, dict[str, Any]]] = {}
    sealed: list[tuple[Unit, Item]] = []
    for number, (unit, part, kind) in enumerate(parts_for_every_kind(county), 1):
        raw = a_typed_fact(kind, number)
        item = entered(unit, part, kind, raw)
        sealed.append((unit, item))
        about = subject(part, kind)
        wanted[str(item.pk)] = (1, "item", about | content(unit, part, kind, raw))
        gone[str(item.pk)] = (2, "item-withdrawal", about)

    assert deliver(jurisdiction_id=county.id, target="county", client=client) == 1
    assert standing(simulator) == wanted
    assert {item.delivery for item in rows_of(Item, county.id)} == {Delivery.ACCEPTED}

    for unit, item in sealed:
        revoked(item, unit=unit)
    assert deliver(jurisdiction_id=county.id, target="county", client=client) == 1
    assert standing(simulator) == gone
    assert {item.delivery for item in rows_of(Item, county.id)} == {Delivery.ACCEPTED}


def parts_for_every_kind(county: County) -> Iterator[tuple[Unit, RecordPart, ItemKind]]:
    """Each kind that may leave, with somebody of a group in which it occurs."""
    left = {kind.code for kind in kinds if kind.deliverable}
    for occupation in registry:
        codes = [code for code in occupation.kinds if code in left]
        if not codes:
            continue
        left -= set(codes)
        group = (1, occupation.code, occupation.label)
        unit = Unit(
            county.jurisdiction, occupation.code, f"{occupation.label}的主管单位", ("甲", "乙"), group
        )
        part = opened(unit)
        for code in codes:
            yield unit, part, kinds.get(code)
    assert left == set()


def a_typed_fact(kind: ItemKind, number: int) -> dict[str, Any]:
    """A complete fact that is in force, with a document of its own where it has one."""
    raw = {name: "" if name == "removed_on" else value for name, value in a_fact(kind).items()}
    return raw | ({"document_no": f"安县文〔2026〕{number}号"} if "document_no" in raw else {})


def entered(unit: Unit, part: RecordPart, kind: ItemKind, raw: dict[str, Any]) -> Item:
    """Typed by the filler, handed on and confirmed."""
    with acting_as(unit.filler) as who:
        item = open_item(
            part=part,
            kind=kind.code,
            basis=basis_of(kind.code),
            raw=raw,
            actor=who,
            today=timezone.localdate(),
            named=named_in(part.record.archive),
        ).item
    return through_review(item, unit=unit)


def subject(part: RecordPart, kind: ItemKind) -> dict[str, Any]:
    """Whom and what the platform is told about, also when it is told that this is no longer true."""
    named = named_in(part.record.archive)
    return {
        "XM": named.name,
        "ZJLX": "111",
        "ZJHM": named.number,
        "XXZL": kind.code,
        "XXYJ": basis_of(kind.code),
    }


def content(unit: Unit, part: RecordPart, kind: ItemKind, raw: dict[str, Any]) -> dict[str, Any]:
    """Every box that leaves, as it was typed; blank ones are null."""
    boxes = {field.push: raw[name] or None for name, field in kind.section.fields.items() if field.push}
    if kind.code not in FORMS:
        return boxes
    form, source = FORMS[kind.code]
    named = named_in(part.record.archive)
    return boxes | {
        f"{form}_XDR_MC": named.name,
        f"{form}_XDR_LB": "自然人",
        f"{form}_XDR_ZJLX": "111",
        f"{form}_XDR_ZJHM": named.number,
        source: unit.agency.name,
    }


def standing(simulator: Simulator) -> dict[str, tuple[int, str, dict[str, Any]]]:
    """What stands at the platform: version, kind of record and payload."""
    rows = simulator.rows(STANDING)
    return {record: (version, kind, json.loads(payload)) for record, version, kind, payload in rows}
