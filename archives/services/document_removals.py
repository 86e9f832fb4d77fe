"""注销登记有误的证件: a further document that was registered for somebody whose it is not.

Whoever else's archive rests on that document is of another human, and gets a row of the hub of its own: name and number
stay, nothing sealed is edited. No unit learns from it what others hold.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from archives.items import kind_of
from archives.models import AnnualRecord, Archive, Evidence, Item, PersonDocument, Proceeding, RecordPart
from archives.services.hub import Identity, documents_of, end_document
from archives.services.hub_changes import Why, changing, live_document, register
from archives.services.identity_asks import DOCUMENT_OFF, ask
from archives.services.people import archive_index
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform.actors import job


def resting_on(archive: Archive, document: UUID) -> QuerySet[Item]:
    """Return the facts against the person of an archive that name them by this document, drafts as well."""
    rows: QuerySet[Item] = Item.workable.filter(
        archive_id=archive.pk, adverse=True, identified_with=document, recalled_at=None
    )
    return rows.exclude(revoked=True, status=Status.SEALED)


def take_off(archive: Archive, identity: Identity, why: Why) -> None:
    """The document was never this person's: it names them no more, and its number is free or its own human's.

    Drafts that rest on it are to be held to the number anew, and other units are asked to look. Raises `Refused` when
    it is not registered for the person, or a confirmed fact of the archive rests on it, which has to be revoked first.
    """
    with changing(archive.person_id):
        document = live_document(identity)
        named = document is not None and document.number_name_index == identity.number_name_index
        if document is None or not named or document.person_id != archive.person_id:
            raise Refused("此人名下没有登记这个证件，请核对姓名、证件类型和号码。", code="unknown")
        _check_own(archive, document.pk)
        mine, theirs = _archives(archive, identity)
        end_document(document, mistaken=True, reason=why.reason, by=why.by, at=timezone.now())
        _keep_primary(archive.person_id)
        if theirs:
            owner = register(identity, why)
            for one in theirs:
                _move(one, owner)
        for one in mine:
            resting_on(one, document.pk).filter(current_version=0).update(
                identified_by="", identified_with=None
            )
        system = job(archive.jurisdiction_id, "身份核实")  # others are not told which unit knows the person
        asked = [one for one in mine if one.pk != archive.pk and resting_on(one, document.pk).exists()]
        for one in [*theirs, *asked]:
            ask(one, DOCUMENT_OFF, actor=system)


def _check_own(archive: Archive, document: UUID) -> None:
    confirmed = [kind_of(one).label for one in resting_on(archive, document).filter(current_version__gt=0)]
    if confirmed:
        raise Refused(
            f"有已确认的不利信息是按这个证件核对身份的（{'、'.join(confirmed)}），请先撤销，再注销这个证件。",
            code="held",
        )


def _archives(archive: Archive, identity: Identity) -> tuple[list[Archive], list[Archive]]:
    """The archives of the row: those of this human, and those that were opened by the document."""
    found = list(Archive.objects.select_for_update(of=("self",)).filter(person_id=archive.person_id))
    index = archive_index(identity.number)
    theirs = [one for one in found if one.number_index == index and one.pk != archive.pk]
    return [one for one in found if one not in theirs], theirs


def _keep_primary(person_id: UUID) -> None:
    left = documents_of([person_id])
    if left and not any(one.primary for one in left):
        PersonDocument.objects.filter(id=left[0].pk).update(primary=True)


def _move(archive: Archive, owner: UUID) -> None:
    """What is worked on follows the archive; sealed versions stay as they are."""
    parts = list(RecordPart.objects.filter(record__archive_id=archive.pk).values_list("id", flat=True))
    facts = list(Item.of_all_time.filter(archive_id=archive.pk).values_list("id", flat=True))
    Archive.objects.filter(id=archive.pk).update(person_id=owner)
    AnnualRecord.objects.filter(archive_id=archive.pk).update(person_id=owner)
    RecordPart.objects.filter(id__in=parts).update(person_id=owner)
    Item.of_all_time.filter(id__in=facts).update(person_id=owner)
    Evidence.objects.filter(part_id__in=parts).update(person_id=owner)
    Evidence.objects.filter(item_id__in=facts).update(person_id=owner)
    Proceeding.objects.filter(part_id__in=parts).update(person_id=owner)
