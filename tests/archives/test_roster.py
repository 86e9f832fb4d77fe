"""应建档人员名册: joiners, leavers, 应建/已建/建档率, import by workbook, opening by the roster (AY-12, AY-30)."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from agencies.models import Employer, Jurisdiction, Membership
from archives.coverage import Coverage, coverage_by_employer, coverage_of
from archives.models import Archive, Job, RecordPart, RosterEntry, RosterImport
from archives.services import roster_imports
from archives.services.jobs import cancel_job, run_job
from archives.services.openings import queue_opening
from archives.services.people import NotReadable
from archives.services.roster import enrol, leave_roster
from archives.services.roster_imports import accept_import, cancel_import, resume_import, upload_roster
from archives.services.transfers import mark_left, transfer_person
from archives.states import JobState, RosterImportState
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from tests.archives.flow import acting_as, events, opened, rows_of
from tests.factories import County, Unit, id_number

pytestmark = pytest.mark.req("AY-12", "AY-30")
TODAY = timezone.localdate()


def on_roster(
    unit: Unit,
    *,
    by: Membership | None = None,
    name: str = "王小明",
    number: str | None = None,
    employer: Employer | None = None,
    joined_on: dt.date = dt.date(2024, 9, 1),
) -> RosterEntry:
    with acting_as(by or unit.clerk) as who:
        return enrol(
            responsibility=unit.responsibility,
            employer=employer or unit.employer,
            raw={"name": name, "document_number": number or id_number()},
            joined_on=joined_on,
            actor=who,
            today=TODAY,
        )


def left(entry: RosterEntry, *, by: Membership, on: dt.date, reason: str = "调往外县") -> RosterEntry:
    with acting_as(by) as who:
        return leave_roster(entry=entry, on=on, reason=reason, actor=who, today=TODAY)


def counts(member: Membership, year: int, unit: Unit) -> Coverage:
    with acting_as(member) as who:
        return coverage_of(who, year).get((unit.agency.pk, unit.responsibility.occupation), Coverage())


def workbook(
    *rows: tuple[Any, ...], heads: tuple[str, ...] = ("姓名", "证件号码", "所属单位", "列入日期")
) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(heads)
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def uploaded(
    unit: Unit, content: bytes, *, by: Membership | None = None, name: str = "名册.xlsx"
) -> RosterImport:
    with acting_as(by or unit.clerk) as who:
        row = upload_roster(
            responsibility=unit.responsibility,
            joined_on=dt.date(TODAY.year, 1, 1),
            file=io.BytesIO(content),
            name=name,
            actor=who,
            today=TODAY,
        )
    return worked(row)


def worked(row: RosterImport) -> RosterImport:
    """Do the job of an import as a worker would, and return the row as it then stands."""
    assert row.job_id is not None
    run_job(jurisdiction_id=row.jurisdiction_id, job_id=row.job_id)
    return again(row)


def again(row: RosterImport) -> RosterImport:
    (found,) = rows_of(RosterImport, row.jurisdiction_id, id=row.pk)
    assert isinstance(found, RosterImport)
    return found


def test_the_denominator_are_those_on_the_roster_on_some_day_of_the_year(county: County) -> None:
    unit = county.education
    number = id_number()
    entry = on_roster(unit, number=number)
    on_roster(unit, name="李晓", joined_on=dt.date(TODAY.year, 1, 1))
    assert counts(unit.clerk, TODAY.year, unit) == Coverage(expected=2, built=0)
    assert counts(unit.clerk, TODAY.year - 1, unit) == Coverage(expected=1)
    assert counts(unit.clerk, 2023, unit) == Coverage()
    part = opened(unit, number=number)
    assert counts(unit.clerk, TODAY.year, unit) == Coverage(expected=2, built=1)
    left(entry, by=unit.clerk, on=dt.date(TODAY.year - 1, 12, 31))
    found = counts(unit.clerk, TODAY.year, unit)
    assert found == Coverage(expected=1, built=0, beyond=1)
    assert (found.missing, found.percent) == (1, 0.0)
    assert rows_of(Archive, county.id, id=part.record.archive_id)  # the archive remains
    on_roster(unit, number=number, joined_on=dt.date(TODAY.year, 1, 1))
    assert counts(unit.clerk, TODAY.year, unit).percent == 50.0
    with pytest.raises(Refused, match="晚于这一天"):
        on_roster(unit, name="李晓", number=left_number(unit, county), joined_on=dt.date(2024, 9, 1))


def left_number(unit: Unit, county: County) -> str:
    number = id_number()
    left(on_roster(unit, name="李晓", number=number), by=unit.clerk, on=dt.date(2025, 1, 1))
    return number


def test_a_person_twice_on_the_roster_within_a_year_counts_once(county: County) -> None:
    unit, number = county.education, id_number()
    entry = on_roster(unit, number=number, joined_on=dt.date(2025, 1, 1))
    left(entry, by=unit.clerk, on=dt.date(2025, 3, 1))
    on_roster(unit, number=number, joined_on=dt.date(2025, 9, 1))
    assert counts(unit.clerk, 2025, unit).expected == 1


def test_who_may_put_whom_on_the_roster(county: County) -> None:
    unit, number = county.education, id_number()
    on_roster(unit, by=unit.filler, number=number)
    with pytest.raises(AlreadyDone):
        on_roster(unit, number=number)
    with pytest.raises(Refused, match="另一所属单位"):
        on_roster(unit, number=number, employer=unit.second_employer)
    with pytest.raises(Refused, match="另一所属单位") as refused:
        on_roster(unit, by=unit.second_filler, number=number, employer=unit.second_employer)
    assert refused.value.code == "other_employer"
    with pytest.raises(Refused, match="本单位的人员"):
        on_roster(unit, by=unit.second_filler)
    for member in (unit.reviewer, county.health.clerk, county.officer):
        with pytest.raises(Refused, match="不由您办理"):
            on_roster(unit, by=member)
    with pytest.raises(Refused, match="所属单位"):
        on_roster(unit, employer=county.health.employer)
    with pytest.raises(NotReadable):
        on_roster(unit, number="410522199001010000")
    with pytest.raises(Refused, match="今天或以前"):
        on_roster(unit, joined_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(Refused, match="另一姓名"):
        on_roster(unit, name="赵错", number=number)


def test_leaving_needs_a_reason_and_a_day_that_can_be(county: County) -> None:
    unit = county.education
    entry = on_roster(unit)
    with pytest.raises(Refused, match="写明原因"):
        left(entry, by=unit.clerk, on=TODAY, reason=" ")
    with pytest.raises(Refused, match="早于列入日期"):
        left(entry, by=unit.clerk, on=dt.date(2024, 8, 31))
    with pytest.raises(Refused, match="不由您办理"):
        left(entry, by=unit.reviewer, on=TODAY)
    assert left(entry, by=unit.filler, on=TODAY).left_on == TODAY
    with pytest.raises(AlreadyDone):
        left(entry, by=unit.clerk, on=TODAY)
    assert [one.verb for one in events(county.id, subject_id=str(entry.pk))] == [
        "roster_entry.joined",
        "roster_entry.left",
    ]


def test_transfer_and_leaving_of_a_person_show_on_the_roster(county: County) -> None:
    unit, number = county.education, id_number()
    entry = on_roster(unit, number=number)
    archive = opened(unit, number=number).record.archive
    with acting_as(unit.clerk) as who:
        transfer_person(
            archive=archive, employer=unit.second_employer, reason="工作调动", actor=who, today=TODAY
        )
    assert rows_of(RosterEntry, county.id, id=entry.pk)[0].employer_id == unit.second_employer.pk
    with acting_as(unit.clerk) as who:
        mark_left(archive=archive, left_on=TODAY, reason="退休", actor=who, today=TODAY)
        found = coverage_by_employer(who, TODAY.year)
    assert rows_of(RosterEntry, county.id, id=entry.pk)[0].left_on == TODAY
    key = (unit.agency.pk, "teacher", unit.second_employer.pk)
    assert found == {key: Coverage(expected=1, built=1)}


def test_nobody_sees_the_roster_of_another_employer_agency_or_county(
    county: County, other_county: County
) -> None:
    unit = county.education
    entry = on_roster(unit)
    seen = {
        "clerk": unit.clerk,
        "filler": unit.filler,
        "officer": county.officer,
    }
    for member in seen.values():
        with acting_as(member) as who:
            assert list(RosterEntry.objects.visible_to(who)) == [entry]
    for member in (
        unit.second_filler,
        county.health.clerk,
        other_county.education.clerk,
        other_county.officer,
    ):
        with acting_as(member) as who:
            assert not RosterEntry.objects.visible_to(who).exists()
            assert not RosterEntry.objects.exists()  # the second wall
            assert not coverage_of(who, TODAY.year)


@pytest.mark.req("AY-12")
def test_the_roster_always_shows_one_year_and_names_it(county: County, client_as: Any) -> None:
    client = client_as(county.education.clerk)
    for path in ("/roster/", "/roster/people/"):
        year = client.get(path).context["form"]["year"]
        assert year.initial == TODAY.year
        assert "全部" not in str(year)
        assert f'value="{TODAY.year}" selected' in str(year)


@pytest.mark.req("AY-12")
def test_the_number_of_those_without_an_employer_leads_to_them_alone(county: County, client_as: Any) -> None:
    unit = county.education
    on_roster(unit)
    with acting_as(unit.clerk) as who:
        raw = {"name": "谢建国", "document_number": id_number()}
        day = dt.date(TODAY.year, 1, 1)
        enrol(
            responsibility=unit.responsibility, employer=None, raw=raw, joined_on=day, actor=who, today=TODAY
        )
    client = client_as(unit.clerk)
    (row,) = (row for row in client.get("/roster/").context["rows"] if row["place"] == "责任单位直接管理")
    assert row["counts"].expected == 1
    (found,) = client.get(row["url"]).context["rows"]
    assert found["entry"].name == "谢建国"
    both = client.get(f"{row['url']}&employer={unit.employer.pk}").content.decode()
    assert "“只看责任单位直接管理的”与所属单位只能选一项。" in both
    assert "谢建国" not in both


def test_a_closed_year_is_not_offered_for_many_and_says_how_it_is_done(
    county: County, client_as: Any
) -> None:
    Jurisdiction.objects.filter(id=county.id).update(
        parameters=county.jurisdiction.parameters | {"year_closes": "01-01"}
    )
    client = client_as(county.education.clerk)
    on_roster(county.education)
    offered = [year for year, _ in client.get("/roster/").context["opening"].fields["year"].choices]
    assert TODAY.year in offered
    assert TODAY.year - 2 not in offered
    for path in ("/roster/", "/roster/people/"):
        answer = client.get(path, {"year": TODAY.year - 2})
        assert "opening" not in answer.context
        assert 'href="/archives/open/"' in answer.content.decode()


def test_a_character_that_no_database_takes_refuses_its_row(county: County) -> None:
    unit = county.education
    content = workbook(
        ("张_x0000_三", id_number(), unit.employer.name, None),
        ("李四", id_number(), "第九_x0000_小学", None),
        ("王五", id_number(), unit.employer.name, None),
    )
    row = uploaded(unit, content)
    assert row.state == RosterImportState.READY, row.message
    assert (row.counts["new"], row.counts["refused"]) == (1, 2)
    assert [one["value"] for one in row.problems if not one.get("note")] == ["张\ufffd三", "第九\ufffd小学"]


def test_a_workbook_is_judged_first_and_written_when_it_is_accepted(county: County) -> None:
    unit = county.education
    here, moved, fresh, other = id_number(), id_number(), id_number(), id_number()
    on_roster(unit, name="在册三", number=other)
    on_roster(unit, name="在册一", number=here)
    on_roster(unit, name="在册二", number=moved)
    content = workbook(
        ("在册一", here, unit.employer.name, None),
        ("在册二", moved, unit.second_employer.name, None),
        ("新来一", fresh, unit.employer.name, dt.date(2025, 9, 1)),
        ("新来一", fresh, unit.employer.name, None),
        ("错姓名", other, unit.employer.name, None),
        ("错号码", "410522199001010000", unit.employer.name, None),
        ("错单位", id_number(), "第九小学", None),
        ("错日期", id_number(), unit.employer.name, "明年"),
    )
    row = uploaded(unit, content)
    assert row.state == RosterImportState.READY, row.message
    assert {name: row.counts[name] for name in ("new", "changed", "same", "refused")} == {
        "new": 1,
        "changed": 1,
        "same": 1,
        "refused": 5,
    }
    told = [one for one in row.problems if not one.get("note")]
    assert [(one["row"], one["column"]) for one in told] == [(5, "B"), (6, "A"), (7, "B"), (8, "C"), (9, "D")]
    assert here not in str(row.problems)
    assert len(rows_of(RosterEntry, county.id)) == 3  # nothing is written yet
    with acting_as(unit.clerk) as who:
        accepted = accept_import(row=row, revision=row.revision, actor=who)
        with pytest.raises(AlreadyDone):
            accept_import(row=row, revision=row.revision, actor=who)
    done = worked(accepted)
    assert (done.state, done.counts["done"]) == (
        RosterImportState.DONE,
        {"new": 1, "changed": 1, "refused": 5},
    )
    (entry,) = rows_of(RosterEntry, county.id, brought_by=row.pk)
    assert (entry.name, entry.joined_on, entry.initials) == ("新来一", dt.date(2025, 9, 1), "xly")
    assert rows_of(RosterEntry, county.id, name="在册二")[0].employer_id == unit.second_employer.pk
    assert done.file == ""
    (job,) = rows_of(Job, county.id, id=done.job_id)
    assert job.state == JobState.DONE
    text = private_files.read_all(job.result).decode("utf-8-sig")
    assert "410522199001010000" not in text
    assert text.count("\n") == 6


def test_days_are_read_as_people_write_them(county: County) -> None:
    unit = county.education
    days = ("2025年9月1日", "2025/9/1", dt.datetime(2025, 9, 1), "2025-02-30", "2150-01-01")
    rows = (("王小明", id_number(), unit.employer.name, day) for day in days)
    row = uploaded(unit, workbook(*rows))
    assert (row.counts["new"], row.counts["refused"]) == (3, 2)
    impossible, late = (one["message"] for one in row.problems if not one.get("note"))
    assert "不是有效日期" in impossible
    assert "至今天之间" in late


def test_the_page_of_an_import_renews_itself_until_there_is_something_to_decide(
    county: County, client_as: Any
) -> None:
    unit, client = county.education, client_as(county.education.clerk)
    wrong = ("王小明", "410522199001010000", unit.employer.name, None)
    nobody = client.get(f"/roster/imports/{uploaded(unit, workbook(wrong)).pk}/").content.decode()
    assert "没有可以导入的人员。请在原表格中更正" in nobody
    assert 'value="accept"' not in nobody
    row = uploaded(unit, workbook(wrong, ("李晓", id_number(), unit.employer.name, None)))
    page, htmx = f"/roster/imports/{row.pk}/", {"HX-Request": "true"}
    ready = client.get(page, headers=htmx).content.decode()
    assert ready.lstrip().startswith('<div id="import-state">')
    assert f"/jobs/{row.job_id}/result/" in ready  # the list of problems, without a way round
    assert page in client.get(f"/jobs/{row.job_id}/").content.decode()
    with acting_as(unit.clerk) as who:
        accepted = accept_import(row=row, revision=row.revision, actor=who)
    looks = len(events(county.id, subject_id=str(row.pk)))
    assert 'hx-trigger="every 1s"' in client.get(page, headers=htmx).content.decode()
    assert len(events(county.id, subject_id=str(row.pk))) == looks  # nothing was shown of anybody
    worked(accepted)
    done = client.get(page).content.decode()
    assert "hx-trigger" not in done.partition("<main")[2]
    assert 'href="/roster/"' in done


def test_a_killed_worker_writes_nobody_twice(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = county.education
    monkeypatch.setattr("archives.services.roster_rows.TOGETHER", 2)
    content = workbook(*((f"人员{n}", id_number(), unit.employer.name, None) for n in "甲乙丙丁戊"))
    row = uploaded(unit, content)
    with acting_as(unit.clerk) as who:
        row = accept_import(row=row, revision=row.revision, actor=who)

    class Killed(BaseException):
        pass

    write = roster_imports._write
    calls = iter(range(10))

    def dies(*args: Any) -> Any:
        if next(calls) == 1:
            raise Killed
        return write(*args)

    monkeypatch.setattr(roster_imports, "_write", dies)
    with pytest.raises(Killed):
        worked(row)
    assert len(rows_of(RosterEntry, county.id)) == 2
    monkeypatch.setattr(roster_imports, "_write", write)
    (job,) = rows_of(Job, county.id, id=row.job_id)
    with acting_as(unit.clerk) as who:
        roster_imports.apply_roster(job, who, lambda done, total: None)
    assert len(rows_of(RosterEntry, county.id)) == 5
    assert again(row).counts["done"]["new"] == 5


def test_an_import_whose_job_was_cancelled_is_resumed(county: County, client_as: Any) -> None:
    unit = county.education
    row = uploaded(unit, workbook(("人员甲", id_number(), unit.employer.name, None)))
    with acting_as(unit.clerk) as who:
        row = accept_import(row=row, revision=row.revision, actor=who)
        with pytest.raises(AlreadyDone, match="正在后台办理"):
            resume_import(row=row, actor=who)
        cancel_job(row=Job.objects.get(id=row.job_id), actor=who)
    clerk, address = client_as(unit.clerk), f"/roster/imports/{row.pk}/"
    assert "继续办理" in clerk.get(address).content.decode()
    assert clerk.post(address, {"action": "resume"}).status_code == 302
    assert worked(again(row)).state == RosterImportState.DONE
    assert len(rows_of(RosterEntry, county.id)) == 1
    assert "继续办理" not in clerk.get(address).content.decode()
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="没有停在中途"):
        resume_import(row=row, actor=who)


def test_what_cannot_be_read_is_refused_and_the_same_file_is_recognised(
    county: County, django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    row = uploaded(unit, b"\x89PNG\r\n\x1a\n picture")
    assert (row.state, row.file) == (RosterImportState.FAILED, "")
    assert "图片" in row.message
    content = workbook(("新来", id_number(), unit.employer.name, None))
    first = uploaded(unit, content)
    with acting_as(unit.clerk) as who:
        same = upload_roster(
            responsibility=unit.responsibility,
            joined_on=dt.date(TODAY.year, 1, 1),
            file=io.BytesIO(content),
            name="另名.xlsx",
            actor=who,
            today=TODAY,
        )
        assert same.pk == first.pk
        with django_capture_on_commit_callbacks(execute=True):
            gone = cancel_import(row=first, actor=who)
    assert gone.state == RosterImportState.CANCELLED
    assert not private_files.path_of(first.file).exists()
    with acting_as(unit.clerk) as who, pytest.raises(Refused):
        accept_import(row=gone, revision=gone.revision, actor=who)


def test_a_filler_brings_only_the_own_people(county: County) -> None:
    unit, theirs = county.education, id_number()
    on_roster(unit, name="他校", number=theirs, employer=unit.second_employer)
    content = workbook(
        ("本校", id_number(), None, None),
        ("外校", id_number(), unit.second_employer.name, None),
        ("他校", theirs, None, None),
    )
    row = uploaded(unit, content, by=unit.filler)
    assert (row.counts["new"], row.counts["refused"]) == (
        2,
        1,
    )  # whose roster the third is on, a filler can't see
    with acting_as(unit.filler) as who:
        row = accept_import(row=row, revision=row.revision, actor=who)
    row = worked(row)
    assert row.counts["done"] == {"new": 1, "changed": 0, "refused": 2}
    assert [entry.employer_id for entry in rows_of(RosterEntry, county.id, name="本校")] == [unit.employer.pk]


def test_archives_are_opened_for_all_on_the_roster_who_have_none(county: County) -> None:
    unit = county.education
    numbers = [id_number() for _ in range(3)]
    for name, number in zip(("甲一", "乙二", "丙三"), numbers, strict=True):
        on_roster(unit, name=name, number=number)
    opened(unit, name="甲一", number=numbers[0])
    opened(
        county.health, name="丙丙", number=numbers[2], by=county.health.filler
    )  # the number under another name
    with acting_as(unit.clerk) as who:
        job = queue_opening(responsibility=unit.responsibility, year=TODAY.year, employer=None, actor=who)
        with pytest.raises(Refused, match="没有开放"):
            queue_opening(responsibility=unit.responsibility, year=TODAY.year + 1, employer=None, actor=who)
    run_job(jurisdiction_id=county.id, job_id=job.pk)
    parts = rows_of(RecordPart, county.id, agency_id=unit.agency.pk, year=TODAY.year)
    assert sorted(part.name for part in parts) == ["乙二", "甲一"]
    (done,) = rows_of(Job, county.id, id=job.pk)
    assert done.state == JobState.DONE
    told = private_files.read_all(done.result).decode("utf-8-sig")
    assert told.startswith("已建立 1 人，没有建立 1 人")
    assert done.message.startswith("已建立 1 人，没有建立 1 人。")
    assert "登记为另一姓名" in told
    assert counts(unit.clerk, TODAY.year, unit) == Coverage(expected=3, built=2)
