"""Five places on one installation, each walked as its own document says; the lists here are from the documents."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from agencies import packfile, packloader
from agencies.clauses import CLAUSES, DOCUMENTS, is_clause
from agencies.models import Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from agencies.rollout import open_group
from archives.items import kinds_for
from archives.models import Outbox
from archives.occupations import occupation_of
from archives.payloads import version_payload
from archives.printing.forms import blank_form, print_forms, version_form
from archives.services.people import open_archive, years_of
from archives.workbooks.columns import columns_of
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from delivery.models import Target
from oversight.packs import load_pack
from tests.archives.flow import acting_as, confirm, consented, fresh, hand_on, passed_on, save
from tests.archives.item_flow import item_sealed
from tests.factories import UserFactory, id_number

pytestmark = pytest.mark.django_db


@dataclasses.dataclass(frozen=True)
class Place:
    """What the document of a place says: its groups in order, the units it names, the platforms it reports to; `later`
    are those that it encourages, `first` those that lead the others, where it says so."""

    pack: str
    key: int
    prefix: str
    groups: str
    targets: tuple[str, ...]
    units: str
    later: str = ""
    first: str = ""
    cadence: str = "at once"


FIVE = [
    Place(
        "anyang",
        410522,
        "AY",
        "公务员 企业法定代表人及相关责任人 驾驶员 律师 教师 医师 执业药师 家政服务从业人员 评估师 税务师 "
        "食药安全员 招投标代理机构从业人员 注册消防工程师 会计人员 审计人员 房地产中介从业人员 认证人员 "
        "金融从业人员 导游 护工 劳动用工 社会保障",
        ("安阳县信用信息共享平台",),
        "县委组织部 县市场监管局 县交通运输局 县司法局 县教育局 县卫健委 县人社局 县财政局 县发改委 "
        "县消防救援大队 县审计局 县住建局 县金融办 县文广体旅局 县民政局",
        first="教师 医师",
        cadence="annual",
    ),
    Place(
        "ganzhou",
        360700,
        "GZ",
        "公务员 企业法定代表人及相关责任人 律师 教师 医师 税务师 注册消防工程师 审计人员 "
        "房地产中介从业人员 金融从业人员 导游 执业药师 评估师 会计人员 认证人员",
        ("赣州市公共信用信息服务平台",),
        "市委组织部 市人社局 市市场监管局 市应急管理局 市生态环境局 市住建局 市公安局 市司法局 市教育局 "
        "市卫健委 市财政局 市税务局 市消防救援支队 市审计局 市金融办 市文广新旅局 市民政局 市科技局 "
        "市行政审批局 市委网信办 市交通运输局 市邮政管理局 市自然资源局 市商务局",
        later="寄递人员 安全评估师 卫生评估师 道路运输经营者及从业人员 机动车驾驶人 "
        "环境影响评价及检验检测从业人员 质量检验检测人员 新闻媒体从业人员 互联网从业人员 中介服务人员 "
        "电子商务平台从业人员 工程建设设计、施工、监理负责人及相关注册人员 行业协会、商会会员",
    ),
    Place(
        "luliang",
        141100,
        "LL",
        "公务员 企业法定代表人及相关责任人 律师 公证员 司法鉴定人员 教师 医师 执业药师 评估师 税务师 "
        "注册消防工程师 会计审计人员 房地产中介从业人员 认证人员 金融从业人员 导游 18周岁以上成年学生",
        ("吕梁市公共信用信息共享平台",),
        "市公务员局 市市场监管局 市应急局 市司法局 市教育局 市卫健委 市住建局 市税务局 市财政局 市审计局 "
        "市金融办 人民银行吕梁市中心支行 吕梁银保监分局 市公安局 市文旅局 市民政局",
        later="行业协会、商会会员 征信机构及相关人员",
    ),
    Place(
        "pingdingshan",
        410400,
        "PD",
        "公务员 律师 教师 医师 执业药师 评估师 税务师 注册消防工程师 会计审计人员 房地产中介从业人员 "
        "认证人员 金融从业人员 导游 企事业单位法定代表人及相关责任人 18岁以上成年学生",
        ("平顶山市公共信用信息平台",),
        "市教育局 市发改委 市人力资源和社会保障局 市公安局 市委网信办 市邮政管理局 人行平顶山市中心支行 "
        "市委宣传部 市商务局",
        later="行业协会、商会会员 征信机构及相关人员",
        first="公务员",
    ),
    Place(
        "zhangdian",
        370303,
        "ZD",
        "公务员 律师 教师 医师 执业药师 税务师 注册消防工程师 会计审计人员 房地产中介从业人员 认证人员 "
        "地方金融从业人员 新闻媒体从业人员 导游 安全评估师 卫生评估师 道路运输经营者及从业人员 "
        "质量检验检测人员 项目建设及工程监理负责人 注册志愿者 快递从业人员 "
        "企事业单位法定代表人及相关责任人 学生",
        ("张店区公共信用信息平台", "淄博市公共信用信息平台"),
        "区发展改革局 区教育体育局 张店公安分局 区民政局 区司法局 区财政局 区人力资源社会保障局 "
        "区住房城乡建设局 区商务局 区卫生健康局 市生态环境局张店分局 区市场监管局 区文化和旅游局 区应急局 "
        "团区委 区法院 区检察院 区科技局 张店税务局",
        later="行业协会、商会会员",
    ),
]
UNDECIDED = {"劳动用工", "社会保障", "18周岁以上成年学生", "18岁以上成年学生", "学生"}
STUDENTS = UNDECIDED - {"劳动用工", "社会保障"}
"""Their archives stand beside the waves of the key groups and are not switched on."""
each_place = pytest.mark.parametrize("place", FIVE, ids=lambda place: place.pack)


@pytest.fixture
def five(platform: Jurisdiction) -> None:
    """All five packs, one after the other, on one installation."""
    for place in FIVE:
        load_pack(place.pack, apply=True)


def groups_of(place: Place) -> list[Responsibility]:
    rows = Responsibility.objects.filter(jurisdiction_id=place.key)
    return list(rows.select_related("agency", "jurisdiction", "successor"))


def clerk_of(group: Responsibility, role: Role = Role.CLERK) -> Membership:
    user = UserFactory(username=f"{role.value}.{group.pk}", display_name=f"{group.agency.name}人员")
    membership = Membership.objects.create(
        user=user, jurisdiction_id=group.jurisdiction_id, agency=group.agency, role=role
    )
    assign_perm("agencies.handle_responsibility", user, group)
    return membership


# --- the files -----------------------------------------------------------------------------------------------------


def test_there_are_five_packs() -> None:
    assert packfile.available() == sorted(place.pack for place in FIVE)


@each_place
def test_every_line_cites_a_clause_of_its_own_document(place: Place) -> None:
    data = tomllib.loads((packfile.FOLDER / f"{place.pack}.toml").read_text("utf-8"))
    cited = [data["place"]["clause"], *(rule["clause"] for rule in data["parameters"].values())]
    cited += [
        e["clause"]
        for name in ("targets", "identity_services", "waves", "agencies", "responsibilities")
        for e in data.get(name, ())
    ]
    assert {clause.partition("-")[0] for clause in cited} == {place.prefix}
    assert all(is_clause(clause) for clause in cited)


def test_the_clauses_are_those_of_the_five_documents() -> None:
    assert {clause[:2] for clause in CLAUSES} == DOCUMENTS.keys()
    assert not any(
        map(is_clause, ("AY-33", "GZ-17", "LL-36", "PD-42", "ZD-42", "AY-G23", "AY-1", "", None, 5))
    )


# --- what is loaded ------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-05", "LL-05", "PD-10", "ZD-14")
@each_place
def test_the_groups_are_those_of_the_document_in_its_order(place: Place, five: None) -> None:
    groups = {group.position: group for group in groups_of(place)}
    ordered = [groups[position] for position in sorted(groups)]
    later = place.later.split()
    assert [group.label for group in ordered if group.label not in later] == place.groups.split()
    assert [group.label for group in ordered if group.label in later] == later
    assert {group.label for group in ordered if group.undecided} == UNDECIDED & set(place.groups.split())
    assert {group.label for group in ordered if group.awaits and not group.undecided} == set(later)


@each_place
def test_the_units_that_the_document_names_are_there(place: Place, five: None) -> None:
    names = set(Agency.objects.filter(jurisdiction_id=place.key).values_list("name", flat=True))
    assert set(place.units.split()) <= names
    with_groups = {group.agency.name for group in groups_of(place)}
    assert with_groups <= names


@pytest.mark.req("ZD-10", "GZ-09", "AY-15")
@each_place
def test_reports_go_to_the_platforms_of_the_document(place: Place, five: None) -> None:
    targets = Target.objects.filter(jurisdiction_id=place.key).order_by("id")
    assert tuple(target.name for target in targets) == place.targets
    jurisdiction = Jurisdiction.objects.get(pk=place.key)
    assert jurisdiction.parameters["targets"] == [target.code for target in targets]


def test_no_two_places_share_a_platform_code(five: None) -> None:
    codes = list(Target.objects.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 6


@each_place
def test_loading_again_changes_nothing(place: Place, five: None) -> None:
    assert load_pack(place.pack, apply=False) == []


ASKED_OF_ALL = {
    "luliang": {"training", "credit_commitment", "good_record"},
    "pingdingshan": {"credit_commitment", "honour", "good_record"},
    "zhangdian": {"credit_commitment", "award", "good_record", "administrative_penalty"},
}
"""Kinds of fact that the documents ask for about every key group, whatever else its archive holds."""


@pytest.mark.req("LL-31", "LL-32", "PD-05", "PD-31", "ZD-33", "ZD-09")
@pytest.mark.parametrize("pack", ASKED_OF_ALL)
def test_what_a_document_asks_of_all_key_groups_may_be_entered_for_each(pack: str, five: None) -> None:
    place = next(one for one in FIVE if one.pack == pack)
    held: dict[str, set[str]] = {label: set() for label in place.groups.split()}
    for group in groups_of(place):
        if group.label in held:
            held[group.label] |= {kind.code for kind in kinds_for(occupation_of(group), group)}
    missing = {label: ASKED_OF_ALL[pack] - found for label, found in held.items() if label not in UNDECIDED}
    assert {label: codes for label, codes in missing.items() if codes} == {}


# --- clerks, forms, templates, prints ------------------------------------------------------------------------------


@pytest.mark.req("AY-02", "GZ-02", "GZ-06", "LL-05", "PD-10", "ZD-14")
@each_place
def test_every_group_has_form_template_and_print_under_its_printed_name(place: Place, five: None) -> None:
    year = timezone.localdate().year
    forms = []
    for group in groups_of(place):
        occupation = occupation_of(group)
        assert occupation.label == group.label
        assert occupation is occupation_of(group), "the same class each time"
        assert {"identity"} <= occupation.sections.keys()
        assert ("standing" in occupation.sections) is group.lead
        assert [column.label for column in columns_of(occupation, year)][:1] == ["姓名"]
        forms.append(blank_form(occupation, year))
    assert [form.occupation for form in forms] == [group.label for group in groups_of(place)]
    assert print_forms(forms[:2]).startswith(b"%PDF")


@pytest.mark.req("AY-01", "PD-40")
@each_place
def test_every_clerk_works_on_the_groups_that_are_opened(place: Place, five: None) -> None:
    today = timezone.localdate()
    for group in groups_of(place):
        opened = not (group.undecided or group.awaits)
        assert group.is_open(today) is opened
        with acting_as(clerk_of(group)) as who:
            assert (group.occupation in who.occupations) is opened
            handled = Responsibility.objects.handled_by(who)
            assert [row.pk for row in handled] == ([group.pk] if opened else [])


@pytest.mark.req("ZD-10")
@each_place
def test_a_record_from_the_opening_to_the_queues_of_its_platforms(place: Place, five: None) -> None:
    for group in first_groups(place):
        clerk, reviewer = clerk_of(group), clerk_of(group, Role.REVIEWER)
        today = timezone.localdate()
        with acting_as(clerk) as who:
            raw = {"name": "王小明", "document_number": id_number()}
            part = open_archive(
                responsibility=group, employer=None, raw=raw, year=today.year, actor=who, today=today
            )
        part = hand_on(save(part, by=clerk).part, by=clerk)
        version = confirm(part, by=reviewer)
        with acting(place.key, "job"):
            rows = list(
                Outbox.objects.filter(version=version).select_related("version", "part").order_by("pk")
            )
            form = version_form(rows[0].part, version, occupation_of(group))
            payload = version_payload(
                version=version, occupations={(group.agency_id, group.occupation): occupation_of(group)}
            )
        names = dict(Target.objects.filter(jurisdiction_id=place.key).values_list("code", "name"))
        assert {names[row.target] for row in rows} == set(place.targets)
        assert form.occupation == payload.occupation_label == group.label
        at_once = all(row.due_at == version.sealed_at for row in rows)
        assert at_once is (place.cadence == "at once")


@pytest.mark.req("AY-01", "PD-40")
@each_place
def test_the_first_wave_is_whom_the_document_puts_first(place: Place, five: None) -> None:
    """教师、医师 in Anyang, 公务员 in Pingdingshan; elsewhere all key groups at once. Who is encouraged comes last."""
    groups = groups_of(place)
    key = [label for label in place.groups.split() if label not in STUDENTS]
    first = place.first.split() or key
    rest = set(place.groups.split()) & STUDENTS | set(place.later.split())
    expected = [set(first), set(key) - set(first), rest]
    waves = sorted({group.wave for group in groups if group.wave is not None})
    found = [{group.label for group in groups if group.wave == number} for number in waves]
    assert found == [labels for labels in expected if labels]
    days = [{group.opens_on for group in groups if group.wave == number} for number in waves]
    opening = [day for (day,) in days if day is not None]
    assert opening == sorted(opening), "nobody opens before the first"


@pytest.mark.req("PD-40")
def test_civil_servants_go_first_in_pingdingshan(five: None) -> None:
    pingdingshan = next(place for place in FIVE if place.prefix == "PD")
    today = timezone.localdate()
    began = {group.label: years_of(group, today=today).start for group in groups_of(pingdingshan)}
    assert began["公务员"] == 2018
    assert {year for label, year in began.items() if label in pingdingshan.groups.split()[1:-1]} == {2019}


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
@pytest.mark.parametrize("place", FIVE[1:], ids=lambda place: place.pack)
def test_an_association_fills_in_for_its_members_once_the_office_has_opened_it(
    place: Place, five: None
) -> None:
    today = timezone.localdate()
    group = next(one for one in groups_of(place) if one.occupation == "association_member")
    office = Membership.objects.create(
        user=UserFactory(username="office", display_name="钱信用"),
        jurisdiction_id=place.key,
        role=Role.OFFICER,
    )
    with acting_as(office) as who:
        open_group(responsibility=group, opens_on=today, reason="先行试点", actor=who, today=today)
    association = Employer.objects.create(jurisdiction_id=place.key, agency=group.agency, name="餐饮行业协会")
    clerk, reviewer = clerk_of(group), clerk_of(group, Role.REVIEWER)
    user = UserFactory(username="xiehui", display_name="协会填报员")
    filler = Membership.objects.create(
        user=user, jurisdiction_id=place.key, agency=group.agency, employer=association, role=Role.FILLER
    )
    assign_perm("agencies.handle_responsibility", user, group)
    number = id_number()
    consented(group, by=filler, number=number)
    with acting_as(filler) as who:
        raw = {"name": "王小明", "document_number": number}
        part = open_archive(
            responsibility=group, employer=association, raw=raw, year=today.year, actor=who, today=today
        )
    own = {"association_name": "餐饮行业协会", "member_no": "HY-0012"}
    part = passed_on(hand_on(save(part, by=filler, **own).part, by=filler), by=clerk)
    version = confirm(part, by=reviewer)
    people: Any = SimpleNamespace(filler=filler, clerk=clerk, reviewer=reviewer)
    fact = item_sealed(fresh(part), "training", unit=people)
    with acting(place.key, "job"):
        assert not Outbox.objects.filter(version=version).exists()
        assert Outbox.objects.filter(item=fact).count() == len(place.targets)
    assert group.encouraged
    assert not group.owes_year(today.year)


def first_groups(place: Place) -> Iterator[Responsibility]:
    """Some groups of a place whose agency writes all of the form: the first, and one that bears another name here."""
    rows = [group for group in groups_of(place) if group.is_open(timezone.localdate()) and not group.sections]
    yield rows[0]
    yield from [row for row in rows if re.search("企事业|地方金融", row.label)][:1]


@each_place
def test_a_group_that_is_not_opened_is_refused_in_words(place: Place, five: None) -> None:
    today = timezone.localdate()
    for group in groups_of(place):
        if group.is_open(today):
            continue
        with acting_as(clerk_of(group)) as who:
            knows = dataclasses.replace(who, occupations=frozenset({group.occupation}))
            with pytest.raises(Refused, match=f"{re.escape(group.label)}”(的建档对象尚未确定|尚未开放建档)"):
                open_archive(
                    responsibility=group, employer=None, raw={}, year=today.year, actor=knows, today=today
                )


def test_places_do_not_see_each_other(five: None) -> None:
    for place in FIVE:
        group = next(first_groups(place))
        with acting_as(clerk_of(group)) as who:
            assert {row.jurisdiction_id for row in Responsibility.objects.visible_to(who)} == {place.key}
            assert not Employer.objects.visible_to(who).exclude(jurisdiction_id=place.key).exists()


def test_what_is_loaded_is_kept_with_version_and_digest(five: None) -> None:
    for place in FIVE:
        jurisdiction = Jurisdiction.objects.get(pk=place.key)
        (loaded,) = jurisdiction.loaded_packs.all()
        pack = packloader.read(place.pack)
        assert (loaded.pack, loaded.version, loaded.digest) == (
            place.pack,
            pack.place["version"],
            pack.digest,
        )
        assert {rule["clause"][:2] for rule in loaded.rules} == {place.prefix}
        assert len(loaded.changes) == 1 + sum(
            len(pack.data[name]) for name in ("agencies", "responsibilities", "targets", "identity_services")
        )
