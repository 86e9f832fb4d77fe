"""The first pages, the journal as people read it, and what an installation answers when asked for its health."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from archives.models import RecordPart
from audit import journal
from audit.models import Event
from credit_platform.actors import job
from credit_platform.tenancy.context import PLATFORM, acting
from oversight.journal import VERBS
from tests.archives.flow import fresh, in_review, opened, sealed, submitted, with_reason
from tests.factories import County


def queues(browser: Client) -> dict[str, int]:
    return {queue["title"]: queue["count"] for queue in browser.get("/").context["queues"]}


def test_the_worklist_of_each_role(county: County, client_as: Any) -> None:
    unit = county.education
    opened(unit, name="李一")
    submitted(unit, part=opened(unit, name="李二"))
    in_review(unit, part=opened(unit, name="李三"))
    part = fresh(sealed(unit, part=opened(unit, name="李四")).part)
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=part.id).update(delivery="rejected")
    assert queues(client_as(unit.filler)) == {"草稿": 1, "已提交，等经办人": 1}
    assert queues(client_as(unit.clerk)) == {"平台退回": 1, "等您经办": 1, "草稿": 1, "已提交，等审核": 1}
    assert queues(client_as(unit.reviewer)) == {"等您审核": 1}
    assert queues(client_as(county.health.clerk)) == {}
    assert client_as(unit.admin).get("/")["Location"] == "/members/"


def test_a_queue_leads_to_the_same_rows(county: County, client_as: Any) -> None:
    unit = county.education
    submitted(unit)
    browser = client_as(unit.clerk)
    (queue,) = browser.get("/").context["queues"]
    rows = browser.get(queue["url"]).context["rows"]
    assert [row["url"] for row in rows] == [item["url"] for item in queue["items"]]


@pytest.mark.req("AY-32")
def test_the_office_sees_how_things_stand(county: County, client_as: Any) -> None:
    sealed(county.education)
    opened(county.health, name="李五")
    page = client_as(county.officer).get("/")
    kpis = {kpi["label"]: kpi["value"] for kpi in page.context["kpis"]}
    assert kpis == {"应建档": 2, "已建档": 2, "已确认": 1, "按时报送率": "—", "逾期未报": 0}
    rows = {row["group"]: (row["people"], row["built"], row["sealed"]) for row in page.context["rows"]}
    assert rows == {"教师": (1, 1, 1), "医师": (1, 1, 0)}
    assert "李五" not in page.content.decode()


def test_the_operator_sees_places_and_no_people(county: County, operator: Any, client_as: Any) -> None:
    sealed(county.education)
    text = client_as(operator).get("/").content.decode()
    assert "安阳县" in text
    assert "王小明" not in text


def test_health(db: None) -> None:
    answer = Client().get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


# --- the journal ------------------------------------------------------------------------------------------------


def words(browser: Client, **query: str) -> list[str]:
    return [row["word"] for row in browser.get("/journal/", query).context["rows"]]


@pytest.mark.req("PD-21", "GZ-14")
def test_the_journal_tells_the_story(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    with_reason(client_as(county.officer), part).get(f"/records/{part.id}/")
    browser = client_as(unit.clerk)
    told = words(browser)
    for word in ("建立年度记录", "保存草稿", "提交，待经办", "转审核", "审核确认", "查看记录"):
        assert word in told
    assert told.index("查看记录") < told.index("审核确认") < told.index("建立年度记录")


def test_the_journal_is_the_units_own(county: County, client_as: Any) -> None:
    sealed(county.education)
    text = client_as(county.health.clerk).get("/journal/").content.decode()
    assert "王小明" not in text
    assert "王小明" in client_as(county.officer).get("/journal/").content.decode()


def test_filters_of_the_journal(county: County, client_as: Any) -> None:
    sealed(county.education)
    browser, today = client_as(county.officer), timezone.localdate()
    tomorrow = str(today + dt.timedelta(days=1))
    assert words(browser, verb="record.sealed") == ["审核确认"]
    assert words(browser, name="李审核") == ["审核确认"]
    assert words(browser, verb="record.sealed", since=str(today), until=str(today)) == ["审核确认"]
    assert words(browser, verb="record.sealed", since=tomorrow) == []
    assert words(browser, name="没有这个人") == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("since", "abc", "日期不正确，例：2026-03-05。"),
        ("until", "2026-02-30", "日期不正确，例：2026-03-05。"),
        ("verb", "xxx", "没有这种行为，请从列表中选择。"),
        ("name", "李" * 51, "操作人姓名最多 50 个字，请精简后重新填写。"),
    ],
)
def test_a_wrong_filter_shows_no_journal(
    county: County, client_as: Any, name: str, value: str, message: str
) -> None:
    opened(county.education)
    context = client_as(county.officer).get("/journal/", {name: value}).context
    assert (context["rows"], context["filtered"]) == ([], True)
    assert context["filter_form"].errors[name] == [message]


def test_the_journal_in_pages(county: County, client_as: Any) -> None:
    with acting(county.id, "job"):
        for number in range(120):
            journal.write("filing.submitted", actor=job(county.id, "测试"), subject_label=f"第 {number} 条")
    browser, seen, address = client_as(county.officer), [], "/journal/?verb=filing.submitted"
    for _ in range(3):
        context = browser.get(address).context
        seen += [row["event"].subject_label for row in context["rows"]]
        address = "/journal/" + context["pager"].next_url
    assert seen == [f"第 {number} 条" for number in reversed(range(120))]
    assert context["pager"].next_url == ""
    back = browser.get("/journal/" + context["pager"].prev_url).context["rows"]
    assert [row["event"].subject_label for row in back] == seen[50:100]


def test_every_verb_has_a_word(county: County, client_as: Any) -> None:
    part = fresh(sealed(county.education).part)
    with_reason(client_as(county.officer), part).get(f"/records/{part.id}/")
    with acting(county.id, "job"):
        verbs = set(Event.objects.values_list("verb", flat=True))
    assert verbs <= VERBS.keys()


def test_the_platform_journal_is_the_operators(county: County, operator: Any, client_as: Any) -> None:
    Client().post("/sign-in/", {"username": "wer.da", "password": "x"})
    browser = client_as(operator)
    rows = browser.get("/platform/journal/").context["rows"]
    assert {row["event"].jurisdiction_id for row in rows} == {PLATFORM}
    assert "登录失败" in {row["word"] for row in rows}
    assert client_as(county.officer).get("/platform/journal/").status_code == 403


@pytest.mark.req("GZ-14")
def test_a_page_that_cannot_be_journalled_is_withheld(
    county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = opened(county.education)
    browser = client_as(county.education.clerk)

    def fail(events: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(journal, "write_looks", fail)
    answer = browser.get(f"/records/{part.id}/")
    assert answer.status_code == 503
    assert part.name not in answer.content.decode()
    assert browser.get("/responsibilities/").status_code == 200, "nothing personal, nothing to journal"
