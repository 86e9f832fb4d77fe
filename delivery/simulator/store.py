"""The platform's own store: SQLite, write-ahead log, every commit on disk before it counts.

Tables (published in docs/delivery-contract.md, tests read them directly):

- `batches`: one per batch ever taken, with the receipt's bytes as first answered;
- `records`: one per record, the version that stands;
- `versions`: every version that ever took effect, once; its payload as canonical JSON;
- `nonces`: nonces seen, kept longer than a timestamp stays valid;
- `labels`: the words for codes of groups and agencies, as last sent, for the page.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.contract import NONCE_KEPT_SECONDS

_FORMAT = 1
_BUSY_SECONDS = 10.0
_TABLES = """
CREATE TABLE batches (
    seq INTEGER PRIMARY KEY,
    batch_id TEXT NOT NULL UNIQUE,
    key_id TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    document_sm3 TEXT NOT NULL,
    receipt_no TEXT NOT NULL UNIQUE,
    receipt BLOB NOT NULL,
    received_at TEXT NOT NULL
);
CREATE TABLE records (
    record_id TEXT PRIMARY KEY,
    jurisdiction TEXT NOT NULL,
    version INTEGER NOT NULL,
    FOREIGN KEY (record_id, version) REFERENCES versions (record_id, version)
);
CREATE TABLE versions (
    record_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    group_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    agency_code TEXT NOT NULL,
    digest TEXT NOT NULL,
    payload TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (record_id, version)
);
CREATE TABLE nonces (
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX nonces_by_age ON nonces (seen_at);
"""
_LABELS = (
    "CREATE TABLE IF NOT EXISTS labels (kind TEXT, code TEXT, label TEXT NOT NULL, PRIMARY KEY (kind, code))"
)


class StoreUnusable(Exception):
    """The store can't be opened; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class TakenBatch:
    jurisdiction: str
    document_sm3: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class VersionRow:
    record_id: str
    version: int
    kind: str
    group_code: str
    year: int
    agency_code: str
    digest: str
    payload: str


class Transaction:
    """What may be read and written while the store is locked for one batch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def batch(self, batch_id: str) -> TakenBatch | None:
        row = self._connection.execute(
            "SELECT jurisdiction, document_sm3, receipt FROM batches WHERE batch_id = ?", (batch_id,)
        ).fetchone()
        return TakenBatch(*row) if row else None

    def standing(self, record_id: str) -> tuple[str, int] | None:
        """The jurisdiction a record belongs to and its version that stands."""
        row: tuple[str, int] | None = self._connection.execute(
            "SELECT jurisdiction, version FROM records WHERE record_id = ?", (record_id,)
        ).fetchone()
        return row

    def digest_held(self, record_id: str, version: int) -> str | None:
        row = self._connection.execute(
            "SELECT digest FROM versions WHERE record_id = ? AND version = ?", (record_id, version)
        ).fetchone()
        return str(row[0]) if row else None

    def put_version(self, row: VersionRow, *, jurisdiction: str, batch_id: str, received_at: str) -> None:
        self._connection.execute(
            "INSERT INTO versions (record_id, version, kind, group_code, year, agency_code, digest, payload,"
            " batch_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.record_id,
                row.version,
                row.kind,
                row.group_code,
                row.year,
                row.agency_code,
                row.digest,
                row.payload,
                batch_id,
                received_at,
            ),
        )
        self._connection.execute(
            "INSERT INTO records (record_id, jurisdiction, version) VALUES (?, ?, ?)"
            " ON CONFLICT (record_id) DO UPDATE SET version = excluded.version",
            (row.record_id, jurisdiction, row.version),
        )

    def put_label(self, kind: str, code: str, label: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, ?)", (kind, code, label))

    def next_seq(self) -> int:
        """Safe without a sequence: the transaction holds the only write lock."""
        row = self._connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM batches").fetchone()
        return int(row[0])

    def put_batch(
        self,
        *,
        seq: int,
        batch_id: str,
        key_id: str,
        taken: TakenBatch,
        receipt_no: str,
        received_at: str,
    ) -> None:
        self._connection.execute(
            "INSERT INTO batches (seq, batch_id, key_id, jurisdiction, document_sm3, receipt_no, receipt,"
            " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                seq,
                batch_id,
                key_id,
                taken.jurisdiction,
                taken.document_sm3,
                receipt_no,
                taken.receipt,
                received_at,
            ),
        )


class Store:
    """One SQLite file; every request opens a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Readable by this account alone; SQLite gives its -wal and -shm files the same mode.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Held open, so that the log isn't checkpointed and removed after every request.
            self._keeper = self._connect()
            self._prepare(self._keeper)
        except (OSError, sqlite3.Error) as unusable:
            raise StoreUnusable(f"the store {path} can't be used: {unusable}") from unusable

    def close(self) -> None:
        self._keeper.close()

    def take_nonce(self, key_id: str, nonce: str, now: int) -> bool:
        """Whether this nonce is seen for the first time; it is burnt on disk either way."""
        with self._writing() as connection:
            connection.execute("DELETE FROM nonces WHERE seen_at < ?", (now - NONCE_KEPT_SECONDS,))
            fresh = connection.execute(
                "INSERT OR IGNORE INTO nonces (key_id, nonce, seen_at) VALUES (?, ?, ?)", (key_id, nonce, now)
            )
            return fresh.rowcount == 1

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is one commit, on disk when the block is left, or nothing at all."""
        with self._writing() as connection:
            yield Transaction(connection)

    def batch(self, batch_id: str) -> TakenBatch | None:
        with closing(self._connect()) as connection:
            return Transaction(connection).batch(batch_id)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read for the page, beside everything else."""
        with closing(self._connect()) as connection:
            return connection.execute(query, parameters).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if found == 0:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        if found in {0, _FORMAT}:
            connection.execute(_LABELS)
        connection.execute("COMMIT")
        if found not in {0, _FORMAT}:
            raise StoreUnusable(f"the store {self._path} has format {found}, this program knows {_FORMAT}")
