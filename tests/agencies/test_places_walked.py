"""One typical group of each of the five places, from the empty workbook to the platforms' queues: what its workbooks
are headed with, what its paper says, when which platform is due. The tables are written from the documents."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Jurisdiction, Membership, Responsibility, Role
from archives.models import Job, Outbox, RecordPart
from archives.occupations import occupation_of
from archives.services.item_uploads import write_fact_template
from archives.services.items import submit_item
from archives.services.jobs import run_job
from archives.services.people import open_archive
from archives.services.workbooks import queue_workbook
from credit_platform import private_files
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from delivery.models import Target
from oversight.packs import load_pack
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as, confirm, hand_on, rows_of, save
from tests.archives.item_flow import confirmed, written
from tests.archives.test_every_occupation import filled
from tests.clock import moved_clock
from tests.factories import id_number

TODAY = dt.date(2026, 4, 20)
AT_ONCE = dt.datetime(2026, 4, 20, 8)
"""Of the five documents only that of Anyang has periods (AY-14); elsewhere what is confirmed is due then."""
PERSON = "姓名 证件类型 身份证号 所属单位 性别 政治面貌 学历 联系电话"
WORK = "职称 职务 工作单位 从业起始时间 工作职责"
STANDING = (
    "信用状况 认定依据 经查实的行为 行为发生日期 依据文书文号 文书作出单位 文书日期 严重失信名单 列入决定文号 "
    "备注"
)
"""The boxes of the attachment to the notice (AY-F06 to AY-F19), 奖惩情况 apart, which is told from the dated facts."""
SIX = (
    "资格资质 行政许可 资质登记变更 年度考核 教育培训 表彰奖励 荣誉称号 优良信用记录 行政处罚 党纪政务处分 "
    "执业处罚、行业惩戒 违法行为 违纪行为 违约行为 被列为失信被执行人 投诉申诉"
)
"""Of the six contents that a group without an archive of its own has (AY-03 to AY-08)."""
OTHER = "日常监管 抽查检查 行业信用评价 信用承诺及履行 社会公益"


@dataclasses.dataclass(frozen=True)
class Walk:
    """What is particular to the group of a place: boxes and their sample values on paper, kinds of fact by content."""

    pack: str
    key: int
    group: str
    agency: str
    own: str
    shown: str
    facts: str
    targets: tuple[str, ...]
    record_due: dt.datetime = AT_ONCE
    fact_due: dt.datetime = AT_ONCE


WALKS = [
    Walk(
        "anyang",
        410522,
        "教师",
        "县教育局",
        own="教师资格证编号 资格种类 任教学段 任教学科",
        shown="教师资格证编号20084123110000123资格种类幼儿园教师资格任教学段学前教育任教学科试填内容",
        facts="行政许可 表彰奖励 荣誉称号 优良信用记录 行政处罚 党纪政务处分 年度考核 资格资质 资质登记变更 "
        "职业规范遵守情况 违法行为 违纪行为 违约行为 被列为失信被执行人 投诉申诉 教育培训 信用承诺及履行",
        targets=("安阳县信用信息共享平台",),
        record_due=dt.datetime(2027, 1, 5),
        fact_due=dt.datetime(2026, 7, 6),  # the fifth is a Sunday
    ),
    Walk(
        "ganzhou",
        360700,
        "医师",
        "市卫健委",
        own="医师执业证书编码 医师级别 执业类别 执业范围",
        shown="医师执业证书编码110410000012345医师级别执业医师执业类别临床执业范围试填内容",
        facts="行政许可 资质登记变更 表彰奖励 荣誉称号 优良信用记录 行政处罚 党纪政务处分 年度考核 行业信用评价 "
        "日常监管 抽查检查 违法行为 违纪行为 违约行为 被列为失信被执行人 投诉申诉 教育培训 无证上岗 "
        "泄露患者隐私 乱收费 收取红包 信用承诺及履行",
        targets=("赣州市公共信用信息服务平台",),
    ),
    Walk(
        "luliang",
        141100,
        "公证员",
        "市司法局",
        own="公证员执业证号 首次执业时间 可办证语种",
        shown="公证员执业证号110410000012345首次执业时间2020-03可办证语种试填内容",
        facts=f"{SIX} 为不真实、不合法的事项出具公证书 {OTHER}",
        targets=("吕梁市公共信用信息共享平台",),
    ),
    Walk(
        "pingdingshan",
        410400,
        "公务员",
        "市委组织部",
        own="职级 任现职时间",
        shown="职级试填内容任现职时间2020-03",
        facts="行政许可 资质登记变更 廉政记录 党纪政务处分 表彰奖励 荣誉称号 优良信用记录 行政处罚 年度考核 "
        "违法行为 违纪行为 违约行为 被列为失信被执行人 投诉申诉 信用承诺及履行 教育培训",
        targets=("平顶山市公共信用信息平台",),
    ),
    Walk(
        "zhangdian",
        370303,
        "注册志愿者",
        "区民政局",
        own="志愿者编号 注册时间 志愿者星级 年度志愿服务时长（小时）",
        shown="志愿者编号AB-2026-0001注册时间2020-03志愿者星级一星年度志愿服务时长（小时）12",
        facts=f"{SIX} {OTHER}",
        targets=("张店区公共信用信息平台", "淄博市公共信用信息平台"),
    ),
]
PAPER = (
    "{group}（从业人员）信用档案（2026年度）姓名：王小明单位：第一小学填表日期：2026年4月20日（{group}）信用信息记录表"
    "姓名王小明性别女政治面貌中共党员学历大学本科毕业职称一级教师职务班主任身份证号{number}联系电话154****5678"
    "工作单位第一小学从业起始时间2020-09工作职责承担语文教学工作。{shown}"
    "奖惩情况2026-03-05表彰奖励：优秀教师，县级（安阳县教育局安教〔2026〕12号）"
    "信用状况根据法律法规，依法认定王小明为守信人员。主管单位（盖章）年月日备注仅供内部参考查验码"
)
each_walk = pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.pack)


@pytest.fixture
def group(platform: Jurisdiction, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> Responsibility:
    """The group of the place on a Monday in April, with all five packs on the installation."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)  # no broker: the worker's function is called
    moved_clock(monkeypatch, TODAY)
    for one in WALKS:
        load_pack(one.pack, apply=True)
    rows = Responsibility.objects.select_related("agency", "jurisdiction")
    return rows.get(jurisdiction_id=walk.key, label=walk.group)


@pytest.mark.req("AY-12", "GZ-06", "LL-05", "PD-10", "ZD-14")
@each_walk
def test_the_workbooks_are_headed_with_what_the_document_asks_of_the_group(
    walk: Walk, group: Responsibility, tmp_path: Path
) -> None:
    with acting_as(clerk_of(group)) as who:
        job = queue_workbook(responsibility=group, year=2026, employer=None, split=False, actor=who)
    run_job(jurisdiction_id=walk.key, job_id=job.pk)
    (made,) = rows_of(Job, walk.key, id=job.pk)
    sheet = openpyxl.load_workbook(io.BytesIO(private_files.read_all(made.result))).worksheets[0]
    title, _, headings = sheet.iter_rows(max_row=3, values_only=True)
    assert (sheet.title, title[0]) == (walk.group, f"2026 年度{walk.group}信用档案填报表")
    assert list(headings) == ["系统编号", *f"{PERSON} {WORK} {walk.own} {STANDING}".split()]
    write_fact_template(tmp_path / "facts.xlsx", responsibility=group)
    assert openpyxl.load_workbook(tmp_path / "facts.xlsx").sheetnames == ["选项", *walk.facts.split()]


@pytest.mark.req("AY-14", "AY-15", "GZ-09", "ZD-10")
@each_walk
def test_the_paper_says_all_of_it_and_each_platform_is_due_on_its_day(
    walk: Walk, group: Responsibility, client_as: Callable[[Membership], Client]
) -> None:
    assert group.agency.name == walk.agency
    clerk, reviewer = clerk_of(group), clerk_of(group, Role.REVIEWER)
    part = with_an_award(group, clerk, reviewer)
    confirm(hand_on(part, by=clerk), by=reviewer)
    paper = client_as(clerk).get(f"/records/{part.pk}/versions/1/print/")
    text = "".join(
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages).split()
    )
    number = re.search(r"410522\*{8}000[0-9X]", text)
    assert number
    said = PAPER.format(group=walk.group, shown=walk.shown, number=number[0])
    assert text[: len(said)] == said
    assert due_in(walk) == {
        (name, *what)
        for name in walk.targets
        for what in (("record", walk.record_due), ("award", walk.fact_due))
    }


def with_an_award(group: Responsibility, clerk: Membership, reviewer: Membership) -> RecordPart:
    """A complete record, not handed on yet, and a confirmed award of the same person."""
    raw: dict[str, Any] = {"name": "王小明", "document_number": id_number()}
    with acting_as(clerk) as who:
        part = open_archive(responsibility=group, employer=None, raw=raw, year=2026, actor=who, today=TODAY)
    part = save(part, by=clerk, **filled(occupation_of(group))).part
    item = written(part, by=clerk)
    with acting_as(clerk) as who:
        item = submit_item(item=item, revision=None, actor=who, today=TODAY)
    confirmed(item, by=reviewer)
    return part


def due_in(walk: Walk) -> set[tuple[str, str, dt.datetime]]:
    """What waits for which platform, by name, until when in local time."""
    names = dict(Target.objects.filter(jurisdiction_id=walk.key).values_list("code", "name"))
    with acting(walk.key, "job"):
        rows = list(Outbox.objects.select_related("item"))
    return {
        (names[row.target], row.item.kind if row.item else "record", in_china(row.due_at)) for row in rows
    }


def in_china(moment: dt.datetime) -> dt.datetime:
    return timezone.localtime(moment).replace(tzinfo=None)
