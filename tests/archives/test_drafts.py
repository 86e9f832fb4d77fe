"""Saving a draft: nothing is lost, nothing sensitive is readable at rest, nobody overwrites a colleague."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from archives.content import draft_of
from archives.models import RecordPart
from archives.occupations import occupation_of
from archives.services.records import save_draft
from archives.states import Status
from audit.lifecycle import Refused, Stale
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    FILLED,
    acting_as,
    events,
    fresh,
    hand_on,
    in_review,
    opened,
    rows_of,
    save,
    sealed,
    submitted,
)
from tests.factories import County, id_number
from tests.tenancy.query_guard import not_guarded


def draft(part: RecordPart, county: County) -> Any:
    return draft_of(fresh(part), occupation_of(county.education.responsibility))


@pytest.mark.req("AY-F06", "AY-F07", "AY-F08", "AY-F09", "AY-F10", "AY-F11", "AY-F13", "AY-F14", "AY-F15")
def test_what_was_filled_in_is_kept(county: County) -> None:
    part = opened(county.education)
    saved = save(part, by=county.education.filler)
    assert [problem for problem in saved.problems if problem.severity == "error"] == []
    record = draft(part, county).record
    for section in ("identity", "employment", "standing"):
        for name, value in record[section].items():
            assert value == FILLED.get(name, value), name
    assert (saved.part.revision, saved.part.saved_by) == (2, "孙填报")
    assert saved.part.writers[-1] == county.education.filler.user_id
    (event,) = events(county.id, verb="record.saved")
    assert set(event.data["fields"]) == FILLED.keys() - {"determination", "employer"}


def test_the_journal_names_fields_and_never_values(county: County) -> None:
    save(opened(county.education), by=county.education.filler)
    for event in events(county.id):
        assert FILLED["phone"] not in str(event.data)
        assert FILLED["remarks"] not in str(event.data)


def test_faulty_values_are_kept_as_they_were_typed(county: County) -> None:
    part = opened(county.education)
    faulty = {"phone": "1541234", "practice_since": "去年", "sex": "男女"}
    saved = save(part, by=county.education.filler, **faulty)
    assert {problem.field for problem in saved.problems if problem.severity == "error"} == faulty.keys()
    assert draft(part, county).typed == faulty
    assert draft(part, county).record["identity"]["phone"] is None
    assert draft(part, county).record["employment"]["title"] == FILLED["title"], "the rest is saved"
    save(saved.part, by=county.education.filler)
    assert draft(part, county).typed == {}


def test_a_very_long_or_broken_value_does_not_stop_the_save(county: County) -> None:
    part = opened(county.education)
    saved = save(part, by=county.education.filler, duties="工" * 10_000, title="语\x00文")
    typed = draft(part, county).typed
    assert typed["duties"] == "工" * 2000
    assert typed["title"] == "语文"
    assert saved.part.revision == 2


def test_unchanged_saves_write_nothing(county: County) -> None:
    part = save(opened(county.education), by=county.education.filler).part
    before = len(events(county.id))
    again = save(part, by=county.education.filler).part
    assert again.revision == part.revision
    assert len(events(county.id)) == before
    faulty = save(part, by=county.education.filler, phone="1541234").part
    assert len(events(county.id)) == before + 1
    save(faulty, by=county.education.filler, phone="1541234")
    assert len(events(county.id)) == before + 1


def test_a_stale_save_is_told_who_saved(county: County) -> None:
    part = opened(county.education)
    save(part, by=county.education.clerk, title="高级教师")
    with pytest.raises(Stale, match="王经办"):
        save(part, by=county.education.filler)
    assert draft(part, county).record["employment"]["title"] == "高级教师"
    assert len(events(county.id, verb="record.saved")) == 1


@pytest.mark.parametrize("by", ["second_filler", "reviewer", "admin"])
def test_who_does_not_fill_in_cannot_save(county: County, by: str) -> None:
    unit = county.education
    part = opened(unit)
    with acting_as(getattr(unit, by)) as who, pytest.raises((Refused, RecordPart.DoesNotExist)):
        save_draft(part=part, posted={}, revision=1, actor=who, today=timezone.localdate())
    assert fresh(part).revision == 1


@pytest.mark.parametrize("by", ["clerk", "filler"])
def test_another_agency_cannot_save(county: County, by: str) -> None:
    part = opened(county.education)
    with acting_as(getattr(county.health, by)) as who, pytest.raises(Refused, match="没有找到"):
        save_draft(part=part, posted={}, revision=1, actor=who, today=timezone.localdate())


@pytest.mark.parametrize("stage", [submitted, in_review])
@pytest.mark.parametrize("by", ["filler", "clerk"])
def test_what_was_handed_on_cannot_be_changed(county: County, stage: Any, by: str) -> None:
    part = stage(county.education)
    with pytest.raises(Refused) as refusal:
        save(part, by=getattr(county.education, by), title="高级教师")
    assert refusal.value.code == "not_writable"
    assert draft(part, county).record["employment"]["title"] == FILLED["title"]


@pytest.mark.req("PD-21", "GZ-14")
def test_what_was_sealed_cannot_be_changed(county: County) -> None:
    part = fresh(sealed(county.education).part)
    with pytest.raises(Refused):
        save(part, by=county.education.filler, title="高级教师")


def test_name_and_number_are_settled(county: County) -> None:
    part = opened(county.education)
    save(part, by=county.education.filler, name="李四", document_number=id_number(), document_type="414")
    after = draft(part, county).record["identity"]
    assert (after["name"], after["document_type"]) == ("王小明", "111")
    assert fresh(part).name == "王小明"


# --- on the page ------------------------------------------------------------------------------------------------


def page_post(browser: Client, part: RecordPart, **changes: Any) -> Any:
    return browser.post(
        f"/records/{part.id}/", {"revision": part.revision, "action": "save"} | FILLED | changes
    )


def test_the_page_keeps_what_cannot_be_read(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    answer = page_post(browser, part, phone="1541234")
    assert answer.status_code == 422
    assert "1541234" in answer.content.decode()
    again = browser.get(f"/records/{part.id}/").content.decode()
    assert 'value="1541234"' in again


def test_the_page_shows_both_sides_of_a_conflict(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    save(part, by=county.education.clerk, title="高级教师")
    answer = page_post(browser, part, title="三级教师")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "高级教师" in text
    assert "三级教师" in text
    assert draft(part, county).record["employment"]["title"] == "高级教师"
    answer = page_post(browser, fresh(part), title="三级教师")
    assert answer.status_code == 302
    assert draft(part, county).record["employment"]["title"] == "三级教师"


def test_a_conflict_does_not_show_a_phone_whole(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    save(part, by=county.education.clerk, phone="15499998888")
    answer = page_post(browser, part)
    assert answer.status_code == 409
    differences = {one.label: (one.mine, one.theirs) for one in answer.context["conflict"]["differences"]}
    assert differences["联系电话"] == ("154****5678", "154****8888")
    assert "15499998888" not in answer.content.decode()


def test_the_number_is_masked_on_the_page(county: County, client_as: Any) -> None:
    number = id_number()
    part = opened(county.education, number=number)
    browser = client_as(county.education.clerk)
    assert number not in browser.get(f"/records/{part.id}/").content.decode()
    hand_on(save(part, by=county.education.filler).part, by=county.education.filler)
    text = browser.get(f"/records/{part.id}/").content.decode()
    assert number not in text
    assert FILLED["phone"] not in text


def test_the_back_button_after_submitting_changes_nothing(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    assert page_post(browser, part, action="submit").status_code == 302
    assert fresh(part).status == Status.SUBMITTED
    count = len(events(county.id, success=True, verb__startswith="record.s"))
    answer = page_post(browser, part, action="submit", title="高级教师")
    assert answer.status_code == 302
    assert draft(part, county).record["employment"]["title"] == FILLED["title"]
    assert len(events(county.id, success=True, verb__startswith="record.s")) == count


def test_one_field_is_judged_without_saving(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.filler)
    answer = browser.post(f"/records/{part.id}/validate/?field=phone", FILLED | {"phone": "12"})
    assert (answer.status_code, "区号" in answer.content.decode()) == (200, True)
    assert browser.post(f"/records/{part.id}/validate/?field=nothing", FILLED).status_code == 404
    assert fresh(part).revision == 1


# --- at rest ----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-18", "GZ-12")
def test_numbers_and_phones_are_nowhere_in_plain(county: County, client_as: Any) -> None:
    """Through the pages, from opening to delivery's outbox; then every row of every table is searched."""
    unit, number = county.education, id_number()
    browser = client_as(unit.filler)
    form = {
        "responsibility": unit.responsibility.pk,
        "year": timezone.localdate().year,
        "employer": unit.employer.pk,
        "name": "王小明",
        "document_type": "111",
        "document_number": number,
    }
    assert browser.post("/archives/open/", form).status_code == 302
    (part,) = rows_of(RecordPart, county.id)
    assert page_post(browser, part, phone="0154123456789999").status_code == 422
    assert page_post(browser, fresh(part), phone="15412345678", action="submit").status_code == 302
    clerk = client_as(unit.clerk)
    clerk.post(f"/records/{part.id}/", {"action": "pass_on", "revision": fresh(part).revision})
    reviewer = client_as(unit.reviewer)
    reviewer.post(f"/records/{part.id}/", {"action": "seal", "revision": fresh(part).revision})
    assert fresh(part).status == Status.SEALED
    rows = all_rows(county)
    assert any("王小明" in row for row in rows["archives_recordpart"]), "the search sees the rows"
    for secret in (number, number[6:14] + number[14:], "15412345678", "0154123456789999"):
        found = [table for table, texts in rows.items() if any(secret in text for text in texts)]
        assert found == [], f"plain {secret} in {found}"


def all_rows(county: County) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    with acting(county.id, "job"), not_guarded("every row of every table"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            rows[table] = [text for (text,) in cursor.fetchall()]
    return rows
