"""A year stays open until the day of the pack; afterwards a record of it is a 补录, with a reason and a mark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.forms import OpenArchiveForm
from archives.models import RecordPart
from archives.services.people import open_archive
from archives.services.years import closes_on, default_year, is_closed
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, fresh, opened, rows_of, sealed
from tests.factories import County, id_number

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-N1")]


@pytest.fixture
def place(county: County) -> Jurisdiction:
    """The county, with a day on which years close."""
    jurisdiction = county.jurisdiction
    jurisdiction.parameters = jurisdiction.parameters | {"year_closes": "03-31"}
    jurisdiction.save()
    county.education.responsibility.jurisdiction = jurisdiction
    return jurisdiction


@pytest.mark.parametrize(
    ("today", "closed", "default"),
    [
        ("2026-01-01", False, 2025),
        ("2026-03-31", False, 2025),
        ("2026-04-01", True, 2026),
        ("2026-12-31", True, 2026),
    ],
)
def test_last_year_is_the_one_worked_on_until_it_closes(
    place: Jurisdiction, today: str, closed: bool, default: int
) -> None:
    day = dt.date.fromisoformat(today)
    assert is_closed(place, 2025, today=day) is closed
    assert default_year(place, today=day) == default
    assert closes_on(place, 2025) == dt.date(2026, 3, 31)


def test_in_the_first_year_there_is_no_year_before(place: Jurisdiction) -> None:
    assert default_year(place, today=dt.date(2022, 2, 1)) == 2022


def test_without_a_day_no_year_closes(county: County) -> None:
    place = county.jurisdiction
    assert closes_on(place, 2022) is None
    assert not is_closed(place, 2022, today=dt.date(2026, 12, 31))
    assert default_year(place, today=dt.date(2026, 2, 1)) == 2026


def opening(county: County, year: int, reason: str = "") -> RecordPart:
    unit = county.education
    with acting_as(unit.clerk) as who:
        return open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": "王小明", "document_number": id_number()},
            year=year,
            actor=who,
            today=dt.date(2026, 11, 24),
            backfill_reason=reason,
        )


def test_a_closed_year_needs_a_reason_and_leaves_a_mark(county: County, place: Jurisdiction) -> None:
    with pytest.raises(Refused, match="补录原因") as refusal:
        opening(county, 2024, reason="  ")
    assert refusal.value.code == "backfill_reason"
    assert rows_of(RecordPart, county.id) == []
    part = opening(county, 2024, reason="2024 年漏建")
    assert fresh(part).backfilled
    (event,) = events(county.id, verb="record.opened")
    assert (event.reason, event.data["backfilled"]) == ("2024 年漏建", True)


def test_an_open_year_is_no_backfill_whatever_is_said(county: County, place: Jurisdiction) -> None:
    assert not fresh(opening(county, 2026, reason="多写了原因")).backfilled


def test_before_the_first_year_nothing_is_opened(county: County, place: Jurisdiction) -> None:
    with pytest.raises(Refused) as refusal:
        opening(county, 2021, reason="补录")
    assert refusal.value.code == "year"


def test_the_page_asks_for_the_reason_and_shows_the_mark(
    county: County, place: Jurisdiction, client_as: Any
) -> None:
    unit = county.education
    browser, last = client_as(unit.clerk), timezone.localdate().year - 2
    wanted = {
        "responsibility": unit.responsibility.pk,
        "year": last,
        "employer": unit.employer.pk,
        "name": "王小明",
        "document_type": "111",
        "document_number": id_number(),
    }
    answer = browser.post("/archives/open/", wanted)
    assert (answer.status_code, "请写明补录原因" in answer.content.decode()) == (422, True)
    assert browser.post("/archives/open/", wanted | {"backfill_reason": "漏建"}).status_code == 302
    (part,) = rows_of(RecordPart, county.id)
    for address in (f"/records/{part.id}/", "/archives/"):
        assert 'tag--todo">补录' in browser.get(address).content.decode()


def test_a_version_of_a_backfilled_record_says_so(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=part.id).update(backfilled=True)
    sealed(unit, part=fresh(part))
    page = client_as(unit.clerk).get(f"/records/{part.id}/versions/1/").content.decode()
    assert 'tag--todo">补录' in page


def test_the_form_offers_years_with_what_choosing_them_means(county: County, place: Jurisdiction) -> None:
    with acting_as(county.education.clerk) as who:
        form = OpenArchiveForm(actor=who, today=dt.date(2026, 2, 1))
        choices = dict(form.fields["year"].choices)  # type: ignore[attr-defined]
        assert form.fields["year"].initial == 2025
    assert choices == {
        2026: "2026 年度",
        2025: "2025 年度",
        2024: "2024 年度（已截止，补录）",
        2023: "2023 年度（已截止，补录）",
        2022: "2022 年度（已截止，补录）",
    }
