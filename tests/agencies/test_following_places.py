"""A county that follows its city (GZ-10), a town that follows its district: what is taken over, what differs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from agencies import packloader
from agencies.models import Agency, Jurisdiction, LoadedPack, Membership, Responsibility, Role
from agencies.packcheck import place_key
from agencies.packfile import PackError
from oversight.packs import load_pack
from tests.agencies.pack_flow import change, group
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


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
def test_the_page_says_what_is_taken_over_and_what_is_the_countys_own(
    packs: Path, client_as: Callable[[Membership], Client]
) -> None:
    (packs / "zone.toml").write_text(COUNTY, "utf-8")
    load_pack("ganzhou", apply=True)
    load_pack("zone", apply=True)
    there = rules_on_the_page(client_as(office_of(36070001)))
    city = rules_on_the_page(client_as(office_of(360700)))
    assert [(name, text) for name, text, whose in there if whose == "本地"] == [
        ("名称", "赣州经开区（360700-1）；参照赣州市执行，不设审计人员、寄递人员"),
        ("信用工作机构", "经开区经发局"),
        ("系统名称", "赣州经开区重点人群信用档案系统"),
        ("陈述申辩期限（天）", "7"),
        ("区消防救援大队", "有效"),
        ("企业法定代表人及相关责任人", "区市场监管局；第 1 批"),
    ]
    taken_over = [(name, text) for name, text, whose in there if whose == "沿用赣州市"]
    assert len(taken_over) == len(there) - 6
    own = {
        "名称",
        "信用工作机构",
        "系统名称",
        "备案号前缀",
        "市消防救援支队",
    }  # not taken over, or told otherwise
    left = {"寄递人员", "审计人员", "企业法定代表人及相关责任人"}
    assert taken_over == [
        (as_there(name), as_there(text)) for name, text, _ in city if name not in own | left
    ]
    assert {whose for _, _, whose in city} == {"本地"}


def as_there(text: str) -> str:
    """What the city says, with the names that its units have in the county."""
    return re.sub("^市", "区", text).replace("区消防救援支队", "区消防救援大队")


def office_of(place: int) -> Membership:
    user = UserFactory(username=f"xinyong.{place}", display_name="钱信用")
    return Membership.objects.create(user=user, jurisdiction_id=place, role=Role.OFFICER)


def rules_on_the_page(browser: Client) -> list[tuple[str, str, str]]:
    """What each rule is called there, what it says, and whose it is."""
    html = browser.get("/rules/").content.decode()
    row = re.compile(
        r'<tr><th scope="row">(.*?)</th><td class="wrap">(.*?)</td><td class="wrap">.*?</td><td>(.*?)</td>'
    )
    return row.findall(html)


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
