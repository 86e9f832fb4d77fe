"""Twins: the same document of an authority about the same person is one fact, whoever enters it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from archives.document_numbers import plain, same_authority
from archives.items import kind_of
from archives.models import Archive, Item
from archives.services.hub import family_of
from archives.states import Status
from audit.lifecycle import Refused

_COUNTS = Q(status=Status.IN_REVIEW) | Q(current_version__gt=0)
"""What stands in the way of another's confirmation: two drafts of one document would never get past each other."""


def lock_twins(person_id: Any) -> None:
    """Let all who write about this person wait for each other until the transaction ends: two occupations of one agency
    are two archives. Call it before a fact is locked."""
    archives = Archive.objects.select_for_update().filter(person_id__in=family_of(person_id)).order_by("id")
    list(archives.values_list("id", flat=True))


def document_of(item: Item) -> tuple[str, str, bool]:
    """Return what makes a fact the twin of another."""
    return plain(item.document_no), plain(item.values.get("issued_by") or ""), item.adverse


def refuse_twin(item: Item, *, drafts: bool) -> None:
    """Raise `Refused` when the document was entered before about the same person; one that tells against the person is
    one whatever it is called. With `drafts` those count as well, so that nothing is typed twice.
    """
    if not item.document_no:
        return
    alike = Q(kind=item.kind) | Q(adverse=True) if item.adverse else Q(kind=item.kind)
    same = Item.of_all_time.filter(alike, person_id__in=family_of(item.person_id)).exclude(id=item.pk)
    if not drafts:
        same = same.filter(_COUNTS)
    others = same.exclude(revoked=True, status=Status.SEALED).exclude(document_no="")
    wanted, authority = plain(item.document_no), item.values.get("issued_by")
    if any(
        plain(number) == wanted and same_authority(issued_by, authority)
        for number, issued_by in others.values_list("document_no", "values__issued_by")
    ):
        raise Refused(
            f"同一文书（{item.document_no}）的{kind_of(item).label}已经录入，不要重复录入；内容有误的请更正原条目。",
            code="twin",
        )
