"""The demo's supervisor with real children, one of them with workers of its own as gunicorn has."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.child import birth_of

from .conftest import CHECKOUT, Checkout, eventually, signal_to
from .test_life import is_alive, pids, valkey_answers

MASTER = """
import os, signal, sys, time
for number in range(2):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(f"worker{number}.pid", "w").write(str(os.getpid()))
        time.sleep(300)
open("ready", "w")
time.sleep(300)
"""
STUBBORN = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(300)"
SUPERVISE = """
import sys
from pathlib import Path
from demo.supervisor import NotReady, Program, Supervisor
folder = Path(sys.argv[1])
def python(name, code, **more):
    return Program(name, [sys.executable, "-c", code], folder / f"{name}.log", cwd=folder, **more)
programs = [
    python("master", (folder / "master.py").read_text(), ready=(folder / "ready").exists, ready_within=5),
    python("plain", "import os, time\\nprint(os.environ['GREETING'], flush=True)\\ntime.sleep(300)",
           env={"GREETING": "good morning"}),
    *[python(f"extra{n}", code) for n, code in enumerate(sys.argv[3:])],
]
try:
    sys.exit(Supervisor(programs, status=folder / "status.json", instance=sys.argv[2] or None).run(
        lambda: print("started", flush=True)))
except NotReady as error:
    sys.exit(str(error))
"""


@dataclass
class Supervised:
    folder: Path
    process: "subprocess.Popen[str]"

    def pid(self, name: str) -> int:
        found: int = json.loads((self.folder / "status.json").read_text())["programs"][name]["pid"]
        return found

    def restarts(self, name: str) -> int:
        found: int = json.loads((self.folder / "status.json").read_text())["programs"][name]["restarts"]
        return found

    def everyone(self) -> list[int]:
        described = json.loads((self.folder / "status.json").read_text())["programs"]
        workers = [int(file.read_text()) for file in self.folder.glob("worker*.pid")]
        return [program["pid"] for program in described.values()] + workers

    def wait_until_started(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == "started\n"


Start = Callable[..., Supervised]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Start]:
    started: list[Supervised] = []

    def start(*extra: str, instance: str = "", checkout: Path = CHECKOUT, master: str = MASTER) -> Supervised:
        (tmp_path / "master.py").write_text(master)
        (tmp_path / "ready").unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, str(tmp_path), instance, *extra],
            cwd=tmp_path,  # not the checkout: `-c` imports from here first
            env={**os.environ, "PYTHONPATH": f"{checkout}:{CHECKOUT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Supervised(tmp_path, process))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
        one.process.communicate(timeout=20)


def test_starts_in_order_and_says_so(supervise: Start) -> None:
    supervised = supervise()
    supervised.wait_until_started()
    assert (supervised.folder / "ready").exists()
    assert eventually(lambda: (supervised.folder / "plain.log").read_text() == "good morning\n", 3)
    status = json.loads((supervised.folder / "status.json").read_text())
    assert status["supervisor"]["pid"] == supervised.process.pid
    assert set(status["programs"]) == {"master", "plain"}


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(supervise: Start, sign: signal.Signals) -> None:
    supervised = supervise()
    supervised.wait_until_started()
    everyone = supervised.everyone()
    assert len(everyone) == 4
    supervised.process.send_signal(sign)
    assert supervised.process.wait(9) == 0
    assert not any(map(is_alive, everyone))
    assert not (supervised.folder / "status.json").exists()


def test_who_does_not_listen_is_killed_in_time(supervise: Start) -> None:
    supervised = supervise(STUBBORN, STUBBORN)
    supervised.wait_until_started()
    everyone = supervised.everyone()
    time.sleep(0.3)
    began = time.monotonic()
    supervised.process.send_signal(signal.SIGINT)
    supervised.process.wait(12)
    assert time.monotonic() - began < 9
    assert not any(map(is_alive, everyone))


def test_a_second_signal_does_not_wait(supervise: Start) -> None:
    supervised = supervise(STUBBORN)
    supervised.wait_until_started()
    time.sleep(0.5)
    supervised.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert supervised.process.poll() is None
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(2) == 0


def test_a_killed_child_comes_back_without_its_old_workers(supervise: Start) -> None:
    supervised = supervise()
    supervised.wait_until_started()
    assert eventually(lambda: len(supervised.everyone()) == 4, 3)
    old = supervised.pid("master")
    workers = [int(file.read_text()) for file in supervised.folder.glob("worker*.pid")]
    signal_to(old, signal.SIGKILL)
    assert eventually(lambda: supervised.restarts("master") == 1 and supervised.pid("master") != old, 3)
    assert not any(map(is_alive, workers))


def test_a_child_that_keeps_dying_is_tried_again_ever_more_slowly(supervise: Start) -> None:
    supervised = supervise("raise SystemExit(1)")
    supervised.wait_until_started()
    assert eventually(lambda: supervised.restarts("extra0") >= 2, 5)
    before = supervised.restarts("extra0")
    time.sleep(3)
    assert before <= supervised.restarts("extra0") <= before + 4


def test_children_die_with_a_killed_supervisor_and_leftovers_end_at_the_next_start(supervise: Start) -> None:
    first = supervise()
    first.wait_until_started()
    assert eventually(lambda: len(first.everyone()) == 4, 3)
    leaders, everyone = [first.pid("master"), first.pid("plain")], first.everyone()
    first.process.kill()
    first.process.wait()
    assert eventually(lambda: not any(map(is_alive, leaders)), 3)

    second = supervise()
    second.wait_until_started()
    assert not any(map(is_alive, everyone))


def test_a_program_that_is_never_ready(supervise: Start) -> None:
    supervised = supervise(master="print('no database', flush=True)\nraise SystemExit(1)")
    _, words = supervised.process.communicate(timeout=20)
    assert supervised.process.returncode == 1
    assert "master is not ready after 5 s" in words
    assert "no database" in words
    assert not (supervised.folder / "status.json").exists()


def test_embedded_servers_come_back_when_their_launcher_is_killed(
    checkout: Checkout, supervise: Start
) -> None:
    user = checkout.use()
    supervised = supervise(instance="test", checkout=checkout.root)
    supervised.wait_until_started()
    user.kill()
    before = pids(checkout)
    signal_to(before["launcher"], signal.SIGKILL)
    assert eventually(lambda: pids(checkout) not in ({}, before), 8)
    assert valkey_answers(user.redis)


def test_birth_tells_processes_apart() -> None:
    assert birth_of(os.getpid()) == birth_of(os.getpid())
    time.sleep(0.05)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as younger:
        assert birth_of(younger.pid) not in ("", birth_of(os.getpid()))
    assert birth_of(2**22 + 1) == ""
