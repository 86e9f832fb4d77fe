"""What a municipal platform gets of a sealed version: push names and values, nothing that has no push name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from archives.items import kind_of
from archives.models import Item, Version
from archives.models.items import is_over
from archives.occupations import Occupations
from archives.platforms import Platform
from archives.schema.kinds import ItemKind
from archives.schema.parts import STANDING
from archives.schema.pushed import form_names
from archives.services.versions import item_version_content, version_content
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
    record = occupation.load(version_content(version, occupation, stored))
    part = None
    if occupation.whole is not None:
        part = {"lead": STANDING in occupation.sections, "sections": list(occupation.sections)}
    payload = dict(occupation.payload(record, year=head.year))
    for name, (section, field) in platform.demands.items():
        if section in occupation.sections:
            payload[name] = occupation.sections[section].fields[field].payload(record[section].get(field))
    return Payload(label, platform.only(payload), part)


def _item_payload(
    item: Item, version: Version, label: str, stored: Mapping[str, Any] | None, platform: Platform
) -> Payload:
    kind = kind_of(item)
    content = item_version_content(version, kind, stored)
    archive = item.archive
    subject = {
        "XM": archive.name,
        "ZJLX": archive.document_type,
        "ZJHM": crypto.decrypt(archive.number, purpose="archive.number"),
        "XXZL": kind.code,
        "XXYJ": content["basis"],
    }
    if content["revoked"] or is_over(item) or not platform.takes(kind.code):
        return Payload(label, subject, withdrawn=True)
    values = kind.payload(kind.load(content["values"]), year=item.year)
    return Payload(label, platform.only({**values, **_form_of(kind, item, subject), **subject}))


def _form_of(kind: ItemKind, item: Item, subject: Mapping[str, Any]) -> dict[str, Any]:
    """What the 双公示 form of a penalty or licence says about person and source, under its own names."""
    form = kind.section.public_form
    if not form:
        return {}
    told = {
        "name": subject["XM"],
        "class": "自然人",
        "document_type": subject["ZJLX"],
        "document_number": subject["ZJHM"],
        "source": item.agency.name,
    }
    return {name: told[what] for what, name in form_names(form).items()}
