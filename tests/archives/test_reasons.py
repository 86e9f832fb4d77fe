"""The office opens a person's record for a reason, which the journal keeps (GZ-13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from archives.models import RecordPart
from archives.views import reasons
from tests.archives.flow import events, fresh, opened, sealed, with_reason
from tests.archives.item_flow import fresh_item, item_sealed
from tests.factories import County

GIVEN = {"code": "complaint", "text": "核查 2026 年第 3 号来信"}


@pytest.fixture
def part(county: County) -> RecordPart:
    return fresh(sealed(county.education).part)


@pytest.mark.req("GZ-13", "AY-31")
@pytest.mark.parametrize("page", ["", "versions/", "versions/1/", "versions/compare/"])
def test_the_office_is_asked_why(county: County, client_as: Any, part: RecordPart, page: str) -> None:
    officer, address = client_as(county.officer), f"/records/{part.id}/{page}"
    answer = officer.get(address, follow=True)
    assert "填写查看事由" in answer.content.decode()
    assert events(county.id, verb="record.read") == []
    done = officer.post(f"/records/{part.id}/reason/", GIVEN | {"next": address})
    assert (done.status_code, done["Location"]) == (302, address)
    assert officer.get(address, follow=True).status_code == 200
    looks = events(county.id, verb="record.read")
    assert {event.reason for event in looks} == {"投诉、举报核查：核查 2026 年第 3 号来信"}


@pytest.mark.req("GZ-13")
def test_a_reason_holds_for_one_record_and_half_an_hour(
    county: County, client_as: Any, part: RecordPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fresh(sealed(county.education, part=opened(county.education, name="李小红")).part)
    officer = with_reason(client_as(county.officer), part)
    assert officer.get(f"/records/{part.id}/").status_code == 200
    assert officer.get(f"/records/{other.id}/").status_code == 302
    assert client_as(county.officer).get(f"/records/{part.id}/").status_code == 302, "another session"
    later = timezone.now() + dt.timedelta(minutes=31)
    monkeypatch.setattr(reasons.timezone, "now", lambda: later)
    assert not reasons.reason_given(type("R", (), {"session": officer.session}), str(part.id))


@pytest.mark.req("GZ-13")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"code": "", "text": "抽查"}, "请选择查看事由"),
        ({"code": "nonsense", "text": "抽查"}, "没有这个事由"),
        ({"code": "other", "text": "  "}, "请写明具体事项"),
        ({"code": "other", "text": "长" * 201}, "最多 200 个字"),
        ({"code": "other", "text": "110105199001010000 的档案"}, "请不要填写证件号码"),
    ],
)
def test_a_poor_reason_is_refused(
    county: County, client_as: Any, part: RecordPart, given: dict[str, str], told: str
) -> None:
    officer = client_as(county.officer)
    answer = officer.post(f"/records/{part.id}/reason/", given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert officer.get(f"/records/{part.id}/").status_code == 302


def test_the_way_back_stays_on_the_site(county: County, client_as: Any, part: RecordPart) -> None:
    officer = client_as(county.officer)
    done = officer.post(f"/records/{part.id}/reason/", GIVEN | {"next": "https://evil.example/"})
    assert done["Location"] == f"/records/{part.id}/"


def test_nothing_is_sent_without_a_reason(county: County, client_as: Any, part: RecordPart) -> None:
    assert client_as(county.officer).post(f"/records/{part.id}/", {"action": "seal"}).status_code == 403


def test_who_keeps_the_record_is_not_asked(county: County, client_as: Any, part: RecordPart) -> None:
    unit = county.education
    for member in (unit.filler, unit.clerk, unit.reviewer):
        assert client_as(member).get(f"/records/{part.id}/").status_code == 200
    assert client_as(unit.clerk).get(f"/records/{part.id}/reason/").status_code == 403


def test_drafts_and_foreign_records_do_not_exist(
    county: County, other_county: County, client_as: Any, part: RecordPart
) -> None:
    draft = opened(county.education, name="李草稿")
    for address in (f"/records/{draft.id}/", f"/records/{draft.id}/reason/"):
        assert client_as(county.officer).get(address).status_code == 404
    for address in (f"/records/{part.id}/", f"/records/{part.id}/reason/"):
        assert client_as(other_county.officer).get(address).status_code == 404


def test_the_unit_sees_why_in_its_journal(county: County, client_as: Any, part: RecordPart) -> None:
    with_reason(client_as(county.officer), part).get(f"/records/{part.id}/")
    assert "年度抽查" in client_as(county.education.clerk).get("/journal/").content.decode()


def test_a_session_remembers_so_many(county: County, client_as: Any, part: RecordPart) -> None:
    officer = client_as(county.officer)
    session = officer.session
    until = (timezone.now() + dt.timedelta(minutes=5)).timestamp()
    session["reasons"] = {str(number): ("抽查", until) for number in range(reasons.MOST + 5)}
    session.save()
    with_reason(officer, part)
    assert len(officer.session["reasons"]) == reasons.MOST


# --- who reads with a reason does nothing else -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    ["save", "submit", "submit_for_review", "pass_on", "return", "seal", "correct", "give_up", "nonsense"],
)
def test_the_office_reads_a_record_and_does_nothing_to_it(
    county: County, client_as: Any, action: str
) -> None:
    part = fresh(sealed(county.education).part)
    browser = with_reason(client_as(county.officer), part)
    body = {"action": action, "reason": "越权", "revision": part.revision}
    answer = browser.post(f"/records/{part.pk}/", body, follow=True)
    assert answer.status_code == 200
    assert "不能代单位办理" in answer.content.decode()
    after = fresh(part)
    assert (after.status, after.revision, after.writers) == (part.status, part.revision, part.writers)


@pytest.mark.parametrize(
    "action", ["save", "pass_on", "notify", "seal", "correct", "revoke", "keep", "confirm_revocation"]
)
def test_the_office_reads_a_fact_and_does_nothing_to_it(county: County, client_as: Any, action: str) -> None:
    item = item_sealed(opened(county.education), unit=county.education)
    browser = client_as(county.officer)
    reason = {"code": "inspection", "text": "年度抽查"}
    assert browser.post(f"/items/{item.pk}/reason/", reason).status_code == 302
    body = {"action": action, "reason": "越权", "revision": item.revision, "how": "post", "on": "2026-05-01"}
    answer = browser.post(f"/items/{item.pk}/", body, follow=True)
    assert answer.status_code == 200
    assert "不能代单位办理" in answer.content.decode()
    after = fresh_item(item)
    assert (after.status, after.revision, after.revoked) == (item.status, item.revision, False)
