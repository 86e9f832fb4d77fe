"""What stands between a typed fact and its confirmation: who was told of what, which document and evidence it rests on,
twins, and rules that changed since it was typed."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from archives import catalogue
from archives.models import Evidence, Item, RecordPart, Version
from archives.schema.kinds import kinds
from archives.services import item_checks
from archives.services.bulk import plain_parts
from archives.services.item_seals import (
    confirm_revocation,
    keep_item,
    revoke_item,
    seal_item,
    start_item_correction,
)
from archives.services.items import notify_item, pass_on_item, save_item, submit_item
from archives.states import Status
from audit.lifecycle import Refused, Stale
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, at_once, attached, events, in_review, opened, rows_of
from tests.archives.item_flow import (
    AWARD,
    PENALTY,
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    kept,
    last_of,
    named_in,
    revoked,
    told,
    written,
)
from tests.clock import moved_clock
from tests.factories import County, Unit
from tests.web import samples

TODAY = timezone.localdate
OTHER_NUMBER = "安市监罚〔2026〕8 号"


@pytest.fixture
def unit(county: County) -> Unit:
    return county.education


@pytest.fixture
def part(unit: Unit) -> RecordPart:
    return opened(unit)


def submit(item: Item, unit: Unit) -> Item:
    with acting_as(unit.filler) as who:
        return submit_item(item=item, revision=None, actor=who, today=TODAY())


def pass_on(item: Item, unit: Unit) -> Item:
    with acting_as(unit.clerk) as who:
        return pass_on_item(item=item, revision=None, actor=who, today=TODAY())


def reopened(item: Item, unit: Unit) -> Item:
    with acting_as(unit.clerk) as who:
        return start_item_correction(item=item, reason="文号有误", revision=None, actor=who)


# --- the telling -----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N3")
def test_nobody_was_told_of_what_was_not_written_yet(
    unit: Unit, part: RecordPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = moved_clock(monkeypatch, dt.date(2026, 3, 1))
    item = item_in_review(part, "administrative_penalty", unit=unit)
    clock.go(dt.date(2026, 3, 10))
    for early in (dt.date(2026, 2, 1), dt.date(2026, 2, 20), dt.date(2026, 2, 28)):
        with pytest.raises(Refused, match="告知日期应在 2026-03-01 至今天之间"):
            told(item, by=unit.clerk, on=early)
    assert told(item, by=unit.clerk, on=dt.date(2026, 3, 1)).notified_on == dt.date(2026, 3, 1)


def test_who_registers_the_telling_saw_what_it_was_of(unit: Unit, part: RecordPart, client_as: Any) -> None:
    item = item_in_review(part, "administrative_penalty", unit=unit)
    browser = client_as(unit.clerk)
    page = browser.get(f"/items/{item.pk}/").content.decode()
    form = page[page.index('id="notice"') :]
    assert f'name="revision" value="{item.revision}"' in form
    attached(item, by=unit.clerk)  # somebody else, meanwhile
    body = {"action": "notify", "on": TODAY().isoformat(), "how": "in_person", "revision": item.revision}
    answer = browser.post(f"/items/{item.pk}/", body, follow=True)
    assert "已登记告知本人" not in answer.content.decode()
    assert fresh_item(item).notified_on is None
    with acting_as(unit.clerk) as who, pytest.raises(Stale):
        notify_item(item=item, on=TODAY(), how="in_person", revision=item.revision, actor=who, today=TODAY())
    body["revision"] = fresh_item(item).revision
    assert "已登记告知本人" in browser.post(f"/items/{item.pk}/", body, follow=True).content.decode()


def test_the_database_confirms_nothing_adverse_untold(unit: Unit, part: RecordPart) -> None:
    item = item_in_review(part, "administrative_penalty", unit=unit)
    with acting(item.jurisdiction_id, "job"), pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(id=item.pk).update(status=Status.SEALED)


# --- the document, its person and its evidence -----------------------------------------------------------------------


@pytest.mark.req("AY-N3")
def test_a_correction_to_another_document_needs_evidence_of_its_own(unit: Unit, part: RecordPart) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    (scan,) = rows_of(Evidence, item.jurisdiction_id)
    changing = kept(reopened(item, unit), by=unit.clerk, document_no=OTHER_NUMBER)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="文书已改为另一份"):
        submit_item(item=changing, revision=None, actor=who, today=TODAY())
    again = attached(changing, by=unit.clerk)
    assert again.pk != scan.pk
    with acting_as(unit.clerk) as who:
        assert submit_item(item=changing, revision=None, actor=who, today=TODAY()).status == Status.IN_REVIEW


def test_the_same_scan_may_be_given_as_the_evidence_of_a_number_put_right(
    unit: Unit, part: RecordPart
) -> None:
    item = item_in_review(part, "administrative_penalty", unit=unit)
    scan = attached(item, by=unit.clerk, content=samples.pdf(b"%% the decision\n"))
    told(item, by=unit.clerk)
    confirmed(item, by=unit.reviewer)
    changing = kept(reopened(fresh_item(item), unit), by=unit.clerk, document_no=OTHER_NUMBER)
    again = attached(changing, by=unit.clerk, content=samples.pdf(b"%% the decision\n"))
    assert (again.sha256, again.pk == scan.pk) == (scan.sha256, False)
    with pytest.raises(Refused, match="已经上传过"):
        attached(changing, by=unit.clerk, content=samples.pdf(b"%% the decision\n"))


def test_a_correction_of_something_else_needs_no_new_evidence(unit: Unit, part: RecordPart) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    again = corrected(item, by=unit.clerk, facts="在校外机构有偿补课两次。")
    assert again.status == Status.IN_REVIEW


Change = dict[str, str]


@pytest.mark.req("PD-11")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"document_no": OTHER_NUMBER}),
        ({}, {"issued_by": "汤阴县公安局"}),
        ({"document_no": ""}, {}),
        ({"issued_by": ""}, {}),
    ],
    ids=["number", "authority", "number filled in", "authority filled in"],
)
def test_name_and_number_are_checked_for_each_document(
    unit: Unit, part: RecordPart, first: Change, then: Change
) -> None:
    item = written(part, "administrative_penalty", by=unit.filler, **first)
    save = {"item": item, "basis": item.basis, "revision": item.revision, "today": TODAY()}
    with acting_as(unit.filler) as who, pytest.raises(Exception, match="照文书填写当事人姓名"):
        save_item(raw=PENALTY | then, actor=who, **save)
    with acting_as(unit.filler) as who:
        saved = save_item(raw=PENALTY | then, named=named_in(item.archive), actor=who, **save).item
    assert (saved.identified_document, saved.identified_issuer) == (
        saved.document_no,
        (PENALTY | then)["issued_by"],
    )


def test_how_a_number_or_authority_is_written_makes_no_other_document(unit: Unit, part: RecordPart) -> None:
    item = written(part, "administrative_penalty", by=unit.filler)
    same = {"document_no": "安市监罚[2026]7号", "issued_by": "县市场监督管理局"}
    with acting_as(unit.filler) as who:
        saved = save_item(
            item=item,
            raw=PENALTY | same,
            basis=item.basis,
            revision=item.revision,
            actor=who,
            today=TODAY(),
        ).item
    assert (saved.document_no, saved.evidence_from) == (same["document_no"], None)


def test_a_check_that_changes_no_value_is_kept(unit: Unit, part: RecordPart) -> None:
    item = item_in_review(part, "administrative_penalty", unit=unit)
    with acting(item.jurisdiction_id, "job"):  # as those that were typed before there was the check
        Item.objects.filter(id=item.pk).update(identified_by="", status=Status.DRAFT)
    attempts: list[tuple[Callable[..., Any], Any]] = [(submit_item, unit.filler), (seal_item, unit.reviewer)]
    for act, member in attempts:
        with acting_as(member) as who, pytest.raises(Refused, match="身份尚未核对"):
            act(item=item, revision=None, actor=who, today=TODAY())
    saved = kept(fresh_item(item), by=unit.filler)
    assert fresh_item(saved).identified_by == "孙填报"
    assert fresh_item(saved).saved_at == item.saved_at  # nothing of the fact has changed
    assert events(item.jurisdiction_id, verb="item.saved")[-1].data["identified"] is True
    assert submit(saved, unit).status == Status.SUBMITTED


# --- rules that changed since it was typed ---------------------------------------------------------------------------


@pytest.mark.req("PD-19")
def test_basis_catalogue_and_division_hold_at_every_step(
    unit: Unit, part: RecordPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = written(part, by=unit.filler)
    unit.responsibility.kinds = ["training"]
    unit.responsibility.save()
    with pytest.raises(Refused, match="不记录“表彰奖励”"):
        submit(item, unit)
    unit.responsibility.kinds = []
    unit.responsibility.save()
    with acting(item.jurisdiction_id, "job"):
        Item.objects.filter(id=item.pk).update(basis="《废止的》第一条")
    with pytest.raises(Refused, match="请选择依据"):
        submit(item, unit)
    with acting(item.jurisdiction_id, "job"):
        Item.objects.filter(id=item.pk).update(basis=item.basis)
    submitted = submit(item, unit)
    in_hand = pass_on(submitted, unit)
    monkeypatch.setattr(item_checks, "refusal", lambda code, **options: "这种条目已停用。")
    with pytest.raises(Refused, match="已停用"):
        confirmed(in_hand, by=unit.reviewer)
    assert catalogue.refusal("award", place="410522", today=TODAY()) == ""


def test_what_is_in_force_may_be_corrected_when_such_facts_are_no_longer_entered(
    unit: Unit, part: RecordPart
) -> None:
    item = item_sealed(part, unit=unit)
    unit.responsibility.kinds = ["training"]
    unit.responsibility.save()
    assert confirmed(corrected(item, by=unit.clerk, title="模范教师"), by=unit.reviewer).number == 2


# --- twins -----------------------------------------------------------------------------------------------------------


def two_drafts(part: RecordPart, unit: Unit) -> tuple[Item, Item]:
    """Two drafts of one document, as two people leave them who began at once."""
    first = written(part, by=unit.filler)
    second = written(part, by=unit.clerk, document_no="安教〔2026〕13 号")
    with acting(part.jurisdiction_id, "job"):
        values = {**second.values, "document_no": AWARD["document_no"]}
        Item.objects.filter(id=second.pk).update(document_no=AWARD["document_no"], values=values)
    return first, fresh_item(second)


def test_of_two_drafts_of_one_document_one_gets_on(unit: Unit, part: RecordPart) -> None:
    first, second = two_drafts(part, unit)
    handed_on = pass_on(submit(first, unit), unit)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="已经录入"):
        submit_item(item=second, revision=None, actor=who, today=TODAY())
    confirmed(handed_on, by=unit.reviewer)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="已经录入"):
        submit_item(item=second, revision=None, actor=who, today=TODAY())


def test_a_twin_keeps_nobody_from_saving_the_rest_of_a_draft(unit: Unit, part: RecordPart) -> None:
    _, second = two_drafts(part, unit)
    saved = kept(second, by=unit.clerk, title="模范教师")
    assert saved.document_no == AWARD["document_no"]
    other = written(part, by=unit.clerk, document_no="安教〔2026〕14 号")
    with pytest.raises(Refused, match="已经录入"):
        kept(other, by=unit.clerk)


@pytest.mark.django_db(transaction=True)
def test_two_who_type_one_document_at_once_make_one_draft(county: County) -> None:
    """The second waits until the first is through, whatever moment it comes in."""
    unit = county.education
    part, begun = opened(unit), threading.Event()

    def slow() -> Item:
        with acting_as(unit.filler):  # the transaction ends with it
            item = written(part, by=unit.filler)
            begun.set()
            time.sleep(1)
            return item

    def quick() -> Item:
        assert begun.wait(20)
        return written(part, by=unit.clerk)

    first, second = at_once(slow, quick)
    assert isinstance(first, Item), first
    assert isinstance(second, Refused), second
    assert [item.pk for item in rows_of(Item, county.id)] == [first.pk]


# --- revoking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETURNED])
def test_a_fact_that_is_being_corrected_can_be_revoked(unit: Unit, part: RecordPart, status: str) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    changing = kept(reopened(item, unit), by=unit.clerk, document_no=OTHER_NUMBER, facts="另写的事实。")
    assert changing.notified_on is None
    with acting(item.jurisdiction_id, "job"):
        Item.objects.filter(id=item.pk).update(status=status)
    with acting_as(unit.clerk) as who:
        proposed = revoke_item(item=changing, reason="原决定已撤销", revision=None, actor=who)
    assert (proposed.values, proposed.document_no) == (item.values, item.document_no)
    assert (proposed.notified_on, proposed.evidence_from) == (item.notified_on, None)
    with acting_as(unit.reviewer) as who:
        keeping = keep_item(item=proposed, reason="决定仍有效", revision=None, actor=who)
    assert (keeping.status, keeping.current_version, keeping.adverse) == (Status.SEALED, 1, True)
    gone = revoked(keeping, unit=unit)
    assert (gone.revoked, gone.current_version) == (True, 2)


def test_a_draft_that_was_never_confirmed_is_not_revoked(unit: Unit, part: RecordPart) -> None:
    item = written(part, by=unit.clerk)
    with acting_as(unit.clerk) as who, pytest.raises(Refused):
        revoke_item(item=item, reason="写错了", revision=None, actor=who)


def test_the_page_offers_it_while_a_correction_is_written(
    unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = reopened(item_sealed(part, unit=unit), unit)
    browser = client_as(unit.clerk)
    assert 'value="revoke"' in browser.get(f"/items/{item.pk}/").content.decode()
    body = {"action": "revoke", "revision": item.revision, "reason": "原决定已撤销"}
    assert "已提出撤销" in browser.post(f"/items/{item.pk}/", body, follow=True).content.decode()
    with acting_as(unit.reviewer) as who:
        confirm_revocation(item=fresh_item(item), revision=None, actor=who, today=TODAY())
    versions = {version.number for version in rows_of(Version, part.jurisdiction_id)}
    assert versions == {1, 2}


# --- beside it -------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N1")
def test_a_proposed_withdrawal_still_stands_against_bulk_confirmation(unit: Unit, part: RecordPart) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    ready = in_review(unit, part=part)
    with acting_as(unit.clerk) as who:
        revoke_item(item=item, reason="原决定已撤销", revision=None, actor=who)
    with acting_as(unit.reviewer) as who:
        assert not plain_parts(who).filter(id=ready.pk).exists()
        confirm_revocation(item=fresh_item(item), revision=None, actor=who, today=TODAY())
        assert plain_parts(who).filter(id=ready.pk).exists()


def test_what_the_values_say_counts_at_the_seal_not_what_a_column_said(unit: Unit, part: RecordPart) -> None:
    item = item_in_review(part, "administrative_penalty", unit=unit)
    with acting(item.jurisdiction_id, "job"):
        Item.objects.filter(id=item.pk).update(adverse=False)
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="须告知本人"):
        seal_item(item=item, revision=None, actor=who, today=TODAY(), last=last_of(item))


def test_a_crafted_request_of_the_office_is_refused(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, unit=unit)
    office = client_as(county.officer)
    office.post(f"/items/{item.pk}/reason/", {"code": "inspection", "text": "年度抽查"})
    for action in ("correct", "revoke", "seal", "notify", "submit", "pass_on"):
        body = {"action": action, "revision": 1, "reason": "试", "on": "2026-11-01", "how": "in_person"}
        answer = office.post(f"/items/{item.pk}/", body)
        assert answer.status_code in (302, 403, 404), action
    assert fresh_item(item).status == Status.SEALED
    assert kinds.get("award").label
