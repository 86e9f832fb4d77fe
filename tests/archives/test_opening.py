"""Opening an archive: who may, for whom, for which year, and that a person is one person."""

import datetime as dt
import time
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Employer, Responsibility, Role
from archives.content import draft_of
from archives.models import AnnualRecord, Archive, Person, PersonDocument, PersonLocator, RecordPart
from archives.names import sort_key
from archives.occupations import occupation_of
from archives.services import people
from archives.services.people import NotReadable, open_archive
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform import crypto
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, at_once, events, opened, rows_of
from tests.factories import County, ResponsibilityFactory, id_number


@pytest.mark.req("AY-F02", "AY-30", "AY-F06", "AY-F12")
def test_new_person(county: County) -> None:
    number = id_number()
    part = opened(county.education, name="阿依古丽•买买提", number=number)
    assert (part.name, part.status, part.revision, part.current_version) == (
        "阿依古丽·买买提",
        Status.DRAFT,
        1,
        0,
    )
    assert part.employer_id == county.education.employer.pk
    assert part.number_mask.startswith(number[:3]) or part.number_mask.startswith("*")
    assert number not in part.number_mask
    (person,) = rows_of(Person, county.id)
    (document,) = rows_of(PersonDocument, county.id, person_id=person.pk)
    assert crypto.decrypt(document.number, purpose="person.number") == number
    with acting(county.id, "job"):
        assert PersonLocator.objects.get(person_id=person.pk).jurisdiction_id == county.id
    assert [event.verb for event in events(county.id)] == [
        "membership.started",
        "person.registered",
        "record.opened",
    ]


def test_the_draft_begins_with_identity_and_employer(county: County) -> None:
    number = id_number()
    part = opened(county.education, number=number)
    draft = draft_of(part, occupation_of(county.education.responsibility))
    assert draft.record["identity"]["document_number"] == number
    assert draft.record["employment"]["employer"] == "第一小学"
    assert draft.typed == {}


@pytest.mark.req("AY-F02")
def test_next_year_continues_the_same_archive(county: County) -> None:
    number, today = id_number(), timezone.localdate()
    before = opened(county.education, number=number, year=today.year - 1)
    after = opened(county.education, number=number)
    assert before.record_id != after.record_id
    assert len(rows_of(Archive, county.id)) == 1
    assert sorted(record.year for record in rows_of(AnnualRecord, county.id)) == [today.year - 1, today.year]


def test_another_agency_finds_the_same_person(county: County) -> None:
    number = id_number()
    opened(county.education, number=number)
    opened(county.health, number=number)
    assert len(rows_of(Person, county.id)) == 1
    assert len(rows_of(PersonLocator, county.id, jurisdiction_id=county.id)) == 1
    assert len(rows_of(Archive, county.id)) == 2


def test_another_county_has_a_person_of_its_own(county: County, other_county: County) -> None:
    number = id_number()
    opened(county.education, number=number)
    opened(other_county.education, number=number)
    mine, theirs = rows_of(Person, county.id), rows_of(Person, other_county.id)
    assert len(mine) == len(theirs) == 1
    assert mine[0].pk != theirs[0].pk


@pytest.mark.parametrize("unit", ["education", "health"])
def test_a_number_under_another_name_is_refused(county: County, unit: str) -> None:
    number = id_number()
    opened(county.education, name="王小明", number=number)
    with pytest.raises(Refused, match="已登记为另一姓名") as refusal:
        opened(getattr(county, unit), name="李小明", number=number)
    assert refusal.value.code == "name_differs"
    assert "王小明" not in str(refusal.value)
    assert number not in str(refusal.value)
    assert len(rows_of(Person, county.id)) == len(rows_of(RecordPart, county.id)) == 1


@pytest.mark.parametrize("by", ["filler", "clerk"])
def test_a_record_that_exists_is_refused(county: County, by: str) -> None:
    number = id_number()
    unit = county.education
    opened(unit, number=number)
    with pytest.raises(Refused) as refusal:
        opened(unit, number=number, by=getattr(unit, by), employer=unit.employer)
    assert refusal.value.code == "exists"
    assert len(rows_of(RecordPart, county.id)) == 1


def test_a_person_of_another_employer_is_not_taken_over(county: County) -> None:
    unit, number, last_year = county.education, id_number(), timezone.localdate().year - 1
    opened(unit, number=number, year=last_year)
    with pytest.raises(Refused) as refusal:
        opened(unit, number=number, by=unit.second_filler, employer=unit.second_employer)
    assert refusal.value.code == "other_employer"
    with pytest.raises(Refused, match="第一小学"):
        opened(unit, number=number, by=unit.clerk, employer=unit.second_employer)
    assert len(rows_of(AnnualRecord, county.id)) == 1


def test_an_employer_of_another_agency_is_refused(county: County) -> None:
    unit = county.education
    with pytest.raises(Refused) as refusal:
        opened(unit, by=unit.clerk, employer=county.health.employer)
    assert refusal.value.code == "employer"


def test_a_filler_opens_only_for_the_own_employer(county: County) -> None:
    unit = county.education
    with pytest.raises(Refused, match="只能为本单位人员建档"):
        opened(unit, by=unit.filler, employer=unit.second_employer)


@pytest.mark.req("AY-09")
@pytest.mark.parametrize("role", ["reviewer", "admin", "clerk of another agency"])
def test_who_does_not_handle_the_group_is_refused(county: County, role: str) -> None:
    unit = county.education
    by = {"reviewer": unit.reviewer, "admin": unit.admin}.get(role, county.health.clerk)
    with pytest.raises(Refused) as refusal:
        opened(unit, by=by)
    assert refusal.value.code == "foreign"
    assert rows_of(Person, county.id) == []


def test_a_member_without_this_group_is_refused(county: County) -> None:
    unit = county.education
    other: Responsibility = ResponsibilityFactory(
        agency=unit.agency, position=9, occupation="tutor", label="校外培训人员"
    )
    with pytest.raises(Refused) as refusal:
        opened(unit, by=unit.clerk, responsibility=other)
    assert refusal.value.code == "foreign"


@pytest.mark.req("AY-G21", "AY-G22")
def test_an_undecided_group_has_no_records(county: County) -> None:
    unit = county.education
    Responsibility.objects.filter(pk=unit.responsibility.pk).update(undecided=True)
    undecided = Responsibility.objects.select_related("agency", "jurisdiction").get(pk=unit.responsibility.pk)
    with pytest.raises(Refused):
        opened(unit, by=unit.clerk, responsibility=undecided)
    assert rows_of(RecordPart, county.id) == []


@pytest.mark.parametrize("offset", [1, 10, -100])
def test_a_year_that_is_not_open_is_refused(county: County, offset: int) -> None:
    with pytest.raises(Refused, match="年度应在 2022 至") as refusal:
        opened(county.education, year=timezone.localdate().year + offset)
    assert refusal.value.code == "year"


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"name": "", "document_number": id_number(5)}, "name"),
        ({"name": "王*明", "document_number": id_number(5)}, "name"),
        ({"name": "王小明", "document_number": ""}, "document_number"),
        ({"name": "王小明", "document_number": id_number(5)[:-1] + "Y"}, "document_number"),
        ({"name": "王小明", "document_number": "41052219850101" + "\x00" * 4}, "document_number"),
        ({"name": ["王"], "document_number": {"a": 1}}, "name"),
    ],
)
def test_a_faulty_identity_is_refused(county: County, raw: dict[str, Any], field: str) -> None:
    unit, today = county.education, timezone.localdate()
    with acting_as(unit.filler) as who, pytest.raises(NotReadable) as refusal:
        open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw=raw,
            year=today.year,
            actor=who,
            today=today,
        )
    assert field in {problem.field for problem in refusal.value.problems}
    assert rows_of(Person, county.id) == []


def test_the_page_says_what_is_wrong(county: County, client_as: Any) -> None:
    unit = county.education
    browser = client_as(unit.clerk)
    posted = {
        "responsibility": unit.responsibility.pk,
        "year": timezone.localdate().year,
        "employer": unit.employer.pk,
        "name": "王小明",
        "document_type": "111",
        "document_number": id_number()[:-1] + "?",
    }
    answer = browser.post("/archives/open/", posted)
    assert answer.status_code == 422
    assert answer.context["form"].errors["document_number"]
    answer = browser.post("/archives/open/", posted | {"document_number": id_number()})
    (part,) = rows_of(RecordPart, county.id)
    assert (answer.status_code, answer["Location"]) == (302, f"/records/{part.id}/")


def test_the_page_of_a_reviewer_offers_no_opening(county: County, client_as: Any) -> None:
    browser = client_as(county.education.reviewer)
    assert browser.get("/archives/open/").status_code == 403
    assert county.education.reviewer.role == Role.REVIEWER


# --- at the same time -----------------------------------------------------------------------------------------------


def test_two_agencies_register_a_person_at_once(transactional_db: None, county: County) -> None:
    number = id_number()
    pairs = [(county.education, county.education.filler), (county.health, county.health.filler)]
    outcomes = at_once(*(partial(opened, unit, by=by, number=number) for unit, by in pairs))
    assert [type(outcome) for outcome in outcomes] == [RecordPart, RecordPart], outcomes
    assert len(rows_of(Person, county.id)) == 1
    assert len({part.person_id for part in outcomes}) == 1
    assert len(rows_of(PersonLocator, county.id, jurisdiction_id=county.id)) == 1


@pytest.mark.parametrize("moment", ["new_archive", "start_record"])
def test_two_colleagues_open_the_same_archive_at_once(
    transactional_db: None, county: County, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Both have seen that there is none (archive, or record of the year) before either has written it."""
    unit, number = county.education, id_number()
    if moment == "start_record":
        opened(unit, number=number, year=timezone.localdate().year - 1)
    else:
        opened(
            county.health, number=number
        )  # so that the person is known and nobody waits for the registration
    step = getattr(people, moment)

    def slowly(*args: Any, **values: Any) -> Any:
        time.sleep(0.4)
        return step(*args, **values)

    monkeypatch.setattr(people, moment, slowly)
    pair = [unit.filler, unit.clerk]
    outcomes = at_once(*(partial(opened, unit, by=by, number=number, employer=unit.employer) for by in pair))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RecordPart", "Refused"], outcomes
    assert len(rows_of(RecordPart, county.id, agency=unit.agency, year=timezone.localdate().year)) == 1
    refusal = next(outcome for outcome in outcomes if isinstance(outcome, Refused))
    assert refusal.code == "exists", f"both work for the same employer, yet one reads: {refusal}"


def test_a_day_before_the_first_year_nothing_is_open(county: County) -> None:
    years = people.years_open(county.jurisdiction, today=dt.date(2021, 12, 31))
    assert list(years) == []
    unit = county.education
    with acting_as(unit.filler) as who, pytest.raises(Refused):
        open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": "王小明", "document_number": id_number()},
            year=2021,
            actor=who,
            today=dt.date(2021, 12, 31),
        )


def test_people_of_one_surname_stand_together() -> None:
    names = ["卢山", "罗琼", "卢小燕", "罗安", "卢艳"]
    assert sorted(names, key=sort_key) == ["卢山", "卢小燕", "卢艳", "罗安", "罗琼"]


def test_a_wrong_filter_shows_nobody(county: County, client_as: Any) -> None:
    opened(county.education)
    browser = client_as(county.education.clerk)
    assert len(browser.get("/archives/", {"status": "draft"}).context["rows"]) == 1
    for name in ("status", "year", "occupation", "delivery", "employer"):
        answer = browser.get("/archives/", {name: "xxx"})
        assert (answer.context["rows"], answer.context["total"]) == ([], 0)
        (message,) = answer.context["filter_form"].errors[name]
        assert message.endswith("请从列表中选择。")


@pytest.mark.req("AY-18")
def test_no_archive_is_opened_at_a_closed_employer(county: County) -> None:
    unit = county.education
    Employer.objects.filter(id=unit.employer.pk).update(active=False)
    unit.employer.refresh_from_db()
    with pytest.raises(Refused, match="已经停用"):
        opened(unit, by=unit.clerk, employer=unit.employer)
    assert rows_of(Archive, county.id) == rows_of(Person, county.id) == []
