"""What the service remembers: nonces, and which questions it answered how. In SQLite: a restart forgets nothing."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from delivery.contract import NONCE_KEPT_SECONDS

_BUSY_SECONDS = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS nonces (key_id TEXT, nonce TEXT, seen_at INTEGER NOT NULL, PRIMARY KEY (key_id, nonce));
CREATE TABLE IF NOT EXISTS checks (check_id TEXT NOT NULL, key_id TEXT NOT NULL, result TEXT NOT NULL,
                                   checked_at TEXT NOT NULL);
"""


class Store:
    """One SQLite file, readable by this account alone; every request opens a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_TABLES)

    def take_nonce(self, key_id: str, nonce: str, now: int) -> bool:
        """Whether this nonce is seen for the first time; it is burnt either way."""
        with self._writing() as connection:
            connection.execute("DELETE FROM nonces WHERE seen_at < ?", (now - NONCE_KEPT_SECONDS,))
            fresh = connection.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)", (key_id, nonce, now))
            return fresh.rowcount == 1

    def note(self, *, check_id: str, key_id: str, result: str, checked_at: str) -> None:
        """Keep that a question was answered; nothing of the person."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO checks VALUES (?, ?, ?, ?)", (check_id, key_id, result, checked_at)
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection, connection:
            yield connection
