"""What changes the county's hub: a further document, a number put right, what the office found, two rows as one.

All of it runs as a job of the county, as it looks at rows that no agency may see. What comes back to an agency is whose
archive it is now, never who else is known.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from archives.models import Archive, Person, PersonDocument
from archives.services.hub import (
    NAME_DIFFERS,
    Identity,
    documents_of,
    end_document,
    family_of,
    identity_in_hub,
    locate,
    new_document,
)
from archives.services.people import archive_index, identity_of
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting, jurisdiction_id


@dataclasses.dataclass(frozen=True)
class Why:
    """Who changes the hub, on what ground, resting on what."""

    by: str
    reason: str
    evidence: str


class NumberTaken(Refused):
    """The number is registered under another name, and only the office can tell whose it is."""

    def __init__(self) -> None:
        super().__init__("这个证件号码登记的姓名与此不同，须由信用工作机构核实。", code=NAME_DIFFERS)


@contextmanager
def changing(person_id: UUID) -> Iterator[None]:
    """Work as a job, with the person's row locked, so that two changes wait for each other."""
    try:
        with acting(jurisdiction_id(), "job"), transaction.atomic():
            Person.objects.select_for_update().get(id=person_id)
            yield
    except IntegrityError as error:
        raise Refused("这个证件号码刚刚有人登记，请稍后再办理。", code="busy") from error


def add_document(
    archive: Archive, identity: Identity, why: Why, *, primary: bool, instead_of: Identity | None = None
) -> UUID:
    """Register a further document of an archive's person; return whose it is: the person's, or somebody's who has it
    already. One with another name than the archive's gets a row of its own: whether the two are one human is for the
    office to say, as whoever has that name and number would come upon this person's archives.

    `instead_of`: the document that is no longer valid since today; it goes on naming the person. Raises `NumberTaken`.
    """
    person_id = archive.person_id
    with changing(person_id):
        taken = live_document(identity)
        if taken is not None:
            _check_name(taken, identity)
        if instead_of is not None:
            _end(person_id, instead_of, why)
        if taken is not None:
            return taken.person_id
        if identity.name != archive.name:
            return register(identity, why)
        others = PersonDocument.objects.filter(person_id=person_id, primary=True, mistaken=False)
        if primary:
            others.update(primary=False)
        _add(person_id, identity, why, primary=primary or not others.exists())
        return person_id


def resettle(archive: Archive, old: Identity, new: Identity, why: Why) -> UUID:
    """Put right whom an archive is about; return the row of the hub that it belongs to now.

    Whose number it is by name and number, gets the archive. If nobody knows the number, it is put right where it
    stands, unless other archives hang on it, or the office merged it: those keep theirs, and this one gets a person of
    its own. What nobody's archive rests on any more is let go, so that it blocks nobody. Raises `NumberTaken`, and for
    another name with the number that the archive has always, unless the office has found so.
    """
    with changing(archive.person_id):
        taken = live_document(new)
        family = family_of(archive.person_id)
        others = _others(archive)
        alone = not others and len(family) == 1
        if taken is not None and taken.number_name_index == new.number_name_index:
            owner = taken.person_id
            if owner in family:
                _end_mistyped(archive, old, taken, family, why)
                return archive.person_id
            if not others:
                _let_go(archive.person_id, why)
            return owner
        own = taken is not None and taken.person_id == archive.person_id
        # Who else knows the person must not show by what becomes of a name: it always goes to the office.
        same_number = old.number_index == new.number_index
        if taken is not None and (same_number or not (own and alone)):
            raise NumberTaken
        if not alone:
            if not others:
                _let_go(archive.person_id, why)
            return register(new, why)
        _put_right(archive.person_id, old, new, why)
        return archive.person_id


def give_number(identity: Identity, why: Why, archive: Archive | None = None) -> list[Archive]:
    """The office found that a number is `identity`'s: register it, and return the archives that had it under another
    name. `archive`: the one that is to be put right; known to nobody else, its person gets the name with all papers.

    Raises `Refused` (code `busy`) where somebody registers the number at this moment.
    """
    try:
        with acting(jurisdiction_id(), "job"), transaction.atomic():
            return _give(identity, why, archive)
    except IntegrityError as error:
        raise Refused("这个证件号码刚刚有人登记，请稍后再办理。", code="busy") from error


def _give(identity: Identity, why: Why, archive: Archive | None) -> list[Archive]:
    taken = live_document(identity)
    if taken is None:
        register(identity, why)
        return []
    if taken.number_name_index == identity.number_name_index:
        return []
    Person.objects.select_for_update().get(id=taken.person_id)
    if archive is not None and archive.person_id == taken.person_id and _alone(archive):
        _put_right(archive.person_id, identity_of(archive), identity, why)
        return []
    end_document(taken, mistaken=True, reason=why.reason, by=why.by, at=timezone.now())
    register(identity, why)
    same = Archive.objects.filter(person_id=taken.person_id, number_index=archive_index(identity.number))
    return [one for one in same if one.name != identity.name]


def live_document(identity: Identity) -> PersonDocument | None:
    """Return who has the number, whatever the name. For jobs and the office."""
    return PersonDocument.objects.filter(number_index=identity.number_index, mistaken=False).first()


def _end(person_id: UUID, identity: Identity, why: Why) -> None:
    """Note that a document of the person is no longer valid."""
    old = live_document(identity)
    if old is not None and old.person_id == person_id and old.ended_on is None:
        today = timezone.localdate()
        end_document(old, mistaken=False, reason=why.reason, by=why.by, at=timezone.now(), on=today)


def _check_name(taken: PersonDocument, identity: Identity) -> None:
    if taken.number_name_index != identity.number_name_index:
        raise NumberTaken


def register(identity: Identity, why: Why) -> UUID:
    """Enter somebody with this document, as a job of the county; return the row. Raises `IntegrityError`."""
    person = Person.objects.create()
    _add(person.pk, identity, why, primary=True)
    return person.pk


def _add(person_id: UUID, identity: Identity, why: Why, *, primary: bool) -> None:
    document = new_document(person_id, identity, primary=primary, by=why.by, evidence=why.evidence)
    document.save(force_insert=True)
    locate(identity.number_index, person_id)


def _put_right(person_id: UUID, old: Identity, new: Identity, why: Why) -> None:
    """Replace the document that was mistyped, and the name under which the others are found."""
    at, replaced = timezone.now(), False
    for document in documents_of([person_id]):
        mistyped = document.number_index == old.number_index
        if not mistyped and old.name == new.name:
            continue
        now = new if mistyped else dataclasses.replace(_read(document), name=new.name)
        if not mistyped and document.number_name_index != _read(document, old.name).number_name_index:
            continue  # stands under the name that the paper has, not under the archive's
        replaced = replaced or mistyped
        end_document(document, mistaken=True, reason=why.reason, by=why.by, at=at)
        _add(person_id, now, why, primary=document.primary)
    if not replaced:
        has_primary = any(one.primary for one in documents_of([person_id]))
        _add(person_id, new, why, primary=not has_primary)


def _others(archive: Archive) -> bool:
    return Archive.objects.filter(person_id=archive.person_id).exclude(id=archive.pk).exists()


def _alone(archive: Archive) -> bool:
    return not _others(archive) and len(family_of(archive.person_id)) == 1


def _end_mistyped(
    archive: Archive, old: Identity, right: PersonDocument, family: set[UUID], why: Why
) -> None:
    """The right document was registered before the mistyped one was put right: the person never had that one."""
    mistyped = live_document(old)
    if mistyped is None or mistyped.pk == right.pk or mistyped.person_id not in family:
        return
    rests = Archive.objects.filter(person_id__in=family, number_index=archive_index(old.number))
    if rests.exclude(id=archive.pk).exists():
        return
    end_document(mistyped, mistaken=True, reason=why.reason, by=why.by, at=timezone.now())
    left = documents_of([mistyped.person_id])
    if mistyped.primary and left:
        first = next((one for one in left if one.pk == right.pk), left[0])
        PersonDocument.objects.filter(id=first.pk).update(primary=True)


def _let_go(person_id: UUID, why: Why) -> None:
    at: dt.datetime = timezone.now()
    for document in documents_of([person_id]):
        end_document(document, mistaken=True, reason=why.reason, by=why.by, at=at)


def _read(document: PersonDocument, name: str = "") -> Identity:
    return identity_in_hub(document, name)
