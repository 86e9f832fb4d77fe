"""A print of many people in a real browser; its worker is killed in the middle, and the file comes all the same."""

import io
import signal
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.e2e.conftest import Visit
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import Visitor

FINISHED_WITHIN = 240.0
"""A minute without a sign of life, a sweep every quarter of a minute, then the work itself on a busy machine."""


def job_of(visitor: Visitor) -> str:
    return visitor.page.url.rstrip("/").rpartition("/")[2]


def row_of(stack: Stack, job: str) -> tuple[str, int, int, int]:
    """(state, done, total, attempts)."""
    ((state, done, total, attempts),) = stack.query(
        "SELECT state, done, total, attempts FROM archives_job WHERE id = %s", job
    )
    return state, done, total, attempts


def printing(visitor: Visitor, address: str) -> str:
    """Ask for the print of what the list shows; return the job that begins."""
    visitor.open(address)
    visitor.press(visitor.page.get_by_role("button", name="打印筛选结果"))
    return job_of(visitor)


def pages_of(file: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(file.read_bytes())).pages]


@pytest.mark.slow
@pytest.mark.req("AY-10")
def test_a_killed_worker_does_not_lose_the_print(stack: Stack, visit: Visit, tmp_path: Path) -> None:
    clerk = visit("jingban")
    job = printing(clerk, "/archives/")

    def half_way() -> bool:
        state, done, total, _ = row_of(stack, job)
        assert state != "done", "it was over before it could be killed"
        return state == "running" and 0 < done < total

    eventually(half_way, within=90, what="the worker is in the middle of the print")
    killed = stack.kill("worker")
    stack.wait_back("worker", killed)
    eventually(
        lambda: row_of(stack, job)[0] == "done",
        within=FINISHED_WITHIN,
        what="the print is taken up and finished",
    )
    _, done, total, attempts = row_of(stack, job)
    assert (done, attempts) == (total, 2)
    clerk.page.get_by_role("link", name="下载结果").wait_for()  # the page has asked by itself all the while
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("link", name="下载结果").click()
    file = tmp_path / "print.pdf"
    download.value.save_as(file)
    covers = [text for text in pages_of(file) if "（从业人员）信用档案" in text.replace("\n", "")]
    assert len(covers) == total
    assert "job.fetched" in [verb for verb, _ in stack.events(job)]


def test_a_finished_job_is_not_asked_for_any_more(stack: Stack, visit: Visit) -> None:
    clerk = visit("jingban")
    job = printing(clerk, "/archives/?status=sealed")
    clerk.page.get_by_role("link", name="下载结果").wait_for(timeout=90_000)
    asked: list[str] = []
    clerk.page.on("request", lambda request: asked.append(request.url))
    clerk.page.wait_for_timeout(2500)  # the page asks every second while a job runs
    assert asked == []
    assert row_of(stack, job)[0] == "done"


def test_a_running_print_is_called_off(stack: Stack, visit: Visit) -> None:
    """The worker is held, so that there is time to press the button; it finds the job cancelled and goes on. What the
    page asks meanwhile by itself doesn't keep the session alive."""
    clerk = visit("jingban")
    stack.signal("worker", signal.SIGSTOP)
    try:
        job = printing(clerk, "/archives/?status=draft")
        with clerk.page.expect_request(f"**/jobs/{job}/") as asking:
            pass
        assert asking.value.headers["x-background"] == "1"
        clerk.press(clerk.button("取消任务"))
        assert "任务已取消" in clerk.shown()
    finally:
        stack.signal("worker", signal.SIGCONT)
    assert row_of(stack, job)[0] == "cancelled"
    other = printing(clerk, "/archives/?status=sealed")
    eventually(lambda: row_of(stack, other)[0] == "done", within=90, what="the next print is done")
    assert row_of(stack, job)[0] == "cancelled"
