"""沿用上年: what may be taken over, what never is, for one record and for many."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Employer, Membership, Role
from archives.content import draft_of
from archives.models import AnnualRecord, Archive, RecordPart
from archives.occupations import occupation_of
from archives.services.people import years_open
from archives.services.records import save_draft
from archives.services.reuse import due_archives, offers_of, open_from_last_year, reuse_last_year
from archives.states import Status
from audit.lifecycle import Refused, Stale
from tests.archives.flow import (
    FILLED,
    acting_as,
    at_once,
    events,
    fresh,
    hand_on,
    opened,
    rows_of,
    save,
    sealed,
)
from tests.factories import County, id_number

pytestmark = pytest.mark.django_db
NOW = timezone.localdate().year


def last_year(county: County, *, name: str = "王小明", number: str | None = None) -> RecordPart:
    """A record that was sealed for the year before this."""
    unit = county.education
    return fresh(sealed(unit, part=opened(unit, name=name, number=number, year=NOW - 1)).part)


def archive_of(part: RecordPart) -> UUID:
    (record,) = rows_of(AnnualRecord, part.jurisdiction_id, id=part.record_id)
    archive: UUID = record.archive_id
    return archive


@pytest.fixture
def both(county: County) -> tuple[RecordPart, RecordPart]:
    """Last year's sealed record and this year's empty draft of one person."""
    number = id_number()
    last = last_year(county, number=number)
    return last, opened(county.education, number=number)


def values(part: RecordPart, county: County) -> dict[str, Any]:
    record = draft_of(fresh(part), occupation_of(county.education.responsibility)).record
    return {name: value for section in record.values() for name, value in section.items()}


def reuse(part: RecordPart, *fields: str, by: Membership, revision: int | None = None) -> RecordPart:
    with acting_as(by) as who:
        return reuse_last_year(
            part=part,
            fields=fields,
            revision=revision or part.revision,
            actor=who,
            today=timezone.localdate(),
        ).part


# --- one record -------------------------------------------------------------------------------------------------


def test_blanks_are_offered_and_nothing_about_standing_or_identity(
    county: County, both: tuple[RecordPart, RecordPart]
) -> None:
    last, part = both
    part = save_only(part, county, title="高级教师")
    with acting_as(county.education.filler):
        offers = {o.name: o for o in offers_of(part, last, occupation_of(county.education.responsibility))}
    assert {"name", "document_number", "determination", "remarks"}.isdisjoint(offers)
    assert (offers["title"].blank, offers["title"].now, offers["title"].last) == (
        False,
        "高级教师",
        "一级教师",
    )
    assert (offers["phone"].blank, offers["phone"].last) == (True, "154****5678")
    assert "employer" not in offers, "the same in both"


def save_only(part: RecordPart, county: County, **typed: Any) -> RecordPart:
    with acting_as(county.education.filler) as who:
        posted = {"employment": {"title": None, "employer": "第一小学", **typed}}
        return save_draft(
            part=part, posted=posted, revision=part.revision, actor=who, today=timezone.localdate()
        ).part


def test_only_what_was_chosen_is_taken_over(county: County, both: tuple[RecordPart, RecordPart]) -> None:
    part = reuse(both[1], "title", "phone", "remarks", "determination", "nothing", by=county.education.filler)
    kept = values(part, county)
    assert (kept["title"], kept["phone"]) == (FILLED["title"], FILLED["phone"])
    assert (kept["remarks"], kept["duties"]) == (None, None)
    assert events(county.id, verb="record.saved")[-1].data["fields"] == ["phone", "title"]


def test_what_was_typed_and_not_understood_stays(county: County, both: tuple[RecordPart, RecordPart]) -> None:
    part = save_only(both[1], county, practice_since="去年")
    part = reuse(part, "title", by=county.education.filler)
    draft = draft_of(fresh(part), occupation_of(county.education.responsibility))
    assert draft.typed == {"practice_since": "去年"}


def test_refusals_change_nothing(county: County, both: tuple[RecordPart, RecordPart]) -> None:
    unit = county.education
    with pytest.raises(Refused) as refusal:
        reuse(both[1], "remarks", by=unit.filler)
    assert refusal.value.code == "nothing_chosen"
    with pytest.raises(Stale):
        reuse(both[1], "title", by=unit.filler, revision=99)
    alone = opened(unit, name="李新人")
    with pytest.raises(Refused) as refusal:
        reuse(alone, "title", by=unit.filler)
    assert refusal.value.code == "no_last_year"
    handed_on = hand_on(save(alone, by=unit.filler).part, by=unit.filler)
    with pytest.raises(Refused):
        reuse(handed_on, "title", by=unit.filler)
    with pytest.raises((Refused, RecordPart.DoesNotExist)):
        reuse(both[1], "title", by=unit.reviewer)
    assert values(both[1], county)["title"] is None


def test_the_page_shows_it_before_it_is_kept(
    county: County, client_as: Any, both: tuple[RecordPart, RecordPart]
) -> None:
    part = both[1]
    browser = client_as(county.education.filler)
    address = reverse("record-reuse", args=[part.id])
    assert address in browser.get(f"/records/{part.id}/").content.decode()
    answer = browser.get(address)
    assert 'value="title" checked' in answer.content.decode()
    assert FILLED["phone"] not in answer.content.decode()
    assert fresh(part).revision == 1
    body = {"field": ["title", "duties"], "revision": fresh(part).revision}
    assert browser.post(address, body)["Location"] == f"/records/{part.id}/"
    assert values(part, county)["duties"] == FILLED["duties"]
    stale = browser.post(address, {"field": ["phone"], "revision": 1}, follow=True)
    assert "还没有沿用" in stale.content.decode()
    assert values(part, county)["phone"] is None


# --- many -------------------------------------------------------------------------------------------------------


def test_everybody_of_last_year_gets_this_years_record(county: County, client_as: Any) -> None:
    unit = county.education
    archives = [archive_of(last_year(county, name="王" + name)) for name in "一二三"]
    opened(unit, name="李新人")
    browser = client_as(unit.clerk)
    page = browser.get(reverse("archive-reuse"))
    assert (page.context["total"], page.context["year"]) == (3, NOW)
    answer = browser.post(reverse("archive-reuse"), {"row": archives[:2]})
    assert (len(answer.context["opened"]), answer.context["left"]) == (2, [])
    parts = rows_of(RecordPart, county.id, year=NOW, record__archive_id__in=archives)
    assert len(parts) == 2
    for part in parts:
        kept = values(part, county)
        assert (part.status, kept["title"], kept["phone"]) == (Status.DRAFT, FILLED["title"], FILLED["phone"])
        assert (kept["remarks"], part.current_version) == (None, 0)
    again = browser.post(reverse("archive-reuse"), {"row": archives[:2]})
    assert again.context["opened"] == []
    assert f"{NOW} 年度记录已经填过" in again.content.decode()
    assert browser.get(reverse("archive-reuse")).context["total"] == 1


def test_rows_ticked_in_the_list_narrow_it(county: County, client_as: Any) -> None:
    unit = county.education
    first, _ = (last_year(county, name="王" + name) for name in "一二")
    new = opened(unit, name="李新人")
    browser = client_as(unit.filler)
    assert 'name="row"' in browser.get("/archives/").content.decode()
    page = browser.get(reverse("archive-reuse"), {"row": [first.id, new.id]})
    assert [row["archive"].name for row in page.context["rows"]] == ["王一"]
    assert "选中 2 条，其中 1 人可以办" in page.content.decode()


def test_a_record_that_nobody_has_touched_is_filled_too(county: County, client_as: Any) -> None:
    """Opened by the roster, it would else have to be filled one by one."""
    unit, numbers = county.education, [id_number(), id_number()]
    archives = [archive_of(last_year(county, name="王一", number=number)) for number in numbers]
    blank, begun = (opened(unit, name="王一", number=number) for number in numbers)
    save(begun, by=unit.filler, title="特级教师")
    browser = client_as(unit.filler)
    page = browser.get(reverse("archive-reuse"), {"row": [blank.id, begun.id]})
    assert [row["archive"].pk for row in page.context["rows"]] == archives[:1]
    assert "选中 2 条，其中 1 人可以办" in page.content.decode()
    answer = browser.post(reverse("archive-reuse"), {"row": archives})
    assert [one.part.pk for one in answer.context["opened"]] == [blank.pk]
    assert values(blank, county)["title"] == FILLED["title"]
    assert values(begun, county)["title"] == "特级教师"
    assert len(rows_of(RecordPart, county.id, year=NOW)) == 2
    assert browser.get(reverse("archive-reuse")).context["total"] == 0


def test_who_has_left_is_skipped(county: County) -> None:
    unit = county.education
    archive = archive_of(last_year(county))
    Employer.objects.filter(id=unit.employer.pk).update(active=False)
    with acting_as(unit.clerk) as who:
        assert not due_archives(who, year=NOW).exists()
        (outcome,) = open_from_last_year(archives=[archive], year=NOW, actor=who, today=timezone.localdate())
    assert (outcome.part, "已离开" in outcome.message) == (None, True)
    assert rows_of(AnnualRecord, county.id, year=NOW) == []


def test_last_year_must_be_sealed(county: County) -> None:
    unit = county.education
    draft = opened(unit, year=NOW - 1)
    with acting_as(unit.clerk) as who:
        (outcome,) = open_from_last_year(
            archives=[archive_of(draft)], year=NOW, actor=who, today=timezone.localdate()
        )
    assert "没有" in outcome.message
    assert rows_of(AnnualRecord, county.id, year=NOW) == [], "nothing half-opened stays"


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_only_who_fills_in_opens(county: County, role: str) -> None:
    archive = archive_of(last_year(county))
    with acting_as(getattr(county.education, role)) as who, pytest.raises(Refused):
        open_from_last_year(archives=[archive], year=NOW, actor=who, today=timezone.localdate())


def test_what_others_keep_is_passed_over(county: County) -> None:
    archive = archive_of(last_year(county))
    for member in (county.health.clerk, county.education.second_filler):
        with acting_as(member) as who:
            found = open_from_last_year(archives=[archive], year=NOW, actor=who, today=timezone.localdate())
        assert found == []


def test_a_closed_year_and_too_many_are_refused(county: County) -> None:
    archive = archive_of(last_year(county))
    place = county.jurisdiction
    place.parameters = place.parameters | {"year_closes": "03-31"}
    place.save()
    today = timezone.localdate().replace(month=6)
    with acting_as(county.education.clerk) as who:
        for year in (NOW - 1, NOW + 1):
            with pytest.raises(Refused) as refusal:
                open_from_last_year(archives=[archive], year=year, actor=who, today=today)
            assert refusal.value.code == "year"
        with pytest.raises(Refused) as refusal:
            open_from_last_year(archives=[archive] * 201, year=NOW, actor=who, today=today)
        assert refusal.value.code == "too_many"
    assert NOW in years_open(place, today=today)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_opens_once(county: County) -> None:
    clerk, archive = county.education.clerk, archive_of(last_year(county))

    def press() -> Any:
        with acting_as(clerk) as who:
            return open_from_last_year(archives=[archive], year=NOW, actor=who, today=timezone.localdate())

    outcomes = at_once(*[partial(press)] * 2)
    assert sorted(one.part is None for (one,) in outcomes) == [False, True]
    assert len(rows_of(RecordPart, county.id, year=NOW)) == 1
    assert len(rows_of(Archive, county.id)) == 1


def test_a_second_place_sees_its_own_people(county: County) -> None:
    """A reviewer's second place as clerk: what is offered follows the place that is worked in."""
    unit = county.education
    last_year(county)
    also = Membership.objects.create(
        user=unit.reviewer.user, jurisdiction=county.jurisdiction, agency=unit.agency, role=Role.CLERK
    )
    with acting_as(also) as who:
        assert due_archives(who, year=NOW).count() == 1
