"""SIGKILL at any moment of an import: it ends applied once or not at all, and the page says which (AY-30)."""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from demo.people import make_people
from tests.e2e.conftest import Visit
from tests.e2e.maker import Maker
from tests.e2e.stack import Stack, eventually
from tests.e2e.test_uploads import archives, brought, rows_of, state_of
from tests.e2e.visitor import Visitor

SEED = 20261128
IMPORTS = 30
ROWS = 1_000
AREA = "410598"
"""Where nobody else's number was given."""
WITHIN = 90.0
LEAST_STRUCK = 20
"""Of the kills, so many at least have to hit a job at work; the others come a moment too early or too late."""
STEPS = ("reading", "applying")
ACCEPT = "全部写入草稿"


@pytest.fixture(scope="module")
def lasting(stack: Stack, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """How many seconds each step takes when nobody is killed."""
    clerk = Visitor(browser, stack.site)
    clerk.sign_in("jingban", stack.passwords["jingban"])
    held(stack)
    upload = brought(clerk, tmp_path_factory.mktemp("undisturbed"), ROWS, seed=seeds()[0], area=AREA)
    seconds = {"reading": until(stack, upload, "ready")}
    held(stack)
    accept(clerk)
    seconds["applying"] = until(stack, upload, "done")
    clerk.close()
    return seconds


@pytest.fixture(scope="module")
def struck() -> Iterator[list[bool]]:
    """Whether each kill hit a job at work."""
    kills: list[bool] = []
    yield kills
    assert len(kills) < IMPORTS or sum(kills) >= LEAST_STRUCK, f"only {sum(kills)} kills hit"


@pytest.mark.slow
@pytest.mark.req("AY-30")
@pytest.mark.parametrize("number", range(IMPORTS))
def test_a_kill_at_any_moment_leaves_an_import_whole_or_undone(
    stack: Stack,
    maker: Maker,
    visit: Visit,
    lasting: dict[str, float],
    struck: list[bool],
    tmp_path: Path,
    number: int,
) -> None:
    """Killed while reading or while writing. Of those killed while reading, every third is given up by the clerk."""
    clerk, before = visit("jingban"), archives(stack)
    chance, step = random.Random(SEED + number), STEPS[number % len(STEPS)]
    given_up = step == "reading" and number % 3 == 0

    held(stack)
    upload = brought(clerk, tmp_path, ROWS, seed=seeds()[1 + number], area=AREA)
    if step == "applying":
        until(stack, upload, "ready")
        held(stack)
        accept(clerk)
    struck.append(killed_after(stack, maker, upload, chance.uniform(0, lasting[step])))

    if step == "reading":
        if not given_up:
            eventually(lambda: state_of(stack, upload) == "ready", within=WITHIN, what="it is judged")
            assert rows_of(stack, upload) == (ROWS, 0)
            accept(clerk)
        else:
            give_up(clerk)
    ended = "cancelled" if given_up else "done"
    eventually(lambda: state_of(stack, upload) == ended, within=WITHIN, what=f"the import is {ended}")
    count = 0 if given_up else ROWS
    assert archives(stack) - before == count
    assert rows_of(stack, upload)[1] == count
    assert saved_once(stack, upload) == count
    assert_told(clerk, upload, count)


@cache
def seeds() -> list[int]:
    """Seeds of workbooks in which nobody stands who stands in another."""
    found: list[int] = []
    known: set[str] = set()
    for seed in itertools.count(SEED):
        numbers = {person.number for person in make_people(ROWS, seed=seed)}
        if len(numbers) == ROWS and not numbers & known:
            known |= numbers
            found.append(seed)
        if len(found) > IMPORTS:
            break
    return found


def held(stack: Stack) -> None:
    """Hold the worker, so that a step begins when it is let go and not while the page still comes."""
    stack.signal("worker", signal.SIGSTOP)


def until(stack: Stack, upload: str, state: str) -> float:
    """Let the worker go; return how many seconds its work took, until the upload was in that state."""
    stack.signal("worker", signal.SIGCONT)
    began_work(stack, upload)
    began = time.monotonic()
    eventually(lambda: state_of(stack, upload) == state, within=WITHIN, what=f"the upload is {state}")
    return time.monotonic() - began


def killed_after(stack: Stack, maker: Maker, upload: str, seconds: float) -> bool:
    """Let the held worker go and kill it so much after it began; another one takes up what it left. Returns whether it
    left anything."""
    stack.signal("worker", signal.SIGCONT)
    began_work(stack, upload)
    time.sleep(seconds)
    killed = stack.kill("worker")
    left = job_state(stack, upload) == "running"
    maker.sweep()
    stack.wait_back("worker", killed)
    return left


def began_work(stack: Stack, upload: str) -> None:
    """Wait until a worker has taken the job that was queued last."""
    eventually(lambda: job_state(stack, upload) != "queued", within=WITHIN, what="a worker begins")


def job_state(stack: Stack, upload: str) -> str:
    sql = "SELECT j.state FROM archives_job j JOIN archives_upload u ON u.job_id = j.id WHERE u.id = %s"
    ((state,),) = stack.query(sql, upload)
    return str(state)


def accept(clerk: Visitor) -> None:
    clerk.page.reload()
    clerk.press(clerk.button(ACCEPT))


def give_up(clerk: Visitor) -> None:
    clerk.page.reload()
    clerk.press(clerk.button("放弃导入"))


def saved_once(stack: Stack, upload: str) -> int:
    """How many records of the upload were written; none of them twice."""
    sql = """SELECT count(*), coalesce(max(n), 1) FROM (
                 SELECT count(*) AS n FROM audit_event e JOIN archives_uploadrow r ON r.part_id::text = e.subject_id
                 WHERE r.upload_id = %s AND e.verb = 'record.saved' GROUP BY e.subject_id) AS saved"""
    ((records, most),) = stack.query(sql, upload)
    assert most == 1
    return int(records)


def assert_told(clerk: Visitor, upload: str, count: int) -> None:
    """The clerk reads on the page what has become of it."""
    clerk.open(f"/workbooks/in/{upload}/")
    said = clerk.page.locator("#upload-state [role=status]").inner_text()
    assert said == ("已写入" if count else "已放弃")
    assert (f"实际写入：新建 {count:,} 人" in clerk.shown()) == bool(count)
