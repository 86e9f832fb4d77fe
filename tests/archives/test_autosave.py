"""Saving by itself, and two people or tabs in one record: nothing is lost, nothing is overwritten unasked."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from archives.content import draft_of
from archives.models import RecordPart
from archives.occupations import occupation_of
from archives.services.conflicts import differences, marks_of
from archives.states import Status
from tests.archives.flow import FILLED, events, fresh, hand_on, opened, save, sealed
from tests.factories import County, id_number

pytestmark = pytest.mark.django_db


def values(part: RecordPart, county: County) -> dict[str, Any]:
    record = draft_of(fresh(part), occupation_of(county.education.responsibility)).record
    return {name: value for section in record.values() for name, value in section.items()}


def autosave(browser: Client, part: RecordPart, *, revision: int | None = None, **changes: Any) -> Any:
    body = {"revision": part.revision if revision is None else revision} | FILLED | changes
    return browser.post(reverse("record-autosave", args=[part.id]), body, headers={"HX-Request": "true"})


def base_of(browser: Client, part: RecordPart) -> str:
    base: str = browser.get(f"/records/{part.id}/").context["base"]
    return base


def conflict_post(browser: Client, part: RecordPart, revision: int, base: str, **changes: Any) -> Any:
    body = {"revision": revision, "base": base, "action": "save"} | FILLED | changes
    return browser.post(f"/records/{part.id}/", body)


def test_it_saves_and_tells_the_next_revision(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    told = autosave(browser, part).json()
    assert told["message"].startswith("已保存 ")
    assert told["revision"] == fresh(part).revision == 2
    assert told["done"] < told["total"]
    again = autosave(browser, part, revision=told["revision"], title="高级教师").json()
    assert (again["revision"], values(part, county)["title"]) == (3, "高级教师")
    assert again["base"] != told["base"]


def test_it_keeps_what_cannot_be_read(county: County, client_as: Any) -> None:
    part = opened(county.education)
    told = autosave(client_as(county.education.filler), part, phone="1541").json()
    assert told["revision"] == 2
    assert draft_of(fresh(part), occupation_of(county.education.responsibility)).typed == {"phone": "1541"}


def test_it_overwrites_nobody(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    save(part, by=county.education.clerk, title="高级教师")
    answer = autosave(browser, part)
    assert (answer.status_code, answer.json()["conflict"]) == (409, True)
    assert "王经办" in answer.json()["message"]
    assert values(part, county)["title"] == "高级教师"


def test_the_same_content_twice_is_no_conflict(county: County, client_as: Any) -> None:
    """A second save under way, or a tab that shows the same: nothing would be lost."""
    part = opened(county.education)
    browser = client_as(county.education.filler)
    assert autosave(browser, part).status_code == 200
    assert autosave(browser, part, revision=1).json()["revision"] == 2


def test_a_record_handed_on_says_so(county: County, client_as: Any) -> None:
    unit = county.education
    part = save(opened(unit), by=unit.filler).part
    hand_on(part, by=unit.filler)
    answer = autosave(client_as(unit.filler), part, title="高级教师")
    assert (answer.status_code, answer.json()["conflict"]) == (409, False)
    assert "不能修改" in answer.json()["message"]
    assert values(part, county)["title"] == FILLED["title"]


def test_without_a_session_the_page_is_kept(county: County) -> None:
    part = opened(county.education)
    assert autosave(Client(), part).status_code == 401
    assert fresh(part).revision == 1


def test_a_run_of_saves_is_one_line_of_the_story(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    for revision, title in enumerate(("一", "二", "三"), start=1):
        assert autosave(browser, part, revision=revision, title=title).status_code == 200
    story = browser.get(f"/records/{part.id}/").context["history"]
    assert [event["title"] for event in story] == ["保存草稿", "建立年度记录"]
    assert len(events(county.id, verb="record.saved")) == 3


# --- value by value ---------------------------------------------------------------------------------------------


def test_a_side_is_preselected_only_where_it_alone_changed(county: County, client_as: Any) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    browser = client_as(county.education.filler)
    base = base_of(browser, part)
    save(part, by=county.education.clerk, title="高级教师", duties="教务。")
    answer = conflict_post(browser, part, part.revision, base, post="教导主任", duties="政教。")
    assert answer.status_code == 409
    picks = {one.name: one.pick for one in answer.context["conflict"]["differences"]}
    assert picks == {"title": "theirs", "post": "mine", "duties": ""}


@pytest.mark.parametrize("base", ["", "[]", "{", "[" * 5000, '{"title": 3}', "x" * 50_000])
def test_without_a_usable_base_nothing_is_preselected(county: County, client_as: Any, base: str) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    save(part, by=county.education.clerk, title="高级教师")
    browser = client_as(county.education.filler)
    answer = conflict_post(browser, part, part.revision, base)
    assert {one.pick for one in answer.context["conflict"]["differences"]} == {""}


def test_the_choice_is_saved_value_by_value(county: County, client_as: Any) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    browser = client_as(county.education.filler)
    mine = {"post": "教导主任", "duties": "政教。"}
    save(part, by=county.education.clerk, title="高级教师", duties="教务。", phone="15499998888")
    now = fresh(part).revision
    picks = {"pick-title": "theirs", "pick-post": "mine", "pick-duties": "mine", "pick-phone": "theirs"}
    chosen = {"conflict": ["title", "post", "duties", "phone"], **picks}
    assert conflict_post(browser, part, now, "", **mine, **chosen).status_code == 302
    kept = values(part, county)
    assert (kept["title"], kept["post"], kept["duties"]) == ("高级教师", "教导主任", "政教。")
    assert kept["phone"] == "15499998888"


def test_what_has_no_choice_yet_is_asked_again(county: County, client_as: Any) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    browser = client_as(county.education.filler)
    save(part, by=county.education.clerk, title="高级教师")
    now = fresh(part).revision
    answer = conflict_post(browser, part, now, "", title="三级教师", conflict=["title", "no such field"])
    assert answer.status_code == 409
    assert "还有 1 项没有选定" in answer.content.decode()
    assert values(part, county)["title"] == "高级教师"


def test_a_third_save_meanwhile_is_a_conflict_again(county: County, client_as: Any) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    browser = client_as(county.education.filler)
    shown = save(part, by=county.education.clerk, title="高级教师").part
    save(shown, by=county.education.clerk, title="正高级教师")
    chosen = {"conflict": ["title"], "pick-title": "mine"}
    answer = conflict_post(browser, part, shown.revision, "", title="三级教师", **chosen)
    assert answer.status_code == 409
    assert values(part, county)["title"] == "正高级教师"


def test_a_settled_conflict_can_be_submitted_at_once(county: County, client_as: Any) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    browser = client_as(county.education.filler)
    save(part, by=county.education.clerk, title="高级教师")
    chosen = {"conflict": ["title"], "pick-title": "theirs", "action": "submit"}
    assert conflict_post(browser, part, fresh(part).revision, "", **chosen).status_code == 302
    assert (fresh(part).status, values(part, county)["title"]) == (Status.SUBMITTED, "高级教师")


def test_marks_tell_no_values(county: County) -> None:
    occupation = occupation_of(county.education.responsibility)
    draft = draft_of(save(opened(county.education), by=county.education.filler).part, occupation)
    marks = marks_of(draft, occupation)
    assert not any(value in marks for value in (FILLED["phone"], FILLED["title"], FILLED["remarks"]))
    assert differences(occupation, draft, draft, base=marks, year=2026) == []


def test_last_year_stands_beside_and_at_the_cell(county: County, client_as: Any) -> None:
    unit = county.education
    number = id_number()
    last = opened(unit, number=number, year=2025)
    sealed(unit, part=last)
    part = save(opened(unit, number=number, year=2026), by=unit.filler, title="高级教师").part
    answer = client_as(unit.filler).get(f"/records/{part.id}/")
    rows = {row["label"]: (row["text"], row["changed"]) for row in answer.context["previous_year"]}
    assert rows["职称"] == ("一级教师", True)
    assert rows["职务"] == ("班主任", False)
    assert rows["联系电话"] == ("154****5678", False)
    assert "身份证号" not in rows
    assert "<span>去年</span>一级教师" in answer.content.decode()
