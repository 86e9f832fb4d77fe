"""A year's work: rosters in, a zip of workbooks out; one school's comes back wrong, is answered, mended, accepted."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.people import MadeUpPerson, make_people
from tests.e2e.conftest import Visit
from tests.e2e.maker import Made, Maker
from tests.e2e.office_figures import (
    Figures,
    batches_counted,
    batches_shown,
    counted_figures,
    shown_figures,
    today,
)
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import Visitor

SCHOOL = "安阳县新区实验学校"
PEOPLE = 200
OTHERS = {"安阳县新区第二学校": 25, "安阳县新区第三学校": 15}
"""Schools on the same roster whose workbooks go out as well, and how many people each has."""
SEED = 20_260_401
WITHIN = 120.0
"""Seconds that a job may take on a busy machine."""
FILLED = {
    "政治面貌": "群众",
    "学历": "大学本科毕业",
    "联系电话": "15400002345",
    "职称": "二级教师",
    "职务": "任课教师",
    "工作单位": SCHOOL,
    "从业起始时间": "2015年9月",
    "工作职责": "承担本年级教学工作。",
    "教师资格证编号": "20154105231000456",
    "资格种类": "初级中学教师资格",
    "任教学段": "初中",
    "任教学科": "语文",
}
MISTAKES = {
    3: ("联系电话", "1540000"),
    40: ("性别", "先生"),
    77: ("从业起始时间", "很久以前"),
    120: ("学历", "肄业三年"),
    160: ("从业起始时间", "2099年1月"),
    199: ("联系电话", "一五四零零零零二三四五"),
}
"""Row among the people, and what somebody typed there."""
RECEIPTS = """SELECT DISTINCT b.receipt_no FROM delivery_batch b JOIN delivery_batchline l ON l.batch_id = b.id
              JOIN archives_recordpart p ON p.id = l.record_id JOIN agencies_employer e ON e.id = p.employer_id
              WHERE e.name = %s"""
"""Of the batches in which records of a school went."""


Schools = Mapping[str, list[MadeUpPerson]]


@pytest.fixture(scope="module")
def schools() -> Schools:
    everybody = iter(make_people(PEOPLE + sum(OTHERS.values()), seed=SEED))
    return {
        name: [next(everybody) for _ in range(count)] for name, count in {SCHOOL: PEOPLE, **OTHERS}.items()
    }


@pytest.mark.slow
@pytest.mark.req("AY-12", "AY-14", "AY-15", "AY-30")
def test_from_the_roster_to_the_municipal_platform(
    visit: Visit, stack: Stack, maker: Maker, schools: Schools, tmp_path: Path
) -> None:
    admin, people = visit("guanli"), schools[SCHOOL]
    for school in schools:
        admin.open("/employers/")
        admin.fill({"name": school})
        admin.press(admin.button("添加"))
        assert school in admin.shown()

    clerk = visit("jingban")
    bring_roster(clerk, roster_of(schools, tmp_path / "名册.xlsx"), sum(map(len, schools.values())))
    for school in schools:
        open_archives(clerk, school)
    books = fetch_workbooks(clerk, tmp_path)
    for school, members in schools.items():
        assert names_in(books[school]) == {person.name for person in members}
    book = books[SCHOOL]

    fill_in(book, people, with_mistakes=True)
    upload(clerk, book)
    assert figures(clerk) == {"新建记录": 0, "变更": PEOPLE - 6, "没有变化": 0, "需更正": 6}
    assert_answered(clerk, tmp_path / "answer.xlsx")
    clerk.press(clerk.button("写入没有问题的行"))
    wait_for_state(clerk, "已写入")
    assert f"变更 {PEOPLE - 6} 人" in clerk.shown()

    rest = download(clerk, "下载需更正的行", tmp_path / "rest.xlsx")
    fill_in(rest, people, with_mistakes=False)
    upload(clerk, rest)
    assert figures(clerk) == {"新建记录": 0, "变更": 6, "没有变化": 0, "需更正": 0}
    clerk.press(clerk.button("全部写入草稿"))
    wait_for_state(clerk, "已写入")
    assert complete_drafts(stack) == PEOPLE

    hand_on_all(clerk)
    reviewer, officer = visit("shenhe"), visit("xinyong")
    confirm_all(reviewer)
    assert standing(stack) == {("sealed", "pending"): PEOPLE}

    parts = parts_of(stack)
    stack.faults(reject_records=parts[:2])
    send_now(officer, "年度报送")
    eventually(
        lambda: standing(stack) == {("sealed", "accepted"): PEOPLE - 2, ("sealed", "rejected"): 2},
        within=WITHIN,
        what="the platform has answered for everybody",
    )
    stack.faults(reject_records=[])
    assert answers(stack) == {(1, True): PEOPLE - 2, (1, False): 2}
    before = assert_office_sees(officer, stack)
    for part in parts[:5]:
        maker.backdate(Made(part, ""), days=1)  # a day goes by
    assert_fell_due_yesterday(before, assert_office_sees(officer, stack), overdue=2)
    for part in parts[:2]:
        mend_what_was_turned_away(clerk, reviewer, part)
    # What was turned away is overdue: its next version waits for nobody.
    eventually(
        lambda: standing(stack) == {("sealed", "accepted"): PEOPLE},
        within=WITHIN,
        what="all are received",
        standing=lambda: standing(stack),
    )
    assert answers(stack) == {(1, True): PEOPLE - 2, (1, False): 2, (2, True): 2}
    assert held(stack, parts) == {part: 2 if part in parts[:2] else 1 for part in parts}
    after = assert_office_sees(officer, stack)
    assert_fell_due_yesterday(before, after, overdue=0)
    assert after.turned_away == before.turned_away - 2


def roster_of(schools: Schools, file: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["姓名", "证件类型", "证件号码", "所属单位"])
    for school, people in schools.items():
        for person in people:
            sheet.append([person.name, "居民身份证", person.number, school])
    book.save(file)
    return file


def bring_roster(clerk: Visitor, file: Path, count: int) -> None:
    clerk.open("/roster/imports/")
    clerk.page.get_by_label("表格（.xlsx、.xls、.csv）").set_input_files(file)
    clerk.press(clerk.button("上传核对"))
    wait_for_state(clerk, "待确认")
    assert figures(clerk)["新列入"] == count
    clerk.press(clerk.button("确认导入"))
    wait_for_state(clerk, "已导入")


def open_archives(clerk: Visitor, school: str) -> None:
    clerk.open("/roster/")
    opening = clerk.page.get_by_role("form", name="按名册建档")
    opening.get_by_label("所属单位").select_option(label=school)
    clerk.press(clerk.button("为未建人员建档"))
    wait_for_job(clerk)
    clerk.open("/roster/")
    row = clerk.page.locator("tbody tr", has_text=school)
    assert [cell.strip() for cell in row.locator("td.num").all_inner_texts()[:4]][-1] == "100.0%"


def fetch_workbooks(clerk: Visitor, folder: Path) -> dict[str, Path]:
    """The zip with a workbook for each school; return where the workbook of each school lies."""
    clerk.open("/workbooks/out/")
    clerk.page.get_by_label("按所属单位分开").check()
    clerk.press(clerk.button("生成表格"))
    wait_for_job(clerk)
    with zipfile.ZipFile(download(clerk, "下载结果", folder / "out.zip")) as books:
        books.extractall(folder / "out")
    files = list((folder / "out").iterdir())
    return {school: next(file for file in files if school in file.name) for school in (SCHOOL, *OTHERS)}


def names_in(file: Path) -> set[str]:
    sheet = load_workbook(file).worksheets[0]
    columns = headings(sheet)
    return {str(sheet.cell(row, columns["姓名"]).value) for row in rows_of(sheet, columns)}


def fill_in(file: Path, people: list[MadeUpPerson], *, with_mistakes: bool) -> None:
    """Type into the workbook as a school would, and save it."""
    sexes = {person.name: {"1": "男", "2": "女"}[person.sex] for person in people}
    book = load_workbook(file)
    sheet = book.worksheets[0]
    columns = headings(sheet)
    for at, row in enumerate(rows_of(sheet, columns)):
        name = str(sheet.cell(row, columns["姓名"]).value)
        values = {"性别": sexes[name], **FILLED}
        if with_mistakes and at in MISTAKES:
            values |= dict([MISTAKES[at]])
        for heading, value in values.items():
            sheet.cell(row, columns[heading]).value = value
    book.save(file)


def headings(sheet: Worksheet) -> dict[str, int]:
    for cells in sheet.iter_rows(min_row=1, max_row=6):
        found = {str(cell.value): cell.column for cell in cells if cell.value}
        if "姓名" in found:
            return found
    raise AssertionError("no headings")


def rows_of(sheet: Worksheet, columns: dict[str, int]) -> Iterator[int]:
    for row in range(1, sheet.max_row + 1):
        number = sheet.cell(row, columns["身份证号"]).value
        if number and "*" in str(number):
            yield row


def upload(clerk: Visitor, file: Path) -> None:
    clerk.open("/workbooks/in/")
    clerk.page.get_by_label("选择表格", exact=False).set_input_files(file)
    clerk.press(clerk.button("上传核对"))
    wait_for_state(clerk, "待确认")


def assert_answered(clerk: Visitor, file: Path) -> None:
    """The clerk's own workbook has a remark at each of the six cells, and everything else as it was."""
    sheet = load_workbook(download(clerk, "下载标注问题的原表格", file)).worksheets[0]
    columns = headings(sheet)
    marked = {(cell.row, cell.column) for cells in sheet.iter_rows() for cell in cells if cell.comment}
    rows = list(rows_of(sheet, columns))
    wrong = {(rows[at], columns[heading]) for at, (heading, _) in MISTAKES.items()}
    assert wrong <= marked
    assert {sheet.cell(rows[at], columns[heading]).value for at, (heading, _) in MISTAKES.items()} == {
        value for _, value in MISTAKES.values()
    }


def hand_on_all(clerk: Visitor) -> None:
    clerk.open("/archives/")
    filters = clerk.page.get_by_role("search", name="筛选")
    filters.get_by_label("所属单位").select_option(label=SCHOOL)
    filters.get_by_label("状态").select_option(label="草稿")
    clerk.press(filters.get_by_role("button", name="筛选"))
    clerk.press(clerk.button(f"提交筛选结果（{PEOPLE} 份）"))
    wait_for_job(clerk)


def confirm_all(reviewer: Visitor) -> None:
    """All plain ones of the school, a table at a time."""
    for _ in range(PEOPLE):
        reviewer.open("/review/")
        filters = reviewer.page.get_by_role("search", name="筛选")
        filters.get_by_label("所属单位").select_option(label=SCHOOL)
        reviewer.press(filters.get_by_role("button", name="筛选"))
        together = reviewer.page.get_by_role("link", name="守信的一并确认")
        if not together.count():
            return
        reviewer.press(together)
        reviewer.page.get_by_role("button", name="审核确认所选").click()
        reviewer.press(reviewer.in_dialog("审核确认"))
        assert "已确认" in reviewer.page.locator("h1").inner_text()


def send_now(officer: Visitor, reason: str) -> None:
    officer.open("/delivery/now/")
    officer.fill({"reason": reason})
    officer.press(officer.button("立即报送"))
    assert "已安排立即报送" in officer.shown()


def mend_what_was_turned_away(clerk: Visitor, reviewer: Visitor, part: str) -> None:
    """From the work list, where others' may wait as well: told why, corrected, confirmed by a second person."""
    clerk.open("/")
    queue = clerk.page.locator(".queue", has_text="平台退回")
    assert "未关联到档案主体" in queue.inner_text()
    clerk.press(queue.locator(f'li a[href*="{part}"]'))
    assert "未关联到档案主体" in clerk.shown()
    clerk.action("更正").click()
    clerk.page.get_by_label("原因（必填）").fill("平台退回，已与证件核对")
    clerk.press(clerk.in_dialog("更正"))
    path = clerk.page.url
    clerk.fill({"duties": "承担本年级教学工作，已核对。"})
    clerk.act("提交审核")
    reviewer.open(path)
    reviewer.confirm("审核确认")
    assert "已审核确认" in reviewer.shown()


def parts_of(stack: Stack) -> list[str]:
    sql = """SELECT p.id::text FROM archives_recordpart p JOIN agencies_employer e ON e.id = p.employer_id
             WHERE e.name = %s ORDER BY p.id"""
    return [part for (part,) in stack.query(sql, SCHOOL)]


def standing(stack: Stack) -> dict[tuple[str, str], int]:
    """How many of the school's records by status and delivery."""
    sql = """SELECT p.status, p.delivery, count(*) FROM archives_recordpart p
             JOIN agencies_employer e ON e.id = p.employer_id WHERE e.name = %s GROUP BY 1, 2"""
    return {(status, delivery): count for status, delivery, count in stack.query(sql, SCHOOL)}


def assert_office_sees(officer: Visitor, stack: Stack) -> Figures:
    """The office's pages show what the tables hold; return that."""
    figures = counted_figures(stack)
    assert shown_figures(officer) == figures
    shown = batches_shown(officer)
    assert shown.items() <= batches_counted(stack).items()
    assert {receipt for (receipt,) in stack.query(RECEIPTS, SCHOOL)} <= shown.keys()
    return figures


def assert_fell_due_yesterday(before: Figures, after: Figures, *, overdue: int) -> None:
    """Three were taken on their day, two were turned away, of which so many are not mended yet."""
    yesterday = today() - dt.timedelta(days=1)
    if yesterday.year != today().year:
        return  # on the page of the year before
    was, now = (figures.months[yesterday.month] for figures in (before, after))
    assert (now.due - was.due, now.on_time - was.on_time, now.late - was.late) == (5, 3, 2)
    assert now.overdue - was.overdue == overdue


def answers(stack: Stack) -> dict[tuple[int, bool], int]:
    """How many of the school's versions, by number, the platform took or turned away."""
    sql = """SELECT l.version, l.accepted, count(*) FROM delivery_batchline l
             JOIN archives_recordpart p ON p.id = l.record_id JOIN agencies_employer e ON e.id = p.employer_id
             WHERE e.name = %s GROUP BY 1, 2"""
    return {(number, taken): count for number, taken, count in stack.query(sql, SCHOOL)}


def held(stack: Stack, parts: list[str]) -> dict[str, int]:
    """Which version of each of these records stands at the platform."""
    rows = stack.platform_rows("SELECT record_id, version FROM records")
    return {record: version for record, version in rows if record in set(parts)}


def complete_drafts(stack: Stack) -> int:
    sql = """SELECT count(*) FROM archives_recordpart p JOIN agencies_employer e ON e.id = p.employer_id
             WHERE e.name = %s AND p.year = %s AND p.status = 'draft' AND p.revision > 1"""
    return int(stack.query(sql, SCHOOL, dt.date.today().year)[0][0])


# --- waiting and reading -------------------------------------------------------------------------------------------


def wait_for_state(clerk: Visitor, state: str) -> None:
    def there() -> bool:
        clerk.page.reload()
        text = clerk.shown()
        assert "不能导入" not in text, text
        return state in text

    eventually(there, within=WITHIN, what=f"the page says {state}")


def wait_for_job(clerk: Visitor) -> None:
    def over() -> bool:
        clerk.page.reload()
        return clerk.page.get_by_role("button", name="取消任务").count() == 0

    eventually(over, within=WITHIN, what="the job is over")
    assert "已完成" in clerk.shown(), clerk.shown()


def figures(clerk: Visitor) -> dict[str, int]:
    pairs = clerk.page.locator(".kpis > div")
    return {
        pair.locator("dt").inner_text(): int(pair.locator("b").inner_text().replace(",", ""))
        for pair in pairs.all()
    }


def download(clerk: Visitor, link: str, file: Path) -> Path:
    with clerk.page.expect_download() as coming:
        clerk.page.get_by_role("link", name=link).click()
    coming.value.save_as(file)
    return file
