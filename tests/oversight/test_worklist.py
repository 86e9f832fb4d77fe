"""The work list: what is returned before what is due before drafts, true counts, and a way to finish each line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import RecordPart
from archives.services.records import send_back
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, fresh, in_review, opened, passed_on, sealed, submitted
from tests.archives.proceeding_flow import adverse_draft, begun
from tests.archives.test_roster import on_roster
from tests.factories import County

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12", "AY-30")]
TODAY = timezone.localdate()
YEAR = TODAY.year


def closing(county: County, day: dt.date) -> None:
    """Let last year close on a day of this one."""
    Jurisdiction.objects.filter(pk=county.id).update(
        parameters={"first_year": YEAR - 1, "year_closes": f"{day:%m-%d}"}
    )


def blocks(browser: Client) -> list[tuple[str, int]]:
    return [(block["title"], block["count"]) for block in browser.get("/").context["blocks"]]


def send_back_to_filler(part: RecordPart, county: County) -> None:
    with acting_as(county.education.clerk) as who:
        send_back(part=part, reason="电话有误", revision=None, actor=who)


def test_haste_makes_the_order_and_every_count_is_that_of_its_list(county: County, client_as: Any) -> None:
    unit, number = county.education, 0
    day = min(TODAY + dt.timedelta(days=10), dt.date(YEAR, 12, 31))
    closing(county, day)
    for name, year in (("王一", YEAR), ("王二", YEAR), ("王三", YEAR - 1)):
        opened(unit, name=name, year=year)
    submitted(unit, part=opened(unit, name="王四"))
    returned = submitted(unit, part=opened(unit, name="王五"))
    send_back_to_filler(returned, county)
    in_review(unit, part=opened(unit, name="王六"))
    rejected = fresh(sealed(unit, part=opened(unit, name="王七")).part)
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=rejected.id).update(delivery="rejected")
    on_roster(unit, name="未建一")
    left = (day - TODAY).days
    due = f"快到期：{YEAR - 1} 年度的草稿，{day:%m-%d} 截止，" + (f"还剩 {left} 天" if left else "今天截止")
    filler, clerk = client_as(unit.filler), client_as(unit.clerk)
    assert blocks(filler) == [
        ("需要修改", 1),
        (due, 1),
        ("还要办的事", 1),
        (f"草稿（{YEAR} 年度）", 2),
        ("已提交，等经办人", 1),
    ]
    assert blocks(clerk)[:4] == [("平台退回", 1), ("已退回，等修改", 1), (due, 1), ("还要办的事", 3)]
    assert blocks(clerk)[4:] == [("等您经办", 1), (f"草稿（{YEAR} 年度）", 2), ("已提交，等审核", 1)]
    for browser in (filler, clerk):
        for block in browser.get("/").context["blocks"]:
            number += 1
            if block["url"]:
                assert browser.get(block["url"]).context["total"] == block["count"]
            for item in block["items"]:
                assert browser.get(item["url"]).status_code == 200
    assert number == 12
    missing = filler.get("/").context["blocks"][2]["items"][0]
    assert missing["detail"].endswith("还有 1 人没有档案")
    assert [row["entry"].name for row in filler.get(missing["url"]).context["rows"]] == ["未建一"]


def test_a_year_that_has_closed_is_said_to_be_late(county: County, client_as: Any) -> None:
    unit = county.education
    if TODAY.timetuple().tm_yday == 1:
        pytest.skip("nothing of this year is over yet")
    closing(county, TODAY - dt.timedelta(days=1))
    opened_late = opened(unit, name="王三")
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=opened_late.id).update(year=YEAR - 1)
    titles = [title for title, _ in blocks(client_as(unit.filler))]
    assert titles == [f"快到期：{YEAR - 1} 年度的草稿，{TODAY - dt.timedelta(days=1):%m-%d} 截止，已过 1 天"]


def test_a_step_of_a_procedure_stands_with_whoever_takes_it(county: County, client_as: Any) -> None:
    unit = county.education
    proceeding = begun(unit, adverse_draft(unit))
    clerk = client_as(unit.clerk)
    lines = next(block for block in clerk.get("/").context["blocks"] if block["title"] == "还要办的事")
    urls = [item["url"] for item in lines["items"]]
    assert f"/proceedings/{proceeding.id}/" in urls
    assert clerk.get(f"/proceedings/{proceeding.id}/").status_code == 200
    assert blocks(client_as(unit.reviewer)) == []
    told = [e.data["ids"] for e in events(county.id, verb="record.listed") if "认定程序" in e.subject_label]
    assert told[0] == [str(proceeding.part_id)]


def test_a_reviewer_has_the_oldest_first(county: County, client_as: Any) -> None:
    unit = county.education
    parts = [
        passed_on(submitted(unit, part=opened(unit, name=name)), by=unit.clerk) for name in ("王一", "李二")
    ]
    (block,) = client_as(unit.reviewer).get("/").context["blocks"]
    assert (block["count"], block["url"]) == (2, "/review/")
    assert [item["url"] for item in block["items"]] == [f"/records/{part.id}/" for part in parts]
