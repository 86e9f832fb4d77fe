"""Where the embedded servers of this checkout live, and how to reach them.

A checkout has one random id, bound to its real path, so that a copy of the checkout (which brings the file
along) takes an id of its own and never meets the servers of the original.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import ServiceUnavailable, start_over

CHECKOUT = Path(__file__).resolve().parents[2]
_INSTANCE = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
DATABASE = "credit"
OWNER, SITE, BACKUP = "credit_owner", "credit_site", "credit_backup"


@dataclass(frozen=True)
class Place:
    """The folder of one instance and the files in it. The servers themselves write nothing but `data`."""

    instance: str
    identity: str
    directory: Path

    @property
    def marker(self) -> str:
        """Carried in the process titles of our servers, so that leftovers can be told from other people's."""
        return f"credit-{self.identity}-{self.instance}"

    @property
    def data(self) -> Path:
        return self.directory / "postgres"

    @property
    def start_lock(self) -> Path:
        """Held while someone starts, joins, wipes, or shuts down."""
        return self.directory / "start.lock"

    @property
    def lease_lock(self) -> Path:
        """Held, shared, by every process that uses the servers."""
        return self.directory / "lease.lock"

    @property
    def launcher_lock(self) -> Path:
        """Held by the launcher for its whole life: whoever can take it knows that there is none."""
        return self.directory / "launcher.lock"

    @property
    def running(self) -> Path:
        """Exists while both servers answer."""
        return self.directory / "running.json"

    @property
    def failure(self) -> Path:
        """Why the last start failed, in one line."""
        return self.directory / "failure.txt"

    @property
    def connection_file(self) -> Path:
        return self.directory / "connection.json"

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    @property
    def durable(self) -> bool:
        """Only throw-away instances for tests may lose data when the machine goes down."""
        return self.instance != "test" and not self.instance.startswith("test-")


@dataclass(frozen=True)
class Connection:
    """Ports and passwords. They outlive the servers and even a wipe: URLs once given out stay good."""

    postgres_port: int
    valkey_port: int
    admin_password: str
    owner_password: str
    site_password: str
    backup_password: str
    valkey_password: str

    def database_url(self, role: str, password: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.postgres_port}/{database}"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"


def new_connection(postgres_port: int, valkey_port: int) -> Connection:
    passwords = (secrets.token_urlsafe(24) for _ in range(5))
    return Connection(postgres_port, valkey_port, *passwords)


def locate(instance: str, checkout: Path = CHECKOUT) -> Place:
    """The place of `instance`, its folder made if need be."""
    if not _INSTANCE.fullmatch(instance):
        raise ServiceUnavailable(
            f"'{instance}' cannot name an instance: use up to 24 small letters, digits and hyphens."
        )
    try:
        identity = checkout_id(checkout)
        if os.geteuid() == 0:
            # PostgreSQL refuses uid 0, so the servers run as nobody, who must be able to get there.
            base = Path("/var/tmp") / f"credit-platform-{identity}"  # noqa: S108 - random name, owner checked
            _own_folder(base)
        else:
            base = checkout / ".local" / "services"
            base.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory = base / instance
        _own_folder(directory)
    except OSError as error:
        raise ServiceUnavailable(
            f"The folder for the embedded servers cannot be made: {error}. "
            f"Give {checkout / '.local'} to the user who runs this, or set DATABASE_URL and REDIS_URL."
        ) from error
    return Place(instance, identity, directory)


def _own_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o711)
        folder.chmod(0o711)
    except FileExistsError:
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to another user") from None
        if status.st_mode & 0o777 != 0o711:
            folder.chmod(0o711)


def checkout_id(checkout: Path) -> str:
    """Twelve hexadecimal digits, kept in `.local/checkout-id` together with the path they were drawn for."""
    checkout = checkout.resolve()
    file = checkout / ".local" / "checkout-id"
    known = _read_id(file, checkout)
    if known:
        return known
    file.parent.mkdir(exist_ok=True)
    with (file.parent / "checkout-id.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _read_id(file, checkout)
        if known:
            return known
        drawn = secrets.token_hex(6)
        write_private(file, f"{drawn}\n{checkout}\n")
        return drawn


def _read_id(file: Path, checkout: Path) -> str | None:
    try:
        identity, path = file.read_text().splitlines()
    except (FileNotFoundError, ValueError):
        return None
    return identity if path == str(checkout) and re.fullmatch(r"[0-9a-f]{12}", identity) else None


def read_connection(place: Place) -> Connection | None:
    try:
        return Connection(**json.loads(place.connection_file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ServiceUnavailable(
            f"{place.connection_file} is damaged: delete it; then {start_over(place.instance)}."
        ) from error


def write_connection(place: Place, connection: Connection) -> None:
    write_private(place.connection_file, json.dumps(asdict(connection), indent=1))


def write_private(file: Path, text: str) -> None:
    """Write for the owner's eyes only, all or nothing."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
