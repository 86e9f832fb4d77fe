"""The list of archives: every filter by itself and with others, true counts, and one outcome for each record."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archives.models import RecordPart
from archives.outcomes import OUTCOMES
from archives.services.records import start_correction
from archives.states import Status
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, fresh, in_review, opened, sealed
from tests.factories import County

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-18")]
YEAR = timezone.localdate().year


def names(browser: Client, **query: Any) -> list[str]:
    """The names on the list; the count below it is that of its rows."""
    answer = browser.get("/archives/", query)
    assert not answer.context["filter_form"].errors
    found = [row["name"] for row in answer.context["rows"]]
    assert answer.context["total"] == len(found)
    return sorted(found)


def correcting(part: RecordPart, county: County) -> RecordPart:
    with acting_as(county.education.clerk) as who:
        return start_correction(part=part, reason="填错", revision=None, actor=who)


def test_outcomes_divide_the_records_and_drafts_have_none(county: County, client_as: Any) -> None:
    unit = county.education
    opened(unit, name="王一")
    in_review(unit, part=opened(unit, name="王二"))  # its draft says 守信, which is no determination yet
    sealed(unit, part=opened(unit, name="王三"))
    warned = fresh(sealed(unit, part=opened(unit, name="王四")).part)
    correcting(fresh(sealed(unit, part=opened(unit, name="王五")).part), county)
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=warned.id).update(determination="warning")
    browser = client_as(unit.clerk)
    found = {code: names(browser, outcome=code) for code, _ in OUTCOMES}
    assert found == {
        "trustworthy": ["王三"],
        "warning": ["王四"],
        "serious_dishonesty": [],
        "none": ["王一", "王二"],
        "correcting": ["王五"],
        "elsewhere": [],
    }
    assert sorted(name for rows in found.values() for name in rows) == names(browser)


def test_filters_go_together_and_can_be_kept(county: County, client_as: Any) -> None:
    unit = county.education
    opened(unit, name="王一")
    late = opened(unit, name="王二", year=YEAR - 1)
    opened(unit, by=unit.second_filler, name="外校", employer=unit.second_employer)
    with acting(county.id, "job"):
        RecordPart.objects.filter(id=late.id).update(backfilled=True)
    browser = client_as(unit.clerk)
    assert names(browser, registration="backfilled") == ["王二"]
    assert names(browser, registration="usual") == sorted(["王一", "外校"])
    assert names(browser, registration="usual", employer=unit.employer.pk, status=Status.DRAFT) == ["王一"]
    assert names(browser, registration="backfilled", year=YEAR) == []
    page = browser.get("/archives/", {"outcome": "none", "registration": "usual"}).content.decode()
    for kept in ('<option value="none" selected>', '<option value="usual" selected>', "共 2 份"):
        assert kept in page
    wrong = browser.get("/archives/", {"outcome": "x"})
    assert wrong.context["rows"] == []
    assert "没有这个认定结论" in wrong.content.decode()


def test_the_office_is_not_told_what_is_under_correction(county: County, client_as: Any) -> None:
    part = fresh(sealed(county.education).part)
    correcting(part, county)
    officer = client_as(county.officer)
    answer = officer.get("/archives/", {"outcome": "correcting"})
    assert "outcome" not in answer.context["filter_form"].fields
    assert [row["status"] for row in answer.context["rows"]] == [Status.SEALED]
    assert answer.context["finding"] is None


@pytest.mark.req("AY-10")
def test_what_is_printed_is_what_the_filters_found(county: County, client_as: Any) -> None:
    unit = county.education
    sealed(unit, part=opened(unit, name="王一"))
    opened(unit, name="王二")
    browser = client_as(unit.clerk)
    answer = browser.post("/archives/print/", {"outcome": "none", "registration": "usual"}, follow=True)
    assert "打印信用档案：未认定 当年登记（1 份）" in answer.content.decode()
