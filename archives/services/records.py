"""Filling in, passing on, returning and sealing the part of a record."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import Responsibility
from archives.content import Draft, changed_fields, draft_of, read_posted
from archives.lifecycle import PART, may_fill
from archives.models import AnnualRecord, Archive, RecordPart, Version
from archives.occupations import occupation_of
from archives.protection import protect, protect_typed
from archives.schema.fields import Stage
from archives.schema.manifest import schema_digest
from archives.schema.occupations import Occupation, Record
from archives.schema.problems import Problem
from archives.schema.standing import DETERMINATION_FIELDS, is_adverse
from archives.services.citations import citations
from archives.services.consent_rules import check_consented, yearly_record_leaves
from archives.services.determination import check_determination, close_proceeding, withdraw_with_draft
from archives.services.identity_settling import check_identity
from archives.services.people import NotReadable, identity_of
from archives.services.tellings import tell_returned
from archives.services.versions import add_version, author_of
from archives.states import Delivery, Status
from audit import journal
from audit.lifecycle import Refused, Stale, advance, clean_reason, lock
from credit_platform.actors import Actor

SEE_NOTES = "请按各栏旁的审核意见修改。"
_LONGEST_NOTE = 200


@dataclasses.dataclass(frozen=True)
class Saved:
    """What saving a draft came to: the updated part and every problem, also those that stop nothing."""

    part: RecordPart
    problems: list[Problem]


def occupation_for(part: RecordPart) -> type[Occupation]:
    """Return the occupation of a part."""
    return occupation_of(
        Responsibility.objects.select_related("agency").get(
            jurisdiction_id=part.jurisdiction_id, agency_id=part.agency_id, occupation=part.occupation
        )
    )


@transaction.atomic
def save_draft(
    *, part: RecordPart, posted: Mapping[str, Any], revision: int, actor: Actor, today: dt.date
) -> Saved:
    """Keep what was filled in, readable or not: a draft never loses anything.

    `posted` maps sections to raw field values (`archives.content.posted_record`). Raises `Refused` when the actor may
    not write now and `Stale` when somebody saved since `revision`; then nothing has changed.
    """
    row = lock(part)
    if not may_fill(row, actor):
        raise Refused("这份记录现在不能修改。请刷新页面查看最新状态。", code="not_writable")
    occupation = occupation_for(row)
    before = draft_of(row, occupation)
    after, problems = read_posted(occupation, posted, before, year=row.year, today=today)
    changed = [field.name for field in changed_fields(occupation, before.record, after.record)]
    if not changed and dict(after.typed) == dict(before.typed):
        return Saved(row, problems)  # also when somebody saved the very same since `revision`
    if row.revision != revision:
        raise Stale(f"这份记录已由{row.saved_by}在另一处保存，您的内容没有覆盖它。", code="stale")
    fill_in(row, occupation, after, actor=actor)
    row.save(update_fields=FILLED_IN)
    journal.write("record.saved", actor=actor, subject=row, data={"fields": changed})
    return Saved(row, problems)


FILLED_IN = ("values", "typed", "determination", "writers", "revision", "saved_by", "saved_at")
"""What `fill_in` sets."""


def fill_in(row: RecordPart, occupation: type[Occupation], draft: Draft, *, actor: Actor) -> None:
    """Put `draft` into the part, without saving it; the next revision."""
    row.values = protect(occupation, occupation.dump(draft.record))
    row.typed = protect_typed(draft.typed)
    row.determination = determination_of(draft.record)
    row.writers = _with_author(row, actor)
    row.revision += 1
    row.saved_by, row.saved_at = actor.name, timezone.now()


@transaction.atomic
def submit(
    *,
    part: RecordPart,
    revision: int | None,
    actor: Actor,
    today: dt.date,
    data: Mapping[str, Any] | None = None,
) -> RecordPart:
    """Hand a complete draft on: a filler's to the clerk (待经办), a clerk's to the reviewer (待审核).

    `data`: what the journal tells besides. Raises `NotReadable` with every problem when it is not complete, else as
    `advance()`.
    """
    row, record = _lock_complete(part, "submit", today)
    _withdraw_unless_adverse(row, record, actor)
    name = "submit" if actor.kind == "employer" else "submit_for_review"
    changes = {"return_reason": "", "return_notes": {}, "writers": _with_writer(row, actor)}
    return advance(row, name, lifecycle=PART, actor=actor, revision=revision, changes=changes, data=data)


@transaction.atomic
def pass_on(
    *,
    part: RecordPart,
    revision: int | None,
    actor: Actor,
    today: dt.date,
    data: Mapping[str, Any] | None = None,
) -> RecordPart:
    """The clerk passes a submitted record on to review. `data` and what it raises as `submit()`."""
    row, record = _lock_complete(part, "submit", today)
    _withdraw_unless_adverse(row, record, actor)
    changes = {"writers": _with_writer(row, actor)}
    return advance(row, "pass_on", lifecycle=PART, actor=actor, revision=revision, changes=changes, data=data)


@transaction.atomic
def send_back(
    *,
    part: RecordPart,
    reason: str,
    revision: int | None,
    actor: Actor,
    notes: Mapping[str, str] | None = None,
) -> RecordPart:
    """Clerk or reviewer returns a record with a reason, with remarks on single fields, or both. Raises as `advance()`.

    `notes`: remarks by field name; who fills in sees each at its cell until the record is handed on again.
    """
    name = "return" if part.status == "in_review" else "return_to_filler"
    remarks = _clean_notes(part, notes or {})
    reason = clean_reason(reason) or (SEE_NOTES if remarks else "")
    returned = advance(
        part,
        name,
        lifecycle=PART,
        actor=actor,
        reason=reason,
        revision=revision,
        changes={"return_reason": reason, "return_notes": remarks},
        data={"fields": list(remarks)} if remarks else None,
    )
    tell_returned(returned, to_filler=name == "return_to_filler")
    return returned


def _clean_notes(part: RecordPart, notes: Mapping[str, str]) -> dict[str, str]:
    known = occupation_for(part).fields()
    cleaned = {name: clean_reason(notes[name])[:_LONGEST_NOTE] for name in known if name in notes}
    return {name: text for name, text in cleaned.items() if text}


@transaction.atomic
def start_correction(*, part: RecordPart, reason: str, revision: int | None, actor: Actor) -> RecordPart:
    """Open a sealed record for correction (AY-22). The current version stays valid until the next one is sealed.

    Raises as `advance()`.
    """
    changes = {
        "correction_reason": clean_reason(reason),
        "writers": [actor.user_id],
        "saved_by": actor.name,
        "saved_at": timezone.now(),
    }
    return advance(
        part, "correct", lifecycle=PART, actor=actor, reason=reason, revision=revision, changes=changes
    )


@transaction.atomic
def seal(*, part: RecordPart, revision: int | None, actor: Actor, today: dt.date) -> Version:
    """审核确认: seal the draft as the next version and queue it for delivery, in one transaction (AY-N1, AY-15, AY-23).

    The determination is 守信 unless proven otherwise (AY-N2); an adverse one needs evidence and a procedure that was
    gone through to the end (AY-N3). Nobody is sealed whose identity does not match (LL-01), or
    is not the archive's. Raises `NotReadable` or as `advance()`, `check_determination()` and `check_identity()`.
    """
    row, record = _lock_complete(part, "seal", today)
    if row.status == Status.SEALED and revision is not None and row.revision != revision + 1:
        message = "您打开以后，这份记录又有变化，这一次没有办理确认。请查看现行版本。"
        raise Stale(message, code="stale")
    occupation, now = occupation_for(row), timezone.now()
    number = row.current_version + 1
    leaves = yearly_record_leaves(row)
    sealed = advance(
        row,
        "seal",
        lifecycle=PART,
        actor=actor,
        revision=revision,
        changes={
            "current_version": number,
            "determination": determination_of(record),
            "sealed_at": now,
            "delivery": Delivery.PENDING if leaves else "",
            "return_reason": "",
            "return_notes": {},
            "correction_reason": "",
            "writers": [],
        },
        data={"version": number, "determination": determination_of(record)},
    )
    proceeding = check_determination(row, occupation, record)
    check_identity(row.record.archive)
    _check_same_person(row.record.archive, record)
    content = occupation.dump(record)
    version = add_version(
        sealed,
        content=content,
        stored=protect(occupation, content),
        schema_digest=schema_digest(occupation, sealed.year),
        cites=citations(sealed, occupation, proceeding),
        reason=row.correction_reason,
        author=author_of(row),
        approver=actor,
        targets=None if leaves else [],
    )
    close_proceeding(proceeding, at=now, actor=actor)
    AnnualRecord.objects.filter(id=sealed.record_id, sealed_at=None).update(sealed_at=now)
    Archive.objects.filter(id=sealed.record.archive_id, sealed_at=None).update(sealed_at=now)
    return version


@transaction.atomic
def clear_adverse(*, part: RecordPart, reason: str, actor: Actor) -> RecordPart:
    """不予认定: the draft says 守信 again, and if it lay with the reviewer it goes back to the clerk with the reason.

    The caller has decided so and journalled it; the reviewer does not become a writer by it.
    """
    row = lock(part)
    occupation = occupation_for(row)
    draft = draft_of(row, occupation)
    standing = dict(draft.record["standing"])
    cleared = {name: None for name in DETERMINATION_FIELDS if name in standing}
    defaults = {name: occupation.fields()[name].default for name in ("determination", "ground")}
    row.values = protect(
        occupation, occupation.dump({**draft.record, "standing": {**standing, **cleared, **defaults}})
    )
    row.typed = {name: text for name, text in row.typed.items() if name not in DETERMINATION_FIELDS}
    row.determination = defaults["determination"] or ""
    row.revision += 1
    row.save(update_fields=["values", "typed", "determination", "revision"])
    fields = ["determination", *cleared]
    journal.write("record.saved", actor=actor, subject=row, reason=reason, data={"fields": fields})
    if row.status == Status.IN_REVIEW:
        return send_back(part=row, reason=reason, revision=None, actor=actor)
    return row


def _lock_complete(part: RecordPart, stage: Stage, today: dt.date) -> tuple[RecordPart, Record]:
    """Return the locked row and what it holds. Raises `NotReadable` when that is not complete at `stage`,
    `Refused` when a member has withdrawn the consent."""
    check_consented(part)
    row = lock(part)
    occupation = occupation_for(row)
    raw = draft_of(row, occupation).raw()
    record, problems = occupation.parse(raw, stage=stage, year=row.year, today=today)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise NotReadable(errors)
    return row, record


def _check_same_person(archive: Archive, record: Record) -> None:
    """A draft may hold an identity that was put right in the archive meanwhile: it is never sealed."""
    if "identity" not in record:
        return
    known, told = identity_of(archive), record["identity"]
    if (known.name, known.document_type, known.number) != (
        told.get("name"),
        told.get("document_type"),
        told.get("document_number"),
    ):
        raise Refused(
            "这份记录的姓名或证件号码与档案不一致（档案的身份已更正），不能确认。请退回，由经办人重新核对。",
            code="identity_differs",
        )


def determination_of(record: Record) -> str:
    """The determination, which of several writers only the leading one has."""
    return record.get("standing", {}).get("determination") or ""


def _withdraw_unless_adverse(part: RecordPart, record: Record, actor: Actor) -> None:
    """Handing on 守信 takes back what was only intended; a save, which may be a slip of the mouse, does not."""
    if not is_adverse(determination_of(record)):
        withdraw_with_draft(part, at=timezone.now(), actor=actor)


def _with_author(part: RecordPart, actor: Actor) -> list[int]:
    """Who saved last stands first: that is the author whom the version names (PD-21)."""
    others = [writer for writer in part.writers if writer != actor.user_id]
    return [actor.user_id, *others] if actor.user_id is not None else others


def _with_writer(part: RecordPart, actor: Actor) -> list[int]:
    """Who hands on stands behind the author."""
    if actor.user_id is None or actor.user_id in part.writers:
        return list(part.writers)
    return [*part.writers, actor.user_id]
