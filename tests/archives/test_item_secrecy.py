"""What was revoked, stays in the unit or is only being written does not show elsewhere: on print, to the office, in its
journal, in batches."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archives.models import Evidence, Item, RecordPart
from archives.occupations import occupation_of
from archives.printing.forms import version_form
from archives.schema.kinds import kinds
from archives.selectors import evidence_visible_to
from archives.services.item_seals import keep_item, revoke_item, start_item_correction
from archives.services.items import save_item, send_back_item
from credit_platform.tenancy.context import acting
from delivery.models import Batch, BatchLine
from delivery.services import make_batch
from oversight.journal import VERBS
from tests.archives.flow import acting_as, attached, fresh, journal_rows, opened, rows_of, sealed, with_reason
from tests.archives.item_flow import (
    ASSESSMENT,
    AWARD,
    basis_of,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    revoked,
    written,
)
from tests.factories import County, Unit

TODAY = timezone.localdate
FAILED = ASSESSMENT | {"result": "failed"}
OTHER_BASIS = str(kinds.get("award").bases_in("410522")[1])


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def unit(county: County) -> Unit:
    return county.education


@pytest.fixture
def part(unit: Unit) -> RecordPart:
    return opened(unit)


@pytest.mark.req("AY-F17")
def test_what_was_revoked_after_the_seal_is_on_no_paper_and_no_page(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    version = sealed(unit, part=part)
    with acting(county.id, "job"):
        known = RecordPart.objects.select_related("record__archive", "agency", "employer").get(id=part.pk)
        occupation = occupation_of(unit.responsibility)
        assert "行政处罚：" in version_form(known, version, occupation).text
    browser = client_as(unit.clerk)
    page = f"/records/{part.pk}/versions/1/"
    assert "行政处罚：" in words(browser.get(page))
    revoked(item, unit=unit)
    with acting(county.id, "job"):
        assert "行政处罚：" not in version_form(known, version, occupation).text
    assert "行政处罚：" not in words(browser.get(page))


@pytest.mark.req("GZ-07")
def test_the_version_page_of_a_record_tells_the_office_nothing_internal(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item_sealed(part, unit=unit)
    item_sealed(part, "discipline", unit=unit)
    gone = item_sealed(part, "honour", unit=unit, document_no="安教〔2026〕99 号")
    sealed(unit, part=part)
    revoked(gone, unit=unit)
    page = f"/records/{part.pk}/versions/1/"
    own = words(client_as(unit.clerk).get(page))
    assert "党纪政务处分" in own
    assert "另有 1 条" in own
    office = words(with_reason(client_as(county.officer), part).get(page))
    assert "安教〔2026〕12 号" in office
    for hidden in ("党纪政务处分", "安纪〔2026〕3 号", "安教〔2026〕99 号", "另有"):
        assert hidden not in office


def test_a_withdrawal_that_is_only_proposed_withholds_nothing(
    unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, unit=unit)
    sealed(unit, part=part)
    with acting_as(unit.clerk) as who:
        revoke_item(item=item, reason="查明有误", revision=None, actor=who)
    page = words(client_as(unit.clerk).get(f"/records/{part.pk}/versions/1/"))
    cited = page[page.index('id="cited-title"') :]
    assert "安教〔2026〕12 号" in cited
    assert "另有" not in cited


@pytest.mark.req("GZ-07")
def test_the_offices_journal_knows_neither_drafts_evidence_nor_internal_facts(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    draft = written(part, "administrative_penalty", by=unit.filler)
    file = attached(draft, by=unit.filler)
    client_as(unit.clerk).get(f"/evidence/{file.pk}/")
    discipline = item_sealed(opened(unit, name="孟受分"), "discipline", unit=unit)
    with acting_as(unit.clerk) as who:
        proposed = revoke_item(item=discipline, reason="查明有误", revision=None, actor=who)
    with acting_as(unit.reviewer) as who:
        keep_item(item=proposed, reason="决定仍有效", revision=None, actor=who)
    revoked(discipline, unit=unit)
    award = item_sealed(opened(unit, name="孟受奖"), unit=unit)
    unit_page = words(client_as(unit.clerk).get("/journal/"))
    assert "上传证明材料" in unit_page
    assert "孟受分" in unit_page
    assert "证明材料.pdf" not in unit_page
    rows = journal_rows(client_as(county.officer))
    assert "孟受奖" in rows
    for hidden in ("证明材料", "孟受分", "不予撤销"):
        assert hidden not in rows, hidden
    assert award.current_version == 1


def test_evidence_of_what_was_revoked_is_closed_to_the_office(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, "administrative_penalty", unit=unit)
    sealed(unit, part=part)
    (file,) = rows_of(Evidence, county.id)
    office = with_reason(client_as(county.officer), part)
    address = f"/evidence/{file.pk}/"
    assert opens(office, address)
    with acting_as(county.officer) as who:
        assert evidence_visible_to(who).exists()
    revoked(item, unit=unit)
    assert not opens(office, address)
    with acting_as(county.officer) as who:
        assert not evidence_visible_to(who).exists()
    assert client_as(unit.clerk).get(address).status_code == 200


def opens(browser: Client, address: str) -> bool:
    """Whether the file is handed out, after the reason that is asked for was given."""
    answer = browser.get(address)
    if answer.status_code == 302:
        browser.post(answer["Location"], {"code": "inspection", "text": "年度抽查"})
        answer = browser.get(address)
    return answer.status_code == 200


def test_the_page_of_a_batch_names_nobody_of_what_was_revoked(
    county: County, unit: Unit, client_as: Any
) -> None:
    item = item_sealed(opened(unit, name="孟撤销"), unit=unit)
    item_sealed(opened(unit, name="孟在册"), unit=unit)
    make_batch(jurisdiction_id=county.id, target="county")
    (batch,) = rows_of(Batch, county.id)
    office, address = client_as(county.officer), f"/delivery/{batch.pk}/"
    assert "孟撤销" in words(office.get(address))
    revoked(item, unit=unit)
    page = words(office.get(address))
    assert "孟在册" in page
    assert "孟撤销" not in page
    assert str(item.pk) not in page
    assert "已撤销的信用信息" in page
    assert len(rows_of(BatchLine, county.id)) == 2


# --- what is being written of a correction ---------------------------------------------------------------------------


def with_reason_for(browser: Client, item: Item) -> Client:
    browser.post(f"/items/{item.pk}/reason/", {"code": "inspection", "text": "年度抽查"})
    return browser


def test_the_office_does_not_learn_what_a_correction_says(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, "annual_assessment", unit=unit, **FAILED)
    office = with_reason_for(client_as(county.officer), item)
    before = words(office.get(f"/items/{item.pk}/"))
    assert "身份已核对" not in before
    with acting_as(unit.clerk) as who:
        opened_again = start_item_correction(item=item, reason="复核改为合格", revision=None, actor=who)
        save_item(
            item=opened_again,
            raw=FAILED | {"result": "competent"},
            basis=item.basis,
            revision=opened_again.revision,
            actor=who,
            today=TODAY(),
        )
    assert not fresh_item(item).adverse
    for chosen in ("0", "1"):
        assert str(ASSESSMENT["document_no"]) in words(office.get(f"/items/?adverse={chosen}"))
    page = words(office.get(f"/items/{item.pk}/"))
    assert "不合格" in page
    assert "复核改为合格" not in page


def test_the_office_sees_the_basis_in_force_and_no_proposal(
    county: County, unit: Unit, part: RecordPart, client_as: Any
) -> None:
    item = item_sealed(part, unit=unit)
    office = with_reason_for(client_as(county.officer), item)
    with acting_as(unit.clerk) as who:
        opened_again = start_item_correction(item=item, reason="依据有误", revision=None, actor=who)
        save_item(
            item=opened_again,
            raw=AWARD,
            basis=OTHER_BASIS,
            revision=opened_again.revision,
            actor=who,
            today=TODAY(),
        )
    page = words(office.get(f"/items/{item.pk}/"))
    assert (basis_of("award") in page, OTHER_BASIS in page) == (True, False)
    with acting_as(unit.clerk) as who:
        revoke_item(item=fresh_item(item), reason="查明有误", revision=None, actor=who)
    for address in ("/items/", f"/items/{item.pk}/"):
        assert "拟撤销" not in words(office.get(address))
    assert "拟撤销" in words(client_as(unit.clerk).get("/items/"))


@pytest.mark.req("GZ-07")
@pytest.mark.parametrize(
    ("kind", "confirmed", "shown"),
    [
        ("award", True, True),
        ("award", False, False),
        ("discipline", True, False),
        ("discipline", False, False),
    ],
)
def test_the_office_does_not_read_why_a_fact_was_sent_back(
    county: County,
    unit: Unit,
    part: RecordPart,
    client_as: Any,
    kind: str,
    confirmed: bool,
    shown: bool,
) -> None:
    """`shown`: the office sees the fact, as it was confirmed."""
    part = sealed(unit, part=part).part
    if confirmed:
        item = corrected(item_sealed(fresh(part), kind, unit=unit), by=unit.clerk, content="重新填写。")
    else:
        item = item_in_review(fresh(part), kind, unit=unit)
    with acting_as(unit.reviewer) as who:
        send_back_item(item=item, reason="内部意见甲", revision=None, actor=who)
    clerk, office = client_as(unit.clerk), client_as(county.officer)
    page = f"/items/{item.pk}/"
    assert "内部意见甲" in words(clerk.get(page))
    assert "内部意见甲" in journal_rows(clerk)
    with_reason_for(office, item)
    assert office.get(page).status_code == (200 if shown else 404)
    for address in (page, "/items/", f"/records/{part.pk}/"):
        assert "内部意见甲" not in with_reason(office, part).get(address).content.decode(), address
    rows = journal_rows(office)
    assert part.name in rows
    for hidden in ("内部意见甲", VERBS["item.returned"]):
        assert hidden not in rows
