"""A county of 50,000 teachers for the benchmarks, made once per data folder by SQL, and a clerk signed in to it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from typing import Any

import psycopg2
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils import timezone
from guardian.shortcuts import assign_perm

from accounts.models import User
from accounts.services import MEMBERSHIP, SEEN
from agencies.models import Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from archives.models import RecordPart
from archives.names import sort_key
from archives.occupations import occupation_of
from archives.protection import protect
from archives.schema.occupations import Occupation
from benchmarks.rows import teacher_row
from credit_platform import crypto
from credit_platform.embedded import services
from credit_platform.tenancy.context import acting

ARCHIVES = 50_000
PACKS = ("anyang", "ganzhou", "luliang", "pingdingshan", "zhangdian")
"""Of the five places."""
SETUP = settings.LOCAL_DIR / f"benchmark-{settings.INSTANCE}.json"
_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"


def teachers(**where: Any) -> Responsibility:
    """Return the responsibility of the education department for teachers, of the place if there are several."""
    return Responsibility.objects.select_related("agency", "jurisdiction").get(occupation="teacher", **where)


def prepare() -> dict[str, Any]:
    """Return what the benchmarks need (ids and a session key), making the county first if it isn't there."""
    load_packs("anyang")
    responsibility = teachers()
    fill_up(responsibility, ARCHIVES)
    analyse()
    setup = setup_of(responsibility)
    SETUP.write_text(json.dumps(setup), "utf-8")
    return setup


def load_packs(*names: str) -> None:
    """Bring the installation up to date, with these packs."""
    packs = [word for name in names for word in ("--pack", name)]
    command = [sys.executable, "manage.py", "prepare", *packs]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True, stdout=subprocess.DEVNULL)  # as the owner


def fill_up(responsibility: Responsibility, archives: int) -> None:
    """Give the group its archives unless it has them."""
    agency, place = responsibility.agency, responsibility.jurisdiction
    with acting(place.pk, "job"):
        if RecordPart.objects.filter(agency_id=agency.pk).count() < archives:
            _fill(place, agency, occupation_of(responsibility), archives)


def setup_of(responsibility: Responsibility, username: str = "bench.clerk") -> dict[str, Any]:
    """Return the ids of a place, of a draft in it, and a session of its clerk."""
    agency, place = responsibility.agency, responsibility.jurisdiction
    clerk = clerk_of(responsibility, username)
    with acting(place.pk, "job"):
        parts = RecordPart.objects.filter(agency_id=agency.pk, status="draft").order_by("name_sort", "id")
        part = parts[25]
    return {
        "jurisdiction": place.pk,
        "agency": agency.pk,
        "part": str(part.pk),
        "session": open_session(clerk),
    }


def clerk_of(responsibility: Responsibility, username: str = "bench.clerk") -> Membership:
    """Return the clerk of the benchmarks, who handles this group."""
    agency, place = responsibility.agency, responsibility.jurisdiction
    user, made = User.objects.get_or_create(username=username, defaults={"display_name": "张敏"})
    if made:
        user.set_unusable_password()
        user.must_change_password = False
        user.save()
        assign_perm("agencies.handle_responsibility", user, responsibility)
    membership, _ = Membership.objects.get_or_create(
        user=user, jurisdiction=place, agency=agency, role=Role.CLERK
    )
    return membership


def open_session(membership: Membership) -> str:
    """Return the key of a session in which this member is signed in."""
    engine = import_module(settings.SESSION_ENGINE)
    session = engine.SessionStore()
    session[SESSION_KEY] = str(membership.user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = membership.user.get_session_auth_hash()
    session[MEMBERSHIP] = membership.pk
    session[SEEN] = timezone.now().timestamp()
    session.set_expiry(24 * 3600)
    session.save()
    return str(session.session_key)


def _fill(place: Jurisdiction, agency: Agency, occupation: type[Occupation], archives: int) -> None:
    """Write all rows by `INSERT … SELECT` over a numbered list of names; the content of all is one teacher's."""
    employer, _ = Employer.objects.get_or_create(jurisdiction=place, agency=agency, name="安阳县第一初级中学")
    year = timezone.localdate().year
    record, _ = occupation.parse(teacher_row(), stage="seal", year=year)
    values = json.dumps(protect(occupation, occupation.dump(record)))
    number = crypto.encrypt(record["identity"]["document_number"], purpose="archive.number")
    names = [a + b + c for a in _FAMILY for b in _GIVEN for c in _GIVEN]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE made ON COMMIT DROP AS SELECT n, gen_random_uuid() AS person,"
            " gen_random_uuid() AS archive, gen_random_uuid() AS record, gen_random_uuid() AS part,"
            " w.name, w.sort FROM generate_series(1, %s) n JOIN unnest(%s::text[], %s::text[])"
            " WITH ORDINALITY AS w(name, sort, i) ON w.i = n %% %s + 1",
            [archives, names, [sort_key(name) for name in names], len(names)],
        )
        for statement in _STATEMENTS:
            cursor.execute(
                statement,
                {
                    "place": place.pk,
                    "agency": agency.pk,
                    "employer": employer.pk,
                    "year": year,
                    "values": values,
                    "number": number,
                    "sections": json.dumps(list(occupation.sections)),
                },
            )


_STATEMENTS = (
    "INSERT INTO archives_person (id, jurisdiction_id, created_at) SELECT person, %(place)s, now() FROM made",
    "INSERT INTO archives_persondocument (id, jurisdiction_id, person_id, number_index, number_name_index,"
    ' namesake_index, document_type, number, "primary", evidence, added_by, added_at, mistaken, end_reason, ended_by)'
    " SELECT gen_random_uuid(), %(place)s, person, md5('i' || n) || md5('j' || n), md5('k' || n) || md5('l' || n),"
    " md5('o' || n) || md5('p' || n), '111', %(number)s, true, '', '', now(), false, '', '' FROM made",
    "INSERT INTO archives_archive (id, jurisdiction_id, person_id, agency_id, employer_id, occupation, name, name_sort,"
    " initials, document_type, number, number_mask, number_index, created_at, check_state, checked_as, checked_by,"
    " check_after, check_tries, check_asked)"
    " SELECT archive, %(place)s, person, %(agency)s, %(employer)s, 'teacher', name, sort,"
    " regexp_replace(sort, '([a-z])[a-z]* ?', '\\1', 'g'), '111', %(number)s, '410599********002X',"
    " md5('m' || n) || md5('n' || n), now(), '', '', '', now(), 0, false FROM made",
    "INSERT INTO archives_annualrecord (id, jurisdiction_id, archive_id, person_id, agency_id, employer_id, occupation,"
    " year, created_at) SELECT record, %(place)s, archive, person, %(agency)s, %(employer)s, 'teacher', %(year)s, now()"
    " FROM made",
    "INSERT INTO archives_recordpart (id, jurisdiction_id, record_id, person_id, agency_id, employer_id, occupation,"
    " year, name, name_sort, initials, number_mask, sections, lead, status, revision, values, typed, writers,"
    " saved_by, saved_at, return_reason, return_notes, backfilled, correction_reason, current_version,"
    " determination, delivery)"
    " SELECT part, %(place)s, record, person, %(agency)s, %(employer)s, 'teacher', %(year)s, name, sort,"
    " regexp_replace(sort, '([a-z])[a-z]* ?', '\\1', 'g'), '410599********002X', %(sections)s, true,"
    " CASE WHEN n %% 3 = 0 THEN 'submitted' ELSE 'draft' END, 1, %(values)s,"
    " '{}', '[]', '周敏', now(), '', '{}', false, '', 0, 'trustworthy', '' FROM made",
)


def analyse() -> None:
    """Tell the planner what is there."""
    with closing(psycopg2.connect(services(settings.INSTANCE).owner_url)) as owner, owner.cursor() as cursor:
        owner.autocommit = True
        cursor.execute("ANALYZE")
