"""Requests about identities, brought to a stage by the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from agencies.models import Membership, Role
from archives.models import Archive, IdentityRequest, Item, PersonDocument, PersonPair, RecordPart
from archives.services.identities import Named
from archives.services.identity_findings import agree, find
from archives.services.identity_requests import claim_number, confirm_or_refer, propose_request
from archives.services.items import submit_item
from archives.services.people import identity_of
from archives.services.person_pairs import confirm_merge, look_for_pairs, propose_merge
from archives.states import RequestKind, RequestStatus
from credit_platform import crypto
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached
from tests.archives.item_flow import told, written
from tests.factories import County, Unit, UserFactory

PASSPORT = "E12345678"
WHY = {"reason": "录入时看错", "evidence": "身份证原件"}


def raw_of(name: str, number: str, document_type: str = "111") -> dict[str, str]:
    """What stands on a document, as it is typed."""
    return {"name": name, "document_type": document_type, "document_number": number}


def archive_of(part: RecordPart) -> Archive:
    """The archive as it stands in the database."""
    with acting(part.jurisdiction_id, "job"):
        return Archive.objects.get(records__parts__id=part.pk)


def asked_for(
    part: RecordPart,
    raw: Mapping[str, Any],
    *,
    by: Membership,
    kind: str = "correction",
    primary: bool = False,
) -> IdentityRequest:
    with acting_as(by) as who:
        return propose_request(
            archive=archive_of(part),
            kind=RequestKind(kind),
            raw=raw,
            primary=primary,
            actor=who,
            today=timezone.localdate(),
            **WHY,
        )


def agreed(
    request: IdentityRequest, *, by: Membership, last: str, lasts: Mapping[str, str] | None = None
) -> IdentityRequest:
    """Confirmed by a second person who read `last` from the evidence."""
    with acting_as(by) as who:
        return confirm_or_refer(
            request=request,
            last=last,
            lasts=lasts or {},
            revision=None,
            actor=who,
            today=timezone.localdate(),
        )


def put_right(
    part: RecordPart, name: str, number: str, *, unit: Unit, lasts: Mapping[str, str] | None = None
) -> IdentityRequest:
    """Asked for by the clerk, confirmed by the reviewer."""
    request = asked_for(part, raw_of(name, number), by=unit.clerk)
    return agreed(request, by=unit.reviewer, last=number[-6:], lasts=lasts)


def renamed(part: RecordPart, name: str, *, unit: Unit, county: County) -> IdentityRequest:
    """The right name for the number that the archive has: found by the office, then confirmed by the reviewer."""
    number = identity_of(archive_of(part)).number
    request = put_right(part, name, number, unit=unit)
    assert request.status == RequestStatus.OFFICE
    return agreed(found(request, "claim", county=county), by=unit.reviewer, last=number[-6:])


def with_passport(part: RecordPart, *, unit: Unit, number: str = PASSPORT, primary: bool = False) -> None:
    """The person's passport is registered as well."""
    raw = raw_of(part.name, number, "414")
    request = asked_for(part, raw, by=unit.clerk, kind="document", primary=primary)
    agreed(request, by=unit.reviewer, last=number[-6:])


def claimed_by(unit: Unit, name: str, number: str) -> IdentityRequest:
    """A number that is registered under another name, brought before the office."""
    with acting_as(unit.clerk) as who:
        return claim_number(
            responsibility=unit.responsibility,
            raw=raw_of(name, number),
            actor=who,
            today=timezone.localdate(),
            **WHY,
        )


def second_officer(county: County) -> Membership:
    """Another member of the county's office."""
    user = UserFactory(username=f"officer2.{county.id}", display_name="孙信用")
    return Membership.objects.create(user=user, jurisdiction_id=county.id, role=Role.OFFICER)


def found(request: IdentityRequest, finding: str, *, county: County) -> IdentityRequest:
    """What the office finds, by two of its members."""
    with acting_as(county.officer) as who:
        row = find(request=request, finding=finding, reason="已向公安核实", revision=None, actor=who)
    with acting_as(second_officer(county)) as who:
        return agree(request=row, revision=None, actor=who)


def documents(county: int, **wanted: Any) -> list[PersonDocument]:
    with acting(county, "job"):
        return list(PersonDocument.objects.filter(**wanted).order_by("added_at", "id"))


def numbers(county: int, **wanted: Any) -> set[str]:
    """The whole numbers of documents that name somebody."""
    rows = documents(county, mistaken=False, **wanted)
    return {crypto.decrypt(row.number, purpose="person.number") for row in rows}


def pairs_of(county: County) -> list[PersonPair]:
    """What the office finds when it looks for people who may be one."""
    with acting_as(county.officer) as who:
        look_for_pairs(who)
    with acting(county.id, "job"):
        return list(PersonPair.objects.order_by("created_at", "id"))


def merged(pair: PersonPair, *, county: County) -> PersonPair:
    """Proposed by one member of the office, confirmed by another."""
    with acting_as(county.officer) as who:
        row = propose_merge(pair=pair, reason="同一人", evidence="护照与身份证原件", revision=None, actor=who)
    with acting_as(second_officer(county)) as who:
        return confirm_merge(pair=row, revision=None, actor=who)


def fact(item: Item) -> Item:
    with acting(item.jurisdiction_id, "job"):
        return Item.of_all_time.get(id=item.pk)


def penalty_in_review(part: RecordPart, unit: Unit, number: str) -> Item:
    """Against the person of an archive, whom its document names by this number."""
    item = written(part, "administrative_penalty", by=unit.clerk, named=Named("王小明", number))
    attached(item, by=unit.clerk)
    told(item, by=unit.clerk)
    with acting_as(unit.clerk) as who:
        return submit_item(item=item, revision=None, actor=who, today=timezone.localdate())
