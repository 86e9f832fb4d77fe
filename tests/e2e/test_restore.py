"""A backup of the running demonstration, restored into a PostgreSQL server of its own: the site runs on it."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg2
import pytest

from credit_platform.embedded import services, stop, wipe
from credit_platform.embedded.binaries import installed
from credit_platform.embedded.ports import free_port
from tests.e2e.conftest import Visit
from tests.e2e.stack import ROOT, Stack, environment, eventually

INSTANCE = "restored"


@pytest.fixture
def empty_server() -> Iterator[dict[str, str]]:
    """Servers that know nothing of the demonstration: other ports, other data folder, other passwords."""
    wipe(INSTANCE)
    found = services(INSTANCE)
    yield {
        "DATABASE_URL": found.database_url,
        "DATABASE_OWNER_URL": found.owner_url,
        "REDIS_URL": found.redis_url,
    }
    stop(INSTANCE)
    wipe(INSTANCE)


def _postgres(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(installed().postgres / program), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _rows(address: str) -> int:
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM archives_recordpart")
        (found,) = cursor.fetchone()
        return int(found)


def _answers(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200
    return False


@pytest.mark.req("GZ-14", "PD-15", "ZD-18")
def test_the_site_runs_on_a_restored_backup(
    stack: Stack, visit: Visit, empty_server: dict[str, str], tmp_path: Path
) -> None:
    file = str(tmp_path / "backup")
    _postgres("pg_dump", "--format=custom", f"--file={file}", stack.urls["DATABASE_BACKUP_URL"])
    owner = empty_server["DATABASE_OWNER_URL"]
    # The schema `public` is there already and stays the restoring server's own.
    _postgres("pg_restore", "--exit-on-error", "--no-comments", f"--dbname={owner}", file)
    assert _rows(empty_server["DATABASE_URL"]) == 0, "row-level security came along"

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "credit_platform.wsgi", "--bind", f"127.0.0.1:{port}"]
    settings = environment(**empty_server, CREDIT_LOCAL_KEYS="1")
    web = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.DEVNULL)
    try:
        site = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(f"{site}/sign-in/"), within=60, what="the restored site answers")
        clerk = visit("jingban", site=site, fresh=True)
        clerk.open("/archives/")
        name = clerk.page.locator("table tbody tr th a, table tbody tr td a").first
        shown = name.inner_text()
        name.click()
        assert shown in clerk.page.locator("h1").inner_text()
        masked = clerk.page.locator("main").inner_text()
        assert "********" in masked, "numbers are read with the keys and shown masked"
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(30)
