"""SIGKILL between any two steps of a delivery: nothing is lost, and every version takes effect once (AY-15, AY-23)."""

import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.maker import Made, Maker
from tests.e2e.stack import Stack, eventually
from tests.e2e.visitor import Visitor
from tests.e2e.windows import WINDOWS, attempts_of, received, slow, under_way

VICTIMS = ("worker", "beat", "platform", "valkey", "postgres")
SEED = 20261122
SETTLED_WITHIN = 60.0
ROUNDS = 20
QUICK = (
    ("worker", "taken"),
    ("beat", "sealed"),
    ("platform", "sending"),
    ("valkey", "batched"),
    ("postgres", "settling"),
)
"""Each victim once, each at a step that hurts; the rest of the drawn rounds belong to the slow tests."""
KILLS = 30
STRUCK_MOST = (
    "worker",
    "beat",
    "worker",
    "platform",
    "worker",
    "valkey",
    "worker",
    "postgres",
    "worker",
    "worker",
)
"""Whom the kills at any moment hit, in turn: mostly the worker, which does the work."""
DELAY_MS = 600
LASTS = 2 * DELAY_MS / 1000
"""Seconds that the platform takes over a batch, once before it stores it and once before it answers."""
EARLY = 7
"""Every such kill comes at any moment after the seal, also before there is a batch; the others while one is there."""
LEAST_STRUCK, LEAST_WORKERS_STRUCK = 20, 12
"""So many kills at least, and of the worker so many, have to hit a batch under way; others come too early or late."""


def draw_rounds() -> list[tuple[str, str]]:
    """Every victim four times, each time at another step; no step is left out."""
    chance = random.Random(SEED)
    while True:
        rounds = [
            (victim, step)
            for victim in VICTIMS
            for step in chance.sample(list(WINDOWS), ROUNDS // len(VICTIMS))
        ]
        if {step for _, step in rounds} == set(WINDOWS) and set(QUICK) <= set(rounds):
            chance.shuffle(rounds)
            return rounds


def all_rounds() -> list[object]:
    return [
        pytest.param(*kill, id="-".join(kill), marks=() if kill in QUICK else pytest.mark.slow)
        for kill in draw_rounds()
    ]


@pytest.mark.req("AY-15", "AY-23")
@pytest.mark.parametrize(("victim", "step"), all_rounds())
def test_a_kill_between_two_steps_loses_and_repeats_nothing(
    stack: Stack, maker: Maker, visit: Visit, victim: str, step: str
) -> None:
    clerk = visit("jingban")
    with WINDOWS[step](stack, maker) as record:
        killed = stack.kill(victim)
    assert_delivered_once(stack, record)
    stack.wait_back(victim, killed)
    assert told(clerk, record) == "平台已接收"


@pytest.fixture(scope="module")
def struck() -> Iterator[list[tuple[str, bool]]]:
    """Who was killed each time, and whether a batch was under way."""
    kills: list[tuple[str, bool]] = []
    yield kills
    hits = [victim for victim, hit in kills if hit]
    if len(kills) == KILLS:
        assert len(hits) >= LEAST_STRUCK, f"only {len(hits)} kills hit"
        assert hits.count("worker") >= LEAST_WORKERS_STRUCK, f"only {hits.count('worker')} hit the worker"


@pytest.mark.slow
@pytest.mark.req("AY-15", "AY-23")
@pytest.mark.parametrize("number", range(KILLS))
def test_a_kill_at_any_moment_loses_and_repeats_nothing(
    stack: Stack, maker: Maker, visit: Visit, struck: list[tuple[str, bool]], number: int
) -> None:
    """Whoever is killed, at whatever moment of a slow delivery: received once, the record and its clerk's page say so,
    and the page never says so before."""
    clerk, chance = visit("jingban"), random.Random(SEED + number)
    victim = STRUCK_MOST[number % len(STRUCK_MOST)]
    with slow(stack, "delay_before_ms", DELAY_MS), slow(stack, "delay_after_commit_ms", DELAY_MS):
        record = maker.make("sealed")
        if number % EARLY:
            eventually(lambda: attempts_of(stack, record), within=20, what="a batch is made")
        time.sleep(chance.uniform(0, LASTS))
        with stack.standing_still("worker"):
            struck.append((victim, under_way(stack, record)))
            killed = stack.kill(victim)
            if victim != "postgres":
                assert_told_truly(clerk, stack, record)
    stack.wait_back(victim, killed)
    assert_delivered_once(stack, record)
    assert told(clerk, record) == "平台已接收"


def assert_told_truly(clerk: Visitor, stack: Stack, record: Made) -> None:
    """While the worker is dead or stands still, the clerk reads that the record waits for the platform, or, if that has
    it, that it was received."""
    there = received(stack, record)  # before the page is asked: it can't know of what comes later
    said = told(clerk, record)
    assert said in ("待报送", "已报送", "平台已接收")
    assert there or said != "平台已接收"


def told(clerk: Visitor, record: Made) -> str:
    """What the record's page says of its delivery, beside its status."""
    clerk.open(record.path)
    status, delivery = clerk.page.locator(".phead__sub .tag").all_inner_texts()[:2]
    assert status.strip() == "已确认"
    return delivery.strip()


def test_every_drawn_round_is_another_one() -> None:
    rounds = draw_rounds()
    assert len(set(rounds)) == ROUNDS
    assert {victim for victim, _ in rounds} == set(VICTIMS)


@pytest.mark.req("AY-23")
def test_a_lost_answer_is_asked_for_by_the_batchs_id(stack: Stack, maker: Maker) -> None:
    log = stack.log("worker")
    stack.faults(drop_reply_after_commit=1)
    record = maker.make("sealed")
    assert_delivered_once(stack, record)
    assert attempts_of(stack, record) == [2]
    ((batch,),) = stack.platform_rows("SELECT batch_id FROM versions WHERE record_id = ?", record.part)
    words = log.text()
    assert words.count(f"send {batch}: unknown") == 1
    assert words.count(f"ask {batch}: answered") == 1
    assert words.count(f"send {batch}") == 1


@pytest.mark.req("AY-23")
def test_an_emptied_broker_loses_nothing(stack: Stack, maker: Maker) -> None:
    record = maker.make("sealed")
    for _ in range(10):
        stack.broker().flushall()
        time.sleep(0.15)
    assert_delivered_once(stack, record)


@pytest.mark.req("AY-23")
def test_a_day_without_beat_is_caught_up(stack: Stack, maker: Maker) -> None:
    stack.signal("beat", signal.SIGSTOP)
    try:
        time.sleep(1.5)  # what it rang before is over
        records = [maker.make("sealed"), maker.make("sealed")]
        for record in records:
            maker.backdate(record, days=1)
        time.sleep(3)
        assert [attempts_of(stack, record) for record in records] == [[], []]
    finally:
        stack.kill("beat")
    for record in records:
        assert_delivered_once(stack, record)


@pytest.mark.req("AY-23")
def test_a_refused_record_leaves_the_others_alone(stack: Stack, maker: Maker) -> None:
    """One of a batch is turned away: the platform's words stand on the record, the other one is received."""
    stack.signal("beat", signal.SIGSTOP)
    try:
        time.sleep(1.5)
        refused, other = maker.make("sealed"), maker.make("sealed")
        stack.faults(reject_records=[refused.part])
    finally:
        stack.signal("beat", signal.SIGCONT)
    assert_delivered_once(stack, other)
    stack.faults(reject_records=[])
    assert delivery_of(stack, refused) == [("rejected", "rejected")]
    assert "record.rejected" in [verb for verb, _ in stack.events(refused.part)]
    assert stack.platform_rows("SELECT 1 FROM versions WHERE record_id = ?", refused.part) == []


def assert_delivered_once(stack: Stack, record: Made) -> None:
    """Outbox, record, batch and journal of ours, and the platform's own store, all say: received, once."""
    eventually(
        lambda: delivery_of(stack, record) == [("accepted", "accepted")],
        within=SETTLED_WITHIN,
        what=f"outbox and record {record.part} say accepted",
    )
    answers = [
        event for event in stack.events(record.part) if event[0] in ("record.accepted", "record.rejected")
    ]
    assert answers == [("record.accepted", "定时报送")]
    sql = """SELECT b.status, b.receipt_no, l.accepted, b.id::text FROM delivery_batchline l
             JOIN delivery_batch b ON b.id = l.batch_id WHERE l.record_id = %s"""
    ((status, receipt, taken, batch),) = stack.query(sql, record.part)
    assert (status, taken) == ("answered", True)
    held = stack.platform_rows("SELECT version, batch_id FROM versions WHERE record_id = ?", record.part)
    assert held == [(1, batch)]
    assert stack.platform_rows("SELECT version FROM records WHERE record_id = ?", record.part) == [(1,)]
    assert stack.platform_rows("SELECT receipt_no FROM batches WHERE batch_id = ?", batch) == [(receipt,)]


def delivery_of(stack: Stack, record: Made) -> list[tuple[str, str]]:
    """(outbox, record) as they stand."""
    sql = """SELECT o.state, p.delivery FROM archives_outbox o JOIN archives_recordpart p ON p.id = o.part_id
             WHERE o.part_id = %s"""
    return [(state, delivery) for state, delivery in stack.query(sql, record.part)]
