"""信用信息条目: writing dated facts and handing them on (AY-05 to AY-08, AY-13, AY-N3, GZ-07). What is confirmed, and
what becomes of it afterwards: `item_seals.py`."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Role
from archives.items import NEVER_KEPT, birth_date, event_data, fact_of, kind_of
from archives.lifecycle import ITEM, handles, may_fill, may_write
from archives.models import Item, RecordPart
from archives.protection import protect_fact, protect_typed
from archives.schema.kinds import ItemKind
from archives.schema.problems import Problem
from archives.services.consent_rules import check_consented
from archives.services.identities import NOBODY, Named, identify
from archives.services.item_checks import check_basis, check_term, kind_for, lock_complete
from archives.services.item_twins import document_of, lock_twins, refuse_twin
from archives.services.people import NotReadable
from archives.services.tellings import tell_returned
from archives.states import Service, Status
from audit import journal
from audit.lifecycle import Refused, Stale, advance, clean_reason, lock
from credit_platform.actors import Actor

_TYPED_LIMIT = 2000


@dataclasses.dataclass(frozen=True)
class SavedItem:
    """What saving came to: the updated item and every problem, also those that stop nothing."""

    item: Item
    problems: list[Problem]


@transaction.atomic
def open_item(
    *,
    part: RecordPart,
    kind: str,
    basis: str,
    raw: Mapping[str, Any],
    actor: Actor,
    today: dt.date,
    named: Named = NOBODY,
) -> SavedItem:
    """Write down a dated fact in a record of a year, as a draft.

    `basis` is one of the kind's documents, as text; `named` whom the document of an adverse fact names, by name and
    number: without the number it attaches to nobody (`services/waiting.py`). Raises `Refused` for a record that is not
    the actor's, an unknown kind or one of another group or agency, a basis that the kind doesn't have, somebody else's
    document, a member who has withdrawn the consent, or a fact that is there already or over; `NotReadable` for a fact
    that must not be kept at all, or without its day. Then nothing is written.
    """
    if not handles(part, actor) or not may_write(actor):
        raise Refused("这份档案不由您办理，不能添加条目。", code="not_permitted")
    chosen = kind_for(part, kind)
    check_consented(part)
    archive = part.record.archive
    item = Item(
        archive=archive,
        person_id=part.person_id,
        agency_id=part.agency_id,
        employer_id=part.employer_id,
        occupation=part.occupation,
        year=part.year,
        kind=chosen.code,
        name=part.name,
        number_mask=part.number_mask,
        writers=[] if actor.user_id is None else [actor.user_id],
        saved_by=actor.name,
    )
    problems = _write(item, chosen, raw, basis, birth_date(archive), today)
    if item.occurred_on is None:
        raise NotReadable([problem for problem in problems if problem.severity == "error"])
    identify(item, named, actor=actor, today=today)
    lock_twins(item.person_id)
    refuse_twin(item, drafts=True)
    item.save(force_insert=True)
    data = event_data(chosen, record=str(part.pk))
    journal.write("item.opened", actor=actor, subject=item, data=data)
    return SavedItem(item, problems)


@transaction.atomic
def save_item(
    *,
    item: Item,
    raw: Mapping[str, Any],
    basis: str,
    revision: int,
    actor: Actor,
    today: dt.date,
    named: Named = NOBODY,
) -> SavedItem:
    """Keep what was filled in, readable or not, but for facts that must not be kept at all (`NotReadable`).

    What becomes adverse, or rests on another document now, needs `named` as in `open_item`. A change after the person
    was told takes the telling back: told was something else. Raises `Refused` or `Stale` as `save_draft`; then nothing
    has changed.
    """
    lock_twins(item.person_id)
    row = lock(item)
    if not may_fill(row, actor):
        raise Refused("这条信息现在不能修改。请刷新页面查看最新状态。", code="not_writable")
    _check_revision(row, revision)
    before, document = _content_of(row), document_of(row)
    problems = _write(row, kind_of(row), raw, basis, birth_date(row.archive), today)
    checked = identify(row, named, actor=actor, today=today)
    if document_of(row) != document:
        refuse_twin(row, drafts=True)
    changed = _content_of(row) != before
    if changed:
        row.notified_on, row.notified_how, row.notified_by = None, "", ""
        row.saved_by, row.saved_at = actor.name, timezone.now()
    if changed or checked:
        others = [writer for writer in row.writers if writer != actor.user_id]
        row.writers = others if actor.user_id is None else [actor.user_id, *others]
        row.revision += 1
        row.save()
        data = event_data(kind_of(row), **({"identified": True} if checked else {}))
        journal.write("item.saved", actor=actor, subject=row, data=data)
    return SavedItem(row, problems)


@transaction.atomic
def submit_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Item:
    """Hand a complete item on: a filler's to the clerk, a clerk's to the reviewer.

    Raises `NotReadable` with every problem when it is not complete, `Refused` as `lock_complete` or when an adverse
    one has no evidence, else as `advance()`.
    """
    row = lock_complete(item, "submit", today)
    name = "submit" if actor.kind == "employer" else "submit_for_review"
    changes = {"return_reason": "", "writers": _with_writer(row, actor)}
    return advance(row, name, lifecycle=ITEM, actor=actor, revision=revision, changes=changes)


@transaction.atomic
def pass_on_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Item:
    """The clerk passes a submitted item on to review. Raises as `submit_item()`."""
    row = lock_complete(item, "submit", today)
    changes = {"writers": _with_writer(row, actor)}
    return advance(row, "pass_on", lifecycle=ITEM, actor=actor, revision=revision, changes=changes)


@transaction.atomic
def send_back_item(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Clerk or reviewer returns an item with a reason. Raises as `advance()`."""
    name = "return" if item.status == Status.IN_REVIEW else "return_to_filler"
    changes = {"return_reason": clean_reason(reason)}
    row = advance(item, name, lifecycle=ITEM, actor=actor, reason=reason, revision=revision, changes=changes)
    tell_returned(row, to_filler=name == "return_to_filler")
    return row


@transaction.atomic
def notify_item(
    *, item: Item, on: dt.date, how: str, revision: int | None, actor: Actor, today: dt.date
) -> Item:
    """Note that the person was told of an adverse entry: on which day and how the 入档告知书 reached them.

    `revision`: what the clerk last saw. Raises `Refused` when the actor is not the clerk, the item is not adverse or
    already confirmed, or the day can't be: nobody was told of what was written or changed on a later day. `Stale` when
    somebody changed it in between.
    """
    row = lock(item)
    if actor.role != Role.CLERK or not handles(row, actor):
        raise Refused("告知由经办人登记。", code="not_permitted")
    if not row.adverse or row.status == Status.SEALED:
        raise Refused("这条信息不需要登记告知。", code="not_adverse")
    if revision is not None:
        _check_revision(row, revision)
    if how not in Service.values:
        raise Refused("请选择告知书的送达方式。", code="service")
    # The fact and its document lie no later than the day on which they were written down.
    written = timezone.localdate(row.saved_at)
    if not written <= on <= today:
        raise Refused(
            f"告知日期应在 {written} 至今天之间：这条信息在 {written} 填写或修改，在那以前的告知不算。"
            "请核对，必要时重新告知。",
            code="day",
        )
    row.notified_on, row.notified_how, row.notified_by = on, how, actor.name
    row.writers = _with_writer(row, actor)
    row.revision += 1
    row.save(update_fields=["notified_on", "notified_how", "notified_by", "writers", "revision"])
    journal.write("item.notified", actor=actor, subject=row, data={"on": on.isoformat(), "how": how})
    return row


def _check_revision(row: Item, revision: int) -> None:
    if row.revision != revision:
        raise Stale(f"这条信息已由{row.saved_by}在另一处保存，您的内容没有覆盖它。", code="stale")


def _content_of(row: Item) -> tuple[Any, str, dict[str, str]]:
    return row.values, row.basis, dict(fact_of(row).typed)


def _write(
    row: Item,
    kind: ItemKind,
    raw: Mapping[str, Any],
    basis: str,
    born: dt.date | None,
    today: dt.date,
) -> list[Problem]:
    """Put the boxes into the row's columns, unsaved. Raises `NotReadable` for what must not be kept."""
    check_basis(kind, basis, place=row.jurisdiction_id)
    given = {name: raw.get(name) for name in kind.section.fields}
    values, problems = kind.parse(given, stage="draft", birth_date=born, year=row.year, today=today)
    if forbidden := [problem for problem in problems if problem.code in NEVER_KEPT]:
        raise NotReadable(forbidden)
    unread = {problem.field for problem in problems if problem.severity == "error" and problem.field}
    typed = {
        name: _as_text(value)[:_TYPED_LIMIT].replace("\x00", "")
        for name, value in given.items()
        if name in unread and value not in (None, "", [])
    }
    row.values, row.typed, row.basis = (
        protect_fact(kind.section, kind.dump(values)),
        protect_typed(typed),
        basis,
    )
    row.adverse = kind.adverse(values)
    row.occurred_on = values.get("occurred_on")
    row.document_no = (values.get("document_no") or "")[:100]
    term = check_term(row, kind, values, today)
    if not row.current_version:  # else the version in force has its own, until it is replaced
        row.shown_until, row.kept_until = term.shown_until, term.kept_until
    return problems


def _with_writer(item: Item, actor: Actor) -> list[int]:
    if actor.user_id is None or actor.user_id in item.writers:
        return list(item.writers)
    return [*item.writers, actor.user_id]


def _as_text(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
