"""Correcting what was sealed: a reason, a second person, a next version; the current one stays valid meanwhile."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from archives.models import Evidence, Outbox, Proceeding, RecordPart, Version
from archives.services import giving_up
from archives.services.giving_up import give_up_correction
from archives.services.records import seal, send_back, start_correction, submit
from audit.lifecycle import Refused, Stale
from credit_platform.crypto import Undecipherable
from tests.archives.flow import acting_as, attached, events, fresh, opened, rows_of, save, sealed, with_reason
from tests.archives.proceeding_flow import STAGES, WARNING, adverse_in_review, begun, served
from tests.factories import County

pytestmark = pytest.mark.django_db


def sealed_part(county: County) -> RecordPart:
    """Return the head of a record that was confirmed once."""
    return fresh(sealed(county.education).part)


def corrected(part: RecordPart, county: County) -> RecordPart:
    """Open for correction, change the title, hand on."""
    unit = county.education
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="职称登记有误", revision=part.revision, actor=who)
    saved = save(fresh(part), by=unit.clerk, title="高级教师").part
    with acting_as(unit.clerk) as who:
        return submit(part=saved, revision=saved.revision, actor=who, today=timezone.localdate())


@pytest.mark.req("AY-22", "AY-23")
def test_a_correction_becomes_the_next_version_and_is_delivered(county: County) -> None:
    part = corrected(sealed_part(county), county)
    assert part.current_version == 1
    with acting_as(county.education.reviewer) as who:
        version = seal(part=part, revision=part.revision, actor=who, today=timezone.localdate())
    assert (version.number, version.reason) == (2, "职称登记有误")
    first, second = sorted(rows_of(Version, county.id), key=lambda row: row.number)
    assert first.digest != second.digest
    assert {row.version_id for row in rows_of(Outbox, county.id)} == {first.id, second.id}
    after = fresh(part)
    assert (after.status, after.current_version, after.correction_reason) == ("sealed", 2, "")


@pytest.mark.req("AY-N1")
def test_who_corrected_does_not_confirm_and_earlier_writers_may(county: County) -> None:
    part = corrected(sealed_part(county), county)
    assert part.writers == [county.education.clerk.user_id]


@pytest.mark.req("AY-22")
def test_a_correction_needs_a_reason(county: County) -> None:
    part = sealed_part(county)
    with acting_as(county.education.clerk) as who, pytest.raises(Refused, match="原因"):
        start_correction(part=part, reason="  ", revision=part.revision, actor=who)
    assert fresh(part).status == "sealed"


def test_only_the_clerk_corrects(county: County) -> None:
    part = sealed_part(county)
    for member in (county.education.filler, county.education.reviewer):
        with acting_as(member) as who, pytest.raises(Refused):
            start_correction(part=part, reason="有误", revision=part.revision, actor=who)
    assert not [event for event in events(county.id) if event.verb == "record.correction_started"]


def begun_by_mistake(county: County, **changes: str) -> RecordPart:
    """A confirmed record whose correction the clerk has begun, and filled in with `changes`."""
    unit, part = county.education, sealed_part(county)
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="点错了", revision=part.revision, actor=who)
    return save(fresh(part), by=unit.clerk, **changes).part if changes else fresh(part)


def given_up(part: RecordPart, county: County) -> RecordPart:
    with acting_as(county.education.clerk) as who:
        give_up_correction(part=fresh(part), revision=None, actor=who)
    return fresh(part)


@pytest.mark.req("AY-22")
def test_a_correction_that_was_begun_by_mistake_is_given_up(county: County, client_as: Any) -> None:
    """The version in force stays, the draft says again what it says; the file that nothing cites goes."""
    unit, part = county.education, sealed_part(county)
    clerk, page = client_as(unit.clerk), reverse("record", args=[part.id])
    assert "放弃更正" not in clerk.get(page).content.decode()
    clerk.post(page, {"action": "correct", "reason": "点错了", "revision": part.revision})
    save(fresh(part), by=unit.clerk, title="高级教师", phone="没有", **WARNING)
    file = attached(fresh(part), by=unit.clerk)
    assert fresh(part).typed
    assert fresh(part).determination == "warning"
    assert "放弃更正" in clerk.get(page).content.decode()
    told = {"action": "give_up", "revision": fresh(part).revision}
    assert "已放弃更正，现行版本照旧有效。" in clerk.post(page, told, follow=True).content.decode()
    after = fresh(part)
    assert (after.status, after.current_version, after.writers, after.typed) == ("sealed", 1, [], {})
    assert (after.correction_reason, after.determination) == ("", "trustworthy")
    (version,) = rows_of(Version, county.id)
    assert (after.saved_by, after.saved_at) == (version.author_name, version.sealed_at)
    (left,) = rows_of(Evidence, county.id, id=file.pk)
    assert left.removed_at is not None
    (removal,) = events(county.id, verb="evidence.removed")
    assert removal.data["evidence"] == str(file.pk)
    assert len(rows_of(Outbox, county.id)) == 1
    (event,) = events(county.id, verb="record.correction_given_up")
    assert event.data["version"] == 1
    assert "这次更正已经放弃，现行版本照旧有效。" in clerk.post(page, told, follow=True).content.decode()
    clerk.post(page, {"action": "correct", "reason": "职称有误", "revision": after.revision})
    text = clerk.get(page).content.decode()
    assert "一级教师" in text
    assert "高级教师" not in text


@pytest.mark.req("AY-22")
def test_a_returned_correction_is_given_up_with_its_remarks(county: County) -> None:
    part = corrected(sealed_part(county), county)
    with acting_as(county.education.reviewer) as who:
        send_back(part=part, reason="没有依据", notes={"title": "请附证书"}, revision=None, actor=who)
    after = given_up(part, county)
    assert (after.status, after.return_reason, after.return_notes) == ("sealed", "", {})


@pytest.mark.req("AY-22", "AY-N3")
def test_what_the_version_in_force_rests_on_stays(county: County) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attached(part, by=unit.clerk)
    served(unit, part)
    with acting_as(unit.reviewer) as who:
        seal(part=fresh(part), revision=None, actor=who, today=timezone.localdate())
    part = fresh(part)
    cited = rows_of(Evidence, county.id)
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="点错了", revision=part.revision, actor=who)
    save(fresh(part), by=unit.clerk, determination="trustworthy")
    attached(fresh(part), by=unit.clerk)
    after = given_up(part, county)
    assert after.determination == "warning"
    there = [one.pk for one in rows_of(Evidence, county.id) if one.removed_at is None]
    assert there == [one.pk for one in cited]


@pytest.mark.req("AY-22", "AY-N3")
def test_a_determination_that_was_only_intended_goes_with_the_correction(county: County) -> None:
    part = begun_by_mistake(county, **WARNING)
    attached(part, by=county.education.clerk)
    proceeding = begun(county.education, part)
    given_up(part, county)
    (after,) = rows_of(Proceeding, county.id, id=proceeding.pk)
    assert (after.status, after.ending_no) == ("dropped", "")
    assert after.ending_reason == "经办人放弃更正，现行版本不变。"


@pytest.mark.req("AY-22", "AY-N3")
@pytest.mark.parametrize("stage", ["notified", "heard", "decided", "served"])
def test_once_the_person_was_told_the_correction_is_not_given_up(county: County, stage: str) -> None:
    """They are told how it ended, in words that are true: that is what withdrawing or revoking is for."""
    part = begun_by_mistake(county, **WARNING)
    file = attached(part, by=county.education.clerk)
    proceeding = STAGES[stage](county.education, part)
    with pytest.raises(Refused, match="请先撤回程序；已作决定的，请审核人先撤销决定"):
        given_up(part, county)
    assert fresh(part).status == "draft"
    (left,) = rows_of(Evidence, county.id, id=file.pk)
    assert left.removed_at is None
    (still,) = rows_of(Proceeding, county.id, id=proceeding.pk)
    assert still.status == stage


@pytest.mark.req("AY-22")
def test_a_version_in_force_that_is_damaged_is_not_gone_back_to(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = begun_by_mistake(county, title="高级教师")

    def damaged(*_: Any) -> None:
        raise Undecipherable("no")

    monkeypatch.setattr(giving_up, "sealed_record", damaged)  # PostgreSQL lets nobody change a version
    with pytest.raises(Refused, match="现行版本与封存时不一致"):
        given_up(part, county)
    assert fresh(part).status == "draft"


@pytest.mark.req("AY-22")
def test_after_the_next_version_there_is_nothing_to_give_up(county: County) -> None:
    """In a tab that stayed open: it is not said to have been given up."""
    part = corrected(sealed_part(county), county)
    with acting_as(county.education.reviewer) as who:
        seal(part=part, revision=part.revision, actor=who, today=timezone.localdate())
    with acting_as(county.education.clerk) as who, pytest.raises(Refused, match="可能已经审核确认"):
        give_up_correction(part=part, revision=part.revision - 1, actor=who)


@pytest.mark.req("AY-N1")
def test_a_reviewer_confirms_nothing_by_a_page_that_is_out_of_date(county: County) -> None:
    """What lay before them was returned and given up: they are not told that it had been confirmed."""
    unit = county.education
    part = corrected(sealed_part(county), county)
    with acting_as(unit.reviewer) as who:
        send_back(part=part, reason="没有依据", revision=None, actor=who)
    given_up(part, county)
    with acting_as(unit.reviewer) as who, pytest.raises(Stale, match="这一次没有办理确认"):
        seal(part=part, revision=part.revision, actor=who, today=timezone.localdate())
    assert len(rows_of(Version, county.id)) == 1


@pytest.mark.req("AY-22")
def test_a_first_draft_cannot_be_given_up_nor_anothers_correction(county: County) -> None:
    unit = county.education
    draft = opened(unit)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="权限"):
        give_up_correction(part=draft, revision=draft.revision, actor=who)
    part = sealed_part(county)
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="职称登记有误", revision=part.revision, actor=who)
    for member in (unit.filler, unit.reviewer):
        with acting_as(member) as who, pytest.raises(Refused, match="权限"):
            give_up_correction(part=part, revision=None, actor=who)
    part = corrected(fresh(sealed(unit, part=opened(unit, name="另一人")).part), county)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="现在的状态不能"):
        give_up_correction(part=part, revision=None, actor=who)  # it lies with the reviewer
    assert fresh(part).status == "in_review"


@pytest.mark.req("AY-22")
def test_the_office_goes_on_reading_the_current_version(county: County, client_as: Any) -> None:
    part = sealed_part(county)
    corrected(part, county)
    page = with_reason(client_as(county.officer), part).get(reverse("record", args=[part.id]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "一级教师" in text
    assert "高级教师" not in text
    assert "待审核" not in text.split("办理经过")[0].split("办理进度")[0]


@pytest.mark.req("PD-21")
def test_each_version_has_a_page_with_what_changed(county: County, client_as: Any) -> None:
    part = corrected(sealed_part(county), county)
    with acting_as(county.education.reviewer) as who:
        seal(part=part, revision=part.revision, actor=who, today=timezone.localdate())
    browser = client_as(county.education.clerk)
    first = browser.get(reverse("record-version", args=[part.id, 1])).content.decode()
    second = browser.get(reverse("record-version", args=[part.id, 2])).content.decode()
    assert "一级教师" in first
    assert "已被新版替代" in first
    assert "与第 1 版不同，第 1 版：一级教师" in second
    assert "更正原因：职称登记有误" in second
    assert browser.get(reverse("record-version", args=[part.id, 3])).status_code == 404
    looks = [event for event in events(county.id, subject_id=str(part.id)) if event.verb == "record.read"]
    assert {event.data.get("version") for event in looks} == {1, 2}
