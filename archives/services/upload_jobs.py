"""The two jobs of an uploaded workbook: reading and judging it, and writing what was accepted.

Both may be killed at any moment and begun again: reading starts anew, writing leaves alone what is written. A portion
of rows and the note that they are written are one transaction.
"""

from __future__ import annotations

import dataclasses
import gc
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from agencies.models import Responsibility
from archives.jobs import Cancelled, Report, Result, register
from archives.lifecycle import UPLOAD
from archives.models import Job, Upload, UploadRow
from archives.occupations import occupation_of
from archives.schema.problems import Problem
from archives.services.upload_bulk import Writer
from archives.services.upload_ends import (
    discard_after_commit,
    empty_rows,
    ended,
    responsibility_of,
    stop_upload,
)
from archives.services.upload_judged import WRITTEN, Judged, Numbered
from archives.services.upload_queue import APPLY_KIND, READ_KIND, queue_waiting
from archives.services.upload_rows import Judge, portions
from archives.services.upload_store import held, row_of, store_rows
from archives.services.upload_writing import write_portion
from archives.services.workbooks import mark_of
from archives.states import RowOutcome, UploadState
from archives.workbooks import Row, Sheet, Unreadable, columns_of, read
from archives.workbooks.answer import write_answer
from archives.workbooks.summary import kinds_of
from archives.workbooks.template import write_remainder
from audit.lifecycle import AlreadyDone, Refused, advance
from credit_platform import private_files
from credit_platform.actors import Actor
from credit_platform.memory import collecting_by_hand
from credit_platform.tenancy.beside import Beside
from credit_platform.tenancy.context import as_context

_COLLECTED_EVERY = 10
"""Portions after which cycles are collected."""
UNFILLED = "unfilled"
"""What the table of problems says of boxes that must be filled in before a draft is handed on."""
KINDS = (READ_KIND, APPLY_KIND)
"""The kinds of job that are registered here."""
Refusal = tuple[Row, Sequence[Problem]]

_GONE = "上传的文件已经找不到，不能核对。请重新上传。"
_STOPPED = "上传的文件已经找不到，不能继续写入，已中止。"


def read_upload(job: Job, actor: Actor, report: Report) -> Result:
    """Say what would happen to every row; keep it for the page, with the clerk's workbook answered. Then it is the turn
    of the next workbook that waits."""
    work = _begin(job, actor, report, UploadState.READING)
    try:
        return _read(work)
    finally:
        with work.acting():
            queue_waiting(actor=actor)


def _read(work: _Work) -> Result:
    counts: Counter[str] = Counter()
    unfilled: Counter[str] = Counter()
    problems: list[Problem] = []
    refused: list[Refusal] = []
    try:
        with work.opened() as sheet:
            with work.acting():
                judge = work.judge(sheet)
                held(work.row)
                empty_rows(work.row)  # of a reading that was killed
            with collecting_by_hand(), Beside() as beside:
                for number, judged in enumerate(work.judged(judge, portions(sheet), sheet), 1):
                    if number % _COLLECTED_EVERY == 0:
                        gc.collect(1)  # of what came since; all that is kept need not be walked again
                    rows = [
                        row_of(one, sheet, judge.occupation)
                        for one in judged
                        if one.outcome != RowOutcome.SAME
                    ]
                    beside.do(partial(work.keep, rows))
                    counts.update(one.outcome for one in judged)
                    counts["adverse"] += sum(one.adverse for one in judged)
                    unfilled.update(name for one in judged for name in one.unfilled)
                    problems += [problem for one in judged for problem in one.problems]
                    refused += [
                        (one.row, one.problems) for one in judged if one.outcome == RowOutcome.REFUSED
                    ]
            notes = [*work.row.notes, *(note.message for note in sheet.notes)]
        files = work.answers(problems, refused)
    except Unreadable as wrong:
        work.refuse(wrong.problem.message)
        raise Refused(wrong.problem.message, code="unreadable") from wrong
    found = {name: counts[name] for name in (*RowOutcome.values, "adverse")}
    changes = {
        "counts": found,
        "kinds": [*work.kinds(problems), *work.lacking(unfilled)],
        "notes": notes,
        **files,
    }
    with work.acting():
        advance(work.row, "show", lifecycle=UPLOAD, actor=work.actor, changes=changes, data=found)
    return work.summary("核对结果", found)


def apply_upload(job: Job, actor: Actor, report: Report) -> Result:
    """Write what was accepted into drafts, a portion in a transaction. Who changed meanwhile is refused and named."""
    work = _begin(job, actor, report, UploadState.APPLYING)
    work.write_plain()
    refused = work.write_rest()
    files = work.answers([], refused, answer=False)
    with work.acting():
        rows = UploadRow.objects.filter(upload_id=work.row.pk)
        written = Counter(rows.filter(written=True).values_list("outcome", flat=True))
        done_counts = {name: written[name] for name in WRITTEN} | {"refused": len(refused)}
        kinds = work.kinds([problem for _, problems in refused for problem in problems])
        kinds += [one for one in work.row.kinds if one["severity"] == UNFILLED]
        counts = {**work.row.counts, "done": done_counts}
        changes = {**ended(), **files, "file": "", "kinds": kinds, "counts": counts}
        discard_after_commit(work.row.file)
        advance(work.row, "finish", lifecycle=UPLOAD, actor=actor, changes=changes, data=done_counts)
    return work.summary("写入结果", done_counts)


register(READ_KIND, read_upload)
register(APPLY_KIND, apply_upload)


@dataclasses.dataclass
class _Work:
    """One job under way."""

    row: Upload
    responsibility: Responsibility
    actor: Actor
    report: Report
    done: int = 0

    def __post_init__(self) -> None:
        self.columns = columns_of(occupation_of(self.responsibility), self.row.year)
        self.mark = mark_of(self.responsibility, self.row.year)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """A transaction of the requester."""
        assert self.actor.context is not None  # only members queue jobs
        with as_context(self.actor.context):
            yield

    @contextmanager
    def plain(self) -> Iterator[Path]:
        """The plain file, in a place of its own, while it is needed."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "book"
            try:
                with path.open("wb") as target:
                    target.writelines(private_files.read(self.row.file))
            except private_files.Missing as error:
                raise Refused(self.gone(), code="missing") from error
            yield path

    @contextmanager
    def opened(self) -> Iterator[Sheet]:
        """The file's rows."""
        with self.plain() as path:
            sheet = read(path, name=self.row.file_name, columns=self.columns, mark=self.mark)
        yield sheet

    def judge(self, sheet: Sheet) -> Judge:
        return Judge(self.responsibility, self.row.year, sheet, actor=self.actor, today=timezone.localdate())

    def judged(self, judge: Judge, found: Iterable[list[Numbered]], sheet: Sheet) -> Iterator[list[Judged]]:
        """Judge portion by portion, with progress."""
        for portion in found:
            with self.acting():
                judged = judge.judge(portion)
            self.count(len(portion), sheet)
            yield judged

    def keep(self, rows: list[dict[str, Any]]) -> None:
        """Keep what was found out about some rows."""
        with self.acting():
            store_rows(self.row, rows)

    def count(self, rows: int, sheet: Sheet) -> None:
        """Note that so many rows more are done."""
        self.done += rows
        self.report(self.done, max(sheet.total, self.done))

    def write_plain(self) -> None:
        """Write what was accepted and goes through plainly, a portion in a transaction, with progress."""
        with self.acting():
            total = self._rows().filter(outcome__in=WRITTEN).count()
            self.done = self._rows().filter(written=True).count()
        with Beside() as beside:
            beside.do(lambda: sum(self._portions_written(beside.given_up)))
            for seen in self._portions_written(beside.given_up):
                self.done += seen
                self.report(min(self.done, total), total)

    def _portions_written(self, given_up: Event) -> Iterator[int]:
        """Write portion after portion until the job is given up; yield how many rows each looked at."""
        writer = Writer(self.row, self.responsibility, self.actor)
        while not given_up.is_set():
            with self.acting():
                seen = writer.write()
            if not seen:
                return
            yield seen

    def write_rest(self) -> list[Refusal]:
        """Write one by one what is left, judged again as the records are now; return the refused rows."""
        with self.acting():
            waiting = self._rows().filter(outcome__in=WRITTEN, written=False)
            left = set(waiting.values_list("position", flat=True))
            if not left and not self._rows().filter(outcome=RowOutcome.REFUSED).exists():
                return []
        with self.opened() as sheet:
            with self.acting():
                judge = self.judge(sheet)
            for portion in portions(sheet):
                wanted = [one for one in portion if one[0] in left]
                if wanted:
                    with self.acting():
                        write_portion(self.row, judge, wanted, actor=self.actor)
                    self.report(self.done, self.done)  # a sign of life
            with self.acting():
                return self.refused(sheet)

    def _rows(self) -> Any:
        return UploadRow.objects.filter(upload_id=self.row.pk)

    def refused(self, sheet: Sheet) -> list[Refusal]:
        """The rows that are refused now, as they stand in the file."""
        rows = self._rows().filter(outcome=RowOutcome.REFUSED)
        found = dict(rows.values_list("position", "problems"))
        return [
            (row, [_problem(one) for one in found[position]])
            for position, row in enumerate(sheet.rows, 1)
            if position in found
        ]

    def kinds(self, problems: Iterable[Problem]) -> list[dict[str, Any]]:
        """The problems by kind, for the page."""
        return [dataclasses.asdict(kind) for kind in kinds_of(problems, self._labels())]

    def lacking(self, unfilled: Counter[str]) -> list[dict[str, Any]]:
        """How many of the drafts that are written will lack which boxes, for the same table."""
        labels = self._labels()
        return [
            {"label": f"“{labels.get(name, name)}”还没有填写。", "severity": UNFILLED, "count": count}
            for name, count in unfilled.most_common()
        ]

    def _labels(self) -> dict[str, str]:
        return {column.field or column.key: column.label for column in self.columns}

    def answers(
        self, problems: Sequence[Problem], refused: Sequence[Refusal], *, answer: bool = True
    ) -> dict[str, str]:
        """Store the answered workbook and the refused rows; return their names, empty where there is nothing to tell.

        The names stand in the row before the files exist, so that none is forgotten.
        """
        names = {"remainder": f"{uuid4()}.xlsx" if refused else ""}
        if answer:
            names["answer"] = f"{uuid4()}.xlsx" if problems else ""
        with self.acting():
            row = held(self.row)
            for field, name in names.items():
                discard_after_commit(getattr(row, field))
                setattr(row, field, name)
                setattr(self.row, field, name)
            row.save(update_fields=list(names))
        if names["remainder"]:
            self._write_remainder(names["remainder"], refused)
        if names.get("answer"):
            self.report(self.done, self.done)  # a sign of life: the answer may take half a minute
            self._write_answer(names["answer"], problems)
        with self.acting():
            try:
                held(self.row)
            except Cancelled:  # meanwhile it was given up: nobody else knows of these files
                for name in filter(None, names.values()):
                    private_files.discard(name)
                raise
        return names

    def _write_remainder(self, name: str, refused: Sequence[Refusal]) -> None:
        heading = f"{self.row.year} 年度{self.responsibility.label}信用档案填报表 · 需更正"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "remainder.xlsx"
            write_remainder(path, heading=heading, columns=self.columns, mark=self.mark, refused=refused)
            private_files.store(name, [path.read_bytes()])

    def _write_answer(self, name: str, problems: Sequence[Problem]) -> None:
        with self.plain() as source:
            path = source.with_name("answer.xlsx")
            write_answer(source, path, name=self.row.file_name, columns=self.columns, problems=problems)
            private_files.store(name, [path.read_bytes()])

    def gone(self) -> str:
        """There is no file any more: the upload ends as far as it has come; return why."""
        if self.row.state == UploadState.READING:
            self.refuse(_GONE)
            return _GONE
        with self.acting():
            try:
                return stop_upload(self.row, _STOPPED, actor=self.actor, changes={"file": ""}).message
            except AlreadyDone:
                return _STOPPED

    def refuse(self, message: str) -> None:
        """The file cannot be read: it is removed, the page says why."""
        with self.acting():
            changes = {**ended(), "file": "", "message": message[:500]}
            discard_after_commit(self.row.file)
            try:
                advance(self.row, "refuse", lifecycle=UPLOAD, actor=self.actor, changes=changes)
            except AlreadyDone:
                return

    def summary(self, title: str, counts: dict[str, int]) -> Result:
        """What the list of jobs hands out: the figures."""
        words = {**dict(RowOutcome.choices), "adverse": "待补证明材料"}
        lines = [f"{words[name]},{count}" for name, count in counts.items()]
        text = "\r\n".join(["结果,人数", *lines, ""])
        return text.encode("utf-8-sig"), f"{self.responsibility.label}{self.row.year}年度{title}.csv"


def _begin(job: Job, actor: Actor, report: Report, state: UploadState) -> _Work:
    assert actor.context is not None  # only members queue jobs
    with as_context(actor.context):
        row = Upload.objects.visible_to(actor).filter(id=UUID(job.parameters["upload"])).first()
        if row is None:
            raise Refused("找不到这次导入，任务没有完成。", code="missing")
        if row.state != state:
            raise Refused("这次导入已经进行到下一步或已经结束，没有重复办理。", code="wrong_status")
        return _Work(row, responsibility_of(row), actor, report)


def _problem(kept: dict[str, Any]) -> Problem:
    names = {field.name for field in dataclasses.fields(Problem)}
    return Problem(**{name: value for name, value in kept.items() if name in names})
