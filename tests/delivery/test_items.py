"""Dated facts on the line: what the platform takes of them, turns away, and stops showing."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.client import Answered, Outcome, Refused, payload_digest
from tests.delivery.processes import Simulator, citizen_number, make_batch, make_record
from tests.delivery.schemas import conforms, load


def fact(
    record_id: str | None = None, version: int = 1, *, kind: str = "item", **payload: Any
) -> dict[str, Any]:
    values = {
        "XM": "王小明",
        "ZJLX": "111",
        "ZJHM": citizen_number(),
        "XXZL": "award",
        "XXYJ": "《安县信用办〔2022〕5号》三（二）",
        "FSRQ": "2026-03-05",
        "JLMC": "优秀教师",
    } | payload
    values = {name: value for name, value in values.items() if value is not None}
    return make_record(record_id, version) | {
        "kind": kind,
        "payload": values,
        "digest": payload_digest(values),
    }


def answers(outcome: Outcome) -> list[tuple[str, str, str]]:
    assert isinstance(outcome, Answered), outcome
    return [(result.status, result.code, result.message) for result in outcome.receipt.results]


@pytest.mark.req("AY-15")
def test_an_item_is_taken_and_its_withdrawal_stands_in_its_place(simulator: Simulator) -> None:
    client, item = simulator.client(), fact()
    batch = make_batch(item)
    assert conforms(batch, load("batch-1"))
    assert answers(client.send(batch))[0][0] == "accepted"
    gone = fact(item["record_id"], 2, kind="item-withdrawal", FSRQ=None, JLMC=None)
    assert answers(client.send(make_batch(gone)))[0][0] == "accepted"
    rows = simulator.rows(
        "SELECT v.version, v.kind FROM records r JOIN versions v USING (record_id, version)"
    )
    assert rows == [(2, "item-withdrawal")]
    assert answers(client.send(make_batch(item | {"version": 1})))[0][0] == "accepted"  # held already
    assert simulator.rows("SELECT version FROM records") == [(2,)]


@pytest.mark.parametrize(
    ("payload", "code", "label"),
    [
        ({"XXYJ": ""}, "R201", "信息依据"),
        ({"XXZL": None}, "R201", "信息种类"),
        ({"XM": ""}, "R201", "姓名"),
        ({"FSRQ": None}, "R201", "发生日期"),
        ({"FSRQ": "2026-02-30"}, "R204", "发生日期"),
        ({"WSRQ": "三月五日"}, "R204", "文书日期"),
        ({"ZZMM": "01"}, "R405", "政治面貌"),
        ({"ZJHM": "410522198501010010"}, "R102", ""),
    ],
)
def test_what_is_turned_away(simulator: Simulator, payload: dict[str, Any], code: str, label: str) -> None:
    ((status, found, message),) = answers(simulator.client().send(make_batch(fact(**payload))))
    assert (status, found) == ("rejected", code)
    assert label in message


def test_another_kind_is_no_batch_of_the_contract(simulator: Simulator) -> None:
    batch = make_batch(fact() | {"kind": "gossip"})
    assert not conforms(batch, load("batch-1"))
    assert isinstance(simulator.client().send(batch), Refused)
