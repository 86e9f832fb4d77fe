"""Items brought to a stage by the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from agencies.models import Membership
from archives.models import Archive, Item, RecordPart, Version, WaitingFact
from archives.schema.kinds import kinds
from archives.services.identities import LAST, Named
from archives.services.item_seals import confirm_revocation, revoke_item, seal_item, start_item_correction
from archives.services.items import notify_item, open_item, pass_on_item, save_item, submit_item
from archives.services.waiting import put_aside
from archives.states import Status
from credit_platform import crypto
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached
from tests.factories import Unit

YESTERDAY = timezone.localdate() - dt.timedelta(days=1)
AWARD: dict[str, Any] = {
    "occurred_on": "2026-03-05",
    "title": "优秀教师",
    "level": "county",
    "document_no": "安教〔2026〕12 号",
    "issued_by": "安阳县教育局",
    "document_date": "2026-03-06",
    "content": "年度表彰。",
}
PENALTY: dict[str, Any] = {
    "occurred_on": "2026-02-01",
    "document_no": "安市监罚〔2026〕7 号",
    "issued_by": "安阳县市场监督管理局",
    "document_date": "2026-02-20",
    "procedure": "ordinary",
    "violation": "违规有偿补课",
    "facts": "在校外机构有偿补课。",
    "ground": "《校外培训行政处罚暂行办法》第十八条",
    "types": ["fine"],
    "decision": "罚款 2000 元",
    "fine": "0.2",
    "content": "已缴清。",
}
TRAINING: dict[str, Any] = {"occurred_on": "2026-04-01", "course": "师德师风培训", "content": "合格。"}
COMPLAINT: dict[str, Any] = {
    "occurred_on": "2026-05-01",
    "form": "complaint",
    "matter": "收费",
    "outcome": "unfounded",
    "content": "家长投诉收费，经查不属实。",
}
DISCIPLINE: dict[str, Any] = {
    "occurred_on": "2026-01-10",
    "document_no": "安纪〔2026〕3 号",
    "issued_by": "安阳县纪委",
    "document_date": "2026-01-20",
    "sanction": "serious_demerit",
    "content": "",
}
BREACH: dict[str, Any] = {
    "occurred_on": "2026-02-01",
    "document_no": "安教查〔2026〕7 号",
    "issued_by": "安阳县教育局",
    "document_date": "2026-02-20",
    "behaviour": "有偿补课",
    "ground": "《中小学教师违反职业道德行为处理办法》第四条",
    "content": "已责令改正。",
}
ASSESSMENT: dict[str, Any] = {
    "occurred_on": "2026-01-20",
    "assessed_year": "2025",
    "result": "competent",
    "document_no": "安教考〔2026〕1 号",
    "issued_by": "安阳县教育局",
    "document_date": "2026-01-25",
    "content": "年度考核。",
}
QUALIFICATION: dict[str, Any] = {
    "occurred_on": "2026-03-05",
    "matter": "教师资格证书",
    "qualification_no": "20263703034200001",
    "qualified": "valid",
    "content": "初级中学。",
}
VALUES = {
    "award": AWARD,
    "qualification": QUALIFICATION,
    "annual_assessment": ASSESSMENT,
    "honour": AWARD,
    "administrative_penalty": PENALTY,
    "training": TRAINING,
    "complaint": COMPLAINT,
    "law_breach": BREACH,
    "discipline": DISCIPLINE | {"content": "已宣布。"},
}


def basis_of(kind: str, place: int = 410522) -> str:
    return str(kinds.get(kind).bases_in(str(place))[0])


def named_in(archive: Archive) -> Named:
    """Whom a document about the person of the archive names."""
    return Named(archive.name, crypto.decrypt(archive.number, purpose="archive.number"))


def last_of(item: Item) -> str:
    """The end of the number as the evidence has it."""
    with acting(item.jurisdiction_id, "job"):
        return str(named_in(Archive.objects.get(id=item.archive_id)).number)[-LAST:]


def written(
    part: RecordPart, kind: str = "award", *, by: Membership, named: Named | None = None, **changes: Any
) -> Item:
    """A draft of an item of this kind, complete but for `changes`; its document names the person, or `named`."""
    raw = VALUES[kind] | changes
    with acting_as(by) as who:
        saved = open_item(
            part=part,
            kind=kind,
            basis=basis_of(kind, part.jurisdiction_id),
            raw=raw,
            actor=who,
            today=timezone.localdate(),
            named=named_in(part.record.archive) if named is None else named,
        )
        return saved.item


def put_apart(part: RecordPart, kind: str = "administrative_penalty", *, by: Membership) -> WaitingFact:
    """A fact whose document has the person's name and no number."""
    with acting_as(by) as who:
        return put_aside(
            part=part,
            kind=kind,
            basis=basis_of(kind, part.jurisdiction_id),
            raw=VALUES[kind],
            named=Named(part.name),
            actor=who,
            today=timezone.localdate(),
        )


def kept(item: Item, *, by: Membership, **changes: Any) -> Item:
    """Save the item with `changes`."""
    with acting_as(by) as who:
        return save_item(
            item=item,
            raw=VALUES[item.kind] | changes,
            basis=item.basis,
            revision=item.revision,
            actor=who,
            today=timezone.localdate(),
            named=named_in(item.archive),
        ).item


def item_in_review(part: RecordPart, kind: str = "award", *, unit: Unit, **changes: Any) -> Item:
    """What the filler wrote and the clerk passed on; with evidence where the kind needs it."""
    return handed_on(written(part, kind, by=unit.filler, **changes), unit=unit)


def handed_on(item: Item, *, unit: Unit) -> Item:
    """The filler's draft, passed on by the clerk; with evidence where it needs it."""
    if item.adverse:
        attached(item, by=unit.filler)
    with acting_as(unit.filler) as who:
        item = submit_item(item=item, revision=None, actor=who, today=timezone.localdate())
    with acting_as(unit.clerk) as who:
        return pass_on_item(item=item, revision=None, actor=who, today=timezone.localdate())


def told(item: Item, *, by: Membership, on: dt.date | None = None) -> Item:
    with acting_as(by) as who:
        today = timezone.localdate()
        return notify_item(item=item, on=on or today, how="in_person", revision=None, actor=who, today=today)


def confirmed(item: Item, *, by: Membership) -> Version:
    with acting_as(by) as who:
        today = timezone.localdate()
        return seal_item(item=item, revision=None, actor=who, today=today, last=last_of(item))


def item_sealed(part: RecordPart, kind: str = "award", *, unit: Unit, **changes: Any) -> Item:
    """Confirmed by the unit's reviewer, the person told where the fact is adverse."""
    return through_review(written(part, kind, by=unit.filler, **changes), unit=unit)


def through_review(item: Item, *, unit: Unit) -> Item:
    """The filler's draft handed on, the person told where it is adverse, confirmed by a second person."""
    item = handed_on(item, unit=unit)
    if item.adverse:
        told(item, by=unit.clerk)
    confirmed(item, by=unit.reviewer)
    return fresh_item(item)


def corrected(item: Item, *, by: Membership, **changes: Any) -> Item:
    """Reopened, changed and handed on for review."""
    with acting_as(by) as who:
        item = start_item_correction(item=item, reason="文号有误", revision=None, actor=who)
    item = kept(item, by=by, **changes)
    with acting_as(by) as who:
        return submit_item(item=item, revision=None, actor=who, today=timezone.localdate())


def revoked(item: Item, *, unit: Unit) -> Item:
    """Proposed by the clerk, confirmed by the reviewer."""
    with acting_as(unit.clerk) as who:
        item = revoke_item(item=item, reason="原决定已撤销", revision=None, actor=who)
    assert item.status == Status.IN_REVIEW
    with acting_as(unit.reviewer) as who:
        confirm_revocation(item=item, revision=None, actor=who, today=timezone.localdate())
    return fresh_item(item)


def over(item: Item, *, kept: dt.date | None = YESTERDAY) -> None:
    """The fact's time was over yesterday, as was the time for which it is kept, unless `kept` says otherwise."""
    with acting(item.jurisdiction_id, "job"):
        Item.of_all_time.filter(id=item.pk).update(shown_until=YESTERDAY, kept_until=kept)


def fresh_item(item: Item) -> Item:
    with acting(item.jurisdiction_id, "job"):
        return Item.of_all_time.select_related("archive").get(id=item.pk)
