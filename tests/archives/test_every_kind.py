"""Every kind of dated fact from the page to its end: entered, confirmed, shown, printed, delivered, expired; and every
refusal, one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from agencies.models import Responsibility
from archives.models import Item, Outbox, RecordPart
from archives.occupations import occupation_of, occupations_of
from archives.payloads import version_payload
from archives.printing.forms import draft_form
from archives.schema.contents import SIX_CONTENTS
from archives.schema.kinds import Category, ItemKind, Source, kinds
from archives.schema.registry import registry
from archives.services.items import open_item, submit_item
from archives.services.people import NotReadable
from archives.states import Status
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached, opened, rows_of
from tests.archives.item_flow import (
    basis_of,
    fresh_item,
    item_sealed,
    named_in,
    revoked,
    through_review,
    written,
)
from tests.clock import Clock, moved_clock
from tests.factories import County
from tests.schema.samples import a_fact

DAY = dt.date
NOW = DAY(2026, 5, 4)
IN_THE_BASE = {kind for content in SIX_CONTENTS for kind in content.kinds}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return moved_clock(monkeypatch, NOW)


def group_of(county: County, kind: ItemKind) -> Responsibility:
    """Let the clerk's unit answer for a group that has this kind of fact."""
    row = county.education.responsibility
    if kind.code not in occupation_of(row).kinds:
        code = next(one.code for one in registry if kind.code in one.kinds)
        row.occupation = code
        row.save(update_fields=["occupation"])
    return row


def test_every_kind_belongs_to_some_group() -> None:
    wanted = {code for occupation in registry for code in occupation.kinds} | IN_THE_BASE
    assert {kind.code for kind in kinds} - wanted == set()


@pytest.mark.req("AY-13")
def test_every_source_of_the_notice_has_kinds() -> None:
    """三（五）: six sources, and what the archive was begun with."""
    of_the_notice = {
        "日常监管": "supervision",
        "抽查检查": "spot_check",
        "登记变更": "qualification_change",
        "年度考核": "annual_assessment",
        "表彰奖励": "award",
        "处罚处分": "administrative_penalty",
        "建档采集": "business_record",
    }
    assert {one.label for one in Source} == set(of_the_notice)
    assert {label: kinds.get(code).source.label for label, code in of_the_notice.items()} == {
        label: label for label in of_the_notice
    }
    assert kinds.get("discipline").source == Source.SANCTION


@pytest.mark.req("AY-05", "AY-06", "AY-13", "LL-31", "LL-32", "PD-05", "PD-31", "ZD-33", "PD-13", "ZD-16")
@pytest.mark.parametrize("kind", list(kinds), ids=lambda kind: kind.code)
def test_a_fact_of_every_kind_from_the_page_to_its_end(
    kind: ItemKind, county: County, client_as: Any, clock: Clock
) -> None:
    unit = county.education
    group = group_of(county, kind)
    part = opened(unit, responsibility=group)
    item = entered(part, kind, client_as(unit.filler))
    sealed = through_review(item, unit=county.education)
    number = sealed.document_no or sealed.kind
    assert sealed.current_version == 1
    shown = kind.summary(values_of(sealed))
    assert shown in client_as(unit.clerk).get("/items/").content.decode().replace("&quot;", '"')
    assert client_as(unit.filler).get(f"/items/{item.pk}/").status_code == 200
    assert shown in (paper := printed(part, group))
    inside = kind.disclosure == "self" and kind.category != Category.AWARD_OR_PENALTY
    assert ("只供本单位和本人查看" in paper) is inside
    assert delivered(county, sealed) is kind.deliverable
    end = DAY(2099, 1, 1) if sealed.shown_until is None else sealed.shown_until + dt.timedelta(1)
    clock.go(end)
    gone = sealed.shown_until is not None
    with acting(county.id, "job"):
        assert Item.objects.filter(id=item.pk).exists() is not gone, number
    assert (shown in printed(part, group)) is not gone
    assert (client_as(unit.filler).get(f"/items/{item.pk}/").status_code == 404) is gone


def entered(part: RecordPart, kind: ItemKind, browser: Any) -> Item:
    """Post a complete fact as the filler's browser does."""
    named = named_in(part.record.archive)
    raw = {name: value for name, value in a_fact(kind).items() if value != "" and name != "removed_on"}
    for name, field in kind.section.fields.items():
        if name in raw and hasattr(field, "codes"):
            raw[name] = field.convert(raw[name])
    body = raw | {"kind": kind.code, "basis": basis_of(kind.code)}
    if kind.may_be_adverse:
        body |= {"named_name": named.name, "named_number": named.number}
    answer = browser.post(f"/records/{part.pk}/items/add/", body, follow=True)
    assert answer.status_code == 200, answer.context["problems"]
    (item,) = rows_of(Item, part.jurisdiction_id)
    return fresh_item(item)


def values_of(item: Item) -> dict[str, Any]:
    kind = kinds.get(item.kind)
    return kind.load(item.values)


def printed(part: RecordPart, group: Responsibility) -> str:
    with acting(part.jurisdiction_id, "job"):
        mine = RecordPart.objects.select_related("record__archive", "agency", "employer").get(id=part.pk)
        return draft_form(mine, occupation_of(group)).text


def delivered(county: County, item: Item) -> bool:
    """Whether it waits for the platform; then with its day and its basis and without its free text."""
    with acting(county.id, "job"):
        row = Outbox.objects.filter(item_id=item.pk).select_related("version__item__archive").first()
        if row is None:
            return False
        payload = version_payload(version=row.version, occupations=occupations_of(county.id)).payload
    assert payload["FSRQ"] == item.occurred_on.isoformat() if item.occurred_on else ""
    assert payload["XXYJ"] == item.basis
    assert payload["XXZL"] == item.kind
    form = {"administrative_penalty": "CF", "administrative_licence": "XK"}.get(item.kind, "")
    assert (payload.get(f"{form}_XDR_LB"), payload.get(f"{form}_XDR_MC")) == (
        ("自然人", item.name) if form else (None, None)
    )
    assert (payload.get("CF_SJLY") or payload.get("XK_LYDW")) == (
        county.education.agency.name if form else None
    )
    return True


# --- what is refused -------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("administrative_penalty", {"occurred_on": "1987-01-01"}, "未满 18 周岁"),
    ("administrative_penalty", {"procedure": "simple"}, "简易程序"),
    ("administrative_penalty", {"document_no": ""}, "文书为依据"),
    ("administrative_penalty", {"document_date": "2099-01-01"}, "晚于今天"),
    ("administrative_penalty", {"document_date": "2026-03-04"}, "早于"),
    ("administrative_penalty", {"valid_until": "2026-03-01"}, "早于"),
    ("administrative_penalty", {"fine": ""}, "请填写罚款金额"),
    ("administrative_penalty", {"types": ["warning"]}, "处罚类别不含罚款"),
    ("administrative_penalty", {"severity_standard": ""}, "认定标准"),
    ("administrative_penalty", {"severity": ""}, "没有选择失信程度"),
    ("administrative_licence", {"document_no": ""}, "文书为依据"),
    ("administrative_licence", {"expires_on": "2026-01-01", "valid_from": "2026-02-01"}, "届满|早于"),
    ("administrative_licence", {"document_date": "2026-04-01"}, "早于许可决定日期"),
    ("administrative_licence", {"licence_type": "gift"}, "许可类别"),
    ("qualification", {"valid_to": "2026-01-01"}, "届满|早于"),
    ("award", {"document_no": ""}, "文书为依据"),
    ("good_record", {"recommender": ""}, "请填写推荐单位"),
    ("credit_commitment", {"state": "broken", "document_no": ""}, "文书为依据"),
    ("credit_commitment", {"state": "kept", "checked_on": ""}, "核查日期"),
    ("credit_commitment", {"due_on": "2026-01-01"}, "早于"),
    ("complaint", {"outcome": "upheld", "document_no": ""}, "文书为依据"),
    ("annual_assessment", {"result": "failed", "document_no": ""}, "文书为依据"),
    ("discipline", {"sanction": "party_warning", "effective_until": ""}, "影响期满日期"),
    ("enterprise_dishonest", {"names_person": "no"}, "没有载明本人责任"),
    ("enterprise_dishonest", {"role": ""}, "本人在企业的身份"),
    ("enterprise_dishonest", {"listing": ""}, "严重失信主体名单"),
]


@pytest.mark.req("PD-31", "ZD-33", "LL-32", "PD-05")
@pytest.mark.parametrize(("code", "changes", "words"), REFUSED)
def test_what_is_refused(
    code: str, changes: dict[str, Any], words: str, county: County, clock: Clock
) -> None:
    unit, kind, today = county.education, kinds.get(code), NOW
    part = opened(unit, responsibility=group_of(county, kind))
    raw = a_fact(kind) | {"removed_on": ""} | changes
    with pytest.raises((NotReadable, Refused), match=words):
        write_and_submit(county, part, kind, raw, today)


def write_and_submit(
    county: County, part: RecordPart, kind: ItemKind, raw: dict[str, Any], today: DAY
) -> None:
    filler = county.education.filler
    with acting_as(filler) as who:
        item = open_item(
            part=part,
            kind=kind.code,
            basis=basis_of(kind.code),
            raw=raw,
            actor=who,
            today=today,
            named=named_in(part.record.archive),
        ).item
    if item.adverse:
        attached(item, by=filler)
    with acting_as(filler) as who:
        submit_item(item=item, revision=None, actor=who, today=today)


def test_a_document_is_one_fact_of_a_person_by_number_and_authority(county: County) -> None:
    unit = county.education
    part = opened(unit)
    item = item_sealed(part, "administrative_penalty", unit=unit)
    with pytest.raises(Refused, match="已经录入"):
        written(part, "administrative_penalty", by=unit.clerk, issued_by="县市场监督管理局")
    with pytest.raises(Refused, match="已经录入"):  # nor once more as another kind of fault
        written(
            part, "law_breach", by=unit.clerk, document_no=item.document_no, issued_by="安阳县市场监督管理局"
        )
    written(part, "administrative_penalty", by=unit.clerk, issued_by="林州市市场监督管理局")
    revoked(item, unit=unit)
    written(part, "law_breach", by=unit.clerk, document_no=item.document_no, issued_by="安阳县市场监督管理局")


@pytest.mark.req("GZ-07")
def test_a_sanction_stays_in_the_unit_and_ends_with_its_period(
    county: County, client_as: Any, clock: Clock
) -> None:
    unit = county.education
    item = item_sealed(opened(unit), "discipline", unit=unit, sanction="warning")
    assert item.shown_until == DAY(2026, 7, 20)
    assert item.delivery == ""
    assert item.document_no not in client_as(county.officer).get("/items/").content.decode()
    assert item.document_no in client_as(unit.clerk).get("/items/").content.decode()
    clock.go(DAY(2026, 7, 21))
    assert item.document_no not in client_as(unit.clerk).get("/items/").content.decode()


@pytest.mark.req("PD-13", "ZD-16")
def test_an_entitys_serious_dishonesty_names_list_and_role(county: County, clock: Clock) -> None:
    kind = kinds.get("enterprise_dishonest")
    part = opened(county.education, responsibility=group_of(county, kind))
    with acting_as(county.education.filler) as who:
        item = open_item(
            part=part,
            kind=kind.code,
            basis=basis_of(kind.code),
            raw=a_fact(kind) | {"role": "法定代表人", "listing": "tax", "removed_on": ""},
            actor=who,
            today=NOW,
            named=named_in(part.record.archive),
        ).item
    sealed = through_review(item, unit=county.education)
    with acting(county.id, "job"):
        row = Outbox.objects.select_related("version__item__archive").get(item_id=sealed.pk)
        payload = version_payload(version=row.version, occupations=occupations_of(county.id)).payload
    assert (payload["ZRRSF"], payload["SXMD"]) == ("representative", "tax")
    assert (sealed.status, sealed.disputed) == (Status.SEALED, False)  # an objection sets the mark
