"""Nothing that can be typed into an address or posted into a form is an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manual.chapters import CHAPTERS
from tests.access.matrix import MATRIX
from tests.access.world import Objects, World
from tests.archives.flow import FILLED
from tests.archives.item_flow import AWARD, basis_of
from tests.factories import id_number

HOSTILE: dict[str, Any] = {
    "empty": "",
    "blank": " \t\n",
    "NUL": "a\x00b",
    "long": "长" * 10_000,
    "huge number": "9999999999999999",
    "huger number": "9" * 30,
    "longest number": "9" * 5000,
    "negative": "-1",
    "fraction": "1.5",
    "not a number": "NaN",
    "wide digits": "２０２６",
    "text": "' OR 1=1 --",
    "markup": '"><script>alert(1)</script>',
    "uuid": "01900000-0000-7000-8000-000000000000",
    "no uuid": "-" * 36,
    "repeated": ["1", "2", "x"],
    "emoji": "👩‍🏫🇨🇳",
    "direction": "\u202eabc\u2066",
    "half a pair": b"\xed\xa0\x80",
    "no utf-8": b"\xff\xfe",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "no day": "2026-02-31",
    "path": "//evil.example/\\x",
    "line break": "a\r\nSet-Cookie: x=1",
}
FIELDS: dict[str, tuple[str, ...]] = {
    "manual": ("x",),
    "catalogue": ("place", "kind"),
    **{chapter.url_name: ("x",) for chapter in CHAPTERS},
    "sign-in": ("username", "password", "next", "expired"),
    "lock": ("password", "next"),
    "password": ("old", "new", "again"),
    "switch": ("membership",),
    "set-size": ("size",),
    "keep-alive": ("x",),
    "sign-out": ("x",),
    "members": ("after", "before", "display_name", "username", "role", "employer", "responsibilities"),
    "member-end": ("x",),
    "member-reset": ("x",),
    "member-groups": ("responsibilities",),
    "settlers": ("predecessor", "member"),
    "settler-end": ("x",),
    "employers": ("after", "before", "name", "credit_code"),
    "responsibilities": ("x",),
    "rules": ("x",),
    "group-new": ("label", "agency", "basis", "opens_on", "contents"),
    "group-open": ("opens_on", "reason"),
    "group-change": ("action", "label", "contents", "reason", "ended_on", "closing_reason"),
    "group-succession": ("x",),
    "record-version": ("x",),
    "record-versions": ("on",),
    "record-print": ("x",),
    "version-print": ("x",),
    "blank-print": ("x",),
    "record-compare": ("a", "b"),
    "archive-list": (
        *("after", "before", "year", "occupation", "status", "delivery", "employer"),
        *("outcome", "registration", "check", "found"),
    ),
    "archive-find": ("text",),
    "archive-picked": ("action", "row", "next", "status", "employer"),
    "roster-find": ("text",),
    "archive-open": (
        "responsibility",
        "year",
        "employer",
        "name",
        "document_type",
        "document_number",
        "backfill_reason",
    ),
    "record": (
        *FILLED,
        "certificate_no",
        "teaching_stage",
        "revision",
        "base",
        "conflict",
        "pick-title",
        "action",
        "reason",
        "name[first]",
    ),
    "record-reuse": ("field", "revision", "all"),
    "archive-print": ("year", "occupation", "status", "delivery", "employer", "outcome"),
    "archive-reuse": ("occupation", "employer", "row"),
    "record-autosave": ("phone", "practice_since", "revision", "title"),
    "record-validate": ("field", "phone", "sex", "practice_since", "document_number"),
    "record-evidence": ("files",),
    "item-list": ("after", "before", "year", "kind", "status", "delivery", "adverse"),
    "item-add": ("kind", "basis", "occurred_on", "title", "level", "document_no"),
    "item": (
        "action",
        "revision",
        "reason",
        "basis",
        "occurred_on",
        "document_date",
        "content",
        "on",
        "how",
        "last",
        "named_name",
        "named_number",
    ),
    "item-import": ("responsibility", "year", "action"),
    "waiting-list": ("after", "before"),
    "identity-list": ("after", "before"),
    "identity-claim": (
        "responsibility",
        "name",
        "document_type",
        "document_number",
        "reason",
        "evidence",
    ),
    "record-identity": (
        *("kind", "name", "document_type", "document_number"),
        *("primary", "replaces", "reason", "evidence"),
    ),
    "identity": ("action", "revision", "last", "item-x", "reason", "finding"),
    "pair-list": ("after", "before"),
    "pair": ("action", "revision", "reason", "evidence"),
    "waiting": ("action", "number", "reason"),
    "item-version": ("x",),
    "item-notice": ("x",),
    "item-evidence": ("files",),
    "evidence": ("x",),
    "evidence-remove": ("x",),
    "record-proceeding": ("x",),
    "proceeding": ("action", "revision", "on", "how", "text", "review", "reason"),
    "letter": ("x",),
    "letter-pdf": ("x",),
    "review": ("after", "before", "year", "occupation", "employer"),
    "review-confirm": ("year", "occupation", "employer", "row"),
    "roster": ("year", "occupation", "employer"),
    "roster-list": ("after", "before", "year", "occupation", "employer", "built", "found"),
    "roster-add": ("responsibility", "employer", "name", "document_type", "document_number", "joined_on"),
    "roster-open": ("responsibility", "year", "employer"),
    "roster-entry": ("left_on", "reason"),
    "roster-unmask": ("names", "code", "text"),
    "record-unmask": ("names", "code", "text"),
    "record-check": ("action", "evidence", "reason"),
    "nil-return-list": ("after", "before"),
    "nil-return-sign": ("sure",),
    "nil-return": ("action", "reason", "revision"),
    "roster-template": ("x",),
    "roster-import-list": ("after", "before", "responsibility", "joined_on", "file"),
    "roster-import": ("action", "revision"),
    "upload-list": ("after", "before", "responsibility", "year", "files"),
    "upload": ("after", "before", "outcome", "action", "revision"),
    "upload-answer": ("x",),
    "upload-remainder": ("x",),
    "stamped-roster-list": ("after", "before", "responsibility", "year", "employer"),
    "stamped-roster": ("action", "revision", "reason", "stamped_on", "scan"),
    "stamped-roster-pdf": ("x",),
    "stamped-roster-scan": ("x",),
    "workbook-out": ("responsibility", "year", "employer", "split"),
    "check": ("code",),
    "job-list": ("after", "before"),
    "job": ("x",),
    "job-result": ("x",),
    "filing-list": ("after", "before"),
    "filing-submit": ("responsibility", "year"),
    "filing": ("action", "reason", "after", "before"),
    "filing-receipt": ("x",),
    "filing-roster": ("x",),
    "record-reason": ("code", "text", "next"),
    "record-transfer": (
        "action",
        "transfer-employer",
        "transfer-reason",
        "leaving-left_on",
        "leaving-reason",
    ),
    "consent-list": ("after", "before"),
    "consent-new": (
        "responsibility",
        "employer",
        "name",
        "document_type",
        "document_number",
        "signed_on",
        "delivers",
        "scan",
    ),
    "consent": ("on", "reason"),
    "consent-scan": ("x",),
    "association-new": ("name", "opens_on"),
    "transfer-propose": ("place", "to", "document_no", "reason"),
    "transfer-list": ("side", "after", "before"),
    "transfer": ("action", "name", "document_type", "document_number", "employer", "reason", "revision"),
    "transfer-receipt": ("x",),
    "handover-list": ("after", "before"),
    "handover": ("leaver", "successor", "end"),
    "handover-done": ("x",),
    "handover-print": ("x",),
    "item-reason": ("code", "text", "next"),
    "delivery-list": ("after", "before"),
    "batch": ("after", "before", "x"),
    "delivery-now": ("target", "reason"),
    "state": ("x",),
    "identity-checks": ("x",),
    "home": ("year",),
    "health": ("x",),
    "notice-list": ("after", "before"),
    "notice-open": ("x",),
    "notice-all-read": ("x",),
    "notice-mail": ("address", "wanted"),
    "progress-group": ("year",),
    "progress-people": ("what", "year", "month", "agency", "occupation", "after", "before"),
    "progress-export": ("year",),
    "reminder-send": ("year", "line", "text"),
    "reminder": ("x",),
    "journal": ("after", "before", "verb", "name", "since", "until"),
    "platform-journal": ("after", "before", "verb", "name", "since", "until"),
}
BY = {
    "members": "admin",
    "member-end": "admin",
    "member-reset": "admin",
    "member-groups": "admin",
    "settlers": "admin",
    "settler-end": "admin",
    "employers": "admin",
    "batch": "officer",
    "delivery-now": "officer",
    "progress-export": "officer",
    "progress-group": "officer",
    "progress-people": "officer",
    "reminder-send": "officer",
    "state": "officer",
    "identity-checks": "officer",
    "filing": "officer",
    "group-open": "officer",
    "group-change": "officer",
    "group-succession": "officer",
    "group-new": "officer",
    "association-new": "officer",
    "pair": "officer",
    "pair-list": "officer",
    "rules": "officer",
    "record-reason": "officer",
    "handover": "admin",
    "handover-list": "admin",
    "handover-done": "admin",
    "handover-print": "admin",
    "item-reason": "officer",
    "platform-journal": "operator",
    "review": "reviewer",
    "review-confirm": "reviewer",
}


BRIEF = ("NUL", "long", "huger number", "repeated", "no utf-8", "direction")
"""For the form of a record, whose fields have tests of their own."""


_FACT = AWARD | {"basis": basis_of("award"), "document_no": "安教〔2026〕99 号"}
_IDENTITY = {
    "name": "王小明",
    "document_type": "111",
    "document_number": id_number(),
    "reason": "录错一位",
    "evidence": "身份证原件",
}
OTHERS: dict[str, dict[str, Any]] = {
    "record": FILLED | {"action": "save", "revision": "2"},
    "item": _FACT | {"action": "save", "revision": "1"},
    "item-add": _FACT | {"kind": "award"},
    "waiting": {"action": "attach"},
    "transfer": {"action": "withdraw", "reason": "误报", "revision": "2"},
    "record-identity": _IDENTITY | {"kind": "correction"},
    "identity-claim": _IDENTITY,
    "identity": {"action": "withdraw", "reason": "误报", "revision": "1"},
    "pair": {"action": "propose", "reason": "同一人", "evidence": "护照", "revision": "1"},
    "archive-picked": {"action": "hand_on"},
    "record-unmask": {"names": ["document_number"], "code": "check", "text": "核对"},
    "roster-unmask": {"names": ["document_number"], "code": "check", "text": "核对"},
    "record-check": {"action": "settle"},
    "nil-return": {"action": "withdraw", "reason": "误报", "revision": "1"},
}
"""What stands in the other fields of a form, so that the one field is judged."""


def test_every_url_is_fed() -> None:
    assert FIELDS.keys() == MATRIX.keys()


@contextmanager
def undone(browser: Client) -> Iterator[None]:
    cookies = browser.cookies.copy()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    browser.cookies = cookies


def own_objects(own: Objects) -> dict[str, Any]:
    """The thing, or the arguments, in the address of each endpoint that has one."""
    return {
        "record": own.draft.id,
        "record-autosave": own.draft.id,
        "record-reuse": own.draft.id,
        "record-validate": own.draft.id,
        "record-versions": own.sealed.id,
        "record-print": own.sealed.id,
        "version-print": (own.sealed.id, 1),
        "blank-print": "teacher",
        "record-compare": own.sealed.id,
        "record-version": (own.sealed.id, 1),
        "record-evidence": own.draft.id,
        "evidence": own.evidence[0].pk,
        "evidence-remove": own.evidence[0].pk,
        "item-add": own.draft.id,
        "item": own.items[0].pk,
        "waiting": own.waiting.pk,
        "record-identity": own.draft.id,
        "identity": own.request.pk,
        "pair": own.pair.pk,
        "item-version": (own.items[1].pk, 1),
        "item-notice": own.items[0].pk,
        "item-evidence": own.items[0].pk,
        "group-open": own.unit.responsibility.pk,
        "group-change": own.unit.responsibility.pk,
        "group-succession": own.unit.responsibility.pk,
        "record-proceeding": own.draft.id,
        "proceeding": own.proceeding.id,
        "letter": (own.proceeding.id, "notice"),
        "letter-pdf": (own.proceeding.id, "notice"),
        "roster-entry": own.entry.pk,
        "roster-unmask": own.entry.pk,
        "record-unmask": own.sealed.id,
        "record-check": own.sealed.id,
        "nil-return-sign": ("teacher", own.nil_return.start.isoformat()),
        "nil-return": own.nil_return.pk,
        "notice-open": own.notice.pk,
        "progress-group": (own.unit.agency.pk, own.unit.responsibility.occupation),
        "reminder": own.reminder.pk,
        "roster-template": "teacher",
        "roster-import": own.roster_import.pk,
        "upload": own.upload.pk,
        "upload-answer": own.upload.pk,
        "upload-remainder": own.upload.pk,
        "stamped-roster": own.roster.pk,
        "stamped-roster-pdf": own.roster.pk,
        "stamped-roster-scan": own.roster.pk,
        "job": own.job.pk,
        "job-result": own.job.pk,
        "member-end": own.member.pk,
        "member-reset": own.member.pk,
        "member-groups": own.member.pk,
        "settler-end": own.member.pk,
        "batch": own.batch.id,
        "filing": own.filing.id,
        "filing-receipt": own.filing.id,
        "filing-roster": (own.filing.id, 1),
        "record-reason": own.sealed.id,
        "record-transfer": own.draft.id,
        "transfer-propose": own.sealed.id,
        "consent": own.consent.pk,
        "consent-scan": own.consent.pk,
        "transfer": own.transfer.pk,
        "transfer-receipt": own.transfer.pk,
        "handover-done": own.handover.id,
        "handover-print": own.handover.id,
        "item-reason": own.items[1].pk,
    }


@pytest.fixture
def ask(world: World, client_as: Callable[..., Client]) -> Callable[..., str]:
    """Send one request to an endpoint with the own things; say what is wrong with the answer."""
    unit, browsers = world.county.education, {}
    members = {
        "admin": unit.admin,
        "officer": world.county.officer,
        "reviewer": unit.reviewer,
        "operator": world.people["operator"],
    }
    objects = own_objects(world.education)

    def send(name: str, query: dict[str, Any], body: dict[str, Any], only: str = "") -> str:
        who = BY.get(name, "clerk")
        if who not in browsers:
            browsers[who] = client_as(members.get(who, unit.clerk))
            browsers[who].raise_request_exception = False
        browser = browsers[who]
        key = objects.get(name, ())
        address = reverse(name, args=key if isinstance(key, tuple) else [key])
        faults = []
        for method in [only] if only else sorted(MATRIX[name].methods):
            with undone(browser):
                try:
                    answer = (
                        browser.get(address, query | body, headers={"referer": str(query)})
                        if (method == "GET")
                        else browser.post(address, body, query_params=query)
                    )
                except UnicodeEncodeError:
                    continue  # cannot be put into an address
                if answer.status_code >= 500:
                    faults.append(f"{method} {answer.status_code}")
                if "<script>alert(1)" in answer.content.decode(errors="replace"):
                    faults.append(f"{method} echoes markup")
                if answer.headers.get("Location", "/").startswith(("//", "http")):
                    faults.append(f"{method} leads away to {answer.headers['Location'][:40]}")
        return ", ".join(faults)

    return send


PAPERS = frozenset(
    name
    for name in FIELDS
    if name
    in ("letter-pdf", "item-notice", "filing-receipt", "filing-roster", "handover-list", "transfer-receipt")
    or (name.endswith("-print") and MATRIX[name].methods == {"GET"})
)
"""PDFs, laid out at each request, which read nothing of what is asked: a few values are enough."""
PAPER_KINDS = ("NUL", "markup")


TOGETHER = 2
"""Addresses that share a world: making one takes as long as asking one of them everything."""
GROUPS = [sorted(FIELDS)[start : start + TOGETHER] for start in range(0, len(FIELDS), TOGETHER)]


@pytest.mark.parametrize("names", GROUPS, ids="-".join)
def test_hostile_values(ask: Callable[..., str], names: list[str]) -> None:
    assert not [fault for name in names for fault in _faults(ask, name)]


def _faults(ask: Callable[..., str], name: str) -> list[str]:
    """Each field by itself where it is judged, all at once in the other place."""
    faults = []
    posts = "POST" in MATRIX[name].methods
    for kind in PAPER_KINDS if name in PAPERS else HOSTILE:
        value = HOSTILE[kind]
        everywhere = dict.fromkeys(FIELDS[name], value)
        if found := ask(name, everywhere, {}) or ask(name, {}, everywhere):
            faults.append(f"{name}: all = {kind}: {found}")
        if name not in PAPERS and (kind in BRIEF or name != "record"):
            for field in FIELDS[name]:
                others = OTHERS.get(name, {})
                query, body = ({}, others | {field: value}) if posts else ({field: value}, {})
                if found := ask(name, query, body, only="POST" if posts else "GET"):
                    faults.append(f"{name}: {field} = {kind}: {found}")
    return faults


def test_hostile_reasons_and_revisions(world: World, client_as: Callable[..., Client]) -> None:
    """Where the action itself goes through: the reason is stored and journalled."""
    clerk, officer = client_as(world.county.education.clerk), client_as(world.county.officer)
    part, filing = world.education.submitted, world.education.filing
    faults = []

    def send(browser: Client, address: str, body: dict[str, Any]) -> None:
        browser.raise_request_exception = False
        with undone(browser):
            if browser.post(address, body).status_code >= 500:
                faults.append(f"{address} {body}")

    for value in HOSTILE.values():
        for action in ("pass_on", "return", "return_to_filler", "seal", "submit"):
            for revision in (str(part.revision), value):
                body = {"action": action, "reason": value, "revision": revision}
                send(clerk, f"/records/{part.id}/", body)
        send(officer, f"/filings/{filing.id}/", {"action": "send_back", "reason": value})
    assert faults == []


NUMBERS = ["0", "9" * 9, "9" * 19, "9" * 40]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("step", ["end", "reset"])
def test_numbers_in_addresses(county: Any, client_as: Callable[..., Client], step: str, number: str) -> None:
    assert client_as(county.education.admin).post(f"/members/{number}/{step}/").status_code == 404


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_versions(world: World, client_as: Callable[..., Client], number: str) -> None:
    address = f"/records/{world.education.sealed.id}/versions/{number}/"
    assert client_as(world.county.education.clerk).get(address).status_code == 404


@pytest.mark.parametrize(
    "path", ["/records/x/", "/records/%00/", "/delivery/1/", "/filings/../", "/%ff", "/a" * 3000]
)
def test_addresses_that_are_none(county: Any, client_as: Callable[..., Client], path: str) -> None:
    assert client_as(county.education.clerk).get(path).status_code == 404


@settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(["record", "archive-open", "archive-list", "members", "journal", "filing-submit"]),
    data=st.data(),
)
def test_random_forms(ask: Callable[..., str], name: str, data: st.DataObject) -> None:
    text = st.one_of(st.text(max_size=60), st.sampled_from([str(v) for v in HOSTILE.values()]))
    body = data.draw(st.dictionaries(st.sampled_from(FIELDS[name]), text, max_size=8))
    assert (
        ask(name, {}, {key: value.encode("utf-8", "replace").decode() for key, value in body.items()}) == ""
    )
