"""A leader confirms the plain records of the list on a phone; a remark at a cell finds its way to the filler."""

from tests.e2e.conftest import Visit
from tests.e2e.maker import Maker
from tests.e2e.stack import Stack
from tests.e2e.visitor import PHONE


def test_plain_records_are_confirmed_together_on_a_phone(visit: Visit, maker: Maker, stack: Stack) -> None:
    kept, done = maker.make("in_review"), maker.make("in_review")
    leader = visit("shenhe", size=PHONE)
    leader.open("/review/")
    leader.press(leader.page.get_by_role("link", name="守信的一并确认"))
    page = leader.page
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.locator(f"input[value^='{kept.part}']").uncheck()
    assert page.locator(f"input[value^='{done.part}']").is_checked()
    ticked = f"已勾选 {page.locator('tbody [name=row]:checked').count()} 份"
    assert page.locator(".actbar [data-ticked]").inner_text() == ticked
    page.get_by_role("button", name="审核确认所选").click()
    assert ticked in page.locator("dialog[open]").inner_text()
    leader.press(leader.in_dialog("审核确认"))
    assert "已确认" in page.locator("h1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    sql = "SELECT status FROM archives_recordpart WHERE id = %s"
    assert stack.query(sql, done.part) == [("sealed",)]
    assert stack.query(sql, kept.part) == [("in_review",)]


def test_a_remark_at_a_cell_reaches_the_filler(visit: Visit, maker: Maker) -> None:
    record = maker.make("in_review")
    reviewer, filler = visit("shenhe"), visit("tianbao")
    reviewer.open(record.path)
    reviewer.page.get_by_text("意见：工作职责").click()
    reviewer.page.get_by_label("对“工作职责”的意见").fill("请写明任教年级。")
    reviewer.action("退回").click()
    reviewer.press(reviewer.in_dialog("退回"))
    assert "已退回经办人。" in reviewer.shown()
    filler.open(record.path)
    cell = filler.page.locator("[name=duties]").locator("xpath=ancestor::div[contains(@class, 'f--note')]")
    assert "请写明任教年级。" in cell.inner_text()
    filler.fill({"duties": "承担七年级数学教学。"})
    filler.act("提交")
    assert "请写明任教年级。" not in filler.page.locator(".sheet").inner_text()


def test_one_box_ticks_the_whole_page(visit: Visit) -> None:
    clerk = visit("jingban")
    page = clerk.open("/archives/")
    every, ticked = page.locator("tbody [name=row]"), page.locator("tbody [name=row]:checked")
    page.get_by_role("checkbox", name="全选本页").check()
    assert ticked.count() == every.count() > 1
    told = page.locator("[data-ticked]")
    assert told.inner_text() == f"已勾选 {every.count()} 份"
    every.first.uncheck()
    assert told.inner_text() == f"已勾选 {every.count() - 1} 份"
    assert not page.get_by_role("checkbox", name="全选本页").is_checked()
    page.get_by_role("checkbox", name="全选本页").check()
    page.get_by_role("checkbox", name="全选本页").uncheck()
    assert ticked.count() == 0


def test_a_refused_form_puts_the_focus_where_it_is_wrong(visit: Visit) -> None:
    clerk = visit("jingban")
    page = clerk.open("/archives/")
    page.get_by_role("textbox", name="查找人员").fill("0024")
    clerk.press(clerk.button("查找"))
    assert page.evaluate("document.activeElement.name") == "text"
