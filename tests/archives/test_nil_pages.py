"""零报告 on pages: what is owed, signing it, a second person, taking it back, and what a fact does to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import NilReturn
from archives.nil_periods import due_of, owed_of, periods_over
from archives.periods import Period
from archives.services.nil_returns import SECOND_PERSON
from archives.states import NilStatus
from tests.archives.flow import acting_as, events, opened, rows_of
from tests.archives.item_flow import item_sealed, written
from tests.factories import County

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-14")]
TODAY = timezone.localdate()
LAST = Period.containing("monthly", TODAY).previous


def sign_url(period: Period) -> str:
    return f"/nil-returns/sign/teacher/{period.start.isoformat()}/"


@pytest.mark.req("GZ-03")
def test_a_clerk_sees_what_is_owed_signs_it_and_it_is_done(county: County, client_as: Any) -> None:
    unit = county.education
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)
    owed = clerk.get("/nil-returns/").context["owed"]
    assert [one["owed"].period for one in owed] == periods_over(unit.agency.jurisdiction, today=TODAY)
    assert owed[0]["url"] == sign_url(LAST)
    assert "由经办人签报" in reviewer.get("/nil-returns/").content.decode()
    page = clerk.get(sign_url(LAST)).content.decode()
    assert f"{LAST.label}（{LAST.start} 至 {LAST.end}）没有需要报告的信用信息" in page
    assert "勾选" in clerk.post(sign_url(LAST)).content.decode()
    assert rows_of(NilReturn, county.id) == []
    answer = clerk.post(sign_url(LAST), {"sure": "on"}, follow=True)
    (row,) = rows_of(NilReturn, county.id)
    assert answer.redirect_chain[-1][0] == f"/nil-returns/{row.pk}/"
    assert (row.status, row.signed_by, row.period) == (
        NilStatus.CONFIRMED,
        unit.clerk.user.display_name,
        LAST,
    )
    assert "已签报" in answer.content.decode()
    again = clerk.post(sign_url(LAST), {"sure": "on"}, follow=True)
    assert "不需要再次办理" in again.content.decode()
    after = clerk.get("/nil-returns/")
    assert len(after.context["owed"]) == len(owed) - 1
    assert [one["row"].pk for one in after.context["rows"]] == [row.pk]
    assert reviewer.get(f"/nil-returns/{row.pk}/").context["actions"] == []
    verbs = [one.verb for one in events(county.id, subject_id=str(row.pk))]
    assert verbs == ["nil_return.signed"]


def test_it_is_taken_back_with_a_reason_and_owed_again(county: County, client_as: Any) -> None:
    clerk = client_as(county.education.clerk)
    clerk.post(sign_url(LAST), {"sure": "on"})
    (row,) = rows_of(NilReturn, county.id)
    address = f"/nil-returns/{row.pk}/"
    actions = [one["name"] for one in clerk.get(address).context["actions"]]
    assert actions == ["withdraw"]  # a fact voids it by itself: no button
    for body in ({"action": "withdraw", "revision": 1}, {"action": "void"}, {"action": "x", "revision": "y"}):
        assert clerk.post(address, body).status_code == 302
        assert rows_of(NilReturn, county.id)[0].status == NilStatus.CONFIRMED
    done = clerk.post(address, {"action": "withdraw", "revision": 1, "reason": "有一条表彰漏报"}, follow=True)
    assert "有一条表彰漏报" in done.content.decode()
    assert rows_of(NilReturn, county.id)[0].status == NilStatus.VOID
    with acting_as(county.education.clerk) as who:
        assert [one.period for one in owed_of(who, today=TODAY, most=1)] == [LAST]


def test_a_second_person_where_the_place_asks_for_one(county: County, client_as: Any) -> None:
    unit = county.education
    place = unit.agency.jurisdiction
    Jurisdiction.objects.filter(pk=place.pk).update(parameters=place.parameters | {SECOND_PERSON: True})
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)
    clerk.post(sign_url(LAST), {"sure": "on"})
    (row,) = rows_of(NilReturn, county.id)
    address = f"/nil-returns/{row.pk}/"
    own = clerk.post(address, {"action": "confirm", "revision": 1}, follow=True)
    assert "由您签报" in own.content.decode()
    lines = reviewer.get("/").context["blocks"]
    assert [(item["detail"], item["url"]) for item in lines[0]["items"]] == [
        ("1 份等您复核", "/nil-returns/")
    ]
    done = reviewer.post(address, {"action": "confirm", "revision": 1}, follow=True)
    assert "已复核确认" in done.content.decode()
    assert rows_of(NilReturn, county.id)[0].confirmed_by == unit.reviewer.user.display_name
    assert reviewer.get("/").context["blocks"] == []


def test_facts_stand_instead_of_a_statement(county: County, client_as: Any) -> None:
    unit = county.education
    clerk = client_as(unit.clerk)
    part = opened(unit)
    written(part, by=unit.filler, occurred_on=f"{LAST.end}")
    with acting_as(unit.clerk) as who:
        assert LAST not in [one.period for one in owed_of(who, today=TODAY)]
    refused = clerk.post(sign_url(LAST), {"sure": "on"})
    assert refused.status_code == 422
    assert "1 条信用信息（含草稿）" in refused.content.decode()
    before = LAST.previous
    if before.start.year >= 2022:
        clerk.post(sign_url(before), {"sure": "on"})
        days = dict.fromkeys(("occurred_on", "document_date"), f"{before.start}")
        item_sealed(part, unit=unit, document_no="安教〔2026〕13 号", **days)
        page = clerk.get("/nil-returns/").content.decode()
        assert "不再是零报告" in page
        assert "已失效" in page


def test_which_periods_can_be_signed(county: County, client_as: Any) -> None:
    unit = county.education
    clerk = client_as(unit.clerk)
    this = Period.containing("monthly", TODAY)
    for address in (sign_url(this), "/nil-returns/sign/lawyer/2026-01-01/", "/nil-returns/sign/teacher/x/"):
        assert clerk.get(address).status_code == 404
    periods = periods_over(unit.agency.jurisdiction, today=TODAY.replace(year=2022, month=3, day=1))
    assert [one.label for one in periods] == ["2022年2月", "2022年1月"]  # the place's first year is 2022
    assert due_of(LAST, unit.agency.jurisdiction) > LAST.end
    assert client_as(unit.filler).get("/nil-returns/").status_code == 403


def test_the_first_page_tells_of_older_periods_as_well(county: County, client_as: Any) -> None:
    unit = county.education
    clerk = client_as(unit.clerk)

    def told() -> list[tuple[str, str, str]]:
        items = [item for block in clerk.get("/").context["blocks"] for item in block["items"]]
        return [(one["detail"], one["when"], one["url"]) for one in items if one.get("name") == "零报告"]

    with acting_as(unit.clerk) as who:
        owed = owed_of(who, today=TODAY)
    older = [one for one in owed if one.period != LAST]
    assert older
    days = (TODAY - min(one.due for one in older)).days
    first, rest = told()
    assert LAST.label in first[0]
    assert rest == (f"以前各期还有 {len(older)} 份没有签报", f"最早一份已过 {days} 天", "/nil-returns/")
    for one in older:
        clerk.post(sign_url(one.period), {"sure": "on"})
    assert told() == [first]
