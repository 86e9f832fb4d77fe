"""Validity in time: how long a fact may be shown, and that from the next midnight it is in no output (LL-25, ZD-25)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Evidence, Item, Outbox, RecordPart
from archives.occupations import occupation_of, occupations_of
from archives.periods import Period, PeriodKind
from archives.printing.forms import draft_form
from archives.schema.kinds import kinds
from archives.selectors import evidence_visible_to
from archives.services.item_seals import start_item_correction
from archives.services.items import send_back_item, submit_item
from archives.services.nil_returns import facts_in
from archives.services.outbox import take_due
from archives.services.people import NotReadable
from archives.services.validity import recompute
from archives.states import Delivery
from archives.validity import Term, problem_of, term_of
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from delivery.contract import KIND_ITEM_WITHDRAWAL
from delivery.models import Batch, BatchStatus
from delivery.services import _record, attempt, make_batch
from oversight.packs import load_pack
from oversight.progress import due_versions
from tests.archives.flow import acting_as, attached, opened, rows_of
from tests.archives.item_flow import (
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    kept,
    revoked,
    told,
    written,
)
from tests.clock import Clock, moved_clock
from tests.factories import County, Unit

HENAN, SHANDONG, JIANGXI = "410522", "370303", "360700"
DAY = dt.date


def term(kind: str, place: str = HENAN, *rules: dict[str, Any], **values: Any) -> Term:
    days = {
        name: DAY.fromisoformat(v) for name, v in values.items() if name.endswith(("_on", "_date", "until"))
    }
    parameters = {"validity": list(rules)} if rules else {}
    closed = days.pop("closed_on", DAY(2026, 11, 29))
    return term_of(kinds.get(kind), values | days, place=place, parameters=parameters, closed_on=closed)


# --- the rules -------------------------------------------------------------------------------------------------------


@pytest.mark.req("LL-25", "ZD-25")
@pytest.mark.parametrize(
    ("kind", "place", "values", "last"),
    [
        # five years, from the end of the act where it has ended
        ("law_breach", HENAN, {"document_date": "2024-02-29"}, "2029-02-28"),
        ("law_breach", HENAN, {"document_date": "2024-02-29", "ended_on": "2024-05-01"}, "2029-05-01"),
        ("law_breach", JIANGXI, {"document_date": "2024-02-29"}, "2029-02-28"),
        # penalties decided under the order of 2023: three years from the decision
        ("administrative_penalty", HENAN, {"document_date": "2026-03-31"}, "2029-03-31"),
        ("administrative_penalty", HENAN, {"document_date": "2023-04-30"}, "2028-04-30"),
        # since 2026-04-01 by the class that the authority decided
        ("administrative_penalty", HENAN, {"document_date": "2026-04-01"}, "2029-04-01"),
        ("administrative_penalty", HENAN, {"document_date": "2026-04-01", "severity": "minor"}, "2026-07-01"),
        ("law_breach", SHANDONG, {"document_date": "2026-08-31", "severity": "general"}, "2027-08-31"),
        ("law_breach", SHANDONG, {"document_date": "2026-08-31", "severity": "serious"}, "2029-08-31"),
        ("law_breach", HENAN, {"document_date": "2026-03-31", "severity": "minor"}, "2031-03-31"),
        # a sanction counts no longer than it is in force
        ("discipline", HENAN, {"document_date": "2026-08-31", "sanction": "warning"}, "2027-02-28"),
        ("discipline", HENAN, {"document_date": "2026-01-10", "sanction": "dismissal"}, "2028-01-10"),
        ("discipline", HENAN, {"document_date": "2026-01-10", "sanction": "expulsion"}, "2031-01-10"),
        (
            "discipline",
            HENAN,
            {"document_date": "2026-01-10", "sanction": "party_warning", "effective_until": "2027-01-09"},
            "2027-01-09",
        ),
        # the court's list: where the province says so, until the court takes the person off it
        ("judgment_defaulter", HENAN, {"document_date": "2024-01-10"}, None),
        ("judgment_defaulter", HENAN, {"document_date": "2024-01-10", "removed_on": "2026-02-03"}, "2026-02-03"),
        ("judgment_defaulter", SHANDONG, {"document_date": "2024-01-10"}, "2029-01-10"),
        # what came to nothing ends with its closing, what tells nothing against anybody stays
        ("complaint", HENAN, {"outcome": "unfounded", "closed_on": "2026-06-01"}, "2026-06-01"),
        ("complaint", HENAN, {"outcome": "open"}, None),
        ("award", HENAN, {"document_date": "2020-01-01"}, None),
    ],
)  # fmt: skip
def test_the_last_day(kind: str, place: str, values: dict[str, Any], last: str | None) -> None:
    found = term(kind, place, **{"occurred_on": "2024-01-01", **values}).shown_until
    assert found == (DAY.fromisoformat(last) if last else None)


def test_after_its_time_a_fact_is_kept_unseen_or_not_kept_by_the_rule_of_the_province() -> None:
    assert term("law_breach", HENAN, document_date="2024-01-10").kept_until is None
    assert term("law_breach", SHANDONG, document_date="2024-01-10").kept_until == DAY(2029, 1, 10)
    assert term("complaint", HENAN, outcome="unproven", closed_on="2026-06-01").kept_until == DAY(2026, 6, 1)


def test_a_place_shortens_and_never_lengthens() -> None:
    shorter = {"months": 24, "since": "2024-01-01", "kinds": ["law_breach"]}
    assert term("law_breach", HENAN, shorter, document_date="2024-01-10").shown_until == DAY(2026, 1, 10)
    assert term("law_breach", HENAN, shorter, document_date="2023-12-31").shown_until == DAY(2028, 12, 31)
    longer = {"months": 60, "start": "ended"}
    assert term("administrative_penalty", HENAN, longer, document_date="2026-01-10").shown_until == DAY(
        2029, 1, 10
    )


@pytest.mark.parametrize(
    "rules",
    [
        "36",
        36,
        [36],
        [{"months": 0.5}],
        [{"months": 61}],
        [{}],
        [{"severity": {"grave": 3}}],
        [{"months": 3, "start": "never"}],
        [{"months": 3, "after": "forget"}],
        [{"months": 3, "since": "spring"}],
        [{"months": 3, "province": "41"}],
        [{"months": 3, "listed": True}],
        [{"months": 3, "unknown": 1}],
        [{"months": 3, "kinds": "administrative_penalty"}],
        [{"months": 3, "kinds": ["misspelt"]}],
        [{"severity": 3}],
        [{"months": 3, "since": "2026-02-01", "until": "2026-01-01"}],
    ],
)
def test_rules_of_a_pack_that_cannot_be(rules: Any) -> None:
    assert problem_of(rules)
    assert not problem_of([{"months": 3, "since": "2026-01-01", "after": "delete"}])


# --- what is over is nowhere -----------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return moved_clock(monkeypatch, DAY(2026, 4, 20))


def over(item: Item) -> DAY:
    """The first day on which the item is nowhere."""
    assert item.shown_until is not None
    return item.shown_until + dt.timedelta(1)


@pytest.mark.req("LL-25", "AY-F17")
def test_from_midnight_a_fact_is_in_no_page_print_figure_or_delivery(
    county: County, client_as: Any, clock: Clock
) -> None:
    unit = county.education
    part = opened(unit)
    item = item_sealed(
        part,
        "administrative_penalty",
        unit=unit,
        document_date="2026-04-10",
        severity="minor",
        severity_standard="标准（2026）",
    )
    assert item.shown_until == DAY(2026, 7, 10)
    (file,) = rows_of(Evidence, county.id)
    members = (unit.filler, unit.clerk, unit.reviewer, county.officer)
    for day, minute, there in ((DAY(2026, 7, 10), 59, True), (DAY(2026, 7, 11), 0, False)):
        clock.go(day, 23 if minute else 0, minute)
        for member in members:
            browser = client_as(member)
            seen = outputs(browser, part, item)
            answer = 200
            if member == county.officer:  # who gives a reason before opening anything
                seen, answer = {"list": seen["list"]}, 302
            assert set(seen.values()) == {there}, (member.role, day, seen)
            assert browser.get(f"/evidence/{file.pk}/").status_code == (answer if there else 404)
        assert inner_outputs(county, unit, part, item) == {there}


def outputs(browser: Client, part: RecordPart, item: Item) -> dict[str, bool]:
    """Where a fact is found by its document number or its address."""
    listed = browser.get("/items/").content.decode()
    record = browser.get(f"/records/{part.pk}/").content.decode()
    return {
        "list": str(item.pk) in listed,
        "record": item.document_no in record,
        "page": browser.get(f"/items/{item.pk}/").status_code == 200,
        "version": browser.get(f"/items/{item.pk}/versions/1/").status_code == 200,
    }


def inner_outputs(county: County, unit: Unit, part: RecordPart, item: Item) -> set[bool]:
    """Whether a fact is in the print, the figures, the evidence and what is due at the platform."""
    now, today = timezone.now(), timezone.localdate()
    with acting_as(unit.reviewer) as who:
        mine = RecordPart.objects.select_related("record__archive", "agency", "employer").get(id=part.pk)
        found = {
            item.document_no in draft_form(mine, occupation_of(unit.responsibility)).text,
            Item.objects.visible_to(who).filter(id=item.pk).exists(),
            evidence_visible_to(who).filter(item_id=item.pk).exists(),
        }
    with acting_as(county.officer) as who:
        found.add(due_versions(who, today + dt.timedelta(2)).filter(item_id=item.pk).exists())
    with acting(county.id, "job"):
        found.add(any(row.item_id == item.pk for row, _ in take_due(target="county", now=now, limit=100)))
    return found


def test_a_fact_whose_time_is_over_is_not_even_counted(county: County, clock: Clock) -> None:
    unit = county.education
    item = item_sealed(opened(unit), "complaint", unit=unit, occurred_on="2026-04-02")
    period = Period.containing(PeriodKind.MONTHLY, DAY(2026, 4, 2))
    for day, number in ((item.shown_until, 1), (over(item), 0)):
        assert day is not None
        clock.go(day)
        with acting_as(unit.clerk):
            assert facts_in(unit.agency.pk, "teacher", period).count() == number


def test_a_fact_whose_time_is_over_is_not_written_down(county: County) -> None:
    unit = county.education
    part = opened(unit)
    old = {"occurred_on": "2019-01-02", "document_date": "2019-02-01"}
    with pytest.raises(Refused, match="期限已于 2024-02-01 届满"):
        written(part, "administrative_penalty", by=unit.filler, **old)
    item = written(part, "administrative_penalty", by=unit.filler)
    with pytest.raises(Refused, match="届满"):
        kept(item, by=unit.filler, **old)
    assert rows_of(Item, county.id) == [item]


def test_a_draft_ends_with_the_time_of_its_fact(county: County, clock: Clock) -> None:
    unit = county.education
    sanction = {"document_date": "2026-01-20", "sanction": "warning"}
    item = written(opened(unit), "discipline", by=unit.filler, **sanction)
    clock.go(over(item))
    assert rows_of(Item, county.id) == []
    with acting_as(unit.filler), pytest.raises(Refused, match="没有找到"):
        attached(item, by=unit.filler)


def test_while_a_fact_is_corrected_the_version_in_force_keeps_its_end(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), "administrative_penalty", unit=unit)
    changing = corrected(item, by=unit.clerk, document_date="2026-03-10")
    assert fresh_item(changing).shown_until == item.shown_until == DAY(2029, 2, 20)


@pytest.mark.req("GZ-07")
def test_a_sanction_of_the_party_says_when_it_ends(county: County) -> None:
    unit = county.education
    item = written(opened(unit), "discipline", by=unit.filler, sanction="party_warning")
    attached(item, by=unit.filler)
    with acting_as(unit.filler) as who, pytest.raises(NotReadable, match="影响期满日期"):
        submit_item(item=item, revision=None, actor=who, today=timezone.localdate())


def test_a_batch_that_was_built_before_midnight_is_not_sent_after_it(county: County, clock: Clock) -> None:
    unit = county.education
    part = opened(unit)
    ends = item_sealed(
        part,
        "administrative_penalty",
        unit=unit,
        document_date="2026-04-10",
        severity="minor",
        severity_standard="标准（2026）",
    )
    stays = item_sealed(part, unit=unit)
    assert make_batch(jurisdiction_id=county.id, target="county") == 2
    (batch,) = rows_of(Batch, county.id)
    clock.go(over(ends))
    attempt(batch, client=NobodyAnswers())
    (closed,) = rows_of(Batch, county.id)
    assert (closed.status, closed.body) == (BatchStatus.REFUSED, "")
    assert make_batch(jurisdiction_id=county.id, target="county") == 1
    with acting(county.id, "job"):
        again = Batch.objects.exclude(id=batch.pk).get()
        assert [line.record_id for line in again.lines.all()] == [stays.pk]


@pytest.mark.req("LL-25", "AY-23")
@pytest.mark.parametrize("how", ["ended by a correction", "revoked"])
def test_a_batch_is_not_sent_after_its_fact_is_gone(county: County, clock: Clock, how: str) -> None:
    """Whatever day the fact ended on: what was built says that it holds."""
    unit = county.education
    part = opened(unit)
    goes = item_sealed(part, "administrative_penalty", unit=unit, document_date="2026-04-10")
    stays = item_sealed(part, unit=unit)
    clock.go(DAY(2026, 8, 1))
    assert make_batch(jurisdiction_id=county.id, target="county") == 2
    (batch,) = rows_of(Batch, county.id)
    if how == "revoked":
        revoked(goes, unit=unit)
    else:
        word = {"severity": "minor", "severity_standard": "标准（2026）"}
        changing = corrected(goes, by=unit.clerk, document_date="2026-04-10", **word)
        told(changing, by=unit.clerk)
        confirmed(changing, by=unit.reviewer)
    attempt(batch, client=NobodyAnswers())
    (closed,) = rows_of(Batch, county.id)
    assert (closed.status, closed.body) == (BatchStatus.REFUSED, "")
    with acting(county.id, "job"):
        Outbox.objects.filter(state=Delivery.PENDING).update(due_at=timezone.now())
    make_batch(jurisdiction_id=county.id, target="county")
    with acting(county.id, "job"):
        again = Batch.objects.exclude(id=batch.pk).get()
        found = {(line.record_id, line.withdrawal) for line in again.lines.all()}
    assert (stays.pk, False) in found
    assert (goes.pk, False) not in found
    with pytest.raises(
        AssertionError, match=r"^[0-9]+$"
    ):  # what takes it back is not taken apart: it is sent
        attempt(again, client=NobodyAnswers())


@pytest.mark.req("LL-25", "AY-23")
def test_a_correction_ends_a_fact_and_the_platform_is_told_to_forget_it(county: County, clock: Clock) -> None:
    unit = county.education
    item = item_sealed(opened(unit), "administrative_penalty", unit=unit, document_date="2026-04-10")
    assert item.shown_until == DAY(2029, 4, 10)
    with acting(county.id, "job"):
        Outbox.objects.filter(item_id=item.pk).update(state=Delivery.ACCEPTED)
    clock.go(DAY(2026, 8, 1))
    class_of_it = {"severity": "minor", "severity_standard": "标准（2026）"}
    changing = corrected(item, by=unit.clerk, document_date="2026-04-10", **class_of_it)
    told(changing, by=unit.clerk)
    confirmed(changing, by=unit.reviewer)
    ended = fresh_item(item)
    assert (ended.current_version, ended.shown_until) == (2, DAY(2026, 7, 10))
    assert rows_of(Item, county.id) == []
    with acting(county.id, "job"):
        ((row, stored),) = take_due(target="county", now=timezone.now() + dt.timedelta(40), limit=10)
        sent = _record(row, stored, occupations_of(county.id))
    assert (sent["kind"], sent["version"]) == (KIND_ITEM_WITHDRAWAL, 2)
    assert sent["payload"].keys() == {"XM", "ZJLX", "ZJHM", "XXZL", "XXYJ"}


def ended_by_mistake(unit: Unit) -> Item:
    """A sanction in force until July 2027, which a correction ended in March."""
    item = item_sealed(opened(unit), "discipline", unit=unit)
    assert item.shown_until == DAY(2027, 7, 20)
    changing = corrected(item, by=unit.clerk, effective_until="2026-03-01")
    told(changing, by=unit.clerk)
    confirmed(changing, by=unit.reviewer)
    return fresh_item(item)


def test_a_mistyped_end_can_be_put_right_by_the_unit_alone(
    county: County, client_as: Any, clock: Clock
) -> None:
    unit = county.education
    item = ended_by_mistake(unit)
    assert (item.shown_until, item.mendable_until) == (DAY(2026, 3, 1), DAY(2026, 5, 20))
    assert rows_of(Item, county.id) == []
    page, there = f"/items/{item.pk}/", str(item.document_no)
    for member, status in (
        (unit.clerk, 200),
        (unit.reviewer, 200),
        (unit.filler, 404),
        (county.health.clerk, 404),
        (county.officer, 404),
    ):
        browser = client_as(member)
        assert browser.get(page).status_code == status
        assert there not in browser.get("/items/").content.decode()
        assert (there in browser.get("/items/?ended=1").content.decode()) is (status == 200)
    with acting_as(unit.reviewer) as who:
        assert evidence_visible_to(who).filter(item_id=item.pk).exists()
    with acting_as(unit.filler) as who:
        assert not evidence_visible_to(who).filter(item_id=item.pk).exists()
    again = corrected(item, by=unit.clerk, effective_until="2027-03-01")
    told(again, by=unit.clerk)
    assert client_as(unit.reviewer).get(page).status_code == 200
    confirmed(again, by=unit.reviewer)
    mended = fresh_item(item)
    assert (mended.shown_until, mended.mendable_until) == (DAY(2027, 3, 1), None)
    assert client_as(unit.filler).get(page).status_code == 200


def test_what_was_ended_rightly_is_soon_out_of_reach(county: County, client_as: Any, clock: Clock) -> None:
    unit = county.education
    item = ended_by_mistake(unit)
    clock.go(DAY(2026, 5, 21))
    assert client_as(unit.clerk).get(f"/items/{item.pk}/").status_code == 404
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="没有找到"):
        start_item_correction(item=item, reason="终止日期有误", revision=None, actor=who)


def test_a_fact_that_ended_by_itself_is_in_nobodys_reach(
    county: County, client_as: Any, clock: Clock
) -> None:
    unit = county.education
    item = item_sealed(opened(unit), "discipline", unit=unit)
    confirmed(told(corrected(item, by=unit.clerk, content="已宣布并执行。"), by=unit.clerk), by=unit.reviewer)
    clock.go(over(item))
    browser = client_as(unit.clerk)
    assert browser.get(f"/items/{item.pk}/").status_code == 404
    assert str(item.document_no) not in browser.get("/items/?ended=1").content.decode()


def test_what_the_platform_never_had_needs_no_withdrawal(county: County, clock: Clock) -> None:
    unit = county.education
    ends = item_sealed(opened(unit), "administrative_penalty", unit=unit, document_date="2026-04-10")
    assert make_batch(jurisdiction_id=county.id, target="county") == 1
    clock.go(over(ends))
    (batch,) = rows_of(Batch, county.id)
    attempt(batch, client=NobodyAnswers())
    assert make_batch(jurisdiction_id=county.id, target="county") == 0


def test_a_complaint_that_came_to_nothing_can_be_confirmed_on_a_later_day(
    county: County, clock: Clock
) -> None:
    unit = county.education
    item = item_in_review(opened(unit), "complaint", unit=unit, occurred_on="2026-04-10", outcome="unfounded")
    assert item.shown_until is None
    clock.go(DAY(2026, 4, 25))
    confirmed(item, by=unit.reviewer)
    assert fresh_item(item).shown_until == DAY(2026, 4, 25)


def test_what_was_told_before_a_change_does_not_count(county: County, clock: Clock) -> None:
    unit = county.education
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    clock.go(DAY(2026, 4, 25))
    with acting_as(unit.reviewer) as who:
        item = send_back_item(item=item, reason="金额有误", revision=None, actor=who)
    kept(item, by=unit.filler, fine="0.3")
    with pytest.raises(Refused, match="重新告知"):
        told(fresh_item(item), by=unit.clerk, on=DAY(2026, 4, 20))
    assert told(fresh_item(item), by=unit.clerk, on=DAY(2026, 4, 25)).notified_on == DAY(2026, 4, 25)


class NobodyAnswers:
    """A platform that must not be reached."""

    def ask(self, batch_id: Any) -> Any:
        raise AssertionError(batch_id)

    def send(self, body: bytes) -> Any:
        raise AssertionError(len(body))


# --- rules change ----------------------------------------------------------------------------------------------------


def test_laxer_rules_revive_nothing(county: County, clock: Clock) -> None:
    unit = county.education
    place = Jurisdiction.objects.get(id=county.id)
    strict = [{"months": 1, "start": "determined", "after": "delete"}]
    place.parameters = {**place.parameters, "validity": strict}
    place.save()
    ended = item_sealed(opened(unit), "administrative_penalty", unit=unit, document_date="2026-04-10")
    draft = written(opened(unit), "administrative_penalty", by=unit.filler, document_date="2026-04-10")
    clock.go(DAY(2026, 5, 8))
    runs = item_sealed(opened(unit), "administrative_penalty", unit=unit, document_date="2026-05-08")
    clock.go(DAY(2026, 5, 20))
    place.parameters = {name: value for name, value in place.parameters.items() if name != "validity"}
    place.save()
    with acting(county.id, "job"):
        assert recompute(place, apply=True) == {"administrative_penalty": 1}
    assert fresh_item(ended).shown_until == fresh_item(ended).kept_until == DAY(2026, 5, 10)
    assert fresh_item(draft).shown_until == DAY(2026, 5, 10)
    assert (fresh_item(runs).shown_until, fresh_item(runs).kept_until) == (DAY(2029, 5, 8), None)
    assert [item.pk for item in rows_of(Item, county.id)] == [runs.pk]


@pytest.mark.req("LL-25", "ZD-25")
def test_a_rule_that_changes_holds_for_what_is_there(county: County) -> None:
    unit = county.education
    part = opened(unit)
    penalty = item_sealed(part, "administrative_penalty", unit=unit)
    draft = written(part, "law_breach", by=unit.filler)
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "validity": [{"months": 12}]}
    with acting(county.id, "job"):
        assert recompute(place, apply=False) == {"administrative_penalty": 1, "law_breach": 1}
        assert fresh_item(penalty).shown_until == DAY(2029, 2, 20)
        assert recompute(place, apply=True) == {"administrative_penalty": 1, "law_breach": 1}
        assert recompute(place, apply=True) == {}
    assert fresh_item(penalty).shown_until == DAY(2027, 2, 20)
    assert fresh_item(draft).shown_until == DAY(2027, 2, 20)


def test_loading_a_pack_says_whose_last_day_changes(county: County) -> None:
    unit = county.education
    penalty = item_sealed(opened(unit), "administrative_penalty", unit=unit)
    with acting(county.id, "job"):
        Item.of_all_time.filter(id=penalty.pk).update(shown_until=DAY(2040, 1, 1))
    told = [str(one) for one in load_pack("anyang", apply=False)]
    assert "changed last day of 1 facts of the kind 行政处罚" in told
    assert fresh_item(penalty).shown_until == DAY(2040, 1, 1)
