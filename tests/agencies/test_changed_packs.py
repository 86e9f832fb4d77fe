"""Packs that change: shown first and for whom, kept as history, and nothing that is sealed changes with them."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agencies import packfile, packloader
from agencies.models import Agency, Jurisdiction, LoadedPack, Membership, Responsibility, Role
from agencies.packcheck import place_key
from agencies.packfile import PackError
from agencies.packrules import since
from archives.models import Outbox, Version, VersionBody
from archives.occupations import occupations_of
from archives.services.outbox import with_bodies
from archives.services.people import open_archive
from credit_platform.tenancy.context import acting
from delivery.services import _record
from oversight.packs import load_pack
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as, confirm, events, hand_on, save
from tests.factories import UserFactory, id_number

pytestmark = pytest.mark.django_db
ANYANG = 410522


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: Jurisdiction) -> Path:
    """A folder with the packs, to be changed."""
    for path in packfile.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(packfile, "FOLDER", tmp_path)
    return tmp_path


def change(folder: Path, name: str, *pairs: tuple[str, str]) -> None:
    path = folder / f"{name}.toml"
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def group(code: str, place: int = ANYANG, agency: str = "") -> Responsibility:
    rows = Responsibility.objects.select_related("agency", "jurisdiction", "successor")
    found = rows.filter(jurisdiction_id=place, occupation=code)
    return found.get(agency__code=agency) if agency else found.get()


def sealed_teacher() -> Version:
    """A teacher of Anyang without employer, so that the print names the agency."""
    teacher, today = group("teacher"), timezone.localdate()
    clerk, reviewer = clerk_of(teacher), clerk_of(teacher, Role.REVIEWER)
    with acting_as(clerk) as who:
        raw = {"name": "王小明", "document_number": id_number()}
        part = open_archive(
            responsibility=teacher, employer=None, raw=raw, year=today.year, actor=who, today=today
        )
    return confirm(hand_on(save(part, by=clerk).part, by=clerk), by=reviewer)


def everything_sealed() -> str:
    with acting(ANYANG, "job"):
        rows = [list(model.objects.order_by("pk").values()) for model in (Version, VersionBody, Outbox)]
    return json.dumps(rows, default=str, sort_keys=True)


RENAMED = (
    ('name = "县教育局"', 'name = "县教育体育局"'),
    ('label = "教师"', 'label = "教职人员"'),
    ('version = "2022-5"', 'version = "2027-1"'),
    ('record = "annual", due_day = 5', 'record = "monthly", due_day = 9'),
    ('value = "03-31"', 'value = "02-28"'),
)


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


# --- shown first, for whom, kept -----------------------------------------------------------------------------------


def told(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("pack", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_difference_names_whom_it_concerns(packs: Path) -> None:
    load_pack("anyang", apply=True)
    change(packs, "anyang", *RENAMED)
    shown = told("diff", "anyang")
    assert "changed agency 县教育体育局 (name: '县教育局' → '县教育体育局') — concerns 教职人员" in shown
    assert "changed responsibility 教职人员 (label: '教师' → '教职人员') — concerns 县教育局" in shown or (
        "changed responsibility 教职人员 (label: '教师' → '教职人员') — concerns 县教育体育局" in shown
    )
    everybody = "concerns every agency and group of the place"
    assert f"changed parameter year_closes (value: '03-31' → '02-28') — {everybody}" in shown
    assert [line for line in shown if line.startswith("changed jurisdiction")]
    assert Agency.objects.get(code="education").name == "县教育局", "diff writes nothing"
    assert told("load", "anyang") == [*shown[:-1], f"{shown[-1]} loaded"]
    assert told("diff", "anyang") == ["0 differences"]


def test_a_cadence_for_some_groups_concerns_those_alone(packs: Path) -> None:
    load_pack("anyang", apply=True)
    change(packs, "anyang", ('record = "annual"', 'record = "annual", groups = { lawyer = "quarterly" }'))
    (line,) = [line for line in told("diff", "anyang") if "parameter cadence" in line]
    assert line.endswith("— concerns 律师")


def test_every_loading_that_changes_something_is_kept(packs: Path) -> None:
    load_pack("anyang", apply=True)
    load_pack("anyang", apply=True)
    first = packloader.read("anyang").digest
    change(packs, "anyang", *RENAMED)
    load_pack("anyang", apply=False)
    load_pack("anyang", apply=True)
    kept = list(LoadedPack.objects.filter(jurisdiction_id=ANYANG))
    assert [(row.version, row.digest) for row in kept] == [
        ("2027-1", packloader.read("anyang").digest),
        ("2022-5", first),
    ]
    assert [one.data["version"] for one in events(ANYANG, verb="pack.loaded")] == ["2022-5", "2027-1"]
    held = {rule["key"]: since(rule, kept) for rule in kept[0].rules}
    assert held["agencies:health"] == kept[1].loaded_at, "holds since the first loading"
    assert held["parameters:year_closes"] == kept[0].loaded_at
    status = told("status", "anyang")
    assert status[0].startswith("安阳县: anyang 2027-1 ")
    assert status[0].endswith("as its file says")
    assert [line.split()[2] for line in status[1:]] == ["2027-1", "2022-5"]
    change(packs, "anyang", ('name = "县教育体育局"', 'name = "县教体局"'))
    assert told("status", "anyang")[0].endswith("2 differences from its file")


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


# --- a county that follows its city --------------------------------------------------------------------------------

COUNTY = """
[place]
name = "赣州经开区"
code = "360700-1"
office_name = "经开区经发局"
site_name = "赣州经开区重点人群信用档案系统"
version = "1"
clause = "GZ-10"
parent = "ganzhou"
prefix = "区"
without = ["courier", "auditor"]

[parameters]
statement_days = { value = 7, clause = "GZ-10" }

[[agencies]]
code = "fire_rescue"
name = "区消防救援大队"
clause = "GZ-10"

[[responsibilities]]
position = 2
occupation = "enterprise_principal"
label = "企业法定代表人及相关责任人"
agency = "market_supervision"
wave = 1
clause = "GZ-10"
"""


@pytest.mark.req("GZ-10")
def test_a_county_follows_its_city_and_says_where_it_differs(packs: Path) -> None:
    load_pack("ganzhou", apply=True)
    (packs / "zone.toml").write_text(COUNTY, "utf-8")
    load_pack("zone", apply=True)
    assert load_pack("zone", apply=False) == []
    city, zone = Jurisdiction.objects.get(code="360700"), Jurisdiction.objects.get(code="360700-1")
    assert (zone.pk, zone.division_code) == (36070001, "360700")
    assert zone.parameters["targets"] == ["ganzhou"], "pushes to the city's platform (GZ-09)"
    assert (zone.parameters["first_year"], zone.parameters["statement_days"]) == (2022, 7)
    assert "statement_days" not in city.parameters
    names = dict(Agency.objects.filter(jurisdiction=zone).values_list("code", "name"))
    assert (names["education"], names["fire_rescue"]) == ("区教育局", "区消防救援大队")
    codes = {row.occupation for row in Responsibility.objects.filter(jurisdiction=zone)}
    theirs = {row.occupation for row in Responsibility.objects.filter(jurisdiction=city)}
    assert theirs - codes == {"courier", "auditor"}
    assert group("enterprise_principal", zone.pk).agency.code == "market_supervision", "one writer, not five"
    rules = {rule["key"]: rule for rule in LoadedPack.objects.get(jurisdiction=zone).rules}
    assert rules["parameters:first_year"]["parent"] == rules["agencies:education"]["parent"] == "赣州市"
    assert rules["parameters:statement_days"]["parent"] == rules["agencies:fire_rescue"]["parent"] == ""
    assert rules["responsibilities:teacher:education"]["parent"] == "赣州市"


@pytest.mark.req("GZ-10")
def test_what_changes_in_the_city_changes_in_the_county_with_the_next_loading(packs: Path) -> None:
    (packs / "zone.toml").write_text(COUNTY, "utf-8")
    load_pack("zone", apply=True)
    digest = packloader.read("zone").digest
    change(packs, "ganzhou", ('label = "教师"', 'label = "教职人员"'))
    assert packloader.read("zone").digest != digest
    (_, renamed) = load_pack("zone", apply=False)
    assert "label: '教师' → '教职人员'" in str(renamed)


def test_a_fault_in_the_parent_is_told_with_the_parents_line(packs: Path) -> None:
    (packs / "zone.toml").write_text(COUNTY, "utf-8")
    change(packs, "ganzhou", ('occupation = "teacher"', 'occupation = "teachers"'))
    with pytest.raises(PackError, match=r"^ganzhou\.toml:\d+: .*unknown group 'teachers'"):
        load_pack("zone", apply=True)


@pytest.mark.parametrize("parent", ["zone", "nowhere"])
def test_a_parent_that_cannot_be(packs: Path, parent: str) -> None:
    (packs / "zone.toml").write_text(COUNTY.replace('"ganzhou"', f'"{parent}"'), "utf-8")
    with pytest.raises(PackError, match=r"^zone\.toml:9: \[place\] parent"):
        load_pack("zone", apply=True)


def test_a_town_below_a_district_is_a_place_of_its_own(packs: Path) -> None:
    """镇办 (ZD-18, ZD-19): nine digits, and the district's platforms."""
    town = (
        COUNTY.replace("360700-1", "370303001").replace('"ganzhou"', '"zhangdian"').replace("GZ-10", "ZD-18")
    )
    (packs / "town.toml").write_text(re.sub("without.*", "", town.split("[[agencies]]")[0]), "utf-8")
    load_pack("town", apply=True)
    row = Jurisdiction.objects.get(code="370303001")
    assert (row.pk, row.division_code, row.parameters["targets"]) == (
        370303001,
        "370303",
        ["zhangdian", "zibo"],
    )


def test_no_two_codes_have_one_key() -> None:
    codes = ["410522", "360700-1", "360700-2", "370303001", "370303-1"]
    assert len({place_key(code) for code in codes}) == len(codes)


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
