"""What is handed over with a person: the words of sealed versions, kept true afterwards.

A page that was handed over is a copy, so every change of its original has to reach it: a correction closes the copy,
empties it and sends the next one after it, a withdrawal closes it for good (AY-23). Nothing here is ever read from the
other unit's own tables.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agencies.models import Responsibility, Role
from archives.catalogue import may_leave
from archives.content import flat
from archives.items import kind_of
from archives.models import Item, RecordPart, Transfer, TransferSheet, Version
from archives.models.items import LocalToday
from archives.occupations import occupation_of
from archives.schema.fields import Field
from archives.schema.parts import as_sealed
from archives.states import SheetState, TransferStatus
from audit import journal
from credit_platform import crypto
from credit_platform.actors import job
from credit_platform.tenancy.context import acting, looking_up
from notices.selectors import handlers_of
from notices.services import notify

Head = RecordPart | Item
Lines = list[tuple[str, str]]
_IN_SHEET = "transfer.sheet"
_ORDER = ("-year", "label", "head_id", "-number")
WITHDRAWN_LABEL = "已撤回的内容"
OFFICE = "转出转入"
"""Under this name the journal of the other unit has what came from here."""


def seal_text(value: Any, *, purpose: str) -> str:
    """Return JSON as the envelope keeps it: encrypted."""
    return crypto.encrypt(json.dumps(value, ensure_ascii=False), purpose=purpose)


def open_text(text: str, *, purpose: str) -> Any:
    """Return what `seal_text` wrote. Raises `crypto.Undecipherable`."""
    return json.loads(crypto.decrypt(text, purpose=purpose))


def new_sheet(
    transfer: Transfer, head: Head, version: Version, content: Mapping[str, Any], *, match_key: str
) -> TransferSheet:
    """Return a page with what a version says, not saved yet. `content` is the version's plain body."""
    ends = ("from_jurisdiction_id", "from_agency_id", "to_jurisdiction_id", "to_agency_id")
    lines = _lines_of_item(head, content) if isinstance(head, Item) else _lines_of_part(head, content)
    return TransferSheet(
        transfer=transfer,
        match_key=match_key,
        head_id=head.pk,
        number=version.number,
        digest=version.digest,
        year=head.year,
        label=kind_of(head).label if isinstance(head, Item) else "年度信用信息记录表",
        approver_name=version.approver_name,
        sealed_at=version.sealed_at,
        reason=version.reason,
        body=seal_text(lines, purpose=_IN_SHEET),
        shown_until=head.shown_until if isinstance(head, Item) else None,
        **{name: getattr(transfer, name) for name in ends},
    )


def may_be_handed_over(item: Item, content: Mapping[str, Any]) -> bool:
    """Tell whether a confirmed fact goes along: what may leave the unit, is not withdrawn and not in dispute."""
    return may_leave(kind_of(item)) and not content["revoked"] and not item.disputed


def follow_correction(head: Head, version: Version, content: Mapping[str, Any]) -> None:
    """Carry a further version to whoever was handed an earlier one. Called in the sealing transaction."""
    goes_on = not isinstance(head, Item) or may_be_handed_over(head, content)
    every = _sheets_of(head)
    given = every.filter(state=SheetState.CURRENT).exclude(match_key="")
    current = list(given.select_for_update(of=("self",)).select_related("transfer"))
    today = timezone.localdate()
    for sheet in current:
        close_sheets([sheet], SheetState.CORRECTED)
        if goes_on and not sheet.transfer.has_lapsed(today):
            new_sheet(sheet.transfer, head, version, content, match_key=sheet.match_key).save(
                force_insert=True
            )
    if not goes_on:
        close_sheets(list(every.select_for_update(of=("self",))), SheetState.WITHDRAWN)
    elif current and isinstance(head, Item):  # the pages that it replaces end with it
        every.update(shown_until=head.shown_until)
    for sheet in current:
        _tell_of_change(sheet.transfer, goes_on=goes_on)


def follow_terms(items: Iterable[Item]) -> None:
    """Carry the last days of facts, worked out anew, to the copies. For jobs of the county."""
    until = {item.pk: (item.jurisdiction_id, item.shown_until) for item in items}
    places = {place for place, _ in until.values()}
    sheets = TransferSheet.objects.filter(from_jurisdiction_id__in=places, head_id__in=list(until))
    for sheet in sheets:
        sheet.shown_until = until[sheet.head_id][1]
        sheet.save(update_fields=["shown_until"])


def _sheets_of(head: Head) -> QuerySet[TransferSheet]:
    """Every page of a fact or record, at whichever unit and of whatever version."""
    return TransferSheet.objects.filter(from_jurisdiction_id=head.jurisdiction_id, head_id=head.pk)


def close_sheets(sheets: Sequence[TransferSheet], state: SheetState) -> None:
    """Empty pages for good and say why: what they said is in no table of the envelope any more.

    Of what was withdrawn not even the kind is told: it is as if it had never been.
    """
    for sheet in sheets:
        sheet.state, sheet.body, sheet.changed_at = state, "", timezone.now()
        if state == SheetState.WITHDRAWN:
            sheet.label, sheet.reason = WITHDRAWN_LABEL, ""
        sheet.save(update_fields=["state", "body", "label", "reason", "changed_at"])


def destroy_copies(item: Item) -> None:
    """Empty every copy of a fact whose content is destroyed, of earlier versions as well. For jobs of the county."""
    sheets = _sheets_of(item).exclude(state=SheetState.WITHDRAWN, label=WITHDRAWN_LABEL)
    close_sheets(list(sheets.select_for_update(of=("self",))), SheetState.WITHDRAWN)


def take_back(transfer: Transfer) -> None:
    """Take all pages of a transfer back from the addressee; for the old unit and its county's jobs."""
    sheets = TransferSheet.objects.filter(
        from_jurisdiction_id=transfer.from_jurisdiction_id, transfer_id=transfer.pk
    )
    sheets.update(state=SheetState.WITHDRAWN, body="", match_key="", changed_at=timezone.now())


def pages_for(transfer: Transfer) -> list[tuple[TransferSheet, Lines]]:
    """Return what the new unit may read now, the latest year first: nothing before the check, nothing past its time.

    Of what was corrected or withdrawn since, the page stands there empty with its state.
    """
    today = timezone.localdate()
    readable = transfer.status == TransferStatus.RECEIVED or (
        transfer.status == TransferStatus.SENT and not transfer.has_lapsed(today)
    )
    if not readable or not transfer.key:
        return []
    with looking_up(transfer.key):
        rows = TransferSheet.objects.filter(
            _in_time(),
            to_jurisdiction_id=transfer.to_jurisdiction_id,
            to_agency_id=transfer.to_agency_id,
            transfer_id=transfer.pk,
            match_key=transfer.key,
        )
        found = list(rows.order_by(*_ORDER))
    return [(row, open_text(row.body, purpose=_IN_SHEET) if row.body else []) for row in found]


def given_of(transfer: Transfer) -> list[TransferSheet]:
    """Return the pages as the old unit sees them: what went along and what became of it."""
    rows = TransferSheet.objects.filter(
        _in_time(), from_jurisdiction_id=transfer.from_jurisdiction_id, transfer_id=transfer.pk
    )
    return list(rows.order_by(*_ORDER))


def _in_time() -> Q:
    return Q(shown_until=None) | Q(shown_until__gte=LocalToday())


def tell(
    transfer: Transfer,
    verb: str,
    *,
    end: str,
    kind: str,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Journal at one end what the other did, and tell its clerks: a kind and a number, no person."""
    place = getattr(transfer, f"{end}_jurisdiction_id")
    with acting(place, "job"):
        by = job(place, OFFICE)
        journal.write(
            verb, actor=by, subject=transfer, reason=reason, data=data or {}, **owners(transfer, end)
        )
        clerks = handlers_of(
            agency_id=getattr(transfer, f"{end}_agency_id"),
            occupation=getattr(transfer, f"{end}_occupation"),
            roles=[Role.CLERK],
        )
        side = "out" if end == "from" else "in"
        notify(clerks, kind, url=f"{reverse('transfer-list')}?side={side}", key=kind)


def owners(transfer: Transfer, end: str) -> dict[str, Any]:
    """Return whose journal an event stands in: `end` is "from" or "to"."""
    return {
        "agency_id": getattr(transfer, f"{end}_agency_id"),
        "employer_id": None,
        "occupation": getattr(transfer, f"{end}_occupation"),
    }


def _tell_of_change(transfer: Transfer, *, goes_on: bool) -> None:
    waits = transfer.status == TransferStatus.SENT and not transfer.has_lapsed(timezone.localdate())
    if waits or transfer.status == TransferStatus.RECEIVED:
        verb = "transfer.sheet_corrected" if goes_on else "transfer.sheet_withdrawn"
        tell(transfer, verb, end="to", kind="transfer_changed")


def _lines_of_part(part: RecordPart, content: Mapping[str, Any]) -> Lines:
    """The boxes of a record that leave at all, and those of its determination; numbers masked."""
    rows = Responsibility.objects.select_related("agency")
    occupation = occupation_of(
        rows.get(jurisdiction_id=part.jurisdiction_id, agency_id=part.agency_id, occupation=part.occupation)
    )
    occupation = as_sealed(occupation, content, part=False)  # with the boxes that it was sealed with
    leaving = [
        field
        for name, field in occupation.fields().items()
        if (field.push or name in occupation.determination_fields) and field.applies_in(part.year)
    ]
    return _texts(leaving, flat(occupation.load(content)))


def _lines_of_item(item: Item, content: Mapping[str, Any]) -> Lines:
    """The boxes of a fact that leave at all, and what it rests on."""
    kind = kind_of(item)
    fields = [field for field in kind.section.fields.values() if field.push and field.applies_in(item.year)]
    return [("依据", str(content["basis"])), *_texts(fields, kind.load(content["values"]))]


def _texts(fields: Iterable[Field[Any]], values: Mapping[str, Any]) -> Lines:
    told = ((field.label, field.masked(values.get(field.name))) for field in fields if not field.computed)
    return [(label, text) for label, text in told if text]


def last_day(sent: dt.date, days: int) -> dt.date:
    """Return the last day on which a transfer may be received."""
    return sent + dt.timedelta(days=days)
