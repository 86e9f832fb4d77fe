"""The whole line with real processes: fill in, submit, pass on, confirm, deliver, received; and the ways back."""

import itertools
import json

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.maker import Made, Maker
from tests.e2e.paper import PHONE, Teacher, new_teacher
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import Visitor

_seeds = itertools.count(810_000)


@pytest.fixture
def teacher() -> Teacher:
    return new_teacher(next(_seeds))


@pytest.mark.req("AY-15", "AY-23", "AY-N1", "AY-N2")
def test_from_an_empty_form_to_the_municipal_platform(visit: Visit, stack: Stack, teacher: Teacher) -> None:
    filler = visit("tianbao")
    record = open_with_a_mistake_first(filler, teacher)
    fill_with_a_field_missing_first(filler, teacher)
    filler.act("提交")
    assert "已提交，等待经办人办理。" in filler.shown()
    assert filler.page.locator(".sheet input, .sheet select, .sheet textarea").count() == 0

    clerk = visit("jingban")
    clerk.follow("等您经办", exact=False)
    clerk.follow(teacher.name)
    clerk.act("转审核")
    assert "已转审核。" in clerk.shown()

    reviewer = visit("shenhe")
    reviewer.follow("等您审核", exact=False)
    reviewer.follow(teacher.name)
    confirm_after_thinking_twice(reviewer)
    send_now_for_a_reason(visit("xinyong"), stack, record)

    for visitor in (filler, clerk, reviewer):
        eventually(lambda v=visitor: says_received(v, record), within=30, what="the record says 平台已接收")
    assert_platform_holds(stack, record, teacher)
    assert_journal_tells(clerk, teacher)


def open_with_a_mistake_first(filler: Visitor, teacher: Teacher) -> str:
    filler.follow("新建档案")
    filler.fill({"name": teacher.name, "document_number": teacher.mistyped})
    filler.press(filler.button("建立并填写"))
    assert filler.statuses[-1] == 422
    assert filler.message_at("document_number") == "身份证号校验位不符，可能填错了某一位。请对照证件核对。"
    assert filler.page.get_by_label("姓名").input_value() == teacher.name
    filler.fill({"document_number": teacher.number})
    filler.press(filler.button("建立并填写"))
    assert f"已为 {teacher.name} 建立" in filler.shown()
    return filler.page.url.rstrip("/").rpartition("/")[2]


def fill_with_a_field_missing_first(filler: Visitor, teacher: Teacher) -> None:
    filler.fill(teacher.form | {"phone": ""})
    filler.act("保存草稿")
    assert "已保存草稿。" in filler.shown()
    filler.act("提交")
    assert filler.statuses[-1] == 422
    summary = filler.page.locator(".errsum")
    assert "有 1 处需要更正" in summary.inner_text()
    assert filler.message_at("phone") == "请填写联系电话。"
    phone = filler.page.locator("[name=phone]")
    assert phone.get_attribute("aria-invalid") == "true"
    summary.get_by_role("link", name="联系电话").click()
    assert phone.evaluate("control => control === document.activeElement")
    judged_while_typing(filler)


def judged_while_typing(filler: Visitor) -> None:
    """A wrong number is told as soon as the field is left, and the message goes when it is mended."""
    for number, said in (("12345", True), (PHONE, False)):
        filler.page.locator("[name=phone]").fill(number)
        with filler.page.expect_response(lambda answer: "/validate/" in answer.url):
            filler.page.keyboard.press("Tab")
        eventually(
            lambda wrong=said: ("应为 11 位手机号" in filler.message_at("phone")) is wrong,
            within=5,
            what=f"the message at 联系电话 for {number}",
        )


def confirm_after_thinking_twice(reviewer: Visitor) -> None:
    dialog = reviewer.page.get_by_role("dialog")
    reviewer.action("审核确认").click()
    assert "确认后内容封存并报送" in dialog.inner_text()
    reviewer.in_dialog("取消").click()
    assert not dialog.is_visible()
    reviewer.confirm("审核确认")
    assert "已审核确认，将自动报送。" in reviewer.shown()


def send_now_for_a_reason(officer: Visitor, stack: Stack, record: str) -> None:
    """The record waits for its day; the office doesn't, says why, and follows the batch to its receipt."""
    sql = "SELECT state, due_at > now() + interval '1 day' FROM archives_outbox WHERE part_id = %s"
    assert stack.query(sql, record) == [("pending", True)]
    officer.follow("平台报送")
    officer.follow("立即报送")
    officer.press(officer.button("立即报送"))
    assert officer.statuses[-1] == 422
    assert officer.message_at("reason") == "请写明为什么不等到期就报送。"
    officer.fill({"reason": "市信用办要求月底前报齐"})
    officer.press(officer.button("立即报送"))
    assert "已安排立即报送" in officer.shown()
    eventually(
        lambda: (
            stack.query("SELECT state FROM archives_outbox WHERE part_id = %s", record) == [("accepted",)]
        ),
        within=30,
        what="the record is received",
    )
    eventually(
        lambda: officer.page.locator("#delivery-state[hx-trigger]").count() == 0,
        within=15,
        what="the page has stopped asking",
    )
    assert officer.page.get_by_role("heading", name="安阳县信用信息共享平台：正常").is_visible()


def says_received(visitor: Visitor, record: str) -> bool:
    visitor.open(f"/records/{record}/")
    return "平台已接收" in visitor.page.locator(".phead").inner_text()


def assert_platform_holds(stack: Stack, record: str, teacher: Teacher) -> None:
    """Exactly this version, with exactly this content: nothing that has no push name."""
    sql = "SELECT version, kind, group_code, agency_code, payload FROM versions WHERE record_id = ?"
    ((version, kind, group, agency, payload),) = stack.platform_rows(sql, record)
    assert (version, kind, group, agency) == (1, "annual-record", "teacher", "education")
    assert json.loads(payload) == teacher.payload
    assert "备注" not in payload
    assert stack.platform_rows("SELECT version FROM records WHERE record_id = ?", record) == [(1,)]


def assert_journal_tells(clerk: Visitor, teacher: Teacher) -> None:
    rows = journal_of(clerk, teacher.name)
    # Identities are checked whenever the service has time.
    looks = {"查看记录", "登记人员", "向人口库核验身份", "身份核验答复"}
    told = [word for word, _ in rows if word not in looks]
    # the form saves itself as well, so how often is the machine's affair
    assert [word for word, _ in itertools.groupby(told)] == [
        "建立年度记录",
        "保存草稿",
        "提交，待经办",
        "转审核",
        "审核确认",
        "平台已接收",
    ]
    readers = {who for word, who in rows if word == "查看记录"}
    assert readers == {"安阳县第一初级中学 周敏", "县教育局 张敏", "县教育局 李建国"}
    assert rows[-1] != ("平台已接收", "定时报送"), "the looks after it are missing"


def journal_of(visitor: Visitor, name: str) -> list[tuple[str, str]]:
    """(what, who) of the journal's page for one person, oldest first."""
    visitor.follow("操作日志")
    found: list[tuple[str, str]] = []
    while True:
        for row in visitor.page.locator("tbody tr").all():
            cells = [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
            if name in cells[2]:
                found.insert(0, (cells[1], cells[3]))
        if any(what == "建立年度记录" for what, _ in found):
            return found
        visitor.follow("下一页", exact=False)


@pytest.mark.req("AY-N1")
def test_the_clerk_returns_with_a_reason(visit: Visit, maker: Maker) -> None:
    record = maker.make("submitted")
    filler, clerk = visit("tianbao"), visit("jingban")
    clerk.open(record.path)
    clerk.send_back("职称与聘书不一致，请核对。")
    assert "已退回填报员。" in clerk.shown()
    assert_told_at_the_top(filler, record, "职称与聘书不一致，请核对。")
    filler.fill({"title": "正高级教师"})
    filler.act("提交")
    assert "已提交，等待经办人办理。" in filler.shown()
    clerk.open(record.path)
    assert "正高级教师" in clerk.shown()


@pytest.mark.req("AY-N1")
def test_the_reviewer_returns_with_a_reason(visit: Visit, maker: Maker) -> None:
    record = maker.make("in_review")
    filler, clerk, reviewer = visit("tianbao"), visit("jingban"), visit("shenhe")
    reviewer.open(record.path)
    reviewer.send_back("工作职责请写具体。")
    assert "已退回经办人。" in reviewer.shown()
    assert_told_at_the_top(filler, record, "工作职责请写具体。")
    assert_told_at_the_top(clerk, record, "工作职责请写具体。")
    clerk.fill({"duties": "承担八年级三个班的数学教学，任教研组长。"})
    clerk.act("提交审核")
    assert "已提交审核。" in clerk.shown()


def assert_told_at_the_top(visitor: Visitor, record: Made, reason: str) -> None:
    """The reason stands in the work list and above the form, before anything else that can be filled in."""
    visitor.open("/")
    assert visitor.page.get_by_text(reason).count() >= 1
    visitor.open(record.path)
    told = visitor.page.get_by_role("heading", name="退回原因").locator("..")
    assert reason in told.inner_text()
    form = visitor.page.locator("#record-form").bounding_box()
    box = told.bounding_box()
    assert box
    assert form
    assert box["y"] + box["height"] <= form["y"]
