"""The process that owns the embedded servers: starts them, brings them back, and ends with their last user.

Started by `client.services()` as `python -m credit_platform.embedded.launcher CHECKOUT INSTANCE`. It takes
the launcher's lock, forks, and leaves the work to the child, which belongs to no one's process tree.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from . import locks
from .binaries import within_reach
from .errors import ServiceUnavailable, disk_full, not_startable
from .place import Connection, Place, locate, new_connection, read_connection, write_connection, write_private
from .ports import free_port, is_free
from .postgres import Postgres
from .processes import server_account
from .valkey import Valkey

_TICK = 0.1
_LEASE_EVERY = 0.3
_PATIENCE = 60.0  # for a first answer; recovery after a crash may take a while
_PORT_TROUBLE = ("could not bind", "Address already in use", "could not create any TCP/IP sockets")
_log = logging.getLogger("credit_platform.embedded")


class Backoff:
    """The first restart is immediate, the following ones wait longer and longer, up to five seconds."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.not_before = 0.0

    def due(self) -> bool:
        return time.monotonic() >= self.not_before

    def count(self) -> None:
        now = time.monotonic()
        quiet = now - self.not_before > 10
        self.delay = 0.0 if quiet else min(max(self.delay * 2, 0.25), 5.0)
        self.not_before = now + self.delay


class Launcher:
    """Keeps one PostgreSQL and one Valkey alive for `place`. The caller holds the launcher's lock."""

    def __init__(self, place: Place, lock: int) -> None:
        account = server_account()
        self.place = place
        self.lock = lock
        self.stopping = False
        binaries = within_reach(account, place.directory.parent)
        self.postgres = Postgres(place, binaries, account)
        self.valkey = Valkey(place, binaries, account)
        self.connection = read_connection(place) or self._remember(new_connection(free_port(), free_port()))
        self.backoff = {"postgres": Backoff(), "valkey": Backoff()}

    def _remember(self, connection: Connection) -> Connection:
        write_connection(self.place, connection)
        return connection

    def start(self) -> None:
        """Bring both servers up, on the ports of last time if these are free, or raise ServiceUnavailable."""
        self.postgres.clear_remains(grace=3)
        for _ in range(5):
            self._take_free_ports()
            if self._start_once():
                self._publish()
                return
        raise ServiceUnavailable(
            "The embedded servers lost five free ports in a row to other programs: start again when the "
            "machine is calmer, or set DATABASE_URL and REDIS_URL."
        )

    def _take_free_ports(self) -> None:
        known = self.connection
        postgres, valkey = known.postgres_port, known.valkey_port
        postgres = postgres if is_free(postgres) else free_port()
        valkey = valkey if is_free(valkey) and valkey != postgres else free_port()
        if (postgres, valkey) != (known.postgres_port, known.valkey_port):
            values = vars(known) | {"postgres_port": postgres, "valkey_port": valkey}
            self.connection = self._remember(Connection(**values))

    def _start_once(self) -> bool:
        """False if a port was taken meanwhile."""
        self.postgres.prepare(self.connection)
        self.valkey.start(self.connection)
        self.postgres.start(self.connection.postgres_port)
        deadline = time.monotonic() + _PATIENCE
        while not (self.postgres.answers(self.connection) and self.valkey.answers(self.connection)):
            if self.postgres.exited() or self.valkey.exited():
                return self._judge_exit()
            if time.monotonic() > deadline:
                raise not_startable(self.place.data, self.place.instance, self.postgres.words())
            time.sleep(0.03)
        self.postgres.ensure_roles(self.connection)
        return True

    def _judge_exit(self) -> bool:
        """A lost race for a port is worth another try, anything else is not."""
        words = self.postgres.words()
        postgres_is_well = not self.postgres.exited()
        self.stop_servers()
        if postgres_is_well or any(text in words for text in _PORT_TROUBLE):
            return False
        raise not_startable(self.place.data, self.place.instance, words)

    def _publish(self) -> None:
        processes = {
            "launcher": os.getpid(),
            "postgres": self.postgres.process and self.postgres.process.pid,
            "valkey": self.valkey.process and self.valkey.process.pid,
        }
        write_private(self.place.running, json.dumps(processes))

    def keep(self) -> None:
        """Watch until the last user is gone, the folder is no longer ours, or somebody asks us to stop."""
        next_look = 0.0
        while not self.stopping and self._place_is_ours():
            if time.monotonic() >= next_look:
                if self._last_user_gone():
                    return
                next_look = time.monotonic() + _LEASE_EVERY
            self._bring_back()
            time.sleep(_TICK)

    def _place_is_ours(self) -> bool:
        """False once somebody deleted the folder, even if another launcher has already made it anew."""
        return locks.same_file(self.lock, self.place.launcher_lock)

    def _last_user_gone(self) -> bool:
        """When true, both locks stay with us until we exit: nobody joins servers that are about to stop."""
        start = locks.open_lock(self.place.start_lock)
        if locks.try_exclusive(start):
            lease = locks.open_lock(self.place.lease_lock)
            if locks.try_exclusive(lease):
                return True
            os.close(lease)
        os.close(start)
        return False

    def _bring_back(self) -> None:
        missing = not self.place.running.exists()
        if self.postgres.exited():
            missing = self._restart("postgres")
        if self.valkey.exited():
            missing = self._restart("valkey")
        if missing and self.postgres.answers(self.connection) and self.valkey.answers(self.connection):
            self._publish()

    def _restart(self, name: str) -> bool:
        self.place.running.unlink(missing_ok=True)
        backoff = self.backoff[name]
        if backoff.due():
            backoff.count()
            _log.warning("%s ended by itself and is started again", name)
            if name == "postgres":
                self.postgres.clear_remains(grace=0)  # backends of a killed postmaster end with it
                self.postgres.start(self.connection.postgres_port)
            else:
                self.valkey.start(self.connection)
        return True

    def withdraw(self) -> None:
        if self._place_is_ours():
            self.place.running.unlink(missing_ok=True)

    def stop_servers(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self.postgres.clear_remains(grace=0)


def _rotate_logs(place: Place) -> None:
    for name in ("postgres", "valkey"):
        log = place.log(name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))


def run(place: Place, lock: int) -> int:
    """The life of a launcher. A failed start is left in `place.failure` for whoever asked for it."""
    try:
        _rotate_logs(place)
        launcher = Launcher(place, lock)
    except (ServiceUnavailable, OSError) as error:
        return _give_up(place, error)

    def stop(_number: int, _frame: object) -> None:
        launcher.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        launcher.start()
        launcher.keep()
    except (ServiceUnavailable, OSError) as error:
        _log.exception("giving up")
        return _give_up(place, error)
    finally:
        launcher.withdraw()
        launcher.stop_servers()
    return 0


def _give_up(place: Place, error: ServiceUnavailable | OSError) -> int:
    message = str(error)
    if isinstance(error, OSError):
        message = f"The embedded servers cannot be started: {error}. The log is {place.log('launcher')}."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            message = str(disk_full(place.directory))
    try:
        place.failure.write_text(message)
    except OSError:  # the disk that is full is this one; the log has already got as much as fits
        sys.stderr.write(message + "\n")
    return 1


def main() -> int:
    place = locate(sys.argv[2], Path(sys.argv[1]))
    os.umask(0o077)
    logging.basicConfig(format="%(asctime)s %(message)s")
    lock = locks.open_lock(place.launcher_lock)
    if not locks.try_exclusive(lock):
        return 0  # there is one already
    place.running.unlink(missing_ok=True)
    if os.fork():
        os._exit(0)  # whoever called us waits for this
    os.setsid()
    os.chdir("/")
    return run(place, lock)


if __name__ == "__main__":
    sys.exit(main())
