"""What the demonstration is filled with: one account per role, schools and hospitals, made-up people at every stage."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager

from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from accounts.models import User
from accounts.passwords import generate_password
from agencies.actors import actor_of_membership
from agencies.models import Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from archives.models import RecordPart
from archives.services.people import open_archive
from archives.services.records import pass_on, save_draft, seal, send_back, submit
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context
from demo.items import fill_items
from demo.people import MadeUpPerson, make_people, posted_teacher
from demo.roster import Joiner, fill_roster, newcomers, remind_of_last_year

SCHOOLS = ("安阳县第一初级中学", "安阳县实验小学", "安阳县第二高级中学")
HOSPITALS = ("安阳县人民医院", "安阳县中医院")
PER_SCHOOL, PER_HOSPITAL, PER_OTHER_GROUP = 40, 12, 3
ONLY_LAST_YEAR = 6
"""People of the first school whose record of this year is still to be opened."""
WITHOUT_ARCHIVE, OWED_FROM_LAST_YEAR = 4, 3
"""On the roster of each place without an archive; at hospitals and one school so many had none last year."""

ACCOUNTS: tuple[tuple[str, str, Role, str, str], ...] = (
    ("tianbao", "周敏", Role.FILLER, "education", SCHOOLS[0]),
    ("jingban", "张敏", Role.CLERK, "education", ""),
    ("shenhe", "李建国", Role.REVIEWER, "education", ""),
    ("guanli", "王芳", Role.AGENCY_ADMIN, "education", ""),
    ("weijian", "刘洋", Role.CLERK, "health", ""),
    ("xinyong", "陈立", Role.OFFICER, "", ""),
    ("yunwei", "运维值班", Role.OPERATOR, "", ""),
)
"""User name, name, role, agency code, employer."""
MAILED = "jingban"
"""Who is told by mail too; what was sent stands on the page of the demonstration's mail server."""


def has_data() -> bool:
    """Tell whether the demonstration was filled before."""
    return User.objects.filter(username=ACCOUNTS[0][0]).exists()


def fill(jurisdiction: Jurisdiction, *, seed: int = 20261122) -> dict[str, str]:
    """Make accounts and people, all in one transaction; return the passwords by user name, the only time ever."""
    with transaction.atomic():
        for code, names in (("education", SCHOOLS), ("health", HOSPITALS)):
            agency = Agency.objects.get(jurisdiction=jurisdiction, code=code)
            for name in names:
                Employer.objects.create(jurisdiction=jurisdiction, agency=agency, name=name)
        passwords = {account[0]: _make_account(jurisdiction, *account) for account in ACCOUNTS}
        actors = {name: _actor(name) for name in ("tianbao", "jingban", "shenhe")}
        people = iter(make_people(500, seed=seed))
        _fill_education(jurisdiction, people, actors, random.Random(seed))  # noqa: S311  # not a secret
        _fill_others(jurisdiction, people)
        remind_of_last_year(_actor("xinyong"), "teacher", today=timezone.localdate())
    return passwords


def _make_account(
    jurisdiction: Jurisdiction, username: str, name: str, role: Role, agency_code: str, employer_name: str
) -> str:
    password = generate_password()
    operator = role == Role.OPERATOR
    mail = {"mail_address": f"{username}@example.cn", "mail_wanted": username == MAILED}
    user = User.objects.create_user(username, password, display_name=name, is_operator=operator, **mail)
    if operator:
        return password
    agency = Agency.objects.filter(jurisdiction=jurisdiction, code=agency_code).first()
    employer = Employer.objects.filter(agency=agency, name=employer_name).first() if employer_name else None
    Membership.objects.create(
        user=user, jurisdiction=jurisdiction, agency=agency, employer=employer, role=role
    )
    if agency and role != Role.AGENCY_ADMIN:
        for responsibility in agency.responsibilities.filter(undecided=False):
            assign_perm("agencies.handle_responsibility", user, responsibility)
    return password


def _actor(username: str) -> Actor:
    membership = Membership.objects.select_related("user", "jurisdiction", "agency", "employer").get(
        user__username=username
    )
    return actor_of_membership(membership, user=membership.user)


def _fill_education(
    jurisdiction: Jurisdiction,
    people: Iterator[MadeUpPerson],
    actors: dict[str, Actor],
    chance: random.Random,
) -> None:
    responsibility = Responsibility.objects.select_related("agency", "jurisdiction").get(
        jurisdiction=jurisdiction, occupation="teacher"
    )
    today = timezone.localdate()
    for school in Employer.objects.filter(agency=responsibility.agency, name__in=SCHOOLS).order_by("id"):
        own = school.pk == actors["tianbao"].employer_id
        filler = actors["tianbao"] if own else actors["jingban"]
        drafts: list[RecordPart] = []
        joiners: list[Joiner] = []
        for position in range(PER_SCHOOL):
            person = next(people)
            if position:  # one at each school has an archive and is missing on the roster
                joiners.append((person, own and position % 3 == 0))
            if own and position % 3 == 0:
                _last_year(person, school, responsibility, actors, chance)
            with _on_behalf(filler):
                part = open_archive(
                    responsibility=responsibility,
                    employer=school,
                    raw={"name": person.name, "document_number": person.number},
                    year=today.year,
                    actor=filler,
                    today=today,
                )
                drafts += [part] if own else []
                if position % 4 == 0:
                    continue  # nothing filled in yet
                posted = posted_teacher(person, chance=chance, employer=school.name)
                part = save_draft(
                    part=part, posted=posted, revision=part.revision, actor=filler, today=today
                ).part
            if position % 4 > 1:
                _take_further(part, position, filler, actors, today)
        fill_items(drafts[:4], actors, today=today)
        for _ in range(ONLY_LAST_YEAR if own else 0):
            person = next(people)
            _last_year(person, school, responsibility, actors, chance)
            joiners.append((person, True))
        joiners += newcomers(people, WITHOUT_ARCHIVE, last_year=OWED_FROM_LAST_YEAR if own else 0)
        fill_roster(responsibility, school, joiners, actors["jingban"], today=today)


def _last_year(
    person: MadeUpPerson,
    school: Employer,
    responsibility: Responsibility,
    actors: dict[str, Actor],
    chance: random.Random,
) -> None:
    """A record of the year before, as it was confirmed in December."""
    filler, clerk, reviewer = (actors[name] for name in ("tianbao", "jingban", "shenhe"))
    then = dt.date(timezone.localdate().year - 1, 12, 1)
    with _on_behalf(filler):
        part = open_archive(
            responsibility=responsibility,
            employer=school,
            raw={"name": person.name, "document_number": person.number},
            year=then.year,
            actor=filler,
            today=then,
        )
        posted = posted_teacher(person, chance=chance, employer=school.name)
        part = save_draft(part=part, posted=posted, revision=part.revision, actor=filler, today=then).part
        part = submit(part=part, revision=None, actor=filler, today=then)
    with _on_behalf(clerk):
        part = pass_on(part=part, revision=None, actor=clerk, today=then)
    with _on_behalf(reviewer):
        seal(part=part, revision=None, actor=reviewer, today=then)


def _take_further(
    part: RecordPart, position: int, filler: Actor, actors: dict[str, Actor], today: dt.date
) -> None:
    with _on_behalf(filler):
        part = submit(part=part, revision=None, actor=filler, today=today)
    if filler.kind == "employer":
        with _on_behalf(actors["jingban"]):
            if position % 8 == 2:
                return  # 待经办
            if position % 16 == 7:
                send_back(
                    part=part,
                    reason="从业起始时间与人事档案不一致，请核对后重新提交。",
                    revision=None,
                    actor=actors["jingban"],
                )
                return
            part = pass_on(part=part, revision=None, actor=actors["jingban"], today=today)
    if position % 3:
        with _on_behalf(actors["shenhe"]):
            seal(part=part, revision=None, actor=actors["shenhe"], today=today)


def _fill_others(jurisdiction: Jurisdiction, people: Iterator[MadeUpPerson]) -> None:
    today = timezone.localdate()
    rows = Responsibility.objects.filter(jurisdiction=jurisdiction, undecided=False).exclude(
        occupation="teacher"
    )
    for responsibility in rows.select_related("agency", "jurisdiction"):
        clerk = Actor(
            jurisdiction_id=jurisdiction.pk,
            kind="agency",
            name="演示数据",
            role=Role.CLERK,
            unit_name=responsibility.agency.name,
            agency_id=responsibility.agency_id,
            occupations=frozenset({responsibility.occupation}),
        )
        employers: list[Employer | None] = [*Employer.objects.filter(agency=responsibility.agency)] or [None]
        doctors = responsibility.occupation == "doctor"
        count, owed = (PER_HOSPITAL, OWED_FROM_LAST_YEAR) if doctors else (PER_OTHER_GROUP, 0)
        for employer in employers:
            joiners: list[Joiner] = []
            for _ in range(count):
                person = next(people)
                joiners.append((person, False))
                with _on_behalf(clerk):
                    open_archive(
                        responsibility=responsibility,
                        employer=employer,
                        raw={"name": person.name, "document_number": person.number},
                        year=today.year,
                        actor=clerk,
                        today=today,
                    )
            joiners += newcomers(people, WITHOUT_ARCHIVE, last_year=owed)
            fill_roster(responsibility, employer, joiners, clerk, today=today)


def _on_behalf(actor: Actor) -> AbstractContextManager[object]:
    assert actor.context is not None  # every demo actor but the operator has tenant data
    return as_context(actor.context)
