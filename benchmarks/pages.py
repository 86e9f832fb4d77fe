"""List and form of 50,000 archives against a bare Django view, and their answer times under 8 and 32 users.

Both run under gunicorn with the same workers, one after the other in the same run. `python -m benchmarks.pages`
"""

from __future__ import annotations

import concurrent.futures
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("CREDIT_INSTANCE", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.people import ARCHIVES, prepare
from credit_platform.embedded.ports import free_port

WORKERS, REQUESTS, AT_MOST = 2, 160, 2.5
ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def serving(application: str) -> Iterator[int]:
    """Run gunicorn with this application; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--workers", str(WORKERS), "--log-level", "error"], cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _up(port):
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _up(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/static/none")
        connection.getresponse().read()
    except OSError:
        return False
    return True


def body(port: int, address: str, session: str) -> str:
    """Return what this page answers to who has this session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    connection.request("GET", address, headers={"Cookie": cookie, "Host": "127.0.0.1"})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, (answer.status, answer.headers.get("Location"), content[:300])
    connection.close()
    return content.decode()


def times(port: int, address: str, session: str, *, users: int, requests: int) -> list[float]:
    """Return the seconds of each request, asked by so many users at once."""

    def user(count: int) -> list[float]:
        found = []
        for _ in range(count):
            began = time.perf_counter()
            body(port, address, session)
            found.append(time.perf_counter() - began)
        return found

    with concurrent.futures.ThreadPoolExecutor(users) as pool:
        return [one for found in pool.map(user, [requests // users] * users) for one in found]


def p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


def statements(address: str, session: str) -> int:
    """Return how many SQL statements a page takes, without the frame of its transactions."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    client.get(address, HTTP_HOST="127.0.0.1")
    with CaptureQueriesContext(connection) as captured:
        client.get(address, HTTP_HOST="127.0.0.1")
    frame = ("SET LOCAL", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)


def main() -> int:
    """Measure, print, and return 1 if a ratio is out of bounds."""
    setup = prepare()
    pages = {"list of 50": "/archives/?occupation=teacher", "form of one": f"/records/{setup['part']}/"}
    measured: dict[str, dict[str, dict[int, list[float]]]] = {name: {} for name in pages}
    for round_number in range(2):
        for who, application in (("ours", "credit_platform.wsgi"), ("peer", "benchmarks.peer:application()")):
            with serving(application) as port:
                for name, address in pages.items():
                    times(port, address, setup["session"], users=4, requests=40)  # warm
                    found = measured[name].setdefault(who, {1: [], 8: [], 32: []})
                    for users in found:
                        found[users] += times(
                            port,
                            address,
                            setup["session"],
                            users=users,
                            requests=REQUESTS if users > 1 else 60,
                        )
        print(f"round {round_number + 1} of 2 done", file=sys.stderr)
    print(f"{ARCHIVES:,} archives, {WORKERS} gunicorn workers, milliseconds")
    fine = True
    for name, address in pages.items():
        one = {who: statistics.median(found[1]) * 1000 for who, found in measured[name].items()}
        ratio = one["ours"] / one["peer"]
        fine &= ratio <= AT_MOST
        print(
            f"{name}: ours {one['ours']:.1f}, bare {one['peer']:.1f}, ratio {ratio:.2f} (at most {AT_MOST})"
        )
        for users in (8, 32):
            line = ", ".join(
                f"{who} {statistics.median(found[users]) * 1000:.0f} / {p95(found[users]) * 1000:.0f}"
                for who, found in measured[name].items()
            )
            print(f"  {users} users, median / p95: {line}")
        print(f"  statements: {statements(address, setup['session'])}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
