"""Notices: who is told of what, what they may see of it, and what the bell says."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from agencies.models import Membership, Role
from archives.models import Outbox
from archives.services.handover import hand_over
from archives.services.items import send_back_item, submit_item
from archives.services.outbox import Answer, record_answers
from archives.services.records import send_back
from archives.services.tellings import tell_of_nil_returns
from credit_platform.actors import job
from credit_platform.tenancy.context import acting
from notices.kinds import KINDS
from notices.models import Notice
from notices.services import notify
from tests.archives.flow import acting_as, in_review, opened, rows_of, sealed, submitted
from tests.archives.item_flow import written
from tests.factories import County


def told(member: Membership) -> list[str]:
    return [str(row) for row in rows_of(Notice, member.jurisdiction_id, membership=member)]


def bell(browser: Client) -> int:
    found = re.search(r"通知 <span[^>]*>(\d+)", browser.get("/notices/").content.decode())
    return int(found.group(1)) if found else 0


def returned(county: County, name: str) -> Any:
    unit = county.education
    part = submitted(unit, part=opened(unit, name=name))
    with acting_as(unit.clerk) as who:
        return send_back(part=part, reason="电话有误", revision=None, actor=who)


@pytest.mark.req("AY-12")
def test_returns_of_one_group_are_one_notice_that_counts(county: County, client_as: Any) -> None:
    unit = county.education
    assert told(unit.second_filler) == []
    for name in ("钱一一", "钱二二", "钱三三"):
        part = returned(county, name)
    assert told(unit.filler) == ["您有 3 份教师档案被退回，请修改后重新提交。"]
    for other in (unit.second_filler, unit.clerk, unit.reviewer, county.health.filler):
        assert told(other) == []
    browser = client_as(unit.filler)
    assert bell(browser) == 1
    text = browser.get("/notices/").content.decode()
    assert not {name for name in ("钱一一", "钱二二", "钱三三") if name in text}
    (row,) = rows_of(Notice, county.id, membership=unit.filler)
    answer = browser.post(f"/notices/{row.pk}/open/")
    assert [one["name"] for one in browser.get(answer["Location"]).context["rows"]] == [
        "钱二二",
        "钱三三",
        "钱一一",
    ]
    assert bell(browser) == 0
    returned(county, "钱四四")
    assert told(unit.filler)[-1] == "您有 1 份教师档案被退回，请修改后重新提交。"
    assert bell(browser) == 1
    part = in_review(unit, part=opened(unit, name="钱五五"))
    with acting_as(unit.reviewer) as who:
        send_back(part=part, reason="请核对", revision=None, actor=who)
    assert told(unit.clerk) == ["您有 1 份教师档案被退回，请修改后重新提交。"]


def test_a_notice_is_written_with_its_event_or_not_at_all(county: County) -> None:
    unit = county.education
    part = submitted(unit)

    def fails_later() -> None:
        with acting_as(unit.clerk) as who:
            send_back(part=part, reason="电话有误", revision=None, actor=who)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_later()
    assert told(unit.filler) == []


def test_a_returned_item_and_a_handover(county: County) -> None:
    unit = county.education
    item = written(opened(unit), by=unit.filler)
    with acting_as(unit.filler) as who:
        item = submit_item(item=item, revision=None, actor=who, today=timezone.localdate())
    with acting_as(unit.clerk) as who:
        send_back_item(item=item, reason="请核对", revision=None, actor=who)
    assert told(unit.filler) == ["您有 1 条教师信用条目被退回，请修改后重新提交。"]
    second = unit.member(Role.FILLER, "吴填报", unit.second_employer)
    second.employer = unit.employer
    second.save()
    with acting_as(unit.admin) as who:
        event = hand_over(leaver=unit.filler, successor=second, end=True, actor=who)
    (row,) = rows_of(Notice, county.id, membership=second)
    assert (row.kind, row.url) == ("handover", f"/handovers/{event.pk}/")


@pytest.mark.req("AY-15")
def test_what_the_platform_rejects_is_told_once_per_group(county: County) -> None:
    unit = county.education
    assert unit.clerk
    for name in ("周一一", "周二二"):
        sealed(unit, part=opened(unit, name=name))
    with acting(county.id, "job"):
        rows = list(Outbox.objects.select_related("version", "part", "item"))
        answers = [(row, Answer(False, "bad", "姓名与证件号码不符")) for row in rows]
        record_answers(answers, actor=job(county.id, "定时报送"))
    assert told(unit.clerk) == ["平台退回了 2 份教师档案，请更正后重新报送。"]
    (row,) = rows_of(Notice, county.id, membership=unit.clerk)
    assert row.url == "/archives/?occupation=teacher&delivery=rejected"


@pytest.mark.req("AY-14")
def test_a_nil_return_that_is_due_is_told_once_also_after_reading(county: County, client_as: Any) -> None:
    clerk, day = county.education.clerk, dt.date(2026, 11, 3)
    assert tell_of_nil_returns(jurisdiction_id=county.id, today=day) == 1
    client_as(clerk).post("/notices/read/")
    assert tell_of_nil_returns(jurisdiction_id=county.id, today=day) == 0
    assert told(clerk) == ["教师（2026年10月）既没有信用信息，也没有零报告，请补报信息或签报零报告。"]
    assert tell_of_nil_returns(jurisdiction_id=county.id, today=dt.date(2026, 12, 1)) == 1


def test_only_the_member_who_is_told_sees_a_notice(
    county: County, other_county: County, client_as: Any
) -> None:
    unit = county.education
    everybody = [unit.filler, unit.clerk, unit.reviewer, unit.admin, county.officer]
    strangers = [county.health.clerk, other_county.education.clerk, other_county.officer]
    for member in (*everybody, *strangers):
        notify([member], "job_done", url=f"/jobs/#{member.pk}", key=str(member.pk))
    for member in (*everybody, *strangers):
        (row,) = client_as(member).get("/notices/").context["rows"]
        assert row["notice"].membership_id == member.pk
    browser = client_as(unit.clerk)
    for stranger in (*strangers, unit.filler, county.officer):
        (row,) = rows_of(Notice, stranger.jurisdiction_id, membership=stranger)
        assert browser.post(f"/notices/{row.pk}/open/").status_code == 404
    browser.post("/notices/read/")
    with acting(county.id, "job"):
        assert list(Notice.objects.exclude(read_at=None).values_list("membership_id", flat=True)) == [
            unit.clerk.pk
        ]


@pytest.mark.parametrize("kind", ["office", "agency", "employer", "other agency", "other county"])
def test_the_database_itself_keeps_notices_apart(county: County, other_county: County, kind: str) -> None:
    unit = county.education
    members = [unit.filler, unit.clerk, county.officer, county.health.clerk]
    notify(members, "job_done", url="/jobs/")
    context: dict[str, Any] = {
        "office": (county.id, "office", {}),
        "agency": (county.id, "agency", {"agency": unit.agency.pk}),
        "employer": (county.id, "employer", {"agency": unit.agency.pk, "employer": unit.employer.pk}),
        "other agency": (county.id, "agency", {"agency": county.health.agency.pk}),
        "other county": (other_county.id, "office", {}),
    }[kind]
    own = {
        "office": county.officer,
        "agency": unit.clerk,
        "employer": unit.filler,
        "other agency": county.health.clerk,
    }.get(kind)
    place, who, more = context
    with acting(place, who, **more), connection.cursor() as cursor:
        cursor.execute("SELECT membership_id FROM notices_notice WHERE jurisdiction_id = %s", [county.id])
        assert cursor.fetchall() == ([(own.pk,)] if own else [])
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Notice(membership=unit.clerk, kind="job_done", url="/").save(force_insert=True)


def test_sentences_have_no_place_for_people_and_addresses_stay_ours(county: County) -> None:
    for kind in KINDS.values():
        assert set(re.findall(r"\{(\w+)\}", kind.sentence)) <= {"count", "subject"}
    for kind, url in (("gossip", "/"), ("job_done", "https://evil.example/"), ("job_done", "//evil.example")):
        with pytest.raises(ValueError, match="no notice"):
            notify([county.officer], kind, url=url)
