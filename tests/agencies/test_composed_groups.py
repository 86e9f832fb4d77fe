"""A group put together from common kinds of content, in the browser or in a pack, works like any other (GZ-05)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from agencies.groups import add_group, change_group, close_group
from agencies.models import Membership, Responsibility, Role
from agencies.services import add_member
from archives.items import kinds_for
from archives.models import Outbox, RecordPart
from archives.occupations import occupation_of
from archives.schema.composed import ALWAYS, CONTENTS, composed
from archives.schema.fields import STAGES
from archives.schema.manifest import schema_digest
from archives.schema.members import MEMBERS
from archives.schema.registry import content_faults
from archives.services.people import open_archive
from archives.states import Status
from archives.workbooks.columns import columns_of
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import FILLED, acting_as, events
from tests.factories import County, actor, id_number

TODAY = timezone.localdate()


def form_of(county: County, **changes: Any) -> dict[str, Any]:
    wanted = {"label": "养蜂人员", "agency": county.health.agency.pk, "basis": "县信用办〔2026〕9号 二"}
    return wanted | {"opens_on": f"{TODAY}", "contents": ["E3", "E10", "E14"]} | changes


@pytest.mark.parametrize("count", [0, 1, 5, len(CONTENTS)])
def test_any_choice_is_a_sound_occupation(count: int) -> None:
    chosen = list(CONTENTS)[-count:] if count else []
    occupation = composed("beekeeper", "养蜂人员", "ecology", chosen)
    assert occupation is composed("beekeeper", "养蜂人员", "ecology", reversed(chosen))
    assert list(content_faults(occupation)) == []
    assert [content.code for content in occupation.contents] == [
        code for code in CONTENTS if code in {*chosen, *ALWAYS}
    ]
    named = [kind for content in occupation.contents for kind in content.kinds]
    assert len(named) == len(set(named)), "each kind under one heading"
    shown = [name for _, sections in occupation.outline() for name in sections]
    assert sorted(shown) == sorted(set(occupation.sections) - {"standing"})
    for stage in STAGES:
        occupation.parse({}, stage=stage, year=TODAY.year, today=TODAY)
    labels = [column.label for column in columns_of(occupation, TODAY.year)]
    assert len(labels) == len(set(labels))


def test_a_content_that_is_none_is_refused() -> None:
    with pytest.raises(LookupError, match="E17"):
        composed("beekeeper", "养蜂人员", "ecology", ["E17"])


@pytest.mark.req("GZ-05", "PD-19", "ZD-20")
def test_the_office_adds_a_group_that_goes_from_opening_to_seal_and_print(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    office, admin = client_as(county.officer), client_as(county.health.admin)
    for wrong in ({"label": ""}, {"agency": 0}, {"contents": ["E99"]}, {"basis": ""}, {"label": "医师"}):
        assert office.post("/rules/groups/new/", form_of(county, **wrong)).status_code == 422
    answer = office.post("/rules/groups/new/", form_of(county))
    assert (answer.status_code, answer["Location"]) == (302, "/responsibilities/")
    group = Responsibility.objects.select_related("agency").get(local=True)
    assert (group.occupation, group.contents) == ("local_1", ["E1", "E2", "E3", "E6", "E10", "E12", "E14"])
    assert "业务信息" in office.get("/rules/").content.decode()
    assert [one.data["label"] for one in events(county.id, verb="group.added")] == ["养蜂人员"]

    clerk, reviewer = county.health.clerk, county.health.reviewer
    for one in (clerk, reviewer):
        give = admin.post(reverse("member-groups", args=[one.pk]), {"responsibilities": [group.pk]})
        assert give.status_code == 302
    browser, second = client_as(clerk), client_as(reviewer)
    person = {"name": "王小明", "document_type": "111", "document_number": id_number()}
    answer = browser.post(
        "/archives/open/", {"responsibility": group.pk, "year": TODAY.year, "employer": "", **person}
    )
    assert answer.status_code == 302, answer.context["form"].errors
    address = answer["Location"]
    page = browser.get(address)
    assert "（养蜂人员）信用信息记录表" in page.content.decode()
    own = {"main_business": "蜂蜜生产", "matters_handled": "12", "qualification_title": "养蜂证"}
    post = FILLED | own | {"action": "submit_for_review", "revision": page.context["revision"]}
    handed = browser.post(address, post)
    assert handed.status_code == 302, handed.context["problems"]
    sealed = second.post(address, {"action": "seal", "revision": second.get(address).context["revision"]})
    assert sealed.status_code == 302, sealed.context["problems"]
    with acting(county.id, "job"):
        part = RecordPart.objects.get()
        assert (part.status, Outbox.objects.filter(part=part).count()) == (Status.SEALED, 1)
    pdf = second.get(f"{address}versions/1/print/").content
    paper = "".join("".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages).split())
    for words in ("养蜂人员（从业人员）信用档案", "蜂蜜生产", "养蜂证"):
        assert words in paper
    kinds = {kind.code for kind in kinds_for(occupation_of(group), group)}
    assert {"training", "business_record", "award"} <= kinds
    assert "complaint" not in kinds, "E13 was not chosen"


@pytest.mark.req("PD-19", "ZD-20")
def test_only_the_office_adds_groups_and_never_without_a_basis(county: County) -> None:
    wanted: dict[str, Any] = {"label": "养蜂人员", "agency": county.health.agency, "contents": []}
    wanted |= {"basis": "县信用办〔2026〕9号 二", "opens_on": TODAY, "today": TODAY}
    with acting_as(county.health.admin) as who, pytest.raises(Refused, match="由信用工作机构增设"):
        add_group(**wanted, actor=who)
    with acting_as(county.officer) as who:
        with pytest.raises(Refused, match="没有依据的，不得采集"):
            add_group(**wanted | {"basis": " "}, actor=who)
        assert add_group(**wanted, actor=who).occupation == "local_1"
        assert add_group(**wanted | {"label": "养蚕人员"}, actor=who).occupation == "local_2"


def test_a_group_of_another_place_is_not_offered(
    county: County, other_county: County, client_as: Any
) -> None:
    office = client_as(county.officer)
    foreign = office.post("/rules/groups/new/", form_of(county, agency=other_county.health.agency.pk))
    assert foreign.status_code == 422
    assert "没有这个责任单位" in foreign.content.decode()
    assert not Responsibility.objects.filter(local=True).exists()


# --- changed and closed ----------------------------------------------------------------------------------------------


@pytest.fixture
def beekeepers(county: County) -> Responsibility:
    wanted: dict[str, Any] = {"label": "养蜂人员", "agency": county.health.agency, "contents": ["E3"]}
    wanted |= {"basis": "县信用办〔2026〕9号 二", "opens_on": TODAY, "today": TODAY}
    with acting_as(county.officer) as who:
        return add_group(**wanted, actor=who)


def changed(county: County, group: Responsibility, **wishes: Any) -> Responsibility:
    wanted: dict[str, Any] = {"label": group.label, "contents": [], "today": TODAY}
    wanted["reason"] = "县信用办〔2026〕12号"
    with acting_as(county.officer) as who:
        return change_group(group=group, actor=who, **wanted | wishes)


@pytest.mark.req("GZ-05")
def test_a_group_is_renamed_and_what_was_sealed_keeps_the_name_of_its_time(
    county: County, beekeepers: Responsibility
) -> None:
    before = timezone.now()
    row = changed(county, beekeepers, label="蜂业从业人员")
    occupation = occupation_of(row)
    assert (row.label, occupation.label) == ("蜂业从业人员", "蜂业从业人员")
    assert occupation.label_at(before) == "养蜂人员"
    assert occupation.label_at(timezone.now()) == "蜂业从业人员"
    (event,) = events(county.id, verb="group.changed")
    assert (event.reason, event.data["label"]) == ("县信用办〔2026〕12号", ["养蜂人员", "蜂业从业人员"])


@pytest.mark.req("GZ-05", "GZ-06")
def test_further_contents_leave_the_forms_of_this_year_as_they_are(
    county: County, beekeepers: Responsibility
) -> None:
    year, before = TODAY.year, occupation_of(beekeepers)
    row = changed(county, beekeepers, contents=["E10", "E13"])
    after = occupation_of(row)
    assert row.contents == ["E1", "E2", "E3", "E6", "E10", "E12", "E13"]
    assert row.contents_since == {"E10": year + 1}
    assert schema_digest(after, year) == schema_digest(before, year)
    assert schema_digest(after, year + 1) != schema_digest(before, year + 1)
    given = {"qualification": {"qualification_title": "养蜂证"}}
    _, early = after.parse(given, stage="draft", year=year, today=TODAY)
    record, _ = after.parse(given, stage="draft", year=year + 1, today=TODAY)
    assert any("资格、资质名称" in one.message for one in early)
    assert record["qualification"]["qualification_title"] == "养蜂证"
    assert "complaint" in {kind.code for kind in kinds_for(after, row)}
    labels = [column.label for column in columns_of(after, year)]
    assert "资格、资质名称" not in labels
    assert list(content_faults(after)) == []


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({}, "没有变化"),
        ({"label": " "}, "请换一个名称"),
        ({"label": "医师"}, "请换一个名称"),
        ({"contents": ["E99"]}, "不在列表中"),
        ({"label": "蜂农", "reason": " "}, "请写明"),
    ],
)
def test_a_change_that_is_none_or_cannot_be_is_refused(
    county: County, beekeepers: Responsibility, wishes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        changed(county, beekeepers, **wishes)
    beekeepers.refresh_from_db()
    assert (beekeepers.label, beekeepers.contents_since) == ("养蜂人员", {})


def test_only_the_office_changes_and_only_its_own_groups(county: County, beekeepers: Responsibility) -> None:
    wanted: dict[str, Any] = {"label": "蜂农", "contents": [], "reason": "调整", "today": TODAY}
    with acting_as(county.health.admin) as who, pytest.raises(Refused, match="信用工作机构"):
        change_group(group=beekeepers, actor=who, **wanted)
    of_the_pack = Responsibility.objects.filter(jurisdiction_id=county.id, local=False).first()
    assert of_the_pack is not None
    with pytest.raises(Refused, match="地方规则规定"):
        changed(county, of_the_pack, label="改名")


@pytest.mark.req("GZ-05")
def test_a_closed_group_opens_and_owes_nothing_from_its_day_on(
    county: County, beekeepers: Responsibility, client_as: Callable[[Membership], Client]
) -> None:
    office, address = client_as(county.officer), reverse("group-change", args=[beekeepers.pk])
    assert "现有档案内容" in office.get(address).content.decode()
    late = f"{TODAY - dt.timedelta(days=1)}"
    for wrong in ({"ended_on": ""}, {"ended_on": late}, {"closing_reason": ""}):
        form = {"action": "close", "ended_on": f"{TODAY}", "closing_reason": "不再管理"} | wrong
        assert office.post(address, form).status_code == 422
    form = {"action": "close", "ended_on": f"{TODAY}", "closing_reason": "不再管理"}
    assert office.post(address, form)["Location"] == "/rules/"
    beekeepers.refresh_from_db()
    assert not beekeepers.is_open(TODAY)
    assert not beekeepers.owes_year(TODAY.year)
    assert [one.reason for one in events(county.id, verb="group.closed")] == ["不再管理"]
    assert "已经停用" in office.get(address).content.decode()
    again = office.post(address, {"action": "change", "label": "蜂农", "reason": "调整"})
    assert again.status_code == 422
    assert "已停用" in office.get("/rules/").content.decode()


def opening(county: County, group: Responsibility, year: int) -> RecordPart:
    with county.health.acting():
        membership, _ = add_member(
            username="keeper",
            display_name="养蜂经办",
            role=Role.CLERK,
            agency=county.health.agency,
            employer=None,
            responsibilities=[group],
            actor=actor(county.health.admin),
        )
    with acting_as(membership) as who:
        return open_archive(
            responsibility=group,
            employer=None,
            raw={"name": "王小明", "document_number": id_number()},
            year=year,
            actor=who,
            today=TODAY,
        )


@pytest.mark.req("GZ-05")
@pytest.mark.parametrize("in_days", [0, 1])
def test_until_its_last_day_a_group_opens_archives_of_this_year(
    county: County, beekeepers: Responsibility, in_days: int
) -> None:
    ends = dt.date(TODAY.year, 12, 31) if in_days else TODAY
    with acting_as(county.officer) as who:
        group = close_group(group=beekeepers, ended_on=ends, reason="不再管理", actor=who, today=TODAY)
    if in_days:
        assert opening(county, group, TODAY.year).year == TODAY.year
    else:
        with pytest.raises(Refused, match=f"已于 {TODAY} 停用"):
            opening(county, group, TODAY.year)


@pytest.mark.req("GZ-11")
def test_contents_of_members_are_not_the_offices_to_change(
    county: County, beekeepers: Responsibility, client_as: Callable[[Membership], Client]
) -> None:
    beekeepers.occupation = MEMBERS
    beekeepers.save()
    with pytest.raises(Refused) as refusal:
        changed(county, beekeepers, contents=["E10"])
    assert refusal.value.code == "members"
    office, address = client_as(county.officer), reverse("group-change", args=[beekeepers.pk])
    page = office.get(address).content.decode()
    assert "停用这一人群" in page
    assert "增加档案内容" not in page
    wanted = {"action": "change", "label": "蜂农", "contents": ["E10"], "reason": "调整"}
    assert office.post(address, wanted).status_code == 422
    beekeepers.refresh_from_db()
    assert "E10" not in beekeepers.contents


def test_the_office_changes_a_group_in_the_browser(
    county: County, beekeepers: Responsibility, client_as: Callable[[Membership], Client]
) -> None:
    office, address = client_as(county.officer), reverse("group-change", args=[beekeepers.pk])
    assert office.post(address, {"label": "蜂农", "reason": ""}).status_code == 422
    wanted = {"action": "change", "label": "蜂农", "contents": ["E10"], "reason": "调整"}
    assert office.post(address, wanted)["Location"] == "/rules/"
    page = office.get("/rules/").content.decode()
    assert "蜂农" in page
    assert f"{CONTENTS['E10']}（{TODAY.year + 1} 年度起）" in page
