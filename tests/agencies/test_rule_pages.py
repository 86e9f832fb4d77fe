"""地方规则 as the office sees it: each rule with its clause and since when; the office opens groups that wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction, LoadedPack, Membership, Responsibility, Role
from agencies.rollout import open_group
from audit.lifecycle import Refused
from oversight.packs import load_pack
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as, events
from tests.factories import County, UserFactory

GANZHOU = 360700
TODAY = timezone.localdate()
FAR = TODAY + dt.timedelta(days=900)


@pytest.fixture
def officer(platform: Jurisdiction) -> Membership:
    """赣州市 with its pack, and somebody of 市信用联办."""
    load_pack("ganzhou", apply=True)
    user = UserFactory(username="lianxiban", display_name="钱信用")
    return Membership.objects.create(user=user, jurisdiction_id=GANZHOU, role=Role.OFFICER)


def courier() -> Responsibility:
    rows = Responsibility.objects.select_related("agency", "jurisdiction")
    return rows.get(jurisdiction_id=GANZHOU, occupation="courier")


def test_every_rule_stands_there_with_its_clause_and_since_when(
    officer: Membership, client_as: Callable[[Membership], Client]
) -> None:
    loaded = LoadedPack.objects.get()
    page = client_as(officer).get("/rules/")
    html = page.content.decode()
    shown = [rule for section in page.context["sections"] for rule in section["rows"]]
    assert [rule["key"] for rule in shown] == [rule["key"] for rule in loaded.rules]
    assert {rule["since"] for rule in shown} == {timezone.localtime(loaded.loaded_at)}
    for words in ("赣市信用联席办字〔2022〕19号 三（一）", "本地", loaded.digest[:12], "起始年度"):
        assert words in html
    assert "市应急管理局；参与填报；第 1 批；栏目：个人基本信息" in html


def test_a_place_without_history_says_so(county: County, client_as: Callable[[Membership], Client]) -> None:
    assert "还没有载入记录" in client_as(county.officer).get("/rules/").content.decode()


@pytest.mark.req("GZ-05", "AY-01", "PD-40")
def test_the_office_opens_a_group_that_waits(
    officer: Membership, client_as: Callable[[Membership], Client]
) -> None:
    group, browser = courier(), client_as(officer)
    address = f"/rules/groups/{group.pk}/open/"
    assert address in browser.get("/rules/").content.decode()
    for wrong in ({"opens_on": "soon", "reason": "试点"}, {"opens_on": "1999-01-01", "reason": "试点"}, {}):
        assert browser.post(address, wrong).status_code == 422
    answer = browser.post(address, {"opens_on": f"{TODAY}", "reason": "市政府常务会议确定试点"})
    assert (answer.status_code, answer["Location"]) == (302, "/rules/")
    opened = courier()
    assert (opened.awaits, opened.opens_on) == (False, TODAY)
    (event,) = events(GANZHOU, verb="group.opened")
    assert (event.reason, event.data["occupation"]) == ("市政府常务会议确定试点", "courier")
    assert load_pack("ganzhou", apply=True) == [], "loading again leaves what the office has set"
    with acting_as(clerk_of(opened)) as who:
        assert who.occupations == {"courier"}
    assert browser.post(address, {"opens_on": f"{TODAY}", "reason": "再来一次"}).status_code == 422


def test_only_the_office_opens_and_only_what_waits(officer: Membership) -> None:
    group = courier()
    with acting_as(clerk_of(group)) as who, pytest.raises(Refused, match="由信用工作机构确定"):
        open_group(responsibility=group, opens_on=TODAY, reason="试", actor=who, today=TODAY)
    teacher = Responsibility.objects.select_related("jurisdiction").get(
        jurisdiction_id=GANZHOU, occupation="teacher"
    )
    with acting_as(officer) as who:
        with pytest.raises(Refused, match="已经开放"):
            open_group(responsibility=teacher, opens_on=TODAY, reason="试", actor=who, today=TODAY)
        with pytest.raises(Refused, match="开放日期应在"):
            open_group(responsibility=group, opens_on=FAR, reason="试", actor=who, today=TODAY)
        with pytest.raises(Refused, match="请写明"):
            open_group(responsibility=group, opens_on=TODAY, reason=" ", actor=who, today=TODAY)
