"""The demonstration checks identities; a mismatch is seen, and its way out fits a phone."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import PHONE

STATE = "SELECT count(*) FROM archives_archive WHERE check_state = %s"
UNKNOWN = "SELECT count(*) FROM archives_archive WHERE check_state = ''"


@pytest.mark.req("LL-02", "ZD-08")
def test_everybody_is_checked_without_anybody_doing_anything(visit: Visit, stack: Stack) -> None:
    eventually(lambda: stack.query(UNKNOWN) == [(0,)], within=120, what="nobody is left to be checked")
    assert stack.query(STATE, "mismatch") == [(2,)]
    office = visit("xinyong")
    page = office.open("/identity-checks/")
    assert "人口信息核验服务（演示）：正常" in page.locator("main").inner_text()
    assert page.locator("dl.kpis dd b").nth(1).inner_text() == "2"


def test_a_mismatch_is_found_and_its_page_fits_a_phone(visit: Visit, stack: Stack) -> None:
    eventually(lambda: stack.query(STATE, "mismatch") == [(2,)], within=120, what="two do not match")
    clerk = visit("jingban", size=PHONE)
    page = clerk.open("/")
    clerk.press(page.get_by_role("link", name="身份核验不一致"))
    people = page.locator("tbody th a")
    assert people.count() == 2
    clerk.press(people.first)
    assert "身份核验不一致，暂不能审核确认" in page.locator("main").inner_text()
    clerk.press(page.get_by_role("link", name="办理身份核验"))
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    address = page.url
    reviewer = visit("shenhe", size=PHONE)
    shown = reviewer.open(address.removeprefix(stack.site))
    assert shown.get_by_label("核实情况").count() == 1
    assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_clerk_asks_again_and_the_worker_answers(visit: Visit, stack: Stack) -> None:
    eventually(lambda: stack.query(STATE, "mismatch") == [(2,)], within=120, what="two do not match")
    sql = "SELECT count(*) FROM archives_identitycheck WHERE outcome = 'mismatch'"
    ((before,),) = stack.query(sql)
    clerk = visit("jingban")
    page = clerk.open("/archives/?check=mismatch")
    clerk.press(page.locator("tbody th a").first)
    clerk.press(page.get_by_role("link", name="办理身份核验"))
    clerk.press(clerk.button("立即核验"))
    assert "已安排核验" in clerk.shown()
    eventually(lambda: stack.query(sql) == [(before + 1,)], within=60, what="the service was asked again")


def test_the_faults_of_the_service_can_be_switched(stack: Stack) -> None:
    text = stack.output.read_text()
    ((url,),) = [(line.split()[-1],) for line in text.splitlines() if line.startswith("  identity service")]
    with urllib.request.urlopen(url) as answer:
        assert json.load(answer)["fail_with_5xx"] == 0
