"""Namesakes: a fact against somebody attaches by name and number of its document, never by the name alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from archives.models import Item, Outbox, RecordPart, WaitingFact
from archives.occupations import occupation_of
from archives.selectors import items_visible_to
from archives.services.identities import NAME_BOX, NUMBER_BOX, Named, check_last
from archives.services.item_seals import seal_item, start_item_correction
from archives.services.item_uploads import offered_kinds
from archives.services.items import open_item, save_item
from archives.services.people import NotReadable, open_archive
from archives.services.waiting import attach_waiting, drop_waiting, put_aside
from archives.states import Status, WaitingStatus
from archives.workbooks import columns_of
from archives.workbooks.facts import fact_columns
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached, events, opened, rows_of
from tests.archives.item_flow import (
    PENALTY,
    VALUES,
    basis_of,
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    kept,
    last_of,
    named_in,
    put_apart,
    told,
    written,
)
from tests.factories import County, Unit

NAME = "王小明"
TODAY = timezone.localdate


@dataclasses.dataclass(frozen=True)
class Two:
    """Two people of one name in one unit; the penalty is the second one's."""

    unit: Unit
    innocent: RecordPart
    other: RecordPart

    @property
    def named(self) -> Named:
        return named_in(self.other.record.archive)


@pytest.fixture
def two(county: County) -> Two:
    unit = county.education
    return Two(unit, opened(unit, name=NAME), opened(unit, name=NAME))


def of(part: RecordPart) -> list[Item]:
    """Everything that was ever attached to the archive of a record."""
    with acting(part.jurisdiction_id, "job"):
        return list(Item.of_all_time.filter(archive_id=part.record.archive_id))


def post(browser: Client, part: RecordPart, **changes: Any) -> Any:
    body = PENALTY | {"kind": "administrative_penalty", "basis": basis_of("administrative_penalty")} | changes
    return browser.post(f"/records/{part.pk}/items/add/", body, follow=True)


# --- impossible without the number -----------------------------------------------------------------------------------


@pytest.mark.req("PD-11")
def test_by_page_a_wrong_persons_penalty_does_not_attach(two: Two, client_as: Any) -> None:
    browser = client_as(two.unit.filler)
    someone = post(browser, two.innocent, named_name=NAME, named_number=two.named.number)
    assert someone.status_code == 422
    assert "与本档案不一致" in someone.content.decode()
    nobody = post(browser, two.innocent)
    assert "请照文书填写当事人姓名" in nobody.content.decode()
    unreadable = post(browser, two.innocent, named_name=NAME, named_number="12345")
    assert "身份证号" in unreadable.content.decode()
    other_name = post(
        browser, two.innocent, named_name="王晓明", named_number=named_in(two.innocent.record.archive).number
    )
    assert "与本档案不一致" in other_name.content.decode()
    assert of(two.innocent) == []
    assert rows_of(WaitingFact, two.unit.agency.jurisdiction_id) == []
    attempts = events(two.unit.agency.jurisdiction_id, verb="item.identity_differs")
    assert [event.success for event in attempts] == [False, False]
    assert str(two.named.number) not in str([event.data for event in attempts])


def test_by_page_the_name_alone_goes_to_a_place_of_its_own(two: Two, county: County, client_as: Any) -> None:
    browser = client_as(two.unit.filler)
    answer = post(browser, two.innocent, named_name=NAME)
    assert "已转入待核身份" in answer.content.decode()
    assert of(two.innocent) == of(two.other) == []
    assert rows_of(Outbox, county.id) == []
    (row,) = rows_of(WaitingFact, county.id)
    number = PENALTY["document_no"]
    assert number in client_as(two.unit.clerk).get("/items/waiting/").content.decode()
    for member, address in (
        (two.unit.filler, f"/records/{two.innocent.pk}/"),
        (two.unit.filler, "/items/"),
        (two.unit.reviewer, "/items/"),
        (county.officer, "/items/"),
    ):
        assert number not in client_as(member).get(address).content.decode()
    for member in (two.unit.second_filler, county.health.clerk):
        assert client_as(member).get(f"/items/waiting/{row.pk}/").status_code == 404


@pytest.mark.parametrize("named", [Named(), Named(NAME), Named("", "410522197001010008")])
def test_by_code_nothing_attaches_without_name_and_number(two: Two, named: Named) -> None:
    with pytest.raises((Refused, NotReadable)):
        written(two.innocent, "administrative_penalty", by=two.unit.filler, named=named)
    with acting_as(two.unit.filler) as who, pytest.raises(NotReadable):
        open_item(
            part=two.innocent,
            kind="administrative_penalty",
            basis=basis_of("administrative_penalty"),
            raw=PENALTY,
            actor=who,
            today=TODAY(),
        )
    assert of(two.innocent) == []


def test_past_all_services_the_database_refuses_it(two: Two) -> None:
    item = written(two.innocent, by=two.unit.filler)
    with acting(item.jurisdiction_id, "job"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.filter(id=item.pk).update(adverse=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.create(
                archive_id=item.archive_id,
                person_id=item.person_id,
                agency_id=item.agency_id,
                occupation=item.occupation,
                year=item.year,
                kind="administrative_penalty",
                adverse=True,
            )


@pytest.mark.req("PD-11")
def test_by_workbook_every_fact_asks_for_the_number_as_well(county: County) -> None:
    for unit in (county.education, county.health):
        offered = offered_kinds(unit.responsibility)
        assert any(kind.may_be_adverse for kind in offered)
        for kind in offered:
            needed = {column.key for column in fact_columns(kind, str(county.id)) if column.required}
            assert {NAME_BOX, NUMBER_BOX, "basis"} <= needed, kind.code
        form = [column.label for column in columns_of(occupation_of(unit.responsibility), TODAY().year)]
        assert "文书文号" not in form, "the yearly workbook has no dated fact"
        assert "姓名" in form


# --- the second person -----------------------------------------------------------------------------------------------


@pytest.mark.req("PD-11")
def test_who_confirms_reads_the_end_of_the_number_from_the_evidence(two: Two) -> None:
    item = told(item_in_review(two.innocent, "administrative_penalty", unit=two.unit), by=two.unit.clerk)
    right = last_of(item)
    for typed in ("", "      ", right[:-1], str(two.named.number)[-6:], "０" * 6, "x\x00"):
        with acting_as(two.unit.reviewer) as who, pytest.raises(Refused, match="材料"):
            seal_item(item=item, revision=None, actor=who, today=TODAY(), last=typed)
    assert fresh_item(item).status == Status.IN_REVIEW
    with acting_as(two.unit.reviewer) as who:
        seal_item(item=item, revision=None, actor=who, today=TODAY(), last=f" {right.lower()} ")
    assert fresh_item(item).current_version == 1


@pytest.mark.parametrize(
    ("document_type", "number", "right", "wrong"),
    [
        ("111", "410522850101001", ("010011", "101001"), ("100100", "101002", "01001")),
        ("516", "H12345678", ("345678", "567801", "567899"), ("5678", "45678A", "467801")),
        ("414", "E12345678", ("345678",), ("567801",)),
    ],
)
def test_an_older_document_of_the_same_number_names_the_same_person(
    county: County, document_type: str, number: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    unit = county.education
    with acting_as(unit.filler) as who:
        part = open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": NAME, "document_type": document_type, "document_number": number},
            year=TODAY().year,
            actor=who,
            today=TODAY(),
        )
    archive = part.record.archive
    for typed in right:
        with acting_as(unit.reviewer) as who:
            check_last(archive, typed, actor=who)
    for typed in wrong:
        with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="没有确认"):
            check_last(archive, typed, actor=who)


def test_the_page_asks_for_it_beside_the_button(two: Two, client_as: Any) -> None:
    item = told(item_in_review(two.innocent, "administrative_penalty", unit=two.unit), by=two.unit.clerk)
    browser = client_as(two.unit.reviewer)
    page = browser.get(f"/items/{item.pk}/").content.decode()
    assert 'name="last" form="item-form"' in page
    assert str(named_in(two.innocent.record.archive).number) not in page
    body = {"action": "seal", "revision": fresh_item(item).revision, "last": "000000"}
    assert "没有确认" in browser.post(f"/items/{item.pk}/", body, follow=True).content.decode()
    award = item_in_review(two.innocent, unit=two.unit)
    assert 'name="last"' not in browser.get(f"/items/{award.pk}/").content.decode()


# --- what changes afterwards -----------------------------------------------------------------------------------------


def test_another_document_is_held_to_name_and_number_again(two: Two) -> None:
    item = item_sealed(two.innocent, "administrative_penalty", unit=two.unit)
    again = corrected(item, by=two.unit.clerk, facts="在校外机构有偿补课两次。")
    told(again, by=two.unit.clerk)
    confirmed(again, by=two.unit.reviewer)
    with acting_as(two.unit.clerk) as who:
        open_again = start_item_correction(item=item, reason="文号有误", revision=None, actor=who)
        with pytest.raises(NotReadable, match="照文书填写当事人姓名"):
            save_item(
                item=open_again,
                raw=PENALTY | {"document_no": "安市监罚〔2026〕8 号"},
                basis=open_again.basis,
                revision=open_again.revision,
                actor=who,
                today=TODAY(),
            )


def test_a_complaint_found_true_needs_the_number(two: Two) -> None:
    item = written(two.innocent, "complaint", by=two.unit.filler, named=Named(), outcome="open")
    assert item.identified_at is None
    upheld = kept(item, by=two.unit.filler, outcome="upheld")
    assert upheld.adverse
    assert upheld.identified_by == "孙填报"
    settled = kept(upheld, by=two.unit.filler, outcome="unfounded")
    assert settled.identified_at is None


# --- 待核身份 --------------------------------------------------------------------------------------------------------


def attach(two: Two, row: WaitingFact, number: object) -> Item:
    with acting_as(two.unit.clerk) as who:
        return attach_waiting(waiting=row, number=number, actor=who, today=TODAY())


def test_with_the_number_it_finds_the_one_whom_the_document_means(two: Two) -> None:
    row = put_apart(two.innocent, by=two.unit.filler)  # written down beside the wrong person
    with pytest.raises(NotReadable):
        attach(two, row, "123*56")
    with pytest.raises(Refused, match="没有这个证件号码"):
        attach(two, row, "410522196001010005")
    item = attach(two, row, two.named.number)
    assert (item.archive_id, item.status) == (two.other.record.archive_id, Status.DRAFT)
    assert of(two.innocent) == []
    assert set(item.writers) == {two.unit.clerk.user_id, two.unit.filler.user_id}  # neither confirms it
    (settled,) = rows_of(WaitingFact, item.jurisdiction_id)
    assert (settled.status, settled.values, settled.item_id) == (WaitingStatus.ATTACHED, {}, item.pk)
    with pytest.raises(AlreadyDone):
        attach(two, row, two.named.number)


def test_what_belongs_to_nobody_is_shown_to_no_school(two: Two, county: County, client_as: Any) -> None:
    """Whose record it was typed beside says nothing about whose it is."""
    mine = put_apart(two.innocent, by=two.unit.clerk)
    assert two.innocent.employer_id is not None
    assert mine.employer_id is None
    for member in (two.unit.filler, two.unit.second_filler):
        assert client_as(member).get(f"/items/waiting/{mine.pk}/").status_code == 404
        assert str(PENALTY["document_no"]) not in client_as(member).get("/items/waiting/").content.decode()
    assert client_as(two.unit.clerk).get(f"/items/waiting/{mine.pk}/").status_code == 200


@pytest.mark.parametrize("same", ["安市监罚[2026]7号", "安市监罚〔2026〕 7 号"])
def test_what_waits_is_one_however_its_number_is_written(two: Two, same: str) -> None:
    put_apart(two.innocent, by=two.unit.filler)
    with acting_as(two.unit.filler) as who, pytest.raises(Refused, match="已在待核身份中"):
        put_aside(
            part=two.innocent,
            kind="administrative_penalty",
            basis=basis_of("administrative_penalty"),
            raw=PENALTY | {"document_no": same},
            named=Named(NAME),
            actor=who,
            today=TODAY(),
        )


def test_a_number_of_somebody_with_another_name_attaches_to_nobody(two: Two, county: County) -> None:
    stranger = opened(two.unit, name="李四")
    row = put_apart(two.innocent, by=two.unit.filler)
    with pytest.raises(Refused, match="不一致"):
        attach(two, row, named_in(stranger.record.archive).number)
    assert of(stranger) == []


def test_what_cannot_be_found_out_is_given_up(two: Two, client_as: Any) -> None:
    row = put_apart(two.innocent, by=two.unit.filler)
    with pytest.raises(Refused, match="已在待核身份中"):
        put_apart(two.innocent, by=two.unit.filler)
    with acting_as(two.unit.clerk) as who, pytest.raises(Refused, match="写明原因"):
        drop_waiting(waiting=row, reason=" ", actor=who)
    browser = client_as(two.unit.clerk)
    assert "核对身份" in browser.get(f"/items/waiting/{row.pk}/").content.decode()
    wrong = browser.post(f"/items/waiting/{row.pk}/", {"action": "attach", "number": ""})
    assert (wrong.status_code, "请照证明材料填写" in wrong.content.decode()) == (422, True)
    browser.post(f"/items/waiting/{row.pk}/", {"action": "drop", "reason": "作出单位查无号码"})
    (gone,) = rows_of(WaitingFact, row.jurisdiction_id)
    assert (gone.status, gone.values, gone.reason) == (WaitingStatus.DROPPED, {}, "作出单位查无号码")
    assert (gone.name, gone.document_no) == ("", "")
    assert "没有待核身份的信息" in browser.get("/items/waiting/").content.decode()


def test_what_may_not_be_kept_is_not_put_aside_either(two: Two, county: County) -> None:
    cases: list[tuple[str, str, dict[str, Any], Named, str]] = [
        ("administrative_penalty", "", {}, Named(NAME), "请选择依据"),
        ("award", basis_of("award"), {}, Named(NAME), "只有不利信息"),
        ("administrative_penalty", basis_of("administrative_penalty"), {}, two.named, "记入当事人本人"),
        (
            "administrative_penalty",
            basis_of("administrative_penalty"),
            {"occurred_on": "2015-01-02", "document_date": "2015-02-01"},
            Named(NAME),
            "届满",
        ),
    ]
    for kind, basis, changes, named, words in cases:
        raw = VALUES[kind] | changes
        with acting_as(two.unit.filler) as who, pytest.raises(Refused, match=words):
            put_aside(
                part=two.innocent, kind=kind, basis=basis, raw=raw, named=named, actor=who, today=TODAY()
            )
    with acting_as(two.unit.filler) as who, pytest.raises(NotReadable, match="简易程序"):
        put_aside(
            part=two.innocent,
            kind="administrative_penalty",
            basis=basis_of("administrative_penalty"),
            raw=PENALTY | {"procedure": "simple"},
            named=Named(NAME),
            actor=who,
            today=TODAY(),
        )
    with acting_as(county.health.clerk) as who, pytest.raises(Refused, match="不由您办理"):
        put_aside(
            part=two.innocent,
            kind="administrative_penalty",
            basis=basis_of("administrative_penalty"),
            raw=PENALTY,
            named=Named(NAME),
            actor=who,
            today=TODAY(),
        )
    with acting_as(county.officer) as who:
        assert not WaitingFact.objects.visible_to(who).exists()
        assert not items_visible_to(who).exists()
    attached(written(two.innocent, by=two.unit.filler), by=two.unit.filler)
