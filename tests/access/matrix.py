"""Every address of the site, who may use it, and how it is asked for somebody else's things."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from credit_platform.web.access import PUBLIC, SIGNED_IN
from manual.chapters import CHAPTERS
from tests.access.asked import (
    CLAIM,
    FOREIGN_GROUP,
    UNMASK,
    Query,
    item_filters,
    item_posts,
    list_filters,
    member,
    opening,
    pages,
    parts,
    picked,
    proceeding_posts,
    progress_lists,
    record_posts,
    review_rows,
    workbooks,
)
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
    "members": _open(ADMIN, methods="GET POST", get=pages, post=member),
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
    "employers": _open(ADMIN, methods="GET POST", get=pages, post=lambda o: [{"name": ""}]),
    "archive-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=list_filters),
    "archive-find": _open(
        FILLER, CLERK, REVIEWER, methods="GET POST", post=lambda o: [{"text": o.sealed.name}]
    ),
    "archive-picked": _open(FILLER, CLERK, methods="GET POST", post=picked),
    "archive-open": _open(FILLER, CLERK, methods="GET POST", post=opening),
    "record": _own(FILLER, CLERK, REVIEWER, OFFICER, methods="GET POST", objects=parts, post=record_posts),
    "record-version": _own(
        FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [(part, 1) for part in parts(o)]
    ),
    "record-print": _own(FILLER, CLERK, REVIEWER, objects=parts),
    "version-print": _own(FILLER, CLERK, REVIEWER, objects=lambda o: [(part, 1) for part in parts(o)]),
    "blank-print": _own(FILLER, CLERK, REVIEWER, objects=lambda o: [FOREIGN_GROUP]),
    "record-versions": _own(
        FILLER,
        CLERK,
        REVIEWER,
        OFFICER,
        objects=parts,
        get=lambda o: [{}, {"on": str(timezone.localdate())}],
    ),
    "record-compare": _own(
        FILLER, CLERK, REVIEWER, OFFICER, objects=parts, get=lambda o: [{}, {"a": 1, "b": 2}]
    ),
    "record-validate": _own(
        FILLER, CLERK, methods="POST", objects=parts, post=lambda o: [FILLED, {"phone": "1"}]
    ),
    "record-evidence": _own(FILLER, CLERK, methods="POST", objects=parts),
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
    "item-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=item_filters),
    "item-add": _own(
        FILLER,
        CLERK,
        methods="GET POST",
        objects=parts,
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
        post=item_posts,
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
        objects=parts,
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
        get=lambda o: [*list_filters(o), {"row": [part.id for part in (o.draft, o.sealed)]}],
        post=lambda o: [{"row": [part.record.archive_id for part in (o.draft, o.sealed)]}],
    ),
    "record-autosave": _own(
        FILLER,
        CLERK,
        methods="POST",
        objects=parts,
        post=lambda o: [FILLED | {"revision": o.draft.revision}],
    ),
    "review": _open(REVIEWER, get=list_filters),
    "review-confirm": _open(REVIEWER, methods="GET POST", get=list_filters, post=review_rows),
    "record-proceeding": _own(CLERK, methods="POST", objects=parts),
    "proceeding": _own(
        CLERK, REVIEWER, methods="GET POST", objects=lambda o: [o.proceeding.pk], post=proceeding_posts
    ),
    "letter": _own(CLERK, REVIEWER, objects=lambda o: [(o.proceeding.pk, "notice")]),
    "letter-pdf": _own(CLERK, REVIEWER, objects=lambda o: [(o.proceeding.pk, "notice")]),
    "roster": _open(FILLER, CLERK, REVIEWER, OFFICER, get=list_filters),
    "workbook-out": _open(FILLER, CLERK, methods="GET POST", post=workbooks),
    "upload-list": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        get=lambda o: [*pages(o), {"after": str(o.upload.pk)}],
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
        get=lambda o: [*list_filters(o), {"after": str(o.entry.pk)}, {"before": str(o.entry.pk)}],
    ),
    "roster-find": _open(
        FILLER, CLERK, REVIEWER, methods="GET POST", post=lambda o: [{"text": o.entry.name}]
    ),
    "roster-add": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        post=lambda o: [one | {"joined_on": "2025-01-01"} for one in opening(o)],
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
        FILLER, CLERK, REVIEWER, methods="GET POST", objects=lambda o: [o.entry.pk], post=lambda o: [UNMASK]
    ),
    "record-unmask": _own(
        FILLER, CLERK, REVIEWER, methods="GET POST", objects=parts, post=lambda o: [UNMASK]
    ),
    "record-identity": _own(
        CLERK, methods="GET POST", objects=parts, post=lambda o: [CLAIM | {"kind": "correction"}]
    ),
    "identity-list": _open(
        CLERK,
        REVIEWER,
        OFFICER,
        get=lambda o: [*pages(o), *({word: str(o.request.pk)} for word in ("after", "before"))],
    ),
    "identity-claim": _open(
        CLERK,
        methods="GET POST",
        post=lambda o: [CLAIM | {"responsibility": o.unit.responsibility.pk}],
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
        objects=parts,
        post=lambda o: [
            {"action": "ask"},
            {"action": "settle", "evidence": str(o.evidence[0].pk), "reason": "越权核实身份"},
        ],
    ),
    "nil-return-list": _open(
        CLERK,
        REVIEWER,
        get=lambda o: [*pages(o), *({word: str(o.nil_return.pk)} for word in ("after", "before"))],
    ),
    "nil-return-sign": _own(
        CLERK,
        methods="GET POST",
        objects=lambda o: [(FOREIGN_GROUP, o.nil_return.start.isoformat())],
        post=lambda o: [{"sure": "on"}],
    ),
    "nil-return": _own(
        CLERK,
        REVIEWER,
        methods="GET POST",
        objects=lambda o: [o.nil_return.pk],
        post=lambda o: [{"action": one, "reason": "越权", "revision": 1} for one in ("confirm", "withdraw")],
    ),
    "roster-template": _own(FILLER, CLERK, objects=lambda o: [FOREIGN_GROUP]),
    "roster-import-list": _open(
        FILLER,
        CLERK,
        methods="GET POST",
        get=lambda o: [*pages(o), {"after": str(o.roster_import.pk)}],
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
        get=lambda o: [*pages(o), {"after": str(o.roster.pk)}],
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
    "job-list": _open(FILLER, CLERK, REVIEWER, OFFICER, get=lambda o: [*pages(o), {"after": str(o.job.pk)}]),
    "job": _own(FILLER, CLERK, REVIEWER, OFFICER, methods="GET POST", objects=lambda o: [o.job.pk]),
    "job-result": _own(FILLER, CLERK, REVIEWER, OFFICER, objects=lambda o: [o.job.pk]),
    "filing-list": _open(CLERK, REVIEWER, OFFICER, get=pages),
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
        get=pages,
        post=lambda o: [{"action": "file"}, {"action": "send_back", "reason": "越权"}],
    ),
    "filing-receipt": _own(CLERK, REVIEWER, OFFICER, objects=lambda o: [o.filing.id]),
    "filing-roster": _own(CLERK, REVIEWER, OFFICER, objects=lambda o: [(o.filing.id, 1)]),
    "record-transfer": _own(
        CLERK,
        methods="GET POST",
        objects=parts,
        post=lambda o: [
            {"action": "transfer", "transfer-employer": o.unit.employer.pk, "transfer-reason": "越权"},
            {"action": "left", "leaving-left_on": "2026-01-01", "leaving-reason": "越权"},
        ],
    ),
    "consent-list": _open(FILLER, CLERK, REVIEWER, get=pages),
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
        objects=parts,
        get=lambda o: [{}, {"place": o.unit.agency.jurisdiction_id}],
        post=lambda o: [{"to": o.transfer.to_agency_id, "document_no": "越权", "reason": "越权"}],
    ),
    "transfer-list": _open(
        CLERK, REVIEWER, get=lambda o: [{"side": "in"}, *pages(o), {"after": str(o.transfer.pk)}]
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
    "handover-list": _open(ADMIN, CLERK, REVIEWER, FILLER, get=pages),
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
        objects=parts,
        post=lambda o: [{"code": "other", "text": "越权", "next": f"/records/{o.sealed.id}/"}],
    ),
    "delivery-list": _open(CLERK, REVIEWER, OFFICER, get=pages),
    "batch": _own(OFFICER, methods="GET POST", objects=lambda o: [o.batch.id], get=pages, post=_plain),
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
        get=lambda o: [*pages(o), *({word: str(o.notice.pk)} for word in ("after", "before"))],
    ),
    "notice-open": _own(
        FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="POST", objects=lambda o: [o.notice.pk]
    ),
    "notice-all-read": _open(FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="POST"),
    "notice-mail": _open(
        FILLER, CLERK, REVIEWER, ADMIN, OFFICER, methods="GET POST", post=lambda o: [{"address": "x"}]
    ),
    "progress-group": _own(OFFICER, objects=lambda o: [(o.unit.agency.pk, o.unit.responsibility.occupation)]),
    "progress-people": _open(OFFICER, get=progress_lists),
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
    "journal": _open(CLERK, REVIEWER, ADMIN, OFFICER, get=list_filters),
    "platform-journal": _open(OPERATOR, get=list_filters),
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
