"""What a dated fact has to be before it goes a step further: of a kind and on a basis of the place, complete, held to
whom its document names, and not there already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from agencies.models import Jurisdiction, Responsibility
from archives.catalogue import refusal
from archives.items import birth_date, fact_of, kind_of, kinds_for
from archives.models import Item, RecordPart
from archives.occupations import occupation_of
from archives.schema.fields import Stage
from archives.schema.kinds import ItemKind, kinds
from archives.services.consent_rules import check_consented
from archives.services.identities import other_document
from archives.services.item_twins import lock_twins, refuse_twin
from archives.services.people import NotReadable
from archives.services.validity import term_in
from archives.validity import Term
from audit.lifecycle import Refused, lock


def kind_for(place: RecordPart | Item, code: str) -> ItemKind:
    """Return the kind of this code. Raises `Refused` for one that the agency may not write into records of this group.

    `place` says which county, agency and group.
    """
    county, today = str(place.jurisdiction_id), timezone.localdate()
    if why := refusal(code, place=county, today=today):
        raise Refused(why, code="kind")
    kind = kinds.get(code)
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=place.jurisdiction_id, agency_id=place.agency_id, occupation=place.occupation
    )
    if kind not in kinds_for(occupation_of(responsibility), responsibility):
        raise Refused(f"本单位的这类档案不记录“{kind.label}”，请从列表中选择。", code="kind")
    return kind


def check_basis(kind: ItemKind, basis: str, *, place: int) -> None:
    """Raise `Refused` for a basis that the kind does not have in this place, named by its code (PD-19, ZD-20)."""
    if basis not in [str(one) for one in kind.bases_in(str(place))]:
        raise Refused("请选择依据：没有依据的信息不得归集，依据只能从列表中选择。", code="basis")


def check_term(row: Item, kind: ItemKind, values: Mapping[str, Any], today: dt.date) -> Term:
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


def lock_complete(item: Item, stage: Stage, today: dt.date) -> Item:
    """Return the locked row, `adverse` as its values say.

    Raises `NotReadable` when it is not complete, `Refused` when what it was opened on holds no longer (catalogue,
    division of work, basis, consent), when it is not held to name and number of its document, or when its twin is
    there.
    """
    check_consented(item)
    lock_twins(item.person_id)
    row = lock(item)
    kind = kind_of(row)
    born = birth_date(row.archive)
    raw = fact_of(row).raw()
    values, problems = kind.parse(raw, stage=stage, birth_date=born, year=row.year, today=today)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise NotReadable(errors)
    if not row.current_version:  # what is in force may be corrected, whoever may enter such facts today
        kind_for(row, row.kind)
    check_basis(kind, row.basis, place=row.jurisdiction_id)
    _note_adverse(row, kind.adverse(values))
    check_term(row, kind, values, today)
    refuse_twin(row, drafts=False)
    return row


def _note_adverse(row: Item, adverse: bool) -> None:
    """Let the column, which guards and database read, say what the values say. Raises `Refused` where an adverse fact
    was not held to whom its present document names."""
    if adverse and (not row.identified_by or other_document(row)):
        raise Refused("身份尚未核对：请照文书填写当事人姓名和证件号码，保存后再办理。", code="unidentified")
    if row.adverse != adverse:
        row.adverse = adverse
        row.save(update_fields=["adverse"])
