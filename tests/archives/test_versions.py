"""Versions: any two compared, as it stood on a day, and who entered and approved each value."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from archives.models import RecordPart
from archives.occupations import occupation_of
from archives.services.history import origins, sealed_versions, valid_on
from archives.services.records import start_correction
from tests.archives.flow import acting_as, confirm, events, fresh, hand_on, opened, save, sealed, with_reason
from tests.factories import County

pytestmark = [pytest.mark.django_db, pytest.mark.req("PD-21")]


def correct(part: RecordPart, county: County, **changes: str) -> RecordPart:
    unit = county.education
    with acting_as(unit.clerk) as who:
        start_correction(part=part, reason="登记有误", revision=None, actor=who)
    hand_on(save(fresh(part), by=unit.clerk, **changes).part, by=unit.clerk)
    confirm(fresh(part), by=unit.reviewer)
    return fresh(part)


@pytest.fixture
def part(county: County) -> RecordPart:
    """Three versions: the title changes, then the title goes back and the post changes."""
    first = fresh(sealed(county.education).part)
    second = correct(first, county, title="高级教师")
    return correct(second, county, title="一级教师", post="教导主任")


def test_any_two_are_compared(county: County, client_as: Any, part: RecordPart) -> None:
    browser = client_as(county.education.clerk)
    compare = reverse("record-compare", args=[part.id])

    def differing(a: int, b: int) -> list[tuple[str, str, str]]:
        answer = browser.get(compare, {"a": a, "b": b})
        return [(row["label"], row["before"], row["now"]) for row in answer.context["rows"]]

    assert differing(1, 2) == [("职称", "一级教师", "高级教师")]
    assert differing(3, 1) == [("职务", "班主任", "教导主任")], "older first, however they were chosen"
    assert differing(2, 3) == [("职称", "高级教师", "一级教师"), ("职务", "班主任", "教导主任")]
    assert events(county.id, verb="record.read")[-1].data == {"version": [2, 3]}


@pytest.mark.parametrize(
    "query", [{}, {"a": "1"}, {"a": "1", "b": "1"}, {"a": "x", "b": "2"}, {"a": "-1", "b": "2"}]
)
def test_a_comparison_of_nothing_asks_again(
    county: County, client_as: Any, part: RecordPart, query: dict[str, str]
) -> None:
    answer = client_as(county.education.clerk).get(reverse("record-compare", args=[part.id]), query)
    assert (answer.status_code, answer["Location"]) == (302, reverse("record-versions", args=[part.id]))


def test_a_version_that_is_not_there_is_404(county: County, client_as: Any, part: RecordPart) -> None:
    browser = client_as(county.education.clerk)
    assert browser.get(reverse("record-compare", args=[part.id]), {"a": 1, "b": 9}).status_code == 404
    draft = opened(county.education, name="李新人")
    assert browser.get(reverse("record-versions", args=[draft.id])).status_code == 404


def test_a_day_has_the_version_that_was_valid_then(county: County, part: RecordPart) -> None:
    with acting_as(county.education.clerk) as who:
        found = sealed_versions(part, occupation_of(county.education.responsibility), who)
    days = [dt.date(2026, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 5, 1)]
    for one, day in zip(found, days, strict=True):
        one.version.sealed_at = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
    numbers = {
        day: (one.number if (one := valid_on(found, dt.date.fromisoformat(day))) else None)
        for day in ("2026-02-28", "2026-03-01", "2026-04-30", "2026-05-01", "2026-11-24")
    }
    assert numbers == {"2026-02-28": None, "2026-03-01": 1, "2026-04-30": 1, "2026-05-01": 3, "2026-11-24": 3}


def test_the_page_of_a_day(county: County, client_as: Any, part: RecordPart) -> None:
    browser, address = (
        with_reason(client_as(county.officer), part),
        reverse("record-versions", args=[part.id]),
    )
    today = timezone.localdate()
    text = browser.get(address, {"on": f"{today}"}).content.decode()
    assert f"{today} 当日有效的是第 3 版" in text
    assert "教导主任" in text
    early = browser.get(address, {"on": f"{today - dt.timedelta(days=1)}"}, follow=True).content.decode()
    assert "还没有已确认的内容" in early


@pytest.mark.parametrize(
    "day", ["2999-01-01", "2026-02-31", "昨天", "20260301", "2026-W01-1", "\x00", "9" * 5000]
)
def test_a_day_that_is_none_is_told_so(county: County, client_as: Any, part: RecordPart, day: str) -> None:
    address = reverse("record-versions", args=[part.id])
    answer = client_as(county.education.clerk).get(address, {"on": day}, follow=True)
    assert "日期应写成" in answer.content.decode()


def test_each_value_traces_to_who_entered_and_who_approved_it(county: County, part: RecordPart) -> None:
    unit = county.education
    occupation = occupation_of(unit.responsibility)
    with acting_as(unit.clerk) as who:
        versions = sealed_versions(part, occupation, who)
        found = {o.field.name: o for o in origins(part, versions, 3, who)}
    assert (found["duties"].entered_by, found["duties"].since.number) == ("第一小学 孙填报", 1)
    assert (found["post"].entered_by, found["post"].since.number) == ("县教育局 王经办", 3)
    assert (found["title"].entered_by, found["title"].since.number) == ("县教育局 王经办", 3), "it came back"
    assert found["name"].since.number == 1
    assert {o.since.approver_name for o in found.values()} == {"李审核"}
    assert found["phone"].text == "154****5678"


def test_the_office_learns_no_drafts_from_it(county: County, client_as: Any, part: RecordPart) -> None:
    text = (
        with_reason(client_as(county.officer), part)
        .get(reverse("record-version", args=[part.id, 3]))
        .content.decode()
    )
    assert "每一栏由谁填写、由谁审核" in text
    with acting_as(county.officer) as who:
        occupation = occupation_of(county.education.responsibility)
        versions = sealed_versions(part, occupation, who)
        assert all(o.entered_at is None for o in origins(part, versions, 3, who))
