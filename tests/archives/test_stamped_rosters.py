"""盖章名册: who prints, scans and confirms; what listed versions say of it; and 查验 (AY-N4)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agencies.models import Employer, Membership, Role
from archives.models import StampedRoster, Version
from archives.services import stamped_rosters as services
from archives.services.records import start_correction
from archives.services.stamped_rosters import attach_scan, confirm_stamp, lines_of, print_roster, void_roster
from archives.states import RosterStatus
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform import private_files
from tests.archives.flow import acting_as, confirm, events, fresh, hand_on, opened, rows_of, save, sealed
from tests.factories import County, Unit
from tests.web import samples

pytestmark = pytest.mark.req("AY-N4")


def printed(unit: Unit, *, by: Membership | None = None, employer: Employer | None = None) -> StampedRoster:
    with acting_as(by or unit.clerk) as who:
        return print_roster(
            responsibility=unit.responsibility, year=timezone.localdate().year, employer=employer, actor=who
        )


def scanned(
    roster: StampedRoster, *, by: Membership, content: bytes = b"", on: dt.date | None = None
) -> StampedRoster:
    with acting_as(by) as who:
        return attach_scan(
            roster=roster,
            file=io.BytesIO(content or samples.pdf()),
            stamped_on=on or timezone.localdate(),
            revision=roster.revision,
            actor=who,
        )


def stamped(roster: StampedRoster, *, by: Membership) -> StampedRoster:
    with acting_as(by) as who:
        journal.look(services.SEEN, actor=who, subject=roster)
        return confirm_stamp(roster=roster, revision=roster.revision, actor=who)


def words(answer: Any) -> str:
    return str(answer.content.decode())


def corrected(unit: Unit, version: Version) -> Version:
    with acting_as(unit.clerk) as who:
        part = start_correction(part=fresh(version.part), reason="职称有误", revision=None, actor=who)
    part = save(part, by=unit.clerk, title="高级教师").part
    return confirm(hand_on(part, by=unit.clerk), by=unit.reviewer)


def test_current_versions_are_listed_as_they_were_sealed(county: County) -> None:
    unit = county.education
    versions = [sealed(unit), sealed(unit, part=opened(unit, name="安小红"))]
    opened(unit, name="未确认")
    roster = printed(unit)
    assert (roster.size, roster.status, roster.printed_by) == (2, RosterStatus.PRINTED, "王经办")
    with acting_as(unit.reviewer):
        lines = lines_of(roster)
    assert [line.name for line in lines] == ["安小红", "王小明"]
    assert {line.version.check_code for line in lines} == {one.check_code for one in versions}
    assert {line.determination for line in lines} == {"守信"}
    assert [one.verb for one in events(county.id, subject_id=str(roster.pk))] == ["roster.printed"]


def test_what_stands_on_a_roster_is_not_printed_again_until_it_is_void(county: County) -> None:
    unit = county.education
    sealed(unit)
    first = printed(unit)
    with pytest.raises(Refused, match="没有可以打印的记录") as refused:
        printed(unit)
    assert refused.value.code == "nothing_sealed"
    with acting_as(unit.reviewer) as who:
        with pytest.raises(Refused, match="写明原因"):
            void_roster(roster=first, reason=" ", actor=who)
        assert void_roster(roster=first, reason="打印机卡纸", actor=who).status == RosterStatus.VOID
    second = printed(unit)
    assert second.code != first.code
    with acting_as(unit.reviewer) as who, pytest.raises(AlreadyDone):
        void_roster(roster=first, reason="再次", actor=who)


def test_not_more_than_fit_and_one_employer(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = county.education
    monkeypatch.setattr(services, "MOST_LINES", 2)
    for name in ("甲一", "乙二", "丙三"):
        sealed(unit, part=opened(unit, name=name))
    with pytest.raises(Refused, match="没有可以打印"):
        printed(unit, employer=unit.second_employer)
    assert printed(unit, employer=unit.employer).size == 2
    assert printed(unit).size == 1


def test_who_may_print(county: County) -> None:
    unit = county.education
    sealed(unit)
    for member in (unit.filler, county.health.clerk, county.officer):
        with pytest.raises(Refused, match="不由您办理"):
            printed(unit, by=member)
    with pytest.raises(Refused, match="所属单位"):
        printed(unit, employer=county.health.employer)


@pytest.mark.parametrize(("days", "words"), [(1, "不能晚于今天"), (-1, "不能早于")])
def test_the_day_of_the_stamp(county: County, days: int, words: str) -> None:
    unit = county.education
    sealed(unit)
    roster = printed(unit)
    with pytest.raises(Refused, match=words):
        scanned(roster, by=unit.clerk, on=timezone.localdate() + dt.timedelta(days=days))


@pytest.mark.parametrize(
    "content", [b"x", samples.png()[:-8], samples.pdf(b"/JavaScript"), b"PK\x03\x04", b"%PDF-"]
)
def test_files_that_are_no_scan(county: County, content: bytes) -> None:
    unit = county.education
    sealed(unit)
    roster = printed(unit)
    with pytest.raises(Refused):
        scanned(roster, by=unit.clerk, content=content)
    assert rows_of(StampedRoster, county.id)[0].scan == ""


def test_a_second_account_confirms_after_looking(
    county: County, django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    sealed(unit)
    roster = scanned(printed(unit), by=unit.clerk)
    with pytest.raises(Refused, match="另一位"):
        stamped(roster, by=unit.clerk)
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="先打开扫描件") as refused:
        confirm_stamp(roster=roster, revision=roster.revision, actor=who)
    assert refused.value.code == "not_seen"
    old = roster.scan
    with django_capture_on_commit_callbacks(execute=True):
        again = scanned(roster, by=unit.clerk, content=samples.jpeg())
    assert not private_files.path_of(old).exists()
    with pytest.raises((Stale, Refused)):
        stamped(roster, by=unit.reviewer)
    done = stamped(again, by=unit.reviewer)
    assert (done.status, done.confirmed_by) == (RosterStatus.STAMPED, "李审核")
    with pytest.raises(Refused):
        scanned(done, by=unit.clerk)
    assert private_files.read_all(done.scan) == samples.jpeg()


def test_versions_say_that_they_are_stamped(county: County, client_as: Callable[..., Client]) -> None:
    unit = county.education
    version = sealed(unit)
    roster = printed(unit)
    browser, address = client_as(unit.reviewer), f"/records/{version.part_id}/"
    assert "已盖章" not in words(browser.get(address))
    roster = stamped(scanned(roster, by=unit.clerk), by=unit.reviewer)
    told = f"已盖章（名册 {roster.code}，{timezone.localdate()}）"
    assert told in words(browser.get(address))
    assert told in words(browser.get(f"{address}versions/1/"))
    corrected(unit, version)
    page = words(browser.get(f"/stamped-rosters/{roster.pk}/"))
    assert "已被新版替代" in page
    assert "有 1 人的记录在打印后已更正" in page
    with acting_as(unit.clerk) as who:
        void_roster(roster=roster, reason="章不清晰", actor=who)
    assert "已盖章" not in words(browser.get(address))


def test_the_pages_from_print_to_stamp(county: County, client_as: Callable[..., Client]) -> None:
    unit = county.education
    sealed(unit)
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)
    form = {"responsibility": unit.responsibility.pk, "year": timezone.localdate().year, "employer": ""}
    page = clerk.post("/stamped-rosters/", form, follow=True)
    (roster,) = rows_of(StampedRoster, county.id)
    assert "共 1 人" in words(page)
    answer = clerk.post("/stamped-rosters/", form)
    assert (answer.status_code, "没有可以打印" in words(answer)) == (422, True)
    address = f"/stamped-rosters/{roster.pk}/"
    pdf = clerk.get(f"{address}pdf/")
    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Disposition"].startswith("attachment")
    today = str(timezone.localdate())
    send = {"action": "scan", "revision": 1, "stamped_on": today}
    refused = clerk.post(address, send)
    assert (refused.status_code, "没有选择文件" in words(refused)) == (422, True)
    assert "盖章日期应写成" in words(clerk.post(address, send | {"stamped_on": "昨天"}))
    file = SimpleUploadedFile("扫描.png", samples.png())
    page = words(clerk.post(address, send | {"scan": file}, follow=True))
    assert "等待另一位" in page
    assert 'value="confirm"' not in page
    confirming = {"action": "confirm", "revision": 2}
    assert "请先打开扫描件" in words(reviewer.post(address, confirming, follow=True))
    assert f'src="{address}scan/"' in words(reviewer.get(address))
    scan = reviewer.get(f"{address}scan/")
    assert scan.content == samples.png()
    assert "已核对" in words(reviewer.post(address, confirming, follow=True))
    assert "已盖章" in words(reviewer.get("/stamped-rosters/"))
    assert "没有选择办理方式" in words(reviewer.post(address, {"action": "x"}, follow=True))
    voided = reviewer.post(address, {"action": "void", "reason": "重打"}, follow=True)
    assert "名册已作废" in words(voided)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"II*\x00", "扫描件须为 PDF、JPG 或 PNG"),
        (b"PK\x03\x04", "扫描件须为 PDF、JPG 或 PNG"),
        (samples.pdf(b"/JavaScript"), "PDF 中含有脚本"),
        (b"", "文件是空的"),
        (b"x" * (services.LARGEST_SCAN + 1), "文件超过 20 MB"),
    ],
)
def test_a_refused_scan_leaves_the_day_and_names_what_a_scan_can_be(
    county: County, client_as: Callable[..., Client], content: bytes, told: str
) -> None:
    unit = county.education
    sealed(unit)
    roster = printed(unit)
    body = {"action": "scan", "revision": roster.revision, "stamped_on": str(timezone.localdate())}
    body["scan"] = SimpleUploadedFile("扫描.tif", content)
    answer = client_as(unit.clerk).post(f"/stamped-rosters/{roster.pk}/", body)
    page = words(answer)
    assert answer.status_code == 422
    assert told in page
    assert "DOCX" not in page
    assert f'value="{timezone.localdate()}"' in page
    assert rows_of(StampedRoster, county.id)[0].scan == ""


def test_a_scan_of_a_roster_that_changed_meanwhile_is_refused_with_the_day_kept(
    county: County, client_as: Callable[..., Client]
) -> None:
    unit = county.education
    sealed(unit)
    roster = scanned(printed(unit), by=unit.reviewer)
    body = {"action": "scan", "revision": 1, "stamped_on": str(timezone.localdate())}
    body["scan"] = SimpleUploadedFile("扫描.pdf", samples.pdf())
    browser = client_as(unit.clerk)
    answer = browser.post(f"/stamped-rosters/{roster.pk}/", body)
    assert (answer.status_code, "刚被他人改动" in words(answer)) == (422, True)
    assert f'value="{timezone.localdate()}"' in words(answer)
    day = str(timezone.localdate() + dt.timedelta(days=1))
    again = {"revision": 2, "stamped_on": day, "scan": SimpleUploadedFile("扫描.pdf", samples.pdf())}
    late = browser.post(f"/stamped-rosters/{roster.pk}/", body | again)
    assert "盖章日期不能晚于今天" in words(late)


@pytest.mark.req("AY-18")
def test_others_have_no_such_roster(
    county: County, other_county: County, client_as: Callable[..., Client]
) -> None:
    unit = county.education
    sealed(unit)
    roster = printed(unit)
    for member in (county.health.clerk, other_county.education.clerk):
        browser = client_as(member)
        for path in ("", "pdf/", "scan/"):
            assert browser.get(f"/stamped-rosters/{roster.pk}/{path}").status_code == 404
        assert roster.code not in words(browser.get("/stamped-rosters/"))
    assert client_as(unit.clerk).get(f"/stamped-rosters/{roster.pk}/scan/").status_code == 404
    assert unit.filler.role == Role.FILLER
    assert client_as(unit.filler).get("/stamped-rosters/").status_code == 403


# --- 查验 -----------------------------------------------------------------------------------------------------------


def test_a_code_tells_its_version(county: County, client_as: Callable[..., Client]) -> None:
    unit = county.education
    version = sealed(unit)
    browser = client_as(unit.clerk)
    code = version.check_code
    page = words(browser.post("/check/", {"code": f" {code[:6].lower()} {code[6:]}-"}))
    assert "王小明" in page
    assert "第 1 版（现行）" in page
    assert "没有盖章登记" in page
    roster = stamped(scanned(printed(unit), by=unit.clerk), by=unit.reviewer)
    corrected(unit, version)
    page = words(browser.post("/check/", {"code": code}))
    assert "已被新版替代" in page
    assert f"名册 {roster.code}" in page
    assert len(events(county.id, verb="version.checked")) == 2


def test_a_code_of_others_is_not_found(
    county: County, other_county: County, client_as: Callable[..., Client]
) -> None:
    code = sealed(county.education).check_code
    for member in (county.health.clerk, other_county.officer, county.education.second_filler):
        page = words(client_as(member).post("/check/", {"code": code}))
        assert "没有找到这个查验码" in page
        assert "王小明" not in page
    assert "王小明" in words(client_as(county.officer).post("/check/", {"code": code}))
    empty = words(client_as(county.officer).post("/check/", {"code": ""}))
    assert "没有找到" in empty
