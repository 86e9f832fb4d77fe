"""Dated facts by workbook: the same refusals as on the page, drafts only, and nobody's namesake."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from archives.models import Item, Outbox, RecordPart, WaitingFact
from archives.schema.fields import Choice
from archives.schema.kinds import ItemKind, kinds
from archives.schema.special_fields import Choices
from archives.services.item_uploads import FactRow, import_facts
from archives.services.items import submit_item
from archives.states import Status
from archives.workbooks.facts import BASIS, NAME, NUMBER, fact_columns
from archives.workbooks.writing import sheet_name
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, at_once, events, opened, rows_of
from tests.archives.item_flow import AWARD, PENALTY, TRAINING, basis_of, named_in
from tests.archives.test_every_kind import NOW, delivered, group_of, through_review
from tests.clock import moved_clock
from tests.factories import County, id_number
from tests.schema.samples import a_fact

Cells = dict[str, Any]


def template(browser: Client, county: County) -> Any:
    group = county.education.responsibility
    body = {"responsibility": group.pk, "year": timezone.localdate().year, "action": "template"}
    answer = browser.post("/items/import/", body)
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def fill(book: Any, kind: ItemKind, rows: list[Cells]) -> None:
    """Write rows under the headings of the kind's sheet, as a clerk types them."""
    sheet = book[sheet_name(kind.label)]
    places = {cell.value: cell.column for cell in sheet[2]}
    for at, cells in enumerate(rows, 3):
        for column in fact_columns(kind, "410522"):
            value = cells.get(column.key)
            field = kind.section.fields.get(column.key)
            if isinstance(field, Choice) and value not in (None, ""):
                value = field.text(field.convert(value))
            if value not in (None, ""):
                sheet.cell(at, places[column.label], value)


def saved(book: Any) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(browser: Client, county: County, book: Any, action: str) -> Any:
    file = SimpleUploadedFile("条目.xlsx", book if isinstance(book, bytes) else saved(book))
    group = county.education.responsibility
    body = {"responsibility": group.pk, "year": timezone.localdate().year, "action": action, "file": file}
    return browser.post("/items/import/", body)


def row(part: RecordPart, kind: str, raw: Cells, **changes: Any) -> Cells:
    named = named_in(part.record.archive)
    return raw | {NAME: named.name, NUMBER: named.number, BASIS: basis_of(kind)} | changes


def results(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.context["form"].errors
    return [(one["row"].outcome, "；".join(one["row"].messages)) for one in answer.context["rows"]]


@pytest.mark.req("AY-30", "PD-19")
def test_rows_become_drafts_and_what_the_page_refuses_is_refused(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.filler)
    first, second = opened(unit, name="王一"), opened(unit, name="王二")
    book = template(browser, county)
    assert sheet_name(kinds.get("discipline").label) in book.sheetnames
    fill(
        book,
        kinds.get("award"),
        [
            row(first, "award", AWARD),
            row(second, "award", AWARD, **{BASIS: "《编的》第一条"}),
            row(second, "award", AWARD, **{BASIS: basis_of("award", 360700)}),
            row(second, "award", AWARD, **{NUMBER: ""}),
            row(second, "award", AWARD, occurred_on="2099-01-01"),
            row(first, "award", AWARD),
        ],
    )
    fill(
        book,
        kinds.get("administrative_penalty"),
        [
            row(first, "administrative_penalty", PENALTY),
            row(second, "administrative_penalty", PENALTY, procedure="simple"),
            row(
                second,
                "administrative_penalty",
                PENALTY,
                occurred_on="1985-01-01",
                document_date="1985-01-02",
            ),
        ],
    )
    wanted = [
        ("draft", ""),
        ("refused", "请选择依据"),
        ("refused", "请选择依据"),
        ("refused", "请填写证件号码"),
        ("refused", "晚于今天"),
        ("refused", "已经录入"),
        ("evidence", ""),
        ("refused", "简易程序"),
        ("refused", "未满 18 周岁|届满"),
    ]
    book = saved(book)
    checked = results(upload(browser, county, book, "check"))
    assert rows_of(Item, county.id) == rows_of(WaitingFact, county.id) == []
    for action, found in (("check", checked), ("write", results(upload(browser, county, book, "write")))):
        assert [outcome for outcome, _ in found] == [outcome for outcome, _ in wanted], action
        for (_, told), (_, words) in zip(found, wanted, strict=True):
            assert any(word in told for word in words.split("|")), (told, words)
    items = rows_of(Item, county.id)
    assert {(item.kind, item.status, item.adverse) for item in items} == {
        ("award", Status.DRAFT, False),
        ("administrative_penalty", Status.DRAFT, True),
    }
    (event,) = events(county.id, verb="item.imported")
    digest = event.data.pop("file")
    assert (len(digest), event.data) == (
        64,
        {"draft": 1, "evidence": 1, "waiting": 0, "refused": 7, "year": timezone.localdate().year},
    )
    penalty = next(item for item in items if item.adverse)
    with acting_as(unit.filler) as who, pytest.raises(Refused, match="须附证明材料"):
        submit_item(item=penalty, revision=None, actor=who, today=timezone.localdate())
    again = upload(browser, county, book, "write")  # the page loaded anew
    assert (again.status_code, "没有重复写入" in again.content.decode()) == (422, True)
    assert len(rows_of(Item, county.id)) == 2


def one_training(county: County, browser: Client, part: RecordPart, **changes: Any) -> bytes:
    """A workbook with a fact that has no document by which to tell that it is there."""
    book = template(browser, county)
    fill(book, kinds.get("training"), [row(part, "training", TRAINING, **changes)])
    return saved(book)


def test_what_was_refused_may_come_again(county: County, client_as: Any) -> None:
    """The archive was missing, and is there now: the same file gets in."""
    unit, browser = county.education, client_as(county.education.filler)
    number = id_number()
    book = template(browser, county)
    missing = TRAINING | {NAME: "新来的", NUMBER: number, BASIS: basis_of("training")}
    fill(book, kinds.get("training"), [missing])
    content = saved(book)
    assert [outcome for outcome, _ in results(upload(browser, county, content, "write"))] == ["refused"]
    opened(unit, name="新来的", number=number)
    assert [outcome for outcome, _ in results(upload(browser, county, content, "write"))] == ["draft"]
    assert "没有重复写入" in upload(browser, county, content, "write").content.decode()


def test_a_mistyped_number_is_called_that(county: County, client_as: Any) -> None:
    part = opened(county.education)
    browser = client_as(county.education.clerk)
    number = named_in(part.record.archive).number
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    book = template(browser, county)
    fill(book, kinds.get("award"), [row(part, "award", AWARD, **{NUMBER: wrong})])
    assert "身份证号校验位不符" in upload(browser, county, book, "check").content.decode()


def test_what_was_written_for_one_year_may_be_written_for_another(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.clerk)
    number, year = id_number(), timezone.localdate().year
    part = opened(unit, name="两年", number=number)
    opened(unit, name="两年", number=number, year=year - 1, by=unit.clerk, employer=unit.employer)
    content = one_training(county, browser, part, occurred_on=f"{year - 1}-04-01")
    assert [outcome for outcome, _ in results(upload(browser, county, content, "write"))] == ["draft"]
    body = {"responsibility": unit.responsibility.pk, "year": year - 1, "action": "write"}
    file = SimpleUploadedFile("条目.xlsx", content)
    again = browser.post("/items/import/", body | {"file": file})
    assert [outcome for outcome, _ in results(again)] == ["draft"]
    assert len(rows_of(Item, county.id)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_workbook_that_is_sent_twice_at_once_is_written_once(
    county: County, client_as: Any, tmp_path: Path
) -> None:
    unit, browser = county.education, client_as(county.education.filler)
    part = opened(unit)
    path = tmp_path / "条目.xlsx"
    path.write_bytes(one_training(county, browser, part))

    def send() -> list[FactRow]:
        with acting_as(unit.filler) as who:
            return import_facts(
                path=path,
                name=path.name,
                responsibility=unit.responsibility,
                year=part.year,
                actor=who,
                today=timezone.localdate(),
                apply=True,
            )

    outcomes = at_once(send, send)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDone", "list"], outcomes
    assert len(rows_of(Item, county.id)) == 1


@pytest.mark.req("PD-11")
def test_of_two_namesakes_the_number_decides_and_without_it_nobody(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.filler)
    innocent, other = opened(unit, name="王小明"), opened(unit, name="王小明")
    stranger = opened(unit, name="李四")
    book = template(browser, county)
    kind = kinds.get("administrative_penalty")
    fill(
        book,
        kind,
        [
            row(innocent, kind.code, PENALTY, **{NUMBER: ""}),
            row(innocent, kind.code, PENALTY, **{NUMBER: named_in(stranger.record.archive).number}),
            row(innocent, kind.code, PENALTY, **{NUMBER: "410522********0011"}),
            row(other, kind.code, PENALTY, document_no="安市监罚〔2026〕8 号"),
        ],
    )
    outcomes = [outcome for outcome, _ in results(upload(browser, county, book, "write"))]
    assert outcomes == ["waiting", "refused", "refused", "evidence"]
    (item,) = rows_of(Item, county.id)
    assert item.archive_id == other.record.archive_id
    assert len(rows_of(WaitingFact, county.id)) == 1
    assert rows_of(Outbox, county.id) == []


def test_a_file_that_says_nothing_is_refused_in_words(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.education.filler)
    blank = upload(browser, county, template(browser, county), "check")
    assert (blank.status_code, "没有找到填写了内容的工作表" in blank.content.decode()) == (422, True)
    body = {"responsibility": unit.responsibility.pk, "year": timezone.localdate().year, "action": "write"}
    assert "请选择填好的表格" in browser.post("/items/import/", body).content.decode()
    picture = SimpleUploadedFile("条目.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 200)
    assert browser.post("/items/import/", body | {"file": picture}).status_code == 422
    foreign = body | {"responsibility": county.health.responsibility.pk}
    assert "不由您办理" in browser.post("/items/import/", foreign).content.decode()
    assert client_as(unit.reviewer).get("/items/import/").status_code == 403


@pytest.mark.parametrize("kind", list(kinds), ids=lambda kind: kind.code)
def test_every_kind_comes_by_workbook_and_is_confirmed(
    kind: ItemKind, county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_clock(monkeypatch, NOW)
    part = opened(county.education, responsibility=group_of(county, kind))
    browser = client_as(county.education.filler)
    book = template(browser, county)
    raw = {name: value for name, value in a_fact(kind).items() if name != "removed_on"}
    for name, field in kind.section.fields.items():
        if isinstance(field, Choices):
            raw[name] = field.text(field.convert(raw[name]))
    fill(book, kind, [row(part, kind.code, raw)])
    ((outcome, told),) = results(upload(browser, county, book, "write"))
    assert (outcome in ("draft", "evidence"), told) == (True, "")
    (item,) = rows_of(Item, county.id)
    with acting(county.id, "job"):
        item = Item.objects.select_related("archive").get(id=item.pk)
    sealed = through_review(item, unit=county.education)
    assert sealed.current_version == 1
    assert delivered(county, sealed) is kind.deliverable
