"""What the catalogue says of each kind of fact, held to lists that are written here once more (LL-08, ZD-12, ZD-28)."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from archives import catalogue
from archives.catalogue import check_catalogue, entries, fields_of
from archives.schema.kinds import Basis, ItemKind, kinds
from archives.validity import term_of
from oversight.packs import load_pack
from tests.schema.samples import a_fact

PLACES = {
    "anyang": "410522",
    "ganzhou": "360700",
    "luliang": "141100",
    "pingdingshan": "410400",
    "zhangdian": "370303",
}
CODES = [kind.code for kind in kinds]


def codes(text: str) -> set[str]:
    found = set(text.split())
    assert found <= set(CODES), found - set(CODES)
    return found


# --- what decides over each ------------------------------------------------------------------------------------------

POSITIVE = codes("award honour training good_record social_service public_welfare")
NEUTRAL = codes(
    "qualification_change qualification administrative_licence sector_rating integrity business_record"
)
BY_RESULT = codes("annual_assessment spot_check supervision credit_commitment complaint professional_conduct")
"""Neutral until a result tells against the person. All others tell against the person as such."""
YEARLY = codes("annual_assessment sector_rating professional_conduct integrity")
QUARTERLY = codes(
    "award honour training qualification good_record spot_check supervision credit_commitment business_record "
    "social_service public_welfare"
)
"""All others are sent every month: what tells against a person, and licences and registrations."""
SHARED = codes("award honour good_record")
INSIDE = codes(
    "complaint integrity discipline discipline_breach association_discipline exam_cheating academic_fraud "
    "student_loan_default forged_job_papers"
)
"""Seen by the unit and the person alone, and never delivered. All others are given out with authorisation."""
FOR_LONG = "长期保存；本人可申请不再展示。"
WITH_THE_ARCHIVE = "随档案保存。"
WHILE_VALID = "有效期满后不再展示；随档案保存。"
FIVE_YEARS = "披露期最长五年，自行为终止之日起算；期满不再展示和使用，按本地规则转为档案保存或删除。"
KEPT = {
    "annual_assessment": "随档案保存；考核不合格的，披露期最长五年，期满不再展示和使用。",
    "complaint": "办结前只供单位和本人查看；查实的披露期最长五年，未查实的办结后不再展示。",
    "sector_rating": "有效期满后不再展示；历次评价随档案保存。",
    **dict.fromkeys(codes("award honour good_record social_service public_welfare"), FOR_LONG),
    **dict.fromkeys(codes("training qualification_change integrity business_record"), WITH_THE_ARCHIVE),
    **dict.fromkeys(codes("qualification administrative_licence"), WHILE_VALID),
}
HEADINGS = {
    "诚实守信相关荣誉信息": codes("award honour good_record"),
    "职称和职业信息": codes("qualification qualification_change"),
    "行政管理信息": codes("administrative_licence spot_check supervision administrative_penalty"),
    "司法裁判及执行信息": codes("judgment_defaulter"),
    "严重失信主体名单信息": codes("enterprise_dishonest"),
    "信用承诺及履行情况信息": codes("credit_commitment"),
    "信用评价结果信息": codes("sector_rating"),
    "合同履行信息": codes("contract_breach"),
    "主体自愿提供信息": codes("public_welfare social_service"),
    "地方补充": codes(
        "annual_assessment training business_record professional_conduct industry_sanction "
        "certificate_lending bankruptcy_liability"
    ),
    "": INSIDE,
}
"""All others stand under 遵守法律法规情况信息."""
SINCE = dt.date(2022, 1, 1)


def heading_of(code: str) -> str:
    found = [heading for heading, held in HEADINGS.items() if code in held]
    return found[0] if found else "遵守法律法规情况信息"


@pytest.mark.req("LL-08", "ZD-28", "ZD-12", "AY-14")
@pytest.mark.parametrize("kind", list(kinds), ids=lambda kind: kind.code)
def test_every_kind_has_an_entry_with_all_that_decides(kind: ItemKind) -> None:
    entry, code = entries()[kind.code], kind.code
    adverse = code not in POSITIVE | NEUTRAL | BY_RESULT
    assert entry.kind is kind
    assert entry.provider
    assert entry.version == "2026-1"
    assert entry.heading == heading_of(code)
    assert (entry.valid_from, entry.valid_to) == (SINCE, None)
    assert entry.in_force(timezone.localdate())
    assert not entry.in_force(SINCE - dt.timedelta(1))

    assert kind.polarity == ("positive" if code in POSITIVE else "negative" if adverse else "neutral")
    assert kind.may_be_adverse is (adverse or code in BY_RESULT)
    assert entry.sensitive is kind.may_be_adverse
    assert kind.cadence == ("annual" if code in YEARLY else "quarterly" if code in QUARTERLY else "monthly")
    assert kind.disclosure == ("shared" if code in SHARED else "self" if code in INSIDE else "authorised")
    assert not entry.publishable, "nothing about a natural person is"
    assert kind.retention == KEPT.get(code, FIVE_YEARS)

    assert entry.delivered is kind.deliverable is (code not in INSIDE)
    assert bool(entry.push) is entry.delivered
    assert all(label and re.fullmatch("[A-Z_]{2,30}", push) for label, push in entry.push)


@pytest.mark.req("LL-08", "ZD-28", "PD-19", "ZD-20")
@pytest.mark.parametrize("kind", list(kinds), ids=lambda kind: kind.code)
def test_every_entry_names_documents_that_hold_where_it_is_kept(kind: ItemKind) -> None:
    entry = entries()[kind.code]
    assert all(re.fullmatch("《.{4,}》.+", str(basis)) for basis in kind.legal_basis)
    found = {place: entry.bases(place) for place in PLACES.values()}
    assert any(found.values()), "somewhere it may be kept"
    for place, bases in found.items():
        assert all(place.startswith(basis.place) for basis in bases)
    named = {basis for bases in found.values() for basis in bases}
    assert named == set(kind.legal_basis), "a basis that holds in none of the places"
    about_effective_documents = "国办发〔2020〕49号" in str(kind.legal_basis[-1])
    assert about_effective_documents is (kind.polarity == "negative")


@pytest.mark.req("LL-08", "ZD-25", "LL-25")
@pytest.mark.parametrize("kind", list(kinds), ids=lambda kind: kind.code)
def test_what_an_entry_says_of_its_time_is_what_happens(kind: ItemKind) -> None:
    def last_day(**changes: object) -> dt.date | None:
        raw = {name: value for name, value in a_fact(kind).items() if name not in ENDS}
        raw |= {name: "2026-03-05" for name in ("document_date", "ended_on") if name in raw}
        values, _ = kind.parse(raw | changes, stage="draft", birth_date=dt.date(1980, 1, 1), year=2026)
        day = dt.date(2026, 3, 5)
        return term_of(kind, values, place="370303", parameters={}, closed_on=day).shown_until

    told = KEPT.get(kind.code, FIVE_YEARS)
    longest = dt.date(2029 if kind.code in THREE_YEARS else 2031, 3, 5)
    if kind.polarity == "negative":
        assert last_day() == longest
    elif kind.code in BAD:
        name, value = BAD[kind.code]
        assert last_day() is None
        assert last_day(**{name: value}) == longest
    if "有效期满后不再展示" in told:
        name = next(name for name in ENDS if name in kind.section.fields)
        assert last_day() is None
        assert last_day(**{name: "2026-12-01"}) == dt.date(2026, 12, 1)
    elif kind.code in POSITIVE | NEUTRAL:
        assert last_day() is None


ENDS = ("valid_to", "valid_until", "expires_on", "effective_until", "removed_on")
THREE_YEARS = codes("administrative_penalty enterprise_penalty")
"""The national rule of those days has less than five for them."""
BAD = {
    "complaint": ("outcome", "upheld"),
    "annual_assessment": ("result", "failed"),
    "spot_check": ("result", "failed"),
    "supervision": ("result", "failed"),
    "credit_commitment": ("state", "broken"),
    "professional_conduct": ("result", "breached"),
}


# --- the sixteen fields ----------------------------------------------------------------------------------------------

SIXTEEN = (
    "食品药品 安全生产 消防安全 交通安全 环境保护 生物安全 产品质量 税收缴纳 医疗卫生 劳动保障 工程建设 金融服务 "
    "知识产权 司法诉讼 电子商务 志愿服务"
)
FIELDS = {
    "410522": SIXTEEN,
    "360700": SIXTEEN,
    "141100": SIXTEEN,
    "410400": SIXTEEN,
    "370303": (
        "食品药品 安全生产 消防安全 交通安全 环境保护 生物安全 产品质量 税收（费）缴纳 医疗卫生 劳动保障 工程建设 "
        "地方金融 知识产权 司法诉讼 电子商务 志愿服务"
    ),
}
OF_ONE = {
    "安全生产": codes("false_safety_report"),
    "消防安全": codes("fire_patrol_failure fire_hazard_unrectified"),
    "环境保护": codes("false_environment_report"),
    "产品质量": codes("false_test_report"),
    "医疗卫生": codes("unlicensed_practice privacy_leak overcharging red_packet false_health_report"),
    "金融服务": codes("credit_data_abuse"),
    "司法诉讼": codes("judgment_defaulter false_notarisation false_expertise"),
    "志愿服务": codes("public_welfare social_service"),
}
OF_NONE = codes(
    "tourist_rights_violated forced_shopping itinerary_changed mail_data_leak exam_cheating academic_fraud "
    "student_loan_default forged_job_papers"
)
"""Of guides, couriers and students: their groups are on the list, no field is theirs. All others belong to all."""


def fields_in(code: str, place: str) -> list[str]:
    """What should be said of a kind, in the words of a place."""
    every, usual = FIELDS[place].split(), SIXTEEN.split()
    if code in OF_NONE:
        return []
    own = [word for word, held in OF_ONE.items() if code in held]
    return [every[usual.index(word)] for word in own] or every


@pytest.mark.req("GZ-01", "LL-04", "PD-09", "ZD-13")
@pytest.mark.parametrize("place", FIELDS)
def test_the_sixteen_fields_in_the_words_of_each_place(place: str) -> None:
    assert list(fields_of(place).values()) == FIELDS[place].split()
    assert len(set(FIELDS[place].split())) == 16
    assert {code: entry.fields_in(place) for code, entry in entries().items()} == {
        code: fields_in(code, place) for code in CODES
    }


@pytest.mark.req("GZ-01", "LL-04", "PD-09", "ZD-13")
def test_an_entry_without_a_word_on_its_fields_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    data = catalogue._data()
    assert all("fields" in raw for raw in data["entries"])
    first, *others = data["entries"]
    silent = {name: value for name, value in first.items() if name != "fields"}
    monkeypatch.setattr(catalogue, "_data", lambda: {**data, "entries": [silent, *others]})
    (fault,) = check_catalogue(None)
    assert "award, honour, good_record: no word on its fields" in fault.msg


# --- the pages -------------------------------------------------------------------------------------------------------

CADENCES = {"annual": "每年", "quarterly": "每季度", "monthly": "每月"}


def table_of(page: str) -> dict[str, str]:
    """The table of an entry: what stands before, and what is said of it."""
    found = re.findall(r'<tr><th scope="row">([^<]+)</th><td[^>]*>(.*?)</td></tr>', page, re.DOTALL)
    return {name: unescape(value.replace("<br>", "\n")) for name, value in found}


@pytest.mark.req("LL-08", "ZD-28", "GZ-01", "LL-04", "PD-09", "ZD-13", "AY-14")
@pytest.mark.parametrize(("pack", "place"), PLACES.items(), ids=PLACES)
def test_everybody_reads_all_of_it_in_the_catalogue_of_a_place(
    pack: str, place: str, platform: object
) -> None:
    load_pack(pack, apply=True)
    browser = Client()
    page = browser.get(f"/catalogue/?place={place}").content.decode()
    assert f"<p>{'、'.join(FIELDS[place].split())}</p>" in page
    offered = re.findall(r'<a href="\?kind=([a-z_]+)&amp;place=', page)
    assert len(offered) >= 30
    assert {"administrative_penalty", "award", "complaint"} <= set(offered)
    for code in offered:
        said = table_of(browser.get(f"/catalogue/?kind={code}&place={place}").content.decode())
        assert said["依据"].split("\n") == [str(basis) for basis in bases_in(code, place)]
        assert said["国家目录"] == (heading_of(code) or "未对应")
        assert said["重点领域"] == fields_told(code, place)
        assert said["性质"] == nature_of(code)
        assert said["更新周期"] == (
            CADENCES[kinds.get(code).cadence] if pack == "anyang" else "确认后即时报送（文件未规定周期）"
        )
        assert said["披露方式"] == (
            "政务共享，授权查询"
            if code in SHARED
            else "只供本单位和本人查看"
            if code in INSIDE
            else "授权查询"
        )
        assert said["公示"] == "不公示"
        assert said["报送"] == ("不报送" if code in INSIDE else "报送")
        assert said["保存期限"] == KEPT.get(code, FIVE_YEARS)
        assert said["有效期"] == "2022-01-01 起"
        assert said["提供单位"]


def bases_in(code: str, place: str) -> list[Basis]:
    return [basis for basis in kinds.get(code).legal_basis if place.startswith(basis.place)]


def fields_told(code: str, place: str) -> str:
    said = fields_in(code, place)
    return "全部重点领域" if len(said) == 16 else "、".join(said) or "不属于重点领域"


def nature_of(code: str) -> str:
    if code in BY_RESULT:
        return "按认定结果"
    return "守信" if code in POSITIVE else "中性" if code in NEUTRAL else "失信"
