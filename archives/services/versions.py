"""The sealed version: written once for parts and items alike, and read back with its proof."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db.models import Max
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.cadence import due_at
from archives.models import Item, Outbox, RecordPart, Version, VersionBody
from archives.periods import PeriodKind
from archives.protection import canonical, reveal, reveal_fact
from archives.schema.kinds import ItemKind, kinds
from archives.schema.occupations import Occupation, Record
from archives.schema.parts import as_sealed
from archives.services.evidence import seal_evidence
from archives.services.handed_over import follow_correction
from archives.services.outbox import put_in_outbox
from archives.states import Delivery
from credit_platform import crypto
from credit_platform.actors import Actor

Head = RecordPart | Item
CHECK_CODE_LENGTH = 12


def author_of(head: Head) -> tuple[int | None, str]:
    """Return account and name of who saved last: the author whom the version names (PD-21)."""
    return (head.writers[0] if head.writers else None), head.saved_by


def add_version(
    head: Head,
    *,
    content: Mapping[str, Any],
    stored: Mapping[str, Any],
    schema_digest: str,
    cites: Mapping[str, Any],
    reason: str,
    author: tuple[int | None, str],
    approver: Actor,
    targets: Sequence[str] | None = None,
) -> Version:
    """Write the version that `head` was just advanced to, its body, and its lines in the outbox.

    `content` is the plain body (digested), `stored` the same with sensitive values encrypted; `cites` names evidence,
    items and proceeding by id (digested as well); `targets` are where it goes (None: wherever the county sends its
    records). The caller has set `current_version` and `sealed_at`, in the same
    transaction.
    """
    number, now = head.current_version, head.sealed_at
    assert now is not None  # set by the caller together with `current_version`
    owners: dict[str, Any] = {
        "person_id": head.person_id,
        "agency_id": head.agency_id,
        "employer_id": head.employer_id,
        "occupation": head.occupation,
        "sealed_at": now,
    }
    digest = version_digest(head, number, content, cites)
    version = Version.objects.create(
        part=head if isinstance(head, RecordPart) else None,
        item=head if isinstance(head, Item) else None,
        number=number,
        digest=digest,
        schema_digest=schema_digest,
        cites=dict(cites),
        check_code=check_code(digest),
        reason=reason,
        author_id=author[0],
        author_name=author[1],
        approver_id=approver.user_id,
        approver_name=approver.name,
        **owners,
    )
    VersionBody.objects.create(version=version, content=dict(stored), **owners)
    seal_evidence(cites=cites, now=now)
    parameters = Jurisdiction.objects.get(id=head.jurisdiction_id).parameters
    if targets is None:
        targets = parameters.get("targets", [])
    put_in_outbox(version=version, targets=targets, due_at=_due_at(head, parameters))
    if number > 1:
        follow_correction(head, version, content)
    return version


def _due_at(head: Head, parameters: Mapping[str, Any]) -> dt.datetime:
    """When the version that `head` is at goes out. One that mends a version still waiting here goes with it, never
    before it, else the platform would end with the older one; the platform has nothing wrong until then."""
    sealed_at = head.sealed_at
    assert sealed_at is not None  # set by the caller of `add_version`
    of = {"part_id": head.pk} if isinstance(head, RecordPart) else {"item_id": head.pk}
    waiting = Outbox.objects.filter(
        jurisdiction_id=head.jurisdiction_id, state=Delivery.PENDING, due_at__gt=sealed_at, **of
    )
    if last := waiting.aggregate(last=Max("due_at"))["last"]:
        return cast(dt.datetime, last)
    kind = kinds.get(head.kind) if isinstance(head, Item) else None
    return due_at(
        timezone.localtime(sealed_at),
        parameters=parameters,
        number=head.current_version,
        kind=kind.code if kind else None,
        usual=kind.cadence if kind else PeriodKind.ANNUAL,
        group=head.occupation,
        year=head.year,
    )


def check_code(digest: str) -> str:
    """Return the 查验码 printed beside the place of the stamp: twelve letters and digits that name one version."""
    return base64.b32encode(bytes.fromhex(digest)).decode()[:CHECK_CODE_LENGTH]


def version_digest(head: Head, number: int, content: Mapping[str, Any], cites: Mapping[str, Any]) -> str:
    """Return the keyed digest over a sealed body in its plain form, over what it belongs to and what it cites."""
    kind = "part" if isinstance(head, RecordPart) else "item"
    body: dict[str, Any] = {kind: str(head.pk), "version": number, "year": head.year, "content": content}
    if cites:
        body["cites"] = cites
    return crypto.fingerprint(canonical(body))


def version_content(
    version: Version, occupation: type[Occupation], stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the plain body of a part's version after checking its digest. Raises `crypto.Undecipherable`.

    `stored` is the content of its body, where that has been read already.
    """
    try:
        content = reveal(occupation, _stored(version) if stored is None else stored)
    except LookupError as unknown:
        raise crypto.Undecipherable(f"version {version.pk}: {unknown}") from unknown
    if version_digest(version.head, version.number, content, version.cites) != version.digest:
        raise crypto.Undecipherable(f"version {version.pk} does not match its digest")
    return content


def sealed_record(
    version: Version, occupation: type[Occupation], stored: Mapping[str, Any] | None = None
) -> tuple[type[Occupation], Record]:
    """Return a part's version as it was sealed: the occupation with the sections of its body, and the record.

    `occupation` is that of today, whatever sections its writer has now. Parameters and errors as `version_content`.
    """
    content = version_content(version, occupation, stored)
    sealed = as_sealed(occupation, content, part="part" in version.cites)
    return sealed, sealed.load(content)


def item_version_content(
    version: Version, kind: ItemKind, stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """As `version_content`, of an item's version."""
    stored = _stored(version) if stored is None else stored
    content = {**stored, "values": reveal_fact(kind.section, stored["values"])}
    if version_digest(version.head, version.number, content, version.cites) != version.digest:
        raise crypto.Undecipherable(f"version {version.pk} does not match its digest")
    return content


def _stored(version: Version) -> Mapping[str, Any]:
    (body,) = version.bodies.all()
    content: Mapping[str, Any] = body.content
    return content
