"""What clerk, reviewer and office see of identity checks."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agencies.models import Jurisdiction
from archives.models import IdentityService
from archives.services.emptying import empty_what_is_over
from archives.services.identity_settling import settle_identity
from archives.states import CheckOutcome
from audit.lifecycle import Refused
from delivery.words import reason_in_words
from oversight.packs import load_pack
from tests.archives.flow import acting_as, attached, events, fresh, in_review, opened
from tests.archives.item_flow import over, written
from tests.factories import County
from tests.verification.service import CODE, SECRET, Population, archive_of, run
from verification import tasks


@pytest.fixture
def mismatched(county: County, service: IdentityService, population: Population) -> Any:
    """A record in review whose identity does not match, with a copy of the document."""
    part = in_review(county.education)
    evidence = attached(part, by=county.education.clerk)
    population.knows(part, name="另一个人")
    run(service, population.client())
    return part, evidence


@pytest.mark.req("LL-01", "PD-08")
def test_a_mismatch_is_seen_and_settled_in_the_browser(
    county: County, mismatched: Any, client_as: Any
) -> None:
    part, evidence = mismatched
    clerk: Client = client_as(county.education.clerk)
    home = clerk.get("/").content.decode()
    assert "1 人的姓名、证件号码与人口库不一致" in home
    listed = clerk.get("/archives/?check=mismatch")
    assert [row["name"] for row in listed.context["rows"]] == [part.name]
    assert "身份核验不一致" in listed.content.decode()
    assert clerk.get("/archives/?check=match").context["rows"] == []
    assert "身份核验不一致，暂不能审核确认" in clerk.get(f"/records/{part.id}/").content.decode()
    page = clerk.get(f"/records/{part.id}/check/").content.decode()
    assert "立即核验" in page
    assert "人工核实</h2>" not in page, "a clerk settles nothing"

    reviewer: Client = client_as(county.education.reviewer)
    address = f"/records/{part.id}/check/"
    sealing = {"action": "seal", "revision": fresh(part).revision}
    assert "身份核验不一致" in reviewer.post(f"/records/{part.id}/", sealing, follow=True).content.decode()
    assert fresh(part).current_version == 0
    assert "人工核实</h2>" in reviewer.get(address).content.decode()
    assert reviewer.post(address, {"action": "settle", "evidence": evidence.pk}).status_code == 422
    assert reviewer.post(address, {"action": "settle", "reason": "核对一致"}).status_code == 422
    assert archive_of(part).identity_state == CheckOutcome.MISMATCH
    body = {"action": "settle", "evidence": evidence.pk, "reason": "与身份证原件核对一致"}
    assert reviewer.post(address, body)["Location"] == address
    assert "不一致，已人工核实" in reviewer.get(address).content.decode()
    reviewer.post(f"/records/{part.id}/", sealing)
    assert fresh(part).current_version == 1
    assert "与人口库不一致" not in clerk.get("/").content.decode()


@pytest.mark.req("LL-25", "ZD-25")
@pytest.mark.parametrize("destroyed", [False, True])
def test_a_file_of_a_fact_whose_time_is_over_settles_nothing(
    county: County, mismatched: Any, client_as: Any, destroyed: bool
) -> None:
    part, copy = mismatched
    unit = county.education
    item = written(part, by=unit.clerk)
    file = attached(item, by=unit.clerk)
    reviewer: Client = client_as(unit.reviewer)
    address = f"/records/{part.id}/check/"
    page = reviewer.get(address).content.decode()
    assert str(copy.pk) in page
    assert str(file.pk) in page
    over(item)
    if destroyed:
        assert empty_what_is_over(jurisdiction_id=county.id) == 1
    page = reviewer.get(address).content.decode()
    assert str(copy.pk) in page
    assert str(file.pk) not in page
    reason = "与身份证原件核对一致"
    body = {"action": "settle", "evidence": file.pk, "reason": reason}
    assert "没有这份材料" in reviewer.post(address, body).content.decode()
    with acting_as(unit.reviewer) as who, pytest.raises(Refused) as refusal:
        settle_identity(archive=archive_of(part), evidence=file, reason=reason, actor=who)
    assert refusal.value.code == "evidence_missing"
    assert archive_of(part).identity_state == CheckOutcome.MISMATCH


@pytest.mark.req("LL-25", "ZD-25")
def test_what_settled_an_identity_is_not_named_when_the_time_of_its_fact_is_over(
    county: County, mismatched: Any, client_as: Any
) -> None:
    """That it was settled, by whom and why, stays."""
    part, _ = mismatched
    unit = county.education
    item = written(part, by=unit.clerk)
    file = attached(item, by=unit.clerk)
    with acting_as(unit.reviewer) as who:
        settle_identity(archive=archive_of(part), evidence=file, reason="与身份证原件核对一致", actor=who)
    clerk, address = client_as(unit.clerk), f"/records/{part.id}/check/"
    page = clerk.get(address).content.decode()
    assert f"/evidence/{file.pk}/" in page
    assert file.name in page
    over(item)
    page = clerk.get(address).content.decode()
    assert "与身份证原件核对一致" in page
    assert f"/evidence/{file.pk}/" not in page
    assert file.name not in page


def test_a_clerk_asks_again_and_the_page_sends_nothing(
    county: County, mismatched: Any, population: Population, client_as: Any
) -> None:
    part, _ = mismatched
    population.kill()
    clerk: Client = client_as(county.education.clerk)
    answer = clerk.post(f"/records/{part.id}/check/", {"action": "ask"}, follow=True)
    assert "已安排核验" in answer.content.decode()
    assert archive_of(part).check_asked
    assert len(events(county.id, verb="check.asked")) == 1
    clerk.post(f"/records/{part.id}/check/", {"action": "ask"})
    assert len(events(county.id, verb="check.asked")) == 1, "a second click asks nothing more"


def test_a_filler_reads_and_does_not_ask(county: County, service: IdentityService, client_as: Any) -> None:
    part = opened(county.education)
    filler: Client = client_as(county.education.filler)
    page = filler.get(f"/records/{part.id}/check/")
    assert "未核验不影响填报、确认和报送" in page.content.decode()
    assert "立即核验" not in page.content.decode()
    filler.post(f"/records/{part.id}/check/", {"action": "ask"})
    assert not archive_of(part).check_asked


def test_a_place_without_service_says_so(county: County, client_as: Any) -> None:
    part = opened(county.education)
    page = client_as(county.education.clerk).get(f"/records/{part.id}/check/").content.decode()
    assert "本辖区没有接入身份核验服务" in page
    assert "立即核验" not in page
    office = client_as(county.officer).get("/identity-checks/").content.decode()
    assert "身份核验服务：没有接入" in office


def test_another_agency_and_the_office_do_not_see_whose_it_is(
    county: County, mismatched: Any, client_as: Any
) -> None:
    part, _ = mismatched
    address = f"/records/{part.id}/check/"
    assert client_as(county.health.clerk).get(address).status_code == 404
    assert client_as(county.education.second_filler).get(address).status_code == 404
    officer: Client = client_as(county.officer)
    assert officer.get(address).status_code in (403, 404)
    assert "check" not in officer.get("/archives/").context["filter_form"].fields
    page = officer.get("/identity-checks/").content.decode()
    assert part.name not in page


@pytest.mark.req("ZD-07", "ZD-08")
def test_the_office_sees_counts_and_the_service(
    county: County,
    mismatched: Any,
    service: IdentityService,
    population: Population,
    client_as: Any,
    settings: Any,
) -> None:
    for name in ("李一", "李二"):
        population.knows(opened(county.education, name=name))
    opened(county.health, name="赵三")
    settings.CHECK_URLS = {CODE: population.url}
    settings.CREDIT_KEYS.checks[CODE] = SECRET.hex()
    officer: Client = client_as(county.officer)
    waiting = officer.get("/identity-checks/").context
    assert (waiting["service"].state, waiting["service"].waiting) == ("正在核验", 3)
    tasks.check(service.pk)
    context = officer.get("/identity-checks/").context
    assert (context["service"].state, context["service"].waiting) == ("正常", 0)
    assert context["total"] == 4
    assert [(one["label"], one["count"], one["share"]) for one in context["figures"]] == [
        ("核验一致", 2, "50.0%"),
        ("核验不一致", 1, "25.0%"),
        ("不一致，已人工核实", 0, "0.0%"),
        ("未核验", 1, "25.0%"),
    ]
    assert [(row["agency"], row["total"], row["counts"]) for row in context["rows"]] == [
        ("县卫健委", 1, [0, 0, 0, 1]),
        ("县教育局", 3, [2, 1, 0, 0]),
    ]
    population.kill()
    opened(county.health, name="钱四")
    tasks.check(service.pk)
    trouble = officer.get("/state/").context["service"].trouble
    assert trouble == "网络连接中断，或核验服务没有开机。"


def test_what_is_not_configured_is_said(county: County, service: IdentityService, client_as: Any) -> None:
    assert "没有配置" in client_as(county.officer).get("/identity-checks/").content.decode()
    tasks.check(service.pk)  # and asks nobody


@pytest.mark.req("LL-02", "PD-08", "ZD-08")
@pytest.mark.parametrize(
    ("pack", "clause"), [("luliang", "LL-02"), ("pingdingshan", "PD-08"), ("zhangdian", "ZD-08")]
)
def test_packs_name_the_service_with_its_clause(platform: Any, pack: str, clause: str) -> None:
    load_pack(pack, apply=True)
    place = Jurisdiction.objects.get(pack=pack)
    (found,) = place.identity_services.all()
    assert (found.clause, found.active) == (clause, True)
    assert load_pack(pack, apply=True) == []


def test_a_service_that_the_pack_does_not_name_is_switched_off(platform: Any) -> None:
    load_pack("anyang", apply=True)
    place = Jurisdiction.objects.get(pack="anyang")
    IdentityService.objects.create(jurisdiction=place, code="old", name="旧服务", clause="LL-02")
    (change,) = load_pack("anyang", apply=True)
    assert "active" in str(change)
    assert not place.identity_services.get().active


def test_the_words_name_who_was_asked() -> None:
    assert reason_in_words("timed out") == "平台没有在规定时间内答复"
    assert reason_in_words("timed out", who="核验服务") == "核验服务没有在规定时间内答复"


def test_members_see_it_as_one_of_their_own_looks(county: County, mismatched: Any, client_as: Any) -> None:
    part, _ = mismatched
    client_as(county.education.clerk).get(f"/records/{part.id}/check/")
    (look,) = events(county.id, verb="check.read")
    assert look.person_id == part.person_id
