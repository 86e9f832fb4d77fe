"""公共信用信息目录: what is collected stands in it with a basis, and what does not is refused (PD-19)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Jurisdiction
from archives import catalogue
from archives.catalogue import (
    SUPPLEMENT,
    check_catalogue,
    disabled,
    entries,
    may_leave,
    never,
    refusal,
)
from archives.items import kinds_for
from archives.models import Item
from archives.occupations import occupation_of
from archives.schema.kinds import kinds
from archives.services.item_uploads import write_fact_template
from archives.services.items import open_item, save_item
from archives.views.catalogue import CADENCES
from archives.workbooks.writing import sheet_name
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, opened, rows_of
from tests.archives.item_flow import AWARD, VALUES, basis_of, item_sealed, written
from tests.factories import County, make_county

ENTRIES = entries()
PLACES = {
    "安阳县": "410522",
    "赣州市": "360700",
    "吕梁市": "141100",
    "平顶山市": "410400",
    "张店区": "370303",
}
TODAY = timezone.localdate


# --- what stands in it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_each_place_has_bases_of_its_own_and_no_others(place: str) -> None:
    found = {str(basis) for entry in entries().values() for basis in entry.bases(place)}
    own = {"410522": "安县", "360700": "赣市", "141100": "吕信", "410400": "平政办", "370303": "张店区"}
    for code, words in own.items():
        assert any(words in one for one in found) is (code == place)
    kept = [entry for entry in entries().values() if entry.bases(place)]
    assert len(kept) > 20


def test_the_system_check_finds_what_is_missing_twice_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_catalogue(None) == []
    data = catalogue._data()
    first, *rest = data["entries"]
    broken = {
        **data,
        "entries": [
            {**first, "kinds": ["award", "nonsense"], "fields": ["sport"], "national": "none"},
            *rest,
            rest[0],
        ],
        "disabled": [*data["disabled"], {"code": "training", "label": "x", "clause": "x", "reason": "x"}],
    }
    monkeypatch.setattr(catalogue, "_data", lambda: broken)
    told = " ".join(error.msg for error in check_catalogue(None))
    for words in (
        "honour is in no entry",
        "is named twice",
        "nonsense is no kind",
        "sport is no field",
        "none is no heading",
        "training is switched off and a kind",
    ):
        assert words in told


# --- no basis, no fact -----------------------------------------------------------------------------------------------


@pytest.mark.req("PD-19", "ZD-20")
def test_by_code_a_fact_without_a_basis_of_the_place_is_refused(county: County, other_county: County) -> None:
    elsewhere = opened(other_county.education)
    with acting_as(other_county.education.filler) as who:
        for basis in ("", "《我想的》第一条", basis_of("award", county.id)):
            with pytest.raises(Refused, match="请选择依据"):
                open_item(part=elsewhere, kind="award", basis=basis, raw=AWARD, actor=who, today=TODAY())
    item = written(elsewhere, by=other_county.education.filler)
    assert "赣市" in item.basis
    with acting_as(other_county.education.filler) as who, pytest.raises(Refused, match="请选择依据"):
        save_item(
            item=item,
            raw=AWARD,
            basis=basis_of("award", county.id),
            revision=item.revision,
            actor=who,
            today=TODAY(),
        )


@pytest.mark.req("PD-19", "ZD-20")
def test_a_kind_without_any_basis_in_the_place_is_neither_offered_nor_taken(
    county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = county.education
    part = opened(unit)
    kind = kinds.get("award")
    foreign = tuple(one for one in kind.legal_basis if one.place == "3607")
    monkeypatch.setattr(
        catalogue,
        "entries",
        lambda: {
            **entries(),
            "award": dataclasses.replace(
                entries()["award"], kind=dataclasses.replace(kind, legal_basis=foreign)
            ),
        },
    )
    occupation = occupation_of(unit.responsibility)
    assert "award" not in [one.code for one in kinds_for(occupation, unit.responsibility)]
    with pytest.raises(Refused, match="在本地没有依据"):
        written(part, by=unit.filler)
    body = AWARD | {"kind": "award", "basis": basis_of("honour")}
    page = client_as(unit.filler).post(f"/records/{part.pk}/items/add/", body, follow=True).content.decode()
    assert "目录外的信息不得归集" in page
    assert rows_of(Item, county.id) == []


@pytest.mark.req("PD-19", "ZD-20")
def test_by_page_the_basis_is_picked_and_never_typed(county: County, client_as: Any) -> None:
    unit = county.education
    part, browser = opened(unit), client_as(unit.filler)
    page = browser.get(f"/records/{part.pk}/items/add/?kind=award").content.decode()
    assert '<select name="basis"' in page
    assert "安县信用办" in page
    assert "赣市" not in page
    for basis in ("", "《编的》", basis_of("award", 360700)):
        answer = browser.post(f"/records/{part.pk}/items/add/", AWARD | {"kind": "award", "basis": basis})
        assert answer.status_code == 422
        assert "没有依据的信息不得归集" in answer.content.decode()
    assert rows_of(Item, county.id) == []


def test_by_workbook_there_is_no_sheet_for_what_may_not_be_collected(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = county.education.responsibility

    def sheets() -> set[str]:
        write_fact_template(tmp_path / "facts.xlsx", responsibility=group)
        return set(openpyxl.load_workbook(tmp_path / "facts.xlsx").sheetnames) - {"选项"}

    before = sheets()
    assert before == {sheet_name(kind.label) for kind in kinds_for(occupation_of(group), group)}
    over = dataclasses.replace(entries()["award"], valid_to=TODAY() - dt.timedelta(1))
    monkeypatch.setattr(catalogue, "entries", lambda: {**ENTRIES, "award": over})
    assert before - sheets() == {sheet_name(kinds.get("award").label)}


def test_an_entry_holds_for_its_time(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    over = dataclasses.replace(entries()["award"], valid_to=TODAY() - dt.timedelta(1))
    monkeypatch.setattr(catalogue, "entries", lambda: {"award": over})
    assert "有效期" in refusal("award", place="410522", today=TODAY())
    assert refusal("award", place="410522", today=TODAY() - dt.timedelta(1)) == ""
    with pytest.raises(Refused, match="有效期"):
        written(opened(county.education), by=county.education.filler)


@pytest.mark.req("LL-08")
def test_what_is_mapped_to_nothing_is_not_delivered(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    assert may_leave(kinds.get("training"))
    unmapped = dataclasses.replace(entries()["training"], heading="")
    monkeypatch.setattr(catalogue, "entries", lambda: {"training": unmapped})
    assert not may_leave(kinds.get("training"))
    assert item_sealed(opened(county.education), "training", unit=county.education).delivery == ""


def test_the_local_supplement_is_named_as_such() -> None:
    assert entries()["training"].heading == SUPPLEMENT
    assert entries()["administrative_penalty"].heading == "行政管理信息"


# --- what is switched off, and what never comes ----------------------------------------------------------------------


@pytest.mark.req("ZD-09", "PD-41", "ZD-35")
@pytest.mark.parametrize("one", disabled(), ids=lambda one: one.code)
def test_what_is_switched_off_is_refused_with_its_reason(one: Any, county: County) -> None:
    unit = county.education
    assert one.code not in kinds
    part = opened(unit)
    with acting_as(unit.filler) as who, pytest.raises(Refused) as refused:
        open_item(part=part, kind=one.code, basis="x", raw=VALUES["award"], actor=who, today=TODAY())
    assert one.reason in str(refused.value)


@pytest.mark.req("ZD-09")
def test_of_the_contents_of_zhangdian_two_are_switched_off_and_the_others_are_kept(
    platform: Jurisdiction, client_as: Any
) -> None:
    """（九）: 资格资质、表彰奖励、行政处罚 beside the basic information; 公共事业费欠缴、金融活动 without a law."""
    district = make_county("370303", "张店区", "区发展改革局")
    unit = district.education
    part = opened(unit)
    for kind in ("qualification", "award", "administrative_penalty"):
        item = item_sealed(part, kind, unit=unit)
        assert (item.status, item.delivery, item.current_version) == ("sealed", "pending", 1), kind
        assert "张店区关于加强个人诚信体系建设的实施意见" in item.basis
    shown = client_as(unit.clerk).get("/items/").content.decode()
    for label in ("资格资质", "表彰奖励", "行政处罚"):
        assert label in shown
    page = Client().get("/catalogue/?place=370303").content.decode()
    assert all(label in page for label in ("资格资质", "表彰奖励", "行政处罚"))
    assert {one.label for one in disabled() if one.clause == "ZD-09"} == {"公共事业费欠缴", "金融活动"}
    assert "河南省社会信用条例第二十七条" in page.split("没有启用的")[1], "with the reason"


def test_no_kind_has_a_box_for_what_is_never_collected() -> None:
    words = (
        "指纹",
        "基因",
        "血型",
        "宗教",
        "病史",
        "疾病",
        "收入",
        "存款",
        "证券",
        "不动产",
        "纳税额",
        "民族",
    )
    boxes = [box.label for kind in kinds for box in kind.section.fields.values()]
    assert [label for label in boxes if any(word in label for word in words)] == []
    assert len(never()) >= 5


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.req("LL-08", "ZD-28")
def test_anybody_may_look_at_it(county: County, other_county: County) -> None:
    Jurisdiction.objects.filter(id=county.id).update(
        parameters={"cadence": {"items": {"award": "monthly"}, "due_day": 5}}
    )
    browser = Client()
    page = browser.get("/catalogue/?place=410522").content.decode()
    for words in ("表彰奖励", "行政处罚", "地方补充", "不向社会公示", "没有启用的", "公共事业费欠缴", "指纹"):
        assert words in page
    one = browser.get("/catalogue/?kind=award&place=410522").content.decode()
    for words in (
        "安县信用办〔2022〕5号",
        "诚实守信相关荣誉信息",
        CADENCES["monthly"],
        "JLMC",
        "不公示",
        "2026-1 版",
    ):
        assert words in one
    assert "赣市" not in one
    elsewhere = browser.get("/catalogue/?kind=award&place=360702").content.decode()
    assert "赣市信用联席办字" in elsewhere
    assert "确认后即时报送（文件未规定周期）" in elsewhere
    assert browser.get("/catalogue/?kind=nothing").status_code == 404
    assert browser.get("/catalogue/?place=nowhere").status_code == 200
