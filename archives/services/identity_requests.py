"""身份事项: a further document or a correction, proposed by the clerk with evidence, confirmed by a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Responsibility, Role
from archives.lifecycle import IDENTITY
from archives.models import Archive, IdentityRequest
from archives.services.consent_rules import consent_for
from archives.services.document_removals import take_off
from archives.services.hub import Identity, family_of, find_person
from archives.services.hub_changes import NumberTaken, Why, add_document, live_document
from archives.services.identities import LAST, ends_of, last_typed
from archives.services.identity_asks import ASKING, ask, claimed, new_request
from archives.services.identity_corrections import correct_identity
from archives.services.people import archive_index, identity_of, read_identity
from archives.services.person_pairs import note_pair
from archives.states import Finding, RequestKind, RequestStatus
from audit import journal
from audit.lifecycle import Refused, advance, clean_reason, lock
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting

MOST_FREE = 10
"""So often in a day somebody is told that a number is registered for nobody else. Ours: no rule sets it."""
_FREE = "identity.claim_free"
SENT_ON = "须由信用工作机构核实，已转交。核实以后在这里继续办理。"


@transaction.atomic
def propose_request(
    *,
    archive: Archive,
    kind: RequestKind,
    raw: Mapping[str, Any],
    reason: str,
    evidence: str,
    actor: Actor,
    today: dt.date,
    primary: bool = False,
    replaces: bool = False,
) -> IdentityRequest:
    """Ask for a further document of a person, for one to be taken off that is not theirs, or for a correction of name
    and number.

    `replaces`: the document of the archive is no longer valid, and the new one is the primary.

    Raises `NotReadable` for a faulty name or number; `Refused` unless the actor is the clerk of the group, without
    reason or evidence, when it stands so already, or when something else is asked for the archive.
    """
    if archive.agency_id != actor.agency_id or archive.occupation not in actor.occupations:
        raise Refused("这份档案不由您办理。", code="not_permitted")
    responsibility = _responsibility(archive.agency_id, archive.occupation, actor)
    identity, _ = read_identity(responsibility, raw, year=today.year, today=today)
    known = identity_of(archive)
    if kind == RequestKind.DOCUMENT and (identity.document_type, identity.number) == (
        known.document_type,
        known.number,
    ):
        raise Refused("档案登记的就是这个证件，请填写另一证件。", code="same")
    if kind == RequestKind.REMOVAL and identity.number_index == known.number_index:
        raise Refused("档案登记的就是这个证件。证件登记有误的，请申请更正身份。", code="same")
    if kind == RequestKind.CORRECTION and identity == known:
        raise Refused("姓名和证件与档案相同，没有需要更正的内容。", code="same")
    request = _new(responsibility, kind, identity, reason, evidence, actor)
    request.archive = archive
    if kind == RequestKind.DOCUMENT:
        request.primary, request.replaces = primary or replaces, replaces
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("这份档案已有一件身份事项正在办理，请先办结或撤回。", code="running") from error
    journal.write(
        "identity.proposed", actor=actor, subject=request, reason=request.reason, data=_said(request)
    )
    return request


@transaction.atomic
def claim_number(
    *,
    responsibility: Responsibility,
    raw: Mapping[str, Any],
    reason: str,
    evidence: str,
    actor: Actor,
    today: dt.date,
) -> IdentityRequest:
    """Bring before the office that a number is registered under another name, so that no archive can be opened.

    Raises as `propose_request`, and `Refused` when the number is a member's who has not agreed in writing, or stands in
    nobody's way: that tells that nobody knows it, so it is journalled, and told to nobody more than `MOST_FREE` times a
    day.
    """
    if responsibility.agency_id != actor.agency_id or responsibility.occupation not in actor.occupations:
        raise Refused("这个人群不由您办理。", code="not_permitted")
    identity, _ = read_identity(responsibility, raw, year=today.year, today=today)
    consent_for(responsibility, identity.name, archive_index(identity.number))
    _check_guesses(actor)
    with acting(actor.jurisdiction_id, "job"):
        taken = live_document(identity)
    if taken is None or taken.number_name_index == identity.number_name_index:
        journal.look(_FREE, actor=actor, success=False)
        raise Refused("这个姓名和证件号码可以直接建档，不需要核实。", code="free")
    request = _new(responsibility, RequestKind.CLAIM, identity, reason, evidence, actor)
    request.status = RequestStatus.OFFICE
    request.save(force_insert=True)
    journal.write(
        "identity.proposed", actor=actor, subject=request, reason=request.reason, data=_said(request)
    )
    return request


@transaction.atomic
def confirm_request(
    *,
    request: IdentityRequest,
    last: str,
    lasts: Mapping[str, str],
    revision: int | None,
    actor: Actor,
    today: dt.date,
) -> IdentityRequest:
    """The second person confirms with the end of the number as the evidence has it; the hub and the archive follow.

    A number that is registered under another name goes to the office (status `office`). Raises as `advance()` and
    `correct_identity()`; `Refused` when the number read from the evidence is another one.
    """
    row = lock(request)
    transition = IDENTITY.by_name["confirm"]
    if row.status == RequestStatus.PROPOSED and transition.permitted(row, actor):
        _check_last(row, last, actor)
    confirmed = advance(
        row,
        "confirm",
        lifecycle=IDENTITY,
        actor=actor,
        reason=row.reason,
        revision=revision,
        changes=_settled(actor),
        data=_said(row),
    )
    assert row.archive_id is not None  # claims have none and are never proposed to the reviewer
    archive = Archive.objects.select_for_update(of=("self",)).get(id=row.archive_id)
    if row.kind == RequestKind.DOCUMENT:
        _add_document(confirmed, archive, actor)
    elif row.kind == RequestKind.REMOVAL:
        why = Why(actor.name, row.reason, row.evidence)
        take_off(archive, claimed(confirmed), why)
    else:
        now_is = claimed(confirmed)
        correct_identity(
            request=confirmed, archive=archive, now_is=now_is, lasts=lasts, actor=actor, today=today
        )
        _close_asks(archive, actor)
    return confirmed


def confirm_or_refer(
    *,
    request: IdentityRequest,
    last: str,
    lasts: Mapping[str, str],
    revision: int | None,
    actor: Actor,
    today: dt.date,
) -> IdentityRequest:
    """As `confirm_request`; what runs into another registration is handed to the office instead."""
    try:
        return confirm_request(
            request=request, last=last, lasts=lasts, revision=revision, actor=actor, today=today
        )
    except NumberTaken:
        return advance(
            request, "refer", lifecycle=IDENTITY, actor=actor, revision=revision, data=_said(request)
        )


def refuse_request(
    *, request: IdentityRequest, reason: str, revision: int | None, actor: Actor
) -> IdentityRequest:
    """The second person does not agree. Raises as `advance()`."""
    return _given_up(request, "refuse", reason, revision, actor)


def withdraw_request(
    *, request: IdentityRequest, reason: str, revision: int | None, actor: Actor
) -> IdentityRequest:
    """The clerk takes it back. Raises as `advance()`."""
    return _given_up(request, "withdraw", reason, revision, actor)


@transaction.atomic
def _given_up(
    request: IdentityRequest, name: str, reason: str, revision: int | None, actor: Actor
) -> IdentityRequest:
    """Nothing comes of it. Where the office has already given the number to the right name, the archive still has to be
    put right, and its unit stays asked to."""
    changes = {**_settled(actor), "answer": clean_reason(reason)}
    row = advance(
        request, name, lifecycle=IDENTITY, actor=actor, reason=reason, revision=revision, changes=changes
    )
    if row.finding == Finding.CLAIM and row.archive_id is not None:
        archive = Archive.objects.get(id=row.archive_id)
        if not _known_as_it_is(archive):
            ask(archive, ASKING, actor=actor)
    return row


def _known_as_it_is(archive: Archive) -> bool:
    """Whether name and number of the archive are registered for its person."""
    owner = find_person(identity_of(archive))
    return owner is not None and owner in family_of(archive.person_id)


@transaction.atomic
def close_ask(
    *, request: IdentityRequest, reason: str, revision: int | None, actor: Actor
) -> IdentityRequest:
    """The unit has looked at an archive as the office asked, and it is the right person's: settled with what was found.

    Raises `Refused` without that, and while the number of the archive is registered for somebody else, so that the
    identity has to be corrected; else as `advance()`.
    """
    said = clean_reason(reason)
    if not said:
        raise Refused("请写明核对情况，例如“与身份证和考核材料逐项核对无误”。", code="reason_required")
    row = lock(request)
    archive = row.archive
    if archive is None or not _known_as_it_is(archive):
        raise Refused("这份档案的证件号码登记为另一人，请申请更正身份，更正后自动办结。", code="not_theirs")
    changes = {**_settled(actor), "answer": said}
    return advance(
        row, "close", lifecycle=IDENTITY, actor=actor, reason=said, revision=revision, changes=changes
    )


def _new(
    responsibility: Responsibility,
    kind: RequestKind,
    identity: Identity,
    reason: str,
    evidence: str,
    actor: Actor,
) -> IdentityRequest:
    if actor.role != Role.CLERK:
        raise Refused("身份事项由经办人申请。", code="not_permitted")
    why, proof = clean_reason(reason), clean_reason(evidence)
    if not why or not proof:
        raise Refused("请写明原因和依据的材料。", code="reason_required")
    request = new_request(
        agency_id=responsibility.agency_id,
        occupation=responsibility.occupation,
        kind=kind,
        identity=identity,
        reason=why,
        evidence=proof,
        by=actor.name,
    )
    request.proposer_id = actor.user_id
    return request


def _responsibility(agency_id: int, occupation: str, actor: Actor) -> Responsibility:
    return Responsibility.objects.select_related("agency", "jurisdiction").get(
        jurisdiction_id=actor.jurisdiction_id, agency_id=agency_id, occupation=occupation
    )


def _check_guesses(actor: Actor) -> None:
    with acting(actor.jurisdiction_id, "job"):
        since = timezone.now() - dt.timedelta(days=1)
        told = Event.objects.filter(verb=_FREE, actor_id=actor.user_id, at__gte=since).count()
    if told >= MOST_FREE:
        raise Refused("今天提请核实的号码，多次并没有登记为他人。请明天再办理，或直接建档。", code="guesses")


def _check_last(row: IdentityRequest, last: str, actor: Actor) -> None:
    given = last_typed(last)
    if not given:
        raise Refused(f"确认前请查看依据的材料，照材料填写证件号码的后 {LAST} 位。", code="last")
    if given not in ends_of(claimed(row).number):
        journal.look("identity.differs", actor=actor, subject=row, success=False)
        raise Refused(
            "填写的证件号码后几位与申请的不一致，没有确认。请核对材料；申请有误的，不予办理。",
            code="identity",
        )


def _add_document(row: IdentityRequest, archive: Archive, actor: Actor) -> None:
    """Whose it is already is not told to the unit; two rows that may be one go to the office."""
    why = Why(actor.name, row.reason, row.evidence)
    instead_of = identity_of(archive) if row.replaces else None
    owner = add_document(archive, claimed(row), why, primary=row.primary, instead_of=instead_of)
    if owner != archive.person_id and owner not in family_of(archive.person_id):
        note_pair(archive.person_id, owner)


def _close_asks(archive: Archive, actor: Actor) -> None:
    for one in IdentityRequest.objects.filter(archive_id=archive.pk, status=RequestStatus.ASKED):
        advance(one, "close", lifecycle=IDENTITY, actor=actor, changes=_settled(actor))


def _settled(actor: Actor) -> dict[str, Any]:
    return {"settler_id": actor.user_id, "settled_by": actor.name, "settled_at": timezone.now()}


def _said(row: IdentityRequest) -> dict[str, Any]:
    """What the journal keeps beside the reason: which kind, and on what it rests."""
    return {"kind": row.kind, "evidence": row.evidence}
