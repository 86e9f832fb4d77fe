"""What the client believes: nothing that is not signed, about our question, in the words of the contract."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from delivery.client import Refused, Unknown
from tests.delivery.processes import KEY_ID, SECRET, citizen_number
from tests.delivery.scripted import Exchange, ScriptedPlatform
from tests.verification.service import OTHER_SECRET, Population
from verification.client import IdentityClient
from verification.contract import MAX_ANSWER_BYTES

NUMBER = citizen_number()
CHECK_ID = uuid.UUID("0190a000-0000-7000-8000-000000000001")


def asked(client: IdentityClient, **changes: Any) -> Any:
    question: dict[str, Any] = {
        "check_id": CHECK_ID,
        "name": "王小明",
        "document_type": "111",
        "number": NUMBER,
    }
    return client.check(**question | changes)


def answer(**changes: Any) -> dict[str, Any]:
    body = {
        "contract": "identity-answer/1",
        "check_id": str(CHECK_ID),
        "result": "match",
        "checked_at": "2026-11-22T10:00:00+08:00",
    }
    return body | changes


def told(script: Callable[[Exchange], None]) -> tuple[Any, list[Exchange]]:
    with ScriptedPlatform(script) as service:
        client = IdentityClient(service.url, KEY_ID, SECRET, timeout=(2.0, 2.0))
        return asked(client), service.seen


@pytest.mark.parametrize("result", ["match", "mismatch", "unknown"])
def test_a_genuine_answer(result: str) -> None:
    assert told(lambda exchange: exchange.answer(answer(result=result)))[0] == result


@pytest.mark.req("LL-02")
def test_no_more_is_sent_than_tells_a_person_from_another() -> None:
    _, (seen,) = told(lambda exchange: exchange.answer(answer()))
    assert json.loads(seen.sent) == {
        "contract": "identity-check/1",
        "check_id": str(CHECK_ID),
        "name": "王小明",
        "document_type": "111",
        "document_number": NUMBER,
    }


HOSTILE: dict[str, Callable[[Exchange], None]] = {
    "huge": lambda e: e.answer(answer() | {"photo": "x" * (MAX_ANSWER_BYTES + 1)}),
    "no JSON": lambda e: e.answer(b"<html>"),
    "deep": lambda e: e.answer(b"[" * 8000 + b"]" * 8000),
    "a list": lambda e: e.answer([answer()]),
    "empty": lambda e: e.answer(b""),
    "another contract": lambda e: e.answer(answer(contract="identity-answer/2")),
    "another question": lambda e: e.answer(answer(check_id=str(uuid.uuid4()))),
    "another word": lambda e: e.answer(answer(result="yes")),
    "no word": lambda e: e.answer(answer(result=True)),
    "more than was asked": lambda e: e.answer(answer() | {"address": "安阳县某路 1 号"}),
    "unsigned": lambda e: e.answer(answer(), secret=None),
    "signed by another tenant": lambda e: e.answer(answer(), secret=OTHER_SECRET),
    "signed for another request": lambda e: e.answer(answer(), nonce="00" * 16),
    "a redirect": lambda e: e.answer(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}),
    "success without signature in a failure": lambda e: e.answer(answer(), status=500),
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_whatever_else_comes_back_tells_nothing(script: Callable[[Exchange], None]) -> None:
    assert isinstance(told(script)[0], Unknown)


def test_the_simulator_refuses_what_breaks_the_contract(population: Population) -> None:
    refused = asked(population.client(), document_type="999")
    assert isinstance(refused, Refused)
    assert (refused.status, refused.code) == (422, "invalid_check")
    assert asked(population.client()) == "unknown", "its register is empty"
    foreign = asked(population.client(secret=OTHER_SECRET))
    assert isinstance(foreign, Refused)
    assert foreign.code == "bad_signature"
    assert [result for _, result in population.answered()] == ["unknown"]


def test_logs_name_nobody(population: Population, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked(population.client())
    asked(population.client(), document_type="999")
    assert str(CHECK_ID) in caplog.text
    assert "王小明" not in caplog.text + (population.folder / "log").read_text()
    assert NUMBER not in caplog.text + (population.folder / "log").read_text()


def test_plain_http_to_another_machine_is_not_spoken() -> None:
    with pytest.raises(ValueError, match="plain http"):
        IdentityClient("http://population.example", KEY_ID, SECRET)
