"""The embedded PostgreSQL: making its data folder, starting, watching, and stopping it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from .binaries import Binaries
from .errors import ServiceUnavailable, disk_full, not_startable, start_over
from .place import BACKUP, DATABASE, OWNER, SITE, Connection, Place
from .processes import Account, clean_environment, kill_all, spawn
from .roles import ensure_roles

MAJOR = 17
ADMIN = "postgres"
_ROOM_NEEDED = 64 << 20  # initdb writes 40 MB; the rest is for the first minutes
_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
    "log_checkpoints": "off",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ACCESS = "# One way in: TCP on loopback, with a password.\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Postgres:
    """One server process on the data folder of `place`. The caller holds the launcher's lock."""

    def __init__(self, place: Place, binaries: Binaries, account: Account | None) -> None:
        self.place = place
        self.binaries = binaries
        self.account = account
        self.process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def prepare(self, connection: Connection) -> None:
        """Make sure that there is a data folder of our version; make one if there is none."""
        data = self.place.data
        if not data.exists():
            self._make_data(connection)
        self._refuse_foreign_data(data)

    def _refuse_foreign_data(self, data: Path) -> None:
        try:
            version = (data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise ServiceUnavailable(
                f"The data folder {data} is damaged (no PG_VERSION): {start_over(self.place.instance)}."
            ) from error
        if version != str(MAJOR):
            raise ServiceUnavailable(
                f"The data folder {data} was written by PostgreSQL {version}, this is {MAJOR}: bring the "
                f"data over with pg_dump of that version, or {start_over(self.place.instance)}."
            )

    def _make_data(self, connection: Connection) -> None:
        if shutil.disk_usage(self.place.directory).free < _ROOM_NEEDED:
            raise disk_full(self.place.directory)
        unfinished = self.place.directory / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = self.place.directory / "initdb.password"
        password.write_text(connection.admin_password)
        for path in (unfinished, password):
            self._hand_over(path)
        try:
            done = subprocess.run(  # noqa: S603 - argv is made by us
                self._initdb(unfinished, password),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd="/",
                env=clean_environment(),
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
                check=False,
            )
        finally:
            password.unlink()
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise not_startable(self.place.data, self.place.instance, done.stderr)
        access = unfinished / "pg_hba.conf"
        access.write_text(_ACCESS)
        unfinished.rename(self.place.data)

    def _hand_over(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def _initdb(self, data: Path, password: Path) -> list[str]:
        argv = [str(self.binaries.postgres / "initdb"), "-D", str(data), "-U", ADMIN, f"--pwfile={password}"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"]
        argv += ["--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
        return argv if self.place.durable else [*argv, "--no-sync"]

    def start(self, port: int) -> None:
        settings = {"cluster_name": self.place.marker, "port": str(port)} | _ALWAYS
        if not self.place.durable:
            settings |= _CARELESS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.place.log("postgres").open("ab") as log:
            self._log_start = log.tell()
            self.process = spawn(
                [self.binaries.postgres / "postgres", "-D", self.place.data, *options],
                account=self.account,
                log=log,
                cwd=self.place.directory,
                death_signal=signal.SIGINT,  # fast shutdown
            )

    def exited(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def answers(self, connection: Connection) -> bool:
        """Whether it accepts queries. Raises ServiceUnavailable when it never will."""
        try:
            psycopg2.connect(
                connection.database_url(ADMIN, connection.admin_password, "postgres"), connect_timeout=2
            ).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServiceUnavailable(
                    f"The passwords in {self.place.connection_file} do not fit the data folder "
                    f"{self.place.data}: {start_over(self.place.instance)}."
                ) from error
            if "does not exist" in str(error):  # the files of the first database are gone
                raise not_startable(self.place.data, self.place.instance, self.words()) from error
            return False
        return True

    def clear_remains(self, grace: float) -> None:
        """Wait for what a killed server left behind; afterwards the data folder is nobody's."""
        if not kill_all(self.place.marker, self.account, grace=grace):
            raise ServiceUnavailable(
                f"Server processes of {self.place.marker} cannot be killed: end them by hand (ps, kill -9)."
            )
        # PostgreSQL would trust this file if its process id has meanwhile been given to somebody else.
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)

    def ensure_roles(self, connection: Connection) -> None:
        ensure_roles(
            connection.database_url(ADMIN, connection.admin_password, "postgres"),
            {
                OWNER: connection.owner_password,
                SITE: connection.site_password,
                BACKUP: connection.backup_password,
            },
            DATABASE,
        )

    def words(self) -> str:
        """What it wrote since the last start."""
        with self.place.log("postgres").open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def stop(self) -> None:
        """Fast shutdown; after two seconds an immediate one, which the next start recovers from."""
        if self.process is None:
            return
        for sign, patience in ((signal.SIGINT, 2.0), (signal.SIGQUIT, 1.5), (signal.SIGKILL, 5.0)):
            if self.process.poll() is None:
                self.process.send_signal(sign)
            try:
                self.process.wait(patience)
                return
            except subprocess.TimeoutExpired:
                continue
