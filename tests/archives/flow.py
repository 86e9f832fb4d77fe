"""Records brought to a stage by the services, by members who act in their own context."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from agencies.models import Employer, Membership, Responsibility
from archives.content import posted_record
from archives.models import Evidence, Item, MemberConsent, RecordPart, Version
from archives.schema.members import MEMBERS
from archives.services.consents import record_consent
from archives.services.evidence import attach_evidence
from archives.services.people import open_archive
from archives.services.records import Saved, occupation_for, pass_on, save_draft, seal, submit
from audit.models import Event
from credit_platform.actors import Actor
from credit_platform.tenancy.context import acting, as_context
from tests.factories import Unit, actor, id_number
from tests.web import samples

_files = itertools.count()

FILLED = {
    "sex": "2",
    "political_status": "01",
    "education": "21",
    "phone": "15412345678",
    "title": "一级教师",
    "post": "班主任",
    "employer": "第一小学",
    "practice_since": "2020-09",
    "duties": "承担语文教学工作。",
    "determination": "trustworthy",
    "remarks": "仅供内部参考",
}
"""A form that can be sealed, as a browser posts it."""


@contextmanager
def acting_as(membership: Membership) -> Iterator[Actor]:
    """Work as this member, in the member's own context."""
    who = actor(membership)
    assert who.context is not None
    with as_context(who.context):
        yield who


def opened(
    unit: Unit,
    *,
    by: Membership | None = None,
    name: str = "王小明",
    number: str | None = None,
    year: int | None = None,
    employer: Employer | None = None,
    responsibility: Responsibility | None = None,
) -> RecordPart:
    """Open the archive of a person; without `by` the filler of the unit's first employer does it."""
    today = timezone.localdate()
    group, number = responsibility or unit.responsibility, number or id_number()
    if group.occupation == MEMBERS:
        consented(group, by=by or unit.filler, name=name, number=number)
    with acting_as(by or unit.filler) as who:
        return open_archive(
            responsibility=group,
            employer=employer or (unit.employer if who.employer_id else None),
            raw={"name": name, "document_number": number},
            year=today.year if year is None else year,
            actor=who,
            today=today,
        )


def consented(
    group: Responsibility, *, by: Membership, name: str = "王小明", number: str, **changes: Any
) -> MemberConsent:
    """A member's signed consent, to delivery as well, recorded by whoever keeps the archives."""
    today = timezone.localdate()
    with acting_as(by) as who:
        given = {"signed_on": today, "delivers": True, "employer": by.employer} | changes
        return record_consent(
            responsibility=group,
            raw={"name": name, "document_number": number},
            scan=io.BytesIO(samples.pdf(b"%% consent %d\n" % next(_files))),
            actor=who,
            today=today,
            **given,
        )


def save(part: RecordPart, *, by: Membership, **changes: Any) -> Saved:
    """Save the filled-in form with `changes`."""
    with acting_as(by) as who:
        posted = posted_record(occupation_for(part), part.year, FILLED | changes)
        return save_draft(
            part=part, posted=posted, revision=part.revision, actor=who, today=timezone.localdate()
        )


def attached(head: RecordPart | Item, *, by: Membership, content: bytes = b"") -> Evidence:
    """Attach a file, another one each time unless `content` says what."""
    content = content or samples.pdf(b"%% %d\n" % next(_files))
    with acting_as(by) as who:
        return attach_evidence(head=head, file=io.BytesIO(content), name="证明材料.pdf", actor=who)


def submitted(unit: Unit, *, by: Membership | None = None, part: RecordPart | None = None) -> RecordPart:
    """A complete record handed on by whoever filled it in: the filler, or the clerk."""
    filler = by or unit.filler
    part = save(part or opened(unit, by=filler), by=filler).part
    return hand_on(part, by=filler)


def hand_on(part: RecordPart, *, by: Membership) -> RecordPart:
    with acting_as(by) as who:
        return submit(part=part, revision=None, actor=who, today=timezone.localdate())


def in_review(unit: Unit, *, part: RecordPart | None = None) -> RecordPart:
    """A record that the filler filled in and the clerk passed on."""
    return passed_on(submitted(unit, part=part), by=unit.clerk)


def passed_on(part: RecordPart, *, by: Membership) -> RecordPart:
    with acting_as(by) as who:
        return pass_on(part=part, revision=None, actor=who, today=timezone.localdate())


def confirm(part: RecordPart, *, by: Membership) -> Version:
    with acting_as(by) as who:
        return seal(part=part, revision=None, actor=who, today=timezone.localdate())


def sealed(unit: Unit, *, part: RecordPart | None = None) -> Version:
    """A record that the unit's reviewer confirmed."""
    return confirm(in_review(unit, part=part), by=unit.reviewer)


def with_reason(browser: Client, part: RecordPart) -> Client:
    """The officer's browser after the reason for opening this record was given."""
    body = {"code": "inspection", "text": "年度抽查"}
    assert browser.post(f"/records/{part.id}/reason/", body).status_code == 302
    return browser


def journal_rows(browser: Client) -> str:
    """The lines of the journal as this browser's member reads it, without the words of the filter above them."""
    answer = browser.get("/journal/")
    assert answer.status_code == 200
    return str(answer.content.decode()).partition("<tbody>")[2]


def fresh(part: RecordPart) -> RecordPart:
    """The row as it stands in the database."""
    with acting(part.jurisdiction_id, "job"):
        return RecordPart.objects.select_related("record").get(id=part.id)


def events(county: int, **wanted: Any) -> list[Event]:
    """The county's journal, oldest first."""
    with acting(county, "job"):
        return list(Event.objects.filter(**wanted).order_by("at", "id"))


def rows_of(model: Any, county: int, **wanted: Any) -> list[Any]:
    with acting(county, "job"):
        return list(model.objects.filter(**wanted))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start all works at the same moment, each in a thread with its own connection.

    Returns what each returned or raised.
    """
    start = threading.Barrier(len(works))
    outcomes: list[Any] = [None] * len(works)

    def run(position: int, work: Callable[[], Any]) -> None:
        start.wait(10)
        try:
            outcomes[position] = work()
        except Exception as error:
            outcomes[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return outcomes
