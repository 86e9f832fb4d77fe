"""An import that was accepted and not wholly written says how much of it is, and never that nothing was (AY-30)."""

from __future__ import annotations

import datetime as dt
import io
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from archives.lifecycle import UPLOAD
from archives.models import Job, RecordPart, Upload
from archives.services import upload_bulk
from archives.services.jobs import DEAD_AFTER, cancel_job, sweep_jobs
from archives.services.upload_bulk import Writer
from archives.services.upload_ends import clear_upload, stop_upload
from archives.services.uploads import WAITS_FOR, sweep_uploads, upload_workbook
from archives.states import JobState, UploadState
from credit_platform import private_files
from credit_platform.actors import job
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, at_once, events, opened, rows_of, save
from tests.archives.upload_flow import (
    NOW,
    TODAY,
    accepted,
    again,
    applied,
    blank,
    counted,
    emptied,
    person,
    sent_out,
    uploaded,
    worked,
)
from tests.factories import County, id_number

Signed = Callable[[Membership], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-12", "AY-30")]
PART = "已写入 2 行（新建 1 人、更改 1 人），其余 4 行没有写入。"
BRING_AGAIN = "请用原来的表格重新上传，已写入的不会重复写入。"


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker, and two rows in a transaction."""
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    monkeypatch.setattr(upload_bulk, "TOGETHER", 2)


class Killed(BaseException):
    """The worker dies."""


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A worker that dies with every portion after the first, while the list is empty."""
    written, calls, heals = Writer.write, iter(range(100)), []

    def write(self: Writer) -> int:
        seen = written(self)
        if next(calls) and not heals:
            raise Killed
        return seen

    monkeypatch.setattr(Writer, "write", write)
    return heals


def content_of(county: County) -> bytes:
    """One row changes a draft, four are new, one is refused."""
    unit = county.education
    save(opened(unit, name="变更"), by=unit.filler)
    book = sent_out(unit)
    book.put("变更", 职称="高级教师")
    for name in "甲乙丙丁":
        book.add(姓名=f"教师{name}", 身份证号=id_number(), 所属单位=unit.employer.name)
    book.add(姓名="错号", 身份证号="410522", 所属单位=unit.employer.name)
    return book.content


def killed_while_writing(row: Upload) -> Job:
    with pytest.raises(Killed):
        worked(row)
    (found,) = rows_of(Job, row.jurisdiction_id, id=row.job_id)
    assert isinstance(found, Job)
    return found


def after_a_month(row: Upload) -> None:
    with acting(row.jurisdiction_id, "job"):
        Upload.objects.filter(id=row.pk).update(created_at=timezone.now() - WAITS_FOR - dt.timedelta(1))


def test_what_was_accepted_is_never_given_up() -> None:
    ends = {one.target for one in UPLOAD.by_name.values() if UploadState.APPLYING in one.sources}
    assert ends == {UploadState.DONE, UploadState.STOPPED}


def test_a_job_cancelled_while_writing_ends_with_what_is_written(
    county: County, client_as: Signed, dies: list[bool], django_capture_on_commit_callbacks: Any
) -> None:
    unit, content = county.education, content_of(county)
    row = accepted(uploaded(unit, content), unit)
    left = killed_while_writing(row)
    with acting_as(unit.clerk) as who:
        cancel_job(row=left, actor=who)
    clerk, address = client_as(unit.clerk), f"/workbooks/in/{row.pk}/"
    page = clerk.get(address).content.decode()
    assert f"后台任务没有完成（已取消），办理停在中途。{PART}继续办理不会重复写入。" in page
    assert "放弃导入" not in page
    page = clerk.post(address, {"action": "cancel"}, follow=True).content.decode()
    assert "现在的状态不能“放弃导入”" in page
    assert again(row).state == UploadState.APPLYING
    with acting_as(unit.clerk) as who:
        wanted: dict[str, Any] = {"responsibility": unit.responsibility, "year": NOW, "actor": who}
        same = upload_workbook(**wanted, file=io.BytesIO(content), name="另名.xlsx", today=TODAY)
        assert same.pk == row.pk
    after_a_month(row)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_uploads(jurisdiction_id=county.id) == 1
        assert sweep_uploads(jurisdiction_id=county.id) == 0
    stopped = again(row)
    assert stopped.state == UploadState.STOPPED
    assert stopped.counts["done"] == {"new": 1, "changed": 1, "refused": 1, "left": 3}
    assert stopped.message == (f"写入停在中途，上传已超过 30 天，已自动中止，文件已清除。{PART}{BRING_AGAIN}")
    assert emptied(stopped)
    assert not private_files.path_of(row.file).exists()
    (event,) = events(county.id, verb="upload.stopped")
    assert (event.data["new"], event.data["changed"], event.data["left"]) == (1, 1, 3)
    page, listed = (clerk.get(one).content.decode() for one in (address, "/workbooks/in/"))
    for shown in (page, listed):
        assert "已中止" in shown
        assert PART in shown
        assert "放弃" not in shown
    assert "写入的都是草稿" in page
    assert "继续办理" not in page
    dies.append(False)
    second = uploaded(unit, content)
    assert counted(second) == {"new": 3, "same": 2, "refused": 1}
    assert any("没有写完" in note for note in second.notes)
    assert applied(second, unit).counts["done"] == {"new": 3, "changed": 0, "refused": 1}
    saved = events(county.id, verb="record.saved")
    assert len(saved) == len({one.subject_id for one in saved}) + 1  # 变更 was filled in before


def test_a_writing_that_stopped_is_ended_by_who_uploaded(
    county: County, client_as: Signed, dies: list[bool], django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    row = accepted(uploaded(unit, content_of(county)), unit)
    clerk, address = client_as(unit.clerk), f"/workbooks/in/{row.pk}/"
    left = killed_while_writing(row)
    assert "不再写入" not in clerk.get(address).content.decode()
    page = clerk.post(address, {"action": "stop"}, follow=True).content.decode()
    assert "正在后台办理，请稍候。" in page
    assert again(row).state == UploadState.APPLYING
    with acting_as(unit.clerk) as who:
        cancel_job(row=left, actor=who)
    assert "不再写入其余的行" in clerk.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        page = clerk.post(address, {"action": "stop"}, follow=True).content.decode()
    stopped = again(row)
    assert stopped.state == UploadState.STOPPED
    assert stopped.message == f"没有写完，上传人结束了写入，文件已清除。{PART}{BRING_AGAIN}"
    assert stopped.message in page
    assert "不再写入其余的行" not in page
    assert emptied(stopped)
    assert not private_files.path_of(row.file).exists()
    page = clerk.post(address, {"action": "stop"}, follow=True).content.decode()
    assert "这次写入已经结束。" in page
    (event,) = events(county.id, verb="upload.stopped")
    assert (event.actor_id, event.data["left"]) == (unit.clerk.user_id, 3)


def test_an_import_of_which_nothing_was_written_says_so(county: County, tmp_path: Path) -> None:
    """Accepted and cancelled before a worker came; and one that nobody accepted."""
    unit = county.education
    row = accepted(uploaded(unit, blank(unit, tmp_path, [person("甲甲"), person("乙乙")])), unit)
    unseen = uploaded(unit, blank(unit, tmp_path, [person("丙丙")]))
    with acting_as(unit.clerk) as who:
        cancel_job(row=Job.objects.get(id=row.job_id), actor=who)
    for one in (row, unseen):
        after_a_month(one)
    assert sweep_uploads(jurisdiction_id=county.id) == 2
    assert again(row).state == UploadState.STOPPED
    assert "一行也没有写入（共 2 行），档案没有变化。" in again(row).message
    assert again(unseen).state == UploadState.CANCELLED
    assert again(unseen).message == "超过 30 天没有确认，已自动放弃，文件已清除。"


def test_an_import_of_which_all_was_written_says_so(county: County, tmp_path: Path, dies: list[bool]) -> None:
    """The worker died once the last row was written, and nobody came back."""
    unit = county.education
    row = accepted(uploaded(unit, blank(unit, tmp_path, [person("甲甲"), person("乙乙")])), unit)
    left = killed_while_writing(row)
    with acting_as(unit.clerk) as who:
        cancel_job(row=left, actor=who)
    after_a_month(row)
    assert sweep_uploads(jurisdiction_id=county.id) == 1
    assert again(row).state == UploadState.STOPPED
    whole = "各行已写入，只差生成结果，办理已结束，文件已清除。2 行都已写入（新建 2 人、更改 0 人）。"
    assert again(row).message == whole


def test_a_worker_that_died_three_times_can_be_continued(
    county: County, client_as: Signed, dies: list[bool]
) -> None:
    unit = county.education
    row = accepted(uploaded(unit, content_of(county)), unit)
    for _ in range(3):
        left = killed_while_writing(row)
        assert left.state == JobState.RUNNING
        with acting(county.id, "job"):
            Job.objects.filter(id=left.pk).update(beat_at=timezone.now() - DEAD_AFTER - dt.timedelta(1))
        sweep_jobs(jurisdiction_id=county.id)
    clerk, address = client_as(unit.clerk), f"/workbooks/in/{row.pk}/"
    page = clerk.get(address).content.decode()
    assert "任务已尝试 3 次，都中途停止" in page
    assert f"{PART}继续办理不会重复写入。" in page
    dies.append(False)
    clerk.post(address, {"action": "resume"})
    done = worked(again(row))
    assert (done.state, done.message) == (UploadState.DONE, "")
    assert done.counts["done"] == {"new": 4, "changed": 1, "refused": 1}
    saved = events(county.id, verb="record.saved")
    assert len(saved) == len({one.subject_id for one in saved}) + 1


def test_a_lost_file_does_not_deny_what_is_written(county: County, tmp_path: Path, client_as: Signed) -> None:
    """The file is needed for the refused rows alone: by then the others are written."""
    unit = county.education
    rows = [person("甲甲"), person("乙乙"), person("丙丙", phone="12345")]
    row = accepted(uploaded(unit, blank(unit, tmp_path, rows)), unit)
    private_files.discard(row.file)
    stopped = worked(row)
    assert stopped.state == UploadState.STOPPED
    assert "已写入 2 行（新建 2 人、更改 0 人），其余 1 行没有写入。" in stopped.message
    assert len(rows_of(RecordPart, county.id)) == 2
    (left,) = rows_of(Job, county.id, id=row.job_id)
    assert (left.state, left.message) == (JobState.FAILED, stopped.message)
    page = client_as(unit.clerk).get(f"/workbooks/in/{row.pk}/").content.decode()
    assert stopped.message in page
    assert "继续办理" not in page
    unread = upload_without_file(county, tmp_path)
    assert (unread.state, unread.message) == (
        UploadState.FAILED,
        "上传的文件已经找不到，不能核对。请重新上传。",
    )


def upload_without_file(county: County, tmp_path: Path) -> Upload:
    unit = county.education
    with acting_as(unit.clerk) as who:
        wanted: dict[str, Any] = {"responsibility": unit.responsibility, "year": NOW, "actor": who}
        content = io.BytesIO(blank(unit, tmp_path, [person("丁丁")]))
        row = upload_workbook(**wanted, file=content, name="表格.xlsx", today=TODAY)
    private_files.discard(row.file)
    return worked(row)


@pytest.mark.django_db(transaction=True)
def test_a_portion_that_is_being_written_is_waited_for_and_counted(county: County, tmp_path: Path) -> None:
    unit = county.education
    row = accepted(uploaded(unit, blank(unit, tmp_path, [person(f"教师{n}") for n in "甲乙丙"])), unit)
    clerk, writing = unit.clerk, threading.Event()

    def write() -> int:
        with acting_as(clerk) as who:
            writer = Writer(row, unit.responsibility, who)
            seen = writer.write()
            writing.set()
            time.sleep(0.5)
        with acting_as(clerk):
            return seen + writer.write()

    def stop() -> Upload:
        assert writing.wait(10)
        with acting(county.id, "job"):
            stopped = stop_upload(row, "", actor=job(county.id, "后台任务"))
            time.sleep(0.5)
            clear_upload(stopped)
        return stopped

    seen, stopped = at_once(write, stop)
    assert seen == 2, "no portion is begun once the upload is being stopped"
    assert stopped.message.startswith("已写入 2 行（新建 2 人、更改 0 人），其余 1 行没有写入。")
    assert len(rows_of(RecordPart, county.id)) == 2
