"""待核身份: facts with a name and no number, until the number is found in the evidence or they are dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.document_numbers import plain
from archives.lifecycle import handles, may_write
from archives.models import Item, MemberConsent, RecordPart, WaitingFact
from archives.protection import protect_fact, reveal_fact
from archives.schema.identifiers import DocumentType, citizen_check_digit, parse_identifier
from archives.schema.kinds import kinds
from archives.schema.problems import Invalid
from archives.services.consent_rules import check_name_consented, somebody_consented
from archives.services.identities import NUMBER_BOX, Named, has_number, name_in
from archives.services.item_checks import check_basis, kind_for
from archives.services.items import open_item
from archives.services.people import NotReadable, archive_index
from archives.services.validity import term_in
from archives.states import WaitingStatus
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, clean_reason, lock
from credit_platform.actors import Actor

__all__ = [
    "attach_waiting",
    "drop_waiting",
    "drop_withdrawn",
    "expire_waiting",
    "numbers_of",
    "part_of",
    "put_aside",
]

OVER = "期限已满，自动作废。"


@transaction.atomic
def put_aside(
    *,
    part: RecordPart,
    kind: str,
    basis: str,
    raw: Mapping[str, Any],
    named: Named,
    actor: Actor,
    today: dt.date,
) -> WaitingFact:
    """Keep an adverse fact whose document has no number apart from all archives; `part` says only group and year.

    Raises as `open_item`, and `Refused` for a fact that tells against nobody, one with a number (it belongs into an
    archive), one that waits already, or a member's of whose name nobody has consented.
    """
    if not handles(part, actor) or not may_write(actor):
        raise Refused("这份档案不由您办理，不能添加条目。", code="not_permitted")
    chosen = kind_for(part, kind)
    check_basis(chosen, basis, place=part.jurisdiction_id)
    name = name_in(named)
    check_name_consented(part, name)
    if has_number(named):
        raise Refused("文书上有证件号码的，请记入当事人本人的档案。", code="number")
    given = {box: raw.get(box) for box in chosen.section.fields}
    values, problems = chosen.parse(given, stage="draft", birth_date=None, year=part.year, today=today)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise NotReadable(errors)
    if not chosen.adverse(values):
        raise Refused("只有不利信息可以先不填证件号码，请填写证件号码。", code="not_adverse")
    term = term_in(Jurisdiction.objects.get(id=part.jurisdiction_id), chosen, values, closed_on=today)
    if term.over(today):
        raise Refused(
            f"按规定，这条信息的期限已于 {term.shown_until} 届满，不得再录入和使用。", code="expired"
        )
    row = WaitingFact(
        agency_id=part.agency_id,
        employer_id=actor.employer_id,  # whose it is nobody knows: the part's employer has no claim to it
        occupation=part.occupation,
        year=part.year,
        kind=chosen.code,
        basis=basis,
        name=name,
        document_no=(values.get("document_no") or "")[:100],
        values=protect_fact(chosen.section, chosen.dump(values)),
        shown_until=term.shown_until,
        writers=[] if actor.user_id is None else [actor.user_id],
        saved_by=actor.name,
    )
    _refuse_twin(row)
    row.save(force_insert=True)
    journal.write("waiting.put_aside", actor=actor, subject=row, data={"kind": chosen.code})
    return row


@transaction.atomic
def attach_waiting(*, waiting: WaitingFact, number: object, actor: Actor, today: dt.date) -> Item:
    """Write the fact into the archive of the person whom the evidence names with this number, as a draft.

    Raises `NotReadable` for what is no number, `Refused` when the unit has no record of that person for the year or
    its name is another one, else as `open_item`; `AlreadyDone` when it waits no more.
    """
    row = _lock(waiting, actor)
    part = part_of(row, number, actor=actor, today=today)
    values = kinds.get(row.kind).load(reveal_fact(kinds.get(row.kind).section, row.values))
    saved = open_item(
        part=part,
        kind=row.kind,
        basis=row.basis,
        raw=values,
        named=Named(row.name, number),
        actor=actor,
        today=today,
    )
    item = saved.item
    item.writers = [*item.writers, *(one for one in row.writers if one not in item.writers)]
    item.save(update_fields=["writers"])
    row.item = item
    _settle(row, WaitingStatus.ATTACHED, actor)
    journal.write("waiting.attached", actor=actor, subject=row, data={"item": str(saved.item.pk)})
    return saved.item


@transaction.atomic
def drop_waiting(*, waiting: WaitingFact, reason: str, actor: Actor) -> WaitingFact:
    """Give the fact up; what was filled in goes. Raises `Refused` without a reason, `AlreadyDone` as before."""
    row = _lock(waiting, actor)
    row.reason = clean_reason(reason)
    if not row.reason:
        raise Refused("作废须写明原因。", code="reason_required")
    _drop(row, actor)
    journal.write("waiting.dropped", actor=actor, subject=row, reason=row.reason)
    return row


def expire_waiting(row: WaitingFact, *, actor: Actor) -> None:
    """Give up a locked fact whose time is over before its number was found; what was filled in goes. For jobs."""
    row.reason = OVER
    _drop(row, actor)
    journal.write("waiting.expired", actor=actor, subject=row, reason=OVER)


def drop_withdrawn(consent: MemberConsent, *, reason: str, actor: Actor) -> None:
    """Give up what waits under the name of a member who has withdrawn, unless another of the name consents."""
    if somebody_consented(consent.jurisdiction_id, consent.agency_id, consent.name):
        return
    rows = WaitingFact.objects.select_for_update(of=("self",)).filter(
        agency_id=consent.agency_id,
        occupation=consent.occupation,
        name=consent.name,
        status=WaitingStatus.WAITING,
    )
    for row in rows.order_by("id"):
        row.reason = reason
        _drop(row, actor)
        journal.write("waiting.dropped", actor=actor, subject=row, reason=reason)


def _lock(waiting: WaitingFact, actor: Actor) -> WaitingFact:
    row = lock(waiting)
    own = row.agency_id == actor.agency_id and row.occupation in actor.occupations
    if actor.kind == "employer":
        own = own and row.employer_id == actor.employer_id
    if not own or not may_write(actor):
        raise Refused("这条信息不由您办理。", code="not_permitted")
    if row.status != WaitingStatus.WAITING:
        raise AlreadyDone(f"这条信息{row.get_status_display()}，不需要再办理。", code="already_done")
    return row


def _drop(row: WaitingFact, actor: Actor) -> None:
    row.name = row.document_no = ""
    _settle(row, WaitingStatus.DROPPED, actor)


def _settle(row: WaitingFact, status: WaitingStatus, actor: Actor) -> None:
    """It waits no more, and what it said goes: an item has it now, or nobody."""
    row.status, row.settled_by, row.settled_at, row.values = status, actor.name, timezone.now(), {}
    row.save()


def _mistyped(number: object) -> bool:
    """Whether it has the shape of a citizen number, and the wrong check digit."""
    text = str(number).strip().upper()
    shaped = len(text) == 18 and text.isascii() and text[:17].isdigit()
    return shaped and text[17] != citizen_check_digit(text[:17])


def part_of(
    spot: WaitingFact | RecordPart, number: object, *, actor: Actor, today: dt.date, name: str = ""
) -> RecordPart:
    """Return the record of whom the number is, within what the actor may see; `spot` says agency, group and year.

    With `name` it has to be that person's as well. Raises `Refused` without one, `NotReadable` for what is no number.
    """
    parts = RecordPart.objects.visible_to(actor).filter(
        agency_id=spot.agency_id,
        occupation=spot.occupation,
        year=spot.year,
        record__archive__number_index__in=[archive_index(one) for one in numbers_of(number, today)],
    )
    if name:
        parts = parts.filter(name=name)
    part = parts.select_related("record__archive").first()
    if part is None:
        whose = "姓名和证件号码" if name else "证件号码"
        mistyped = "身份证号校验位不符，可能填错了某一位。" if _mistyped(number) else ""
        raise Refused(
            f"本单位没有这个{whose}的 {spot.year} 年度档案。{mistyped}请核对；确属应建档人员的，请先建档。",
            code="no_archive",
        )
    return part


def numbers_of(number: object, today: dt.date) -> set[str]:
    """Return what a number reads as, whatever the document. Raises `NotReadable` for what no document has."""
    found, wrong = set(), []
    for kind in DocumentType:
        try:
            found.add(parse_identifier(kind, number, today=today).number)
        except Invalid as why:
            wrong.append(why.at(NUMBER_BOX).problem)
    if not found:
        raise NotReadable(wrong[:1])
    return found


def _refuse_twin(row: WaitingFact) -> None:
    same = WaitingFact.objects.filter(
        agency_id=row.agency_id, kind=row.kind, name=row.name, status=WaitingStatus.WAITING
    )
    numbers = same.exclude(document_no="").values_list("document_no", flat=True)
    if row.document_no and plain(row.document_no) in map(plain, numbers):
        raise Refused(f"同一文书（{row.document_no}）的这条信息已在待核身份中，不要重复录入。", code="twin")
