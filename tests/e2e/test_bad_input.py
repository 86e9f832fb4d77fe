"""Bad input at a real browser gets a clear answer, and never does half of something."""

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from credit_platform.embedded.ports import free_port
from tests.e2e.conftest import Visit
from tests.e2e.maker import Made, Maker
from tests.e2e.paper import Teacher, new_teacher
from tests.e2e.stack import ROOT, Stack, environment, eventually
from tests.e2e.visitor import Visitor

IDLE, WARNING = 5, 4
_seeds = itertools.count(820_000)


@pytest.fixture
def teacher() -> Teacher:
    return new_teacher(next(_seeds))


@pytest.fixture
def filler(visit: Visit) -> Visitor:
    return visit("tianbao")


@pytest.fixture
def draft(maker: Maker, filler: Visitor) -> Made:
    """A new record, filled in but not yet handed on; the filler stands on its page."""
    record = maker.make("draft")
    filler.open(record.path)
    return record


# --- signing in ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_says_so_and_not_which_half_was_wrong(visit: Visit) -> None:
    visitor = visit()
    told = []
    for username in ("tianbao", "nobody-of-this-name"):
        visitor.sign_in(username, "Wrong-password-1")
        assert visitor.statuses[-1] == 422
        told.append(visitor.page.get_by_role("alert").inner_text())
        assert visitor.page.get_by_label("用户名").input_value() == username
        assert visitor.page.get_by_label("密码").input_value() == ""
    assert told[0] == told[1]
    assert "用户名或密码不正确，请核对后重新填写。" in told[0]


def test_five_failures_lock_the_account_at_this_address_only_for_itself(visit: Visit, stack: Stack) -> None:
    password = add_member(visit("guanli"), "suoding", "锁定测试")
    visitor = visit()
    for _ in range(4):
        visitor.sign_in("suoding", "Wrong-password-1")
        assert "用户名或密码不正确" in visitor.shown()
    for attempt in ("Wrong-password-1", password):
        visitor.sign_in("suoding", attempt)
        assert "已暂停登录 30 分钟" in visitor.page.get_by_role("alert").inner_text()
        assert visitor.cookie("sessionid") is None
    visitor.sign_in("weijian", stack.passwords["weijian"])
    assert visitor.page.get_by_role("heading", name="工作台").is_visible()


def add_member(admin: Visitor, username: str, name: str) -> str:
    """Add a clerk on the administrator's page; return the password, which that page shows once."""
    admin.open("/members/")
    form = admin.page.get_by_role("region", name="添加人员")
    form.get_by_label("用户名").fill(username)
    form.get_by_label("姓名").fill(name)
    form.get_by_label("角色").select_option(label="经办人")
    form.get_by_label("教师").check()
    admin.press(form.get_by_role("button", name="添加人员"))
    password = admin.page.locator("[aria-labelledby=new-title] b.num").inner_text()
    admin.open("/members/")
    assert password not in admin.shown()
    return password


def test_the_lock_keeps_everything_shut_until_the_same_person_unlocks(visit: Visit, stack: Stack) -> None:
    visitor = visit("jingban", fresh=True)
    visitor.open("/archives/?status=in_review")
    visitor.press(visitor.button("锁屏"))
    assert visitor.page.get_by_role("heading", name="已锁屏").is_visible()
    for path in ("/", "/archives/", "/journal/"):
        visitor.open(path)
        assert visitor.page.url.endswith("/lock/")
    visitor.page.get_by_label("密码").fill("Wrong-password-1")
    visitor.press(visitor.button("解锁"))
    assert "密码不正确，请重新填写。不是本人的，请选“换人登录”。" in visitor.shown()
    visitor.page.get_by_label("密码").fill(stack.passwords["jingban"])
    visitor.press(visitor.button("解锁"))
    assert visitor.page.url.endswith("/archives/?status=in_review")


def test_another_person_takes_over_a_locked_computer(visit: Visit, stack: Stack) -> None:
    visitor = visit("jingban", fresh=True)
    visitor.press(visitor.button("锁屏"))
    visitor.press(visitor.button("换人登录"))
    assert visitor.page.url.endswith("/sign-in/")
    visitor.sign_in("shenhe", stack.passwords["shenhe"])
    assert "李建国" in visitor.page.locator(".top__who").inner_text()
    visitor.page.go_back()
    assert "张敏" not in visitor.shown()


# --- old pages, repeated clicks, two tabs --------------------------------------------------------------------------


def test_an_expired_form_gets_a_clear_page_and_saves_nothing(
    filler: Visitor, stack: Stack, draft: Made
) -> None:
    before, title = stack.events(draft.part), filler.page.locator("[name=title]").input_value()
    with filler.page.expect_response(lambda answer: "/validate/" in answer.url):
        filler.fill({"title": "特级教师"})
        filler.page.keyboard.press("Tab")
    filler.context.clear_cookies(name="csrftoken")
    filler.act("保存草稿")
    assert filler.statuses[-1] == 403
    assert "页面已过期" in filler.shown()
    assert "填写后没有保存的内容可能已经丢失" in filler.shown()
    assert stack.events(draft.part) == before
    filler.open(draft.path)
    assert filler.page.locator("[name=title]").input_value() == title


def test_the_back_button_after_submitting_shows_how_things_stand(filler: Visitor, draft: Made) -> None:
    filler.act("提交")
    filler.page.go_back()
    eventually(lambda: stands(filler, "待经办"), within=10, what="the status is fresh")
    assert filler.action("提交").count() == 0


def test_an_old_page_submitted_again_is_told_and_does_nothing(
    filler: Visitor, stack: Stack, draft: Made
) -> None:
    old = filler.context.new_page()
    old.goto(draft.path)
    filler.act("提交")
    state = "SELECT revision, saved_at FROM archives_recordpart WHERE id = %s"
    before = stack.query(state, draft.part)
    old.locator("[name=title]").fill("特级教师")
    press(old, "提交")
    assert "没有再次提交，也不能修改。" in old.locator("main").inner_text()
    assert stack.query(state, draft.part) == before
    assert count(stack, draft, "record.submitted") == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_double_click_submits_once(visit: Visit, stack: Stack, maker: Maker, script: bool) -> None:
    record = maker.make("draft")
    visitor = visit("tianbao", java_script_enabled=script)
    visitor.open(record.path)
    visitor.action("提交").dblclick(no_wait_after=True)
    eventually(lambda: stands(visitor, "待经办"), within=10, what="the record is 待经办")
    assert count(stack, record, "record.submitted") == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_double_click_confirms_once(visit: Visit, stack: Stack, maker: Maker, script: bool) -> None:
    """The reviewer is led on to the next record: the second click must not confirm that one either."""
    record = maker.make("in_review")
    (before,) = stack.query("SELECT count(*) FROM archives_version")
    visitor = visit("shenhe", java_script_enabled=script)
    visitor.open(record.path)
    visitor.action("审核确认").click()
    visitor.in_dialog("审核确认").dblclick(no_wait_after=True)
    eventually(lambda: count(stack, record, "record.sealed"), within=10, what="the record is confirmed")
    visitor.page.wait_for_load_state("networkidle")
    visitor.open(record.path)
    assert stands(visitor, "已确认")
    assert count(stack, record, "record.sealed") == 1
    assert stack.query("SELECT number FROM archives_version WHERE part_id = %s", record.part) == [(1,)]
    assert stack.query("SELECT count(*) FROM archives_version") == [(before[0] + 1,)]


def stands(visitor: Visitor, word: str) -> bool:
    return word in visitor.page.locator(".phead").inner_text()


def count(stack: Stack, record: Made, verb: str) -> int:
    return [told for told, _ in stack.events(record.part)].count(verb)


def press(page: Page, label: str) -> None:
    with page.expect_navigation():
        page.locator(".actbar").get_by_role("button", name=label, exact=True).click()


def test_the_later_of_two_tabs_is_told_and_overwrites_nothing(filler: Visitor, draft: Made) -> None:
    later = filler.context.new_page()
    later.goto(draft.path)
    filler.fill({"title": "特级教师"})
    filler.act("保存草稿")
    later.locator("[name=title]").fill("正高级教师")
    press(later, "保存草稿")
    told = later.get_by_role("alert").filter(has_text="没有保存：打开本页以后，这份档案已被改过").inner_text()
    assert re.search(r"职称\s+职称：用\s*本页填写的\s*正高级教师\s+职称：用\s*已保存的\s*特级教师", told)
    assert later.locator("[name=title]").input_value() == "正高级教师"
    filler.open(draft.path)
    assert filler.page.locator("[name=title]").input_value() == "特级教师"
    press(later, "保存草稿")
    assert "还有 1 项没有选定。" in later.locator("main").inner_text()
    filler.open(draft.path)
    assert filler.page.locator("[name=title]").input_value() == "特级教师"
    later.locator("[name=pick-title][value=mine]").check()
    press(later, "保存草稿")
    assert "已保存草稿。" in later.locator("main").inner_text()
    assert later.locator("[name=title]").input_value() == "正高级教师"


# --- other people's records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "status"), [("weijian", 404), ("tianbao", 404), ("guanli", 403), ("yunwei", 403)]
)
def test_a_record_of_somebody_else_is_not_found(
    visit: Visit, stack: Stack, username: str, status: int
) -> None:
    """A teacher of another school: for the health department, another school, and who handles no records at all."""
    elsewhere = """SELECT p.id::text FROM archives_recordpart p JOIN agencies_employer e ON e.id = p.employer_id
                   WHERE e.name = '安阳县实验小学' LIMIT 1"""
    ((record,),) = stack.query(elsewhere)
    visitor = visit(username)
    visitor.open(f"/records/{record}/")
    assert visitor.statuses[-1] == status
    heading = "没有找到这个页面" if status == 404 else "没有权限做这件事"
    assert visitor.page.get_by_role("heading", level=1).inner_text() == heading


# --- being idle ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def impatient(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one more web process on the same database, which lets nobody idle for long."""
    with another_site(
        tmp_path_factory.mktemp("web"), CREDIT_IDLE_SECONDS=IDLE, CREDIT_IDLE_WARNING_SECONDS=WARNING
    ) as url:
        yield url


@contextmanager
def another_site(folder: Path, **settings: object) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "credit_platform.wsgi", "--bind", f"127.0.0.1:{port}"]
    env = environment(**{name: str(value) for name, value in settings.items()})
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--no-control-socket"], cwd=ROOT, env=env, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: is_up(url), within=60, what="the other web process answers")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def is_up(url: str) -> bool:
    try:
        with urlopen(f"{url}/health/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_who_is_idle_is_warned_may_stay_and_is_signed_out(visit: Visit, impatient: str) -> None:
    visitor = visit("jingban", site=impatient, fresh=True)
    dialog = visitor.page.get_by_role("alertdialog", name="即将自动退出")
    dialog.wait_for(state="visible", timeout=IDLE * 1000)
    assert 0 < int(visitor.page.locator("#idle-left").inner_text()) <= WARNING
    visitor.button("继续使用").click()
    dialog.wait_for(state="hidden")
    visitor.open("/archives/")
    assert visitor.statuses[-1] == 200
    visitor.page.wait_for_url("**/sign-in/?expired=1", timeout=(IDLE + 5) * 1000)
    assert "较长时间没有操作，已自动退出。请重新登录。" in visitor.shown()
    visitor.open("/archives/")
    assert "/sign-in/" in visitor.page.url


# --- without JavaScript --------------------------------------------------------------------------------------------


def test_the_whole_line_works_without_script(visit: Visit, stack: Stack, teacher: Teacher) -> None:
    filler, clerk, reviewer = (
        visit(name, fresh=True, java_script_enabled=False) for name in ("tianbao", "jingban", "shenhe")
    )
    record = filler.open_archive(teacher)
    filler.fill(teacher.form | {"phone": "12345"})
    filler.act("保存草稿")
    assert "应为 11 位手机号" in filler.message_at("phone")
    filler.fill({"phone": teacher.form["phone"]})
    filler.act("提交")
    assert "已提交，等待经办人办理。" in filler.shown()
    clerk.open(f"/records/{record}/")
    clerk.send_back("请补充职称。")
    assert "已退回填报员。" in clerk.shown()
    filler.open(f"/records/{record}/")
    filler.act("提交")
    clerk.open(f"/records/{record}/")
    clerk.act("转审核")
    reviewer.open(f"/records/{record}/")
    reviewer.confirm("审核确认")
    assert "已审核确认，将自动报送。" in reviewer.shown()
