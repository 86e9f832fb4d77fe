"""The platform's own page: what it holds, masked, and its faults at a button's press."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from urllib.parse import urlencode

from delivery.client import Answered, NotKnown, Unknown
from tests.delivery.processes import Simulator, make_batch, make_record


def ask(
    simulator: Simulator, method: str = "GET", fault: str = "", path: str = "/", **headers: str
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    try:
        body = urlencode({"fault": fault}) if method == "POST" else None
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(answer: type[Unknown | Answered], simulator: Simulator, batch_id: str) -> None:
    """Ask about the batch until the platform answers so; ten times a second, so that no restart is missed."""
    client, deadline = simulator.client(timeout=(0.5, 2.0)), time.monotonic() + 20
    while not isinstance(client.ask(batch_id), answer):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_shows_what_it_holds_and_masks_whom(simulator: Simulator) -> None:
    assert "还没有" in ask(simulator)[1]
    good, bad = make_record(XM="欧阳<小>明"), make_record(XM="")
    simulator.client().send(make_batch(good, bad))
    status, text = ask(simulator)
    assert status == 200
    assert "欧＊＊＊＊" in text
    assert "欧阳" not in text
    assert str(good["payload"]["ZJHM"]) not in text
    assert "410522********" in text
    for shown in ("教师", "安阳县教育局", "年度记录", "第 1 版（现行）", "已收 <b>1</b> 批"):
        assert shown in text
    assert "<td>2</td><td>1</td><td>1</td>" in text
    assert ask(simulator, path="/page.css")[0] == 200


def test_every_button_does_what_it_says(simulator: Simulator) -> None:
    client = simulator.client(timeout=(1.0, 1.0))
    batch = make_batch()
    assert "接下来 3 次请求出错" in ask(simulator, "POST", "fail")[1]
    assert isinstance(client.send(batch), Unknown)
    ask(simulator, "POST", "calm")
    assert client.ask(batch["batch_id"]) == NotKnown()

    ask(simulator, "POST", "drop")
    assert isinstance(client.send(batch), Unknown)
    assert isinstance(client.ask(batch["batch_id"]), Answered)

    ask(simulator, "POST", "reject")
    answer = client.send(make_batch(*(make_record() for _ in range(6))))
    assert isinstance(answer, Answered)
    assert sum(result.accepted for result in answer.receipt.results) == 4

    assert "每次先等 5 秒" in ask(simulator, "POST", "slow")[1]
    assert isinstance(client.send(make_batch()), Unknown)
    assert "没有，平台正常" in ask(simulator, "POST", "calm")[1]
    assert isinstance(client.send(make_batch()), Answered)


def test_a_restart_forgets_faults_and_keeps_what_it_holds(simulator: Simulator) -> None:
    batch = make_batch()
    simulator.client().send(batch)
    ask(simulator, "POST", "slow")
    assert "正在重新启动" in ask(simulator, "POST", "restart")[1]
    wait_for(Unknown, simulator, batch["batch_id"])
    wait_for(Answered, simulator, batch["batch_id"])
    assert "没有，平台正常" in ask(simulator)[1]


def test_other_sites_and_strange_buttons_are_refused(simulator: Simulator) -> None:
    assert ask(simulator, "POST", "slow", Origin="http://evil.example")[0] == 404
    assert ask(simulator, Host="evil.example")[0] == 404
    assert ask(simulator, "POST", "format")[0] == 404
    assert "没有，平台正常" in ask(simulator)[1]


def test_no_page_where_faults_are_not_allowed(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path).start()
    try:
        assert ask(simulator)[0] == 404
        assert ask(simulator, "POST", "restart")[0] == 404
    finally:
        assert simulator.stop() == 0
