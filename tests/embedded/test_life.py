"""The servers live as long as their users, come back when killed, and keep to their checkout."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import redis

from credit_platform.embedded import locks
from credit_platform.embedded.ports import is_free

from .conftest import Checkout, User, eventually, new_checkout, signal_to

QUERY_TIMEOUT = 3


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url, connect_timeout=QUERY_TIMEOUT)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def answers(url: str) -> bool:
    try:
        return query(url, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def valkey_answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=1).ping())
    except redis.exceptions.ConnectionError:
        return False


def pids(checkout: Checkout, instance: str = "test") -> dict[str, int]:
    """Launcher and servers by name; empty while not all of them are up."""
    try:
        found: dict[str, int] = json.loads(checkout.place(instance).running.read_text())
    except FileNotFoundError:
        return {}
    return found


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def kill_everything(checkout: Checkout, instance: str) -> None:
    doomed = [pids(checkout, instance)["launcher"], *checkout.servers(instance)]
    for pid in doomed:
        signal_to(pid, signal.SIGKILL)
    assert eventually(lambda: not any(map(is_alive, doomed)), 5)


def test_two_processes_share_the_servers_and_the_last_takes_them_along(checkout: Checkout) -> None:
    first, second = checkout.use(), checkout.use()
    assert (first.site, first.redis) == (second.site, second.redis)
    assert answers(first.site)
    assert valkey_answers(first.redis)
    launcher = pids(checkout)["launcher"]

    first.kill()
    time.sleep(1)
    assert answers(second.site)

    second.kill()
    assert eventually(lambda: not checkout.servers() and not is_alive(launcher), 5)
    assert not checkout.place().running.exists()


def test_a_forked_child_keeps_the_servers(checkout: Checkout) -> None:
    program = (
        "import os, time\nfrom credit_platform.embedded import services\n"
        "url = services('test').database_url\n"
        "pid = os.fork()\nif pid == 0: time.sleep(60)\nelse: print(pid, url, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=checkout.root,
        env=checkout.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    child, url = process.stdout.readline().split()
    process.stdout.close()
    process.wait()
    time.sleep(1.5)
    assert answers(url)

    signal_to(int(child), signal.SIGKILL)
    assert eventually(lambda: not checkout.servers(), 5)


def test_a_second_call_costs_nothing(checkout: Checkout) -> None:
    checkout.use()
    timed = checkout.run(
        "-c",
        "import time\nfrom credit_platform.embedded import services\nstart = time.perf_counter()\n"
        "services('test')\nprint(time.perf_counter() - start)",
    )
    assert float(timed.stdout) < 0.02


def test_killed_postgres_comes_back_with_its_data(checkout: Checkout) -> None:
    user = checkout.use("main")
    query(user.owner, "CREATE TABLE kept (n int)")
    query(user.owner, "INSERT INTO kept VALUES (41)")
    busy = psycopg2.connect(user.owner)  # a backend that outlives its postmaster until it notices
    before = pids(checkout, "main")["postgres"]
    started = time.monotonic()
    signal_to(before, signal.SIGKILL)

    assert eventually(lambda: pids(checkout, "main").get("postgres", before) != before, 5)
    assert answers(user.owner)
    assert time.monotonic() - started < 5
    assert query(user.owner, "SELECT n FROM kept") == [(41,)]
    assert query(user.owner, "SHOW fsync") == [("on",)]
    busy.close()


def test_a_backend_in_a_long_query_does_not_hold_up_the_restart(checkout: Checkout) -> None:
    user = checkout.use()
    busy = psycopg2.connect(user.owner, async_=True)
    assert eventually(lambda: busy.poll() == psycopg2.extensions.POLL_OK, 5)
    with busy.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 2000000000)")
    count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM generate%'"
    assert eventually(lambda: query(user.owner, count) == [(1,)], 5)
    before = pids(checkout)["postgres"]
    signal_to(before, signal.SIGKILL)
    assert eventually(lambda: answers(user.owner), 5)
    busy.close()


def test_killed_valkey_comes_back_on_its_port(checkout: Checkout) -> None:
    user = checkout.use()
    before = pids(checkout)["valkey"]
    signal_to(before, signal.SIGKILL)
    assert eventually(lambda: not is_alive(before), 2)
    assert eventually(lambda: valkey_answers(user.redis), 5)
    assert answers(user.site)


def test_services_called_again_replaces_a_killed_launcher(checkout: Checkout) -> None:
    holder = checkout.use()
    query(holder.owner, "CREATE TABLE kept (n int)")
    before = pids(checkout)
    signal_to(before["launcher"], signal.SIGKILL)
    assert eventually(lambda: not is_alive(before["launcher"]), 2)

    assert holder.ask_again() == [holder.site, holder.owner, holder.backup, holder.redis]
    assert query(holder.owner, "SELECT count(*) FROM kept") == [(0,)]
    assert valkey_answers(holder.redis)
    assert pids(checkout)["launcher"] != before["launcher"]


def test_everything_killed_at_once_starts_again(checkout: Checkout) -> None:
    user = checkout.use("main")
    query(user.owner, "CREATE TABLE kept (n int)")
    kill_everything(checkout, "main")
    assert checkout.place("main").data.joinpath("postmaster.pid").exists()

    assert user.ask_again()[0] == user.site
    assert query(user.owner, "SELECT count(*) FROM kept") == [(0,)]


def test_a_stale_lock_file_with_the_number_of_a_living_process_is_no_obstacle(checkout: Checkout) -> None:
    user = checkout.use()
    kill_everything(checkout, "test")
    stale = checkout.place().data / "postmaster.pid"
    lines = stale.read_text().splitlines()
    sleeper = subprocess.Popen(["sleep", "60"], user=65534 if os.geteuid() == 0 else None)
    try:
        stale.write_text("\n".join([str(sleeper.pid), *lines[1:]]) + "\n")
        assert user.ask_again()[0] == user.site
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_two_checkouts_do_not_meet(checkout: Checkout, neighbour: Checkout) -> None:
    here, there = checkout.use(), neighbour.use()
    assert here.site != there.site
    query(here.owner, "CREATE TABLE only_here (n int)")
    assert query(there.owner, "SELECT to_regclass('only_here')") == [(None,)]

    checkout.command("stop")
    assert not checkout.servers()
    assert answers(there.site)


def test_a_copied_checkout_gets_an_id_of_its_own(checkout: Checkout, tmp_path: Path) -> None:
    original = checkout.place()
    copy = new_checkout(tmp_path / "copy")
    shutil.copytree(checkout.root / ".local", copy.root / ".local")
    assert copy.place().identity != original.identity
    assert copy.place().directory != original.directory
    assert checkout.place() == original
    copy.end()


def test_main_and_test_are_two_servers(checkout: Checkout) -> None:
    main, test = checkout.use("main"), checkout.use("test")
    assert main.site != test.site
    assert main.redis != test.redis
    assert query(test.owner, "SHOW fsync") == [("off",)]


def test_ten_processes_starting_at_once_get_one_server(checkout: Checkout) -> None:
    program = (
        "import time\nfrom credit_platform.embedded import services\n"
        "print(services('test').database_url)\ntime.sleep(3)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=checkout.root,
            env=checkout.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]
    urls = {process.communicate()[0] for process in started}
    assert len(urls) == 1
    assert urls.pop().startswith("postgresql://credit_site:")


def test_a_port_taken_meanwhile_is_replaced(checkout: Checkout) -> None:
    user = checkout.use()
    user.kill()
    assert eventually(lambda: not locks.is_held(checkout.place().launcher_lock), 5)
    settings = json.loads(checkout.place().connection_file.read_text())
    squatter = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(settings["postgres_port"]), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=checkout.root,
    )
    try:
        assert eventually(lambda: not is_free(settings["postgres_port"]), 5)
        other: User = checkout.use()
        assert other.site != user.site
        assert other.redis == user.redis
        assert answers(other.site)
    finally:
        squatter.kill()
        squatter.wait()


def test_a_deleted_folder_ends_the_servers_and_the_next_start_makes_it_anew(checkout: Checkout) -> None:
    user = checkout.use()
    launcher = pids(checkout)["launcher"]
    shutil.rmtree(checkout.place().directory)
    renewed = user.ask_again()
    assert eventually(lambda: not is_alive(launcher), 5)
    assert renewed[0] != user.site
    assert answers(renewed[0])
