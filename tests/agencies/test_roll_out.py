"""Roll-out (AY-01, PD-40): of a group whose turn has not come nothing is owed; once it has come, everything is."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Membership, Responsibility
from archives.forms import OpenArchiveForm
from archives.models import RecordPart, RosterEntry
from archives.nil_periods import owed_of
from archives.periods import Period, PeriodKind
from archives.services.nil_returns import groups_owing, periods_owed, sign_nil_return
from archives.services.people import open_archive, years_of
from archives.services.succession import hand_over_roster
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from oversight.packs import load_pack
from oversight.people import listed
from oversight.progress import progress_of
from oversight.worklist_lines import lines_of
from tests.agencies.pack_flow import change
from tests.agencies.pack_flow import group as group_of_anyang
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as, events, opened
from tests.factories import County, EmployerFactory, ResponsibilityFactory
from tests.oversight.test_progress import on_roster

pytestmark = [pytest.mark.req("AY-01", "PD-40")]
TODAY = timezone.localdate()
LAST = Period.containing(PeriodKind.MONTHLY, TODAY).previous


def set_group(county: County, **changes: Any) -> Responsibility:
    """Change when 教师 of 县教育局 opens or ended."""
    pk = county.education.responsibility.pk
    Responsibility.objects.filter(pk=pk).update(**changes)
    return Responsibility.objects.select_related("agency", "jurisdiction", "successor").get(pk=pk)


@pytest.fixture
def teachers_expected(county: County) -> County:
    """A place whose years close, with a teacher and a doctor on the roster of last year and this."""
    on_roster(county.education, "王老师", "1" * 64)
    on_roster(county.health, "李医生", "2" * 64)
    place = county.jurisdiction
    place.parameters = place.parameters | {"year_closes": "03-31"}
    place.save()
    return county


def overdue_of(county: County, year: int, today: dt.date) -> set[str]:
    with acting_as(county.officer) as who:
        return {line.responsibility.occupation for line in progress_of(who, year, today=today).lines}


@pytest.mark.parametrize("later", [{"awaits": True}, {"opens_on": dt.date(TODAY.year + 1, 1, 1)}])
def test_nothing_is_owed_before_the_turn_has_come(teachers_expected: County, later: dict[str, Any]) -> None:
    county, closed = teachers_expected, dt.date(TODAY.year, 4, 1)
    last_year = TODAY.year - 1
    assert overdue_of(county, last_year, closed) == {"teacher", "doctor"}
    clerk, officer = county.education.clerk, county.officer
    with acting_as(clerk) as who:
        assert owed_of(who, today=TODAY)
        assert lines_of(who, county.jurisdiction, today=TODAY) is not None

    set_group(county, **later)
    assert overdue_of(county, last_year, closed) == {"doctor"}
    with acting_as(clerk) as who:
        assert who.occupations == frozenset()
        assert owed_of(who, today=TODAY) == periods_owed(who, today=TODAY) == []
        assert lines_of(who, county.jurisdiction, today=TODAY) is None
    with acting_as(officer) as who:
        progress = progress_of(who, last_year, today=closed)
        assert progress.waiting == ["教师"]
        assert progress.total("people") == listed(who, "roster", last_year, None, closed).count() == 1
        assert [group.occupation for group, _ in groups_owing(county.id, today=TODAY)] == ["doctor"]


def test_the_office_sees_which_groups_wait(county: County, client_as: Callable[..., Client]) -> None:
    set_group(county, awaits=True)
    page = client_as(county.officer).get("/").content.decode()
    assert f"{TODAY.year} 年度尚未开放：教师。" in page
    table = client_as(county.health.clerk).get("/responsibilities/").content.decode()
    assert "尚未开放" in table


def test_from_the_day_on_it_is_owed(teachers_expected: County) -> None:
    county = teachers_expected
    set_group(county, opens_on=LAST.end)  # within the last period: that one is owed, the one before is not
    with acting_as(county.education.clerk) as who:
        assert [one.period for one in owed_of(who, today=TODAY)] == [LAST]
        assert [period for _, period in periods_owed(who, today=TODAY)] == [LAST]
    group = set_group(county, opens_on=dt.date(TODAY.year, 1, 1))
    assert list(years_of(group, today=TODAY)) == [TODAY.year]
    assert overdue_of(county, TODAY.year - 1, TODAY) == {"doctor"}
    assert opened(county.education, by=county.education.clerk, responsibility=group)


def test_years_before_the_opening_are_not_offered_and_refused(county: County) -> None:
    group = set_group(county, opens_on=dt.date(TODAY.year, 1, 1))
    clerk = county.education.clerk
    with pytest.raises(Refused, match=f"年度应在 {TODAY.year} 至 {TODAY.year} 之间"):
        opened(county.education, by=clerk, responsibility=group, year=TODAY.year - 1)
    with acting_as(clerk) as who:
        form: Any = OpenArchiveForm(actor=who, today=TODAY)
        assert [year for year, _ in form.fields["year"].choices] == [TODAY.year]


def test_a_nil_return_for_a_period_before_the_opening_is_refused(county: County) -> None:
    group = set_group(county, opens_on=LAST.end + dt.timedelta(days=1))
    with acting_as(county.education.clerk) as who, pytest.raises(Refused, match="在这一期没有开放"):
        sign_nil_return(responsibility=group, period=LAST, actor=who, today=TODAY)


def test_teachers_and_doctors_go_first_where_the_second_wave_has_a_later_day(packs: Path) -> None:
    second = 'name = "第二批：其他重点人群"\nopens = '
    change(packs, "anyang", (f"{second}2022-01-01", f"{second}{TODAY.year + 1}-01-01"))
    load_pack("anyang", apply=True)
    groups = Responsibility.objects.filter(jurisdiction__code="410522")
    first = {"教师", "医师"}
    assert set(groups.open_on(TODAY).values_list("label", flat=True)) == first
    assert {group.label for group in groups if group.owes_year(TODAY.year)} == first
    assert {group.label for group in groups if group.owes_year(TODAY.year + 1)} == {
        group.label for group in groups if not group.undecided
    }
    lawyers = group_of_anyang("lawyer")
    with acting_as(clerk_of(lawyers)) as who:
        knows = dataclasses.replace(who, occupations=frozenset({"lawyer"}))
        with pytest.raises(Refused, match="律师”尚未开放建档"):
            open_archive(
                responsibility=lawyers, employer=None, raw={}, year=TODAY.year, actor=knows, today=TODAY
            )


# --- duties that move ----------------------------------------------------------------------------------------------


@pytest.fixture
def moved(county: County) -> Responsibility:
    """教师 moves from 县教育局 to 县教育体育局 today."""
    other = Agency.objects.create(
        jurisdiction=county.jurisdiction, code="sports", department="education", name="县教育体育局"
    )
    return set_group(county, ended_on=TODAY, successor=other)


def test_after_the_duty_moved_nothing_new_is_opened_and_the_successor_is_named(
    county: County, moved: Responsibility
) -> None:
    with pytest.raises(Refused, match=f"已于 {TODAY:%Y-%m-%d} 调整，由县教育体育局承接"):
        opened(county.education, by=county.education.clerk, responsibility=moved)
    with acting_as(county.education.clerk) as who:
        assert owed_of(who, today=TODAY) == []
        assert not Responsibility.objects.handled_by(who).exists()


def test_the_roster_moves_with_the_duty_and_the_archives_stay(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    on_roster(county.education, "王老师", "1" * 64)
    on_roster(county.education, "李老师", "2" * 64)
    kept = opened(county.education, by=county.education.clerk)
    other = Agency.objects.create(
        jurisdiction=county.jurisdiction, code="sports", department="education", name="县教育体育局"
    )
    group = set_group(county, ended_on=TODAY, successor=other)
    office = client_as(county.officer)
    address = f"/rules/groups/{group.pk}/roster/"
    assert address in office.get("/responsibilities/").content.decode()
    assert "名册上有 2 人" in office.get(address).content.decode()
    assert "还没有开放" in office.post(address).content.decode(), "the successor has no such group yet"
    ResponsibilityFactory(agency=other, position=5, occupation="teacher", label="教师")
    twin = EmployerFactory(agency=other, name=county.education.employer.name)
    assert "同名的所属单位" in office.post(address).content.decode(), "it may be another unit"
    with acting(county.id, "job"):
        twin.delete()
    assert office.post(address)["Location"] == "/responsibilities/"
    with acting(county.id, "job"):
        new = list(RosterEntry.objects.filter(agency=other).select_related("employer").order_by("name"))
        assert [(row.name, row.joined_on, row.left_on) for row in new] == [
            ("李老师", TODAY, None),
            ("王老师", TODAY, None),
        ]
        assert {(row.employer.name, row.employer.agency_id) for row in new if row.employer} == {
            (county.education.employer.name, other.pk)
        }
        old = RosterEntry.objects.filter(agency=county.education.agency)
        assert {(row.left_on, row.left_reason) for row in old} == {(TODAY, "职责调整，由县教育体育局承接")}
        assert RecordPart.objects.get(pk=kept.pk).agency_id == county.education.agency.pk
    (event,) = events(county.id, verb="roster.handed_over")
    assert event.data == {"occupation": "teacher", "to": "sports", "people": 2, "left": 2}
    with acting_as(county.officer) as who:
        assert hand_over_roster(ended=group, actor=who, today=TODAY) == 0
    with acting_as(county.education.admin) as who, pytest.raises(Refused, match="由信用工作机构办理"):
        hand_over_roster(ended=group, actor=who, today=TODAY)


def test_there_is_no_page_for_a_duty_that_has_not_moved(county: County, client_as: Any) -> None:
    group = county.education.responsibility
    assert client_as(county.officer).get(f"/rules/groups/{group.pk}/roster/").status_code == 404


def test_what_was_begun_before_the_duty_moved_is_still_there(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    part = opened(county.education, by=county.education.clerk)
    set_group(county, ended_on=TODAY)
    assert client_as(county.education.clerk).get(f"/records/{part.pk}/").status_code == 200
