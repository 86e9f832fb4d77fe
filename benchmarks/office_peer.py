"""The office's page as one would write it without tenants: the same figures by hand-written SQL, the same template.

Reads as the backup role, past row-level security, without session, policy or journal. Lines of reminders are not asked
for: they stand in what is taken once from our own page.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.peer import BARE, bare_site, page, surroundings  # sets Django up

# ruff: isort: split
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from archives.coverage import Coverage
from benchmarks.people import SETUP
from oversight.office import figures
from oversight.progress import GroupProgress, Progress

_ROWS = """SELECT r.agency_id, r.occupation, r.label, r.undecided, a.name FROM agencies_responsibility r
JOIN agencies_agency a ON a.id = r.agency_id WHERE r.jurisdiction_id = %(place)s AND (r.undecided OR NOT r.awaits
AND (r.opens_on IS NULL OR r.opens_on <= make_date(%(year)s, 12, 31))
AND (r.ended_on IS NULL OR r.ended_on > make_date(%(year)s, 12, 31))) ORDER BY r.position"""
_ON_ROSTER = """e.jurisdiction_id = %(place)s AND e.joined_on <= make_date(%(year)s, 12, 31)
AND (e.left_on IS NULL OR e.left_on >= make_date(%(year)s, 1, 1))"""
_EXPECTED = f"""SELECT e.agency_id, e.occupation, count(DISTINCT e.number_index) FROM archives_rosterentry e
WHERE {_ON_ROSTER} GROUP BY 1, 2"""
_RECORDS = f"""SELECT p.agency_id, p.occupation, count(*), count(r.number_index) FROM archives_recordpart p
JOIN archives_annualrecord y ON y.id = p.record_id JOIN archives_archive a ON a.id = y.archive_id
LEFT JOIN (SELECT DISTINCT e.agency_id, e.occupation, e.number_index FROM archives_rosterentry e WHERE {_ON_ROSTER}) r
ON r.agency_id = p.agency_id AND r.occupation = p.occupation AND r.number_index = a.number_index
WHERE p.jurisdiction_id = %(place)s AND p.year = %(year)s GROUP BY 1, 2"""
_SEALED = """SELECT v.agency_id, v.occupation, extract(month FROM v.sealed_at AT TIME ZONE 'Asia/Shanghai')::int,
count(*) FROM archives_version v JOIN archives_recordpart p ON p.id = v.part_id
WHERE v.jurisdiction_id = %(place)s AND p.year = %(year)s AND v.number = 1 GROUP BY 1, 2, 3"""
_DUE = """SELECT o.agency_id, o.occupation, extract(month FROM o.due_at AT TIME ZONE 'Asia/Shanghai')::int, count(*),
count(*) FILTER (WHERE o.state = 'accepted' AND (o.changed_at AT TIME ZONE 'Asia/Shanghai')::date
<= (o.due_at AT TIME ZONE 'Asia/Shanghai')::date),
count(*) FILTER (WHERE o.state <> 'accepted' AND v.number = coalesce(p.current_version, i.current_version))
FROM archives_outbox o JOIN archives_version v ON v.id = o.version_id
LEFT JOIN archives_recordpart p ON p.id = o.part_id LEFT JOIN archives_item i ON i.id = o.item_id
WHERE o.jurisdiction_id = %(place)s AND o.due_at >= %(since)s AND o.due_at < %(today)s GROUP BY 1, 2, 3"""


def bare_office(request: HttpRequest) -> HttpResponse:
    """The overview of the running year."""
    setup = _setup()
    today = timezone.localdate()
    progress = _progress(setup["jurisdiction"], today.year, today)
    return page("home/office.html", surroundings("/", setup["officer"]) | figures(progress))


urlpatterns = [
    path("", bare_office),
    path("", include("credit_platform.urls")),  # for the addresses that the page names
]


def application() -> WSGIHandler:
    """The peer as a WSGI application."""
    return bare_site(__name__, {"/": _setup()["officer"]})


def _setup() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(SETUP).read_text("utf-8"))
    return found


def _progress(place: int, year: int, today: dt.date) -> Progress:
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time()))
    since = timezone.make_aware(dt.datetime(year, 1, 1))
    wanted = {"place": place, "year": year, "since": since, "today": midnight}
    with connections[BARE].cursor() as cursor:

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql, wanted)
            return list(cursor.fetchall())

        groups: dict[tuple[int, str], GroupProgress] = {}
        undecided = []
        for agency, occupation, label, open_question, name in ask(_ROWS):
            if open_question:
                undecided.append(label)
                continue
            row: Any = SimpleNamespace(
                agency_id=agency, occupation=occupation, label=label, agency=SimpleNamespace(name=name)
            )
            groups[agency, occupation] = GroupProgress(row)
        expected = {(agency, occupation): count for agency, occupation, count in ask(_EXPECTED)}
        for agency, occupation, every, built in ask(_RECORDS):
            key = (agency, occupation)
            groups[key].coverage = Coverage(expected.get(key, 0), built, every - built)
        for agency, occupation, month, count in ask(_SEALED):
            groups[agency, occupation].months[month].sealed = count
        for agency, occupation, month, due, on_time, overdue in ask(_DUE):
            counts = groups[agency, occupation].months[month]
            counts.due, counts.on_time, counts.overdue = due, on_time, overdue
    return Progress(year, today, list(groups.values()), [], undecided)
