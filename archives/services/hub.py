"""The county's identity hub: whose a document is, found by exact key alone, and who is known under several.

Agencies find a person by number and name together (`find_person`), never as a list. What changes the hub runs as a job
of the county, as it must look at rows that the agency may not see; nothing of them goes back to the agency.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from archives.models import Person, PersonDocument, PersonLocator
from archives.schema.identifiers import birth_date_of, mask
from audit import journal
from audit.lifecycle import Refused
from audit.models import Event, new_event
from credit_platform import crypto
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting, jurisdiction_id, looking_up

_IN_HUB = "person.number"
NAME_DIFFERS = "name_differs"
"""Code of the refusal of a number that is registered under another name."""
_DIFFERS = "person.name_differs"
"""Verb of the journal."""


@dataclasses.dataclass(frozen=True)
class Identity:
    """Name and document as the schema read them."""

    name: str
    document_type: str
    number: str

    @property
    def number_index(self) -> str:
        """Finds the person by the number."""
        return crypto.blind_index(self.document_type, self.number, purpose="person.number")

    @property
    def number_name_index(self) -> str:
        """Finds the person for somebody who knows number and name."""
        return crypto.blind_index(self.document_type, self.number, self.name, purpose="person.number+name")

    @property
    def namesake_index(self) -> str:
        """Equal for people with one name and one birth date; "" where the number tells no birth date."""
        born = birth_date_of(self.document_type, self.number)
        if born is None:
            return ""
        return crypto.blind_index(self.name, born.isoformat(), purpose="person.name+birth")


def sealed_for_person(number: str) -> str:
    """Return a number as the hub holds it."""
    return crypto.encrypt(number, purpose=_IN_HUB)


def identity_in_hub(document: PersonDocument, name: str) -> Identity:
    """Return the document with its whole number, for a name that an archive has. Raises `crypto.Undecipherable`."""
    return Identity(name, document.document_type, crypto.decrypt(document.number, purpose=_IN_HUB))


def new_document(
    person_id: UUID, identity: Identity, *, primary: bool, by: str = "", evidence: str = ""
) -> PersonDocument:
    """Return a document of a person that is not saved yet. `evidence`: what proves that it is theirs."""
    return PersonDocument(
        person_id=person_id,
        document_type=identity.document_type,
        number=sealed_for_person(identity.number),
        number_index=identity.number_index,
        number_name_index=identity.number_name_index,
        namesake_index=identity.namesake_index,
        primary=primary,
        added_by=by,
        evidence=evidence,
    )


def find_person(identity: Identity) -> UUID | None:
    """Return whose document this is, by number and name together; None for nobody, or a number with another name."""
    found = find_document(identity)
    return None if found is None else found[1]


def find_document(identity: Identity) -> tuple[UUID, UUID] | None:
    """Return a document by number and name together, and whose it is; None as `find_person`."""
    with looking_up(identity.number_name_index):
        found = PersonDocument.objects.filter(
            number_name_index=identity.number_name_index, mistaken=False
        ).values_list("id", "person_id")
        return found.first()


def find_or_register(identity: Identity, *, actor: Actor) -> UUID:
    """Return the person of a document, who is entered into the hub if nobody knows the number.

    Raises `Refused` (code `name_differs`) for a number that is registered under another name; it is journalled.
    """
    known = find_person(identity)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _register(identity, actor)
    except IntegrityError as error:
        known = find_person(identity)  # somebody else may have registered the same person just now
        if known is None:
            journal.look(_DIFFERS, actor=actor, success=False)
            raise Refused(
                "这个证件号码在本县已登记为另一姓名。请对照证件核对姓名和号码；"
                "确认无误的，请经办人在“身份事项”中提请信用工作机构核实。",
                code=NAME_DIFFERS,
            ) from error
        return known


def note_asked(refusal: Refused, actor: Actor) -> None:
    """Journal once more, where a job has caught it, that a number was found under another name: what was noted in the
    transaction that failed is gone with it."""
    if refusal.code == NAME_DIFFERS:
        journal.look(_DIFFERS, actor=actor, success=False)


def _register(identity: Identity, actor: Actor) -> UUID:
    person = Person()
    person.save(force_insert=True)
    new_document(person.pk, identity, primary=True, by=actor.name).save(force_insert=True)
    locate(identity.number_index, person.pk)
    registered_event(person.pk, actor).save(force_insert=True)
    return person.pk


def registered_event(person_id: UUID, actor: Actor) -> Event:
    """Return what the journal says, not saved yet. No agency reads it: whether a person was new to the county tells of
    other agencies' archives."""
    return new_event("person.registered", actor=actor, person_id=person_id, agency_id=None, employer_id=None)


def locate(number_index: str, person_id: UUID | None) -> None:
    """Note for other counties whose the number is here; None for nobody's any more."""
    with acting(jurisdiction_id(), "job"):
        place = PersonLocator.objects.filter(number_index=number_index, jurisdiction_id=jurisdiction_id())
        if not place.update(person_id=person_id):
            PersonLocator.objects.create(number_index=number_index, person_id=person_id)


def family_of(person_id: UUID) -> set[UUID]:
    """Return all rows of the hub that are this human: the one given, what it is merged into, what is merged there."""
    with acting(jurisdiction_id(), "job"):
        links = dict(Person.objects.filter(id=person_id).values_list("id", "merged_into_id"))
        top = person_id
        while (above := links.get(top)) is not None:
            top = above
            links |= dict(Person.objects.filter(id=top).values_list("id", "merged_into_id"))
        family, newest = {top}, {top}
        while newest:
            below = Person.objects.filter(merged_into_id__in=newest).values_list("id", flat=True)
            newest = set(below) - family
            family |= newest
        return family


def documents_of(people: Collection[UUID]) -> list[PersonDocument]:
    """Return the documents of these rows of the hub, mistaken ones left out, the primary first."""
    with acting(jurisdiction_id(), "job"):
        found = PersonDocument.objects.filter(person_id__in=people, mistaken=False)
        return list(found.order_by("-primary", "added_at", "id"))


def history_of(person_id: UUID) -> list[tuple[PersonDocument, str]]:
    """Return every document that was ever registered for a row of the hub, with its masked number, the oldest first.

    For the office, in its own context.
    """
    found = PersonDocument.objects.filter(person_id=person_id).order_by("added_at", "id")
    return [(one, mask(crypto.decrypt(one.number, purpose=_IN_HUB))) for one in found]


def document_of(person_id: UUID, identities: Iterable[Identity]) -> UUID | None:
    """Return the first of the documents, by number and name together, that is this person's; None if none is."""
    for identity in identities:
        found = find_document(identity)
        if found is not None and (found[1] == person_id or found[1] in family_of(person_id)):
            return found[0]
    return None


def numbers_in_hub(person_id: UUID, also: UUID | None = None) -> set[str]:
    """Return the numbers of a person's documents, for a comparison that tells nobody more than whether it agrees.

    Those of rows that the office merged with this one are left out but for the document `also`, on which the fact
    rests: what rests on nothing noted could not be found when the merge is undone.
    """
    with acting(jurisdiction_id(), "job"):
        own = Q(person_id=person_id) | Q(id=also)
        documents = list(PersonDocument.objects.filter(own, mistaken=False))
    return {crypto.decrypt(one.number, purpose=_IN_HUB) for one in documents}


def end_document(
    document: PersonDocument,
    *,
    mistaken: bool,
    reason: str,
    by: str,
    at: dt.datetime,
    on: dt.date | None = None,
) -> None:
    """Note that a document is no longer valid, or was never the person's. Runs in a context of the county."""
    document.ended_at, document.ended_by, document.end_reason = at, by, reason
    document.ended_on, document.mistaken = on, mistaken
    document.save(update_fields=["ended_at", "ended_by", "end_reason", "ended_on", "mistaken"])
    if mistaken:
        locate(document.number_index, None)
