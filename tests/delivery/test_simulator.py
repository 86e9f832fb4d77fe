"""What the platform promises: who may speak, what takes effect, and that it takes effect once."""

import concurrent.futures
import json
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from delivery.client import (
    Answered,
    NotKnown,
    Outcome,
    Receipt,
    Refused,
    Unknown,
    canonical_json,
    encode_batch,
    payload_digest,
)
from tests.delivery.processes import KEY_ID, SECRET, Simulator, citizen_number, make_batch, make_record
from tests.delivery.schemas import conforms, load


def receipt_of(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Answered), outcome
    return outcome.receipt


def codes_of(outcome: Outcome) -> list[tuple[str, str]]:
    return [(result.status, result.code) for result in receipt_of(outcome).results]


def test_a_batch_is_taken_and_its_receipt_kept(simulator: Simulator) -> None:
    client = simulator.client()
    batch = make_batch(make_record(), make_record(XM=""))
    assert client.ask(batch["batch_id"]) == NotKnown()
    receipt = receipt_of(client.send(batch))
    assert conforms(json.loads(receipt.raw), load("receipt-1"))
    assert [result.record_id for result in receipt.results] == [r["record_id"] for r in batch["records"]]
    assert [result.status for result in receipt.results] == ["accepted", "rejected"]
    assert "姓名" in receipt.results[1].message
    assert receipt_of(client.ask(batch["batch_id"])) == receipt
    [(payload, digest)] = simulator.rows("SELECT payload, digest FROM versions")
    assert json.loads(payload) == batch["records"][0]["payload"]
    assert digest == batch["records"][0]["digest"]


def test_plain_json_is_taken_like_gzip(simulator: Simulator) -> None:
    batch = make_batch()
    plain = json.dumps(batch, indent=1).encode()
    status, receipt = simulator.request("POST", "/v1/batches", plain)
    assert (status, receipt["batch_id"]) == (200, batch["batch_id"])


@pytest.mark.parametrize(
    ("options", "code"),
    [({"secret": b"x" * 32}, "bad_signature"), ({"key_id": "nobody"}, "unknown_key")],
)
def test_a_wrong_key_is_refused(simulator: Simulator, options: dict[str, Any], code: str) -> None:
    outcome = simulator.client(**options).send(make_batch())
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code) == (401, code)
    assert simulator.count("batches") == simulator.count("nonces") == 0


@pytest.mark.parametrize("offset", [-310, 310])
def test_an_old_or_future_timestamp_is_refused_with_the_platforms_time(
    simulator: Simulator, offset: int
) -> None:
    outcome = simulator.client(clock=lambda: time.time() + offset).send(make_batch())
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code) == (401, "stale_timestamp")
    assert outcome.platform_time is not None
    assert abs(outcome.platform_time - time.time()) < 5
    assert simulator.count("batches") == 0
    receipt_of(simulator.client(clock=lambda: time.time() + offset * 0.9).send(make_batch()))


def test_a_used_nonce_is_refused_also_after_a_restart(simulator: Simulator) -> None:
    body = encode_batch(make_batch())
    signed = {"nonce": "ab" * 16, "timestamp": int(time.time()), "headers": {"Content-Encoding": "gzip"}}
    assert simulator.request("POST", "/v1/batches", body, **signed)[0] == 200
    status, error = simulator.request("POST", "/v1/batches", body, **signed)
    assert (status, error["code"]) == (409, "nonce_used")
    assert conforms(error, load("error-1"))
    simulator.kill()
    simulator.start()
    assert simulator.request("POST", "/v1/batches", body, **signed)[1]["code"] == "nonce_used"
    question = f"/v1/batches/{uuid.uuid4()}"
    assert simulator.request("GET", question, nonce="ab" * 16)[1]["code"] == "nonce_used"


@pytest.mark.parametrize(
    "header", ["X-Credit-Key", "X-Credit-Timestamp", "X-Credit-Nonce", "X-Credit-Signature"]
)
@pytest.mark.parametrize("value", [None, "", "zz", "1" * 200])
def test_a_missing_or_malformed_header_is_named(
    standing_simulator: Simulator, header: str, value: str | None
) -> None:
    status, error = standing_simulator.request("POST", "/v1/batches", b"{}", headers={header: value})
    if (header, value) == ("X-Credit-Key", "zz"):
        assert (status, error["code"]) == (401, "unknown_key")
    else:
        assert (status, error["code"]) == (400, "malformed_request")
        assert header in error["message"]


def test_repeating_a_batch_gives_the_first_receipt_and_does_nothing_twice(simulator: Simulator) -> None:
    client, batch = simulator.client(), make_batch(make_record(), make_record())
    first = receipt_of(client.send(batch))
    assert receipt_of(client.send(batch)).raw == first.raw
    assert receipt_of(client.send(canonical_json(batch))).raw == first.raw
    assert simulator.count("batches") == 1
    assert simulator.count("versions") == 2


def test_the_same_batch_id_with_other_content_is_refused(simulator: Simulator) -> None:
    client, batch = simulator.client(), make_batch()
    first = receipt_of(client.send(batch))
    outcome = client.send(make_batch(make_record(), batch_id=batch["batch_id"]))
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code) == (409, "batch_differs")
    assert receipt_of(client.ask(batch["batch_id"])).raw == first.raw
    assert simulator.count("versions") == 1


def test_the_same_batch_sent_many_times_at_once_takes_effect_once(simulator: Simulator) -> None:
    client, batch = simulator.client(), make_batch(make_record(), make_record())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        receipts = {receipt_of(outcome).raw for outcome in pool.map(client.send, [batch] * 8)}
    assert len(receipts) == 1
    assert simulator.count("batches") == 1
    assert simulator.count("versions") == 2


def test_versions_replace_each_other_and_stay_in_history(simulator: Simulator) -> None:
    client, record_id = simulator.client(), str(uuid.uuid4())
    one, two = make_record(record_id, 1), make_record(record_id, 2, ZW="教导主任")
    other_two = make_record(record_id, 2, ZW="校长")
    four = make_record(record_id, 4)
    assert codes_of(client.send(make_batch(one, two))) == [("accepted", ""), ("accepted", "")]
    assert codes_of(client.send(make_batch(two, one))) == [("accepted", "already_held")] * 2
    assert codes_of(client.send(make_batch(other_two))) == [("rejected", "R302")]
    assert codes_of(client.send(make_batch(four, make_record(record_id, 3)))) == [
        ("accepted", ""),
        ("rejected", "R303"),
    ]
    assert simulator.rows("SELECT version FROM records") == [(4,)]
    assert simulator.rows("SELECT version FROM versions ORDER BY version") == [(1,), (2,), (4,)]
    assert '"ZW":"教导主任"' in simulator.rows("SELECT payload FROM versions WHERE version = 2")[0][0]


def test_a_record_belongs_to_the_jurisdiction_that_sent_it_first(simulator: Simulator) -> None:
    client, record_id = simulator.client(), str(uuid.uuid4())
    receipt_of(client.send(make_batch(make_record(record_id, 1))))
    foreign = make_batch(make_record(record_id, 2), jurisdiction="370303")
    assert codes_of(client.send(foreign)) == [("rejected", "R304")]


def test_a_key_bound_to_a_jurisdiction_speaks_for_no_other(tmp_path: Path) -> None:
    keys = f"{KEY_ID}:{SECRET.hex()}:410522,other:{SECRET.hex()}:370303"
    simulator = Simulator(tmp_path, keys=keys).start()
    try:
        batch = make_batch()
        receipt_of(simulator.client().send(batch))
        assert simulator.client(key_id="other").ask(batch["batch_id"]) == NotKnown()
        outcome = simulator.client(key_id="other").send(make_batch())
        assert isinstance(outcome, Refused)
        assert (outcome.status, outcome.code) == (403, "sender_not_allowed")
    finally:
        simulator.stop()


WRONG_CHECK = citizen_number()[:17] + ("0" if citizen_number()[17] != "0" else "1")


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"ZJHM": "410522850101001"}, "R101"),
        ({"ZJHM": "4105221985010100１X"}, "R101"),
        ({"ZJHM": WRONG_CHECK}, "R102"),
        ({"ZJHM": citizen_number("41052219850230001")}, "R103"),
        ({"ZJHM": citizen_number("41052220990101001")}, "R103"),
        ({"ZJLX": "553", "ZJHM": citizen_number("11105220240101001")}, "R101"),
        ({"ZJLX": "414", "ZJHM": "e1"}, "R101"),
        ({"XM": None}, "R201"),
        ({"ZJHM": " "}, "R201"),
        ({"XYZK": None}, "R201"),
        ({"XYZK": "good"}, "R202"),
        ({"XB": "3"}, "R202"),
        ({"XL": "99"}, "R202"),
        ({"ZJLX": "110"}, "R202"),
        ({"XM": "长" * 51}, "R203"),
        ({"GZDW": ["a"]}, "R203"),
        ({"CYQSSJ": "2008-13"}, "R204"),
        ({"CYQSSJ": "2008年9月"}, "R204"),
        ({"ZZMM": "01"}, "R405"),
    ],
)
def test_a_record_out_of_order_is_rejected_alone(
    standing_simulator: Simulator, payload: dict[str, Any], code: str
) -> None:
    outcome = standing_simulator.client().send(make_batch(make_record(**payload), make_record()))
    assert codes_of(outcome) == [("rejected", code), ("accepted", "")]
    message = receipt_of(outcome).results[0].message
    assert message.endswith("。")
    assert not any(str(value) in message for value in payload.values() if value and value != " ")


@pytest.mark.parametrize(
    "payload",
    [
        {"ZJLX": "553", "ZJHM": citizen_number("91105219850101001")},
        {"ZJLX": "553", "ZJHM": "FRA110012345678"},
        {"ZJLX": "HMT", "ZJHM": citizen_number("83000019700101001")},
        {"ZJLX": None},
        {"ZJLX": "516", "ZJHM": "H12345678"},
        {"ZJLX": "414", "ZJHM": "E12345678"},
        {"CYQSSJ": "2008-02-29"},
        {"JSZGZBH": "20084105221000001"},
        {"PX": [{"RQ": "2026-01-01", "KS": 8}]},
    ],
)
def test_documents_and_fields_of_every_kind_are_taken(
    standing_simulator: Simulator, payload: dict[str, Any]
) -> None:
    assert codes_of(standing_simulator.client().send(make_batch(make_record(**payload)))) == [
        ("accepted", "")
    ]


def test_a_digest_that_does_not_fit_is_rejected(simulator: Simulator) -> None:
    record = make_record() | {"digest": payload_digest({"XM": "另一人"})}
    assert codes_of(simulator.client().send(make_batch(record))) == [("rejected", "R601")]
    assert simulator.count("versions") == 0


def test_an_invalid_batch_is_refused_with_pointers_and_leaves_nothing(simulator: Simulator) -> None:
    batch = make_batch(make_record(), make_record() | {"year": "2026"})
    outcome = simulator.client().send(batch)
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code) == (422, "invalid_batch")
    assert [pointer for pointer, _problem in outcome.pointers] == ["/records/1/year"]
    assert simulator.client().ask(batch["batch_id"]) == NotKnown()
    assert simulator.count("versions") == 0


def test_a_reply_lost_after_the_commit_is_recovered_by_asking(simulator: Simulator) -> None:
    client, batch = simulator.client(), make_batch()
    simulator.faults(drop_reply_after_commit=1)
    assert isinstance(client.send(batch), Unknown)
    asked = receipt_of(client.ask(batch["batch_id"]))
    assert receipt_of(client.send(batch)).raw == asked.raw
    assert simulator.count("versions") == 1


def test_a_failure_before_the_commit_leaves_the_batch_unknown_to_the_platform(simulator: Simulator) -> None:
    client, batch = simulator.client(), make_batch()
    simulator.faults(fail_with_5xx=1)
    assert isinstance(client.send(batch), Unknown)
    assert client.ask(batch["batch_id"]) == NotKnown()
    receipt_of(client.send(batch))


@pytest.mark.parametrize("fault", ["delay_before_ms", "delay_after_commit_ms"])
def test_killed_around_the_commit_nothing_is_lost_and_nothing_done_twice(
    simulator: Simulator, fault: str
) -> None:
    client, batch = simulator.client(), make_batch(make_record(), make_record())
    simulator.faults(**{fault: 60_000})
    outcomes: list[Outcome] = []
    sending = threading.Thread(target=lambda: outcomes.append(client.send(batch)))
    sending.start()
    reached = "SELECT count(*) FROM " + ("nonces" if fault == "delay_before_ms" else "batches")
    deadline = time.monotonic() + 10
    while simulator.rows(reached) == [(0,)] and time.monotonic() < deadline:
        time.sleep(0.01)
    simulator.kill()
    sending.join(timeout=10)
    assert len(outcomes) == 1
    assert isinstance(outcomes[0], Unknown)
    simulator.start()
    asked = client.ask(batch["batch_id"])
    if fault == "delay_before_ms":
        assert asked == NotKnown()
        asked = client.send(batch)
    assert codes_of(asked) == [("accepted", "")] * 2
    assert receipt_of(client.send(batch)).raw == receipt_of(asked).raw
    assert simulator.count("batches") == 1
    assert simulator.count("versions") == 2


def test_chosen_records_and_every_nth_can_be_rejected(simulator: Simulator) -> None:
    chosen, client = make_record(), simulator.client()
    simulator.faults(reject_records=[chosen["record_id"]])
    assert codes_of(client.send(make_batch(chosen, make_record()))) == [
        ("rejected", "R501"),
        ("accepted", ""),
    ]
    simulator.faults(reject_records=[], reject_every=2)
    outcome = client.send(make_batch(*(make_record() for _ in range(4))))
    assert codes_of(outcome) == [("accepted", ""), ("rejected", "R501")] * 2


def test_nothing_personal_reaches_the_log(simulator: Simulator) -> None:
    batch = make_batch(make_record(XM="独特姓名"), make_record(XM="独特姓名", XYZK="?"))
    simulator.client().send(batch)
    odd = json.dumps(batch | {"独特姓名": 1, "batch_id": "独特姓名"}).encode()
    assert simulator.request("POST", "/v1/batches", odd)[1]["code"] == "invalid_batch"
    assert simulator.request("GET", f"/v1/batches/{citizen_number()}")[0] == 404
    simulator.stop()
    log = simulator.log()
    assert batch["batch_id"] in log
    for value in ("独特姓名", citizen_number(), "13800000000", SECRET.hex()):
        assert value not in log
