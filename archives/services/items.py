"""信用信息条目: writing, confirming, correcting and revoking dated facts (AY-05 to AY-08, AY-13, AY-N3, GZ-07)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility, Role
from archives.catalogue import refusal
from archives.items import (
    NEVER_KEPT,
    birth_date,
    deliverable,
    fact_of,
    kind_of,
    kinds_for,
)
from archives.lifecycle import ITEM, handles, may_fill, may_write
from archives.models import Archive, Item, RecordPart, Version
from archives.occupations import occupation_of
from archives.protection import protect_fact, protect_typed
from archives.schema.fields import Stage
from archives.schema.kinds import ItemKind, kinds
from archives.schema.problems import Problem
from archives.services.citations import evidence_cites
from archives.services.identities import Named, check_last, check_named
from archives.services.nil_returns import void_by_fact
from archives.services.outbox import targets_of
from archives.services.people import NotReadable
from archives.services.tellings import tell_returned
from archives.services.validity import term_in
from archives.services.versions import add_version, author_of
from archives.states import Delivery, Service, Status
from archives.validity import Term
from audit import journal
from audit.lifecycle import Refused, Stale, advance, clean_reason, lock
from credit_platform.actors import Actor

NOBODY = Named()
"""No name and no number were given."""
_TYPED_LIMIT = 2000
_SPACES = re.compile(r"\s+")
_BRACKETS = str.maketrans("〔【[（(〕】]）)", "[[[[[]]]]]")


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
    document, or a fact that is there already or over; `NotReadable` for a fact that must not be kept at all, or without
    its day. Then nothing is written.
    """
    if not handles(part, actor) or not may_write(actor):
        raise Refused("这份档案不由您办理，不能添加条目。", code="not_permitted")
    chosen = kind_for(part, kind)
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
    _identify(item, named, actor=actor, today=today)
    _refuse_twin(item)
    item.save(force_insert=True)
    data = {"kind": chosen.code, "record": str(part.pk)}
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
    row = lock(item)
    if not may_fill(row, actor):
        raise Refused("这条信息现在不能修改。请刷新页面查看最新状态。", code="not_writable")
    if row.revision != revision:
        raise Stale(f"这条信息已由{row.saved_by}在另一处保存，您的内容没有覆盖它。", code="stale")
    before = (row.values, row.basis, dict(fact_of(row).typed))
    problems = _write(row, kind_of(row), raw, basis, birth_date(row.archive), today)
    _identify(row, named, actor=actor, today=today)
    if (row.values, row.basis, dict(fact_of(row).typed)) != before:
        if row.notified_on is not None:
            row.notice_from = today  # the person knows of something else
        row.notified_on, row.notified_how, row.notified_by = None, "", ""
        others = [writer for writer in row.writers if writer != actor.user_id]
        row.writers = others if actor.user_id is None else [actor.user_id, *others]
        row.revision += 1
        row.saved_by, row.saved_at = actor.name, timezone.now()
        row.save()
        journal.write("item.saved", actor=actor, subject=row, data={"kind": row.kind})
    return SavedItem(row, problems)


@transaction.atomic
def submit_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Item:
    """Hand a complete item on: a filler's to the clerk, a clerk's to the reviewer.

    Raises `NotReadable` with every problem when it is not complete, `Refused` when it is there already or an adverse
    one has no evidence, else as `advance()`.
    """
    row = _lock_complete(item, "submit", today)
    name = "submit" if actor.kind == "employer" else "submit_for_review"
    changes = {"return_reason": "", "writers": _with_writer(row, actor)}
    return advance(row, name, lifecycle=ITEM, actor=actor, revision=revision, changes=changes)


@transaction.atomic
def pass_on_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Item:
    """The clerk passes a submitted item on to review. Raises as `submit_item()`."""
    row = _lock_complete(item, "submit", today)
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
def notify_item(*, item: Item, on: dt.date, how: str, actor: Actor, today: dt.date) -> Item:
    """Note that the person was told of an adverse entry: on which day and how the 入档告知书 reached them.

    Raises `Refused` when the actor is not the clerk, the item is not adverse or already confirmed, or the day can't be.
    """
    row = lock(item)
    if actor.role != Role.CLERK or not handles(row, actor):
        raise Refused("告知由经办人登记。", code="not_permitted")
    if not row.adverse or row.status == Status.SEALED:
        raise Refused("这条信息不需要登记告知。", code="not_adverse")
    if how not in Service.values:
        raise Refused("请选择告知书的送达方式。", code="service")
    if not (row.occurred_on or today) <= on <= today:
        raise Refused("告知日期应在行为发生之后、今天或以前。请核对。", code="day")
    if row.notice_from is not None and on < row.notice_from:
        raise Refused(
            f"这条信息在 {row.notice_from} 修改过，修改以前的告知不再有效。请重新告知，并填写重新告知的日期。",
            code="told_before",
        )
    row.notified_on, row.notified_how, row.notified_by = on, how, actor.name
    row.writers = _with_writer(row, actor)
    row.revision += 1
    row.save(update_fields=["notified_on", "notified_how", "notified_by", "writers", "revision"])
    journal.write("item.notified", actor=actor, subject=row, data={"on": on.isoformat(), "how": how})
    return row


@transaction.atomic
def seal_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date, last: str = "") -> Version:
    """审核确认: seal the item as the next version; what may leave is queued for delivery (AY-15, AY-23).

    An adverse one needs document, evidence, a second person, and that the person was told (AY-N3); that second person
    enters `last`, the end of the number as the evidence has it. Raises `NotReadable` or as `advance()`.
    """
    row = _lock_complete(item, "seal", today)
    way = ITEM.by_name["seal"]
    if row.adverse and way.permitted(row, actor) and not any(guard(row, actor) for guard in way.guards):
        check_last(row.archive, last, actor=actor)
    return _seal(row, "seal", revision=revision, actor=actor, today=today)


@transaction.atomic
def start_item_correction(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Open a sealed item for correction (AY-22); the current version stays valid. Raises as `advance()`."""
    return _reopen(item, "correct", reason, revision, actor, {})


@transaction.atomic
def revoke_item(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Propose to withdraw a sealed item; it stays valid until a second person confirms. Raises as `advance()`."""
    return _reopen(item, "revoke", reason, revision, actor, {"revoked": True})


@transaction.atomic
def confirm_revocation(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Version:
    """Withdraw the item: its next version says so, and the platform is told. Raises as `advance()`."""
    return _seal(lock(item), "confirm_revocation", revision=revision, actor=actor, today=today)


@transaction.atomic
def keep_item(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Refuse a proposed revocation: the current version stays. Raises as `advance()`."""
    changes = {"revoked": False, "correction_reason": "", "writers": []}
    return advance(
        item, "keep", lifecycle=ITEM, actor=actor, reason=reason, revision=revision, changes=changes
    )


def kind_for(part: RecordPart, code: str) -> ItemKind:
    """Return the kind of this code. Raises `Refused` for one that the agency may not write into such a record."""
    place, today = str(part.jurisdiction_id), timezone.localdate()
    if why := refusal(code, place=place, today=today):
        raise Refused(why, code="kind")
    kind = kinds.get(code)
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=part.jurisdiction_id, agency_id=part.agency_id, occupation=part.occupation
    )
    if kind not in kinds_for(occupation_of(responsibility), responsibility):
        raise Refused(f"本单位的这类档案不记录“{kind.label}”，请从列表中选择。", code="kind")
    return kind


def check_basis(kind: ItemKind, basis: str, *, place: int) -> None:
    """Raise `Refused` for a basis that the kind does not have in this place, named by its code (PD-19, ZD-20)."""
    if basis not in [str(one) for one in kind.bases_in(str(place))]:
        raise Refused("请选择依据：没有依据的信息不得归集，依据只能从列表中选择。", code="basis")


def _identify(row: Item, named: Named, *, actor: Actor, today: dt.date) -> None:
    """Hold an adverse fact to whom its document names, once for each document. Raises as `check_named`."""
    if not row.adverse:
        row.identified_at, row.identified_by, row.identified_document = None, "", ""
        return
    held, now = _plain(row.identified_document), _plain(row.document_no)
    unchecked = (
        row.identified_at is None or not row.identified_by
    )  # of drafts from before there was the check
    another = unchecked or (held and now and held != now)
    if another or named != NOBODY:
        check_named(row.archive, named, actor=actor, today=today)
        row.identified_at, row.identified_by = timezone.now(), actor.name
    row.identified_document = row.document_no or row.identified_document


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
    term = _check_term(row, kind, values, today)
    if not row.current_version:  # else the version in force has its own, until it is replaced
        row.shown_until, row.kept_until = term.shown_until, term.kept_until
    return problems


def _check_term(row: Item, kind: ItemKind, values: Mapping[str, Any], today: dt.date) -> Term:
    """Return how long the fact may be shown. Raises `Refused` for one whose time is over: it must not be entered.

    One that was confirmed may be corrected so that its time is over: that is how it ends (LL-25).
    """
    confirmed = row.current_version > 0
    place = Jurisdiction.objects.get(id=row.jurisdiction_id)
    term = term_in(place, kind, values, closed_on=today, confirmed=confirmed)
    if term.over(today) and not confirmed:
        raise Refused(
            f"按规定，这条信息的期限已于 {term.shown_until} 届满，不得再录入和使用。日期有误的请更正。",
            code="expired",
        )
    return term


def _lock_complete(item: Item, stage: Stage, today: dt.date) -> Item:
    """Return the locked row. Raises `NotReadable` when it is not complete, `Refused` when its twin is there."""
    row = lock(item)
    kind = kind_of(row)
    born = birth_date(row.archive)
    raw = fact_of(row).raw()
    values, problems = kind.parse(raw, stage=stage, birth_date=born, year=row.year, today=today)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise NotReadable(errors)
    row.adverse = kind.adverse(values)
    _check_term(row, kind, values, today)
    Archive.objects.select_for_update().get(id=row.archive_id)  # twins wait for each other here
    _refuse_twin(row)
    return row


def _refuse_twin(item: Item) -> None:
    """The same document of an authority about the same person is one fact, whoever enters it; one against the person is
    one whatever it is called."""
    if not item.document_no:
        return
    alike = Q(kind=item.kind) | Q(adverse=True) if item.adverse else Q(kind=item.kind)
    same = Item.of_all_time.filter(alike, person_id=item.person_id).exclude(id=item.pk)
    others = same.exclude(revoked=True, status=Status.SEALED).exclude(document_no="")
    wanted, authority = _plain(item.document_no), item.values.get("issued_by")
    if any(
        _plain(number) == wanted and _same_authority(issued_by, authority)
        for number, issued_by in others.values_list("document_no", "values__issued_by")
    ):
        raise Refused(
            f"同一文书（{item.document_no}）的{kind_of(item).label}已经录入，不要重复录入；内容有误的请更正原条目。",
            code="twin",
        )


def _same_authority(one: str | None, other: str | None) -> bool:
    """县教育局 and 安阳县教育局 are one; who is not named may be anybody."""
    first, second = _plain(one or ""), _plain(other or "")
    return first.endswith(second) or second.endswith(first)


def _plain(number: str) -> str:
    return _SPACES.sub("", number).translate(_BRACKETS).upper()


def _reopen(
    item: Item, name: str, reason: str, revision: int | None, actor: Actor, more: Mapping[str, Any]
) -> Item:
    changes = {
        "correction_reason": clean_reason(reason),
        "writers": [] if actor.user_id is None else [actor.user_id],
        "saved_by": actor.name,
        "saved_at": timezone.now(),
        **more,
    }
    return advance(item, name, lifecycle=ITEM, actor=actor, reason=reason, revision=revision, changes=changes)


def _seal(row: Item, name: str, *, revision: int | None, actor: Actor, today: dt.date) -> Version:
    kind, values = kind_of(row), fact_of(row).values
    place = Jurisdiction.objects.get(id=row.jurisdiction_id)
    targets = targets_of(row, place.parameters) if deliverable(kind, values) else []
    term = term_in(place, kind, values, closed_on=today)
    number, now = row.current_version + 1, timezone.now()
    sealed = advance(
        row,
        name,
        lifecycle=ITEM,
        actor=actor,
        revision=revision,
        changes={
            "current_version": number,
            "sealed_at": now,
            "delivery": Delivery.PENDING if targets else "",
            "shown_until": term.shown_until,
            "kept_until": term.kept_until,
            "return_reason": "",
            "correction_reason": "",
            "writers": [],
        },
        data={"version": number, "kind": kind.code, "adverse": row.adverse},
    )
    void_by_fact(sealed, actor=actor)
    content: dict[str, Any] = {
        "kind": kind.code,
        "basis": row.basis,
        "adverse": row.adverse,
        "revoked": row.revoked,
        "told": {"on": row.notified_on.isoformat(), "how": row.notified_how} if row.notified_on else None,
        "values": kind.dump(values),
    }
    return add_version(
        sealed,
        content=content,
        stored={**content, "values": protect_fact(kind.section, content["values"])},
        schema_digest=kind.digest(row.year),
        cites=evidence_cites(sealed),
        reason=row.correction_reason,
        author=author_of(row),
        approver=actor,
        targets=targets,
    )


def _with_writer(item: Item, actor: Actor) -> list[int]:
    if actor.user_id is None or actor.user_id in item.writers:
        return list(item.writers)
    return [*item.writers, actor.user_id]


def _as_text(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
