"""The way out where a number is registered under another name: the office finds whose it is, by two of its members."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from archives.lifecycle import IDENTITY
from archives.models import Archive, IdentityRequest
from archives.services.hub_changes import Why, give_number, live_document
from archives.services.identity_asks import ASKING, ask, claimed
from archives.states import Finding, RequestKind, RequestStatus
from audit.lifecycle import Refused, advance, clean_reason
from credit_platform.actors import Actor


def registered_archives(request: IdentityRequest) -> list[Archive]:
    """Return the archives of whoever has the number now, for the office."""
    taken = live_document(claimed(request))
    if taken is None:
        return []
    found = Archive.objects.filter(person_id=taken.person_id).select_related("agency")
    return list(found.order_by("created_at", "id"))


@transaction.atomic
def find(
    *, request: IdentityRequest, finding: str, reason: str, revision: int | None, actor: Actor
) -> IdentityRequest:
    """A member of the office says whose name is right. Raises `Refused` for no finding, else as `advance()`."""
    if finding not in Finding.values:
        raise Refused("请选择核实意见。", code="finding")
    registered = live_document(claimed(request))
    changes = {
        "finding": finding,
        "found_document": registered.pk if registered else None,
        "finding_reason": clean_reason(reason),
        "finder_id": actor.user_id,
        "agreer_id": None,
        "found_by": actor.name,
        "found_at": timezone.now(),
    }
    return advance(
        request,
        "find",
        lifecycle=IDENTITY,
        actor=actor,
        reason=reason,
        revision=revision,
        changes=changes,
        data={"finding": finding},
    )


@transaction.atomic
def agree(*, request: IdentityRequest, revision: int | None, actor: Actor) -> IdentityRequest:
    """Another member of the office agrees, and it is done: the number goes to whom it is, or the claim is turned down.

    Who had the number under the other name is asked to put it right; until then nobody is found by it there. Raises as
    `advance()`, and `Refused` where the number is registered otherwise than when that was found.
    """
    upheld = request.finding == Finding.CLAIM
    if request.status == RequestStatus.DECIDED:
        _check_as_found(request)
    name = "turn_down" if not upheld else "agree" if request.kind == RequestKind.CLAIM else "hand_back"
    settled: dict[str, Any] = {"agreer_id": actor.user_id}
    if name != "hand_back":
        settled |= {"settler_id": actor.user_id, "settled_by": actor.name, "settled_at": timezone.now()}
    if name == "turn_down":
        settled["answer"] = request.finding_reason
    row = advance(
        request,
        name,
        lifecycle=IDENTITY,
        actor=actor,
        reason=request.finding_reason,
        revision=revision,
        changes=settled,
        data={"finding": request.finding},
    )
    if upheld:
        why = Why(row.found_by, row.finding_reason, row.evidence)
        wrong = give_number(claimed(row), why, row.archive)
        for archive in wrong:
            if archive.pk != row.archive_id:
                ask(archive, ASKING, actor=actor)
    return row


@transaction.atomic
def reopen(*, request: IdentityRequest, reason: str, revision: int | None, actor: Actor) -> IdentityRequest:
    """The finding is not followed. Raises as `advance()`."""
    changes = {
        "finding": "",
        "finding_reason": "",
        "finder_id": None,
        "agreer_id": None,
        "found_by": "",
        "found_at": None,
        "found_document": None,
    }
    return advance(
        request, "reopen", lifecycle=IDENTITY, actor=actor, reason=reason, revision=revision, changes=changes
    )


def _check_as_found(request: IdentityRequest) -> None:
    """Who agrees, agrees to what the first has looked at."""
    registered = live_document(claimed(request))
    if (registered.pk if registered else None) != request.found_document:
        raise Refused("提出处理意见以后，这个号码的登记又有变动。请退回，重新核实。", code="changed")
