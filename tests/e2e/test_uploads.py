"""A workbook comes back in a real browser: looked at, accepted, written; and a worker killed in the midst of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from agencies.education.occupations import Teacher
from archives.schema.identifiers import citizen_check_digit
from archives.workbooks import Mark, columns_of
from archives.workbooks.template import write_template
from demo.people import make_people
from tests.e2e.conftest import Visit
from tests.e2e.stack import Stack, eventually
from tests.e2e.test_look import faults_of
from tests.e2e.visitor import PHONE, Visitor

FINISHED_WITHIN = 240.0
"""A minute without a sign of life, a sweep every quarter of a minute, then the work itself on a busy machine."""
MANY = 3000


def workbook(
    folder: Path, year: int, count: int, *, seed: int, wrong: int = 0, area: str | None = None
) -> Path:
    """A filled-in workbook; the first `wrong` rows have a telephone that can't be; `area` is where the numbers were
    given, so that nobody in it is among those of other tests."""
    rows: list[dict[str, Any]] = [
        {
            "name": person.name,
            "document_number": person.number if area is None else given_in(area, person.number),
            "phone": "12345" if at < wrong else "15400001234",
            "title": "一级教师",
        }
        for at, person in enumerate(make_people(count, seed=seed))
    ]
    path = folder / f"教师{seed}.xlsx"
    write_template(
        path,
        heading="教师信用档案填报表",
        columns=columns_of(Teacher, year),
        mark=Mark("record", Teacher.code, year, Teacher.label),
        rows=rows,
    )
    return path


def given_in(area: str, number: str) -> str:
    first_17 = area + number[6:17]
    return first_17 + citizen_check_digit(first_17)


def brought(
    clerk: Visitor, folder: Path, count: int, *, seed: int, wrong: int = 0, area: str | None = None
) -> str:
    """Upload a workbook through the page; return the id of the upload."""
    clerk.open("/workbooks/in/")
    year = int(clerk.page.locator("[name=year]").input_value())
    clerk.page.locator("[name=files]").set_input_files(
        workbook(folder, year, count, seed=seed, wrong=wrong, area=area)
    )
    clerk.press(clerk.button("上传核对"))
    return clerk.page.url.rstrip("/").rpartition("/")[2]


def state_of(stack: Stack, upload: str) -> str:
    ((state,),) = stack.query("SELECT state FROM archives_upload WHERE id = %s", upload)
    return str(state)


def rows_of(stack: Stack, upload: str) -> tuple[int, int]:
    """How many rows are kept, and how many of them are written."""
    sql = "SELECT count(*), count(*) FILTER (WHERE written) FROM archives_uploadrow WHERE upload_id = %s"
    ((kept, written),) = stack.query(sql, upload)
    return kept, written


def test_a_workbook_is_looked_at_accepted_and_written(stack: Stack, visit: Visit, tmp_path: Path) -> None:
    clerk = visit("jingban")
    upload = brought(clerk, tmp_path, 12, seed=77001, wrong=2)
    accept = clerk.button("写入没有问题的行")
    accept.wait_for(timeout=90_000)  # the page asks by itself until the workbook is judged
    assert "需更正（2）" in clerk.shown()
    assert faults_of(clerk, narrow=False) == []
    clerk.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert faults_of(clerk, narrow=True) == []
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("link", name="下载标注问题的原表格").click()
    assert download.value.suggested_filename == "教师77001（已标注）.xlsx"
    clerk.follow("新建（10）")
    clerk.press(accept)
    clerk.page.get_by_text("实际写入").wait_for(timeout=90_000)
    assert "新建 10 人" in clerk.shown()
    assert rows_of(stack, upload) == (12, 10)


@pytest.mark.slow
@pytest.mark.req("AY-30")
def test_killed_workers_do_not_lose_or_repeat_a_row(stack: Stack, visit: Visit, tmp_path: Path) -> None:
    clerk = visit("jingban")
    before = archives(stack)
    upload = brought(clerk, tmp_path, MANY, seed=77002)
    eventually(lambda: 0 < rows_of(stack, upload)[0] < MANY, within=90, what="half of it is judged")
    stack.wait_back("worker", stack.kill("worker"))
    clerk.button("全部写入草稿").wait_for(timeout=FINISHED_WITHIN * 1000)
    clerk.press(clerk.button("全部写入草稿"))
    eventually(lambda: 0 < rows_of(stack, upload)[1] < MANY, within=90, what="half of it is written")
    stack.wait_back("worker", stack.kill("worker"))
    eventually(lambda: state_of(stack, upload) == "done", within=FINISHED_WITHIN, what="the rest is written")
    assert rows_of(stack, upload) == (MANY, MANY)
    assert archives(stack) == before + MANY
    sql = """SELECT max(n) FROM (SELECT count(*) AS n FROM audit_event e JOIN archives_uploadrow r
             ON r.part_id::text = e.subject_id WHERE r.upload_id = %s AND e.verb = 'record.saved'
             GROUP BY e.subject_id) AS saved"""
    assert stack.query(sql, upload) == [(1,)]
    clerk.page.get_by_text("实际写入").wait_for(timeout=30_000)


def archives(stack: Stack) -> int:
    ((count,),) = stack.query("SELECT count(*) FROM archives_archive")
    return int(count)


DROPPED = """([selector, files]) => {
    const carried = new DataTransfer();
    files.forEach(([name, content]) => {
        const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
        carried.items.add(new File([bytes], name));
    });
    const target = document.querySelector(selector);
    return ["dragover", "drop"].map((type) => {
        const event = new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
        return !target.dispatchEvent(event);
    });
}"""
"""Drops files there; tells of each event whether the page has dealt with it, so that the browser opens no file."""


@pytest.mark.req("AY-12")
def test_workbooks_are_dropped_anywhere_on_the_form(visit: Visit, tmp_path: Path) -> None:
    clerk = visit("jingban")
    # Listening from the start: the driver does not wait until the browser hands its dialogs over, and a key pressed
    # at once would open one that nobody sees (39 of 100 times on an idle machine).
    clerk.page.on("filechooser", lambda _: None)
    clerk.open("/workbooks/in/")
    year = int(clerk.page.locator("[name=year]").input_value())
    made = [workbook(tmp_path, year, 2, seed=seed) for seed in (77003, 77004)]
    carried = [(one.name, base64.b64encode(one.read_bytes()).decode()) for one in made]
    control, told = clerk.page.locator("[name=files]"), clerk.page.locator("[data-chosen]")
    assert clerk.page.evaluate(DROPPED, ["h1", carried]) == [True, True]
    assert told.inner_text() == ""
    assert clerk.page.evaluate(DROPPED, ["#upload-help", carried]) == [True, True]
    assert told.get_attribute("role") == "status"
    assert told.inner_text() == "已选择 2 个文件：教师77003.xlsx、教师77004.xlsx"
    assert faults_of(clerk, narrow=False) == []
    control.set_input_files(made[0])
    assert told.inner_text() == "已选择 1 个文件：教师77003.xlsx"
    assert clerk.page.evaluate(DROPPED, ["[name=files]", carried]) == [True, True]
    clerk.page.locator("[name=year]").focus()
    clerk.page.keyboard.press("Tab")
    assert control.evaluate("control => control === document.activeElement")
    with clerk.page.expect_file_chooser():
        clerk.page.keyboard.press("Enter")
    clerk.press(clerk.button("上传核对"))
    names = clerk.page.locator("section[aria-label=导入记录] th a").all_inner_texts()
    assert {one.name for one in made} <= set(names)
