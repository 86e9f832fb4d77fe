"""Review: the queue, remarks at the cell, and plain 守信 records confirmed in one act."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Membership, Role
from archives.models import Evidence, Item, Outbox, RecordPart, Version
from archives.occupations import occupations_of
from archives.services.bulk import ONE_BY_ONE, Outcome, confirm_plain, plain_parts
from archives.services.changes import changes_of
from archives.services.records import SEE_NOTES, send_back, start_correction
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    at_once,
    events,
    fresh,
    hand_on,
    in_review,
    opened,
    passed_on,
    rows_of,
    save,
    sealed,
    submitted,
)
from tests.factories import County, Unit, id_number

pytestmark = pytest.mark.django_db


def confirm_all(
    *parts: RecordPart, by: Membership, seconds: float = 60, revision: int | None = None
) -> list[Outcome]:
    with acting_as(by) as who:
        outcomes, _ = confirm_plain(
            shown=[(part.id, revision or part.revision) for part in parts],
            actor=who,
            today=timezone.localdate(),
            seconds=seconds,
        )
    return outcomes


def attach(part: RecordPart, unit: Unit) -> None:
    with acting(part.jurisdiction_id, "job"):
        Evidence.objects.create(
            part=part,
            person_id=part.person_id,
            agency=unit.agency,
            employer=unit.employer,
            occupation=part.occupation,
            name="证明.pdf",
            media_type="application/pdf",
            size=1,
            sha256="0" * 64,
            uploaded_by="王经办",
        )


def item(part: RecordPart, unit: Unit, **values: Any) -> None:
    with acting(part.jurisdiction_id, "job"):
        Item.objects.create(
            archive_id=part.record.archive_id,
            person_id=part.person_id,
            agency=unit.agency,
            employer=unit.employer,
            occupation=part.occupation,
            year=values.pop("year", part.year),
            kind="award",
            name=part.name,
            identified_at=timezone.now(),
            notified_on=timezone.localdate(),
            number_mask=part.number_mask,
            **values,
        )


# --- the queue --------------------------------------------------------------------------------------------------


def test_the_queue_has_the_oldest_first(county: County, client_as: Any) -> None:
    unit = county.education
    first, second = (in_review(unit, part=opened(unit, name=name)) for name in ("王一", "李二"))
    submitted(unit, part=opened(unit, name="张三"))
    answer = client_as(unit.reviewer).get(reverse("review"))
    assert [row["part"].id for row in answer.context["rows"]] == [first.id, second.id]
    assert answer.context["plain"] == 2


@pytest.mark.parametrize("action", ["seal", "return"])
def test_after_one_comes_the_next(county: County, client_as: Any, action: str) -> None:
    unit = county.education
    first, second = (in_review(unit, part=opened(unit, name=name)) for name in ("王一", "李二"))
    browser = client_as(unit.reviewer)
    answer = browser.post(f"/records/{first.id}/", {"action": action, "reason": "有误"})
    assert answer["Location"] == f"/records/{second.id}/" or answer.status_code == 302
    answer = browser.post(
        f"/records/{first.id}/", {"action": action, "reason": "有误", "revision": first.revision}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"/records/{second.id}/")
    answer = browser.post(
        f"/records/{second.id}/", {"action": action, "reason": "有误", "revision": second.revision}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/review/")


# --- remarks at the cell ----------------------------------------------------------------------------------------


def test_a_remark_stands_at_its_cell_until_the_record_is_handed_on(county: County, client_as: Any) -> None:
    unit = county.education
    part = in_review(unit)
    reviewer, clerk = client_as(unit.reviewer), client_as(unit.clerk)
    assert 'name="note-title"' in reviewer.get(f"/records/{part.id}/").content.decode()
    assert 'name="note-title"' not in clerk.get(f"/records/{part.id}/").content.decode()
    body = {"action": "return", "revision": part.revision, "note-title": " 与聘书不一致 ", "note-x": "无此栏"}
    assert reviewer.post(f"/records/{part.id}/", body).status_code == 302
    returned = fresh(part)
    assert (returned.status, returned.return_notes) == (Status.RETURNED, {"title": "与聘书不一致"})
    assert returned.return_reason == SEE_NOTES
    text = clerk.get(f"/records/{part.id}/").content.decode()
    assert "<b>审核意见</b>与聘书不一致" in text
    assert '<a href="#id_title">职称</a>：与聘书不一致' in text
    assert events(county.id, verb="record.returned")[-1].data["fields"] == ["title"]
    again = hand_on(save(returned, by=unit.clerk, title="二级教师").part, by=unit.clerk)
    assert fresh(again).return_notes == {}
    assert "与聘书不一致" not in reviewer.get(f"/records/{part.id}/").content.decode().split("办理经过")[0]


def test_neither_reason_nor_remark_is_refused(county: County, client_as: Any) -> None:
    unit = county.education
    part = in_review(unit)
    body = {"action": "return", "revision": part.revision, "reason": " ", "note-title": "  "}
    answer = client_as(unit.reviewer).post(f"/records/{part.id}/", body, follow=True)
    assert "须写明原因" in answer.content.decode()
    assert fresh(part).status == Status.IN_REVIEW


def test_a_long_or_broken_remark_is_cut(county: County) -> None:
    unit = county.education
    part = submitted(unit)
    with acting_as(unit.clerk) as who:
        notes = {"title": "长" * 5000, "post": "有\x00误"}
        back = send_back(part=part, reason="请改", notes=notes, revision=None, actor=who)
    assert back.return_notes == {"title": "长" * 200, "post": "有误"}


def test_a_correction_is_compared_with_the_version_it_corrects(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="职称有误", revision=None, actor=who)
    hand_on(save(fresh(part), by=unit.clerk, title="高级教师").part, by=unit.clerk)
    text = client_as(unit.reviewer).get(f"/records/{part.id}/").content.decode()
    assert "与第 1 版不同，第 1 版：一级教师" in text


# --- many at once -----------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N1", "AY-N2", "AY-15")
def test_plain_records_are_confirmed_in_one_act(county: County, client_as: Any) -> None:
    unit = county.education
    parts = [in_review(unit, part=opened(unit, name="王" + name)) for name in "一二三"]
    browser = client_as(unit.reviewer)
    answer = browser.get(reverse("review-confirm"))
    assert len(answer.context["rows"]) == 3
    rows = [f"{part.id}:{part.revision}" for part in parts[:2]]
    answer = browser.post(reverse("review-confirm"), {"row": rows})
    assert (answer.status_code, answer.context["confirmed"]) == (200, 2)
    assert [fresh(part).status for part in parts] == [Status.SEALED, Status.SEALED, Status.IN_REVIEW]
    assert len(rows_of(Outbox, county.id)) == 2
    again = browser.post(reverse("review-confirm"), {"row": rows})
    assert again.context["confirmed"] == 0
    assert "此前已经确认" in again.content.decode()
    assert len(rows_of(Version, county.id)) == 2


@pytest.mark.req("AY-N1")
def test_a_unit_of_two_people_can_work(county: County) -> None:
    """A clerk who does everything but confirm, and a reviewer."""
    unit = county.education
    part = submitted(unit, by=unit.clerk)
    (outcome,) = confirm_all(fresh(part), by=unit.reviewer)
    assert outcome.confirmed


@pytest.mark.req("AY-N1")
def test_a_writer_confirms_nothing_in_bulk_either(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    also = Membership.objects.create(
        user=unit.clerk.user, jurisdiction=county.jurisdiction, agency=unit.agency, role=Role.REVIEWER
    )
    with acting_as(also) as who:
        assert not plain_parts(who).exists()
    (outcome,) = confirm_all(part, by=also)
    assert not outcome.confirmed
    assert "另一位审核人" in outcome.message
    assert fresh(part).status == Status.IN_REVIEW


def test_who_is_no_reviewer_confirms_nothing(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    for member in (unit.filler, unit.clerk, unit.admin, county.officer):
        with pytest.raises(Refused, match="只有审核人"):
            confirm_all(part, by=member)
    assert confirm_all(part, by=county.health.reviewer) == []
    assert fresh(part).status == Status.IN_REVIEW


@pytest.mark.req("AY-N2", "AY-N3")
@pytest.mark.parametrize(
    "values",
    [
        {"status": "draft"},
        {"status": "in_review"},
        {"status": "sealed", "adverse": True},
        {"status": "sealed", "disputed": True, "year": 2024},
    ],
)
def test_open_adverse_or_disputed_items_are_for_one_by_one(
    county: County, client_as: Any, values: dict[str, Any]
) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    item(part, unit, **values)
    assert client_as(unit.reviewer).get(reverse("review")).context["plain"] == 0
    (outcome,) = confirm_all(part, by=unit.reviewer)
    assert (outcome.confirmed, outcome.message) == (False, ONE_BY_ONE)


def test_settled_items_hinder_nobody(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    item(part, unit, status="sealed")
    item(part, unit, status="draft", year=part.year - 1)
    item(part, unit, status="sealed", adverse=True, revoked=True)
    assert confirm_all(part, by=unit.reviewer)[0].confirmed


@pytest.mark.req("GZ-A02")
def test_a_part_without_determination_is_plain_too(county: County) -> None:
    """Where several write, only the lead's part carries one."""
    unit = county.education
    part = fresh(in_review(unit))
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=part.id).update(lead=False, determination="")
    with acting_as(unit.reviewer) as who:
        assert plain_parts(who).filter(id=part.id).exists()
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=part.id).update(lead=True)
    with acting_as(unit.reviewer) as who:
        assert not plain_parts(who).filter(id=part.id).exists(), "a lead's part must say 守信"


def test_evidence_is_for_one_by_one(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    attach(part, unit)
    assert confirm_all(part, by=unit.reviewer)[0].message == ONE_BY_ONE


def test_what_changed_since_it_was_shown_stays(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    (outcome,) = confirm_all(part, by=unit.reviewer, revision=part.revision - 1)
    assert "刚被他人改动" in outcome.message
    assert fresh(part).status == Status.IN_REVIEW


def test_one_that_fails_does_not_stop_the_others(county: County) -> None:
    unit = county.education
    bad, good = (fresh(in_review(unit, part=opened(unit, name=name))) for name in ("王一", "李二"))
    with acting(county.id, "job"):
        values = dict(bad.values)
        values["employment"]["duties"] = None
        RecordPart.objects.filter(id=bad.id).update(values=values)
    first, second = confirm_all(bad, good, by=unit.reviewer)
    assert (first.confirmed, second.confirmed) == (False, True)
    assert "工作职责" in first.message


def test_foreign_and_unknown_rows_are_passed_over(county: County, client_as: Any) -> None:
    theirs = fresh(in_review(county.health, part=opened(county.health)))
    rows = [f"{theirs.id}:{theirs.revision}", f"{uuid4()}:1", "x:1", "", ":", f"{theirs.id}:x", "\x00"]
    answer = client_as(county.education.reviewer).post(reverse("review-confirm"), {"row": rows})
    assert (answer.status_code, answer.context["outcomes"]) == (200, [])
    assert fresh(theirs).status == Status.IN_REVIEW


def test_nothing_ticked_confirms_nothing(county: County, client_as: Any) -> None:
    part = in_review(county.education)
    answer = client_as(county.education.reviewer).post(reverse("review-confirm"), {}, follow=True)
    assert "没有选中任何人" in answer.content.decode()
    assert fresh(part).status == Status.IN_REVIEW


def test_what_takes_too_long_is_left_for_the_next_press(county: County) -> None:
    unit = county.education
    parts = [fresh(in_review(unit, part=opened(unit, name="王" + name))) for name in "一二三"]
    with acting_as(unit.reviewer) as who:
        shown = [(part.id, part.revision) for part in parts]
        outcomes, rest = confirm_plain(shown=shown, actor=who, today=timezone.localdate(), seconds=0)
    assert (len(outcomes), rest) == (1, shown[1:])


@pytest.mark.django_db(transaction=True)
def test_a_double_click_confirms_once(county: County) -> None:
    unit = county.education
    parts = [fresh(in_review(unit, part=opened(unit, name="王" + name))) for name in "一二"]
    reviewer = unit.reviewer
    first, second = at_once(*[lambda: confirm_all(*parts, by=reviewer)] * 2)
    assert sorted(one.confirmed for outcomes in (first, second) for one in outcomes) == [
        False,
        False,
        True,
        True,
    ]
    assert len(rows_of(Version, county.id)) == 2


# --- what differs -----------------------------------------------------------------------------------------------


def test_the_table_tells_what_differs_from_last_year(county: County) -> None:
    unit, number = county.education, id_number()
    sealed(unit, part=opened(unit, number=number, year=2025))
    part = save(opened(unit, number=number, year=2026), by=unit.filler, title="高级教师").part
    known = passed_on(hand_on(part, by=unit.filler), by=unit.clerk)
    new = in_review(unit, part=opened(unit, name="李新人"))
    with acting_as(unit.reviewer) as who:
        parts = list(RecordPart.objects.select_related("record").filter(id__in=[known.id, new.id]))
        found = changes_of(
            parts, occupations=occupations_of(county.id), actor=who, today=timezone.localdate()
        )
    changed = found[known.id]
    assert changed.against == "上年"
    assert [(line.label, line.before, line.now) for line in changed.lines] == [
        ("职称", "一级教师", "高级教师")
    ]
    assert found[new.id].against == ""
    assert {"职称", "工作单位"} <= {line.label for line in found[new.id].lines}
    assert found[new.id].more > 0
    assert found[known.id].more == 0


def test_what_is_unusual_is_told_to_who_confirms(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    other = "2" if int(number[16]) % 2 else "1"
    part = save(opened(unit, number=number, name="待核性别"), by=unit.filler, sex=other).part
    part = passed_on(hand_on(part, by=unit.filler), by=unit.clerk)
    doubt = "性别与身份证号第 17 位不一致"
    reviewer, clerk = client_as(unit.reviewer), client_as(unit.clerk)
    together = reviewer.get("/review/confirm/").content.decode()
    assert doubt in together
    assert "另有" in together
    alone = reviewer.get(f"/records/{part.pk}/").content.decode()
    assert doubt in alone
    assert "请核对，不影响确认" in alone
    assert doubt not in clerk.get(f"/records/{part.pk}/").content.decode()  # who handed it on was told
