"""Whether a document means this person: name and number as it has them, never the name alone.

The worst error of a record of conduct is that of a namesake. An adverse fact attaches to an archive only if name and
number, as they stand in its document, are those of the archive; without a number it waits apart (待核身份), and whoever
confirms it reads the end of the number from the evidence once more.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import Any
from uuid import UUID

from django.utils import timezone

from archives.document_numbers import plain, same_authority
from archives.models import Archive, Item
from archives.schema import cleaning
from archives.schema.fields import Name
from archives.schema.identifiers import DocumentType, parse_identifier, shown_ends
from archives.schema.problems import Invalid, Problem, ProblemCode
from archives.services.hub import Identity, document_of, numbers_in_hub
from archives.services.people import NotReadable
from audit import journal
from audit.lifecycle import Refused
from credit_platform import crypto
from credit_platform.actors import Actor

NAME_BOX, NUMBER_BOX = "named_name", "named_number"
LAST = 6
"""Characters of the number that the second person enters."""
_NAME = Name("文书上的姓名", required_at="draft")
_LABEL = "文书上的证件号码"


@dataclasses.dataclass(frozen=True)
class Named:
    """Whom a document names, as it was typed; `number` is blank where the document has none."""

    name: object = ""
    number: object = ""


NOBODY = Named()
"""No name and no number were given."""


def name_in(named: Named) -> str:
    """Return the name. Raises `NotReadable`."""
    try:
        name = _NAME.parse(named.name)
    except Invalid as wrong:
        raise NotReadable([wrong.at(NAME_BOX).problem]) from None
    if not name:
        message = "不利信息须核对身份：请照文书填写当事人姓名。"
        raise NotReadable([Problem(ProblemCode.REQUIRED, message, field=NAME_BOX)])
    return name


def has_number(named: Named) -> bool:
    """Tell whether anything was typed as the number."""
    return bool(str(named.number or "").strip())


def check_named(archive: Archive, named: Named, *, actor: Actor, today: dt.date) -> UUID | None:
    """Raise unless the document names the person of the archive by name and number; return the further document of
    theirs by which it does, None for the archive's own.

    `NotReadable` for a name or number that can't be one; `Refused` without a number (code `unidentified`) and for
    somebody else (`identity`). What differs is not told; the attempt is journalled.
    """
    name = name_in(named)
    if not has_number(named):
        raise Refused(
            "文书没有证件号码的，不能确定是不是本人，不得记入档案，只能转入待核身份。", code="unidentified"
        )
    wrong: Invalid | None = None
    try:
        number = parse_identifier(archive.document_type, named.number, today=today).number
    except Invalid as why:
        wrong = why
    else:
        if (name, number) == (archive.name, crypto.decrypt(archive.number, purpose="archive.number")):
            return None
    # The document may name the person by another of their papers.
    if other := document_of(archive.person_id, readings_of(name, named.number, today)):
        return other
    if wrong is not None:
        raise NotReadable([wrong.at(NUMBER_BOX).problem])
    _differs(archive, actor)
    raise Refused(
        "文书上的姓名、证件号码与本档案不一致，不能记入这份档案。请核对是否为同名的另一人。",
        code="identity",
    )


def readings_of(name: str, number: object, today: dt.date) -> list[Identity]:
    """Return what a number reads as, whatever the document; empty for what no document has."""
    found = []
    for kind in DocumentType:
        try:
            found.append(Identity(name, kind, parse_identifier(kind, number, today=today).number))
        except Invalid:
            continue
    return found


def check_last(archive: Archive, typed: str, *, actor: Actor, document: UUID | None = None) -> None:
    """Raise `Refused` unless these are the last six characters of the person's number, of whichever of their documents,
    as the second person reads them from the evidence, whose number may be an older form of it. `document`: by which
    the fact names the person (`Item.identified_with`)."""
    given = last_typed(typed)
    if not given:
        raise Refused(f"确认前请打开证明材料，照材料填写当事人证件号码的后 {LAST} 位。", code="last")
    own = crypto.decrypt(archive.number, purpose="archive.number")
    if not any(re.fullmatch(end, given) for end in shown_ends(archive.document_type, own, LAST)) and not any(
        given in ends_of(one) for one in numbers_in_hub(archive.person_id, document)
    ):
        _differs(archive, actor)
        raise Refused(
            "填写的证件号码后几位与本档案不一致，没有确认。请核对证明材料是否为同名的另一人；有误的请退回。",
            code="identity",
        )


def other_document(item: Item) -> bool:
    """Tell whether a fact rests on another document than the one that was held to name and number; one that was filled
    in since is another."""
    number, issuer = item.document_no, item.values.get("issued_by") or ""
    same_number = not number or plain(number) == plain(item.identified_document)
    held = item.identified_issuer
    return not (same_number and (not issuer or (bool(held) and same_authority(issuer, held))))


def identify(item: Item, named: Named, *, actor: Actor, today: dt.date) -> bool:
    """Hold an adverse fact, unsaved, to whom its document names, anew for each document; tell whether that was done.

    What takes the place of a document that was there needs evidence of its own (`evidence_from`). Raises as
    `check_named`.
    """
    if not item.adverse:
        if not item.current_version:  # else the version in force rests on it
            item.identified_at, item.identified_by, item.identified_with = None, "", None
        return False
    other = other_document(item)
    if not other and item.identified_by and named == NOBODY:
        return False
    item.identified_with = check_named(item.archive, named, actor=actor, today=today)
    now, number, issuer = timezone.now(), item.document_no, item.values.get("issued_by") or ""
    if other and _replaces(item, number, issuer):
        item.evidence_from = now
    item.identified_at, item.identified_by = now, actor.name
    item.identified_document = number or item.identified_document
    item.identified_issuer = issuer[:200] or item.identified_issuer
    return True


def _replaces(item: Item, number: str, issuer: str) -> bool:
    """Whether there was a document before, and this is not it: a blank that is filled in replaces nothing."""
    before, by = item.identified_document, item.identified_issuer
    return bool(number and before and plain(number) != plain(before)) or bool(
        issuer and by and not same_authority(issuer, by)
    )


def ends_of(number: str) -> set[str]:
    """Return the last characters of a number as its papers show them: also of the 15 digits that a citizen of the last
    century had before."""
    ends = {number[-LAST:]}
    if len(number) == 18 and number[6:8] == "19":
        ends.add(number[17 - LAST : 17])
    return ends


def last_typed(typed: str) -> str:
    """Return the end of a number as it is compared, however it was typed."""
    return cleaning.token(typed[:50].replace("\x00", ""))


def _differs(archive: Archive, actor: Actor) -> None:
    data: dict[str, Any] = {"occupation": archive.occupation}
    journal.look("item.identity_differs", actor=actor, subject=archive, success=False, data=data)
