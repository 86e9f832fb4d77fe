"""证明材料: who may attach and take off what, what is kept of it, and that it leaves through the access check alone."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from archives.models import Evidence, Item, RecordPart
from archives.services import evidence as services
from archives.services.evidence import LARGEST, MOST_FILES, attach_evidence, remove_evidence, shown_name
from archives.services.records import seal
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    attached,
    confirm,
    events,
    fresh,
    in_review,
    opened,
    rows_of,
    sealed,
    submitted,
    with_reason,
)
from tests.archives.item_flow import fresh_item, item_in_review, kept, told
from tests.factories import County
from tests.web import samples

FILES = pytest.mark.parametrize("name", ["扫描件.pdf", "照片.exe", "a"])


def upload(browser: Client, part: RecordPart, *files: SimpleUploadedFile, **options: Any) -> Any:
    return browser.post(f"/records/{part.pk}/evidence/", {"files": list(files)}, **options)


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.req("AY-N3")
@FILES
def test_a_file_is_kept_under_what_it_is(county: County, name: str) -> None:
    part, content = opened(county.education), samples.jpeg()
    with acting_as(county.education.filler) as who:
        kept = attach_evidence(head=part, file=io.BytesIO(content), name=name, actor=who)
    assert (kept.media_type, kept.size) == ("image/jpeg", len(content))
    assert kept.name.endswith(".jpg")
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert private_files.read_all(str(kept.pk)) == content
    assert content not in private_files.path_of(str(kept.pk)).read_bytes()
    (event,) = events(county.id, verb="evidence.attached")
    assert event.data["sha256"] == kept.sha256
    assert event.subject_id == str(part.pk)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("判决书.pdf", "判决书.pdf"),
        ("..\\..\\etc\\判决书.PDF", "判决书.pdf"),
        ("410522198501010011 王小明.png", "410522××××××××0011 王小明.pdf"),
        ("15412345678.pdf", "15×××××××78.pdf"),
        ("\u202egnp.exe\r\nX: y", "gnp.pdf"),
        ("", "证明材料.pdf"),
        (".pdf", "pdf.pdf"),
        ("长" * 500, "长" * 100 + ".pdf"),
    ],
)
def test_names_hide_numbers_and_paths(given: str, shown: str) -> None:
    assert shown_name(given, "pdf") == shown


def test_the_same_file_twice_is_told(county: County) -> None:
    unit, content = county.education, samples.pdf()
    part = opened(unit)
    attached(part, by=unit.filler, content=content)
    with pytest.raises(AlreadyDone, match="已经上传过"):
        attached(part, by=unit.clerk, content=content)
    assert len(rows_of(Evidence, county.id)) == 1
    attached(
        opened(unit), by=unit.filler, content=content
    )  # with somebody else's record it is another matter


def test_not_more_than_twenty(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = county.education
    part = opened(unit)
    for _ in range(MOST_FILES):
        attached(part, by=unit.filler)
    with pytest.raises(Refused, match="最多附 20 份"):
        attached(part, by=unit.filler)
    with acting_as(unit.filler) as who:
        remove_evidence(evidence=rows_of(Evidence, county.id)[0], actor=who)
    attached(part, by=unit.filler)


def test_too_large_is_refused_by_the_service_as_well(county: County) -> None:
    unit = county.education
    with pytest.raises(Refused, match="20 MB"):
        attached(opened(unit), by=unit.filler, content=samples.pdf() + bytes(LARGEST))


def test_a_full_disk_keeps_nothing(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(services.private_files, "store", full)
    with pytest.raises(Refused, match="没有保存成功"):
        attached(opened(county.education), by=county.education.filler)
    assert rows_of(Evidence, county.id) == []


@pytest.mark.req("AY-N3")
def test_who_may_attach_and_when(county: County) -> None:
    unit = county.education
    part = opened(unit)
    attached(part, by=unit.filler)
    attached(part, by=unit.clerk)
    for member in (unit.second_filler, unit.reviewer, county.health.clerk, county.officer):
        with pytest.raises((Refused, RecordPart.DoesNotExist)):
            attached(part, by=member)
    part = submitted(unit, part=part)
    with pytest.raises(Refused):
        attached(part, by=unit.filler)
    attached(part, by=unit.clerk)
    part = in_review(unit, part=opened(unit))
    added = attached(part, by=unit.clerk)
    assert unit.clerk.user_id in fresh(part).writers
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="只有草稿和退回"):
        remove_evidence(evidence=added, actor=who)


def test_the_reviewer_looks_again_when_evidence_was_added(county: County) -> None:
    unit = county.education
    part = fresh(in_review(unit))
    attached(part, by=unit.clerk)
    with acting_as(unit.reviewer) as who, pytest.raises(Stale):
        seal(part=part, revision=part.revision, actor=who, today=fresh(part).saved_at.date())
    assert confirm(part, by=unit.reviewer).number == 1


@pytest.mark.req("AY-N3")
def test_what_a_version_cites_stays(county: County) -> None:
    unit = county.education
    part = opened(unit)
    kept = attached(part, by=unit.filler)
    version = sealed(unit, part=part)
    assert version.cites["evidence"] == [{"id": str(kept.pk), "sha256": kept.sha256}]
    (row,) = rows_of(Evidence, county.id)
    assert row.sealed_at == version.sealed_at
    with acting_as(unit.clerk) as who:
        RecordPart.objects.filter(id=part.pk).update(status="draft")
        with pytest.raises(Refused, match="封存"):
            remove_evidence(evidence=row, actor=who)


@pytest.mark.req("AY-N3")
def test_what_the_person_was_told_of_stays_until_the_entry_changes(county: County, client_as: Any) -> None:
    unit = county.education
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    with acting(county.id, "job"):
        Item.objects.filter(id=item.pk).update(status="returned")
    (file,) = rows_of(Evidence, county.id)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="已就这份材料告知本人") as refused:
        remove_evidence(evidence=file, actor=who)
    assert refused.value.code == "person_told"
    page = words(client_as(unit.clerk).get(f"/items/{item.pk}/"))
    assert f"/evidence/{file.pk}/" in page
    assert f"/evidence/{file.pk}/remove/" not in page
    kept(fresh_item(item), by=unit.clerk, document_no="龙公罚〔2026〕9号")
    assert f"/evidence/{file.pk}/remove/" in words(client_as(unit.clerk).get(f"/items/{item.pk}/"))
    with acting_as(unit.clerk) as who:
        remove_evidence(evidence=file, actor=who)


def test_taking_off_leaves_the_row_and_no_bytes(
    county: County, django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    kept = attached(opened(unit), by=unit.filler)
    with django_capture_on_commit_callbacks(execute=True), acting_as(unit.filler) as who:
        remove_evidence(evidence=kept, actor=who)
        with pytest.raises(AlreadyDone):
            remove_evidence(evidence=kept, actor=who)
    (row,) = rows_of(Evidence, county.id)
    assert (row.removed_by, row.sha256) == ("孙填报", kept.sha256)
    with pytest.raises(private_files.Missing):
        private_files.read_all(str(kept.pk))
    assert len(events(county.id, verb="evidence.removed")) == 1


# --- pages -----------------------------------------------------------------------------------------------------------


def test_several_files_at_once_and_what_is_wrong_with_each(county: County, client_as: Any) -> None:
    unit = county.education
    part, browser = opened(unit), client_as(unit.filler)
    files = [
        SimpleUploadedFile("好.pdf", samples.pdf()),
        SimpleUploadedFile("坏.pdf", b"MZ"),
        SimpleUploadedFile("空.pdf", b""),
        SimpleUploadedFile("大.pdf", samples.pdf() + bytes(LARGEST)),
        SimpleUploadedFile("同.pdf", samples.pdf()),
    ]
    page = words(upload(browser, part, *files, follow=True))
    for text in (
        "已上传 好.pdf",
        "坏.pdf：不能接收这种文件",
        "空.pdf：文件是空的",
        "大.pdf：文件超过 20 MB",
        "同.pdf：这份文件已经上传过",
    ):
        assert text in page
    assert len(rows_of(Evidence, county.id)) == 1


def test_without_leaving_the_form(county: County, client_as: Any) -> None:
    unit = county.education
    part, browser = opened(unit), client_as(unit.filler)
    answer = upload(
        browser, part, SimpleUploadedFile("好.pdf", samples.pdf()), headers={"HX-Request": "true"}
    )
    page = words(answer)
    assert answer.status_code == 200
    assert page.lstrip().startswith("<section")
    assert "已上传 好.pdf" in page
    assert "没有选择文件" in words(upload(browser, part, headers={"HX-Request": "true"}))


@pytest.mark.req("AY-N3")
def test_a_file_leaves_as_a_download_and_the_look_is_journalled(county: County, client_as: Any) -> None:
    unit, content = county.education, samples.png()
    part = opened(unit)
    kept = attached(part, by=unit.filler, content=content)
    answer = client_as(unit.reviewer).get(f"/evidence/{kept.pk}/")
    assert answer.content == content
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    (event,) = events(county.id, verb="evidence.read")
    assert (event.subject_id, event.person_id) == (str(kept.pk), part.person_id)


def test_the_office_reads_what_is_sealed_and_no_drafts(county: County, client_as: Any) -> None:
    unit, browser = county.education, client_as(county.officer)
    draft = attached(opened(unit), by=unit.filler)
    assert browser.get(f"/evidence/{draft.pk}/").status_code == 404
    part = opened(unit)
    kept = attached(part, by=unit.filler)
    sealed(unit, part=part)
    assert browser.get(f"/evidence/{kept.pk}/").status_code == 302
    assert with_reason(browser, part).get(f"/evidence/{kept.pk}/").status_code == 200


def test_a_damaged_file_is_told(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    kept = attached(part, by=unit.filler)
    private_files.path_of(str(kept.pk)).write_bytes(b"broken")
    answer = client_as(unit.filler).get(f"/evidence/{kept.pk}/", follow=True)
    assert "已损坏或找不到" in words(answer)


def test_taking_off_on_the_page(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    kept, browser = attached(part, by=unit.filler), client_as(unit.filler)
    assert "移除" in words(browser.get(f"/records/{part.pk}/"))
    answer = browser.post(f"/evidence/{kept.pk}/remove/", follow=True)
    assert f"已移除 {kept.name}" in words(answer)
    assert browser.post(f"/evidence/{kept.pk}/remove/").status_code == 404
    assert browser.get(f"/evidence/{kept.pk}/").status_code == 404
