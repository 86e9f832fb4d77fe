"""更正身份: an archive that was opened with a wrong name or number gets the right one.

Sealed versions stay as they are; each record and fact gets a next version with the right identity, which is delivered
like any correction. What tells against somebody never moves by itself: the second person reads the number in the
document of each fact once more, and what is not theirs is revoked first.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility
from archives.catalogue import may_leave
from archives.content import draft_of
from archives.items import event_data, kind_of
from archives.models import (
    AnnualRecord,
    Archive,
    Evidence,
    IdentityRequest,
    Item,
    Proceeding,
    RecordPart,
    Transfer,
    TransferSheet,
    Version,
)
from archives.models.transfers import OPEN
from archives.names import keys_of
from archives.occupations import occupations_of
from archives.protection import protect, protect_fact
from archives.schema.identifiers import mask
from archives.schema.manifest import schema_digest
from archives.schema.occupations import Occupation, Record
from archives.schema.standing import is_adverse
from archives.services.citations import citations, evidence_cites
from archives.services.consent_rules import consent_for, may_deliver, yearly_record_leaves
from archives.services.handed_over import close_sheets, tell
from archives.services.hub import Identity, family_of
from archives.services.hub_changes import Why, resettle
from archives.services.identities import LAST, ends_of, last_typed
from archives.services.outbox import supersede, targets_of
from archives.services.people import archive_index, identity_of, sealed_for_archive
from archives.services.roster import follow_correction
from archives.services.versions import add_version, item_version_content, sealed_record
from archives.services.writers import follow_identity, note_state, writers_key
from archives.states import RUNNING, Delivery, ProceedingStatus, SheetState, Status, TransferStatus
from audit import journal
from audit.lifecycle import Refused
from audit.models import INSIDE
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

_IDENTITY = "identity"
_SECOND = "本单位已有这个姓名和证件号码的同类档案，两份档案不能自动合并。请核对更正内容。"
_UNDER_WAY = (Status.SUBMITTED, Status.IN_REVIEW)


@dataclasses.dataclass(frozen=True)
class Held:
    """Something confirmed that tells against the person of an archive; `key` names its box on the page."""

    key: str
    label: str


def held_against(archive: Archive) -> list[Held]:
    """Return what was confirmed against the person: facts in force, and determinations in force of each year."""
    facts = [
        Held(f"item-{one.pk}", _fact_label(one))
        for one in _facts(archive).filter(adverse=True, current_version__gt=0)
    ]
    parts = _parts(archive).filter(current_version__gt=0)
    adverse = [one for one in parts if is_adverse(one.determination)]
    return facts + [Held(f"part-{one.pk}", f"{one.year} 年度不利认定") for one in adverse]


def hindrances(archive: Archive) -> list[str]:
    """Return what has to be finished before an identity can be put right, in words."""
    found = []
    if _handed_on(archive).filter(status__in=OPEN).exclude(_lapsed()).exists():
        found.append("此人正在办理转出，请先撤回，或等对方接收、退回。")
    for part in _parts(archive):
        if part.status in _UNDER_WAY or (part.current_version and part.status != Status.SEALED):
            found.append(
                f"{part.year} 年度记录正在办理（{part.get_status_display()}），请先办结、退回或放弃更正。"
            )
    open_facts = Item.workable.filter(archive_id=archive.pk, current_version__gt=0, recalled_at=None)
    for item in open_facts.exclude(status=Status.SEALED):
        found.append(f"条目“{_fact_label(item)}”正在更正或撤销，请先办结。")
    running = Proceeding.objects.filter(part__in=_parts(archive), status__in=RUNNING)
    found += [f"{one.year} 年度认定程序正在进行，请先办结或撤回。" for one in running]
    return found


def correct_identity(
    *,
    request: IdentityRequest,
    archive: Archive,
    now_is: Identity,
    lasts: Mapping[str, str],
    actor: Actor,
    today: dt.date,
) -> Archive:
    """Put the identity right, in the transaction in which the second person confirms.

    `archive` is locked; `lasts` are by `Held.key` the last characters of the number as the second person read them in
    the document of each. Raises `Refused` when something is under way, when one of those does not agree (it must be
    revoked first), when the unit has another archive of that person in the group, or for a member who has not consented
    under the right name and number; `NumberTaken` for the office.
    """
    if found := hindrances(archive):
        raise Refused("".join(found), code="under_way")
    held = held_against(archive)
    _check_lasts(held, now_is, lasts, archive, actor)
    before = identity_of(archive)
    why = Why(actor.name, request.reason, request.evidence)
    # First of all: a member who has not agreed is looked for nowhere.
    archive.consent = consent_for(
        _responsibility(archive), now_is.name, archive_index(now_is.number), hold=True
    )
    person_id = resettle(archive, before, now_is, why)
    _refuse_second_archive(archive, person_id)
    follow_correction(archive, now_is, actor=actor, today=today)
    if person_id != archive.person_id or now_is.number != before.number:
        _take_back_copies(archive)
    _leave_behind(archive)
    keys = {part.year: writers_key(archive, part.year) for part in _parts(archive)}
    _change_archive(archive, person_id, now_is)
    correction = _Correction(request, archive, now_is, actor, timezone.now(), keys)
    for item in _facts(archive):
        correction.item(item)
    for part in _parts(archive).select_related("record__archive"):
        correction.part(part)
    fields = [
        name for name in ("name", "document_type", "number") if getattr(before, name) != getattr(now_is, name)
    ]
    data: dict[str, Any] = {"fields": fields, "request": str(request.pk), "held": len(held)}
    if archive.sealed_at is None:
        data[INSIDE] = True  # of who was never confirmed the office knows nothing
    journal.write(
        "archive.identity_corrected", actor=actor, subject=archive, reason=request.reason, data=data
    )
    return archive


def _check_lasts(
    held: Sequence[Held], now_is: Identity, lasts: Mapping[str, str], archive: Archive, actor: Actor
) -> None:
    for one in held:
        if last_typed(lasts.get(one.key, "")) not in ends_of(now_is.number):
            journal.look("item.identity_differs", actor=actor, subject=archive, success=False)
            raise Refused(
                f"“{one.label}”：请打开其文书，照文书填写当事人证件号码的后 {LAST} 位。"
                "文书写的不是更正后的人的，不能随档案更正，请先撤销或更正这一条。",
                code="held",
            )


def _refuse_second_archive(archive: Archive, person_id: UUID) -> None:
    same = Archive.objects.filter(
        person_id__in=family_of(person_id), occupation=archive.occupation, agency_id=archive.agency_id
    )
    if same.exclude(id=archive.pk).exists():
        raise Refused(_SECOND, code="second")


def _responsibility(archive: Archive) -> Responsibility:
    return Responsibility.objects.get(
        jurisdiction_id=archive.jurisdiction_id, agency_id=archive.agency_id, occupation=archive.occupation
    )


def _handed_on(archive: Archive) -> QuerySet[Transfer]:
    return Transfer.objects.filter(from_jurisdiction_id=archive.jurisdiction_id, archive_id=archive.pk)


def _lapsed() -> Q:
    """As `Transfer.has_lapsed`: nobody can receive those any more, and nobody has to end them."""
    return Q(status=TransferStatus.SENT, lapses_on__lt=timezone.localdate())


def _take_back_copies(archive: Archive) -> None:
    """What was handed over was about somebody else than the archive is now: closed, without a successor (AY-23)."""
    for transfer in _handed_on(archive):
        sheets = TransferSheet.objects.filter(
            from_jurisdiction_id=archive.jurisdiction_id, transfer_id=transfer.pk, state=SheetState.CURRENT
        )
        if given := list(sheets.exclude(match_key="").select_for_update(of=("self",))):
            close_sheets(given, SheetState.WITHDRAWN)
            if transfer.status == TransferStatus.RECEIVED:
                tell(transfer, "transfer.sheet_withdrawn", end="to", kind="transfer_changed")


def _change_archive(archive: Archive, person_id: UUID, now_is: Identity) -> None:
    archive.person_id = person_id
    archive.name, archive.document_type = now_is.name, now_is.document_type
    archive.name_sort, archive.initials = keys_of(now_is.name)
    archive.number, archive.number_mask = sealed_for_archive(now_is.number), mask(now_is.number)
    archive.number_index = archive_index(now_is.number)
    try:
        with transaction.atomic():
            archive.save()
    except IntegrityError as error:  # a colleague has just opened one for the right number
        raise Refused(_SECOND, code="second") from error
    AnnualRecord.objects.filter(archive_id=archive.pk).update(person_id=person_id)
    parts, facts = _parts(archive), _facts(archive)
    mine = Q(part_id__in=list(parts.values_list("id", flat=True))) | Q(
        item_id__in=list(facts.values_list("id", flat=True))
    )
    Evidence.objects.filter(mine).update(person_id=person_id)
    # Procedures that led to nothing, or to what was corrected away, were about whoever it was then.
    held = [one.pk for one in parts if is_adverse(one.determination)]
    Proceeding.objects.filter(part_id__in=held, status=ProceedingStatus.SEALED).update(person_id=person_id)


def _leave_behind(archive: Archive) -> None:
    """What was revoked or is over stays with whom it named; a withdrawal that is still to be delivered says so."""
    before = {"name": archive.name, "document_type": archive.document_type, "number": archive.number}
    rows = Item.of_all_time.filter(archive_id=archive.pk, left_with__isnull=True, current_version__gt=0)
    rows.exclude(id__in=list(_facts(archive).values_list("id", flat=True))).update(left_with=before)


@dataclasses.dataclass(frozen=True)
class _Correction:
    """One correction under way, about each head in turn."""

    request: IdentityRequest
    archive: Archive
    now_is: Identity
    actor: Actor
    at: dt.datetime
    keys: Mapping[int, str]
    """Under which the writers of a year found each other before (`writers_key`)."""

    def item(self, item: Item) -> None:
        """Name and mask; a confirmed fact gets its next version, a draft against the person must be held to the number
        anew before it goes anywhere."""
        row = Item.of_all_time.select_for_update(of=("self",)).get(id=item.pk)
        row.archive = self.archive
        row.person_id, row.name, row.number_mask = (
            self.archive.person_id,
            self.now_is.name,
            self.archive.number_mask,
        )
        row.revision += 1
        if row.adverse:
            row.identified_at, row.identified_by = self.at, self.actor.name if row.current_version else ""
            row.identified_with = None
        if not row.current_version:
            row.save()
            return
        kind = kind_of(row)
        version = self._sealed(row)
        content = item_version_content(version, kind)
        place = Jurisdiction.objects.get(id=row.jurisdiction_id)
        targets = targets_of(row, place.parameters) if may_leave(kind) and may_deliver(row) else []
        self._next(row, delivery=Delivery.PENDING if targets else "")
        self._add(
            row,
            content=content,
            stored={**content, "values": protect_fact(kind.section, content["values"])},
            schema_digest=kind.digest(row.year),
            cites=evidence_cites(row),
            targets=targets,
        )
        data = event_data(kind, version=row.current_version)
        journal.write("item.identity_corrected", actor=self.actor, subject=row, data=data)

    def part(self, part: RecordPart) -> None:
        """Name and mask; a confirmed record gets its next version, a draft goes on with the right identity."""
        row = RecordPart.objects.select_for_update(of=("self",)).get(id=part.pk)
        row.record = part.record
        row.record.archive = self.archive
        row.person_id, row.name, row.number_mask = (
            self.archive.person_id,
            self.now_is.name,
            self.archive.number_mask,
        )
        row.name_sort, row.initials = self.archive.name_sort, self.archive.initials
        occupation = occupations_of(row.jurisdiction_id)[row.agency_id, row.occupation]
        row.revision += 1
        if not row.current_version or _IDENTITY not in occupation.sections:
            row.values = protect(occupation, occupation.dump(self._named(draft_of(row, occupation).record)))
            row.save()
        else:
            self._seal_part(row, occupation)
        if self.keys[row.year] != writers_key(self.archive, row.year):
            follow_identity(row, self.keys[row.year])
        note_state(row)

    def _seal_part(self, row: RecordPart, occupation: type[Occupation]) -> None:
        version = self._sealed(row)
        sealed, record = sealed_record(version, occupation)  # with the boxes that it was sealed with
        content = sealed.dump(self._named(record))
        row.values, row.opened_with = protect(occupation, content), None
        leaves = yearly_record_leaves(row)
        self._next(row, delivery=Delivery.PENDING if leaves else "")
        same = {name: version.cites[name] for name in ("part", "proceeding") if name in version.cites}
        cites = {name: told for name, told in citations(row, sealed, None).items() if name != "part"} | same
        self._add(
            row,
            content=content,
            stored=protect(occupation, content),
            schema_digest=schema_digest(occupation, row.year),
            cites=cites,
            targets=None if leaves else [],
        )
        fields = ["name", "document_type", "document_number"]
        data = {"version": row.current_version, "fields": fields, "author": self.request.proposed_by}
        journal.write("record.identity_corrected", actor=self.actor, subject=row, data=data)

    def _named(self, record: Record) -> Record:
        if _IDENTITY not in record:
            return record
        known = {
            "name": self.now_is.name,
            "document_type": self.now_is.document_type,
            "document_number": self.now_is.number,
        }
        identity: Any = record[_IDENTITY]
        return {**record, _IDENTITY: {**identity, **known}}

    def _sealed(self, head: RecordPart | Item) -> Version:
        of: dict[str, Any] = {"part": head} if isinstance(head, RecordPart) else {"item": head}
        found = Version.objects.select_related("part", "item").prefetch_related("bodies")
        return found.get(number=head.current_version, **of)

    def _next(self, row: RecordPart | Item, *, delivery: str) -> None:
        row.current_version += 1
        row.sealed_at, row.delivery = self.at, delivery
        row.save()

    def _add(self, head: RecordPart | Item, **more: Any) -> None:
        version = add_version(
            head,
            reason=f"更正身份：{self.request.reason}"[:500],
            author=(self.request.proposer_id, self.request.proposed_by),
            approver=self.actor,
            **more,
        )
        with acting(head.jurisdiction_id, "job"):
            supersede(version)


def _parts(archive: Archive) -> QuerySet[RecordPart]:
    """The records of the archive, but for those that a member's withdrawn consent has taken back."""
    return RecordPart.objects.filter(record__archive_id=archive.pk, recalled_at=None).order_by("year", "id")


def _facts(archive: Archive) -> Any:
    """The facts that are drafts or in force, or whose end may still be put right (else that goes out under the wrong
    name); what was revoked or recalled or is over for good stays as it was."""
    found = Item.workable.filter(archive_id=archive.pk, recalled_at=None)
    found = found.exclude(revoked=True, status=Status.SEALED)
    return found.order_by("occurred_on", "id")


def _fact_label(item: Item) -> str:
    return " ".join(filter(None, (kind_of(item).label, item.document_no)))
