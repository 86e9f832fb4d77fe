"""Everywhere that a dated fact may come out, and how it is looked for there: pages, print, workbooks, files, figures,
delivery. The addresses are those of the matrix, so that a new page is asked as soon as it is in there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Membership
from archives.models import Evidence, Item, Job, RecordPart
from archives.occupations import occupations_of
from archives.periods import Period, PeriodKind
from archives.services.jobs import run_job
from archives.services.nil_returns import facts_in
from archives.services.outbox import take_due
from archives.services.prints import queue_print
from archives.services.workbooks import queue_workbook
from archives.states import JobState
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from delivery.services import _record
from oversight.exports import queue_export
from oversight.progress import due_versions
from tests.access.matrix import MATRIX, Endpoint, addresses
from tests.access.world import Objects
from tests.archives.flow import acting_as, rows_of
from tests.factories import County, Unit

ROLES = ("filler", "clerk", "reviewer", "officer")
NO_PAGES = {"sign-out", "lock", "switch", "keep-alive", "set-size", "password"}
"""They end the session or change the account."""
ABROAD = {"evidence-remove", "record-evidence", "item-evidence"}
"""They write files, which no transaction takes back."""


@dataclasses.dataclass(frozen=True)
class Sought:
    """A confirmed fact with a file, and what tells that one sees it: words that stand nowhere else.

    `objects` are what the addresses of the unit's pages are made of; the fact, its record, its file and the batch in
    which it is stand among them.
    """

    county: County
    item: Item
    evidence: Evidence
    objects: Objects
    words: tuple[str, ...]

    @property
    def unit(self) -> Unit:
        return self.objects.unit

    @property
    def part(self) -> RecordPart:
        return self.objects.sealed

    def member(self, role: str) -> Membership:
        return self.county.officer if role == "officer" else getattr(self.unit, role)

    def in_text(self, text: str, question: str = "") -> bool:
        """Whether a word of it stands in a text, other than those that the question brought."""
        squeezed = "".join(text.split())
        return any(word in squeezed for word in self.words if word not in question)


# --- pages ---------------------------------------------------------------------------------------------------------


def seen_on_pages(
    sought: Sought,
    client_as: Callable[[Membership], Client],
    names: Collection[str] = (),
    *,
    roles: Sequence[str] = ROLES,
) -> dict[str, set[str]]:
    """Ask every address of the site as everybody of the unit and the office; return where the fact is seen, and by
    whom. With `names`, only those, and only opened: no forms are sent."""
    asked = {name: _opened(MATRIX[name]) for name in names} or MATRIX
    found: dict[str, set[str]] = {}
    for role in roles:
        browser = client_as(sought.member(role))
        browser.raise_request_exception = False
        if role == "officer":
            _give_reasons(browser, sought)
        for name, endpoint in asked.items():
            if name not in NO_PAGES and endpoint.allows(role) and _shows(browser, name, endpoint, sought):
                found.setdefault(name, set()).add(role)
    return found


def _opened(endpoint: Endpoint) -> Endpoint:
    """The endpoint, only looked at, and in its first two ways."""
    return dataclasses.replace(endpoint, methods=frozenset({"GET"}), get=lambda one: endpoint.get(one)[:2])


def _give_reasons(browser: Client, sought: Sought) -> None:
    body = {"code": "inspection", "text": "年度抽查"}
    for address in (f"/records/{sought.part.pk}/reason/", f"/items/{sought.item.pk}/reason/"):
        browser.post(address, body)


def _shows(browser: Client, name: str, endpoint: Endpoint, sought: Sought) -> bool:
    answers = _answers(browser, name, endpoint, sought.objects)
    return any(sought.in_text(text, question) for question, text in answers)


def some(queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first and the last ways of asking: pages before and after every kind of row show the same rows."""
    return queries if len(queries) <= 8 else [*queries[:2], *queries[-6:]]


def _answers(browser: Client, name: str, endpoint: Endpoint, objects: Objects) -> Iterator[tuple[str, str]]:
    """Questions of the matrix with the texts of their answers."""
    for address in dict.fromkeys(addresses(name, endpoint, objects)):
        if "GET" in endpoint.methods:
            for query in some(endpoint.get(objects)):
                yield f"{address} {query}", _text(browser.get(address, query), address)
        if "POST" in endpoint.methods and name not in ABROAD:
            for query in some(endpoint.post(objects)):
                with _undone(browser):
                    yield f"{address} {query}", _text(browser.post(address, query), address)


@contextmanager
def _undone(browser: Client) -> Iterator[None]:
    """Take back what a request did, also to the session."""
    cookies = browser.cookies.copy()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    browser.cookies = cookies


def _text(answer: Any, address: str) -> str:
    assert answer.status_code < 500, (address, answer.status_code)
    if answer.status_code in (301, 302):
        return ""
    return text_of(answer.getvalue())


def text_of(content: bytes) -> str:
    """Return what can be read of a page, PDF, workbook or other file."""
    text = content.decode(errors="replace")
    if content.startswith(b"%PDF"):
        try:
            text += "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        except Exception as broken:  # a made-up file of evidence
            text += f" {broken}"
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text += "".join(text_of(book.read(name)) for name in book.namelist())
    return text


# --- files that jobs make ------------------------------------------------------------------------------------------


def _printed(sought: Sought) -> Job:
    with acting_as(sought.unit.clerk) as who:
        return queue_print(
            filters={"year": sought.part.year, "occupation": sought.part.occupation}, actor=who
        )


def _workbook(sought: Sought) -> Job:
    group = sought.unit.responsibility
    with acting_as(sought.unit.clerk) as who:
        return queue_workbook(
            responsibility=group, year=sought.part.year, employer=None, split=False, actor=who
        )


def _figures(sought: Sought) -> Job:
    with acting_as(sought.county.officer) as who:
        return queue_export(year=sought.part.year, actor=who)


FILES: Mapping[str, Callable[[Sought], Job]] = {
    "print": _printed,
    "workbook": _workbook,
    "progress": _figures,
}
"""Kinds of job whose file is made of records."""
NO_FILES_OF_FACTS = {"hand-on", "roster-open", "roster-read", "roster-apply", "upload-read", "upload-apply"}
"""Kinds of job that write drafts or answer with the workbook that was sent in."""


def seen_in_files(sought: Sought) -> set[str]:
    """Make every file that jobs make; return the kinds of those in which the fact is."""
    return {kind for kind, queue in FILES.items() if sought.in_text(text_of(_made(queue(sought))))}


def _made(job: Job) -> bytes:
    run_job(jurisdiction_id=job.jurisdiction_id, job_id=job.pk)
    (found,) = rows_of(Job, job.jurisdiction_id, id=job.pk)
    assert found.state == JobState.DONE, found.message
    return private_files.read_all(found.result)


# --- figures and delivery ------------------------------------------------------------------------------------------


def counted_in(sought: Sought) -> set[str]:
    """Return the figures in which the fact counts, and the deliveries that hold it."""
    item, today = sought.item, timezone.localdate()
    found = set()
    with acting_as(sought.county.officer) as who:
        if due_versions(who, today + dt.timedelta(2)).filter(item_id=item.pk).exists():
            found.add("progress")
    assert item.occurred_on is not None
    period = Period.containing(PeriodKind.MONTHLY, item.occurred_on)
    with acting_as(sought.unit.clerk):
        if facts_in(item.agency_id, item.occupation, period).filter(id=item.pk).exists():
            found.add("facts of the period")
    with acting(sought.county.id, "job"):
        due = take_due(target="county", now=timezone.now(), limit=1000)
        occupations = occupations_of(sought.county.id)
        sent = [_record(row, stored, occupations) for row, stored in due if row.item_id == item.pk]
        if sent:
            assert sought.in_text(json.dumps(sent, ensure_ascii=False))
            found.add("delivery")
    return found
