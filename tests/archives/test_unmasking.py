"""Whole numbers and telephones: for a reason, once, to who works on the archive, and never in an address or journal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from archives.services.unmasking import unmask
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, events, fresh, opened, save, sealed
from tests.archives.test_roster import on_roster
from tests.factories import County, id_number

pytestmark = [pytest.mark.django_db, pytest.mark.req("PD-21", "GZ-14", "AY-18")]
WHY = {"code": "contact", "text": "通知本人补交材料"}


def shown(browser: Client, address: str, **body: Any) -> str:
    answer = browser.post(address, WHY | body)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode())


def test_a_number_is_shown_once_for_a_reason(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    part = save(opened(unit, number=number), by=unit.filler).part
    address = f"/records/{part.id}/unmask/"
    for member in (unit.filler, unit.clerk, unit.reviewer):
        browser = client_as(member)
        record = browser.get(f"/records/{part.id}/").content.decode()
        assert address in record
        assert number not in record
        asked = browser.get(address).content.decode()
        assert number not in asked
        assert "15412345678" not in asked
        page = shown(browser, address, names=["document_number"])
        assert number in page
        assert "15412345678" not in page
        assert number not in browser.get(address).content.decode()
    assert "15412345678" in shown(client_as(unit.clerk), address, names=["document_number", "phone"])
    told = events(county.id, verb="record.unmasked")
    assert [e.data["fields"] for e in told] == [["document_number"]] * 3 + [["document_number", "phone"]]
    assert {e.reason for e in told} == {"联系本人：通知本人补交材料"}
    assert {(e.subject_id, e.person_id) for e in told} == {(str(part.id), part.person_id)}
    assert number not in json.dumps([[e.data, e.subject_label, e.reason] for e in told])
    journal = client_as(unit.clerk).get("/journal/", {"verb": "record.unmasked"}).content.decode()
    assert "查看完整号码" in journal
    assert "通知本人补交材料" in journal
    assert (
        "查看完整号码" not in client_as(county.officer).get("/journal/").content.decode().split("</form>")[-1]
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"names": []}, "请选择要查看的号码"),
        ({"names": ["title"]}, "没有这个号码"),
        ({"names": ["document_number"], "code": ""}, "请选择查看事由"),
        ({"names": ["document_number"], "text": " "}, "请写明具体事项"),
        ({"names": ["document_number"], "text": "核对 410522199001010024"}, "请不要填写证件号码"),
    ],
)
def test_without_a_reason_nothing_is_shown(county: County, client_as: Any, body: Any, words: str) -> None:
    number = id_number()
    part = opened(county.education, number=number)
    answer = client_as(county.education.clerk).post(f"/records/{part.id}/unmask/", WHY | body)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert number not in page
    assert events(county.id, verb="record.unmasked") == []


def test_others_get_nothing(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    address = f"/records/{part.id}/unmask/"
    body = WHY | {"names": ["document_number"]}
    for member in (unit.second_filler, county.health.clerk):
        assert client_as(member).post(address, body).status_code == 404
    for member in (county.officer, unit.admin):
        assert client_as(member).post(address, body).status_code == 403
    with acting_as(county.officer) as who, pytest.raises(Refused):
        unmask(subject=part, names=["document_number"], reason="抽查", actor=who)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="事由"):
        unmask(subject=part, names=["document_number"], reason=" ", actor=who)
    assert events(county.id, verb="record.unmasked") == []


def test_the_roster_shows_whole_numbers_too(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    entry = on_roster(unit, number=number)
    browser = client_as(unit.clerk)
    page = browser.get(f"/roster/people/{entry.pk}/").content.decode()
    assert f"/roster/people/{entry.pk}/unmask/" in page
    assert number not in page
    assert number in shown(browser, f"/roster/people/{entry.pk}/unmask/", names=["document_number"])
    assert client_as(unit.second_filler).get(f"/roster/people/{entry.pk}/unmask/").status_code == 404
    (told,) = events(county.id, verb="record.unmasked")
    assert told.subject_id == str(entry.pk)
