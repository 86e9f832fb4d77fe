"""Holds a delivery still between two of its steps, so that a kill hits exactly there and not somewhere near.

Two means: the platform's own slowness, and locks in the database taken as the owner of the tables, behind which the
worker waits. Each window yields when the worker stands there, and lets go when it is left.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

import psycopg2

from tests.e2e.maker import Made, Maker
from tests.e2e.stack import Stack, eventually

SLOW_MS = 2000  # less than the client's patience (3 s), so that who isn't killed gets the answer
Window = Callable[[Stack, Maker], AbstractContextManager[Made]]


@contextmanager
def sealed(_stack: Stack, maker: Maker) -> Iterator[Made]:
    """The sealing transaction is committed, nobody has looked into the outbox yet."""
    yield maker.make("sealed")


@contextmanager
def gathering(stack: Stack, maker: Maker) -> Iterator[Made]:
    """In the middle of making the batch: the worker has locked what is due and can't write the batch."""
    with locked(stack, "delivery_batch", "EXCLUSIVE"):
        record = maker.make("sealed")
        wait_for_a_waiter(stack)
        yield record


@contextmanager
def batched(stack: Stack, maker: Maker) -> Iterator[Made]:
    """The batch is made, no attempt is noted: a trigger of ours holds the update that would note the first one."""
    with first_attempts_held(stack):
        record = maker.make("sealed")
        eventually(lambda: attempts_of(stack, record) == [0], within=20, what="a batch without attempt")
        wait_for_a_waiter(stack)
        yield record


@contextmanager
def sending(stack: Stack, maker: Maker) -> Iterator[Made]:
    """The attempt is noted, the platform has the request and hasn't stored anything."""
    before = nonces(stack)
    with slow(stack, "delay_before_ms"):
        record = maker.make("sealed")
        eventually(lambda: nonces(stack) > before, within=20, what="the request is at the platform")
        assert not received(stack, record)
        yield record


@contextmanager
def taken(stack: Stack, maker: Maker) -> Iterator[Made]:
    """The platform has committed the versions and hasn't answered."""
    with slow(stack, "delay_after_commit_ms"):
        record = maker.make("sealed")
        eventually(lambda: received(stack, record), within=20, what="the platform has stored it")
        yield record


@contextmanager
def answered(stack: Stack, maker: Maker) -> Iterator[Made]:
    """The receipt is here, nothing of it is written: the worker can't lock the batch."""
    with ExitStack() as held:
        log = stack.log("worker")
        with slow(stack, "delay_after_commit_ms"):
            record = maker.make("sealed")
            eventually(lambda: received(stack, record), within=20, what="the platform has stored it")
            held.enter_context(locked(stack, "delivery_batch", "EXCLUSIVE"))
        log.wait_for(r"attempt \d+: answered")
        wait_for_a_waiter(stack)
        yield record


@contextmanager
def settling(stack: Stack, maker: Maker) -> Iterator[Made]:
    """In the middle of writing the receipt: lines and outbox are written, the record can't be."""
    with ExitStack() as held:
        with slow(stack, "delay_after_commit_ms"):
            record = maker.make("sealed")
            eventually(lambda: received(stack, record), within=20, what="the platform has stored it")
            held.enter_context(locked(stack, "archives_recordpart", "EXCLUSIVE"))
        wait_for_a_waiter(stack)
        yield record


WINDOWS: dict[str, Window] = {
    window.__name__: window for window in (sealed, gathering, batched, sending, taken, answered, settling)
}
"""In the order of a delivery."""


@contextmanager
def locked(stack: Stack, table: str, mode: str) -> Iterator[None]:
    """Hold a lock on a table; that the server is killed meanwhile ends it as well."""
    connection = stack.connect("OWNER")
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
    finally:
        with suppress(psycopg2.Error):
            connection.rollback()
        connection.close()


HOLD_FIRST_ATTEMPT = """
CREATE OR REPLACE FUNCTION hold_first_attempt() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4242); RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER hold_first_attempt BEFORE UPDATE ON delivery_batch FOR EACH ROW
    WHEN (OLD.attempts = 0 AND NEW.attempts = 1) EXECUTE FUNCTION hold_first_attempt();
"""


@contextmanager
def first_attempts_held(stack: Stack) -> Iterator[None]:
    """Hold the lock that the trigger waits for; that the server is killed meanwhile ends it as well."""
    connection = stack.connect("OWNER")
    try:
        with connection.cursor() as cursor:
            cursor.execute(HOLD_FIRST_ATTEMPT)
            connection.commit()
            cursor.execute("SELECT pg_advisory_lock(4242)")
        yield
    finally:
        connection.close()


@contextmanager
def slow(stack: Stack, fault: str, milliseconds: int = SLOW_MS) -> Iterator[None]:
    """Slow the platform down; a killed one has forgotten it anyway."""
    stack.faults(**{fault: milliseconds})
    try:
        yield
    finally:
        stack.faults(**{fault: 0})


def wait_for_a_waiter(stack: Stack) -> None:
    eventually(
        lambda: stack.query("SELECT 1 FROM pg_locks WHERE NOT granted"),
        within=20,
        what="the worker waits for a lock",
    )


def attempts_of(stack: Stack, record: Made) -> list[int]:
    sql = "SELECT attempts FROM delivery_batch b JOIN delivery_batchline l ON l.batch_id = b.id WHERE l.record_id = %s"
    return [attempts for (attempts,) in stack.query(sql, record.part)]


def under_way(stack: Stack, record: Made) -> bool:
    """Whether a batch with the record has been made and its answer isn't written."""
    sql = """SELECT 1 FROM delivery_batch b JOIN delivery_batchline l ON l.batch_id = b.id
             WHERE l.record_id = %s AND b.status IN ('open', 'unknown')"""
    return bool(stack.query(sql, record.part))


def received(stack: Stack, record: Made) -> bool:
    return bool(stack.platform_rows("SELECT 1 FROM versions WHERE record_id = ?", record.part))


def nonces(stack: Stack) -> int:
    return int(stack.platform_rows("SELECT count(*) FROM nonces")[0][0])
