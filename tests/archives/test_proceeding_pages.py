"""The procedure on the page of a record: what is missing, one form for the next step, letters; the same refusals."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archives.deadlines import statement_deadline
from archives.models import Proceeding, RecordPart
from archives.printing.letters import LETTERS
from archives.services import proceedings
from archives.services.proceedings import statement_of
from archives.states import ProceedingStatus, Service, Status
from credit_platform.tenancy.context import acting
from tests.archives.flow import FILLED, acting_as, confirm, events, fresh, opened, rows_of, with_reason
from tests.archives.proceeding_flow import (
    SERIOUS,
    STAGES,
    TODAY,
    WARNING,
    adverse_draft,
    adverse_in_review,
    again,
    attach,
    begun,
    decided,
    heard,
    long_ago,
    notified,
    served,
    step,
)
from tests.factories import County

STATEMENT = "当时是免费辅导，<b>没有收费</b>。"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def page(browser: Client, part: RecordPart) -> str:
    answer = browser.get(f"/records/{part.id}/")
    assert answer.status_code == 200
    return text_of(answer)


def post(browser: Client, proceeding: Proceeding, action: str, **body: Any) -> Any:
    body |= {"action": action, "revision": again(proceeding).revision}
    return browser.post(f"/proceedings/{proceeding.id}/", body, follow=True)


# --- the form -----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N1", "AY-N3")
def test_the_clerk_fills_it_in_on_the_page_and_sees_what_is_missing(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit, by=unit.clerk)
    clerk = client_as(unit.clerk)
    assert "认定程序" not in page(clerk, part), "nothing is held against anybody by default"
    body = FILLED | {"determination": "warning", "action": "submit_for_review", "revision": part.revision}
    answer = clerk.post(f"/records/{part.id}/", body)
    assert answer.status_code == 422
    for words in ("请填写经查实的行为。", "请填写行为发生日期。", "没有文书的不能录入", "证明材料还没有上传"):
        assert words in text_of(answer)
    body |= WARNING | {"revision": fresh(part).revision, "action": "save"}
    assert clerk.post(f"/records/{part.id}/", body).status_code == 302
    text = page(clerk, part)
    assert "经查实，王小明存在有偿补课行为，根据《中小学教师违反职业道德行为处理办法》" in text
    assert "启动认定程序" in text


@pytest.mark.req("AY-N2")
def test_the_whole_way_by_the_pages(county: County, client_as: Any) -> None:
    unit = county.education
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)
    part = adverse_in_review(unit)
    attach(part)
    assert clerk.post(f"/records/{part.id}/proceeding/").status_code == 302
    (proceeding,) = rows_of(Proceeding, county.id)
    assert "已登记告知" in text_of(post(clerk, proceeding, "notify", on=TODAY, how="in_person"))
    assert "期限到" in page(clerk, part)
    long_ago(again(proceeding))
    assert "等待审核人决定" in text_of(post(clerk, proceeding, "hear", text=STATEMENT, on=TODAY))
    assert statement_of(again(proceeding)) == STATEMENT
    assert "已决定认定" in text_of(post(reviewer, proceeding, "uphold", review="不采纳，有收款记录。"))
    assert "已登记送达" in text_of(post(clerk, proceeding, "serve", on=TODAY, how="post"))
    answer = reviewer.post(
        f"/records/{part.id}/", {"action": "seal", "revision": fresh(part).revision}, follow=True
    )
    assert "已审核确认" in text_of(answer)
    assert again(proceeding).status == ProceedingStatus.SEALED
    assert "认定经审核确认" in page(clerk, part)


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-N2", "AY-N3")
@pytest.mark.parametrize(
    ("stage", "evidence", "words"),
    [
        ("", False, "还没有附证明材料"),
        ("", True, "还没有启动认定程序"),
        ("open", True, "还没有向本人送达拟认定事前告知书"),
        ("notified", True, "陈述申辩还没有结束"),
        ("heard", True, "还没有作出认定决定"),
        ("decided", True, "认定决定书还没有送达本人"),
    ],
)
def test_the_page_refuses_the_seal_with_the_same_words(
    county: County, client_as: Any, stage: str, evidence: bool, words: str
) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    if evidence:
        attach(part)
    if stage:
        STAGES[stage](unit, part)
    body = {"action": "seal", "revision": fresh(part).revision}
    answer = client_as(unit.reviewer).post(f"/records/{part.id}/", body, follow=True)
    assert words in text_of(answer)
    assert fresh(part).status == Status.IN_REVIEW


@pytest.mark.req("AY-N2")
def test_a_refused_step_loses_nothing_that_was_typed(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = notified(unit, part)
    clerk, tomorrow = client_as(unit.clerk), TODAY + dt.timedelta(days=1)
    answer = post(clerk, proceeding, "hear", text=STATEMENT, on=tomorrow)
    assert answer.status_code == 422
    text = text_of(answer)
    assert "陈述申辩的日期应在" in text
    assert "当时是免费辅导，&lt;b&gt;没有收费&lt;/b&gt;。" in text
    answer = post(clerk, proceeding, "hear", text=STATEMENT, on="三月")
    assert answer.status_code == 422
    assert "日期不正确" in text_of(answer)
    answer = post(clerk, proceeding, "hear", text="", on="")
    assert "期满前不能登记" in text_of(answer)
    stale = clerk.post(
        f"/proceedings/{proceeding.id}/",
        {"action": "hear", "revision": 1, "text": STATEMENT, "on": TODAY},
    )
    assert (stale.status_code, "没有收费" in text_of(stale)) == (422, True)
    assert again(proceeding).status == ProceedingStatus.NOTIFIED


@pytest.mark.parametrize("action", ["", "seal", "opened", "__class__", "notify\x00"])
def test_no_such_step(county: County, client_as: Any, action: str) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = served(unit, part)
    answer = post(client_as(unit.clerk), proceeding, action)
    assert "没有这样的操作" in text_of(answer)
    assert again(proceeding).status == ProceedingStatus.SERVED


def test_opening_is_refused_with_a_reason(county: County, client_as: Any) -> None:
    unit = county.education
    clerk = client_as(unit.clerk)
    plain = clerk.post(f"/records/{opened(unit).id}/proceeding/", follow=True)
    assert "才需要启动认定程序" in text_of(plain)
    part = adverse_draft(unit, behaviour="")
    assert "请填写经查实的行为" in text_of(clerk.post(f"/records/{part.id}/proceeding/", follow=True))
    part = adverse_draft(unit)
    for words in ("已启动认定程序", "已经启动"):
        assert words in text_of(clerk.post(f"/records/{part.id}/proceeding/", follow=True))


def test_a_changed_draft_is_shown_and_the_notice_made_anew(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = begun(unit, part)
    clerk = client_as(unit.clerk)
    body = FILLED | WARNING | {"behaviour": "收受礼金", "action": "save", "revision": fresh(part).revision}
    clerk.post(f"/records/{part.id}/", body)
    assert "与告知书不一致" in page(clerk, part)
    assert "已按现在的草稿重新制作" in text_of(post(clerk, proceeding, "renew"))
    assert "与告知书不一致" not in page(clerk, part)


def test_not_convinced_by_the_page(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    proceeding = heard(unit, part)
    reviewer = client_as(unit.reviewer)
    empty = post(reviewer, proceeding, "drop", review=" ")
    assert (empty.status_code, "须写明原因" in text_of(empty)) == (422, True)
    assert "已决定不予认定" in text_of(post(reviewer, proceeding, "drop", review="证据不足"))
    text = page(client_as(unit.clerk), part)
    assert "认定程序：不予认定" in text
    assert "证据不足" in text


# --- who sees what ------------------------------------------------------------------------------------------------


def test_a_filler_sees_the_way_and_neither_forms_nor_words(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = heard(unit, part, STATEMENT)
    filler = client_as(unit.filler)
    text = page(filler, part)
    assert "陈述申辩" in text
    assert "没有收费" not in text
    assert "/proceedings/" not in text
    assert filler.get(f"/proceedings/{proceeding.id}/").status_code == 403
    assert filler.get(f"/proceedings/{proceeding.id}/statement/").status_code == 403
    assert client_as(unit.second_filler).get(f"/records/{part.id}/").status_code == 404


def test_the_office_sees_no_procedure_of_a_draft(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_in_review(unit)
    attach(part)
    served(unit, part)
    confirm(fresh(part), by=unit.reviewer)
    text = page(with_reason(client_as(county.officer), part), part)
    assert "认定程序" not in text
    assert "经查实，王小明存在有偿补课行为" in text
    journal = text_of(client_as(county.officer).get("/journal/"))
    assert "登记陈述申辩" not in journal.partition("<tbody>")[2]


def test_looks_are_journalled(county: County, client_as: Any) -> None:
    unit = county.education
    proceeding = begun(unit, adverse_draft(unit))
    clerk = client_as(unit.clerk)
    clerk.get(f"/proceedings/{proceeding.id}/")
    clerk.get(f"/proceedings/{proceeding.id}/notice/")
    clerk.get(f"/proceedings/{proceeding.id}/notice.pdf")
    assert len(events(county.id, verb="proceeding.read")) == 1
    assert [one.data for one in events(county.id, verb="letter.read")] == [{"letter": "notice"}] * 2


# --- letters ------------------------------------------------------------------------------------------------------


def letter(browser: Client, proceeding: Proceeding, code: str) -> str:
    answer = browser.get(f"/proceedings/{proceeding.id}/{code}/")
    assert answer.status_code == 200, code
    return text_of(answer)


@pytest.mark.req("AY-N1", "AY-N2", "AY-N3")
def test_letters_say_what_they_must(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = served(unit, part, STATEMENT)
    clerk = client_as(unit.clerk)
    notice = letter(clerk, proceeding, "notice")
    year = TODAY.year
    for words in (
        f"县教育局信告〔{year}〕1 号", "有偿补课", "安县教罚〔2026〕3号", "5 日内", "陈述、申辩", "盖章处",
        "《中小学教师违反职业道德行为处理办法》",
    ):  # fmt: skip
        assert words in notice
    record = letter(clerk, proceeding, "statement")
    assert "当时是免费辅导，&lt;b&gt;没有收费&lt;/b&gt;。" in record
    assert "本人核对无误" in record
    decision = letter(clerk, proceeding, "decision")
    for words in (
        f"县教育局信决〔{year}〕1 号", "依法认定王小明存在警示行为", "有收款记录，不予采纳。",
        "六十日内向安阳县人民政府申请行政复议", "六个月内依法向人民法院提起行政诉讼", "信用修复",
    ):  # fmt: skip
        assert words in decision
    receipt = letter(clerk, proceeding, "decision-receipt")
    assert "信用状况认定决定书" in receipt
    assert "邮寄送达" in receipt
    number = fresh(part).number_mask
    for text in (notice, record, decision, receipt):
        assert number in text
        assert not re.search(r"\d{17}[\dX]", text)
    assert clerk.get(f"/proceedings/{proceeding.id}/ending/").status_code == 404
    assert clerk.get(f"/proceedings/{proceeding.id}/unknown/").status_code == 404


@pytest.mark.req("AY-N2", "AY-20")
def test_a_letter_keeps_the_days_and_the_names_that_it_had(county: County, client_as: Any) -> None:
    unit, place = county.education, county.jurisdiction
    part = adverse_draft(unit)
    attach(part)
    proceeding = begun(unit, part)
    place.parameters["statement_days"] = 9
    place.save()
    clerk = client_as(unit.clerk)
    assert "5 日内" in letter(clerk, proceeding, "notice")
    with acting_as(unit.clerk) as who:
        proceeding = proceedings.notify(
            proceeding=proceeding, on=TODAY, how=Service.IN_PERSON, revision=None, actor=who, today=TODAY
        )
    assert proceeding.statement_until == statement_deadline(TODAY, 5), "what the letter promises is what runs"
    agency = unit.agency
    agency.former_names = [{"name": agency.name, "until": timezone.now().isoformat()}]
    agency.name = "县教育体育局"
    agency.save()
    notice = letter(clerk, proceeding, "notice")
    assert "5 日内" in notice
    assert "县教育局" in notice
    assert "县教育体育局" not in notice.split("盖章处")[0].split("信用状况拟认定事前告知书")[-1]


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize(
    ("stage", "name", "words"),
    [
        (heard, "drop", "现决定不予认定。理由：证据不足"),
        (notified, "withdraw", "现决定终止该认定程序，不予认定。理由：证据不足"),
        (decided, "revoke", "撤销《信用状况认定决定书》"),
    ],
)
def test_who_was_notified_is_told_that_nothing_came_of_it(
    county: County, client_as: Any, stage: Any, name: str, words: str
) -> None:
    unit = county.education
    part = adverse_draft(unit)
    attach(part)
    proceeding = stage(unit, part)
    by = unit.clerk if name == "withdraw" else unit.reviewer
    proceeding = step(name, proceeding, by, reason="证据不足")
    text = letter(client_as(unit.clerk), proceeding, "ending")
    assert words in text
    assert "不记入您的信用档案" in text


def test_who_was_not_notified_gets_no_letter(county: County, client_as: Any) -> None:
    unit = county.education
    proceeding = step("withdraw", begun(unit, adverse_draft(unit)), unit.clerk, reason="文书未生效")
    assert proceeding.ending_no == ""
    assert client_as(unit.clerk).get(f"/proceedings/{proceeding.id}/ending/").status_code == 404


def inflated(pdf: bytes) -> bytes:
    """The file with what is compressed in it added in plain."""
    plain = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        with suppress(zlib.error):
            plain.append(zlib.decompress(stream))
    return b"".join(plain)


def test_every_letter_is_a_pdf_of_one_page(county: County, client_as: Any) -> None:
    unit = county.education
    part = adverse_draft(unit, **SERIOUS)
    attach(part)
    proceeding = served(unit, part)
    with acting(county.id, "job"):
        Proceeding.objects.filter(id=proceeding.id).update(ending_no="县教育局信不〔2026〕1 号")
    clerk = client_as(unit.clerk)
    for code in LETTERS:
        answer = clerk.get(f"/proceedings/{proceeding.id}/{code}.pdf")
        assert answer["Content-Type"] == "application/pdf"
        pages = re.findall(
            rb"/Type\s*/Pages\b[^>]*?/Count (\d+)|/Count (\d+)[^>]*?/Type\s*/Pages\b",
            inflated(answer.content),
        )
        assert [one or other for one, other in pages] == [b"1"], code
