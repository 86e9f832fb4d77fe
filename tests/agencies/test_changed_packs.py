"""Packs that change: nothing that is sealed changes with them, faults are told with file and line, agencies end."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Agency, Jurisdiction, Membership, Role
from agencies.packfile import PackError
from archives.models import Outbox, Version
from archives.occupations import occupations_of
from archives.services.outbox import with_bodies
from archives.services.people import open_archive
from credit_platform.tenancy.context import acting
from delivery.services import _record
from oversight.packs import load_pack
from tests.agencies.pack_flow import ANYANG, RENAMED, change, everything_sealed, group, sealed_teacher
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as
from tests.factories import UserFactory, id_number

pytestmark = pytest.mark.django_db


# --- what is sealed ------------------------------------------------------------------------------------------------


def test_loading_a_changed_pack_changes_nothing_that_is_sealed(
    packs: Path, client_as: Callable[[Membership], Client]
) -> None:
    load_pack("anyang", apply=True)
    version = sealed_teacher()
    before, printed = everything_sealed(), paper(version, client_as)
    assert "教师（从业人员）信用档案" in printed

    change(packs, "anyang", *RENAMED)
    load_pack("anyang", apply=True)
    assert everything_sealed() == before
    now = paper(version, client_as)
    assert re.sub("打印.*", "", now) == re.sub("打印.*", "", printed), "the old names stay on what was sealed"
    assert group("teacher").label == "教职人员"
    with acting(ANYANG, "job"):
        queued = Outbox.objects.select_related("version", "part", "agency").filter(version=version)
        ((outbox, stored),) = with_bodies(list(queued))
        sent = _record(outbox, stored, occupations_of(ANYANG))
    assert (sent["group"]["label"], sent["agency"]["name"]) == ("教师", "县教育局")


def paper(version: Version, client_as: Callable[[Membership], Client]) -> str:
    clerk = Membership.objects.get(role=Role.CLERK, jurisdiction_id=ANYANG)
    answer = client_as(clerk).get(f"/records/{version.part_id}/versions/1/print/")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return "".join(text.split())


def test_what_is_sealed_afterwards_bears_the_new_names(
    packs: Path, client_as: Callable[[Membership], Client]
) -> None:
    load_pack("anyang", apply=True)
    change(packs, "anyang", *RENAMED)
    load_pack("anyang", apply=True)
    version = sealed_teacher()
    assert "教职人员（从业人员）信用档案" in paper(version, client_as)
    with acting(ANYANG, "job"):
        queued = Outbox.objects.select_related("version", "part", "agency").filter(version=version)
        ((outbox, stored),) = with_bodies(list(queued))
        sent = _record(outbox, stored, occupations_of(ANYANG))
        assert outbox.due_at.day <= 20
    assert (sent["group"]["label"], sent["agency"]["name"]) == ("教职人员", "县教育体育局")


def test_a_name_that_changes_twice_is_known_for_each_time() -> None:
    agency = Agency(name="丙局", former_names=[])
    first, second = (timezone.now() - dt.timedelta(days=days) for days in (20, 10))
    agency.former_names = [
        {"name": "甲局", "until": first.isoformat()},
        {"name": "乙局", "until": second.isoformat()},
    ]
    day = dt.timedelta(days=1)
    assert [agency.name_at(moment) for moment in (first - day, first + day, second + day, None)] == [
        "甲局",
        "乙局",
        "丙局",
        "丙局",
    ]


# --- faults with file and line -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line_of", "message"),
    [
        ('clause = "AY-G05"', 'clause = "AY-G23"', "AY-G23", "names no clause"),
        ('clause = "AY-14"', 'clause = "AY-77"', "AY-77", "names no clause"),
        ('code = "education"', 'code = "magic"', '"magic"', "unknown department 'magic'"),
        ('agency = "education"', 'agency = "wizards"', '"wizards"', "unknown agency 'wizards'"),
        ('occupation = "lawyer"', 'occupation = "lawyers"', '"lawyers"', "unknown group 'lawyers'"),
        (
            'agency = "justice"',
            'agency = "justice"\nsections = ["identity"]\nkinds = [\n  "award",\n  "awards",\n]',
            '"awards"',
            "unknown kinds awards",
        ),
        ("[parameters]", "[nonsense]\n[parameters]", "[nonsense]", "is no section of a pack"),
    ],
)
def test_a_fault_is_told_with_file_and_line(
    packs: Path, old: str, new: str, line_of: str, message: str
) -> None:
    change(packs, "anyang", (old, new))
    lines = (packs / "anyang.toml").read_text("utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line_of in line)
    with pytest.raises(PackError, match=rf"^anyang\.toml:{number}: .*{message}"):
        load_pack("anyang", apply=True)
    assert not Jurisdiction.objects.filter(pk=ANYANG).exists()


# --- agencies that end ---------------------------------------------------------------------------------------------


def test_an_agency_that_is_merged_ends_with_its_people_and_names_its_successor(packs: Path) -> None:
    load_pack("anyang", apply=True)
    version = sealed_teacher()
    clerk = Membership.objects.get(role=Role.CLERK, jurisdiction_id=ANYANG)
    today = timezone.localdate()
    change(
        packs,
        "anyang",
        ('name = "县教育局"', f'name = "县教育局"\nended = {today}\nsuccessor = "culture_tourism"'),
        ('agency = "education"', f'agency = "education"\nended = {today}\nsuccessor = "culture_tourism"'),
        (
            "[[responsibilities]]\nposition = 6",
            '[[responsibilities]]\nposition = 5\noccupation = "teacher"\nlabel = "教师"\nagency = "culture_tourism"\n'
            f'opens = {today}\nclause = "AY-29"\n[[responsibilities]]\nposition = 6',
        ),
    )
    load_pack("anyang", apply=True)
    assert load_pack("anyang", apply=False) == []
    agency = Agency.objects.select_related("successor").get(jurisdiction_id=ANYANG, code="education")
    assert (agency.active, agency.ended_on, str(agency.successor)) == (False, today, "县文广体旅局")
    assert not Membership.objects.current().filter(pk=clerk.pk).exists()
    with acting(ANYANG, "job"):
        assert Version.objects.get(pk=version.pk).agency_id == agency.pk
    new = group("teacher", agency="culture_tourism")
    with acting_as(clerk_of(new)) as who:
        raw = {"name": "李小红", "document_number": id_number()}
        part = open_archive(
            responsibility=new, employer=None, raw=raw, year=today.year, actor=who, today=today
        )
    assert part.agency_id == new.agency_id


def test_a_successor_that_is_not_there_is_told(packs: Path) -> None:
    today = timezone.localdate()
    changed = f'name = "县教育局"\nended = {today}\nsuccessor = "nobody"'
    change(packs, "anyang", ('name = "县教育局"', changed))
    with pytest.raises(PackError, match=r"anyang\.toml:\d+: \[agencies\] education: unknown successor"):
        load_pack("anyang", apply=True)


# --- one person, two places ----------------------------------------------------------------------------------------


def test_who_serves_two_places_works_in_one_at_a_time(
    packs: Path, client_as: Callable[[Membership], Client]
) -> None:
    """县（示范区）税务局 (AY-G10): one office, an agency in each place; its people switch, and no row crosses over."""
    load_pack("anyang", apply=True)
    load_pack("pingdingshan", apply=True)
    user = UserFactory(username="shuiwu", display_name="郑税务")
    places = {}
    for key in (ANYANG, 410400):
        agency = Agency.objects.get(jurisdiction_id=key, code="taxation")
        places[key] = Membership.objects.create(
            user=user, jurisdiction_id=key, agency=agency, role=Role.AGENCY_ADMIN
        )
    browser = client_as(places[ANYANG])
    assert "县（示范区）税务局" in browser.get("/responsibilities/").content.decode()
    browser.post("/switch/", {"membership": places[410400].pk})
    page = browser.get("/responsibilities/").content.decode()
    assert "市税务局" in page
    assert "县（示范区）税务局" not in page.split("<main")[1]
