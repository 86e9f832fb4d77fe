"""填报表格 back: what would happen to each row, accepted, written once, and what is refused (AY-12, AY-30)."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Employer, Membership
from archives.content import draft_of
from archives.models import AnnualRecord, Archive, Job, Person, PersonDocument, RecordPart, Upload, UploadRow
from archives.services import upload_bulk, upload_jobs
from archives.services.jobs import cancel_job
from archives.services.people import NotReadable
from archives.services.records import occupation_for, submit
from archives.services.upload_jobs import apply_upload
from archives.services.uploads import (
    KEPT_FOR,
    WAITS_FOR,
    accept_upload,
    cancel_upload,
    has_stopped,
    resume_upload,
    sweep_uploads,
    upload_workbook,
)
from archives.states import Status, UploadState
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import crypto, private_files
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, opened, rows_of, save, sealed, submitted
from tests.archives.upload_flow import (
    HEADER,
    NOW,
    TODAY,
    Book,
    accepted,
    again,
    applied,
    blank,
    columns_for,
    counted,
    emptied,
    everybody,
    person,
    sent_out,
    told,
    uploaded,
    values_in,
    worked,
)
from tests.factories import County, id_number

Signed = Callable[[Membership], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12", "AY-30")]


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker in these tests: the worker's function is called."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)


def test_what_would_happen_is_told_first_and_then_done(county: County, tmp_path: Path) -> None:
    """New, changed (old → new), the same: on paper first, in the drafts after it was accepted."""
    unit = county.education
    for name in ("变更", "不变", "清空"):
        save(opened(unit, name=name), by=unit.filler)
    sealed(unit, part=opened(unit, name="去年", year=NOW - 1))
    book, fresh = sent_out(unit), id_number()
    book.put("变更", 职称="高级教师", 联系电话="15487654321")
    book.put("清空", 职称=None, 联系电话=None)
    book.add(姓名="新来", 身份证号=fresh, 所属单位=unit.employer.name, 性别="男", 联系电话="15400000000")
    row = uploaded(unit, book.content)
    assert counted(row) == {"new": 2, "changed": 2, "same": 1}
    kept = {one.name: one for one in rows_of(UploadRow, county.id)}
    assert kept["变更"].changes == [
        ["联系电话", "154****5678", "154****4321"],
        ["职称", "一级教师", "高级教师"],
    ]
    assert kept["清空"].changes == [["职称", "一级教师", "（空）"]]  # a telephone must be there: it stays
    assert fresh not in str([(one.name, one.number_mask, one.changes) for one in kept.values()])
    assert "新来" not in everybody(unit)  # nothing is written yet
    # Counted of who is new; nothing of it stands in the rows.
    lacking = {"label": "“学历”还没有填写。", "severity": "unfilled", "count": 1}
    assert lacking in row.kinds
    assert "required" not in {one["code"] for kept_row in kept.values() for one in kept_row.problems}
    assert row.remainder == ""
    before = {one.name: one.revision for one in rows_of(RecordPart, county.id, year=NOW)}
    done = applied(row, unit)
    assert done.counts["done"] == {"new": 2, "changed": 2, "refused": 0}
    assert lacking in done.kinds  # now it is to be done
    assert (done.file, done.remainder) == ("", "")
    found = everybody(unit)
    assert (found["变更"]["title"], found["变更"]["phone"]) == ("高级教师", "15487654321")
    assert (found["清空"]["title"], found["清空"]["phone"]) == (None, "15412345678")
    assert (found["新来"]["document_number"], found["新来"]["sex"]) == (fresh, "1")
    assert found["去年"]["phone"] == "15412345678"  # the mask of last year's value stands for it
    parts = {one.name: one for one in rows_of(RecordPart, county.id, year=NOW)}
    assert {name: parts[name].revision - old for name, old in before.items()} == {
        "变更": 1,
        "不变": 0,
        "清空": 1,
    }
    assert {one.status for one in parts.values()} == {Status.DRAFT}
    assert parts["新来"].employer_id == unit.employer.pk
    verbs = [one.verb for one in events(county.id, subject_id=str(parts["新来"].pk))]
    assert verbs == ["record.opened", "record.saved"]
    (saved,) = [
        one
        for one in events(county.id, verb="record.saved", subject_id=str(parts["变更"].pk))
        if one.actor_id == unit.clerk.user_id
    ]
    assert saved.data == {"fields": ["phone", "title"]}


def test_wrong_rows_are_answered_mended_and_brought_again(county: County, tmp_path: Path) -> None:
    """6 wrong rows of 20: the same drafts in the end as if all had been right at once."""
    unit = county.education
    right = [person(f"教师{chr(0x7532 + n)}", unit=unit.employer.name) for n in range(20)]
    spoilt = [dict(row) for row in right]
    spoilt[2]["document_number"] = right[2]["document_number"][:-1] + "Y"
    spoilt[5]["phone"] = "12345"
    spoilt[7]["sex"] = "不详"
    spoilt[11]["practice_since"] = "去年"
    spoilt[13]["name"] = "教师1"
    spoilt[17]["unit"] = "第九小学"
    row = uploaded(unit, blank(unit, tmp_path, spoilt))
    assert counted(row) == {"new": 14, "refused": 6}
    assert [place[0] for place in told(row)] == [6, 9, 11, 15, 17, 21]
    assert sum(kind["count"] for kind in row.kinds if kind["severity"] == "error") == 6
    answer = openpyxl.load_workbook(io.BytesIO(private_files.read_all(row.answer)))
    (number,) = [c for c in answer.worksheets[0][6] if c.comment is not None and c.value]
    assert number.value == spoilt[2]["document_number"]
    assert "汇总" in answer.sheetnames
    done = applied(row, unit)
    assert done.counts["done"] == {"new": 14, "changed": 0, "refused": 6}
    rest = Book(private_files.read_all(done.remainder))
    assert len(rest.names) == 6
    labels = {column.key: column.label for column in columns_for(unit)}
    for at, place in enumerate((2, 5, 7, 11, 13, 17), HEADER + 1):
        rest.put(at, **{labels[key]: value for key, value in right[place].items()})
        if "practice_since" not in right[place]:
            rest.put(at, 从业起始时间=None)
    mended = applied(uploaded(unit, rest.content, name="需更正.xlsx"), unit)
    assert mended.counts["done"] == {"new": 6, "changed": 0, "refused": 0}
    found = everybody(unit)
    assert sorted(found) == sorted(row["name"] for row in right)
    for one in right:
        assert found[one["name"]]["document_number"] == one["document_number"]
        assert (found[one["name"]]["phone"], found[one["name"]]["practice_since"]) == ("15412345678", None)
    again_all = uploaded(unit, blank(unit, tmp_path, right))
    assert counted(again_all) == {"same": 20}
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="没有可以写入的行"):
        accept_upload(row=again_all, revision=again_all.revision, actor=who)


def test_whoever_is_not_who_the_row_says_is_refused(county: County, tmp_path: Path) -> None:
    unit, number = county.education, id_number()
    save(opened(unit, name="张三", number=number), by=unit.filler)
    opened(unit, name="李四")
    foreign = opened(county.health, by=county.health.filler, name="外人")
    book = sent_out(unit)
    mask, key = book.get("张三", "身份证号"), book.get("张三", "系统编号")
    book.put("李四", 姓名="李五", 身份证号=mask)
    book.add(系统编号=str(foreign.record.archive_id), 姓名="外人", 身份证号=foreign.number_mask)
    book.add(系统编号="不是编号", 姓名="王五", 身份证号=id_number())
    book.add(姓名="赵六", 身份证号=mask)
    book.add(姓名="张山", 身份证号=number)
    book.add(系统编号=key, 姓名="张三", 身份证号=number, 职称="高级教师")
    row = uploaded(unit, book.content)
    assert counted(row) == {"same": 1, "refused": 6}
    columns = {label: openpyxl.utils.get_column_letter(at) for label, at in book.labels.items()}
    name, document, system = columns["姓名"], columns["身份证号"], columns["系统编号"]
    assert told(row) == [
        (4, name, "upload_name"),
        (4, document, "upload_number"),
        (6, system, "upload_key"),
        (7, system, "upload_key"),
        (8, document, "upload_masked"),
        (9, name, "upload_name"),
        (10, document, "upload_twice"),
    ]


def test_the_same_person_of_another_employer_or_under_another_name(county: County, tmp_path: Path) -> None:
    """What nobody may see beforehand is refused when it is written, and stands in the rest."""
    unit, theirs, known = county.education, id_number(), id_number()
    opened(unit, by=unit.second_filler, name="他校", number=theirs, employer=unit.second_employer)
    opened(county.health, by=county.health.filler, name="医生", number=known)
    rows = [
        person("他校", document_number=theirs),
        person("医师", document_number=known),
        person("外校", unit=unit.second_employer.name),
        person("本校"),
    ]
    row = uploaded(unit, blank(unit, tmp_path, rows), by=unit.filler)
    assert counted(row) == {"new": 3, "refused": 1}
    done = applied(row, unit, by=unit.filler)
    assert done.counts["done"] == {"new": 1, "changed": 0, "refused": 3}
    assert {code for _, _, code in told(done)} == {"other_employer", "name_differs", "upload_unit"}
    assert len(Book(private_files.read_all(done.remainder)).names) == 3
    (part,) = rows_of(RecordPart, county.id, name="本校")
    assert part.employer_id == unit.employer.pk
    by_clerk = uploaded(unit, blank(unit, tmp_path, [rows[0] | {"unit": unit.employer.name}]))
    assert [code for _, _, code in told(by_clerk)] == ["upload_unit"]


@pytest.mark.req("AY-N2", "AY-N3")
def test_adverse_rows_become_drafts_that_await_evidence(county: County, tmp_path: Path) -> None:
    unit = county.education
    adverse = person("不利", determination="存在警示行为", behaviour="有偿补课", acted_on="2026-03-01")
    row = uploaded(unit, blank(unit, tmp_path, [adverse, person("守信")]))
    assert counted(row) == {"new": 2, "adverse": 1}
    applied(row, unit)
    (part,) = rows_of(RecordPart, county.id, name="不利")
    assert (part.status, part.determination) == (Status.DRAFT, "warning")
    assert values_in(unit, "不利")["behaviour"] == "有偿补课"
    with (
        acting_as(unit.clerk) as who,
        pytest.raises(NotReadable),
    ):  # no document is named: it can't be handed on
        submit(part=part, revision=None, actor=who, today=TODAY)
    book = sent_out(unit)
    book.put("不利", 信用状况=None)
    assert counted(uploaded(unit, book.content)) == {"same": 2}  # a blank never turns it into 守信


def test_who_can_have_no_record_of_the_year_is_refused(county: County, tmp_path: Path) -> None:
    """Left before it, at a closed employer, or in a year that is closed: 补录 is done one by one."""
    unit, numbers = county.education, [id_number() for _ in range(3)]
    gone, shut, late = (
        opened(unit, name=name, number=number, year=NOW - 1, by=unit.clerk, employer=employer)
        for name, number, employer in zip(
            ("离岗", "停用", "在册"),
            numbers,
            (unit.employer, unit.second_employer, unit.employer),
            strict=True,
        )
    )
    with acting_as(unit.clerk):
        Archive.objects.filter(id=gone.record.archive_id).update(left_on=f"{NOW - 1}-12-31")
    Employer.objects.filter(pk=unit.second_employer.pk).update(active=False)
    rows = [
        person(part.name, document_number=number) for part, number in zip((gone, shut), numbers, strict=False)
    ]
    row = uploaded(unit, blank(unit, tmp_path, rows))
    assert [code for _, _, code in told(row)] == ["upload_left", "upload_unit"]
    county.jurisdiction.parameters = {**county.jurisdiction.parameters, "year_closes": "03-31"}
    county.jurisdiction.save()
    rows = [person(late.name, document_number=numbers[2]), person("新来")]
    row = uploaded(unit, blank(unit, tmp_path, rows, year=NOW - 1), year=NOW - 1)
    assert [code for _, _, code in told(row)] == ["upload_closed"]
    assert counted(row) == {"changed": 1, "refused": 1}  # a draft that is there may still be filled in


def test_only_drafts_are_written(county: County) -> None:
    unit = county.education
    sealed(unit, part=opened(unit, name="已确认"))
    submitted(unit, part=opened(unit, name="已提交"))
    book = sent_out(unit)
    assert counted(uploaded(unit, book.content)) == {"same": 2}
    book.put("已确认", 职称="高级教师")
    book.put("已提交", 职称="高级教师")
    row = uploaded(unit, book.content)
    assert {code for _, _, code in told(row)} == {"upload_locked"}
    assert counted(row) == {"refused": 2}


def test_who_changed_after_the_judgement_is_not_overwritten(county: County, tmp_path: Path) -> None:
    unit, late = county.education, id_number()
    save(opened(unit, name="后来改"), by=unit.filler)
    save(opened(unit, name="没人动"), by=unit.filler)
    book = sent_out(unit)
    for name in ("后来改", "没人动"):
        book.put(name, 职称="高级教师")
    book.add(姓名="抢先建", 身份证号=late, 所属单位=unit.employer.name)
    row = accepted(uploaded(unit, book.content), unit)
    (part,) = rows_of(RecordPart, county.id, name="后来改")
    save(part, by=unit.filler, title="三级教师")
    opened(unit, name="抢先建", number=late)
    done = worked(row)
    assert done.counts["done"] == {"new": 0, "changed": 1, "refused": 2}
    assert [code for _, _, code in told(done)] == ["upload_stale", "upload_stale"]
    assert (values_in(unit, "后来改")["title"], values_in(unit, "没人动")["title"]) == (
        "三级教师",
        "高级教师",
    )


def rows_alike(county: County) -> dict[str, list[Any]]:
    """What a county holds, readable, without ids and times."""
    told: dict[str, list[Any]] = {}
    for model in (Person, PersonDocument, Archive, AnnualRecord, RecordPart):
        told[model.__name__] = sorted(map(_plain, rows_of(model, county.id)))
    told["events"] = sorted(
        (one.verb, one.subject_type, one.subject_label, one.occupation, str(one.data), one.agency_id is None)
        for one in events(county.id)
        if one.verb.startswith(("record.", "person."))
    )
    return told


def _plain(row: Any) -> str:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    for name in list(values):
        if name.endswith("_id") or name == "id" or isinstance(values[name], dt.datetime):
            values[name] = values[name] is None
    if "number" in values:
        values["number"] = crypto.decrypt(
            row.number, purpose="archive.number" if isinstance(row, Archive) else "person.number"
        )
    if isinstance(row, RecordPart):
        with acting(row.jurisdiction_id, "job"):
            draft = draft_of(row, occupation_for(row))
        values |= {"values": draft.record, "typed": dict(draft.typed), "writers": len(row.writers)}
    return str(sorted(values.items()))


def _rows_left_over(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that will say how many rows were written one by one."""
    counts: list[int] = []
    written = upload_jobs.write_portion

    def counting(upload: Upload, judge: Any, rows: Any, *, actor: Any) -> None:
        counts.append(len(rows))
        written(upload, judge, rows, actor=actor)

    monkeypatch.setattr(upload_jobs, "write_portion", counting)
    return counts


def test_many_together_have_the_result_of_one_by_one(
    county: County, other_county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [id_number() for _ in range(6)]
    results = []
    for place in (county, other_county):
        if place is other_county:
            monkeypatch.setattr(upload_bulk.Writer, "write", lambda self: 0)
        unit = place.education
        save(opened(unit, name="变更", number=numbers[0]), by=unit.filler)
        sealed(unit, part=opened(unit, name="去年", number=numbers[1], year=NOW - 1))
        opened(place.health, by=place.health.filler, name="两处", number=numbers[2])
        opened(place.health, by=place.health.filler, name="别名", number=numbers[3])
        book = sent_out(unit)
        book.put("变更", 职称="高级教师", 信用状况="存在警示行为")
        book.put("去年", 备注="有变化")
        for name, number in zip(("两处", "错名", "新人", "空白"), numbers[2:], strict=True):
            filled = {} if name == "空白" else {"联系电话": "15400000000", "职称": "三级教师"}
            book.add(姓名=name, 身份证号=number, 所属单位=unit.employer.name, **filled)
        row = uploaded(unit, book.content)
        with monkeypatch.context() as watched:
            one_by_one = _rows_left_over(watched)
            done = applied(row, unit)
        # Who is known elsewhere, or under another name, is left to the services; the others go through together.
        assert sum(one_by_one) == (6 if place is other_county else 4)
        assert done.counts["done"] == {"new": 4, "changed": 1, "refused": 1}
        assert [code for _, _, code in told(done)] == ["name_differs"]
        results.append(rows_alike(place))
    assert results[0] == results[1]


class Killed(BaseException):
    """The worker dies."""


def test_a_killed_worker_writes_nothing_twice(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = county.education
    monkeypatch.setattr(upload_bulk, "TOGETHER", 2)
    rows = [person(f"教师{n}") for n in "甲乙丙丁戊己"]
    row = accepted(uploaded(unit, blank(unit, tmp_path, rows)), unit)
    written, calls = upload_bulk.Statements.open_new, iter(range(100))

    def dies(*args: Any) -> None:
        written(*args)
        if next(calls) == 1:
            raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(upload_bulk.Statements, "open_new", dies)
        with pytest.raises(Killed):
            worked(row)
    assert len(rows_of(RecordPart, county.id)) == 2  # whole portions, or nothing of them
    (job,) = rows_of(Job, county.id, id=row.job_id)
    with acting_as(unit.clerk) as who:
        apply_upload(job, who, lambda done, total: None)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="没有重复办理"):
        apply_upload(job, who, lambda done, total: None)
    parts = rows_of(RecordPart, county.id)
    assert sorted(one.name for one in parts) == sorted(one["name"] for one in rows)
    assert len(rows_of(Archive, county.id)) == len(rows_of(Person, county.id)) == 6
    assert [len(events(county.id, subject_id=str(one.pk), verb="record.saved")) for one in parts] == [1] * 6
    assert again(row).counts["done"]["new"] == 6


def test_a_cancelled_job_is_resumed(county: County, tmp_path: Path, client_as: Signed) -> None:
    unit = county.education
    row = accepted(uploaded(unit, blank(unit, tmp_path, [person("甲甲")])), unit)
    with acting_as(unit.clerk) as who:
        with pytest.raises(AlreadyDone, match="正在后台办理"):
            resume_upload(row=row, actor=who)
        assert row.job_id is not None
        cancel_job(row=Job.objects.get(id=row.job_id), actor=who)
    clerk, address = client_as(unit.clerk), f"/workbooks/in/{row.pk}/"
    assert "继续办理" in clerk.get(address).content.decode()
    assert clerk.post(address, {"action": "resume"}).status_code == 302
    assert worked(again(row)).state == UploadState.DONE
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="没有停在中途"):
        resume_upload(row=row, actor=who)


def test_more_workbooks_than_jobs_are_read_in_turn(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = county.education
    monkeypatch.setattr("archives.services.jobs.MOST_OPEN", 2)
    with acting_as(unit.clerk) as who:
        wanted: dict[str, Any] = {"responsibility": unit.responsibility, "year": NOW, "actor": who}
        first, second, third = (
            upload_workbook(
                **wanted,
                file=io.BytesIO(blank(unit, tmp_path, [person(f"甲{name}")])),
                name=f"{name}.xlsx",
                today=TODAY,
            )
            for name in "一二三"
        )
        assert third.job_id is None
        assert not has_stopped(third, who)
    assert worked(first).state == worked(second).state == UploadState.READY
    assert worked(again(third)).state == UploadState.READY
    with acting_as(unit.clerk) as who:
        Upload.objects.filter(id=third.pk).update(state=UploadState.READING, job_id=None)
        assert has_stopped(Upload.objects.get(id=third.pk), who)


def test_files_are_recognised_given_up_and_swept(
    county: County, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    picture = uploaded(unit, b"\x89PNG\r\n\x1a\n picture")
    assert (picture.state, picture.file) == (UploadState.FAILED, "")
    assert "图片" in picture.message
    other_year = uploaded(unit, blank(unit, tmp_path, [person("甲甲")], year=NOW - 1))
    assert other_year.state == UploadState.FAILED
    assert "年度" in other_year.message
    content = blank(unit, tmp_path, [person("甲甲"), person("乙1")])
    row = uploaded(unit, content)
    with acting_as(unit.clerk) as who:
        wanted: dict[str, Any] = {"responsibility": unit.responsibility, "year": NOW, "actor": who}
        same = upload_workbook(**wanted, file=io.BytesIO(content), name="另名.xlsx", today=TODAY)
        assert same.pk == row.pk
        with django_capture_on_commit_callbacks(execute=True):
            gone = cancel_upload(row=row, actor=who)
    assert gone.state == UploadState.CANCELLED
    assert emptied(row)
    for name in (row.file, row.answer, row.remainder):
        assert not private_files.path_of(name).exists()
    plain = applied(uploaded(unit, blank(unit, tmp_path, [person("丙丙")])), unit)
    done = applied(uploaded(unit, content), unit)
    second = uploaded(unit, content)
    assert any("导入过" in note for note in second.notes)
    assert counted(second) == {"same": 1, "refused": 1}
    with acting_as(unit.clerk):
        Upload.objects.filter(id__in=[done.pk, plain.pk]).update(
            finished_at=timezone.now() - KEPT_FOR - dt.timedelta(1)
        )
        Upload.objects.filter(id=second.pk).update(created_at=timezone.now() - WAITS_FOR - dt.timedelta(1))
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_uploads(jurisdiction_id=county.id) == 3
        assert sweep_uploads(jurisdiction_id=county.id) == 0
    assert again(second).state == UploadState.CANCELLED
    assert again(done).state == UploadState.DONE
    assert emptied(done)
    assert emptied(plain)
    assert emptied(second)
    for name in (done.remainder, second.file):
        assert not private_files.path_of(name).exists()


def test_nobody_else_sees_or_brings_anything(county: County, tmp_path: Path) -> None:
    unit = county.education
    row = uploaded(unit, blank(unit, tmp_path, [person("甲甲")]))
    for member in (unit.filler, unit.reviewer, county.health.clerk, county.officer):
        with acting_as(member) as who:
            assert not Upload.objects.visible_to(who).exists()
    with acting_as(county.officer):
        assert not UploadRow.objects.exists()  # the second wall
    for member in (unit.reviewer, county.health.clerk):
        with acting_as(member) as who, pytest.raises(Refused):
            upload_workbook(
                responsibility=unit.responsibility,
                year=NOW,
                file=io.BytesIO(b"x"),
                name="表格.xlsx",
                actor=who,
                today=TODAY,
            )
    with acting_as(unit.reviewer) as who, pytest.raises(Refused, match="的权限"):
        accept_upload(row=row, revision=row.revision, actor=who)


def test_the_pages_lead_from_the_file_to_the_drafts(
    county: County, tmp_path: Path, client_as: Signed
) -> None:
    unit = county.education
    clerk, number = client_as(unit.clerk), id_number()
    assert "/workbooks/in/" in clerk.get("/archives/").content.decode()
    assert "/workbooks/in/" in clerk.get("/workbooks/out/").content.decode()
    save(opened(unit, name="张三"), by=unit.filler)
    book = sent_out(unit)
    book.put("张三", 职称="高级教师")
    book.add(姓名="李四", 身份证号=number[:-1] + "Y")
    chosen = {"responsibility": unit.responsibility.pk, "year": NOW}
    assert clerk.post("/workbooks/in/", chosen).status_code == 422
    file = io.BytesIO(book.content)
    file.name = "第一小学.xlsx"
    answer = clerk.post("/workbooks/in/", chosen | {"files": file})
    assert answer.status_code == 302
    (row,) = rows_of(Upload, county.id)
    address = f"/workbooks/in/{row.pk}/"
    assert answer["Location"] == address
    assert "every 1s" in clerk.get(address).content.decode()
    worked(row)
    page = clerk.get(address).content.decode()
    assert "写入没有问题的行" in page
    assert number[:-1] not in page
    changed = clerk.get(f"{address}?outcome=changed", headers={"hx-request": "true"}).content.decode()
    assert "一级教师 → 高级教师" in changed
    assert "<html" not in changed
    for name in ("answer", "remainder"):
        got = clerk.get(f"{address}{name}/")
        assert (got.status_code, got.content[:2]) == (200, b"PK")
    assert client_as(unit.filler).get(f"{address}answer/").status_code == 404
    clerk.post(address, {"action": "accept", "revision": again(row).revision})
    worked(again(row))
    page = clerk.get(address).content.decode()
    assert "实际写入" in page
    (part,) = rows_of(RecordPart, county.id, name="张三")
    assert f"/records/{part.pk}/" in clerk.get(f"{address}?outcome=changed").content.decode()
    assert {one.verb for one in events(county.id) if one.verb.startswith("upload.")} == {
        "upload.read",
        "upload.read_result",
        "upload.fetched",
        "upload.accepted",
        "upload.written",
        "upload.done",
    }
