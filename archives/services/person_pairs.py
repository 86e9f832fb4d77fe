"""可能重复的人员: pairs of hub rows that may be one human, merged or kept apart by the office, and back again.

Nobody is merged by the program, and none but the alias `Person.merged_into` changes: archives, versions and documents
stay where they are, so that taking a merge back is exact.
"""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from archives.lifecycle import PAIR
from archives.models import Archive, Person, PersonPair
from archives.schema.identifiers import CITIZEN_TYPES, DocumentType
from archives.services.hub import documents_of
from archives.services.merge_rests import clear_rests
from audit import journal
from audit.lifecycle import Refused, advance, clean_reason
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting, jurisdiction_id

MOST = 100
"""So many pairs are looked for at once."""
_CANDIDATES = """
WITH found AS (
  SELECT a.person_id AS first, b.person_id AS second
    FROM archives_persondocument a
    JOIN archives_persondocument b ON b.jurisdiction_id = a.jurisdiction_id
     AND b.namesake_index = a.namesake_index AND b.person_id > a.person_id
   WHERE a.jurisdiction_id = %(place)s AND b.jurisdiction_id = %(place)s
     AND a.namesake_index <> '' AND NOT a.mistaken AND NOT b.mistaken
  UNION
  SELECT least(x.person_id, y.person_id), greatest(x.person_id, y.person_id)
    FROM archives_archive x
    JOIN archives_archive y ON y.jurisdiction_id = x.jurisdiction_id AND y.name = x.name
     AND y.person_id <> x.person_id
   WHERE x.jurisdiction_id = %(place)s AND y.jurisdiction_id = %(place)s
     AND NOT x.document_type = ANY(%(born)s)
)
SELECT f.first, f.second FROM found f
  JOIN archives_person p ON p.jurisdiction_id = %(place)s AND p.id = f.first AND p.merged_into_id IS NULL
  JOIN archives_person q ON q.jurisdiction_id = %(place)s AND q.id = f.second AND q.merged_into_id IS NULL
 WHERE NOT EXISTS (SELECT 1 FROM archives_personpair r
                    WHERE r.jurisdiction_id = %(place)s AND r.first_id = f.first AND r.second_id = f.second)
 ORDER BY f.first, f.second LIMIT %(most)s
"""
"""One name and one birth date; or one name, where the number of one of them tells no birth date."""


@dataclasses.dataclass(frozen=True)
class Side:
    """One of two people, as the office sees them: their archives, and which groups at which agencies."""

    person_id: UUID
    archives: tuple[Archive, ...]

    @property
    def names(self) -> set[str]:
        """The names on the archives."""
        return {one.name for one in self.archives}

    @property
    def places(self) -> set[tuple[int, str]]:
        """Agency and group of each archive."""
        return {(one.agency_id, one.occupation) for one in self.archives}


def look_for_pairs(actor: Actor) -> int:
    """Note pairs that nobody has judged yet, at most `MOST`; return how many. For the office, in its own context."""
    with connection.cursor() as cursor:
        given: Any = {"place": actor.jurisdiction_id, "born": list(map(str, CITIZEN_TYPES)), "most": MOST}
        cursor.execute(_CANDIDATES, given)
        found = cursor.fetchall()
    rows = [PersonPair(first_id=first, second_id=second) for first, second in found]
    PersonPair.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def note_pair(one: UUID, other: UUID) -> None:
    """Bring before the office two rows that a document says are one human. What was judged stays judged."""
    first, second = sorted((one, other))
    with acting(jurisdiction_id(), "job"):
        PersonPair.objects.get_or_create(first_id=first, second_id=second, defaults={"reported": True})


def side_of(person_id: UUID) -> Side:
    """Return what the office sees of one of two; of a row with others merged into it, theirs as well."""
    archives = Archive.objects.filter(person_id__in=_below(person_id)).select_related("agency")
    return Side(person_id, tuple(archives.order_by("created_at", "id")))


def why_not(pair: PersonPair) -> str:
    """Return what forbids a merge, "" if nothing does: only one name, one archive of a group at an agency, and one
    resident ID number, as nobody has two of them at a time."""
    first, second = side_of(pair.first_id), side_of(pair.second_id)
    if not first.archives or not second.archives:
        return "其中一处已没有档案，不需要合并。"
    if first.names != second.names or len(first.names) != 1:
        return "两处登记的姓名不同，不能合并。姓名有误的，请责任单位先更正身份。"
    if first.places & second.places:
        return "两处在同一单位有同一人群的档案，不能合并。请责任单位先更正或办理其中一份。"
    if len(_resident_numbers(pair)) > 1:
        return (
            "两处登记了不同的居民身份证号码，都在使用，不能合并。其中一个登记有误的，请责任单位先更正身份。"
        )
    rows = Person.objects.filter(id__in=(pair.first_id, pair.second_id), merged_into=None)
    if rows.count() != 2:
        return "其中一处已并入别处，请先撤销那次合并。"
    return ""


@transaction.atomic
def propose_merge(
    *, pair: PersonPair, reason: str, evidence: str, revision: int | None, actor: Actor
) -> PersonPair:
    """The office proposes to treat two rows as one. Raises `Refused` for what `why_not` tells or without evidence, and
    as `advance()`."""
    proof = clean_reason(evidence)
    if not proof:
        raise Refused("请写明依据的材料，例如“出入境证件与身份证复印件”。", code="evidence_required")
    if message := why_not(pair):
        raise Refused(message, code="not_mergeable")
    changes = {"proposer_id": actor.user_id, "proposed_by": actor.name, "evidence": proof}
    return _move(pair, "propose", reason, revision, actor, changes | {"reason": clean_reason(reason)})


@transaction.atomic
def confirm_merge(*, pair: PersonPair, revision: int | None, actor: Actor) -> PersonPair:
    """A second member of the office merges: the newer row becomes an alias of the older. Raises as before."""
    merged = _move(pair, "merge", pair.reason, revision, actor, {})
    if message := why_not(merged):
        raise Refused(message, code="not_mergeable")
    _alias(merged.second_id, merged.first_id)
    return merged


@transaction.atomic
def decline_merge(*, pair: PersonPair, reason: str, revision: int | None, actor: Actor) -> PersonPair:
    """The proposal is not followed, or taken back. Raises as `advance()`."""
    return _move(pair, "decline", reason, revision, actor, {"reason": "", "evidence": ""})


@transaction.atomic
def keep_apart(*, pair: PersonPair, reason: str, revision: int | None, actor: Actor) -> PersonPair:
    """They are two people; never proposed again. Raises as `advance()`."""
    return _move(pair, "keep_apart", reason, revision, actor, {"reason": clean_reason(reason)})


@transaction.atomic
def reconsider(*, pair: PersonPair, reason: str, revision: int | None, actor: Actor) -> PersonPair:
    """Judge a pair anew that was kept apart. Raises as `advance()`."""
    return _move(pair, "reconsider", reason, revision, actor, {"reason": ""})


@transaction.atomic
def undo_merge(*, pair: PersonPair, reason: str, revision: int | None, actor: Actor) -> PersonPair:
    """Two rows again, as they were before. Raises as `advance()`, and `Refused` as `merge_rests.clear_rests`."""
    undone = _move(pair, "undo", reason, revision, actor, {"reason": "", "evidence": ""})
    _alias(undone.second_id, None)
    clear_rests(undone, actor=actor)
    return undone


def _move(
    pair: PersonPair, name: str, reason: str, revision: int | None, actor: Actor, changes: dict[str, Any]
) -> PersonPair:
    settled = {"settler_id": actor.user_id, "settled_by": actor.name, "settled_at": timezone.now()}
    data = {
        "people": [str(pair.first_id), str(pair.second_id)],
        "evidence": changes.get("evidence", pair.evidence),
    }
    return advance(
        pair,
        name,
        lifecycle=PAIR,
        actor=actor,
        reason=reason,
        revision=revision,
        changes={**settled, **changes},
        data=data,
    )


def _alias(person_id: UUID, into: UUID | None) -> None:
    with acting(jurisdiction_id(), "job"):
        both = [one for one in (person_id, into) if one is not None]
        locked = list(Person.objects.select_for_update().filter(id__in=both).order_by("id"))
        if into is not None and any(one.merged_into_id is not None for one in locked):
            raise Refused("其中一处已并入别处，请刷新页面查看。", code="not_mergeable")
        Person.objects.filter(id=person_id).update(merged_into_id=into)


def _below(person_id: UUID) -> set[UUID]:
    """The row and what is merged into it, not what it is merged into: before and after a merge the same."""
    rows, newest = {person_id}, {person_id}
    while newest:
        newest = set(Person.objects.filter(merged_into_id__in=newest).values_list("id", flat=True)) - rows
        rows |= newest
    return rows


def _resident_numbers(pair: PersonPair) -> set[str]:
    people = _below(pair.first_id) | _below(pair.second_id)
    valid = [one for one in documents_of(people) if one.ended_on is None]
    return {one.number_index for one in valid if one.document_type == DocumentType.RESIDENT_ID}


def looked_at(pair: PersonPair, actor: Actor) -> None:
    """Journal that the office looked at two people side by side."""
    data = {"people": [str(pair.first_id), str(pair.second_id)]}
    journal.look("pair.read", actor=actor, subject=pair, data=data)
