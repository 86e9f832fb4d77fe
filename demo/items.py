"""Dated facts of the demonstration: an award, a training, a complaint found untrue, a penalty that waits for review."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from archives.models import Item, RecordPart
from archives.printing.pdf import render
from archives.schema.kinds import kinds
from archives.services.evidence import attach_evidence
from archives.services.identities import NOBODY, Named
from archives.services.item_seals import seal_item
from archives.services.items import notify_item, open_item, pass_on_item, submit_item
from archives.states import Service
from credit_platform import crypto
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context

AWARD = {
    "title": "县级优秀教师",
    "level": "county",
    "document_no": "安教〔{year}〕12 号",
    "issued_by": "安阳县教育局",
    "content": "教师节表彰。",
}
TRAINING = {
    "course": "师德师风专题培训",
    "organiser": "安阳县教师进修学校",
    "hours": "16",
    "content": "考核合格。",
}
COMPLAINT = {
    "form": "complaint",
    "matter": "课后服务收费",
    "outcome": "unfounded",
    "content": "经核查，收费符合标准，投诉不属实，已答复投诉人。",
}
PENALTY = {
    "document_no": "安市监罚〔{year}〕27 号",
    "issued_by": "安阳县市场监督管理局",
    "procedure": "ordinary",
    "violation": "违规有偿补课",
    "facts": "在校外培训机构从事有偿补课。",
    "ground": "《校外培训行政处罚暂行办法》第十八条",
    "types": ["fine"],
    "decision": "罚款 2000 元",
    "fine": "0.2",
    "content": "罚款已缴纳。",
}
DOCUMENTED = ("award", "administrative_penalty")


def fill_items(parts: list[RecordPart], actors: Mapping[str, Actor], *, today: dt.date) -> None:
    """Give the first records of a school one item each; `actors` are filler, clerk and reviewer by user name."""
    facts = (("award", AWARD), ("training", TRAINING), ("complaint", COMPLAINT))
    for part, (kind, raw) in zip(parts, facts, strict=False):
        item = _handed_on(_written(part, kind, raw, actors["tianbao"], today), actors, today)
        with _on_behalf(actors["shenhe"]):
            seal_item(item=item, revision=None, actor=actors["shenhe"], today=today)
    if len(parts) > len(facts):
        _penalty(parts[len(facts)], actors, today)


def _penalty(part: RecordPart, actors: Mapping[str, Actor], today: dt.date) -> None:
    """With evidence, and the person told: the reviewer has only to look."""
    clerk, item = (
        actors["jingban"],
        _written(part, "administrative_penalty", PENALTY, actors["tianbao"], today),
    )
    named = _named(part)
    party = f"当事人：{named.name}，证件号码 {named.number}"
    document = render(
        "print/demo_decision.html",
        {
            "title": "行政处罚决定书",
            "lines": [item.document_no, party, PENALTY["decision"]],
        },
    )
    with _on_behalf(actors["tianbao"]):
        attach_evidence(
            head=item, file=io.BytesIO(document), name="行政处罚决定书.pdf", actor=actors["tianbao"]
        )
    item = _handed_on(item, actors, today)
    with _on_behalf(clerk):
        notify_item(item=item, on=today, how=Service.IN_PERSON, revision=None, actor=clerk, today=today)


def _written(part: RecordPart, kind: str, raw: Mapping[str, Any], filler: Actor, today: dt.date) -> Item:
    day = max(dt.date(part.year, 1, 1), today - dt.timedelta(60))
    boxes = {
        name: value.format(year=part.year) if isinstance(value, str) else value for name, value in raw.items()
    }
    boxes["occurred_on"] = day.isoformat()
    if kind in DOCUMENTED:
        boxes["document_date"] = min(day + dt.timedelta(7), today).isoformat()
    basis = str(kinds.get(kind).legal_basis[0])
    with _on_behalf(filler):
        named = _named(part) if kinds.get(kind).polarity == "negative" else NOBODY
        saved = open_item(
            part=part, kind=kind, basis=basis, raw=boxes, actor=filler, today=today, named=named
        )
        return saved.item


def _named(part: RecordPart) -> Named:
    """Whom a document about this person names."""
    archive = part.record.archive
    return Named(archive.name, crypto.decrypt(archive.number, purpose="archive.number"))


def _handed_on(item: Item, actors: Mapping[str, Actor], today: dt.date) -> Item:
    with _on_behalf(actors["tianbao"]):
        item = submit_item(item=item, revision=None, actor=actors["tianbao"], today=today)
    with _on_behalf(actors["jingban"]):
        return pass_on_item(item=item, revision=None, actor=actors["jingban"], today=today)


def _on_behalf(actor: Actor) -> AbstractContextManager[object]:
    assert actor.context is not None  # the demonstration's members all have tenant data
    return as_context(actor.context)
