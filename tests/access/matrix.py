"""Every address of the site, who may use it, and how it is asked for somebody else's things."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from credit_platform.web.access import PUBLIC, SIGNED_IN
from manual.chapters import CHAPTERS
from tests.access.world import Objects
from tests.archives.flow import FILLED
from tests.archives.item_flow import AWARD
from tests.factories import id_number

FILLER, CLERK, REVIEWER, ADMIN, OFFICER, OPERATOR = (
    "filler",
    "clerk",
    "reviewer",
    "agency_admin",
    "officer",
    "operator",
)
Query = dict[str, Any]


_FOREIGN_GROUP = "lawyer"
"""A group that nobody of the world handles."""
_UNMASK: Query = {"names": ["document_number"], "code": "check", "text": "越权"}

_CLAIM: Query = {
    "name": "越权",
    "document_type": "111",
    "document_number": id_number(1),
    "reason": "越权",
    "evidence": "越权",
}


def _nothing(_: Objects) -> list[Any]:
    return []


def _plain(_: Objects) -> list[Query]:
    return [{}]


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """`roles` may use it at all. `objects` are the things whose address it is, `get` and `post` what is asked of
    each with the ids of a stranger's things.
    """

    roles: frozenset[str]
    methods: frozenset[str]
    objects: Callable[[Objects], list[Any]] = _nothing
    get: Callable[[Objects], list[Query]] = _plain
    post: Callable[[Objects], list[Query]] = _plain
    has_object: bool = False

    def allows(self, role: str | None) -> bool:
        return bool(self.roles & {PUBLIC, role or PUBLIC} or (role and SIGNED_IN in self.roles))


def _open(*roles: str, methods: str = "GET", **more: Any) -> Endpoint:
    return Endpoint(frozenset(roles), frozenset(methods.split()), **more)


def _own(*roles: str, methods: str = "GET", **more: Any) -> Endpoint:
    return Endpoint(frozenset(roles), frozenset(methods.split()), has_object=True, **more)


def _parts(theirs: Objects) -> list[Any]:
    return [theirs.draft.id, theirs.submitted.id, theirs.sealed.id]


def _record_posts(theirs: Objects) -> list[Query]:
    actions = ("save", "submit", "submit_for_review", "pass_on", "return", "return_to_filler", "seal")
    return [
        FILLED | {"action": action, "reason": "越权", "revision": theirs.submitted.revision}
        for action in actions
    ]


def _pages(theirs: Objects) -> list[Query]:
    """Lists asked for the page after, or before, a stranger's row."""
    ids = (theirs.sealed.id, theirs.filing.id, theirs.batch.id, theirs.unit.employer.pk, theirs.member.pk)
    return [{}, *({word: str(one)} for word in ("after", "before") for one in ids)]


def _list_filters(theirs: Objects) -> list[Query]:
    year = timezone.localdate().year
    return [
        *_pages(theirs),
        {"employer": theirs.unit.employer.pk},
        {"employer": theirs.unit.employer.pk, "year": year, "status": "sealed"},
        {"occupation": theirs.unit.responsibility.occupation, "year": year},
        {"agency": theirs.unit.agency.pk},
        {"name": theirs.sealed.name},
        {"found": "a-word-of-others"},
    ]


def _progress_lists(theirs: Objects) -> list[Query]:
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


def _item_filters(theirs: Objects) -> list[Query]:
    ids = [one.pk for one in theirs.items]
    return [{}, {"year": 2026}, *({word: str(one)} for word in ("after", "before") for one in ids)]


def _item_posts(theirs: Objects) -> list[Query]:
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


def _opening(theirs: Objects) -> list[Query]:
    wanted = {
        "responsibility": theirs.unit.responsibility.pk,
        "employer": theirs.unit.employer.pk,
        "year": timezone.localdate().year,
        "name": "新来的",
        "document_type": "111",
        "document_number": "110105199001010000",
    }
    return [wanted, wanted | {"employer": ""}]


def _review_rows(theirs: Objects) -> list[Query]:
    rows = [f"{part.id}:{part.revision}" for part in (theirs.draft, theirs.submitted, theirs.sealed)]
    return [{"row": rows}]


def _picked(theirs: Objects) -> list[Query]:
    """The rows of strangers; all that a filter finds, of an employer of strangers and a year that never was."""
    hand_on = _review_rows(theirs)[0] | {"action": "hand_on"}
    everything = {"action": "all", "status": "draft", "year": "1900", "employer": theirs.unit.employer.pk}
    return [hand_on, hand_on | {"action": "reuse"}, everything]


def _member(theirs: Objects) -> list[Query]:
    wanted = {"display_name": "内应", "username": "insider", "role": "clerk", "employer": ""}
    groups = {"responsibilities": [theirs.unit.responsibility.pk]}
    employer = {"role": "filler", "employer": theirs.unit.employer.pk}
    return [wanted | groups, wanted | groups | employer]


def _workbooks(theirs: Objects) -> list[Query]:
    """One's own people would be on it, whatever stranger is named; a year that never was has nobody."""
    wanted = {"responsibility": theirs.unit.responsibility.pk, "year": "1900"}
    return [wanted, wanted | {"employer": theirs.unit.employer.pk}, wanted | {"split": "on"}]


def _proceeding_posts(theirs: Objects) -> list[Query]:
    said = {
        "on": f"{timezone.localdate()}",
        "how": "post",
        "text": "越权",
        "review": "越权",
        "reason": "越权",
    }
    actions = ("renew", "notify", "hear", "uphold", "drop", "serve", "withdraw", "revoke")
    return [said | {"action": action, "revision": theirs.proceeding.revision} for action in actions]


MATRIX: dict[str, Endpoint] = {
    "set-size": _open(PUBLIC, methods="POST"),
    "sign-in": _open(PUBLIC, methods="GET POST"),
    "sign-out": _open(PUBLIC, methods="POST"),
    "lock": _open(SIGNED_IN, methods="GET POST"),
    "password": _open(SIGNED_IN, methods="GET POST"),
    "keep-alive": _open(SIGNED_IN, methods="POST"),
    "switch": _open(SIGNED_IN, methods="GET POST", post=lambda o: [{"membership": o.member.pk}]),
    "responsibilities": _open(CLERK, REVIEWER, ADMIN, OFFICER),
    "rules": _open(ADMIN, OFFICER),
    "group-new": _open(
        OFFICER, methods="GET POST", post=lambda o: [{"label": "外来人群", "agency": o.unit.agency.pk}]
    ),
    "group-change": _own(
        OFFICER,
        methods="GET POST",
        objects=lambda o: [o.unit.responsibility.pk],
        post=lambda o: [{"label": "越权", "reason": "越权"}, {"action": "close", "closing_reason": "越权"}],
    ),
    "group-succession": _own(OFFICER, methods="GET POST", objects=lambda o: [o.unit.responsibility.pk]),
    "group-open": _own(
        OFFICER,
        methods="GET POST",
        objects=lambda o: [o.unit.responsibility.pk],
        post=lambda o: [{"opens_on": f"{timezone.localdate()}", "reason": "越权"}],
    ),
    "members": _open(ADMIN, methods="GET POST", get=_pages, post=_member),
    "member-end": _own(ADMIN, methods="POST", objects=lambda o: [o.member.pk, o.unit.clerk.pk]),
    "member-reset": _own(ADMIN, methods="POST", objects=lambda o: [o.member.pk, o.unit.clerk.pk]),
    "member-groups": _own(
        ADMIN,
        methods="GET POST",
        objects=lambda o: [o.member.pk, o.unit.clerk.pk],
        post=lambda o: [{"responsibilities": [o.unit.responsibility.pk]}],
    ),
    "settlers": _open(
        ADMIN,
        methods="GET POST",
        post=lambda o: [{"predecessor": o.unit.agency.pk, "member": o.unit.clerk.pk}],
    ),
    "settler-end": _own(ADMIN, methods="POST", objects=lambda o: [o.member.pk, o.unit.clerk.pk]),
    "employers": _open(ADMIN, methods="GET POST", get=_pages, post=lambda o: [{"name": ""}]),
    "archive-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=_list_filters),
    "archive-find": _open(
        FILLER, CLERK, REVIEWER, methods="GET POST", post=lambda o: [{"text": o.sealed.name}]
    ),
    "archive-picked": _open(FILLER, CLERK, methods="GET POST", post=_picked),
    "archive-open": _open(FILLER, CLERK, methods="GET POST", post=_opening),
    "record": _own(FILLER, CLERK, REVIEWER, OFFICER, methods="GET POST", objects=_parts, post=_record_posts),
    "record-version": _own(
        FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [(part, 1) for part in _parts(o)]
    ),
    "record-print": _own(FILLER, CLERK, REVIEWER, objects=_parts),
    "version-print": _own(FILLER, CLERK, REVIEWER, objects=lambda o: [(part, 1) for part in _parts(o)]),
    "blank-print": _own(FILLER, CLERK, REVIEWER, objects=lambda o: [_FOREIGN_GROUP]),
    "record-versions": _own(
        FILLER,
        CLERK,
        REVIEWER,
        OFFICER,
        objects=_parts,
        get=lambda o: [{}, {"on": str(timezone.localdate())}],
    ),
    "record-compare": _own(
        FILLER, CLERK, REVIEWER, OFFICER, objects=_parts, get=lambda o: [{}, {"a": 1, "b": 2}]
    ),
    "record-validate": _own(
        FILLER, CLERK, methods="POST", objects=_parts, post=lambda o: [FILLED, {"phone": "1"}]
    ),
    "record-evidence": _own(FILLER, CLERK, methods="POST", objects=_parts),
    "item-import": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        post=lambda o: [
            {"responsibility": o.unit.responsibility.pk, "year": 2026, "action": action}
            for action in ("template", "check", "write")
        ],
    ),
    "waiting-list": _open(FILLER, CLERK),
    "waiting": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=lambda o: [o.waiting.pk],
        post=lambda o: [
            {"action": "drop", "reason": "越权"},
            {"action": "attach", "number": id_number(1)},
        ],
    ),
    "item-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=_item_filters),
    "item-add": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=_parts,
        get=lambda o: [{}, {"kind": "award"}],
        post=lambda o: [AWARD | {"kind": "award", "basis": o.items[0].basis}],
    ),
    "item": _own(
        FILLER,
        CLERK,
        REVIEWER,
        OFFICER,
        methods="GET POST",
        objects=lambda o: [one.pk for one in o.items],
        post=_item_posts,
    ),
    "item-version": _own(FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [(o.items[1].pk, 1)]),
    "item-notice": _own(CLERK, REVIEWER, objects=lambda o: [one.pk for one in o.items]),
    "item-evidence": _own(FILLER, CLERK, methods="POST", objects=lambda o: [one.pk for one in o.items]),
    "evidence": _own(FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [one.pk for one in o.evidence]),
    "evidence-remove": _own(FILLER, CLERK, methods="POST", objects=lambda o: [one.pk for one in o.evidence]),
    "record-reuse": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=_parts,
        post=lambda o: [{"field": ["title", "phone"], "revision": o.draft.revision}],
    ),
    "archive-print": _open(
        FILLER,
        CLERK,
        REVIEWER,
        methods="POST",
        # One's own people would be printed, whatever stranger is named; a year that never was prints nobody.
        post=lambda o: [{"employer": o.unit.employer.pk, "year": "1900"}],
    ),
    "archive-reuse": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        get=lambda o: [*_list_filters(o), {"row": [part.id for part in (o.draft, o.sealed)]}],
        post=lambda o: [{"row": [part.record.archive_id for part in (o.draft, o.sealed)]}],
    ),
    "record-autosave": _own(
        FILLER,
        CLERK,
        methods="POST",
        objects=_parts,
        post=lambda o: [FILLED | {"revision": o.draft.revision}],
    ),
    "review": _open(REVIEWER, get=_list_filters),
    "review-confirm": _open(REVIEWER, methods="GET POST", get=_list_filters, post=_review_rows),
    "record-proceeding": _own(CLERK, methods="POST", objects=_parts),
    "proceeding": _own(
        CLERK, REVIEWER, methods="GET POST", objects=lambda o: [o.proceeding.pk], post=_proceeding_posts
    ),
    "letter": _own(CLERK, REVIEWER, objects=lambda o: [(o.proceeding.pk, "notice")]),
    "letter-pdf": _own(CLERK, REVIEWER, objects=lambda o: [(o.proceeding.pk, "notice")]),
    "roster": _open(FILLER, CLERK, REVIEWER, OFFICER, get=_list_filters),
    "workbook-out": _open(FILLER, CLERK, methods="GET POST", post=_workbooks),
    "upload-list": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        get=lambda o: [*_pages(o), {"after": str(o.upload.pk)}],
        post=lambda o: [{"responsibility": o.unit.responsibility.pk, "year": timezone.localdate().year}],
    ),
    "upload": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=lambda o: [o.upload.pk],
        post=lambda o: [{"action": one, "revision": 1} for one in ("accept", "cancel", "resume")],
    ),
    "upload-answer": _own(FILLER, CLERK, objects=lambda o: [o.upload.pk]),
    "upload-remainder": _own(FILLER, CLERK, objects=lambda o: [o.upload.pk]),
    "roster-list": _open(
        FILLER,
        CLERK,
        REVIEWER,
        OFFICER,
        get=lambda o: [*_list_filters(o), {"after": str(o.entry.pk)}, {"before": str(o.entry.pk)}],
    ),
    "roster-find": _open(
        FILLER, CLERK, REVIEWER, methods="GET POST", post=lambda o: [{"text": o.entry.name}]
    ),
    "roster-add": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        post=lambda o: [one | {"joined_on": "2025-01-01"} for one in _opening(o)],
    ),
    "roster-open": _open(
        FILLER,
        CLERK,
        methods="POST",
        post=lambda o: [
            {"responsibility": o.unit.responsibility.pk, "year": timezone.localdate().year, "employer": ""}
        ],
    ),
    "roster-entry": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=lambda o: [o.entry.pk],
        post=lambda o: [{"left_on": "2026-01-01", "reason": "越权"}],
    ),
    "roster-unmask": _own(
        FILLER, CLERK, REVIEWER, methods="GET POST", objects=lambda o: [o.entry.pk], post=lambda o: [_UNMASK]
    ),
    "record-unmask": _own(
        FILLER, CLERK, REVIEWER, methods="GET POST", objects=_parts, post=lambda o: [_UNMASK]
    ),
    "record-identity": _own(
        CLERK, methods="GET POST", objects=_parts, post=lambda o: [_CLAIM | {"kind": "correction"}]
    ),
    "identity-list": _open(
        CLERK,
        REVIEWER,
        OFFICER,
        get=lambda o: [*_pages(o), *({word: str(o.request.pk)} for word in ("after", "before"))],
    ),
    "identity-claim": _open(
        CLERK,
        methods="GET POST",
        post=lambda o: [_CLAIM | {"responsibility": o.unit.responsibility.pk}],
    ),
    "identity": _own(
        CLERK,
        REVIEWER,
        OFFICER,
        methods="GET POST",
        objects=lambda o: [o.request.pk],
        post=lambda o: [
            {"action": one, "reason": "越权", "finding": "claim", "last": "000000", "revision": 1}
            for one in ("confirm", "refuse", "withdraw", "find", "agree", "reopen")
        ],
    ),
    "pair-list": _open(OFFICER, methods="GET POST", get=lambda o: [{}, {"after": str(o.pair.pk)}]),
    "pair": _own(
        OFFICER,
        methods="GET POST",
        objects=lambda o: [o.pair.pk],
        post=lambda o: [
            {"action": one, "reason": "越权", "evidence": "越权", "revision": 1}
            for one in ("propose", "merge", "decline", "keep_apart", "reconsider", "undo")
        ],
    ),
    "record-check": _own(
        FILLER,
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=_parts,
        post=lambda o: [
            {"action": "ask"},
            {"action": "settle", "evidence": str(o.evidence[0].pk), "reason": "越权核实身份"},
        ],
    ),
    "nil-return-list": _open(
        CLERK,
        REVIEWER,
        get=lambda o: [*_pages(o), *({word: str(o.nil_return.pk)} for word in ("after", "before"))],
    ),
    "nil-return-sign": _own(
        CLERK,
        methods="GET POST",
        objects=lambda o: [(_FOREIGN_GROUP, o.nil_return.start.isoformat())],
        post=lambda o: [{"sure": "on"}],
    ),
    "nil-return": _own(
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=lambda o: [o.nil_return.pk],
        post=lambda o: [{"action": one, "reason": "越权", "revision": 1} for one in ("confirm", "withdraw")],
    ),
    "roster-template": _own(FILLER, CLERK, objects=lambda o: [_FOREIGN_GROUP]),
    "roster-import-list": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        get=lambda o: [*_pages(o), {"after": str(o.roster_import.pk)}],
        post=lambda o: [{"responsibility": o.unit.responsibility.pk, "joined_on": "2025-01-01"}],
    ),
    "roster-import": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=lambda o: [o.roster_import.pk],
        post=lambda o: [{"action": one, "revision": 1} for one in ("accept", "cancel")],
    ),
    "stamped-roster-list": _open(
        CLERK,
        REVIEWER,
        methods="GET POST",
        get=lambda o: [*_pages(o), {"after": str(o.roster.pk)}],
        post=lambda o: [
            {
                "responsibility": o.unit.responsibility.pk,
                "year": timezone.localdate().year,
                "employer": o.unit.employer.pk,
            }
        ],
    ),
    "stamped-roster": _own(
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=lambda o: [o.roster.pk],
        post=lambda o: [
            {"action": action, "revision": 1, "reason": "越权", "stamped_on": str(timezone.localdate())}
            for action in ("scan", "confirm", "void")
        ],
    ),
    "stamped-roster-pdf": _own(CLERK, REVIEWER, objects=lambda o: [o.roster.pk]),
    "stamped-roster-scan": _own(CLERK, REVIEWER, objects=lambda o: [o.roster.pk]),
    "check": _open(
        FILLER, CLERK, REVIEWER, OFFICER, methods="GET POST", post=lambda o: [{"code": o.check_code}]
    ),
    "job-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=lambda o: [*_pages(o), {"after": str(o.job.pk)}]),
    "job": _own(FILLER, CLERK, REVIEWER, OFFICER, methods="GET POST", objects=lambda o: [o.job.pk]),
    "job-result": _own(FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [o.job.pk]),
    "filing-list": _open(CLERK, REVIEWER, OFFICER, get=_pages),
    "filing-submit": _open(
        CLERK,
        REVIEWER,
        methods="POST",
        post=lambda o: [{"responsibility": o.unit.responsibility.pk, "year": timezone.localdate().year}],
    ),
    "filing": _own(
        CLERK,
        REVIEWER,
        OFFICER,
        methods="GET POST",
        objects=lambda o: [o.filing.id],
        get=_pages,
        post=lambda o: [{"action": "file"}, {"action": "send_back", "reason": "越权"}],
    ),
    "filing-receipt": _own(CLERK, REVIEWER, OFFICER, objects=lambda o: [o.filing.id]),
    "filing-roster": _own(CLERK, REVIEWER, OFFICER, objects=lambda o: [(o.filing.id, 1)]),
    "record-transfer": _own(
        CLERK,
        methods="GET POST",
        objects=_parts,
        post=lambda o: [
            {"action": "transfer", "transfer-employer": o.unit.employer.pk, "transfer-reason": "越权"},
            {"action": "left", "leaving-left_on": "2026-01-01", "leaving-reason": "越权"},
        ],
    ),
    "consent-list": _open(FILLER, CLERK, REVIEWER, get=_pages),
    "consent-new": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        post=lambda o: [{"responsibility": o.unit.responsibility.pk, "signed_on": "2026-01-01"}],
    ),
    "consent": _own(
        FILLER,
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=lambda o: [o.consent.pk],
        post=lambda o: [{"on": timezone.localdate().isoformat(), "reason": "越权"}],
    ),
    "consent-scan": _own(FILLER, CLERK, REVIEWER, objects=lambda o: [o.consent.pk]),
    "association-new": _open(
        OFFICER, methods="GET POST", post=lambda o: [{"name": "餐饮协会", "opens_on": "2026-01-01"}]
    ),
    "transfer-propose": _own(
        CLERK,
        methods="GET POST",
        objects=_parts,
        get=lambda o: [{}, {"place": o.unit.agency.jurisdiction_id}],
        post=lambda o: [{"to": o.transfer.to_agency_id, "document_no": "越权", "reason": "越权"}],
    ),
    "transfer-list": _open(
        CLERK, REVIEWER, get=lambda o: [{"side": "in"}, *_pages(o), {"after": str(o.transfer.pk)}]
    ),
    "transfer": _own(
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=lambda o: [o.transfer.pk],
        post=lambda o: [
            {"action": one, "reason": "越权", "name": o.sealed.name, "document_number": id_number()}
            for one in ("check", "receive", "refuse", "withdraw", "confirm", "return")
        ],
    ),
    "transfer-receipt": _own(CLERK, REVIEWER, objects=lambda o: [o.transfer.pk]),
    "handover-list": _open(ADMIN, CLERK, REVIEWER, FILLER, get=_pages),
    "handover": _open(
        ADMIN,
        methods="GET POST",
        get=lambda o: [{}, {"leaver": o.unit.clerk.pk, "successor": o.member.pk}],
        post=lambda o: [{"leaver": o.unit.clerk.pk, "successor": o.member.pk, "end": "on"}],
    ),
    "handover-done": _own(ADMIN, CLERK, REVIEWER, FILLER, objects=lambda o: [o.handover.id]),
    "handover-print": _own(ADMIN, CLERK, REVIEWER, FILLER, objects=lambda o: [o.handover.id]),
    "item-reason": _own(
        OFFICER,
        methods="GET POST",
        objects=lambda o: [one.id for one in o.items],
        post=lambda o: [{"code": "other", "text": "越权"}],
    ),
    "record-reason": _own(
        OFFICER,
        methods="GET POST",
        objects=_parts,
        post=lambda o: [{"code": "other", "text": "越权", "next": f"/records/{o.sealed.id}/"}],
    ),
    "delivery-list": _open(CLERK, REVIEWER, OFFICER, get=_pages),
    "batch": _own(OFFICER, methods="GET POST", objects=lambda o: [o.batch.id], get=_pages, post=_plain),
    "delivery-now": _open(
        OFFICER, methods="GET POST", post=lambda _: [{"target": "county", "reason": "市信用办要求"}]
    ),
    "state": _open(OFFICER, OPERATOR),
    "identity-checks": _open(OFFICER),
    "notice-list": _open(
        FILLER,
        CLERK,
        REVIEWER,
        ADMIN,
        OFFICER,
        get=lambda o: [*_pages(o), *({word: str(o.notice.pk)} for word in ("after", "before"))],
    ),
    "notice-open": _own(
        FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="POST", objects=lambda o: [o.notice.pk]
    ),
    "notice-all-read": _open(FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="POST"),
    "notice-mail": _open(
        FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="GET POST", post=lambda o: [{"address": "x"}]
    ),
    "progress-group": _own(OFFICER, objects=lambda o: [(o.unit.agency.pk, o.unit.responsibility.occupation)]),
    "progress-people": _open(OFFICER, get=_progress_lists),
    "progress-export": _open(OFFICER, methods="POST", post=lambda o: [{"year": "x"}]),
    "reminder-send": _open(
        OFFICER,
        methods="POST",
        post=lambda o: [
            {
                "line": f"{o.unit.agency.pk}:{o.unit.responsibility.occupation}:delivery:2026-01",
                "text": "越权",
            }
        ],
    ),
    "reminder": _own(CLERK, REVIEWER, ADMIN, OFFICER, objects=lambda o: [o.reminder.pk]),
    "home": _open(FILLER, CLERK, REVIEWER, ADMIN, OFFICER, OPERATOR),
    "health": _open(PUBLIC),
    "manual": _open(PUBLIC),
    "catalogue": _open(PUBLIC, get=lambda o: [{}, {"kind": "award"}]),
    **{chapter.url_name: _open(PUBLIC) for chapter in CHAPTERS},
    "journal": _open(CLERK, REVIEWER, ADMIN, OFFICER, get=_list_filters),
    "platform-journal": _open(OPERATOR, get=_list_filters),
}
"""By name of the URL. A new URL has to say here who may use it, or the tests fail."""


def patterns() -> Iterator[URLPattern]:
    """Every pattern of the URLconf, however deep."""

    def walk(entries: Any) -> Iterator[URLPattern]:
        for entry in entries:
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns)
            else:
                yield entry

    return walk(get_resolver().url_patterns)


def addresses(name: str, endpoint: Endpoint, theirs: Objects) -> list[str]:
    """The addresses of an endpoint for a stranger's things, or its only one."""
    if endpoint.has_object:
        keys = (one if isinstance(one, tuple) else (one,) for one in endpoint.objects(theirs))
        return [reverse(name, args=key) for key in keys]
    return [reverse(name)]
