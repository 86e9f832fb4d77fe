"""A county in the middle of its year: of 50,000 archives most are confirmed and delivered, month by month.

In a database of its own: `CREDIT_INSTANCE` must name another than the pages' benchmarks use.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from agencies.models import Jurisdiction, Membership, Role
from archives.models import Version
from benchmarks.people import SETUP, open_session, prepare
from credit_platform.embedded import services
from credit_platform.tenancy.context import acting

_PICKED = (
    "CREATE TEMPORARY TABLE picked ON COMMIT DROP AS SELECT p.id AS part, gen_random_uuid() AS version,"
    " p.person_id AS person, p.employer_id AS employer, n, date_trunc('year', now()) + make_interval("
    " days => (n %% greatest(extract(doy FROM now())::int - 1, 1))::int, hours => 10) AS at"
    " FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM archives_recordpart"
    " WHERE jurisdiction_id = %(place)s AND agency_id = %(agency)s) p WHERE n %% 5 > 0"
)
_STATEMENTS = (
    "INSERT INTO archives_rosterentry (id, jurisdiction_id, agency_id, employer_id, occupation, name, name_sort,"
    " initials, document_type, number, number_mask, number_index, joined_on, left_reason, source, created_by,"
    " created_at) SELECT gen_random_uuid(), a.jurisdiction_id, a.agency_id, a.employer_id, a.occupation, a.name,"
    " a.name_sort, a.initials, a.document_type, a.number, a.number_mask,"
    " CASE WHEN n %% 20 = 0 THEN md5(a.number_index) || md5(a.name) ELSE a.number_index END, '2024-09-01', '', 'entry',"
    " '周敏', now() FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM archives_archive"
    " WHERE jurisdiction_id = %(place)s AND agency_id = %(agency)s) a",
    _PICKED,
    "UPDATE archives_recordpart p SET status = 'sealed', current_version = 1, sealed_at = at, delivery = 'accepted'"
    " FROM picked WHERE p.id = part AND p.jurisdiction_id = %(place)s",
    "INSERT INTO archives_version (id, jurisdiction_id, part_id, person_id, agency_id, employer_id, occupation, number,"
    " digest, schema_digest, cites, check_code, reason, author_name, approver_name, sealed_at) SELECT version,"
    " %(place)s, part, person, %(agency)s, employer, 'teacher', 1, '', '', '{}', '', '', '周敏', '李建国', at"
    " FROM picked",
    "INSERT INTO archives_outbox (id, jurisdiction_id, version_id, part_id, person_id, agency_id, employer_id,"
    " occupation, target, due_at, state, code, message, changed_at) SELECT gen_random_uuid(), %(place)s, version, part,"
    " person, %(agency)s, employer, 'teacher', 'county', at, CASE WHEN n %% 50 = 1 THEN 'rejected' ELSE 'accepted' END,"
    " '', '', at + make_interval(days => (n %% 13 = 0)::int * 2) FROM picked",
)


def prepare_office() -> dict[str, Any]:
    """Return ids and an officer's session key, making the county first if it isn't there."""
    setup = prepare()
    place = Jurisdiction.objects.get(pk=setup["jurisdiction"])
    seal_most(place, setup["agency"])
    vacuum()
    setup |= {"officer": officer_session(place), "year": timezone.localdate().year}
    SETUP.write_text(json.dumps(setup), "utf-8")
    return setup


def seal_most(place: Jurisdiction, agency: int) -> None:
    """Let four records of five be confirmed and delivered over the year, unless that has been done."""
    with acting(place.pk, "job"):
        if not Version.objects.exists():
            with connection.cursor() as cursor:
                for statement in _STATEMENTS:
                    cursor.execute(statement, {"place": place.pk, "agency": agency})


def vacuum() -> None:
    """Tidy up after so many changes, as the database does by itself in time."""
    with closing(psycopg2.connect(services(settings.INSTANCE).owner_url)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def officer_session(place: Jurisdiction, username: str = "bench.officer") -> str:
    """Return the key of a session in which an officer of the place is signed in."""
    user, made = User.objects.get_or_create(username=username, defaults={"display_name": "陈立"})
    if made:
        user.set_unusable_password()
        user.must_change_password = False
        user.save()
    officer, _ = Membership.objects.get_or_create(user=user, jurisdiction=place, role=Role.OFFICER)
    return open_session(officer)
