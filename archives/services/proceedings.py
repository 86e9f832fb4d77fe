"""认定程序: 事前告知 → 陈述申辩 → 决定 → 送达 before an adverse determination is sealed (AY-N1 to AY-N3).

Whoever works on a proceeding as clerk stands among the writers of the part, and so neither decides nor confirms.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Jurisdiction, Role
from archives.content import draft_of
from archives.deadlines import STATEMENT_DAYS, statement_deadline
from archives.lifecycle import PROCEEDING, handles
from archives.models import Proceeding, RecordPart
from archives.schema.occupations import Occupation, Record
from archives.schema.problems import Problem
from archives.schema.standing import is_adverse
from archives.services.determination import CHANGED, NO_EVIDENCE, end_proceeding, grounds_of, has_evidence
from archives.services.letter_numbers import DECISION, NOTICE, letter_number
from archives.services.people import NotReadable
from archives.services.records import clear_adverse, occupation_for
from archives.states import RUNNING, Ending, ProceedingStatus, Service, Status
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, advance, clean_reason, lock
from credit_platform import crypto
from credit_platform.actors import Actor

STATEMENT_LIMIT = 5000
REVIEW_LIMIT = 500
NO_STATEMENT = "本人在规定期限内未提出陈述申辩。"


@transaction.atomic
def open_proceeding(*, part: RecordPart, actor: Actor, today: dt.date) -> Proceeding:
    """The clerk begins: what the draft says about the person is fixed and the notice gets its number.

    Raises `NotReadable` when the determination is not complete, `AlreadyDone` when one is running, `Refused` when the
    part is sealed, not the actor's, or says nothing against the person.
    """
    row = lock(part)
    if actor.role != Role.CLERK or not handles(row, actor):
        raise Refused("认定程序由责任单位经办人启动。", code="not_permitted")
    if row.status == Status.SEALED:
        raise Refused("这份记录已经确认。请先办理更正，再启动认定程序。", code="sealed")
    if Proceeding.objects.filter(part=row, status__in=RUNNING).exists():
        raise AlreadyDone("认定程序已经启动，不需要再次办理。", code="already_done")
    grounds = _grounds(row, today)
    proceeding = Proceeding.objects.create(
        part=row,
        person_id=row.person_id,
        agency_id=row.agency_id,
        employer_id=row.employer_id,
        occupation=row.occupation,
        name=row.name,
        year=row.year,
        grounds=grounds,
        opener_id=actor.user_id,
        opened_by=actor.name,
        notice_no=letter_number(row.agency_id, NOTICE, today),
        statement_days=_statement_days(row.jurisdiction_id),
    )
    _note_handler(row, actor)
    data = {"determination": grounds["determination"]}
    journal.write("proceeding.opened", actor=actor, subject=proceeding, data=data)
    return proceeding


def _statement_days(jurisdiction_id: int) -> int:
    place = Jurisdiction.objects.get(id=jurisdiction_id)
    return int(place.parameters.get("statement_days", STATEMENT_DAYS))


@transaction.atomic
def renew_notice(*, proceeding: Proceeding, actor: Actor, today: dt.date) -> Proceeding:
    """Take over a draft that changed before the notice was served. Raises as `open_proceeding()`."""
    part = _lock_part(proceeding)
    row = lock(proceeding)
    if actor.role != Role.CLERK or not handles(part, actor):
        raise Refused("告知书由责任单位经办人制作。", code="not_permitted")
    if row.status != ProceedingStatus.OPEN:
        raise Refused("告知书已经送达，不能重新制作。请先撤回程序，再重新启动。", code="wrong_status")
    row.grounds = _grounds(part, today)
    row.statement_days, row.noticed_at = _statement_days(row.jurisdiction_id), timezone.now()
    row.revision += 1
    row.save(update_fields=["grounds", "statement_days", "noticed_at", "revision"])
    _note_handler(part, actor)
    journal.write("proceeding.renewed", actor=actor, subject=row)
    return row


@transaction.atomic
def notify(
    *, proceeding: Proceeding, on: dt.date, how: str, revision: int | None, actor: Actor, today: dt.date
) -> Proceeding:
    """事前告知: the notice reached the person on this day, in this way; from then on the period runs (AY-N2).

    Raises `Refused` without evidence, for a draft that isn't what the notice says, or for an impossible day.
    """
    part = _lock_part(proceeding)
    _check_service(on, how, since=_day(proceeding.noticed_at), what="告知书制作日期", today=today)
    if not has_evidence(part):
        raise Refused(NO_EVIDENCE, code="evidence_missing")
    _check_unchanged(proceeding, part, today)
    changes = {
        "notified_on": on,
        "notified_how": how,
        "notified_by": actor.name,
        "statement_until": statement_deadline(on, proceeding.statement_days),
    }
    return _clerk_step(proceeding, part, "notify", changes, revision, actor)


@transaction.atomic
def hear(
    *,
    proceeding: Proceeding,
    text: str,
    on: dt.date | None,
    revision: int | None,
    actor: Actor,
    today: dt.date,
) -> Proceeding:
    """陈述申辩: keep what the person said, or, after the period only, that nothing was said.

    More may be said until the decision; it is added. Late words count as well. Raises `Refused`.
    """
    part = _lock_part(proceeding)
    row = lock(proceeding)
    if row.status not in PROCEEDING.by_name["hear"].sources:
        raise Refused("现在不能登记陈述申辩。请刷新页面查看最新状态。", code="wrong_status")
    text = text.replace("\x00", "").strip()
    if len(text) > STATEMENT_LIMIT:
        raise Refused(f"陈述申辩最多 {STATEMENT_LIMIT} 个字，现为 {len(text)} 个。", code="too_long")
    changes: dict[str, Any] = {"heard_by": actor.name}
    if text:
        changes |= _statement(row, text, on, today)
    elif row.status == ProceedingStatus.HEARD:
        raise Refused("请填写补充的陈述申辩内容。", code="statement_missing")
    elif row.statement_until is None or today <= row.statement_until:
        raise Refused(
            f"陈述申辩期限到 {row.statement_until} 为止，期满前不能登记“未提出”。本人已陈述申辩的，请填写内容。",
            code="statement_period",
        )
    return _clerk_step(row, part, "hear", changes, revision, actor, data={"said": bool(text)})


@transaction.atomic
def uphold(
    *, proceeding: Proceeding, review: str, revision: int | None, actor: Actor, today: dt.date
) -> Proceeding:
    """决定认定, by a second person who has reviewed what was said, after the whole period. Raises `Refused`."""
    part = _lock_part(proceeding)
    row = lock(proceeding)
    review = review.replace("\x00", "").strip()
    if len(review) > REVIEW_LIMIT:
        raise Refused(f"复核意见最多 {REVIEW_LIMIT} 个字，现为 {len(review)} 个。", code="too_long")
    if row.status == ProceedingStatus.HEARD:
        if row.statement_until is not None and today <= row.statement_until:
            raise Refused(
                f"陈述申辩期限到 {row.statement_until} 为止，期满前不能作出认定决定。"
                "请在期满次日起办理；不予认定的，现在就可以决定。",
                code="statement_period",
            )
        if row.statement and not review:
            raise Refused("本人作过陈述申辩，请写明复核意见：是否采纳及理由。", code="review_missing")
        if not has_evidence(part):
            raise Refused(NO_EVIDENCE, code="evidence_missing")
        _check_unchanged(row, part, today)
    decided = advance(
        row,
        "uphold",
        lifecycle=PROCEEDING,
        actor=actor,
        revision=revision,
        changes={
            "review": review or NO_STATEMENT,
            "decided_by": actor.name,
            "decider_id": actor.user_id,
            "decided_at": timezone.now(),
        },
    )
    decided.decision_no = letter_number(decided.agency_id, DECISION, today)
    decided.save(update_fields=["decision_no"])
    return decided


@transaction.atomic
def drop(*, proceeding: Proceeding, reason: str, revision: int | None, actor: Actor) -> Proceeding:
    """不予认定: the second person is not convinced; the draft says 守信 again and goes back to the clerk.

    Raises as `advance()`.
    """
    part = _lock_part(proceeding)
    row = end_proceeding(
        proceeding, "drop", Ending.DROPPED, reason, revision=revision, at=timezone.now(), actor=actor
    )
    clear_adverse(part=part, reason=f"不予认定：{clean_reason(reason)}", actor=actor)
    return row


@transaction.atomic
def withdraw(*, proceeding: Proceeding, reason: str, revision: int | None, actor: Actor) -> Proceeding:
    """The clerk takes back what was only intended, before a decision. The draft stays. Raises as `advance()`."""
    _note_handler(_lock_part(proceeding), actor)
    return end_proceeding(
        proceeding, "withdraw", Ending.WITHDRAWN, reason, revision=revision, at=timezone.now(), actor=actor
    )


@transaction.atomic
def revoke(*, proceeding: Proceeding, reason: str, revision: int | None, actor: Actor) -> Proceeding:
    """A decision that must not stand is revoked by a reviewer before the seal; the draft stays. As `withdraw()`."""
    _lock_part(proceeding)
    return end_proceeding(
        proceeding, "revoke", Ending.REVOKED, reason, revision=revision, at=timezone.now(), actor=actor
    )


@transaction.atomic
def serve(
    *, proceeding: Proceeding, on: dt.date, how: str, revision: int | None, actor: Actor, today: dt.date
) -> Proceeding:
    """送达: the decision, which names the remedies, reached the person. Raises `Refused` for an impossible day."""
    part = _lock_part(proceeding)
    row = lock(proceeding)
    if row.decided_at is not None:
        _check_service(on, how, since=_day(row.decided_at), what="决定日期", today=today)
    changes = {"served_on": on, "served_how": how, "served_by": actor.name}
    return _clerk_step(row, part, "serve", changes, revision, actor)


def statement_of(proceeding: Proceeding) -> str:
    """Return what the person said, in plain. Raises `crypto.Undecipherable`."""
    if not proceeding.statement:
        return ""
    return crypto.decrypt(proceeding.statement, purpose="proceeding.statement")


def draft_differs(
    proceeding: Proceeding, part: RecordPart, occupation: type[Occupation], today: dt.date
) -> bool:
    """Tell whether the draft says something else than the person was, or is to be, told."""
    return dict(proceeding.grounds) != grounds_of(occupation, read_standing(part, occupation, today)[0])


def read_standing(
    part: RecordPart, occupation: type[Occupation], today: dt.date
) -> tuple[Record, list[Problem]]:
    """Return the draft, and what is wrong with it as far as the determination goes."""
    raw = draft_of(part, occupation).raw()
    record, problems = occupation.parse(raw, stage="submit", year=part.year, today=today)
    standing = occupation.sections.get("standing")  # of several writers only the lead has it
    return record, [one for one in problems if standing is not None and one.field in standing.fields]


def _grounds(part: RecordPart, today: dt.date) -> dict[str, Any]:
    occupation = occupation_for(part)
    record, problems = read_standing(part, occupation, today)
    if "standing" not in record or not is_adverse(record["standing"].get("determination")):
        raise Refused("只有拟认定为警示或严重失信的，才需要启动认定程序。", code="not_adverse")
    errors = [one for one in problems if one.severity == "error"]
    if errors:
        raise NotReadable(errors)
    return grounds_of(occupation, record)


def _statement(row: Proceeding, text: str, on: dt.date | None, today: dt.date) -> dict[str, Any]:
    if on is None:
        raise Refused("请填写陈述申辩的日期。", code="date_missing")
    if row.notified_on is None or not row.notified_on <= on <= today:
        raise Refused(f"陈述申辩的日期应在 {row.notified_on}（告知）至今天之间。", code="date")
    earlier = statement_of(row)
    whole = f"{earlier}\n\n（{on} 补充）\n{text}" if earlier else text
    if len(whole) > 4 * STATEMENT_LIMIT:
        raise Refused("陈述申辩的全部内容过长，请把补充内容作为证明材料上传。", code="too_long")
    return {"statement": crypto.encrypt(whole, purpose="proceeding.statement"), "statement_on": on}


def _check_service(on: dt.date, how: str, *, since: dt.date, what: str, today: dt.date) -> None:
    if how not in Service.values:
        raise Refused("请选择送达方式。", code="service")
    if on > today:
        raise Refused("送达日期晚于今天。请核对日期。", code="date")
    if on < since:
        raise Refused(f"送达日期早于{what} {since}。请核对日期。", code="date")


def _check_unchanged(proceeding: Proceeding, part: RecordPart, today: dt.date) -> None:
    if draft_differs(proceeding, part, occupation_for(part), today):
        raise Refused(CHANGED, code="grounds_differ")


def _clerk_step(
    row: Proceeding,
    part: RecordPart,
    name: str,
    changes: dict[str, Any],
    revision: int | None,
    actor: Actor,
    data: dict[str, Any] | None = None,
) -> Proceeding:
    moved = advance(
        row, name, lifecycle=PROCEEDING, actor=actor, revision=revision, changes=changes, data=data
    )
    _note_handler(part, actor)
    return moved


def _lock_part(proceeding: Proceeding) -> RecordPart:
    """Always the part first, so that two people never wait for each other."""
    return RecordPart.objects.select_for_update(of=("self",)).get(id=proceeding.part_id)


def _note_handler(part: RecordPart, actor: Actor) -> None:
    if actor.user_id is not None and actor.user_id not in part.writers:
        part.writers = [*part.writers, actor.user_id]
        part.save(update_fields=["writers"])


def _day(moment: dt.datetime) -> dt.date:
    return timezone.localtime(moment).date()
