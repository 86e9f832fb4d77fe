"""SIGKILL between any two steps of a delivery: nothing is lost, and every version takes effect once (AY-15, AY-23)."""

import random
import signal
import time

import pytest

from tests.e2e.maker import Made, Maker
from tests.e2e.stack import Stack, eventually
from tests.e2e.windows import WINDOWS, attempts_of, slow

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
    stack: Stack, maker: Maker, victim: str, step: str
) -> None:
    with WINDOWS[step](stack, maker) as record:
        killed = stack.kill(victim)
    assert_delivered_once(stack, record)
    stack.wait_back(victim, killed)


@pytest.mark.slow
@pytest.mark.req("AY-15", "AY-23")
@pytest.mark.parametrize("number", range(30))
def test_a_kill_at_any_moment_loses_and_repeats_nothing(stack: Stack, maker: Maker, number: int) -> None:
    """Whoever is killed, whenever within the two seconds of a slow delivery: received once, and the record says so."""
    chance = random.Random(SEED + number)
    victim, moment = VICTIMS[number % len(VICTIMS)], chance.uniform(0, 2)
    with slow(stack, "delay_before_ms", 300), slow(stack, "delay_after_commit_ms", 300):
        record = maker.make("sealed")
        time.sleep(moment)
        killed = stack.kill(victim)
    assert_delivered_once(stack, record)
    stack.wait_back(victim, killed)


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
