"""The pages of dated facts: as browsers post them, without script; and 奖惩情况 as the form tells it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archives.awards import award_lines, year_items
from archives.models import Item, RecordPart
from archives.occupations import occupation_of
from credit_platform.tenancy.context import acting
from tests.archives.flow import attached, events, fresh, opened, rows_of, sealed, with_reason
from tests.archives.item_flow import (
    AWARD,
    PENALTY,
    basis_of,
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    last_of,
    named_in,
    revoked,
    told,
    written,
)
from tests.factories import County, id_number


def words(answer: Any) -> str:
    return str(answer.content.decode())


def add(browser: Client, part: RecordPart, kind: str, raw: dict[str, Any], **options: Any) -> Any:
    named = named_in(part.record.archive)
    body = raw | {"kind": kind, "basis": basis_of(kind)}
    body |= {"named_name": named.name, "named_number": named.number} | options
    return browser.post(f"/records/{part.pk}/items/add/", body, follow=True)


def act(browser: Client, item: Item, action: str, **more: Any) -> Any:
    body = {"action": action, "revision": fresh_item(item).revision, **more}
    return browser.post(f"/items/{item.pk}/", body, follow=True)


def lines(part: RecordPart, **options: Any) -> list[str]:
    with acting(part.jurisdiction_id, "job"):
        found = RecordPart.objects.select_related("record").get(id=part.pk)
        return award_lines(year_items(found), **options)


@pytest.mark.req("AY-04", "AY-05", "AY-06", "AY-07", "AY-08")
def test_kinds_are_offered_under_the_headings_of_the_notice(county: County, client_as: Any) -> None:
    unit = county.education
    page = words(client_as(unit.filler).get(f"/records/{opened(unit).pk}/items/add/"))
    occupation = occupation_of(unit.responsibility)
    assert [code for code in occupation.kinds if f"?kind={code}" not in page] == []
    headings = [content.label for content in occupation.contents if content.kinds]
    assert sum(heading in page for heading in headings) >= 4


@pytest.mark.req("AY-05", "AY-F17")
def test_an_award_from_the_record_to_the_form(county: County, client_as: Any) -> None:
    unit = county.education
    part, filler = opened(unit), client_as(unit.filler)
    page = words(add(filler, part, "award", AWARD))
    assert "条目已保存为草稿" in page
    (item,) = rows_of(Item, county.id)
    assert "已提交，等待经办人办理" in words(act(filler, item, "submit", **AWARD, basis=item.basis))
    assert "优秀教师" in words(filler.get(f"/records/{part.pk}/"))
    assert "未确认" in words(filler.get(f"/records/{part.pk}/"))
    assert "已转审核" in words(act(client_as(unit.clerk), item, "pass_on"))
    reviewer = client_as(unit.reviewer)
    assert "条目：等您审核" in words(reviewer.get("/"))
    assert "优秀教师" in words(reviewer.get("/items/?status=in_review"))
    assert "已审核确认" in words(act(reviewer, item, "seal"))
    assert lines(part) == ["2026-03-05 表彰奖励：优秀教师，县级（安阳县教育局 安教〔2026〕12 号）"]
    assert "未确认" not in words(filler.get(f"/records/{part.pk}/"))
    assert fresh_item(item).delivery == "pending"


@pytest.mark.req("AY-N3")
def test_every_step_of_an_adverse_fact_is_refused_in_words(county: County, client_as: Any) -> None:
    unit = county.education
    part, filler, clerk = opened(unit), client_as(unit.filler), client_as(unit.clerk)
    reviewer = client_as(unit.reviewer)
    for change, message in (
        ({"procedure": "simple"}, "简易程序"),
        ({"basis": ""}, "请选择依据"),
        ({"occurred_on": ""}, "请填写违法行为发生日期"),
    ):
        assert message in words(add(filler, part, "administrative_penalty", PENALTY, **change))
    assert rows_of(Item, county.id) == []
    add(filler, part, "administrative_penalty", PENALTY)
    (item,) = rows_of(Item, county.id)
    posted = PENALTY | {"basis": item.basis}
    assert "须以文书为依据" in words(act(filler, item, "submit", **posted | {"document_no": ""}))
    assert "须附证明材料" in words(act(filler, item, "submit", **posted))
    attached(item, by=unit.filler)
    assert "等待经办人" in words(act(filler, item, "submit", **posted))
    act(clerk, item, "pass_on")
    assert "须告知本人" in words(act(reviewer, item, "seal"))
    assert "日期不正确" in words(act(clerk, item, "notify", on="昨天", how="in_person"))
    assert "已登记告知本人" in words(
        act(clerk, item, "notify", on=timezone.localdate().isoformat(), how="in_person")
    )
    assert "照材料填写当事人证件号码" in words(act(reviewer, item, "seal"))
    assert "已审核确认" in words(act(reviewer, item, "seal", last=last_of(item)))
    assert any("行政处罚：罚款" in line for line in lines(part))


def test_an_act_before_majority_is_refused_on_the_page(county: County, client_as: Any) -> None:
    part = opened(county.education, number=id_number(0))
    early = PENALTY | {"occurred_on": "1985-01-01", "document_date": "1985-02-01"}
    answer = add(client_as(county.education.filler), part, "administrative_penalty", early)
    assert answer.status_code == 422
    assert "未满 18 周岁" in words(answer)
    assert rows_of(Item, county.id) == []


def test_a_faulty_draft_stays_as_typed(county: County, client_as: Any) -> None:
    unit = county.education
    item, browser = written(opened(unit), by=unit.filler), client_as(unit.filler)
    answer = act(browser, item, "save", **AWARD | {"document_date": "某天"}, basis=item.basis)
    assert answer.status_code == 422
    assert "某天" in words(browser.get(f"/items/{item.pk}/"))
    stale = browser.post(f"/items/{item.pk}/", AWARD | {"action": "save", "revision": 1, "basis": item.basis})
    assert stale.status_code == 409


def test_the_notice_names_the_fact_and_the_remedies(county: County, client_as: Any) -> None:
    unit = county.education
    item = item_in_review(opened(unit), "administrative_penalty", unit=unit)
    answer = client_as(unit.clerk).get(f"/items/{item.pk}/notice/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    award = item_in_review(opened(unit), unit=unit)
    assert "不需要告知书" in words(client_as(unit.clerk).get(f"/items/{award.pk}/notice/", follow=True))


def test_versions_have_pages(county: County, client_as: Any) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    confirmed(corrected(item, by=unit.clerk, title="模范教师"), by=unit.reviewer)
    browser = client_as(unit.clerk)
    assert "优秀教师" in words(browser.get(f"/items/{item.pk}/versions/1/"))
    second = words(browser.get(f"/items/{item.pk}/versions/2/"))
    assert "模范教师" in second
    assert "文号有误" in second
    assert browser.get(f"/items/{item.pk}/versions/3/").status_code == 404


@pytest.mark.req("GZ-07")
def test_the_office_sees_what_is_confirmed_and_nothing_internal(county: County, client_as: Any) -> None:
    unit, office = county.education, client_as(county.officer)
    part = opened(unit)
    award, draft = item_sealed(part, unit=unit), written(opened(unit), by=unit.filler)
    sanction = item_sealed(part, "discipline", unit=unit)
    sealed(unit, part=part)
    page = words(office.get("/items/"))
    assert "优秀教师" in page
    with_reason(office, part)
    assert "党纪政务处分：" not in page
    for item, status in ((award, 200), (draft, 404), (sanction, 404)):
        assert office.get(f"/items/{item.pk}/").status_code == status
    assert "政务警告" not in words(office.get(f"/records/{part.pk}/"))
    corrected(award, by=unit.clerk, title="写了一半")
    assert "写了一半" not in words(office.get(f"/items/{award.pk}/"))
    assert "写了一半" not in words(office.get("/items/"))


# --- 奖惩情况 --------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-F17")
def test_what_is_told_under_awards_and_penalties(county: County) -> None:
    unit = county.education
    part = opened(unit)
    award = item_sealed(part, unit=unit)
    penalty = item_sealed(part, "administrative_penalty", unit=unit)
    item_sealed(part, "training", unit=unit)
    item_sealed(part, "complaint", unit=unit)
    assert [line[:16] for line in lines(part)] == ["2026-02-01 行政处罚：", "2026-03-05 表彰奖励："]
    with acting(county.id, "job"):
        Item.objects.filter(id=award.pk).update(disputed=True)
        Item.objects.filter(id=penalty.pk).update(shown_until=timezone.localdate() - dt.timedelta(1))
    (line,) = lines(part)
    assert line.endswith("（异议中）")
    revoked(fresh_item(award), unit=unit)
    assert lines(part) == []


def test_a_correction_counts_when_it_is_confirmed_and_the_past_stays_known(county: County) -> None:
    unit = county.education
    part = opened(unit)
    item = item_sealed(part, unit=unit)
    changing = corrected(item, by=unit.clerk, title="模范教师")
    assert "优秀教师" in lines(part)[0]
    confirmed(changing, by=unit.reviewer)
    assert "模范教师" in lines(part)[0]
    assert "模范教师" in lines(part, as_of=timezone.localdate())[0]
    assert lines(part, as_of=timezone.localdate() - dt.timedelta(1)) == []


def test_a_version_of_the_record_shows_the_facts_of_its_day(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.clerk)
    part = opened(unit)
    item_sealed(part, unit=unit)
    sealed(unit, part=part)
    item_sealed(part, "administrative_penalty", unit=unit)
    page = words(browser.get(f"/records/{part.pk}/versions/1/"))
    assert "优秀教师" in page
    assert "行政处罚：" not in page
    assert "行政处罚：" in words(browser.get(f"/records/{part.pk}/"))


def test_a_record_cites_the_items_it_shows(county: County) -> None:
    unit = county.education
    part = opened(unit)
    item = item_sealed(part, unit=unit)
    gone = revoked(item_sealed(part, "honour", unit=unit), unit=unit)
    version = sealed(unit, part=part)
    assert version.cites["items"] == [{"id": str(item.pk), "version": 1}]
    assert gone.revoked
    assert fresh(part).current_version == 1


def test_every_look_is_journalled(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.clerk)
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    browser.get("/items/")
    browser.get(f"/items/{item.pk}/")
    browser.get(f"/items/{item.pk}/notice/")
    assert [event.verb for event in events(county.id, verb__in=("item.listed", "item.read"))] == [
        "item.listed",
        "item.read",
        "item.read",
    ]


def test_only_a_new_fact_can_go_to_those_without_a_number(county: County, client_as: Any) -> None:
    unit = county.education
    part, browser = opened(unit), client_as(unit.filler)
    new = words(browser.get(f"/records/{part.pk}/items/add/?kind=administrative_penalty"))
    assert "文书没有的留空，转入待核身份" in new
    known = words(browser.get(f"/items/{written(part, 'administrative_penalty', by=unit.filler).pk}/"))
    assert "转入待核身份" not in known
    assert "身份已核对；文书改动的重新填写" in known
    complaint = words(browser.get(f"/items/{written(part, 'complaint', by=unit.filler).pk}/"))
    assert "转入待核身份" not in complaint
    assert "文书没有的，不能记入本人档案" in complaint
