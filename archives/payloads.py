"""What a municipal platform gets of a sealed version: push names and values, nothing that has no push name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from archives.awards import gone
from archives.items import kind_of
from archives.models import Item, Version
from archives.models.items import is_over
from archives.occupations import Occupations
from archives.platforms import Platform
from archives.schema.kinds import ItemKind
from archives.schema.parts import STANDING
from archives.schema.pushed import form_names
from archives.services.versions import item_version_content, sealed_record
from credit_platform import crypto


@dataclasses.dataclass(frozen=True)
class Payload:
    """The payload of one version and the printed name of its group.

    `part` says which part of a record with several writers it is (GZ-A02): whether its writer leads, and its sections.
    """

    occupation_label: str
    payload: dict[str, Any]
    part: dict[str, Any] | None = None
    withdrawn: bool = False
    """An item that is no longer true, or of a kind that the platform has ceased to take: the payload only says which.
    """


ANY = Platform("")
"""A platform without a catalogue of its own."""


def version_payload(
    *,
    version: Version,
    occupations: Occupations,
    stored: Mapping[str, Any] | None = None,
    platform: Platform = ANY,
) -> Payload:
    """Return what `platform` gets of a sealed version, after checking its digest. Raises `crypto.Undecipherable`.

    `stored` is the content of its body, where that has been read already.
    """
    head = version.head
    occupation = occupations[head.agency_id, head.occupation]
    label = occupation.label_at(version.sealed_at)
    if isinstance(head, Item):
        return _item_payload(head, version, label, stored, platform)
    sealed, record = sealed_record(version, occupation, stored)
    part = None
    if sealed.whole is not None:
        part = {"lead": STANDING in sealed.sections, "sections": list(sealed.sections)}
    payload = dict(sealed.payload(record, year=head.year))
    for name, (section, field) in platform.demands.items():
        if section in sealed.sections and field in sealed.sections[section].fields:
            payload[name] = sealed.sections[section].fields[field].payload(record[section].get(field))
    return Payload(label, platform.only(payload), part)


def _item_payload(
    item: Item, version: Version, label: str, stored: Mapping[str, Any] | None, platform: Platform
) -> Payload:
    kind = kind_of(item)
    content = item_version_content(version, kind, stored)
    subject = {
        **_named(item),
        "XXZL": kind.code,
        "XXYJ": content["basis"],
    }
    over = content["revoked"] or item.recalled_at is not None or is_over(item) or gone(item)
    if over or not platform.takes(kind.code):
        return Payload(label, subject, withdrawn=True)
    values = kind.payload(kind.load(content["values"]), year=item.year)
    return Payload(label, platform.only({**values, **_form_of(kind, version, subject), **subject}))


def _named(item: Item) -> dict[str, str]:
    """Whom a fact is about: of one that was left behind when its archive got another identity, who it was before."""
    archive, before = item.archive, item.left_with
    if before is not None:
        named = (before["name"], before["document_type"], before["number"])
    else:
        named = (archive.name, archive.document_type, archive.number)
    name, document_type, number = named
    return {"XM": name, "ZJLX": document_type, "ZJHM": crypto.decrypt(number, purpose="archive.number")}


def _form_of(kind: ItemKind, version: Version, subject: Mapping[str, Any]) -> dict[str, Any]:
    """What the 双公示 form of a penalty or licence says about person and source, under its own names; the source bears
    the name that it had when the version was sealed."""
    form = kind.section.public_form
    if not form:
        return {}
    told = {
        "name": subject["XM"],
        "class": "自然人",
        "document_type": subject["ZJLX"],
        "document_number": subject["ZJHM"],
        "source": version.head.agency.name_at(version.sealed_at),
    }
    return {name: told[what] for what, name in form_names(form).items()}
