"""Adverse determinations brought to a stage by the services; days are moved back by the database."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from archives.models import Evidence, Proceeding, RecordPart
from archives.services import proceedings
from archives.states import Service
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, fresh, hand_on, opened, passed_on, save
from tests.factories import Unit

TODAY = timezone.localdate()
WARNING: dict[str, str] = {
    "determination": "warning",
    "ground": "《中小学教师违反职业道德行为处理办法》",
    "behaviour": "有偿补课",
    "acted_on": f"{TODAY - dt.timedelta(days=40)}",
    "basis_document_no": "安县教罚〔2026〕3号",
    "issued_by": "县教育局",
    "basis_document_date": f"{TODAY - dt.timedelta(days=30)}",
}
SERIOUS = WARNING | {
    "determination": "serious_dishonesty",
    "listing": "judgment_defaulter",
    "listing_no": "（2026）豫0522执12号",
}


def adverse_draft(unit: Unit, **changes: Any) -> RecordPart:
    """A draft of the filler that says something against the person."""
    return save(opened(unit, number=None), by=unit.filler, **(WARNING | changes)).part


def adverse_in_review(unit: Unit, **changes: Any) -> RecordPart:
    part = hand_on(adverse_draft(unit, **changes), by=unit.filler)
    return passed_on(part, by=unit.clerk)


def attach(part: RecordPart, **more: Any) -> Evidence:
    """A file of evidence, as its own page would note it."""
    with acting(part.jurisdiction_id, "job"):
        return Evidence.objects.create(
            part=part,
            person_id=part.person_id,
            agency_id=part.agency_id,
            employer_id=part.employer_id,
            occupation=part.occupation,
            name="处罚决定书.pdf",
            media_type="application/pdf",
            size=1000,
            sha256="0" * 64,
            uploaded_by="孙填报",
            **more,
        )


def begun(unit: Unit, part: RecordPart) -> Proceeding:
    with acting_as(unit.clerk) as who:
        return proceedings.open_proceeding(part=fresh(part), actor=who, today=TODAY)


def notified(unit: Unit, part: RecordPart) -> Proceeding:
    proceeding = begun(unit, part)
    with acting_as(unit.clerk) as who:
        return proceedings.notify(
            proceeding=proceeding, on=TODAY, how=Service.IN_PERSON, revision=None, actor=who, today=TODAY
        )


def long_ago(proceeding: Proceeding, days: int = 20) -> Proceeding:
    """Move what happened so far back, so that the period is over."""
    back = dt.timedelta(days=days)
    changes = {
        name: value - back
        for name in (
            "opened_at",
            "noticed_at",
            "notified_on",
            "statement_until",
            "statement_on",
            "decided_at",
        )
        if (value := getattr(proceeding, name)) is not None
    }
    with acting(proceeding.jurisdiction_id, "job"):
        Proceeding.objects.filter(id=proceeding.id).update(**changes)
    return again(proceeding)


def heard(unit: Unit, part: RecordPart, text: str = "当时是免费辅导。") -> Proceeding:
    proceeding = long_ago(notified(unit, part))
    with acting_as(unit.clerk) as who:
        return proceedings.hear(
            proceeding=proceeding, text=text, on=TODAY, revision=None, actor=who, today=TODAY
        )


def decided(unit: Unit, part: RecordPart, text: str = "当时是免费辅导。") -> Proceeding:
    proceeding = heard(unit, part, text)
    with acting_as(unit.reviewer) as who:
        return proceedings.uphold(
            proceeding=proceeding, review="有收款记录，不予采纳。", revision=None, actor=who, today=TODAY
        )


def served(unit: Unit, part: RecordPart, text: str = "当时是免费辅导。") -> Proceeding:
    proceeding = decided(unit, part, text)
    with acting_as(unit.clerk) as who:
        return proceedings.serve(
            proceeding=proceeding, on=TODAY, how=Service.POST, revision=None, actor=who, today=TODAY
        )


STAGES = {"open": begun, "notified": notified, "heard": heard, "decided": decided, "served": served}


def again(proceeding: Proceeding) -> Proceeding:
    """The row as it stands in the database."""
    return read(proceeding.jurisdiction_id, proceeding.id)


def read(county: int, proceeding_id: UUID) -> Proceeding:
    with acting(county, "job"):
        return Proceeding.objects.get(id=proceeding_id)


def step(name: str, proceeding: Proceeding, by: Any, **arguments: Any) -> Proceeding:
    """Take one step by its service."""
    if name != "renew_notice":
        arguments["revision"] = None
    act = partial(getattr(proceedings, name), proceeding=proceeding, **arguments)
    with acting_as(by) as who:
        done: Proceeding = act(actor=who)
        return done
