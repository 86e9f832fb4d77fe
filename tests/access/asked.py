"""What is asked of an address with the ids of a stranger's things: queries of lists, posts of forms."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.access.world import Objects
from tests.archives.flow import FILLED
from tests.archives.item_flow import AWARD
from tests.factories import id_number

Query = dict[str, Any]
FOREIGN_GROUP = "lawyer"
"""A group that nobody of the world handles."""
UNMASK: Query = {"names": ["document_number"], "code": "check", "text": "越权"}

CLAIM: Query = {
    "name": "越权",
    "document_type": "111",
    "document_number": id_number(1),
    "reason": "越权",
    "evidence": "越权",
}


def parts(theirs: Objects) -> list[Any]:
    return [theirs.draft.id, theirs.submitted.id, theirs.sealed.id]


def record_posts(theirs: Objects) -> list[Query]:
    actions = (
        "save",
        "submit",
        "submit_for_review",
        "pass_on",
        "return",
        "return_to_filler",
        "seal",
        "give_up",
    )
    return [
        FILLED | {"action": action, "reason": "越权", "revision": theirs.submitted.revision}
        for action in actions
    ]


def pages(theirs: Objects) -> list[Query]:
    """Lists asked for the page after, or before, a stranger's row."""
    ids = (theirs.sealed.id, theirs.filing.id, theirs.batch.id, theirs.unit.employer.pk, theirs.member.pk)
    return [{}, *({word: str(one)} for word in ("after", "before") for one in ids)]


def list_filters(theirs: Objects) -> list[Query]:
    year = timezone.localdate().year
    return [
        *pages(theirs),
        {"employer": theirs.unit.employer.pk},
        {"employer": theirs.unit.employer.pk, "year": year, "status": "sealed"},
        {"occupation": theirs.unit.responsibility.occupation, "year": year},
        {"agency": theirs.unit.agency.pk},
        {"name": theirs.sealed.name},
        {"found": "a-word-of-others"},
    ]


def progress_lists(theirs: Objects) -> list[Query]:
    whats = ("roster", "beyond", "sealed", "missing", "due", "on_time", "late", "overdue")
    group = {"agency": theirs.unit.agency.pk, "occupation": theirs.unit.responsibility.occupation}
    edges = [
        {"what": "sealed", "after": str(theirs.sealed.pk)},
        {"what": "roster", "before": str(theirs.entry.pk)},
    ]
    return [
        *edges,
        *({"what": what, "month": 1, **group} for what in whats),
        *({"what": what} for what in whats),
    ]


def item_filters(theirs: Objects) -> list[Query]:
    ids = [one.pk for one in theirs.items]
    return [{}, {"year": 2026}, *({word: str(one)} for word in ("after", "before") for one in ids)]


def item_posts(theirs: Objects) -> list[Query]:
    actions = (
        "save",
        "submit",
        "pass_on",
        "return",
        "seal",
        "correct",
        "revoke",
        "keep",
        "confirm_revocation",
    )
    told = {"action": "notify", "on": "2026-05-01", "how": "in_person"}
    return [told, *(AWARD | {"action": one, "reason": "越权", "revision": 1} for one in actions)]


def opening(theirs: Objects) -> list[Query]:
    wanted = {
        "responsibility": theirs.unit.responsibility.pk,
        "employer": theirs.unit.employer.pk,
        "year": timezone.localdate().year,
        "name": "新来的",
        "document_type": "111",
        "document_number": "110105199001010000",
    }
    return [wanted, wanted | {"employer": ""}]


def review_rows(theirs: Objects) -> list[Query]:
    rows = [f"{part.id}:{part.revision}" for part in (theirs.draft, theirs.submitted, theirs.sealed)]
    return [{"row": rows}]


def picked(theirs: Objects) -> list[Query]:
    """The rows of strangers; all that a filter finds, of an employer of strangers and a year that never was."""
    hand_on = review_rows(theirs)[0] | {"action": "hand_on"}
    everything = {"action": "all", "status": "draft", "year": "1900", "employer": theirs.unit.employer.pk}
    return [hand_on, hand_on | {"action": "reuse"}, everything]


def member(theirs: Objects) -> list[Query]:
    wanted = {"display_name": "内应", "username": "insider", "role": "clerk", "employer": ""}
    groups = {"responsibilities": [theirs.unit.responsibility.pk]}
    employer = {"role": "filler", "employer": theirs.unit.employer.pk}
    return [wanted | groups, wanted | groups | employer]


def workbooks(theirs: Objects) -> list[Query]:
    """One's own people would be on it, whatever stranger is named; a year that never was has nobody."""
    wanted = {"responsibility": theirs.unit.responsibility.pk, "year": "1900"}
    return [wanted, wanted | {"employer": theirs.unit.employer.pk}, wanted | {"split": "on"}]


def proceeding_posts(theirs: Objects) -> list[Query]:
    said = {
        "on": f"{timezone.localdate()}",
        "how": "post",
        "text": "越权",
        "review": "越权",
        "reason": "越权",
    }
    actions = ("renew", "notify", "hear", "uphold", "drop", "serve", "withdraw", "revoke")
    return [said | {"action": action, "revision": theirs.proceeding.revision} for action in actions]
