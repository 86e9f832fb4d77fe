"""What was written about one of two while the office took them for one, when that is taken back.

Undoing a merge clears an alias; what rests on it has to be dealt with, else one person keeps what is told of the other.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.db.models import QuerySet

from archives.items import kind_of
from archives.models import Archive, Item, PersonDocument, PersonPair, RecordPart
from archives.schema.standing import is_adverse
from archives.services.hub import family_of
from archives.services.identity_asks import MERGE_UNDONE, ask
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting


def clear_rests(pair: PersonPair, *, actor: Actor) -> None:
    """Deal with what rests on the other one's documents. Called when the two are two again, in that transaction.

    Drafts against somebody are to be held to the number anew; units that began a year by the other's document are
    asked to look at it. Raises `Refused`, naming each, while something confirmed against one rests on a document of
    the other: its unit has to revoke it first.
    """
    first, second = family_of(pair.first_id), family_of(pair.second_id)
    with acting(pair.jurisdiction_id, "job"):
        left = _confirmed(first, second) + _confirmed(second, first)
        if left:
            told = "；".join(f"{what}（{count} 条）" for what, count in sorted(Counter(left).items()))
            raise Refused(
                f"合并期间，有不利信息是按另一人的证件记入的，撤销合并前须由责任单位先撤销：{told}。",
                code="merge_rests",
            )
        for own, other in ((first, second), (second, first)):
            drafts = _facts(own, other).filter(current_version=0)
            drafts.update(identified_by="", identified_with=None)
            for archive, years in _begun(own, other):
                ask(archive, MERGE_UNDONE.format(years="、".join(years)), actor=actor)


def _documents(people: set[UUID]) -> list[UUID]:
    """Also those that ended: a fact may rest on one that was valid then."""
    return list(PersonDocument.objects.filter(person_id__in=people).values_list("id", flat=True))


def _archives(people: set[UUID]) -> list[UUID]:
    return list(Archive.objects.filter(person_id__in=people).values_list("id", flat=True))


def _facts(own: set[UUID], other: set[UUID]) -> QuerySet[Item]:
    rows: QuerySet[Item] = Item.workable.filter(
        adverse=True, archive_id__in=_archives(own), identified_with__in=_documents(other)
    )
    return rows.exclude(revoked=True, status=Status.SEALED)


def _parts(own: set[UUID], other: set[UUID]) -> QuerySet[RecordPart]:
    return RecordPart.objects.filter(
        record__archive_id__in=_archives(own), opened_with__in=_documents(other), recalled_at=None
    )


def _confirmed(own: set[UUID], other: set[UUID]) -> list[str]:
    facts = _facts(own, other).filter(current_version__gt=0).select_related("agency")
    found = [f"{one.agency.name} {one.name} {one.year} 年度 {kind_of(one).label}" for one in facts]
    parts = _parts(own, other).filter(current_version__gt=0).select_related("agency")
    adverse = [one for one in parts if is_adverse(one.determination)]
    return found + [f"{one.agency.name} {one.name} {one.year} 年度不利认定" for one in adverse]


def _begun(own: set[UUID], other: set[UUID]) -> list[tuple[Archive, list[str]]]:
    years: dict[UUID, list[str]] = {}
    for part in _parts(own, other).select_related("record").order_by("year"):
        years.setdefault(part.record.archive_id, []).append(str(part.year))
    archives = Archive.objects.in_bulk(list(years))
    return [(archives[key], told) for key, told in years.items()]
