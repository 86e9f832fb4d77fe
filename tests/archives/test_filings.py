"""备案: filed with a number, returned, filed again; and never in the way of delivery."""

import datetime as dt
import io
import re
from functools import partial
from typing import Any

import pypdf
import pytest
from django.utils import timezone

from agencies.models import Membership
from archives.models import Archive, Filing, Outbox, RecordPart, Version
from archives.services.filed import Checklist, checklist, filed_parts, filed_versions, missing_archives
from archives.services.filings import accept_filing, next_number, send_back_filing, submit_filing
from archives.services.records import start_correction
from archives.states import Delivery, FilingStatus
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    at_once,
    confirm,
    events,
    fresh,
    hand_on,
    opened,
    rows_of,
    save,
    sealed,
)
from tests.factories import County, Unit, make_chain


def filed(unit: Unit, *, by: Membership | None = None, year: int | None = None) -> Filing:
    with acting_as(by or unit.clerk) as who:
        return submit_filing(
            responsibility=unit.responsibility, year=year or timezone.localdate().year, actor=who
        )


def accepted(filing: Filing, *, by: Membership) -> Filing:
    with acting_as(by) as who:
        return accept_filing(filing=filing, actor=who)


def sent_back(filing: Filing, *, by: Membership, reason: str = "人数有误") -> Filing:
    with acting_as(by) as who:
        return send_back_filing(filing=filing, reason=reason, actor=who)


@pytest.mark.req("AY-31")
@pytest.mark.parametrize("by", ["clerk", "reviewer"])
def test_filed_with_a_number(county: County, by: str) -> None:
    unit, year = county.education, timezone.localdate().year
    sealed(unit)
    opened(unit, name="李草稿")
    filing = filed(unit, by=getattr(unit, by))
    assert (filing.sealed_count, filing.total_count, filing.status) == (1, 2, FilingStatus.SUBMITTED)
    done = accepted(filing, by=county.officer)
    assert (done.status, done.number) == (FilingStatus.FILED, f"测试备〔{year}〕1 号")
    story = [event.verb for event in events(county.id, subject_type="filing")]
    assert story == ["filing.submitted", "filing.filed"]


@pytest.mark.req("AY-31")
def test_returned_and_filed_again(county: County) -> None:
    unit = county.education
    sealed(unit)
    filing = sent_back(filed(unit), by=county.officer)
    assert (filing.status, filing.reason) == (FilingStatus.RETURNED, "人数有误")
    sealed(unit, part=opened(unit, name="李小红"))
    again = filed(unit)
    assert (again.id, again.status, again.sealed_count, again.reason) == (
        filing.id,
        FilingStatus.SUBMITTED,
        2,
        "",
    )
    assert accepted(again, by=county.officer).number.endswith("1 号")


@pytest.mark.req("AY-15", "AY-31")
def test_delivery_does_not_wait_for_the_filing(county: County) -> None:
    sealed(county.education)
    (row,) = rows_of(Outbox, county.id)
    assert row.state == Delivery.PENDING
    assert row.due_at <= timezone.now()
    assert rows_of(Filing, county.id) == []


def test_nothing_sealed_nothing_to_file(county: County) -> None:
    opened(county.education)
    with pytest.raises(Refused) as refusal:
        filed(county.education)
    assert refusal.value.code == "nothing_sealed"


@pytest.mark.parametrize("by", ["filler", "admin"])
def test_other_roles_do_not_file(county: County, by: str) -> None:
    sealed(county.education)
    with pytest.raises(Refused) as refusal:
        filed(county.education, by=getattr(county.education, by))
    assert refusal.value.code == "foreign"


def test_another_agency_does_not_file_it(county: County) -> None:
    sealed(county.education)
    with pytest.raises(Refused):
        filed(county.education, by=county.health.clerk)


def test_a_double_click_files_once(county: County) -> None:
    sealed(county.education)
    filed(county.education)
    with pytest.raises((AlreadyDone, Refused)):
        filed(county.education)
    assert len(rows_of(Filing, county.id)) == 1
    assert len(events(county.id, verb="filing.submitted")) == 1


def test_a_double_click_of_the_office_numbers_once(county: County) -> None:
    sealed(county.education)
    filing = filed(county.education)
    number = accepted(filing, by=county.officer).number
    with pytest.raises(AlreadyDone):
        accepted(filing, by=county.officer)
    assert rows_of(Filing, county.id)[0].number == number
    with acting(county.id, "job"):
        assert next_number(f"filing.{timezone.localdate().year}") == 2


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office of another county"])
def test_only_the_own_office_decides(county: County, other_county: County, who: str) -> None:
    unit = county.education
    sealed(unit)
    filing = filed(unit)
    by = other_county.officer if who.startswith("office") else getattr(unit, who)
    for step in (accepted, sent_back):
        with pytest.raises((Refused, Filing.DoesNotExist)):
            step(filing, by=by)
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED


def test_sending_back_needs_a_reason(county: County) -> None:
    sealed(county.education)
    filing = filed(county.education)
    with pytest.raises(Refused) as refusal:
        sent_back(filing, by=county.officer, reason=" \x00 ")
    assert refusal.value.code == "reason_required"
    long = sent_back(filing, by=county.officer, reason="缺" * 2000)
    assert long.reason == "缺" * 500


def test_numbers_are_given_once_each(transactional_db: None, county: County) -> None:
    def take() -> int:
        with acting(county.id, "office"):
            return next_number("filing.test")

    assert sorted(at_once(*[take] * 8)) == list(range(1, 9))


def test_two_counties_count_apart(county: County, other_county: County) -> None:
    for place in (county, other_county):
        with acting(place.id, "office"):
            assert [next_number("filing.2026"), next_number("filing.2026")] == [1, 2]


def test_two_groups_are_filed_at_once(transactional_db: None, county: County) -> None:
    filings = []
    for unit in (county.education, county.health):
        sealed(unit)
        filings.append(filed(unit))
    officer = county.officer
    outcomes = at_once(*(partial(accepted, filing, by=officer) for filing in filings))
    assert sorted(filing.number.split("〕")[1] for filing in outcomes) == ["1 号", "2 号"]


def test_two_clerks_file_at_once(transactional_db: None, county: County) -> None:
    unit = county.education
    sealed(unit)
    members = [unit.clerk, unit.reviewer]
    outcomes = at_once(*(partial(filed, unit, by=by) for by in members))
    kinds = sorted(type(outcome).__name__ for outcome in outcomes)
    assert kinds in (["AlreadyDone", "Filing"], ["Filing", "Refused"]), outcomes
    assert len(rows_of(Filing, county.id)) == 1


def test_through_the_pages(county: County, client_as: Any) -> None:
    unit, year = county.education, timezone.localdate().year
    sealed(unit)
    clerk, officer = client_as(unit.clerk), client_as(county.officer)
    answer = clerk.post("/filings/submit/", {"responsibility": unit.responsibility.pk, "year": year})
    assert (answer.status_code, answer["Location"]) == (302, "/filings/")
    (filing,) = rows_of(Filing, county.id)
    assert officer.post(f"/filings/{filing.id}/", {"action": "send_back", "reason": ""}).status_code == 302
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED
    officer.post(f"/filings/{filing.id}/", {"action": "nonsense"})
    assert rows_of(Filing, county.id)[0].status == FilingStatus.SUBMITTED
    officer.post(f"/filings/{filing.id}/", {"action": "file"})
    assert f"测试备〔{year}〕1 号" in clerk.get("/filings/").content.decode()


# --- what was filed -----------------------------------------------------------------------------------------------


def listed(filing: Filing, county: County) -> list[tuple[str, int]]:
    with acting_as(county.officer):
        parts = list(filed_parts(filing).order_by("name_sort"))
        versions = filed_versions(parts, filing.submitted_at)
        return [(part.name, versions[part.pk].number) for part in parts]


def looked_at(filing: Filing, county: County) -> Checklist:
    with acting_as(county.officer):
        return checklist(filing)


def resealed(unit: Unit, part: RecordPart) -> Version:
    """The next version of a sealed record, by a correction."""
    with acting_as(unit.clerk) as who:
        part = start_correction(part=part, reason="职称变动", revision=None, actor=who)
    part = hand_on(save(part, by=unit.clerk, title="高级教师").part, by=unit.clerk)
    return confirm(part, by=unit.reviewer)


@pytest.mark.req("AY-31", "PD-21")
def test_the_list_is_what_was_valid_when_it_was_submitted(county: County) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    opened(unit, name="李草稿")
    filing = filed(unit)
    assert listed(filing, county) == [("王小明", 1)]
    resealed(unit, part)
    sealed(unit, part=opened(unit, name="赵后来"))
    assert listed(filing, county) == [("王小明", 1)]
    assert looked_at(filing, county).unchanged
    first = accepted(filing, by=county.officer)
    again = filed(unit)
    assert listed(again, county) == [("王小明", 2), ("赵后来", 1)]
    assert (again.submission, again.number) == (2, first.number)
    assert again.list_digest != filing.list_digest
    assert accepted(again, by=county.officer).number == first.number
    told = [event.data for event in events(county.id, subject_type="filing") if "list" in event.data]
    assert [(one["submission"], one["sealed_count"]) for one in told] == [(1, 1), (2, 2)]
    assert [one["list"] for one in told] == [filing.list_digest, again.list_digest]


@pytest.mark.req("AY-31", "AY-22")
def test_a_correction_alone_may_be_filed_again(county: County) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    accepted(filed(unit), by=county.officer)
    with pytest.raises(AlreadyDone):
        filed(unit)
    resealed(unit, part)
    assert filed(unit).status == FilingStatus.SUBMITTED


@pytest.mark.req("AY-31")
def test_the_form_is_looked_at(county: County) -> None:
    unit = county.education
    sealed(unit)
    filing = filed(unit)
    whole = looked_at(filing, county)
    assert whole == Checklist(
        filed=1, built=1, open=0, missing=0, blank=0, adverse=0, proven=0, unchanged=True
    )
    assert whole.complete
    accepted(filing, by=county.officer)
    opened(unit, name="李草稿")
    sealed(unit, part=opened(unit, name="赵后来"))
    again = filed(unit)
    seen = looked_at(again, county)
    assert (seen.filed, seen.built, seen.open, seen.complete) == (2, 3, 1, False)


@pytest.mark.req("AY-31")
def test_who_has_no_record_is_named_unless_he_left(county: County) -> None:
    unit = county.education
    sealed(unit)
    with acting(county.id, "job"):
        make_chain(unit, name="钱无表", sealed=False)
        RecordPart.objects.filter(name="钱无表").update(year=2000)
    filing = filed(unit)
    with acting_as(county.officer):
        assert [archive.name for archive in missing_archives(filing)] == ["钱无表"]
    with acting(county.id, "job"):
        left = timezone.localdate().replace(month=1, day=1) - dt.timedelta(days=1)
        Archive.objects.filter(name="钱无表").update(left_on=left)
    with acting_as(county.officer):
        assert list(missing_archives(filing)) == []


@pytest.mark.req("AY-31", "GZ-14")
def test_a_list_that_is_not_what_was_submitted_is_told(county: County) -> None:
    unit = county.education
    sealed(unit)
    filing = filed(unit)
    filing.list_digest = "0" * 64
    assert not looked_at(filing, county).unchanged


def text_of(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return "".join(page.extract_text() for page in reader.pages)


@pytest.mark.req("AY-31")
def test_receipt_and_list_are_printed(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    filing = filed(unit)
    clerk = client_as(unit.clerk)
    assert clerk.get(f"/filings/{filing.id}/receipt.pdf").status_code == 404
    done = accepted(filing, by=county.officer)
    receipt = clerk.get(f"/filings/{filing.id}/receipt.pdf")
    assert receipt["Content-Type"] == "application/pdf"
    text = re.sub(r"\s", "", text_of(receipt.content))
    for word in (
        done.number.replace(" ", ""),
        "县教育局",
        "教师",
        "予以备案",
        "（盖章处）",
        done.list_digest,
    ):
        assert word in text
    roster = re.sub(r"\s", "", text_of(clerk.get(f"/filings/{filing.id}/list-1.pdf").content))
    assert part.name in roster
    assert part.number_mask in roster
    assert clerk.get(f"/filings/{filing.id}/list-2.pdf").status_code == 404
    for piece in (0, 10**30):
        assert clerk.get(f"/filings/{filing.id}/list-{piece}.pdf").status_code == 404
    (event,) = events(county.id, verb="filing.list_printed")
    assert event.data == {"piece": 1, "lines": 1}


@pytest.mark.req("AY-31", "GZ-13")
def test_the_page_of_a_filing(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    filing = filed(unit)
    clerk, officer = client_as(unit.clerk), client_as(county.officer)
    page = officer.get(f"/filings/{filing.id}/").content.decode()
    for word in ("形式审查", "各项齐全", part.name, part.number_mask, "予以备案", "退回补正"):
        assert word in page
    mine = clerk.get(f"/filings/{filing.id}/").content.decode()
    assert "名单校验" in mine
    assert 'value="file"' not in mine
    refused = clerk.post(f"/filings/{filing.id}/", {"action": "file"}, follow=True).content.decode()
    assert "没有“予以备案”的权限" in refused
    assert client_as(county.health.clerk).get(f"/filings/{filing.id}/").status_code == 404
    event, *_ = events(county.id, verb="record.listed")
    assert event.data["ids"] == [str(part.id)]
