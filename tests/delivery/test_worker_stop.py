"""A worker that cannot come to its end is ended, so that whoever watches over it can start another one (AY-23)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.e2e.stack import eventually

PATIENCE = 2
_QUEUE = "nobody-sends-here"


@pytest.fixture
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A worker with one child and this much patience, at the broker of the tests, and where it logs."""
    log = tmp_path / "worker.log"
    command = ["-m", "celery", "-A", "credit_platform", "worker", "--concurrency", "1", "-Q", _QUEUE]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "CREDIT_WORKER_STOP_SECONDS": str(request.param)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(lambda: " ready." in log.read_text(), within=60, what="the worker is ready")
        yield process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.req("AY-23")
@pytest.mark.parametrize("worker", [PATIENCE], indirect=True)
def test_a_worker_that_stands_still_while_it_stops_is_gone_all_the_same(
    worker: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, log = worker
    (child,) = _children(process.pid)
    os.kill(child, signal.SIGSTOP)
    began = time.monotonic()
    process.terminate()
    process.wait(timeout=PATIENCE + 20)
    assert time.monotonic() - began >= PATIENCE
    assert process.returncode == -signal.SIGKILL
    assert "has not stopped within" in log.read_text()
    eventually(lambda: not _runs(child), within=5, what="its child is gone")


@pytest.mark.req("AY-23")
@pytest.mark.parametrize("worker", [60], indirect=True)
def test_a_worker_that_stops_by_itself_is_left_alone(
    worker: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, log = worker
    process.terminate()
    assert process.wait(timeout=50) == 0
    assert "has not stopped within" not in log.read_text()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
