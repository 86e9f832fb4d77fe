"""Confirming, correcting and revoking dated facts (AY-15, AY-22, AY-23, AY-N1, AY-N3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.catalogue import may_leave
from archives.items import event_data, fact_of, kind_of
from archives.lifecycle import ITEM, WRITABLE
from archives.models import Item, Version
from archives.protection import protect_fact, protect_typed
from archives.schema.kinds import ItemKind
from archives.services.citations import evidence_cites
from archives.services.consent_rules import may_deliver
from archives.services.identities import check_last
from archives.services.identity_settling import check_identity
from archives.services.item_checks import lock_complete
from archives.services.nil_returns import void_by_fact
from archives.services.outbox import queued_for, targets_of
from archives.services.validity import term_in
from archives.services.versions import add_version, author_of, item_version_content
from archives.states import Delivery, Status
from archives.validity import SETTLED, Term
from audit.lifecycle import Refused, Stale, advance, clean_reason, lock
from credit_platform.actors import Actor
from credit_platform.crypto import Undecipherable

MENDABLE_DAYS = 30
"""So long clerk and reviewer still reach a fact after a correction has ended it. Ours: no rule sets it."""


@transaction.atomic
def seal_item(*, item: Item, revision: int | None, actor: Actor, today: dt.date, last: str = "") -> Version:
    """审核确认: seal the item as the next version; what may leave is queued for delivery (AY-15, AY-23).

    An adverse one needs document, evidence, a second person, and that the person was told (AY-N3); that second person
    enters `last`, the end of the number as the evidence has it. Raises `NotReadable` or as `advance()`.
    """
    row = lock_complete(item, "seal", today)
    if row.status == Status.SEALED and revision is not None and row.revision != revision + 1:
        message = "您打开以后，这条信息又有变化，这一次没有办理确认。请查看现行版本。"
        raise Stale(message, code="stale")
    way = ITEM.by_name["seal"]
    if row.adverse and way.permitted(row, actor) and not any(guard(row, actor) for guard in way.guards):
        check_last(row.archive, last, actor=actor, document=row.identified_with)
    return _seal(row, "seal", revision=revision, actor=actor, today=today)


@transaction.atomic
def start_item_correction(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Open a sealed item for correction (AY-22); the current version stays valid. Raises as `advance()`."""
    return _reopen(item, "correct", reason, revision, actor, {})


@transaction.atomic
def revoke_item(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Propose to withdraw a confirmed item; it stays valid until a second person confirms.

    A correction that was begun and not handed on is given up: what is withdrawn, or kept, is the version in force.
    Raises as `advance()`, and `Refused` when that version can't be read.
    """
    row = lock(item)
    begun = row.status in WRITABLE and row.current_version > 0
    more = {"revoked": True, **(_as_in_force(row) if begun else {})}
    return _reopen(row, "revoke", reason, revision, actor, more)


@transaction.atomic
def confirm_revocation(*, item: Item, revision: int | None, actor: Actor, today: dt.date) -> Version:
    """Withdraw the item: its next version says so, and the platform is told. Raises as `advance()`, and `Refused` when
    it was decided to keep it."""
    row = lock(item)
    if row.status == Status.SEALED and not row.revoked:
        raise Refused("这条信息已决定不予撤销，仍然有效，没有撤销。请刷新页面查看。", code="wrong_status")
    return _seal(row, "confirm_revocation", revision=revision, actor=actor, today=today)


@transaction.atomic
def seal_recall(
    *, row: Item, reason: str, changes: Mapping[str, Any], actor: Actor, today: dt.date
) -> Version:
    """Withdraw a confirmed, locked fact at once, as its member has withdrawn the consent; also at every platform for
    which it was ever queued. An open correction, or one on its way, is given up. `changes`: further columns to set.

    Raises as `advance()`.
    """
    given_up = _given_up(row) if row.status != Status.SEALED else {}
    before = {**given_up, "revoked": True, "correction_reason": clean_reason(reason)}
    for column, value in before.items():
        setattr(row, column, value)
    row.shown_until = None  # what is over is out of reach of `advance()`; `changes` end it again
    row.save(update_fields=[*before, "shown_until"])
    return _seal(row, "recall", revision=None, actor=actor, today=today, more=changes)


@transaction.atomic
def keep_item(*, item: Item, reason: str, revision: int | None, actor: Actor) -> Item:
    """Refuse a proposed revocation: the current version stays. Raises as `advance()`, and `Refused` when the item was
    withdrawn."""
    row = lock(item)
    if row.status == Status.SEALED and row.revoked:
        raise Refused("这条信息已经确认撤销，不能再决定不予撤销。请刷新页面查看。", code="wrong_status")
    changes = {"revoked": False, "correction_reason": "", "writers": []}
    return advance(
        row,
        "keep",
        lifecycle=ITEM,
        actor=actor,
        reason=reason,
        revision=revision,
        changes=changes,
        data=event_data(kind_of(item)),
    )


def _as_in_force(row: Item) -> dict[str, Any]:
    """The columns of a draft correction as the version in force has them."""
    kind = kind_of(row)
    versions = Version.objects.select_related("item").prefetch_related("bodies")
    try:
        content = item_version_content(versions.get(item=row, number=row.current_version), kind)
    except Undecipherable:
        raise Refused("现行版本与封存时不一致，不能撤销。请联系管理员核查。", code="damaged") from None
    values, told = kind.load(content["values"]), content["told"]
    on = dt.date.fromisoformat(told["on"]) if told else None
    return {
        "values": protect_fact(kind.section, content["values"]),
        "typed": protect_typed({}),
        "basis": content["basis"],
        "adverse": content["adverse"],
        "occurred_on": values.get("occurred_on"),
        "document_no": (values.get("document_no") or "")[:100],
        "identified_document": (values.get("document_no") or "")[:100],
        "identified_issuer": (values.get("issued_by") or "")[:200],
        "evidence_from": None,
        "notified_on": on,
        "notified_how": told["how"] if told else "",
        "notified_by": row.notified_by if on == row.notified_on else "",
        "return_reason": "",
    }


def _given_up(row: Item) -> dict[str, Any]:
    """As `_as_in_force`; what can't be read does not hold up a person's withdrawal, and goes as it is."""
    try:
        return _as_in_force(row)
    except Refused:
        return {"typed": protect_typed({}), "adverse": False, "return_reason": ""}


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


def _mendable(row: Item, values: Mapping[str, Any], term: Term, today: dt.date) -> dt.date | None:
    """Until when the unit may put right that a correction ended the fact: no longer than it would have been shown
    without it. A complaint that came to nothing has no day that could be mistyped.
    """
    end, before = term.shown_until, row.shown_until
    if end is None or not row.current_version or row.revoked or values.get("outcome") in SETTLED:
        return None
    if before is not None and before <= end:
        return row.mendable_until if term.over(today) else None
    return min(before or dt.date.max, max(end, today) + dt.timedelta(MENDABLE_DAYS))


def _content_of(row: Item, kind: ItemKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is sealed of a fact, in plain."""
    return {
        "kind": kind.code,
        "basis": row.basis,
        "adverse": row.adverse,
        "revoked": row.revoked,
        "told": {"on": row.notified_on.isoformat(), "how": row.notified_how} if row.notified_on else None,
        "values": kind.dump(values),
    }


def _seal(
    row: Item,
    name: str,
    *,
    revision: int | None,
    actor: Actor,
    today: dt.date,
    more: Mapping[str, Any] | None = None,
) -> Version:
    kind, values = kind_of(row), fact_of(row).values
    place = Jurisdiction.objects.get(id=row.jurisdiction_id)
    if name == "recall":
        targets = queued_for(row)  # the consent that would say so is gone
    else:
        targets = targets_of(row, place.parameters) if may_leave(kind) and may_deliver(row) else []
    term = term_in(place, kind, values, closed_on=today)
    number, now = row.current_version + 1, timezone.now()
    sealed = advance(
        row,
        name,
        lifecycle=ITEM,
        actor=actor,
        reason=row.correction_reason if name == "recall" else "",
        revision=revision,
        changes={
            "current_version": number,
            "sealed_at": now,
            "delivery": Delivery.PENDING if targets else "",
            "shown_until": term.shown_until,
            "kept_until": term.kept_until,
            "mendable_until": _mendable(row, values, term, today),
            "return_reason": "",
            "correction_reason": "",
            "writers": [],
            **({} if row.adverse else {"identified_at": None, "identified_by": ""}),
            **(more or {}),
        },
        data=event_data(kind, version=number, adverse=row.adverse),
    )
    if not sealed.revoked:
        check_identity(sealed.archive)
    void_by_fact(sealed, actor=actor)
    content = _content_of(row, kind, values)
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
