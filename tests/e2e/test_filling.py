"""Filling in with a real browser: saving by itself, two tabs, the keyboard alone, a session that ends."""

import itertools

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.maker import Maker
from tests.e2e.paper import new_teacher
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import PHONE, Visitor

_seeds = itertools.count(840_000)  # of its own: a person is opened once in a county


def saved(visitor: Visitor) -> None:
    eventually(
        lambda: visitor.page.locator("#saved").inner_text().startswith("已保存"), within=10, what="已保存"
    )


def autosaved(visitor: Visitor) -> object:
    return visitor.page.expect_response(lambda answer: "/autosave/" in answer.url)


def stored(stack: Stack, part: str, field: str) -> str:
    sql = "SELECT values -> 'employment' ->> %s FROM archives_recordpart WHERE id = %s"
    ((value,),) = stack.query(sql, field, part)
    return str(value)


def test_what_is_typed_saves_itself(visit: Visit, maker: Maker, stack: Stack) -> None:
    record = maker.make("draft")
    filler = visit("tianbao", size=PHONE)
    filler.open(record.path)
    filled = filler.page.locator("#filled").inner_text()
    with autosaved(filler):
        filler.page.locator("[name=title]").fill("特级教师")
    saved(filler)
    assert stored(stack, record.part, "title") == "特级教师"
    with autosaved(filler):
        filler.page.locator("[name=title]").fill("")
    saved(filler)
    assert filler.page.locator("#filled").inner_text() != filled
    filler.page.locator("[name=post]").fill("校长")
    filler.act("保存草稿")  # at once, while the script is about to save: no conflict with oneself
    assert filler.statuses[-1] == 200
    assert stored(stack, record.part, "post") == "校长"


def test_two_tabs_are_settled_value_by_value(visit: Visit, maker: Maker, stack: Stack) -> None:
    record = maker.make("draft")
    first, second = visit("tianbao"), visit("jingban")
    first.open(record.path)
    second.open(record.path)
    with autosaved(first):
        first.page.locator("[name=title]").fill("特级教师")
    saved(first)
    second.page.locator("[name=post]").fill("校长")
    second.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    second.page.locator("#unsaved").wait_for()
    expect(second.page.locator("#unsaved")).to_be_in_viewport(ratio=1)
    second.complaints.clear()  # the 409 of the save that was refused
    assert "在另一处保存" in second.page.locator("#unsaved").inner_text()
    second.press(second.button("逐项对照"))
    assert second.statuses[-1] == 409
    assert second.page.locator("[name=pick-title][value=theirs]").is_checked()
    assert second.page.locator("[name=pick-post][value=mine]").is_checked()
    second.press(second.button("按选定的保存"))
    assert stored(stack, record.part, "title") == "特级教师"
    assert stored(stack, record.part, "post") == "校长"


def test_the_keyboard_alone_fills_in_and_goes_on(visit: Visit, maker: Maker, stack: Stack) -> None:
    record = maker.make("draft")
    filler = visit("tianbao")
    filler.open(record.path)
    keys = filler.page.keyboard
    filler.page.locator("[name=sex]").focus()
    for _ in range(40):
        if filler.page.evaluate("document.activeElement.name") == "post":
            break
        keys.press("Tab")
    keys.press("Control+a")
    keys.type("教导主任")
    with autosaved(filler):
        keys.press("Control+s")
    saved(filler)
    assert stored(stack, record.part, "post") == "教导主任"
    assert filler.page.locator("#keys").is_visible()
    with filler.page.expect_navigation():
        keys.press("Alt+ArrowUp" if filler.page.locator(".pager [rel=prev]").count() else "Alt+ArrowDown")
    assert record.path not in filler.page.url


def test_an_ended_session_keeps_what_was_typed(visit: Visit, stack: Stack) -> None:
    filler = visit("tianbao", fresh=True)
    part = filler.open_archive(new_teacher(next(_seeds)))
    filler.context.clear_cookies()
    filler.page.locator("[name=title]").fill("特级教师")
    filler.page.locator("#unsaved").wait_for()
    assert "登录已过期" in filler.page.locator("#unsaved").inner_text()
    assert filler.page.locator("[name=title]").input_value() == "特级教师"
    with filler.context.expect_page() as opened:
        filler.page.get_by_role("link", name="在新窗口登录").click()
    other = opened.value
    other.get_by_label("用户名").fill("tianbao")
    other.get_by_label("密码").fill(stack.passwords["tianbao"])
    with other.expect_navigation():
        other.get_by_role("button", name="登录", exact=True).click()
    other.close()
    filler.page.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(filler)
    assert stored(stack, part, "title") == "特级教师"
    filler.complaints.clear()  # the 401s while nobody was signed in
